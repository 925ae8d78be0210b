"""The word index: tantivy's BM25 in a folder of the workspace. The only module that knows tantivy.

The index is derived and always built as a whole: 4 s for 100,000 chunks, 0.2 s for 5,000. tantivy counts deleted
documents in its statistics until it merges, so that an index that was brought up to date would score otherwise than a
fresh one.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from skillgen.errors import PrerequisiteError

if TYPE_CHECKING:
    from tantivy import DocAddress, Query, Schema, Searcher, TextAnalyzer

# How much more a word counts in a heading than in the text. On one organisation's documentation (129 pages, 78 queries,
# chunks of 600 characters, fused with the embeddings) 0.7 and 1.0 gave recall@5 .63, 1.5 gave .62 and 2.5 gave .53.
HEADING_BOOST = 1.0
MAX_QUERY_WORDS = 200
DECIMALS = 6
# Hits fetched beyond the limit at first, so that equal scores at the cut are put in order by id and not by chance.
_SPARE = 16
# What the writer may hold before it starts another segment: 75 MB of text (100,000 chunks) still make a single one.
_HEAP_BYTES = 256_000_000
# Stands in the pointer file; an index that says anything else is rebuilt.
_LAYOUT = 1
_FIELDS = ("headings", "text")
_FOLDER = re.compile(r"index-\w+", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class LexicalRow:
    """What is searched of one chunk: its headings in one string, and its text."""

    id: str
    headings: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Current:
    """The pointer file: which folder is the index, what it holds, who wrote it and what its bytes were."""

    folder: str
    digest: str
    engine: str
    sha256: str
    layout: int


class LexicalIndex:
    """BM25 over chunks, English words by their stem; built whole and swapped in by one rename.

    A crash at any moment leaves the index as it was before or as it is after, never none. Only one process may rebuild
    at a time: the workspace's lock sees to that.

    Args:
        folder: Where the index is kept; made by the first rebuild.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._opened: tuple[str, Searcher] | None = None

    @property
    def digest(self) -> str | None:
        """What the caller said the current index holds; None where there is none that this version can use."""
        try:
            current = self._current()
        except PrerequisiteError:
            return None
        usable = current is not None and _is_ours(current) and (self._folder / current.folder / "meta.json").is_file()
        return current.digest if current is not None and usable else None

    def rebuild(self, rows: Iterable[LexicalRow], *, digest: str) -> None:
        """Replace the index by one of these rows, whatever their order.

        Args:
            rows: All rows, each id once.
            digest: Names what the rows were made from; `digest` gives it back.

        Raises:
            ValueError: An id comes twice.
            PrerequisiteError: The disk refuses to take it; the index that was there stays.
        """
        ordered = sorted(rows, key=lambda row: row.id)
        if len({row.id for row in ordered}) != len(ordered):
            raise ValueError("an id comes twice")
        self._folder.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix="index-", dir=self._folder))
        try:
            _write(fresh, ordered)
            self._point_to(fresh, digest)
        except BaseException:
            shutil.rmtree(fresh, ignore_errors=True)
            raise
        self._opened = None
        for other in self._folder.glob("index-*"):
            if other != fresh:
                shutil.rmtree(other, ignore_errors=True)

    def search(self, query: str, *, limit: int) -> list[tuple[str, float]]:
        """Return the chunks that hold any word of the query. Nothing in a query is syntax.

        Only the first 200 distinct words count. A query without words finds nothing, nor does an index that was never
        built.

        Returns:
            At most `limit` pairs (id, score rounded to 6 decimals), best first; equal scores stand in the order of the
            ids.

        Raises:
            PrerequisiteError: The index is damaged, or another version of tantivy wrote it.
        """
        words = _words(query)
        searcher = self._searcher() if words and limit > 0 else None
        return [] if searcher is None else _best(searcher, _query(words), limit)

    def _point_to(self, fresh: Path, digest: str) -> None:
        """Make `fresh` the index. The rename of the pointer file is the moment at which everything changes."""
        current = _Current(folder=fresh.name, digest=digest, engine=_engine(), sha256=_sha256_of(fresh), layout=_LAYOUT)
        pointer = fresh / "pointer.tmp"
        with pointer.open("w", encoding="utf-8") as file:
            json.dump(asdict(current), file)
            file.flush()
            os.fsync(file.fileno())
        pointer.replace(self._folder / "current")
        _flush_folder(self._folder)

    def _current(self) -> _Current | None:
        """Return what the pointer file says, or None where there is none."""
        try:
            said = json.loads((self._folder / "current").read_bytes())
            current = _Current(**said)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError) as error:
            raise self._damage(f"its pointer file is damaged ({error})") from error
        if not _FOLDER.fullmatch(current.folder):
            raise self._damage("its pointer file is damaged")
        return current

    def _searcher(self) -> Searcher | None:
        """Return a searcher of the current index, checked and opened once; None where there is no index."""
        current = self._current()
        if current is None:
            return None
        if self._opened is None or self._opened[0] != current.folder:
            self._opened = (current.folder, self._checked(current))
        return self._opened[1]

    def _checked(self, current: _Current) -> Searcher:
        from tantivy import Index

        if not _is_ours(current):
            raise self._damage(f"{current.engine}, layout {current.layout} wrote it; this is {_engine()}, {_LAYOUT}")
        folder = self._folder / current.folder
        try:
            # tantivy reads damaged files without a word, or stops the process over them.
            if _sha256_of(folder) != current.sha256:
                raise self._damage("its files are not as they were written")
            index = Index.open(str(folder))
            index.config_reader(reload_policy="manual")  # otherwise a thread watches a folder that never changes
            return index.searcher()
        except (OSError, ValueError) as error:
            raise self._damage(str(error)) from error

    def _damage(self, what: str) -> PrerequisiteError:
        return PrerequisiteError(
            f"The word index in {self._folder} cannot be used: {what}.", hint="Run `skillgen doctor --rebuild`."
        )


def _flush_folder(folder: Path) -> None:
    """Wait until a rename in the folder is on disk, so that what it replaced may go."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _is_ours(current: _Current) -> bool:
    return (current.engine, current.layout) == (_engine(), _LAYOUT)


def _engine() -> str:
    """Return the version of tantivy: another may read other files, or score otherwise."""
    return f"tantivy {metadata.version('tantivy')}"


@cache
def _schema() -> Schema:
    from tantivy import SchemaBuilder

    builder = SchemaBuilder().add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    for field in _FIELDS:
        builder = builder.add_text_field(field, tokenizer_name="en_stem", index_option="freq")
    return builder.build()


@cache
def _analyzer() -> TextAnalyzer:
    """Return what tantivy calls `en_stem`: a query's words become what the index made of the texts' words."""
    from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

    builder = TextAnalyzerBuilder(Tokenizer.simple())
    for step in (Filter.remove_long(40), Filter.lowercase(), Filter.stemmer("english")):
        builder = builder.filter(step)
    return builder.build()


def _write(folder: Path, rows: list[LexicalRow]) -> None:
    """Write an index of the rows, in their order, with one thread and one commit."""
    from tantivy import Document, Index

    writer = Index(_schema(), path=str(folder)).writer(heap_size=_HEAP_BYTES, num_threads=1)
    for row in rows:
        writer.add_document(Document(id=row.id, headings=row.headings, text=row.text))
    try:
        writer.commit()
        writer.wait_merging_threads()
    except ValueError as error:  # tantivy's only kind of error; here it speaks of the disk
        raise PrerequisiteError(
            f"The word index in {folder.parent} cannot be written: {error}.",
            hint="Check the permissions of its folder and the free space of its disk.",
        ) from error


def _sha256_of(folder: Path) -> str:
    """Return the SHA-256 of the names and bytes of an index's files; 25 MB take 20 ms."""
    digest = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        if path.suffix not in {".lock", ".tmp"}:
            digest.update(f"{path.name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\0".encode())
    return digest.hexdigest()


def _words(query: str) -> list[str]:
    """Return the stems of the first distinct words of the query, sorted: equal words give equal sums of scores."""
    stems = _analyzer().analyze(query.encode("utf-8", "replace").decode("utf-8"))
    return sorted(list(dict.fromkeys(stems))[:MAX_QUERY_WORDS])


def _query(words: list[str]) -> Query:
    """Return the query for any of the words in any field. It is built from terms, so there is nothing to parse."""
    from tantivy import Occur, Query

    boosts = {"headings": HEADING_BOOST, "text": 1.0}
    return Query.boolean_query(
        [
            (Occur.Should, Query.boost_query(Query.term_query(_schema(), field, word, "freq"), boosts[field]))
            for word in words
            for field in _FIELDS
        ]
    )


def _best(searcher: Searcher, query: Query, limit: int) -> list[tuple[str, float]]:
    """Return the best ids with their scores; equal rounded scores stand in the order of the ids, at the cut too."""
    hits = _hits(searcher, query, limit)
    if not hits:
        return []
    worst = hits[min(limit, len(hits)) - 1][0]
    pairs = [(str(searcher.doc(at)["id"][0]), score) for score, at in hits if score >= worst]
    return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))[:limit]


def _hits(searcher: Searcher, query: Query, limit: int) -> list[tuple[float, DocAddress]]:
    """Return the best hits with rounded scores: `limit` of them and all that equal the last of these."""
    total = searcher.num_docs
    if not total:
        return []
    wanted = limit + _SPARE
    while True:
        found = searcher.search(query, limit=min(wanted, total), count=False).hits
        hits = [(round(score, DECIMALS), at) for score, at in found]
        if len(hits) < wanted or hits[-1][0] < hits[limit - 1][0]:
            return hits
        wanted *= 4
