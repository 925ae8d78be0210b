"""Build: briefs and corpora to a draft and its package."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from skillgen import __version__
from skillgen.artifacts import write_atomically, write_if_changed
from skillgen.brief import load_brief
from skillgen.catalogue import catalogue_digest, load_catalogue, with_vocabulary
from skillgen.connect import connect_tools, sort_kinds
from skillgen.contradict import find_contradictions
from skillgen.coverage import score_coverage, touched_facets
from skillgen.deliver import merge_handwritten, write_package
from skillgen.diagram import draw_map
from skillgen.draft import find_gaps, make_answers, trace_json, with_body
from skillgen.errors import PackageError, UserError
from skillgen.model.brief import Brief, Plan
from skillgen.model.catalogue import Catalogue
from skillgen.model.corpus import IngestReport
from skillgen.model.decision import Review
from skillgen.model.diff import BuildChanges
from skillgen.model.draft import SCHEMA, BriefRecord, Contradiction, Draft, RunRecord, SkillRecord
from skillgen.model.research import FacetPassages
from skillgen.model.trace import Trace
from skillgen.pipeline.asking import AskingEmbedder
from skillgen.pipeline.builds import keep_build
from skillgen.pipeline.decide import (
    LeftOut,
    decisions_for,
    left_out,
    not_reviewed,
    put_into_effect,
    undecided_in_body,
    vouched,
)
from skillgen.pipeline.ingest import ingest
from skillgen.pipeline.library import open_library
from skillgen.pipeline.research import Researched, research, retrieve_facets
from skillgen.plan import plan_research
from skillgen.protocols import Embedder, Reporter
from skillgen.render import Rendered, describe, render_package
from skillgen.screen import scan_text
from skillgen.settings import Settings
from skillgen.templating import Templates
from skillgen.validate import RuleIssue, raise_on_errors, validate_package
from skillgen.workspace import Workspace

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_MAX_NAME = 64
# How many claims are tried after the first that does not fit into the body: later ones are worth ever less.
_TRIED_AFTER = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildResult:
    """What a build made and where it is. `changed` are the package's files that are new or different.

    `conflicts` tells of kept regions that lost their place, `left_out` of accepted claims that are not in the body,
    `undecided` holds the ids of claims of the body that nobody decided about.
    """

    draft: Draft
    package: Path
    draft_path: Path
    map_path: Path
    changed: tuple[str, ...]
    body_tokens: int
    issues: tuple[RuleIssue, ...]
    ingest: IngestReport
    conflicts: tuple[str, ...]
    left_out: tuple[LeftOut, ...]
    review: Review
    undecided: tuple[str, ...]
    changes: BuildChanges


def build(
    settings: Settings, workspace: Workspace, briefs: Sequence[Brief], *, embedder: Embedder, reporter: Reporter
) -> BuildResult:
    """Ingest what changed, research the briefs' questions, and write draft and package.

    Raises:
        UserError: the name is no skill name, or the package folder holds somebody else's skill.
        CorpusError: there is no page to read.
        TemplateError: a template cannot be rendered.
        PackageError: the package would break a hard rule of the format, or an undecided claim would stand in its body
            and `review.require` is set; the one that was there stays.
    """
    name = skill_name(settings, briefs)
    templates = Templates("skill", user_dir=settings.build.template)
    catalogue = with_vocabulary(load_catalogue(settings.research.catalogue), briefs)
    decisions = decisions_for(settings, workspace, name)
    report = ingest(settings, workspace, embedder=embedder, reporter=reporter)
    asking = AskingEmbedder(embedder, workspace.store)
    plan = plan_research(briefs, embedder=asking)
    with open_library(workspace, embedder=asking) as library:
        retrieved = retrieve_facets(plan, library, settings, reporter)
        researched = research(plan, library, workspace.store, catalogue, settings, reporter, keep=vouched(decisions))
        asking.keep(f"build {name}")
        reporter.start("Comparing pages")
        found = find_contradictions(workspace.store.pages(), library.facts)
        reporter.done(f"{len(found)} pairs that disagree" if found else "")
    run = RunRecord(
        complete=True,
        engine="local/1",
        model=None,
        embedder=embedder.id,
        settings_sha256=settings.digest(),
        corpus_sha256=report.corpus_sha256,
        prompts={f"templates/skill/{file}": digest for file, digest in templates.digests().items()}
        | {"prompts/catalogue": catalogue_digest(catalogue)},
        tokens=0,
        cost=0.0,
        dropped=researched.dropped,
    )
    reporter.start("Writing the skill")
    decided = put_into_effect(researched, decisions, workspace.store)
    researched = decided.researched
    skill = SkillRecord(name=name, description=describe(plan, templates))
    frame = _frame(plan, researched, retrieved, skill, run)
    frame = replace(_joined(frame, plan, catalogue, found), withheld=decided.withheld)
    researched = replace(researched, body=_undisputed(researched, frame.contradictions))
    draft, rendered = _fitted(frame, researched, templates, settings.render.body_tokens)
    drawing = _drawn(draft, settings)
    package = settings.build.out / name
    manifest = workspace.root / "drafts" / f"{name}.files.json"
    if settings.review.require and undecided_in_body(decided, draft):
        keep_build(workspace, draft, drafts=settings.review.drafts)  # what there is to decide about
        raise not_reviewed(decided, draft, package)
    merged = merge_handwritten(package, rendered.files, manifest=manifest, overwrite=settings.build.overwrite)
    issues = _checked(merged.files, package)
    changed = write_package(package, merged.files, manifest=manifest)
    changes = keep_build(workspace, draft, drafts=settings.review.drafts)
    write_if_changed(workspace.trace_path(name), trace_json(_trace(draft, researched)))
    write_if_changed(workspace.report_path(name, "map.svg"), drawing)
    reporter.done()
    return BuildResult(
        draft=draft,
        package=package,
        draft_path=workspace.draft_path(name),
        map_path=workspace.report_path(name, "map.svg"),
        changed=changed,
        body_tokens=rendered.body_tokens,
        issues=issues,
        ingest=report,
        conflicts=merged.conflicts,
        left_out=left_out(decided, draft, researched.body, settings.render.body_tokens),
        review=decided.review,
        undecided=undecided_in_body(decided, draft),
        changes=changes,
    )


def load_briefs(settings: Settings) -> tuple[Brief, ...]:
    """Return the briefs that the settings name.

    Raises:
        BriefError: one cannot be read.
        UserError: none is named.
    """
    if not settings.build.briefs:
        raise UserError("No brief is named.", hint="`skillgen brief list` shows the built-in ones.")
    return tuple(load_brief(name) for name in settings.build.briefs)


def skill_name(settings: Settings, briefs: Sequence[Brief]) -> str:
    """Return the skill's name: the one that was given, or that of the first brief.

    Raises:
        UserError: it is not made of lower-case letters, digits and single hyphens.
    """
    name = settings.build.name or briefs[0].name
    if len(name) > _MAX_NAME or not _NAME.fullmatch(name):
        raise UserError(
            f"{name!r} is no skill name: lower-case letters, digits and single hyphens, at most {_MAX_NAME}.",
            hint="Give one with --name.",
        )
    return name


def _frame(
    plan: Plan, researched: Researched, retrieved: Sequence[FacetPassages], skill: SkillRecord, run: RunRecord
) -> Draft:
    """Return the draft with no claim in the body yet."""
    coverage, grades = score_coverage(plan, researched.all_claims)
    return Draft(
        schema=SCHEMA,
        skill=skill,
        briefs=tuple(BriefRecord(path=b.path, title=b.title, sha256=b.sha256) for b in plan.briefs),
        answers=make_answers(plan, researched.claims, grades, retrieved),
        coverage=coverage,
        contradictions=(),
        gaps=find_gaps(plan, grades, retrieved, touched=touched_facets(plan, researched.all_claims)),
        integration_map=(),
        run=run,
    )


def _joined(frame: Draft, plan: Plan, catalogue: Catalogue, found: Sequence[Contradiction]) -> Draft:
    """Return the draft with the integration map, and with the contradictions on pages that it cites."""
    edges = connect_tools(frame.claims, catalogue)
    texts = [
        text for brief in plan.briefs for text in (*(q.text for q in brief.questions), *(t.text for t in brief.targets))
    ]
    mapped, unmapped = sort_kinds(texts, edges, catalogue)
    cited = {citation.source for claim in frame.claims for citation in claim.citations}
    return replace(
        frame,
        contradictions=tuple(pair for pair in found if cited & {citation.source for citation in pair.citations}),
        integration_map=edges,
        mapped=mapped,
        unmapped=unmapped,
    )


def _undisputed(researched: Researched, contradictions: Sequence[Contradiction]) -> tuple[str, ...]:
    """Return the claims for the body without those that state one side of a contradiction."""
    disputed = [citation for pair in contradictions for citation in pair.citations]
    barred = {
        claim.id
        for claim in researched.all_claims
        for one in claim.citations
        for other in disputed
        if one.source == other.source and one.start < other.end and other.start < one.end
    }
    return tuple(id_ for id_ in researched.body if id_ not in barred)


def _fitted(frame: Draft, researched: Researched, templates: Templates, body_tokens: int) -> tuple[Draft, Rendered]:
    """Return draft and package with the worthiest claims in the body that its budget holds.

    First as many as fit in the order of their worth, then of the next ones each that still fits.
    """

    def attempt(ids: Sequence[str]) -> tuple[Draft, Rendered]:
        draft = with_body(frame, frozenset(ids))
        return draft, render_package(draft, templates, generator=f"skillgen {__version__}")

    low, high = 0, len(researched.body)
    while low < high:
        middle = (low + high + 1) // 2
        if attempt(researched.body[:middle])[1].body_tokens <= body_tokens:
            low = middle
        else:
            high = middle - 1
    held = list(researched.body[:low])
    best = attempt(held)
    for id_ in researched.body[low + 1 : low + 1 + _TRIED_AFTER]:
        found = attempt([*held, id_])
        if found[1].body_tokens <= body_tokens:
            held.append(id_)
            best = found
    return best


def _drawn(draft: Draft, settings: Settings) -> str:
    """Return the integration map as SVG."""
    values = {"title": f"How tools meet: {draft.skill.name}", "map": draw_map(draft.integration_map, draft.unmapped)}
    return Templates("report", user_dir=settings.build.template).render("integration-map.svg.j2", values)


def _trace(draft: Draft, researched: Researched) -> Trace:
    """Return what became of the candidates, with the claims that stand in the body told apart."""
    body = {claim.id for claim in draft.claims if claim.in_body}
    traced = (
        replace(one, outcome="body") if one.outcome == "reference" and one.claim in body else one
        for one in researched.traced
    )
    return Trace(skill=draft.skill.name, kept=len(draft.claims), candidates=tuple(traced))


def _checked(files: Mapping[str, str], package: Path) -> tuple[RuleIssue, ...]:
    """Check the package in a folder of its own, so that a broken one never replaces a good one."""
    with tempfile.TemporaryDirectory(prefix="skillgen-") as scratch:
        folder = Path(scratch) / package.name
        for path, text in files.items():
            write_atomically(folder / path, text)
        issues = validate_package(folder)
        raise_on_errors(issues, package)
    _refuse_unpublishable(files, package)
    return issues


def _refuse_unpublishable(files: Mapping[str, str], package: Path) -> None:
    """Scan the finished files once more: neither the brief nor a template may bring in what screening keeps out."""
    for path, text in files.items():
        for removal in scan_text(text):
            line = text.count("\n", 0, removal.start) + 1
            raise PackageError(
                f"{package / path}, line {line}: this looks like a secret or an injected instruction ({removal.kind}).",
                hint="Take it out of the brief, the template or the page; the package that was there stays.",
            )
