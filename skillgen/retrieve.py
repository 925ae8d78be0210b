"""Retrieve: a query to passages, by meaning and by words, joined by reciprocal rank fusion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from skillgen.model.corpus import Chunk
from skillgen.model.research import Passage
from skillgen.protocols import ChunkSearch

# Cormack, Clarke and Buettcher 2009: 60 works across collections and is left alone.
RRF_K = 60
# How deep each signal is read for a result list of k: deeper lists changed recall@5 by less than its standard error.
DEPTH = 4
MIN_DEPTH = 50
# A passage less like its query than this (cosine of the embeddings) is about something else, however it ranks. With the
# packaged model the passages that held an expected fact had 0.25 and more, pages about cooking or football 0.2 or less.
MIN_LIKENESS = 0.15


def retrieve(
    query: str, *, searches: Sequence[ChunkSearch], chunks: Mapping[str, Chunk], limit: int
) -> tuple[Passage, ...]:
    """Return at most `limit` passages, best first: the chunks' reciprocal ranks summed over all searches.

    Scores are rounded and ties broken by chunk id, so that equal indexes give equal lists.
    """
    depth = max(MIN_DEPTH, DEPTH * limit)
    scores = fuse([[chunk_id for chunk_id, _ in search.search(query, limit=depth)] for search in searches])
    best = sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:limit]
    return tuple(Passage(chunk=chunks[id_], rank=rank, score=score) for rank, (id_, score) in enumerate(best, start=1))


def fuse(rankings: Sequence[Sequence[str]], *, k: int = RRF_K) -> dict[str, float]:
    """Return for each id the sum of 1 / (k + rank) over the rankings that hold it (reciprocal rank fusion)."""
    scores: dict[str, float] = {}
    for ranking in rankings:
        for rank, id_ in enumerate(ranking, start=1):
            scores[id_] = scores.get(id_, 0.0) + 1.0 / (k + rank)
    return {id_: round(score, 9) for id_, score in scores.items()}
