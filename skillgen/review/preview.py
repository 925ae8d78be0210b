"""The skill as the decisions would leave it, without researching anew."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace

from skillgen import __version__
from skillgen.draft import with_body
from skillgen.model.decision import Review, ReviewedClaim
from skillgen.model.disputed import disputed_places, is_disputed
from skillgen.model.draft import Claim, Coverage, Draft
from skillgen.render import Rendered, render_package
from skillgen.report.markup import document_html
from skillgen.templating import Templates


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewFile:
    """A file of the package, as Markdown and as safe HTML."""

    path: str
    markdown: str
    html: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """The package as it would be; `left_out` counts accepted claims for which the body has no room."""

    files: tuple[PreviewFile, ...]
    body_tokens: int
    left_out: int


def is_out(reviewed: ReviewedClaim, claim: Claim) -> bool:
    """Tell whether the decision on a claim keeps it out of the package; `claim` is it as the decision leaves it."""
    rejected = reviewed.decision is not None and reviewed.decision.decision == "rejected"
    return rejected or (reviewed.state == "edited" and claim.verdict.support == "unsupported")


def decided_draft(
    draft: Draft, review: Review, effective: Callable[[ReviewedClaim], Claim], coverage: Coverage
) -> Draft:
    """Return the draft with the decisions put into effect: what is out is gone, edited claims say their new text."""
    standing = {one.claim.id: claim for one in review.claims if not is_out(one, claim := effective(one))}
    question_of = {one.claim.id: one.question_id for one in draft.withheld}
    answers = []
    for answer in draft.answers:
        back = [id_ for id_, question in question_of.items() if question == answer.question_id]
        ids = [*(claim.id for claim in answer.claims), *back]
        answers.append(replace(answer, claims=tuple(standing[id_] for id_ in ids if id_ in standing)))
    return replace(draft, answers=tuple(answers), coverage=coverage, withheld=())


def render_preview(draft: Draft, review: Review, templates: Templates, *, body_tokens: int) -> Preview:
    """Return the package of a draft that the decisions are put into effect in.

    Accepted and edited claims come into the body first, then those that stood there before, as many as fit. A build
    researches anew and may fill what room is left with other claims.
    """
    ids, wanted = _body_order(draft, review)
    low, high = 0, len(ids)
    while low < high:
        middle = (low + high + 1) // 2
        if _rendered(draft, ids[:middle], templates).body_tokens <= body_tokens:
            low = middle
        else:
            high = middle - 1
    rendered = _rendered(draft, ids[:low], templates)
    ordered = sorted(rendered.files, key=lambda path: (path != "SKILL.md", path))
    files = tuple(
        PreviewFile(path=path, markdown=rendered.files[path], html=document_html(rendered.files[path]))
        for path in ordered
    )
    return Preview(files=files, body_tokens=rendered.body_tokens, left_out=max(0, wanted - low))


def _rendered(draft: Draft, ids: Collection[str], templates: Templates) -> Rendered:
    return render_package(with_body(draft, frozenset(ids)), templates, generator=f"skillgen {__version__}")


def _body_order(draft: Draft, review: Review) -> tuple[list[str], int]:
    """Return the claims for the body, accepted and edited ones first, and how many of those there are."""
    states: Mapping[str, str] = {one.claim.id: one.state for one in review.claims}
    disputed = disputed_places(draft.contradictions)
    free = [claim for claim in draft.claims if not is_disputed(claim.citations, disputed)]
    signed = [claim.id for claim in free if states[claim.id] in ("accepted", "edited")]
    before = [claim.id for claim in free if claim.in_body and claim.id not in {*signed} and states[claim.id] != "asked"]
    return [*signed, *before], len(signed)
