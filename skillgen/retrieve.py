"""Retrieve: a query to passages, by meaning and by words, joined by relative scores."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence

from skillgen.model.corpus import Chunk
from skillgen.model.research import Passage
from skillgen.protocols import ChunkSearch

# How deep each signal is read for a result list of k: deeper lists changed recall@5 by less than its standard error.
DEPTH = 4
MIN_DEPTH = 50
# What a passage of a page that calls itself out of date loses: it comes after its equals, and is still found.
DEPRECATED_COST = 0.1
# A passage less like its query than this (cosine of the embeddings) is about something else, however it ranks. With the
# packaged model the passages that held an expected fact had 0.25 and more, pages about cooking or football 0.2 or less.
MIN_LIKENESS = 0.15


def retrieve(
    query: str,
    *,
    searches: Sequence[tuple[ChunkSearch, float]],
    chunks: Mapping[str, Chunk],
    limit: int,
    deprecated: Container[str] = frozenset(),
) -> tuple[Passage, ...]:
    """Return at most `limit` passages, best first.

    Scores are rounded and ties broken by chunk id, so that equal indexes give equal lists.

    Args:
        query: What is asked.
        searches: The searches, each with its weight in the sum.
        chunks: The chunks by id.
        limit: How many passages.
        deprecated: Sources of pages that call themselves out of date.
    """
    depth = max(MIN_DEPTH, DEPTH * limit)
    scores = fuse([(search.search(query, limit=depth), weight) for search, weight in searches], depth=depth)
    ranked = {
        id_: round(score - DEPRECATED_COST * (chunks[id_].source in deprecated), 9) for id_, score in scores.items()
    }
    best = sorted(ranked.items(), key=lambda item: (-item[1], item[0]))[:limit]
    return tuple(Passage(chunk=chunks[id_], rank=rank, score=score) for rank, (id_, score) in enumerate(best, start=1))


def fuse(rankings: Sequence[tuple[Sequence[tuple[str, float]], float]], *, depth: int) -> dict[str, float]:
    """Return for each id the weighted sum of its scores, each as a share of the best score of its search.

    What a search did not return counts as its last result where it returned as many as it was asked for, for it may
    come right after; otherwise as nothing. A convex combination of scores keeps how far apart results are, which
    reciprocal ranks throw away (Bruch, Gai and Ingber 2023).

    Args:
        rankings: The results of each search, best first, as ids with positive scores, and its weight.
        depth: How many results each was asked for.
    """
    ids = dict.fromkeys(id_ for results, _ in rankings for id_, _ in results)
    scores = dict.fromkeys(ids, 0.0)
    for results, weight in rankings:
        best = max((score for _, score in results), default=0.0)
        if best <= 0:
            continue
        shares = {id_: max(0.0, score) / best for id_, score in results}
        unseen = min(shares.values()) if len(results) >= depth else 0.0
        for id_ in scores:
            scores[id_] += weight * shares.get(id_, unseen)
    return {id_: round(score, 9) for id_, score in scores.items()}
