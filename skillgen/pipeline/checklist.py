"""The checklist of a review: written for a pull request, and put into the decisions file when it comes back ticked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from skillgen.checklist import Ticked, checklist, decision_state, read_checklist
from skillgen.decisions import decision_about, record
from skillgen.model.decision import Decision, ReviewedClaim
from skillgen.pipeline.decide import ReviewDesk


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What became of a checklist: decisions that were written, those that stood already, and what was left alone.

    `unknown` are claims that the draft no longer holds; of `conflicting` ones somebody else decided in between.
    """

    recorded: tuple[Decision, ...]
    unchanged: int
    unknown: tuple[str, ...]
    conflicting: tuple[str, ...]


def export_checklist(desk: ReviewDesk) -> str:
    """Return the review as a Markdown checklist."""
    return checklist(desk.draft, desk.review.claims)


def import_checklist(desk: ReviewDesk, text: str, *, name: str, by: str) -> Imported:
    """Write what is ticked in a checklist into the decisions file, all in one change.

    Args:
        desk: The draft and the decisions as they are now.
        text: The ticked checklist.
        name: How errors call it.
        by: Who ticked it.

    Raises:
        UserError: it is no checklist, or a ticked claim lacks its reason, text or question; nothing is written.
        DecisionConflictError: somebody decided about one of the claims while this ran; nothing is written.
    """
    claims = {one.claim.id: one for one in desk.review.claims}
    unknown: list[str] = []
    conflicting: list[str] = []
    new: list[Decision] = []
    unchanged = 0
    for ticked in read_checklist(text, name=name):
        if ticked.claim not in claims:
            unknown.append(ticked.claim)
            continue
        before = desk.decisions.of(ticked.claim)
        if before is not None and _says(before) == _says(ticked):
            unchanged += 1
        elif ticked.was != decision_state(before):
            conflicting.append(ticked.claim)
        else:
            new.append(_decision(claims[ticked.claim], ticked, by))
    _write(desk, new)
    return Imported(recorded=tuple(new), unchanged=unchanged, unknown=tuple(unknown), conflicting=tuple(conflicting))


def _write(desk: ReviewDesk, new: Sequence[Decision]) -> None:
    """Write the decisions, and take away those on changed evidence whose place they take."""
    ids = {decision.claim for decision in new}
    superseded = [
        one.decision.claim
        for one in desk.review.claims
        if one.claim.id in ids and one.decision is not None and one.match != "id"
    ]
    if new:
        record(desk.path, new, supersedes=superseded, seen={id_: desk.decisions.of(id_) for id_ in ids})


def _decision(reviewed: ReviewedClaim, ticked: Ticked, by: str) -> Decision:
    return decision_about(
        reviewed.as_found,
        ticked.kind,
        by=by,
        edited=ticked.edited,
        reason=ticked.reason,
        owner=ticked.owner,
        question=ticked.question,
        judged=reviewed.judged,
    )


def _says(one: Decision | Ticked) -> tuple[str, ...]:
    """Return what is decided, without what does not belong to such a decision."""
    kind = one.decision if isinstance(one, Decision) else one.kind
    texts = [one.reason]
    texts += [one.edited] if kind == "edited" else []
    texts += [one.owner, one.question] if kind == "asked" else []
    return (kind, *(" ".join(text.split()) for text in texts))
