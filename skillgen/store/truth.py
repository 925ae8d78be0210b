"""What is asked of the truth and put into it: pages with everything made from them, findings, and embeddings."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from skillgen.model.corpus import Block, Chunk, Finding, Page, Span, indexed_text
from skillgen.model.facts import PageFacts
from skillgen.store.replies import ReplyTable
from skillgen.store.rows import block_rows, chunk_row, facts_of_row, span_rows, text_sha256

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Bytes of one run in a page's sketch, which skillgen/duplicates.py makes of six.
_RUN_BYTES = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class PageState:
    """What decides whether a page must be parsed again: its bytes, and the settings it was parsed and chunked with."""

    sha256: str
    recipe: str
    url: str | None


class Store(ReplyTable):
    """An open truth file. Not to be shared between threads; the workspace's lock keeps other processes out."""

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
            self._run_many("INSERT INTO block VALUES (?, ?, ?, ?, ?, ?, ?, ?)", block_rows(page))
            self._run_many("INSERT INTO span VALUES (?, ?, ?, ?, ?, ?)", span_rows(page))
            self._run_many("INSERT INTO chunk VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", map(chunk_row, chunks))
            self._run_many(
                "INSERT INTO finding VALUES (?, 1, ?, ?, ?, ?)",
                [(item.source, item.kind, item.severity, item.message, item.line) for item in findings],
            )

    def own_facts(self) -> dict[str, PageFacts]:
        """Return what every page says about itself, by source."""
        return {
            source: facts_of_row(packed) for source, packed in self._rows("SELECT source, facts FROM page ORDER BY 1")
        }

    def facts(self) -> dict[str, PageFacts]:
        """Return what is known about every page, by source: its own words completed from around it."""
        rows = self._rows("SELECT source, facts, context FROM page ORDER BY source")
        return {source: facts_of_row(own, context) for source, own, context in rows}

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
        """Forget pages and every finding about them, those of files that made no page too.

        What was asked goes too: a question may hold words of a page, and its vector may tell of them. So do the replies
        of models that were shown one of the pages, in whatever version.
        """
        self.remove_pages(sources)
        with self.transaction():
            self._rows("DELETE FROM asked")
            self._forget_replies(sources)
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

    def text_vectors(self, embedder: str, texts: Iterable[str]) -> dict[str, NDArray[np.float32]]:
        """Return the vectors of those of the texts that have one of this embedder, by text, shape (dimension,)."""
        import numpy as np

        query = "SELECT vector FROM embedding WHERE embedder = ? AND text_sha256 = ?"
        found = {}
        for text in texts:
            for (vector,) in self._rows(query, (embedder, text_sha256(text))):
                found[text] = np.frombuffer(vector, dtype="<f4")
        return found

    def put_text_vectors(self, embedder: str, vectors: Mapping[str, NDArray[np.float32]]) -> None:
        """Store the vectors of texts that are no chunks; without `keep_asked` they go with the next `drop_orphans`."""
        self.put_embeddings(embedder, {text_sha256(text): vector for text, vector in vectors.items()})

    def keep_asked(self, task: str, texts: Iterable[str]) -> None:
        """Keep the vectors of what a task asks, in place of what it asked before; of the texts only digests stay."""
        digests = {text_sha256(text) for text in texts}
        if digests == {row[0] for row in self._rows("SELECT text_sha256 FROM asked WHERE task = ?", (task,))}:
            return
        with self.transaction():
            self._rows("DELETE FROM asked WHERE task = ?", (task,))
            self._run_many("INSERT INTO asked VALUES (?, ?)", [(task, digest) for digest in sorted(digests)])

    def erase_freed(self) -> None:
        """Write the file anew without what was deleted from it, so that none of that can be read from the disk."""
        self._rows("VACUUM")
        self._rows("PRAGMA wal_checkpoint(TRUNCATE)")

    def drop_orphans(self) -> None:
        """Forget vectors of texts that no chunk holds and no task asks any more."""
        with self.transaction():
            self._rows(
                "DELETE FROM embedding WHERE text_sha256 NOT IN "
                "(SELECT text_sha256 FROM chunk UNION ALL SELECT text_sha256 FROM asked)"
            )
