"""Records of the research: passages as retrieved and candidate claims before they are chosen."""

from __future__ import annotations

from dataclasses import dataclass

from skillgen.model.corpus import Chunk


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A chunk as retrieved for a query: `rank` counts from 1, `score` is comparable within one query only."""

    chunk: Chunk
    rank: int
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetPassages:
    """The passages that were retrieved for one facet, best first, with the query that found them."""

    facet_id: str
    query: str
    passages: tuple[Passage, ...]
