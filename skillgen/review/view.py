"""What the review page shows, as records for the templates: pure functions from a draft and its decisions."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from difflib import SequenceMatcher

from skillgen.model.corpus import content_id
from skillgen.model.decision import Decision, Review, ReviewedClaim, State
from skillgen.model.draft import Answer, Citation, Claim, Contradiction, Coverage, Draft
from skillgen.render import short_titles
from skillgen.review.source import quote_html

# Below it the signs that anybody may say the same outweigh those of this organisation: delta is a share of 0 to 1.
LOW_DELTA = 0.5
FILTERS = (
    ("all", "All"),
    ("undecided", "Undecided"),
    ("changed", "Evidence changed"),
    ("contradicted", "Contradicted"),
    ("weak", "Weak support"),
    ("low", "Low delta"),
    ("body", "In SKILL.md"),
    ("decided", "Decided"),
)
STATES: Mapping[State, tuple[str, str]] = {
    "undecided": ("○", "Undecided"),
    "accepted": ("✓", "Accepted"),
    "edited": ("✎", "Edited"),
    "rejected": ("✕", "Rejected"),
    "asked": ("?", "Owner asked"),
    "evidence changed": ("↻", "Evidence changed"),
}
OPEN_STATES: frozenset[State] = frozenset({"undecided", "evidence changed"})


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A run of words of a comparison: `same`, `gone` or `new`."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A quote and where it stands."""

    source: str
    where: str
    quote_html: str
    own: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """Statements that cannot all be right, with what they are about."""

    topic: str
    hint: str
    sides: tuple[Place, ...]


def stamp_of(decision: Decision | None) -> str:
    """Return 12 digits that name a decision; nothing where there is none."""
    return content_id("d", json.dumps(asdict(decision)), digits=12) if decision else ""


def target_groups(draft: Draft, review: Review, effective: Callable[[ReviewedClaim], Claim]) -> tuple[TargetGroup, ...]:
    """Return every claim under its target and question.

    A claim stands under the first target of its best facet. `effective` gives a claim as its decision leaves it.
    """
    disputed = disputed_places(draft.contradictions)
    question_of = {claim.id: answer.question_id for answer in draft.answers for claim in answer.claims}
    question_of |= {one.claim.id: one.question_id for one in draft.withheld}
    targets_of = {facet.id: facet.targets for answer in draft.answers for facet in answer.facets}
    answers = {answer.question_id: answer for answer in draft.answers}
    filed: dict[str, dict[str, list[Row]]] = {}
    for reviewed in sorted(review.claims, key=lambda one: not one.claim.in_body):
        question = question_of[reviewed.claim.id]
        home = _home(draft, targets_of, reviewed.claim, answers.get(question))
        row = _row(reviewed, effective(reviewed), disputed)
        filed.setdefault(home, {}).setdefault(question, []).append(row)
    targets = draft.coverage.targets
    titles = short_titles([target.text for target in targets])
    return tuple(
        TargetGroup(
            id=target.id,
            title=title,
            text=target.text,
            questions=tuple(
                QuestionGroup(number=answer.number, question=answer.question, rows=tuple(rows))
                for answer in draft.answers
                if (rows := filed[target.id].get(answer.question_id))
            ),
        )
        for target, title in zip(targets, titles, strict=True)
        if target.id in filed
    )


def _home(draft: Draft, targets_of: Mapping[str, Sequence[str]], claim: Claim, answer: Answer | None) -> str:
    of_claim = [target for facet in claim.facets for target in targets_of.get(facet, ())]
    of_question = [target for facet in answer.facets for target in facet.targets] if answer else []
    return next(iter([*of_claim, *of_question, draft.coverage.targets[0].id]))


def _row(reviewed: ReviewedClaim, claim: Claim, disputed: Mapping[str, Sequence[tuple[int, int]]]) -> Row:
    sign, label = STATES[reviewed.state]
    passes = {
        "undecided": reviewed.state in OPEN_STATES,
        "decided": reviewed.state not in OPEN_STATES,
        "changed": reviewed.state == "evidence changed",
        "contradicted": is_disputed(claim, disputed),
        "weak": claim.verdict.support != "supported",
        "low": claim.delta < LOW_DELTA,
        "body": claim.in_body,
    }
    return Row(
        id=claim.id,
        lead=claim.lead,
        text=claim.text.removeprefix(claim.lead).strip().replace("`", ""),
        state=reviewed.state,
        sign=sign,
        label=label,
        stamp=stamp_of(reviewed.decision),
        flags=tuple(name for name, there in passes.items() if there),
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
    titles = short_titles([target.text for target in draft.coverage.targets])
    scores = {target.id: target.score for target in now.targets}
    scored = {target.id: target.score for target in before.targets}
    targets = tuple(
        TargetMeter(title=title, text=target.text, now=_percent(scores[target.id]), before=_percent(scored[target.id]))
        for target, title in zip(draft.coverage.targets, titles, strict=True)
    )
    return CoverageView(now=_percent(now.overall), before=_percent(before.overall), targets=targets)


def _percent(share: float) -> int:
    return round(100 * share)


# -- disagreements -----------------------------------------------------------------------------------------------------


def disputed_places(contradictions: Iterable[Contradiction]) -> dict[str, list[tuple[int, int]]]:
    """Return by source the ranges that stand in a contradiction."""
    places: dict[str, list[tuple[int, int]]] = {}
    for one in contradictions:
        for citation in one.citations:
            places.setdefault(citation.source, []).append((citation.start, citation.end))
    return places


def is_disputed(claim: Claim, disputed: Mapping[str, Sequence[tuple[int, int]]]) -> bool:
    """Tell whether a quote of the claim stands in one of the disputed ranges."""
    return any(a < one.end and one.start < b for one in claim.citations for a, b in disputed.get(one.source, ()))


def disagreements_of(claim: Claim, contradictions: Iterable[Contradiction]) -> tuple[Disagreement, ...]:
    """Return the contradictions that the claim is one side of."""
    return tuple(disagreement(pair, claim) for pair in contradictions if is_disputed(claim, disputed_places([pair])))


def disagreement(pair: Contradiction, claim: Claim | None = None) -> Disagreement:
    """Return a contradiction with its sides; those that the claim cites are its own."""
    sides = tuple(
        place_of(one, own=claim is not None and is_disputed(claim, {one.source: [(one.start, one.end)]}))
        for one in pair.citations
    )
    return Disagreement(topic=pair.topic, hint=pair.hint, sides=sides)


def place_of(citation: Citation, *, own: bool = False) -> Place:
    """Return a citation as it is shown."""
    first, last = citation.lines
    lines = f"line {first}" if first == last else f"lines {first} to {last}"
    where = " > ".join(citation.heading_path[1:])
    return Place(
        source=citation.source,
        where=f"{where}, {lines}" if where else lines,
        quote_html=quote_html(citation.source, citation.quote),
        own=own,
    )


def word_changes(before: str, after: str) -> tuple[Change, ...]:
    """Return the comparison of two texts word by word; nothing where they are the same."""
    old, new = before.split(), after.split()
    changes: list[Change] = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            changes.append(Change(kind="same", text=" ".join(old[a:b])))
            continue
        if b > a:
            changes.append(Change(kind="gone", text=" ".join(old[a:b])))
        if d > c:
            changes.append(Change(kind="new", text=" ".join(new[c:d])))
    return tuple(changes) if old != new else ()
