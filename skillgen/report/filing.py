"""Every claim under one target and question, and the filters that it passes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from skillgen.model.decision import Review, ReviewedClaim
from skillgen.model.disputed import is_disputed
from skillgen.model.draft import Answer, Claim, Draft, TargetScore
from skillgen.report.states import LOW_DELTA, OPEN_STATES


@dataclass(frozen=True, slots=True, kw_only=True)
class FiledQuestion:
    """A question with its claims, those in the body first."""

    answer: Answer
    claims: tuple[ReviewedClaim, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FiledTarget:
    """A coverage target with the questions whose claims count for it first of all."""

    target: TargetScore
    questions: tuple[FiledQuestion, ...]


def file_claims(draft: Draft, review: Review) -> tuple[FiledTarget, ...]:
    """Return every claim once, those of `draft.withheld` too: under the first target of its best facet."""
    question_of = {claim.id: answer.question_id for answer in draft.answers for claim in answer.claims}
    question_of |= {one.claim.id: one.question_id for one in draft.withheld}
    targets_of = {facet.id: facet.targets for answer in draft.answers for facet in answer.facets}
    answers = {answer.question_id: answer for answer in draft.answers}
    filed: dict[str, dict[str, list[ReviewedClaim]]] = {}
    for reviewed in sorted(review.claims, key=lambda one: not one.claim.in_body):
        question = question_of[reviewed.claim.id]
        home = _home(draft, targets_of, reviewed.claim, answers.get(question))
        filed.setdefault(home, {}).setdefault(question, []).append(reviewed)
    return tuple(
        FiledTarget(
            target=target,
            questions=tuple(
                FiledQuestion(answer=answer, claims=tuple(claims))
                for answer in draft.answers
                if (claims := filed[target.id].get(answer.question_id))
            ),
        )
        for target in draft.coverage.targets
        if target.id in filed
    )


def _home(draft: Draft, targets_of: Mapping[str, Sequence[str]], claim: Claim, answer: Answer | None) -> str:
    of_claim = [target for facet in claim.facets for target in targets_of.get(facet, ())]
    of_question = [target for facet in answer.facets for target in facet.targets] if answer else []
    return next(iter([*of_claim, *of_question, draft.coverage.targets[0].id]))


def filters_of(
    reviewed: ReviewedClaim, claim: Claim, disputed: Mapping[str, Sequence[tuple[int, int]]]
) -> tuple[str, ...]:
    """Return the keys of `FILTERS` that a claim passes, beside "all".

    Args:
        reviewed: The claim with its state.
        claim: The claim as the decision leaves it.
        disputed: By source the ranges that stand in a contradiction.
    """
    passes = {
        "undecided": reviewed.state in OPEN_STATES,
        "decided": reviewed.state not in OPEN_STATES,
        "changed": reviewed.state == "evidence changed",
        "contradicted": is_disputed(claim.citations, disputed),
        "weak": claim.verdict.support != "supported",
        "low": claim.delta < LOW_DELTA,
        "believed": claim.belief is not None and claim.belief.verdict == "conflict",
        "body": claim.in_body,
    }
    return tuple(name for name, there in passes.items() if there)
