"""Decide: what reviewers decided, put into effect on what the research found.

Rejected claims and those that are asked about stay out, edited ones say what the reviewer wrote and are verified again,
accepted ones go into the body first. A decision whose evidence changed is not put into effect, but for a rejection: its
claim stays out until somebody decides anew.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from skillgen.decisions import load_decisions, match_claims
from skillgen.draft import draft_from_json
from skillgen.errors import PackageError, UserError
from skillgen.model.corpus import Page
from skillgen.model.decision import KEPT, Decision, Decisions, Review, ReviewedClaim
from skillgen.model.draft import Claim, Draft, Verdict, Withheld
from skillgen.pipeline.research import Researched
from skillgen.pipeline.statements import copy_statements, signed_answers, write_statements
from skillgen.settings import Settings
from skillgen.store import Store
from skillgen.verify import verify_claim
from skillgen.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What the decisions made of the research.

    `researched` holds the claims that may stand in the package, edited ones with their new text; `accepted` are the ids
    that stand in the body before all others. `review` has every claim that was found with its state.
    """

    researched: Researched
    withheld: tuple[Withheld, ...]
    accepted: tuple[str, ...]
    review: Review


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A claim that a reviewer vouches for and that is not where it should be, and why."""

    claim: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewDesk:
    """What a reviewer works on: the draft of the last build, the decisions as they are now, and every claim's state.

    `review` has the draft's claims in its order, then the withheld ones.
    """

    draft: Draft
    decisions: Decisions
    path: Path
    review: Review


def decisions_path(settings: Settings, name: str) -> Path:
    """Return where the decisions on a skill are kept."""
    return settings.review.decisions / f"{name}.yaml"


def open_desk(settings: Settings, name: str, draft_path: Path) -> ReviewDesk:
    """Return a skill's draft and decisions as they are now; nothing is locked or changed.

    Raises:
        UserError: there is no draft of that name, or it is of another version.
        DecisionsError: the decisions file cannot be read.
    """
    draft = read_draft(draft_path)
    path = decisions_path(settings, name)
    decisions = load_decisions(path)
    review = match_claims(claims_for_review(draft), decisions)
    return ReviewDesk(draft=draft, decisions=decisions, path=path, review=review)


def read_draft(path: Path) -> Draft:
    """Return the draft that a file holds.

    Raises:
        UserError: there is no such file, or it holds no draft of this version.
    """
    try:
        return draft_from_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(f"There is no draft {path}.", hint="Run `skillgen build` first, or name one.") from None
    except (OSError, ValueError) as error:
        raise UserError(
            f"{path} is no draft of this version of skillgen.", hint="Run `skillgen build` again."
        ) from error


def claims_for_review(draft: Draft) -> tuple[Claim, ...]:
    """Return every claim that can be decided about: the draft's, then those that are kept out of the package."""
    return (*draft.claims, *(one.claim for one in draft.withheld))


def preview_edit(workspace: Workspace, claim: Claim, text: str) -> Verdict:
    """Return the verdict that a claim would get with another text; its citations stay.

    Raises:
        EvidenceError: the claim's pages are no longer those in the workspace; build again.
    """
    pages = {page.source: page for page in workspace.store.pages({c.source for c in claim.citations})}
    return verify_claim(text, claim.citations, pages)


def decisions_for(settings: Settings, workspace: Workspace, name: str) -> Decisions:
    """Return the decisions on a skill with the owners' answers of its file, and make those answers a page.

    The page is read by the next ingest.

    Raises:
        DecisionsError: the decisions file cannot be read.
        UserError: the file of answers cannot be read, or one is not signed.
    """
    decisions = load_decisions(decisions_path(settings, name))
    typed = signed_answers(settings.review.answers)
    answers = {answer.id: answer for answer in (*decisions.answers, *typed)}
    write_statements(workspace, name, tuple(answers.values()))
    copy_statements(workspace, name, settings.review.answers)
    return replace(decisions, answers=tuple(answers.values()))


def vouched(decisions: Decisions) -> tuple[Decision, ...]:
    """Return the decisions that accept or edit a claim: such claims stay for as long as the pages state them."""
    return tuple(one for one in decisions.claims if one.decision in KEPT)


def put_into_effect(researched: Researched, decisions: Decisions, store: Store) -> Decided:
    """Put the decisions into effect; edited claims are verified against the pages of the store."""
    sources = {one.source for decision in decisions.claims if decision.edited for one in decision.evidence}
    return decide(researched, decisions, {page.source: page for page in store.pages(sources)} if sources else {})


def left_out(decided: Decided, draft: Draft, undisputed: Collection[str], body_tokens: int) -> tuple[LeftOut, ...]:
    """Return the accepted claims that did not get into the body, and why.

    Args:
        decided: What the decisions made of the research.
        draft: The draft with its body.
        undisputed: The ids of the claims that no other page contradicts.
        body_tokens: How much the body holds.
    """
    body = {claim.id for claim in draft.claims if claim.in_body}
    full = f"the body of {body_tokens:,} tokens is full"
    return tuple(
        LeftOut(claim=id_, reason=full if id_ in undisputed else "pages disagree about what it says")
        for id_ in decided.accepted
        if id_ not in body
    )


def undecided_in_body(decided: Decided, draft: Draft) -> tuple[str, ...]:
    """Return the ids of the claims in the body that nobody has decided about as they are now."""
    open_states = ("undecided", "evidence changed")
    undecided = {one.claim.id for one in decided.review.claims if one.state in open_states}
    return tuple(claim.id for claim in draft.claims if claim.in_body and claim.id in undecided)


def not_reviewed(decided: Decided, draft: Draft, package: Path) -> PackageError:
    """Return the error that says how many undecided claims would stand in the body."""
    count = len(undecided_in_body(decided, draft))
    return PackageError(
        f"{count} undecided claim{'s' if count > 1 else ''} would stand in {package / 'SKILL.md'}. "
        "The package was left as it was; the draft is new.",
        hint=f"Decide with `skillgen review {package}`, then build again.",
    )


def decide(researched: Researched, decisions: Decisions, pages: Mapping[str, Page]) -> Decided:
    """Put the decisions into effect.

    Args:
        researched: What was found.
        decisions: What reviewers decided.
        pages: The cited pages by source; an edited claim is verified against them.
    """
    review = match_claims(researched.all_claims, decisions)
    by_id = {one.claim.id: one for one in review.claims}
    kept: dict[str, list[Claim]] = {}
    withheld: list[Withheld] = []
    for question_id, claims in researched.claims.items():
        for claim in claims:
            effective, reason = _effect(by_id[claim.id], pages)
            if reason:
                withheld.append(Withheld(claim=effective, question_id=question_id, reason=reason))
            else:
                kept.setdefault(question_id, []).append(effective)
    accepted = _accepted(researched, by_id, kept)
    standing = {claim.id for claims in kept.values() for claim in claims}
    asked = {id_ for id_, one in by_id.items() if one.state == "asked"}
    rest = [id_ for id_ in researched.body if id_ in standing and id_ not in asked and id_ not in accepted]
    return Decided(
        researched=replace(researched, claims=kept, body=(*accepted, *rest)),
        withheld=tuple(withheld),
        accepted=accepted,
        review=review,
    )


def _effect(reviewed: ReviewedClaim, pages: Mapping[str, Page]) -> tuple[Claim, str]:
    """Return the claim as it is after its decision, and why it is withheld, or nothing."""
    decision, claim = reviewed.decision, reviewed.claim
    if decision is None:
        return claim, ""
    if decision.decision == "rejected":
        changed = "; its evidence has changed since" if reviewed.state == "evidence changed" else ""
        return claim, f"rejected by {decision.by}: {decision.reason}{changed}"
    if reviewed.state != "edited":
        return claim, ""
    edited = _edited(claim, decision, pages)
    if edited.verdict.support == "unsupported":
        return edited, f"edited by {decision.by} to say more than its quotes: {edited.verdict.reason}"
    return edited, ""


def _edited(claim: Claim, decision: Decision, pages: Mapping[str, Page]) -> Claim:
    """Return the claim with the reviewer's text; its id stays that of the pages' words, so that a rebuild finds it."""
    verdict = verify_claim(decision.edited, claim.citations, pages)
    lead = claim.lead if decision.edited.startswith(claim.lead) else ""
    return replace(claim, text=decision.edited, lead=lead, verdict=verdict, breaks=())


def _accepted(
    researched: Researched, by_id: Mapping[str, ReviewedClaim], kept: Mapping[str, Sequence[Claim]]
) -> tuple[str, ...]:
    """Return the ids of accepted and edited claims that stand, the worthiest first, then those no rule would take.

    A person who answers for a claim may put it into the body although it is a paraphrase, or of an outdated page.
    """
    signed = {
        claim.id for claims in kept.values() for claim in claims if by_id[claim.id].state in ("accepted", "edited")
    }
    known = [id_ for id_ in researched.body if id_ in signed]
    return (*known, *sorted(signed - {*known}))
