"""Disputed: which claims state a side of a contradiction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from skillgen.model.draft import Citation, Contradiction

Ranges = Mapping[str, Sequence[tuple[int, int]]]


def disputed_places(contradictions: Iterable[Contradiction]) -> dict[str, list[tuple[int, int]]]:
    """Return by source the ranges that stand in a contradiction."""
    places: dict[str, list[tuple[int, int]]] = {}
    for one in contradictions:
        for citation in one.citations:
            places.setdefault(citation.source, []).append((citation.start, citation.end))
    return places


def is_disputed(citations: Iterable[Citation], disputed: Ranges) -> bool:
    """Tell whether one of a claim's quotes stands in one of the disputed ranges."""
    return any(a < one.end and one.start < b for one in citations for a, b in disputed.get(one.source, ()))
