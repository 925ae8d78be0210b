"""One claim as the review page shows it: its text, verdict, decision, sources, and what disagrees with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

from skillgen.model.corpus import Page
from skillgen.model.decision import ReviewedClaim
from skillgen.model.draft import Citation, Claim, Draft
from skillgen.report.changes import Change, word_changes
from skillgen.report.markup import inline_html
from skillgen.report.places import Disagreement, Place, disagreements_of, place_of
from skillgen.report.source import Pane, quotes_in, show_page
from skillgen.report.states import LOW_DELTA, STATES, SUPPORT
from skillgen.review.view import stamp_of

ASK = "Is this still so?"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceView:
    """A cited page: where the quotes stand in it, and the page, or why it cannot be shown."""

    source: str
    places: tuple[Place, ...]
    owner: str
    pane: Pane | None
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimView:
    """All that is shown of one claim. `before` is what it said when it was decided, if that differs."""

    id: str
    position: int
    total: int
    previous: str
    following: str
    number: str
    question: str
    lead_html: str
    text_html: str
    text: str
    state: str
    sign: str
    label: str
    stamp: str
    by: str
    on: str
    reason: str
    owner: str
    asked: str
    changes: tuple[Change, ...]
    support: str
    support_label: str
    support_reason: str
    delta: int
    low_delta: bool
    delta_reason: str
    believed: str
    in_body: bool
    sources: tuple[SourceView, ...]
    others: tuple[Place, ...]
    disagreements: tuple[Disagreement, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbours:
    """Where a claim stands in the list: its place from 1, how many there are, and the ids beside it."""

    position: int
    total: int
    previous: str = ""
    following: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """The cited pages, and who answers for each of them; `problem` says why there are none."""

    pages: Mapping[str, Page]
    owners: Mapping[str, str]
    problem: str = ""


def claim_view(draft: Draft, reviewed: ReviewedClaim, claim: Claim, library: Library, beside: Neighbours) -> ClaimView:
    """Return what is shown of a claim.

    Args:
        draft: The draft that it stands in.
        reviewed: The claim with its decision.
        claim: The claim as the decision leaves it.
        library: The cited pages.
        beside: Where it stands in the list.
    """
    decision = reviewed.decision
    number, question = _question(draft, reviewed.claim.id)
    sign, label = STATES[reviewed.state]
    sources = tuple(_source(claim, source, library) for source in dict.fromkeys(c.source for c in claim.citations))
    return ClaimView(
        id=claim.id,
        position=beside.position,
        total=beside.total,
        previous=beside.previous,
        following=beside.following,
        number=number,
        question=question,
        lead_html=inline_html(claim.lead),
        text_html=inline_html(claim.own_text),
        text=claim.text,
        state=reviewed.state.replace(" ", "-"),
        sign=sign,
        label=label,
        stamp=stamp_of(decision),
        by=decision.by if decision else "",
        on=decision.at[:10] if decision else "",
        reason=decision.reason if decision else "",
        owner=(decision.owner if decision else "") or next((one.owner for one in sources if one.owner), ""),
        asked=(decision.question if decision else "") or ASK,
        changes=_changes(reviewed, claim),
        support=claim.verdict.support,
        support_label=SUPPORT[claim.verdict.support],
        support_reason=claim.verdict.reason,
        delta=round(100 * claim.delta),
        low_delta=claim.delta < LOW_DELTA,
        delta_reason=claim.delta_reason,
        believed=claim.belief.says if claim.belief and claim.belief.verdict == "conflict" else "",
        in_body=claim.in_body,
        sources=sources,
        others=tuple(place_of(one) for one in claim.also_cited),
        disagreements=disagreements_of(claim, draft.contradictions),
    )


def _question(draft: Draft, claim_id: str) -> tuple[str, str]:
    held = {one.claim.id: one.question_id for one in draft.withheld}
    for answer in draft.answers:
        if held.get(claim_id) == answer.question_id or any(claim.id == claim_id for claim in answer.claims):
            return answer.number, answer.question
    return "", ""


def _changes(reviewed: ReviewedClaim, claim: Claim) -> tuple[Change, ...]:
    """Return what an edit changed, or what the page says now instead of what was decided about."""
    decision = reviewed.decision
    if decision is None or reviewed.state not in ("edited", "evidence changed"):
        return ()
    return word_changes(decision.text, claim.text)


def _source(claim: Claim, source: str, library: Library) -> SourceView:
    cited = [one for one in claim.citations if one.source == source]
    places = tuple(place_of(one) for one in _joined(cited))
    problem = _problem(cited, library)
    ranges = quotes_in(source, [(one.source, one.start, one.end) for one in cited])
    return SourceView(
        source=source,
        places=places,
        owner=library.owners.get(source, ""),
        pane=None if problem else show_page(library.pages[source], ranges),
        problem=problem,
    )


def _joined(cited: list[Citation]) -> list[Citation]:
    """Return one citation for each place: quotes in the same lines under the same heading are shown as one."""
    groups = groupby(cited, key=lambda one: (one.heading_path, one.lines))
    return [next(iter(group)) for _, group in groups]


def _problem(cited: list[Citation], library: Library) -> str:
    """Return why a page cannot be shown with its quotes, or nothing."""
    page = library.pages.get(cited[0].source)
    if page is None:
        return library.problem or "The page is no longer in the workspace. Build the skill again."
    if any(page.sha256 != one.source_sha256 for one in cited):
        return "The page has changed since this draft was made. Build the skill again."
    return ""
