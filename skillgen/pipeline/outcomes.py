"""What became of the candidates of the local engine once a model's claims stand among the claims."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from skillgen.model.draft import Claim
from skillgen.model.trace import Traced


def retraced(
    traced: Sequence[Traced], claims: Mapping[str, Sequence[Claim]], into: Mapping[str, str]
) -> tuple[Traced, ...]:
    """Return the outcomes, where a claim of the model says what a candidate says, or quotes it.

    Args:
        traced: What the local engine made of the candidates.
        claims: All claims of the draft by question.
        into: For each claim that is gone the one that says the same.
    """
    held = {claim.id: claim for one in claims.values() for claim in one}
    quoting: dict[str, list[tuple[int, int, str]]] = {}
    for claim in held.values():
        for citation in claim.citations:
            quoting.setdefault(citation.source, []).append((citation.start, citation.end, claim.id))
    return tuple(_outcome(one, frozenset(held), into, quoting.get(one.source, ())) for one in traced)


def _outcome(
    one: Traced, held: frozenset[str], into: Mapping[str, str], quoting: Sequence[tuple[int, int, str]]
) -> Traced:
    claim = one.claim
    while claim in into:
        claim = into[claim]
    if claim in held:
        return one if claim == one.claim else replace(one, outcome="repeated", claim=claim)
    for start, end, id_ in quoting:
        if start <= one.start and one.end <= end:
            return replace(one, outcome="quoted", claim=id_)
    return replace(one, outcome="cut", claim="") if one.claim else one
