"""Condensing and choosing: few dense statements of each answer, and of all answers the claims for the body."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from skillgen.answer.choosing import choose_body
from skillgen.answer.condense import condense_answers
from skillgen.belief import with_belief
from skillgen.model.answer import QuestionClaims
from skillgen.model.belief import Belief
from skillgen.model.brief import Plan
from skillgen.model.draft import Claim, Dropped
from skillgen.pipeline.consult import Consultation
from skillgen.pipeline.order import local_order, may_stand_in_body
from skillgen.pipeline.research import CandidatesRead
from skillgen.pipeline.writing import Writer

# From how many claims the model chooses at most: a body holds some fifty dense ones, and the local order has sorted out
# what is worth less.
CHOSEN_FROM = 150
# How many claims of an answer are condensed at most, the worthiest first.
CONDENSED_FROM = 40
# What a claim costs in the body beside its text: the mark of a list and the numbers of its citations.
_MARK_CHARS = 10
_CHARS_A_TOKEN = 4

_Claims = Mapping[str, Sequence[Claim]]


@dataclass(frozen=True, slots=True, kw_only=True)
class DenseAnswers:
    """Claims by question with the dense statements first, the ids of claims that stand in one, what was left out."""

    claims: dict[str, list[Claim]]
    subsumed: frozenset[str] = frozenset()
    dropped: tuple[Dropped, ...] = ()


def condense(
    writer: Writer, plan: Plan, claims: _Claims, read: CandidatesRead, *, vouched: frozenset[str]
) -> DenseAnswers:
    """Return the claims with the dense statements that a model makes of them, as far as rules and judge bear these out.

    A claim that a reviewer vouches for stands by itself even so.
    """
    consult, deprecated = writer.consult, writer.maker.library.deprecated
    if not consult.asks("condense"):
        return DenseAnswers(claims={question: list(held) for question, held in claims.items()})
    worthy = {
        question: [one for one in held if may_stand_in_body(one, deprecated)] for question, held in claims.items()
    }
    answers = _answers(plan, worthy, local_order(worthy, read), limit=CONDENSED_FROM)
    pages = writer.pages({cited.source for one in answers for claim in one.claims for cited in claim.citations})
    found = condense_answers(consult.asker, answers, pages, chars=consult.room.chars, most=consult.room.statements)
    consult.note(found.unanswered)
    made, dropped = writer.verified([one.claim for one in found.statements], pages)
    by_id = {one.id: one for held in claims.values() for one in held}
    dense: dict[str, tuple[str, Claim]] = {}
    subsumed: set[str] = set()
    for statement, claim in zip(found.statements, made, strict=True):
        if claim is not None and claim.verdict.support == "supported" and claim.id not in by_id:
            belief = joint_belief(by_id[id_].belief for id_ in statement.made_from)
            dense.setdefault(claim.id, (statement.claim.question_id, with_belief(claim, belief)))
            subsumed |= {*statement.made_from} - vouched
    return DenseAnswers(
        claims=_with_dense(claims, dense.values()),
        subsumed=frozenset(subsumed),
        dropped=(*found.dropped, *dropped),
    )


def _with_dense(claims: _Claims, dense: Iterable[tuple[str, Claim]]) -> dict[str, list[Claim]]:
    first: dict[str, list[Claim]] = {}
    for question, claim in dense:
        first.setdefault(question, []).append(claim)
    return {question: [*first.get(question, ()), *held] for question, held in claims.items()}


def joint_belief(beliefs: Iterable[Belief | None]) -> Belief | None:
    """Return the belief of a statement that says several things: the one that matters most."""
    given = [belief for belief in beliefs if belief is not None]
    weights = {"conflict": 0, "new": 1, "known": 2}
    return min(given, key=lambda belief: weights[belief.verdict], default=None)


def choose(
    consult: Consultation, plan: Plan, eligible: _Claims, read: CandidatesRead, *, budget: int
) -> tuple[str, ...]:
    """Return the ids of the claims for the body: what the model chooses, then the others in the local order.

    Args:
        consult: The model.
        plan: The questions.
        eligible: The claims that may stand in the body, by question.
        read: What the local engine read.
        budget: How many tokens the body holds.
    """
    order = local_order(eligible, read)
    if not consult.asks("choose"):
        return order
    worthiest = frozenset(order[:CHOSEN_FROM])
    few = {question: [one for one in held if one.id in worthiest] for question, held in eligible.items()}
    costs = {one.id: -(-(len(one.text) + _MARK_CHARS) // _CHARS_A_TOKEN) for held in few.values() for one in held}
    chosen = choose_body(consult.asker, _answers(plan, few, order), costs, budget=budget, chars=consult.room.chars)
    consult.note(chosen.unanswered)
    return tuple(dict.fromkeys((*chosen.ids, *order)))


def _answers(plan: Plan, claims: _Claims, order: Sequence[str], limit: int | None = None) -> list[QuestionClaims]:
    """Return every question that has claims with at most `limit` of them, the worthiest first."""
    places = {id_: place for place, id_ in enumerate(order)}
    return [
        QuestionClaims(question=question, claims=tuple(sorted(held, key=lambda one: places[one.id])[:limit]))
        for brief in plan.briefs
        for question in brief.questions
        if (held := claims.get(question.id))
    ]
