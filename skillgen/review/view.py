"""What the review page shows, as records for the templates: pure functions from a draft and its decisions."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

from skillgen.model.corpus import content_id
from skillgen.model.decision import Decision, Review, ReviewedClaim, State
from skillgen.model.disputed import disputed_places
from skillgen.model.draft import Claim, Coverage, Draft
from skillgen.render import short_titles
from skillgen.report.filing import file_claims, filters_of
from skillgen.report.states import OPEN_STATES, STATES


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A claim in the list. `flags` are the filters that it passes, `stamp` names the decision that it shows."""

    id: str
    lead: str
    text: str
    state: State
    sign: str
    label: str
    stamp: str
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionGroup:
    """A question with its claims, those in the body first."""

    number: str
    question: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetGroup:
    """A coverage target with the questions whose claims count for it first of all."""

    id: str
    title: str
    text: str
    questions: tuple[QuestionGroup, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How far the review is: claims in all, and how many are decided."""

    total: int
    decided: int

    @property
    def share(self) -> int:
        """The share that is decided, in whole percent."""
        return 100 * self.decided // self.total if self.total else 100


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetMeter:
    """A target's score with the claims that are left, and in the draft, in whole percent."""

    title: str
    text: str
    now: int
    before: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageView:
    """Coverage with the claims that are left, and as the draft had it, in whole percent."""

    now: int
    before: int
    targets: tuple[TargetMeter, ...]


def stamp_of(decision: Decision | None) -> str:
    """Return 12 digits that name a decision; nothing where there is none."""
    return content_id("d", json.dumps(asdict(decision)), digits=12) if decision else ""


def target_groups(draft: Draft, review: Review, effective: Callable[[ReviewedClaim], Claim]) -> tuple[TargetGroup, ...]:
    """Return every claim under its target and question; `effective` gives a claim as its decision leaves it."""
    disputed = disputed_places(draft.contradictions)
    titles = titles_of(draft)
    return tuple(
        TargetGroup(
            id=filed.target.id,
            title=titles[filed.target.id],
            text=filed.target.text,
            questions=tuple(
                QuestionGroup(
                    number=one.answer.number,
                    question=one.answer.question,
                    rows=tuple(_row(reviewed, effective(reviewed), disputed) for reviewed in one.claims),
                )
                for one in filed.questions
            ),
        )
        for filed in file_claims(draft, review)
    )


def titles_of(draft: Draft) -> dict[str, str]:
    """Return a short title of each target by its id."""
    targets = draft.coverage.targets
    titles = short_titles([target.text for target in targets])
    return {target.id: title for target, title in zip(targets, titles, strict=True)}


def _row(reviewed: ReviewedClaim, claim: Claim, disputed: Mapping[str, Sequence[tuple[int, int]]]) -> Row:
    sign, label = STATES[reviewed.state]
    return Row(
        id=claim.id,
        lead=claim.lead,
        text=claim.own_text.replace("`", ""),
        state=reviewed.state,
        sign=sign,
        label=label,
        stamp=stamp_of(reviewed.decision),
        flags=filters_of(reviewed, claim, disputed),
    )


def rows_of(groups: Iterable[TargetGroup]) -> tuple[Row, ...]:
    """Return the rows of all groups in the order in which they are shown."""
    return tuple(row for group in groups for question in group.questions for row in question.rows)


def chosen(groups: Iterable[TargetGroup], name: str, words: str) -> tuple[TargetGroup, ...]:
    """Return the groups with the rows that pass a filter and hold the words, without groups that are left empty."""

    def passes(row: Row) -> bool:
        return (name == "all" or name in row.flags) and words.casefold() in f"{row.lead} {row.text}".casefold()

    kept = []
    for group in groups:
        questions = [
            QuestionGroup(number=one.number, question=one.question, rows=rows)
            for one in group.questions
            if (rows := tuple(filter(passes, one.rows)))
        ]
        if questions:
            kept.append(TargetGroup(id=group.id, title=group.title, text=group.text, questions=tuple(questions)))
    return tuple(kept)


def counts_of(review: Review) -> Counts:
    """Return how far the review is."""
    return Counts(total=len(review.claims), decided=sum(one.state not in OPEN_STATES for one in review.claims))


def coverage_view(draft: Draft, before: Coverage, now: Coverage) -> CoverageView:
    """Return the coverage that is left by the decisions beside that of all claims of the draft."""
    titles = titles_of(draft)
    scores = {target.id: target.score for target in now.targets}
    scored = {target.id: target.score for target in before.targets}
    targets = tuple(
        TargetMeter(
            title=titles[target.id],
            text=target.text,
            now=_percent(scores[target.id]),
            before=_percent(scored[target.id]),
        )
        for target in draft.coverage.targets
    )
    return CoverageView(now=_percent(now.overall), before=_percent(before.overall), targets=targets)


def _percent(share: float) -> int:
    return round(100 * share)
