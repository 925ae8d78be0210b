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
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skillgen.errors import PrerequisiteError, UserError
from skillgen.model.corpus import Block, Chunk, Finding, Page, Span, indexed_text
from skillgen.model.facts import DeprecationMark, PageFacts

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SCHEMA_VERSION = "4"
_START_AGAIN = "Move it away and build again: everything in it is made from the pages."
# Bytes of one run in a page's sketch, which skillgen/duplicates.py makes of six.
_RUN_BYTES = 6
_PRIMARY = 0xFF  # the part of SQLite's codes that names the kind of error
# What is no fault of the file: it stays as it is, and the same command works again where there is space or permission.
_CIRCUMSTANCES = frozenset(
    {
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,  # what a full disk looks like where SQLite maps a file into memory
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
    }
)

_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE page (
    source TEXT PRIMARY KEY, sha256 TEXT NOT NULL, recipe TEXT NOT NULL,
    title TEXT NOT NULL, url TEXT, text TEXT NOT NULL, media TEXT NOT NULL, meta TEXT NOT NULL,
    removed TEXT NOT NULL, facts TEXT NOT NULL, sketch BLOB NOT NULL, context TEXT NOT NULL DEFAULT '{}');
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
CREATE TABLE IF NOT EXISTS embedding (
    embedder TEXT NOT NULL, text_sha256 TEXT NOT NULL, vector BLOB NOT NULL,
    PRIMARY KEY (embedder, text_sha256)) WITHOUT ROWID;
"""
# What a workspace of an older format keeps: vectors are dear, and their form has not changed. The rest is read anew.
_KEPT_TABLES = {"embedding": ("embedder", "text_sha256", "vector")}


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
            UserError: it was made by a newer version of skillgen.
        """
        self._path = path
        self.rebuilt_from: str | None = None
        try:
            self._db = sqlite3.connect(path, isolation_level=None)
        except sqlite3.Error as error:
            raise self._unusable(error) from error
        try:
            self._rows("PRAGMA foreign_keys = ON")
            self._rows("PRAGMA journal_mode = WAL")
            self._rows("PRAGMA secure_delete = ON")  # what is forgotten is overwritten, not only unlinked
            self._prepare()
        except BaseException:
            self._db.close()
            raise

    def close(self) -> None:
        """Close the file; the store cannot be used afterwards."""
        self._db.close()

    def _prepare(self) -> None:
        """Make the tables of a new file; those of an older format are made anew, with `rebuilt_from` saying which."""
        if not self._rows("SELECT name FROM sqlite_master LIMIT 1"):
            with self.transaction():
                self._create()
            return
        version = self.meta("schema_version")
        if version == SCHEMA_VERSION:
            return
        if version is None or not version.isdigit() or int(version) > int(SCHEMA_VERSION):
            raise UserError(
                f"The workspace file {self._path} has format {version}; this skillgen works with {SCHEMA_VERSION}.",
                hint=f"Use the skillgen that made it. Or: {_START_AGAIN}",
            )
        with self.transaction():
            for (table,) in self._rows("SELECT name FROM sqlite_master WHERE type = 'table'"):
                if _KEPT_TABLES.get(table) != tuple(row[1] for row in self._rows(f'PRAGMA table_info("{table}")')):
                    self._rows(f'DROP TABLE "{table}"')
            self._create()
        self.rebuilt_from = version

    def _create(self) -> None:
        for statement in _SCHEMA.split(";\n"):
            if statement.strip():
                self._rows(statement)
        self.set_meta("schema_version", SCHEMA_VERSION)

    def _rows(self, statement: str, values: Sequence[object] = ()) -> list[Any]:
        """Run one statement and return all its rows.

        Raises:
            PrerequisiteError: the file is damaged or cannot be written.
        """
        try:
            return self._db.execute(statement, values).fetchall()
        except sqlite3.DatabaseError as error:
            raise self._unusable(error) from error

    def _run_many(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        """Run one statement for every row of values.

        Raises:
            PrerequisiteError: the file is damaged or cannot be written.
        """
        try:
            self._db.executemany(statement, rows)
        except sqlite3.DatabaseError as error:
            raise self._unusable(error) from error

    def _unusable(self, error: sqlite3.Error) -> PrerequisiteError:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)
        damaged = code & _PRIMARY not in _CIRCUMSTANCES
        return PrerequisiteError(
            f"The workspace file {self._path} cannot be used ({error}).",
            hint=_START_AGAIN if damaged else "Check the permissions of its folder and the free space of its disk.",
        )

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Run the body as one transaction: all of it is kept, or on any error none of it."""
        self._rows("BEGIN IMMEDIATE")
        try:
            yield
            self._rows("COMMIT")
        except BaseException:
            if self._db.in_transaction:  # on a full disk SQLite has undone it already
                self._rows("ROLLBACK")
            raise

    def meta(self, key: str) -> str | None:
        """Return a remembered value, or None."""
        rows = self._rows("SELECT value FROM meta WHERE key = ?", (key,))
        return str(rows[0][0]) if rows else None

    def set_meta(self, key: str, value: str) -> None:
        """Remember a value."""
        self._rows("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    # -- pages ---------------------------------------------------------------------------------------------------

    def page_states(self) -> dict[str, PageState]:
        """Return what is known of every page, by source."""
        rows = self._rows("SELECT source, sha256, recipe, url FROM page")
        return {source: PageState(sha256=sha256, recipe=recipe, url=url) for source, sha256, recipe, url in rows}

    def put_page(
        self,
        page: Page,
        chunks: Sequence[Chunk],
        findings: Iterable[Finding],
        *,
        recipe: str,
        facts: PageFacts | None = None,
        sketch: Iterable[int] = (),
    ) -> None:
        """Store a page with everything made from it, in place of what was there.

        Args:
            page: The page, screened.
            chunks: Its chunks.
            findings: What was noticed about it.
            recipe: What decided how it was parsed and chunked.
            facts: What the page says about itself.
            sketch: Numbers below 2 ** 48 that stand for its runs of words.
        """
        with self.transaction():
            self._delete_page(page.source)
            self._rows(
                "INSERT INTO page (source, sha256, recipe, title, url, text, media, meta, removed, facts, sketch) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    page.source,
                    page.sha256,
                    recipe,
                    page.title,
                    page.url,
                    page.text,
                    page.media,
                    json.dumps(page.meta),
                    json.dumps(page.removed),
                    json.dumps(asdict(facts or PageFacts())),
                    b"".join(run.to_bytes(_RUN_BYTES) for run in sorted(sketch)),
                ),
            )
            self._run_many("INSERT INTO block VALUES (?, ?, ?, ?, ?, ?, ?, ?)", _block_rows(page))
            self._run_many("INSERT INTO span VALUES (?, ?, ?, ?, ?, ?)", _span_rows(page))
            self._run_many("INSERT INTO chunk VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", map(_chunk_row, chunks))
            self._run_many(
                "INSERT INTO finding VALUES (?, 1, ?, ?, ?, ?)",
                [(item.source, item.kind, item.severity, item.message, item.line) for item in findings],
            )

    def own_facts(self) -> dict[str, PageFacts]:
        """Return what every page says about itself, by source."""
        return {source: _facts(packed) for source, packed in self._rows("SELECT source, facts FROM page ORDER BY 1")}

    def facts(self) -> dict[str, PageFacts]:
        """Return what is known about every page, by source: its own words completed from around it."""
        rows = self._rows("SELECT source, facts, context FROM page ORDER BY source")
        return {source: _facts(own, context) for source, own, context in rows}

    def put_contexts(self, facts: Mapping[str, PageFacts]) -> None:
        """Store what is known about pages from around them; pages of which it is known already are not written."""
        known = self.facts()
        changed = [(json.dumps(asdict(item)), source) for source, item in facts.items() if known.get(source) != item]
        if changed:
            with self.transaction():
                self._run_many("UPDATE page SET context = ? WHERE source = ?", changed)

    def sketches(self) -> dict[str, frozenset[int]]:
        """Return the sketch of every page, by source."""
        return {
            source: frozenset(int.from_bytes(packed[at : at + _RUN_BYTES]) for at in range(0, len(packed), _RUN_BYTES))
            for source, packed in self._rows("SELECT source, sketch FROM page ORDER BY source")
        }

    def remove_pages(self, sources: Iterable[str]) -> None:
        """Forget pages and everything made from them."""
        with self.transaction():
            for source in sources:
                self._delete_page(source)

    def _delete_page(self, source: str) -> None:
        self._rows("DELETE FROM page WHERE source = ?", (source,))
        self._rows("DELETE FROM finding WHERE source = ? AND page = 1", (source,))

    def forget_sources(self, sources: Iterable[str]) -> None:
        """Forget pages and every finding about them, those of files that made no page too."""
        self.remove_pages(sources)
        with self.transaction():
            self._run_many("DELETE FROM finding WHERE source = ?", [(source,) for source in sources])

    def put_scan_findings(self, findings: Iterable[Finding]) -> None:
        """Store the findings about files that made no page, in place of those of the scan before."""
        with self.transaction():
            self._rows("DELETE FROM finding WHERE page = 0")
            self._run_many(
                "INSERT INTO finding VALUES (?, 0, ?, ?, ?, ?)",
                [(item.source, item.kind, item.severity, item.message, item.line) for item in findings],
            )

    def findings(self) -> tuple[Finding, ...]:
        """Return every finding, by source."""
        rows = self._rows(
            "SELECT source, kind, severity, message, line FROM finding ORDER BY source, line, kind, message"
        )
        return tuple(
            Finding(source=source, kind=kind, severity=severity, message=message, line=line)
            for source, kind, severity, message, line in rows
        )

    def pages(self, sources: Iterable[str] | None = None) -> Iterator[Page]:
        """Yield the pages asked for (all without an argument), by source."""
        wanted = sorted(sources) if sources is not None else sorted(self.page_states())
        query = "SELECT title, url, text, sha256, media, meta, removed FROM page WHERE source = ?"
        for source in wanted:
            for title, url, text, sha256, media, meta, removed in self._rows(query, (source,)):
                yield Page(
                    source=source,
                    title=title,
                    text=text,
                    sha256=sha256,
                    blocks=tuple(self._blocks(source)),
                    url=url,
                    media=media,
                    meta=tuple((key, value) for key, value in json.loads(meta)),
                    removed=tuple((start, end, mark) for start, end, mark in json.loads(removed)),
                )

    def _blocks(self, source: str) -> Iterator[Block]:
        spans: dict[int, list[Span]] = {}
        rows = self._rows(
            'SELECT block, start, "end", text FROM span WHERE source = ? ORDER BY block, ordinal', (source,)
        )
        for block, start, end, text in rows:
            spans.setdefault(block, []).append(Span(start=start, end=end, text=text))
        blocks = self._rows(
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
        rows = self._rows(
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
        rows = self._rows(
            "SELECT text_sha256, heading_path, min(text) FROM chunk WHERE NOT EXISTS (SELECT 1 FROM embedding "
            "WHERE embedder = ? AND embedding.text_sha256 = chunk.text_sha256) GROUP BY text_sha256 ORDER BY 1",
            (embedder,),
        )
        return [(digest, indexed_text(tuple(json.loads(path)), text)) for digest, path, text in rows]

    def put_embeddings(self, embedder: str, vectors: Mapping[str, NDArray[np.float32]]) -> None:
        """Store vectors by the digest of their text."""
        with self.transaction():
            self._run_many(
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
            rows = self._rows(query, (embedder, chunk_id))
            if not rows:
                raise KeyError(chunk_id)
            found.append(np.frombuffer(rows[0][0], dtype="<f4"))
        return np.array(found, dtype=np.float32) if found else np.zeros((0, 0), dtype=np.float32)

    def erase_freed(self) -> None:
        """Write the file anew without what was deleted from it, so that none of that can be read from the disk."""
        self._rows("VACUUM")
        self._rows("PRAGMA wal_checkpoint(TRUNCATE)")

    def drop_orphans(self) -> None:
        """Forget vectors of texts that no chunk holds any more."""
        with self.transaction():
            self._rows("DELETE FROM embedding WHERE text_sha256 NOT IN (SELECT text_sha256 FROM chunk)")


def text_digest(chunk: Chunk) -> str:
    """Return the SHA-256 of what is embedded of a chunk: equal texts share a vector."""
    return hashlib.sha256(chunk.indexed_text.encode()).hexdigest()


def _facts(*packed: str) -> PageFacts:
    """Return the facts of a page's row; a later part replaces what an earlier one says."""
    values: dict[str, Any] = {}
    for part in packed:
        values |= json.loads(part)
    mark = values.pop("deprecation", None)
    links, duplicates = (tuple(values.pop(key, ())) for key in ("links", "duplicates"))
    return PageFacts(
        **values, links=links, duplicates=duplicates, deprecation=DeprecationMark(**mark) if mark else None
    )


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
