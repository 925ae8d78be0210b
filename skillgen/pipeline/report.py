"""Report: a draft with its pages, decisions and findings as one HTML file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from skillgen import __version__
from skillgen.artifacts import write_if_changed
from skillgen.coverage import claim_words, facet_terms, grade
from skillgen.decisions import load_decisions, match_claims
from skillgen.model.draft import Draft
from skillgen.pipeline.assemble import draw
from skillgen.pipeline.builds import past_builds
from skillgen.pipeline.decide import claims_for_review, decisions_path
from skillgen.plan import plan_of
from skillgen.render import short_titles
from skillgen.report import Material, report_page
from skillgen.settings import Settings
from skillgen.templating import Templates
from skillgen.workspace import Workspace

# Sections whose settings change what a draft says or how it is judged; the others name folders of one machine.
_TOLD = ("ingest", "chunk", "model", "research", "render", "check")


def write_report(settings: Settings, workspace: Workspace, draft: Draft) -> Path:
    """Write the report on a skill into the workspace and return where.

    Raises:
        DecisionsError: the decisions file cannot be read.
        TemplateError: a template of the report cannot be rendered.
    """
    path = workspace.root / "reports" / f"{draft.skill.name}.html"
    write_if_changed(path, report_html(settings, workspace, draft))
    return path


def report_html(settings: Settings, workspace: Workspace, draft: Draft) -> str:
    """Return the report on a draft with the pages as the workspace has them and the decisions as they are now.

    Decisions that were made after the build are shown with their claims; numbers of coverage are those of the draft.

    Raises:
        DecisionsError: the decisions file cannot be read.
        TemplateError: a template of the report cannot be rendered.
    """
    material = _material(settings, workspace, draft)
    return report_page(material, Templates("report", user_dir=settings.build.template))


def _material(settings: Settings, workspace: Workspace, draft: Draft) -> Material:
    name, store = draft.skill.name, workspace.store
    decisions = load_decisions(decisions_path(settings, name))
    targets = draft.coverage.targets
    titles = short_titles([target.text for target in targets])
    cited = {citation.source for claim in claims_for_review(draft) for citation in claim.citations}
    build = next(iter(past_builds(workspace.builds_path(name))[-1:]), None)
    return Material(
        draft=draft,
        review=match_claims(claims_for_review(draft), decisions),
        titles={target.id: title for target, title in zip(targets, titles, strict=True)},
        behind=_behind(draft),
        pages={page.source: page for page in store.pages(cited)},
        facts=store.facts(),
        findings=store.findings(),
        page_count=len(store.page_states()),
        corpora=tuple(corpus.path.resolve().name for corpus in settings.corpus),
        settings=tuple(_changed(settings)),
        drawing=draw(draft, settings),
        version=__version__,
        build=build.id if build else "",
        built=build.at if build else "",
        answers={answer.facet: answer for answer in decisions.answers},
    )


def _behind(draft: Draft) -> dict[str, tuple[str, ...]]:
    """Return by facet the ids of the claims that answer it at least in part, the strongest first."""
    plan = plan_of(draft)
    questions = {question.id: question for brief in plan.briefs for question in brief.questions}
    terms = [facet_terms(facet, questions[facet.question_id]) for facet in plan.facets]
    behind: dict[str, list[tuple[float, str]]] = {one.facet: [] for one in terms}
    for claim in draft.claims:
        if claim.verdict.support == "supported":
            said = claim_words(claim.text, lead=claim.lead, near=claim.near)
            for one in terms:
                if reached := grade(one, said):
                    behind[one.facet].append((reached, claim.id))
    return {facet: tuple(id_ for _, id_ in sorted(held, key=lambda one: -one[0])) for facet, held in behind.items()}


def _changed(settings: Settings) -> Iterator[tuple[str, str]]:
    """Yield the settings that differ from the defaults, as key and value; no path and no address is among them."""
    for section in _TOLD:
        values = getattr(settings, section)
        for key, field in type(values).model_fields.items():
            value = getattr(values, key)
            if value != field.default and not isinstance(value, Path) and not key.endswith("_url"):
                yield f"{section}.{key}", ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
