"""Diff: two drafts of a skill, claim by claim."""

from __future__ import annotations

from collections.abc import Sequence

from skillgen.likeness import text_likeness
from skillgen.model.diff import ChangeKind, ClaimChange, DraftDiff, TargetChange
from skillgen.model.draft import Citation, Claim, Draft


def diff_drafts(before: Draft, after: Draft) -> DraftDiff:
    """Return what changed from one draft to another.

    Claims are the same by their ids, else by their text, then by a quote that both cite, then by the nearest text on
    the same page (`skillgen.likeness`).
    """
    pairs, gone, new = _paired(before.claims, after.claims)
    changes = [change for old, claim in pairs if (change := _changed(old, claim))]
    changes += [
        ClaimChange(kind="gone", claim=c.id, before=c.text, sources=_sources(c), was_in_body=c.in_body) for c in gone
    ]
    changes += [ClaimChange(kind="new", claim=c.id, after=c.text, sources=_sources(c), in_body=c.in_body) for c in new]
    return DraftDiff(claims=tuple(changes), targets=_targets(before, after))


def _paired(
    before: Sequence[Claim], after: Sequence[Claim]
) -> tuple[list[tuple[Claim, Claim]], list[Claim], list[Claim]]:
    """Return the claims that belong together, and what is left of either side."""
    pairs: list[tuple[Claim, Claim]] = []
    left, free = list(before), list(after)
    for score in (_same_id, _same_text, _same_quotes, _likeness):
        ranked = sorted(
            (-value, i, j)
            for i, old in enumerate(left)
            for j, claim in enumerate(free)
            if (value := score(old, claim)) > 0
        )
        used_old: set[int] = set()
        used_new: set[int] = set()
        for _, i, j in ranked:
            if i not in used_old and j not in used_new:
                pairs.append((left[i], free[j]))
                used_old.add(i)
                used_new.add(j)
        left = [old for i, old in enumerate(left) if i not in used_old]
        free = [claim for j, claim in enumerate(free) if j not in used_new]
    return pairs, left, free


def _same_id(old: Claim, claim: Claim) -> float:
    return float(old.id == claim.id)


def _same_text(old: Claim, claim: Claim) -> float:
    return float(old.text == claim.text)


def _same_quotes(old: Claim, claim: Claim) -> float:
    return len({(c.source, c.quote) for c in old.citations} & {(c.source, c.quote) for c in claim.citations})


def _likeness(old: Claim, claim: Claim) -> float:
    return text_likeness(old.text, claim.text) if {*_sources(old)} & {*_sources(claim)} else 0.0


def _changed(old: Claim, claim: Claim) -> ClaimChange | None:
    """Return the change of a claim: its words before its evidence, its evidence before its place."""
    kind: ChangeKind
    if old.text != claim.text:
        kind = "reworded"
    elif _evidence(old.citations) != _evidence(claim.citations):
        kind = "evidence moved"
    elif old.in_body != claim.in_body:
        kind = "into SKILL.md" if claim.in_body else "out of SKILL.md"
    else:
        return None
    return ClaimChange(
        kind=kind,
        claim=claim.id,
        before=old.text,
        after=claim.text,
        sources=tuple(dict.fromkeys((*_sources(old), *_sources(claim)))),
        was_in_body=old.in_body,
        in_body=claim.in_body,
    )


def _evidence(citations: Sequence[Citation]) -> list[tuple[object, ...]]:
    return [(c.source, c.start, c.end, c.lines, c.heading_path) for c in citations]


def _sources(claim: Claim) -> tuple[str, ...]:
    return tuple(dict.fromkeys(citation.source for citation in claim.citations))


def _targets(before: Draft, after: Draft) -> tuple[TargetChange, ...]:
    scores = {target.id: target.score for target in before.coverage.targets}
    return tuple(
        TargetChange(id=target.id, text=target.text, before=scores.get(target.id), after=target.score)
        for target in after.coverage.targets
        if scores.get(target.id) != target.score
    )
