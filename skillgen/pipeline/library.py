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
from skillgen.retrieve import retrieve
from skillgen.vectors import VectorIndex
from skillgen.workspace import Workspace

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


# Up to here every chunk is read for every question (it is some 1,500 pages); beyond, so many of each search.
WIDE_LIMIT = 20_000
WIDE_DEPTH = 2_000
# What the search by words counts beside that by meaning. On one organisation's documentation (129 pages, 78 queries)
# 0.3 to 0.5 gave recall@5 .68 to .69 and MRR .52 to .54; reciprocal rank fusion gave .64 and .51, meaning alone .62 and
# .48.
WORDS_WEIGHT = 0.4


class _VectorSearch:
    """Searches by meaning: the query's embedding against those of the chunks."""

    def __init__(self, embedder: Embedder, index: VectorIndex) -> None:
        self._embedder = embedder
        self._index = index

    def search(self, query: str, *, limit: int) -> list[tuple[str, float]]:
        return self._index.search(self._embedder.embed([query])[0], limit=limit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """What a workspace holds for retrieval.

    Chunks by id, facts of pages by source, the sources of pages that call themselves out of date, the searches over
    them, the embedder's id, and the vectors of queries and of chunks.
    """

    chunks: Mapping[str, Chunk]
    facts: Mapping[str, PageFacts]
    deprecated: frozenset[str]
    searches: Sequence[tuple[ChunkSearch, float]]
    embedder_id: str
    embed: Callable[[Sequence[str]], NDArray[np.float32]]
    vectors: Callable[[Sequence[str]], NDArray[np.float32]]

    def retrieve(self, query: str, *, limit: int) -> tuple[Passage, ...]:
        """Return the best passages for a query, fused over all searches, with the facts of their pages."""
        found = retrieve(query, searches=self.searches, chunks=self.chunks, limit=limit, deprecated=self.deprecated)
        return tuple(replace(passage, facts=self.facts[passage.chunk.source]) for passage in found)

    def widely(self, queries: Sequence[str]) -> tuple[Chunk, ...]:
        """Return the chunks that are worth reading for any of the queries, by source and position.

        Up to WIDE_LIMIT chunks that is all of them; beyond, the best WIDE_DEPTH of each search for each query.
        """
        if len(self.chunks) <= WIDE_LIMIT:
            return tuple(self.chunks.values())
        found = {
            id_ for query in queries for search, _ in self.searches for id_, _ in search.search(query, limit=WIDE_DEPTH)
        }
        return tuple(chunk for id_, chunk in self.chunks.items() if id_ in found)

    def likeness(self, chunks: Sequence[Chunk], texts: Sequence[str]) -> NDArray[np.float64]:
        """Return the cosines of chunks (rows) and texts (columns), rounded so that equal vectors give equal bytes."""
        import numpy as np

        if not chunks or not texts:
            return np.zeros((len(chunks), len(texts)))
        rows = self.vectors([chunk.chunk_id for chunk in chunks]).astype("float64")
        cosines: NDArray[np.float64] = (rows @ self.embed(texts).astype("float64").T).round(6)
        return cosines


@contextlib.contextmanager
def open_library(workspace: Workspace, *, embedder: Embedder) -> Iterator[Library]:
    """Open the indexes of an ingested workspace, and close them afterwards."""
    index = VectorIndex(workspace.vectors, embedder_id=embedder.id)
    by_meaning = _VectorSearch(embedder, index)
    facts = workspace.store.facts()
    try:
        yield Library(
            chunks={chunk.chunk_id: chunk for chunk in workspace.store.chunks()},
            facts=facts,
            deprecated=frozenset(source for source, known in facts.items() if known.deprecation),
            searches=((by_meaning, 1.0), (LexicalIndex(workspace.words), WORDS_WEIGHT)),
            embedder_id=embedder.id,
            embed=embedder.embed,
            vectors=functools.partial(workspace.store.vectors, embedder.id),
        )
    finally:
        index.close()
