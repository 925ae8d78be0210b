"""The claims of a report: each with its verdict, its delta, what was decided, and its quotes in their places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from skillgen.model.corpus import Page
from skillgen.model.decision import ReviewedClaim
from skillgen.model.disputed import disputed_places
from skillgen.model.draft import Citation, Claim
from skillgen.report.changes import Change, word_changes
from skillgen.report.filing import file_claims, filters_of
from skillgen.report.markup import inline_html
from skillgen.report.material import Material
from skillgen.report.places import Disagreement, Place, disagreements_of, lines_of, place_of, where_of
from skillgen.report.source import Excerpts, quotes_in
from skillgen.report.sources import known_about, mark_of, web_address
from skillgen.report.states import LOW_DELTA, OPEN_STATES, STATES, SUPPORT

# Characters before and after a quote: a paragraph or two each. With thousands of claims less, so that all excerpts
# together have at most so many: 5,000 claims make a file of 6.5 MB with short paragraphs (`pytest -m long -k
# five_thousand_claims_in_a_report`), and of 7.8 MB with the sentences of corpora/larkfield, four times over.
_AROUND, _LEAST_AROUND, _ALL_EXCERPTS = 400, 120, 2_000_000
_CHANGED = "The page has changed since this draft was made. Build the skill again."
_GONE = "The page is no longer in the workspace. Build the skill again."


@dataclass(frozen=True, slots=True, kw_only=True)
class Badge:
    """A short remark on a claim; `tone` is the class that colours it: good, warm, bad or plain."""

    text: str
    tone: str = "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A cited page: where the quotes stand in it, what is known about it, and what stands around them.

    `excerpt_html` is empty where the page cannot be shown; `problem` then says why.
    """

    name: str
    where: str
    about: str
    url: str
    excerpt_html: str
    quotes: tuple[Place, ...]
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """All that a report shows of one claim; `filters` are the keys of the filters that it passes."""

    id: str
    lead_html: str
    text_html: str
    place: str
    badges: tuple[Badge, ...]
    filters: tuple[str, ...]
    support: str
    support_label: str
    support_reason: str
    delta: int
    delta_reason: str
    believed: str
    decided: str
    changes: tuple[Change, ...]
    withheld: str
    sources: tuple[Source, ...]
    others: tuple[Place, ...]
    disagreements: tuple[Disagreement, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionCards:
    """A question with its claims, those in the body first."""

    number: str
    question: str
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetCards:
    """A target with the questions whose claims count for it first of all."""

    id: str
    title: str
    count: int
    questions: tuple[QuestionCards, ...]


def claim_cards(material: Material) -> tuple[TargetCards, ...]:
    """Return every claim of the draft under its target and question, those that reviewers keep out among them."""
    maker = _Cards(material)
    groups = []
    for filed in file_claims(material.draft, material.review):
        questions = tuple(
            QuestionCards(
                number=one.answer.number,
                question=one.answer.question,
                cards=tuple(maker.card(reviewed) for reviewed in one.claims),
            )
            for one in filed.questions
        )
        count = sum(len(one.cards) for one in questions)
        title = material.titles[filed.target.id]
        groups.append(TargetCards(id=filed.target.id, title=title, count=count, questions=questions))
    return tuple(groups)


class _Cards:
    """Makes the cards of a report; what is the same for all of them is found once."""

    def __init__(self, material: Material) -> None:
        self._material = material
        self._disputed = disputed_places(material.draft.contradictions)
        self._withheld = {one.claim.id: one.reason for one in material.draft.withheld}
        quotes = sum(len(one.claim.citations) for one in material.review.claims)
        around = min(_AROUND, max(_LEAST_AROUND, _ALL_EXCERPTS // (2 * max(1, quotes))))
        self._excerpts = Excerpts(material.pages, around=around)

    def card(self, reviewed: ReviewedClaim) -> Card:
        claim = reviewed.claim
        filters = filters_of(reviewed, claim, self._disputed)
        sources = tuple(self._source(claim, name) for name in dict.fromkeys(one.source for one in claim.citations))
        others = tuple(place_of(one) for one in claim.also_cited)
        disputed = disagreements_of(claim, self._material.draft.contradictions) if "contradicted" in filters else ()
        return Card(
            id=claim.id,
            lead_html=inline_html(claim.lead),
            text_html=inline_html(claim.own_text),
            place=_place(claim),
            badges=self._badges(reviewed, filters),
            filters=filters,
            support=claim.verdict.support,
            support_label=SUPPORT[claim.verdict.support],
            support_reason=claim.verdict.reason,
            delta=round(100 * claim.delta),
            delta_reason=claim.delta_reason,
            believed=claim.belief.says if claim.belief and "believed" in filters else "",
            decided=_decided(reviewed),
            changes=_changes(reviewed),
            withheld=self._withheld.get(claim.id, ""),
            sources=sources,
            others=others,
            disagreements=disputed,
        )

    def _badges(self, reviewed: ReviewedClaim, filters: Sequence[str]) -> tuple[Badge, ...]:
        """Return what is out of the ordinary about a claim, and whether it stands in SKILL.md."""
        claim = reviewed.claim
        sign, label = STATES[reviewed.state]
        marks = {mark_of(self._material.facts.get(one.source)) for one in claim.citations} - {""}
        badges = [
            (Badge(text="In SKILL.md", tone="accent"), claim.in_body),
            (Badge(text="Kept out", tone="bad"), claim.id in self._withheld),
            (Badge(text=f"{sign} {label}", tone=_TONES[reviewed.state]), reviewed.state != "undecided"),
            (Badge(text=SUPPORT[claim.verdict.support], tone="warm"), "weak" in filters),
            (Badge(text="Contradicted", tone="bad"), "contradicted" in filters),
            (Badge(text="Believed otherwise", tone="warm"), "believed" in filters),
            (Badge(text="Low delta"), claim.delta < LOW_DELTA),
            *((Badge(text=f"Its page {mark}", tone="warm"), True) for mark in sorted(marks)),
        ]
        return tuple(badge for badge, there in badges if there)

    def _source(self, claim: Claim, name: str) -> Source:
        cited = [one for one in claim.citations if one.source == name]
        problem = _problem(cited, self._material.pages)
        ranges = quotes_in(name, [(one.source, one.start, one.end) for one in cited])
        return Source(
            name=name,
            where="; ".join(dict.fromkeys(map(where_of, cited))),
            about=known_about(self._material.facts.get(name)),
            url=web_address(cited[0].url),
            excerpt_html="" if problem else self._excerpts.cut(name, ranges),
            quotes=tuple(place_of(one) for one in cited) if problem else (),
            problem=problem,
        )


_TONES: Mapping[str, str] = {
    "undecided": "plain",
    "accepted": "good",
    "edited": "good",
    "rejected": "bad",
    "asked": "warm",
    "evidence changed": "warm",
}


def _place(claim: Claim) -> str:
    """Return where the first quote stands, and in how many more places."""
    first = claim.citations[0]
    more = len({(one.source, one.lines) for one in (*claim.citations, *claim.also_cited)}) - 1
    return f"{first.source}, {lines_of(first)}" + (f", and {more} more" if more else "")


def _decided(reviewed: ReviewedClaim) -> str:
    """Return who decided what and when, in a line; nothing where nobody did."""
    decision = reviewed.decision
    if decision is None:
        return ""
    said = decision.reason
    if decision.decision == "asked":
        said = f"{decision.owner}: {decision.question}" if decision.owner else decision.question
    before = "It was about other evidence. " if reviewed.state in OPEN_STATES else ""
    told = f"{decision.decision.capitalize()} by {decision.by}, {decision.at[:10]}."
    return before + told + (f" {said}" if said else "")


def _changes(reviewed: ReviewedClaim) -> tuple[Change, ...]:
    """Return an edit, or what the page says now instead of what was decided about, word by word."""
    decision = reviewed.decision
    if decision is None:
        return ()
    if reviewed.state == "edited":
        return word_changes(decision.text, decision.edited)
    return word_changes(decision.text, reviewed.claim.text) if reviewed.state == "evidence changed" else ()


def _problem(cited: Sequence[Citation], pages: Mapping[str, Page]) -> str:
    """Return why a page cannot be shown with its quotes, or nothing."""
    page = pages.get(cited[0].source)
    if page is None:
        return _GONE
    return _CHANGED if any(page.sha256 != one.source_sha256 for one in cited) else ""
