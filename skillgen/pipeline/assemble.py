"""Assemble: what was found to a draft, and the draft to the files of a package, the body filled to its budget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from skillgen import __version__
from skillgen.connect import connect_tools, sort_kinds
from skillgen.coverage import score_coverage, touched_facets
from skillgen.diagram import draw_map
from skillgen.draft import find_gaps, make_answers, with_body
from skillgen.model.brief import Plan
from skillgen.model.catalogue import Catalogue
from skillgen.model.disputed import disputed_places, is_disputed
from skillgen.model.draft import SCHEMA, BriefRecord, Contradiction, Draft, RunRecord, SkillRecord, Withheld
from skillgen.model.research import FacetPassages
from skillgen.model.trace import Trace
from skillgen.pipeline.research import Researched
from skillgen.render import Rendered, render_package
from skillgen.settings import Settings
from skillgen.templating import Templates

# How many claims are tried after the first that does not fit into the body: later ones are worth ever less.
_TRIED_AFTER = 12


def frame_draft(  # noqa: PLR0913 - all that a draft is made of
    plan: Plan,
    researched: Researched,
    retrieved: Sequence[FacetPassages],
    contradictions: Sequence[Contradiction],
    catalogue: Catalogue,
    *,
    skill: SkillRecord,
    run: RunRecord,
    withheld: tuple[Withheld, ...] = (),
) -> Draft:
    """Return the draft with no claim in the body yet.

    Args:
        plan: What was asked.
        researched: What was found, after reviewers' decisions.
        retrieved: The passages of each facet.
        contradictions: All pairs of pages that disagree; the draft has those on pages that it cites.
        catalogue: The tools that the integration map knows.
        skill: Name and description.
        run: How it was found.
        withheld: Claims that reviewers keep out.
    """
    coverage, grades = score_coverage(plan, researched.all_claims)
    answers = make_answers(plan, researched.claims, grades, (*retrieved, *researched.further))
    claims = tuple(claim for answer in answers for claim in answer.claims)
    edges = connect_tools(claims, catalogue)
    mapped, unmapped = sort_kinds(_asked_texts(plan), edges, catalogue)
    cited = {citation.source for claim in claims for citation in claim.citations}
    return Draft(
        schema=SCHEMA,
        skill=skill,
        briefs=tuple(BriefRecord(path=b.path, title=b.title, sha256=b.sha256) for b in plan.briefs),
        answers=answers,
        coverage=coverage,
        contradictions=tuple(pair for pair in contradictions if cited & {one.source for one in pair.citations}),
        gaps=find_gaps(plan, grades, retrieved, touched=touched_facets(plan, researched.all_claims)),
        integration_map=edges,
        run=run,
        mapped=mapped,
        unmapped=unmapped,
        withheld=withheld,
    )


def _asked_texts(plan: Plan) -> list[str]:
    return [
        text for brief in plan.briefs for text in (*(q.text for q in brief.questions), *(t.text for t in brief.targets))
    ]


def undisputed(researched: Researched, contradictions: Sequence[Contradiction]) -> tuple[str, ...]:
    """Return the claims for the body without those that state one side of a contradiction."""
    disputed = disputed_places(contradictions)
    barred = {claim.id for claim in researched.all_claims if is_disputed(claim.citations, disputed)}
    return tuple(id_ for id_ in researched.body if id_ not in barred)


def fit_body(frame: Draft, ids: Sequence[str], templates: Templates, body_tokens: int) -> tuple[Draft, Rendered]:
    """Return draft and package with the worthiest claims in the body that its budget holds.

    First as many as fit in the order of their worth, then of the next ones each that still fits.
    """

    def attempt(held: Sequence[str]) -> tuple[Draft, Rendered]:
        draft = with_body(frame, frozenset(held))
        return draft, render_package(draft, templates, generator=f"skillgen {__version__}")

    low, high = 0, len(ids)
    while low < high:
        middle = (low + high + 1) // 2
        if attempt(ids[:middle])[1].body_tokens <= body_tokens:
            low = middle
        else:
            high = middle - 1
    held = list(ids[:low])
    best = attempt(held)
    for id_ in ids[low + 1 : low + 1 + _TRIED_AFTER]:
        found = attempt([*held, id_])
        if found[1].body_tokens <= body_tokens:
            held.append(id_)
            best = found
    return best


def draw(draft: Draft, settings: Settings) -> str:
    """Return the integration map as SVG."""
    values = {"title": f"How tools meet: {draft.skill.name}", "map": draw_map(draft.integration_map, draft.unmapped)}
    return Templates("report", user_dir=settings.build.template).render("integration-map.svg.j2", values)


def trace_of(draft: Draft, researched: Researched) -> Trace:
    """Return what became of the candidates, with the claims that stand in the body told apart."""
    body = {claim.id for claim in draft.claims if claim.in_body}
    traced = (
        replace(one, outcome="body") if one.outcome == "reference" and one.claim in body else one
        for one in researched.traced
    )
    return Trace(skill=draft.skill.name, kept=len(draft.claims), candidates=tuple(traced))
