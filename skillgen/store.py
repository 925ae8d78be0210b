"""The workspace's truth: one SQLite file that holds pages, blocks, spans, chunks, findings and embeddings.

Every change is one transaction, so that a crash leaves a page either as it was or as it is now. The indexes are derived
from what stands here and can be made again at any time.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from skillgen.errors import PrerequisiteError, UserError
from skillgen.model.corpus import Block, Chunk, Finding, Page, Span, indexed_text

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SCHEMA_VERSION = "1"

_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE page (
    source TEXT PRIMARY KEY, sha256 TEXT NOT NULL, recipe TEXT NOT NULL,
    title TEXT NOT NULL, url TEXT, text TEXT NOT NULL);
CREATE TABLE block (
    source TEXT NOT NULL REFERENCES page ON DELETE CASCADE, ordinal INTEGER NOT NULL, kind TEXT NOT NULL,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, depth INTEGER NOT NULL, heading_path TEXT NOT NULL,
    header TEXT, PRIMARY KEY (source, ordinal)) WITHOUT ROWID;
CREATE TABLE span (
    source TEXT NOT NULL, block INTEGER NOT NULL, ordinal INTEGER NOT NULL,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, text TEXT NOT NULL, PRIMARY KEY (source, block, ordinal),
    FOREIGN KEY (source, block) REFERENCES block (source, ordinal) ON DELETE CASCADE) WITHOUT ROWID;
CREATE TABLE chunk (
    chunk_id TEXT PRIMARY KEY, source TEXT NOT NULL REFERENCES page ON DELETE CASCADE, start INTEGER NOT NULL,
    "end" INTEGER NOT NULL, first_line INTEGER NOT NULL, last_line INTEGER NOT NULL, heading_path TEXT NOT NULL,
    text TEXT NOT NULL, first_block INTEGER NOT NULL, last_block INTEGER NOT NULL,
    text_sha256 TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX chunk_by_source ON chunk (source, start);
CREATE INDEX chunk_by_text ON chunk (text_sha256);
CREATE TABLE finding (
    source TEXT NOT NULL, page INTEGER NOT NULL, kind TEXT NOT NULL, severity TEXT NOT NULL, message TEXT NOT NULL,
    line INTEGER);
CREATE INDEX finding_by_source ON finding (source);
CREATE TABLE embedding (
    embedder TEXT NOT NULL, text_sha256 TEXT NOT NULL, vector BLOB NOT NULL,
    PRIMARY KEY (embedder, text_sha256)) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageState:
    """What decides whether a page must be parsed again: its bytes, and the settings it was parsed and chunked with."""

    sha256: str
    recipe: str
    url: str | None


class Store:
    """An open truth file. Not to be shared between threads; the workspace's lock keeps other processes out."""

    def __init__(self, path: Path) -> None:
        """Open or create the file.

        Raises:
            PrerequisiteError: the file is damaged, no database, or cannot be written.
            UserError: it was made by another version of skillgen.
        """
        self._path = path
        self._db = sqlite3.connect(path, isolation_level=None)
        try:
            self._db.execute("PRAGMA foreign_keys = ON")
            self._db.execute("PRAGMA journal_mode = WAL")
            self._prepare()
        except sqlite3.DatabaseError as error:
            self._db.close()
            raise PrerequisiteError(
                f"The workspace file {path} cannot be used ({error}).",
                hint="Move it away and build again: everything in it is made from the pages.",
            ) from error
        except UserError:
            self._db.close()
            raise

    def close(self) -> None:
        """Close the file; the store cannot be used afterwards."""
        self._db.close()

    def _prepare(self) -> None:
        if self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0:
            with self.transaction():
                for statement in _SCHEMA.split(";\n"):
                    if statement.strip():
                        self._db.execute(statement)
                self.set_meta("schema_version", SCHEMA_VERSION)
        version = self.meta("schema_version")
        if version != SCHEMA_VERSION:
            raise UserError(
                f"The workspace file {self._path} has format {version}; this skillgen works with {SCHEMA_VERSION}.",
                hint="Move it away and build again: everything in it is made from the pages.",
            )

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Run the body as one transaction: all of it is kept, or on any error none of it."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def meta(self, key: str) -> str | None:
        """Return a remembered value, or None."""
        row = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def set_meta(self, key: str, value: str) -> None:
        """Remember a value."""
        self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    # -- pages ---------------------------------------------------------------------------------------------------

    def page_states(self) -> dict[str, PageState]:
        """Return what is known of every page, by source."""
        rows = self._db.execute("SELECT source, sha256, recipe, url FROM page")
        return {source: PageState(sha256=sha256, recipe=recipe, url=url) for source, sha256, recipe, url in rows}

    def put_page(self, page: Page, chunks: Sequence[Chunk], findings: Iterable[Finding], *, recipe: str) -> None:
        """Store a page with everything made from it, in place of what was there."""
        with self.transaction():
            self._delete_page(page.source)
            self._db.execute(
                "INSERT INTO page VALUES (?, ?, ?, ?, ?, ?)",
                (page.source, page.sha256, recipe, page.title, page.url, page.text),
            )
            self._db.executemany("INSERT INTO block VALUES (?, ?, ?, ?, ?, ?, ?, ?)", _block_rows(page))
            self._db.executemany("INSERT INTO span VALUES (?, ?, ?, ?, ?, ?)", _span_rows(page))
            self._db.executemany("INSERT INTO chunk VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", map(_chunk_row, chunks))
            self._db.executemany(
                "INSERT INTO finding VALUES (?, 1, ?, ?, ?, ?)",
                [(item.source, item.kind, item.severity, item.message, item.line) for item in findings],
            )

    def remove_pages(self, sources: Iterable[str]) -> None:
        """Forget pages and everything made from them."""
        with self.transaction():
            for source in sources:
                self._delete_page(source)

    def _delete_page(self, source: str) -> None:
        self._db.execute("DELETE FROM page WHERE source = ?", (source,))
        self._db.execute("DELETE FROM finding WHERE source = ? AND page = 1", (source,))

    def put_scan_findings(self, findings: Iterable[Finding]) -> None:
        """Store the findings about files that made no page, in place of those of the scan before."""
        with self.transaction():
            self._db.execute("DELETE FROM finding WHERE page = 0")
            self._db.executemany(
                "INSERT INTO finding VALUES (?, 0, ?, ?, ?, ?)",
                [(item.source, item.kind, item.severity, item.message, item.line) for item in findings],
            )

    def findings(self) -> tuple[Finding, ...]:
        """Return every finding, by source."""
        rows = self._db.execute(
            "SELECT source, kind, severity, message, line FROM finding ORDER BY source, line, kind, message"
        )
        return tuple(
            Finding(source=source, kind=kind, severity=severity, message=message, line=line)
            for source, kind, severity, message, line in rows
        )

    def pages(self, sources: Iterable[str] | None = None) -> Iterator[Page]:
        """Yield the pages asked for (all without an argument), by source."""
        wanted = sorted(sources) if sources is not None else sorted(self.page_states())
        for source in wanted:
            row = self._db.execute("SELECT title, url, text, sha256 FROM page WHERE source = ?", (source,)).fetchone()
            if row is not None:
                title, url, text, sha256 = row
                blocks = tuple(self._blocks(source))
                yield Page(source=source, title=title, text=text, sha256=sha256, blocks=blocks, url=url)

    def _blocks(self, source: str) -> Iterator[Block]:
        spans: dict[int, list[Span]] = {}
        rows = self._db.execute(
            'SELECT block, start, "end", text FROM span WHERE source = ? ORDER BY block, ordinal', (source,)
        )
        for block, start, end, text in rows:
            spans.setdefault(block, []).append(Span(start=start, end=end, text=text))
        blocks = self._db.execute(
            'SELECT ordinal, kind, start, "end", depth, heading_path, header FROM block '
            "WHERE source = ? ORDER BY ordinal",
            (source,),
        )
        for ordinal, kind, start, end, depth, path, header in blocks:
            yield Block(
                kind=kind,
                start=start,
                end=end,
                depth=depth,
                heading_path=tuple(json.loads(path)),
                spans=tuple(spans.get(ordinal, ())),
                header=Span(**json.loads(header)) if header else None,
            )

    # -- chunks and embeddings -----------------------------------------------------------------------------------

    def chunks(self) -> tuple[Chunk, ...]:
        """Return every chunk, by source and position."""
        rows = self._db.execute(
            'SELECT chunk_id, source, start, "end", first_line, last_line, heading_path, text, first_block, last_block '
            "FROM chunk ORDER BY source, start"
        )
        return tuple(
            Chunk(
                chunk_id=chunk_id,
                source=source,
                start=start,
                end=end,
                lines=(top, bottom),
                heading_path=tuple(json.loads(path)),
                text=text,
                first_block=first,
                last_block=last,
            )
            for chunk_id, source, start, end, top, bottom, path, text, first, last in rows
        )

    def unembedded(self, embedder: str) -> list[tuple[str, str]]:
        """Return (digest, text) of every text that has no vector of this embedder, by digest."""
        rows = self._db.execute(
            "SELECT text_sha256, heading_path, min(text) FROM chunk WHERE NOT EXISTS (SELECT 1 FROM embedding "
            "WHERE embedder = ? AND embedding.text_sha256 = chunk.text_sha256) GROUP BY text_sha256 ORDER BY 1",
            (embedder,),
        )
        return [(digest, indexed_text(tuple(json.loads(path)), text)) for digest, path, text in rows]

    def put_embeddings(self, embedder: str, vectors: Mapping[str, NDArray[np.float32]]) -> None:
        """Store vectors by the digest of their text."""
        with self.transaction():
            self._db.executemany(
                "INSERT OR REPLACE INTO embedding VALUES (?, ?, ?)",
                [(embedder, digest, vector.astype("<f4").tobytes()) for digest, vector in vectors.items()],
            )

    def vectors(self, embedder: str, chunk_ids: Sequence[str]) -> NDArray[np.float32]:
        """Return the vectors of the chunks as an array of shape (len(chunk_ids), dimension).

        Raises:
            KeyError: a chunk has no vector of this embedder.
        """
        import numpy as np

        query = "SELECT vector FROM embedding JOIN chunk USING (text_sha256) WHERE embedder = ? AND chunk_id = ?"
        found = []
        for chunk_id in chunk_ids:
            row = self._db.execute(query, (embedder, chunk_id)).fetchone()
            if row is None:
                raise KeyError(chunk_id)
            found.append(np.frombuffer(row[0], dtype="<f4"))
        return np.array(found, dtype=np.float32) if found else np.zeros((0, 0), dtype=np.float32)

    def drop_orphans(self) -> None:
        """Forget vectors of texts that no chunk holds any more."""
        with self.transaction():
            self._db.execute("DELETE FROM embedding WHERE text_sha256 NOT IN (SELECT text_sha256 FROM chunk)")


def text_digest(chunk: Chunk) -> str:
    """Return the SHA-256 of what is embedded of a chunk: equal texts share a vector."""
    return hashlib.sha256(chunk.indexed_text.encode()).hexdigest()


def _block_rows(page: Page) -> Iterator[tuple[object, ...]]:
    for ordinal, block in enumerate(page.blocks):
        header = block.header
        packed = json.dumps({"start": header.start, "end": header.end, "text": header.text}) if header else None
        path = json.dumps(block.heading_path)
        yield page.source, ordinal, block.kind, block.start, block.end, block.depth, path, packed


def _span_rows(page: Page) -> Iterator[tuple[object, ...]]:
    for number, block in enumerate(page.blocks):
        for ordinal, span in enumerate(block.spans):
            yield page.source, number, ordinal, span.start, span.end, span.text


def _chunk_row(chunk: Chunk) -> tuple[object, ...]:
    return (
        chunk.chunk_id,
        chunk.source,
        chunk.start,
        chunk.end,
        *chunk.lines,
        json.dumps(chunk.heading_path),
        chunk.text,
        chunk.first_block,
        chunk.last_block,
        text_digest(chunk),
    )
