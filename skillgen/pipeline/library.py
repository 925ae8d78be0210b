"""The library: a workspace's chunks with the searches over them, as retrieval needs them."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from skillgen.lexical import LexicalIndex
from skillgen.model.corpus import Chunk
from skillgen.model.facts import PageFacts
from skillgen.model.research import Passage
from skillgen.protocols import ChunkSearch, Embedder
from skillgen.retrieve import evident, retrieve
from skillgen.vectors import VectorIndex
from skillgen.workspace import Workspace

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class _VectorSearch:
    """Searches by meaning: the query's embedding against those of the chunks."""

    def __init__(self, embedder: Embedder, index: VectorIndex) -> None:
        self._embedder = embedder
        self._index = index
        self._last: tuple[str, NDArray[np.float32]] | None = None

    def search(self, query: str, *, limit: int) -> list[tuple[str, float]]:
        return self._index.search(self.vector(query), limit=limit)

    def vector(self, query: str) -> NDArray[np.float32]:
        """Return the query's embedding; that of the last query is kept."""
        if self._last is None or self._last[0] != query:
            self._last = (query, self._embedder.embed([query])[0])
        return self._last[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """What a workspace holds for retrieval.

    Chunks by id, facts of pages by source, the searches over them, and the vectors of queries and of chunks.
    """

    chunks: Mapping[str, Chunk]
    facts: Mapping[str, PageFacts]
    searches: Sequence[ChunkSearch]
    vector: Callable[[str], NDArray[np.float32]]
    vectors: Callable[[Sequence[str]], NDArray[np.float32]]

    def retrieve(self, query: str, *, limit: int) -> tuple[Passage, ...]:
        """Return the best passages for a query, fused over all searches, with the facts of their pages."""
        found = retrieve(query, searches=self.searches, chunks=self.chunks, limit=limit)
        return tuple(replace(passage, facts=self.facts[passage.chunk.source]) for passage in found)

    def evidence(self, query: str, passages: Sequence[Passage]) -> tuple[Passage, ...]:
        """Return those passages of a query that are near enough to it to be evidence."""
        if not passages:
            return ()
        rows = self.vectors([passage.chunk.chunk_id for passage in passages])
        likeness = rows.astype("float64") @ self.vector(query).astype("float64")
        return evident(passages, likeness.tolist())


@contextlib.contextmanager
def open_library(workspace: Workspace, *, embedder: Embedder) -> Iterator[Library]:
    """Open the indexes of an ingested workspace, and close them afterwards."""
    index = VectorIndex(workspace.vectors, embedder_id=embedder.id)
    by_meaning = _VectorSearch(embedder, index)
    try:
        yield Library(
            chunks={chunk.chunk_id: chunk for chunk in workspace.store.chunks()},
            facts=workspace.store.facts(),
            searches=(LexicalIndex(workspace.words), by_meaning),
            vector=by_meaning.vector,
            vectors=functools.partial(workspace.store.vectors, embedder.id),
        )
    finally:
        index.close()
