"""Whose claim a decision is: decisions find their claims again when pages move or change.

A claim's id is made of its text and of source and quote of each citation, so the same id means the same evidence, and
the decision holds. What is left is matched by a quote that is still cited, first in the same page, then in another,
then by the nearest text of the same page. Such a claim shows as `evidence changed` until somebody decides anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from skillgen.decisions.make import quote_sha256
from skillgen.likeness import text_likeness
from skillgen.model.decision import Decision, Decisions, Match, Review, ReviewedClaim
from skillgen.model.draft import Claim


def match_claims(claims: Sequence[Claim], decisions: Decisions) -> Review:
    """Return the state of every claim, in their order, and the decisions that belong to none of them any more.

    A decision counts for one claim only, and a claim has one decision at most.
    """
    found: dict[str, tuple[Decision, Match]] = {}
    open_claims = {claim.id: claim for claim in claims}
    left = []
    for decision in decisions.claims:
        if decision.claim in open_claims:
            found[decision.claim] = (decision, "id")
            del open_claims[decision.claim]
        else:
            left.append(decision)
    steps: tuple[tuple[Match, Callable[[Decision, Claim], float]], ...] = (
        ("quote", _same_quotes),
        ("quote", _moved_quotes),
        ("text", _likeness),
    )
    for match, score in steps:
        left = _matched(left, open_claims, found, match, score)
    return Review(
        claims=tuple(_reviewed(claim, found.get(claim.id)) for claim in claims),
        orphaned=tuple(sorted(left, key=lambda one: one.claim)),
    )


def _matched(
    left: Iterable[Decision],
    open_claims: dict[str, Claim],
    found: dict[str, tuple[Decision, Match]],
    match: Match,
    score: Callable[[Decision, Claim], float],
) -> list[Decision]:
    """Give each decision the claim that scores best, the surest pair first, and return the decisions without one."""
    left = list(left)
    pairs = [
        (-value, -_likeness(decision, claim), decision.claim, claim.id)
        for decision in left
        for claim in open_claims.values()
        if (value := score(decision, claim)) > 0
    ]
    by_id = {decision.claim: decision for decision in left}
    for _, _, decided, claim_id in sorted(pairs):
        if decided in by_id and claim_id in open_claims:
            found[claim_id] = (by_id.pop(decided), match)
            del open_claims[claim_id]
    return list(by_id.values())


def _reviewed(claim: Claim, found: tuple[Decision, Match] | None) -> ReviewedClaim:
    if found is None:
        return ReviewedClaim(claim=claim)
    decision, match = found
    state = decision.decision if match == "id" else "evidence changed"
    return replace(ReviewedClaim(claim=claim), state=state, decision=decision, match=match)


def _same_quotes(decision: Decision, claim: Claim) -> float:
    """Return how many quotes of the same pages the decision and the claim share."""
    held = {(one.source, one.quote_sha256) for one in decision.evidence}
    return len(held & {(c.source, quote_sha256(c.quote)) for c in claim.citations}) if held else 0


def _moved_quotes(decision: Decision, claim: Claim) -> float:
    """Return how many quotes they share wherever they stand, also where the claim only names a page as one more."""
    held = {one.quote_sha256 for one in decision.evidence}
    return len(held & {quote_sha256(c.quote) for c in (*claim.citations, *claim.also_cited)}) if held else 0


def _likeness(decision: Decision, claim: Claim) -> float:
    """Return the likeness of their texts from 0 to 1; 0 where they share no page, or below MIN_LIKENESS."""
    if not {one.source for one in decision.evidence} & {c.source for c in claim.citations}:
        return 0.0
    return text_likeness(decision.text, claim.text)
