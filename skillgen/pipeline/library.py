"""The library: a workspace's chunks with the searches over them, as retrieval needs them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from skillgen.lexical import LexicalIndex
from skillgen.model.corpus import Chunk
from skillgen.model.research import Passage
from skillgen.protocols import ChunkSearch, Embedder
from skillgen.retrieve import retrieve
from skillgen.vectors import VectorIndex
from skillgen.workspace import Workspace


@dataclass(frozen=True, slots=True)
class _VectorSearch:
    """Searches by meaning: the query's embedding against those of the chunks."""

    embedder: Embedder
    index: VectorIndex

    def search(self, query: str, *, limit: int) -> list[tuple[str, float]]:
        return self.index.search(self.embedder.embed([query])[0], limit=limit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """The chunks of a workspace by id, and the searches over them."""

    chunks: Mapping[str, Chunk]
    searches: Sequence[ChunkSearch]

    def retrieve(self, query: str, *, limit: int) -> tuple[Passage, ...]:
        """Return the best passages for a query, fused over all searches."""
        return retrieve(query, searches=self.searches, chunks=self.chunks, limit=limit)


@contextlib.contextmanager
def open_library(workspace: Workspace, *, embedder: Embedder) -> Iterator[Library]:
    """Open the indexes of an ingested workspace, and close them afterwards."""
    vectors = VectorIndex(workspace.vectors, embedder_id=embedder.id)
    try:
        yield Library(
            chunks={chunk.chunk_id: chunk for chunk in workspace.store.chunks()},
            searches=(LexicalIndex(workspace.words), _VectorSearch(embedder, vectors)),
        )
    finally:
        vectors.close()
