"""Build: briefs and corpora to a draft and its package."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from skillgen.artifacts import write_if_changed
from skillgen.brief import load_brief
from skillgen.catalogue import catalogue_digest, load_catalogue, with_vocabulary
from skillgen.contradict import find_contradictions
from skillgen.deliver import merge_handwritten, write_package
from skillgen.draft import trace_json
from skillgen.embed.server import ServerEmbedder
from skillgen.errors import UserError
from skillgen.model.brief import Brief, Plan
from skillgen.model.catalogue import Catalogue
from skillgen.model.corpus import IngestReport
from skillgen.model.decision import Decisions, Review
from skillgen.model.diff import BuildChanges
from skillgen.model.draft import Contradiction, Draft, RunRecord, SkillRecord
from skillgen.model.research import FacetPassages
from skillgen.pipeline.answering import ModelEngine, open_engine
from skillgen.pipeline.asker import Spent
from skillgen.pipeline.asking import AskingEmbedder
from skillgen.pipeline.assemble import draw, fit_body, frame_draft, trace_of, undisputed
from skillgen.pipeline.builds import keep_build, keep_incomplete
from skillgen.pipeline.decide import (
    Decided,
    LeftOut,
    decisions_for,
    left_out,
    not_reviewed,
    put_into_effect,
    undecided_in_body,
    vouched,
)
from skillgen.pipeline.estimate import DryRun, EstimatingAsker, UnsendingEmbedder
from skillgen.pipeline.ingest import ingest
from skillgen.pipeline.library import open_library
from skillgen.pipeline.publish import checked_files
from skillgen.pipeline.purpose import body_by_purpose, skill_purpose, with_description
from skillgen.pipeline.remake import remake_vouched
from skillgen.pipeline.report import write_report
from skillgen.pipeline.research import Researched, research, retrieve_facets
from skillgen.plan import plan_research
from skillgen.protocols import Embedder, Reporter
from skillgen.render import Rendered
from skillgen.settings import Settings
from skillgen.templating import Templates
from skillgen.validate import RuleIssue
from skillgen.workspace import Workspace

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_MAX_NAME = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildResult:
    """What a build made and where it is. `changed` are the package's files that are new or different.

    `conflicts` tells of kept regions that lost their place, `left_out` of accepted claims that are not in the body,
    `lost` of accepted and edited ones that are not in the draft any more. `undecided` holds the ids of claims of the
    body that nobody decided about. `spent` is what this run asked a chat model; None without one.
    """

    draft: Draft
    package: Path
    draft_path: Path
    map_path: Path
    report_path: Path
    changed: tuple[str, ...]
    body_tokens: int
    issues: tuple[RuleIssue, ...]
    ingest: IngestReport
    conflicts: tuple[str, ...]
    left_out: tuple[LeftOut, ...]
    lost: tuple[LeftOut, ...]
    review: Review
    undecided: tuple[str, ...]
    changes: BuildChanges
    spent: Spent | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """What a build works with."""

    settings: Settings
    workspace: Workspace
    name: str
    purpose: str
    briefs: tuple[Brief, ...]
    templates: Templates
    catalogue: Catalogue
    decisions: Decisions
    embedder: Embedder
    reporter: Reporter


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What was found out, before decisions are put into effect."""

    plan: Plan
    ingested: IngestReport
    retrieved: tuple[FacetPassages, ...]
    researched: Researched
    lost: tuple[LeftOut, ...]
    contradictions: tuple[Contradiction, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Assembled:
    """A draft with its body, the files of its package, and what the decisions made of what was found."""

    draft: Draft
    rendered: Rendered
    decided: Decided
    undisputed: Researched


def build(
    settings: Settings, workspace: Workspace, briefs: Sequence[Brief], *, embedder: Embedder, reporter: Reporter
) -> BuildResult:
    """Ingest what changed, research the briefs' questions, and write draft and package.

    Raises:
        UserError: the name is no skill name, the package folder holds somebody else's skill, or the chat model cannot
            be asked as the settings say.
        CorpusError: there is no page to read.
        TemplateError: a template cannot be rendered, or there is no layout for the skill's purpose.
        IncompleteError: the chat model stopped answering. The draft is written as far as it got, no package is.
        PackageError: the package would break a hard rule of the format, or an undecided claim would stand in its body
            and `review.require` is set; the one that was there stays.
    """
    job = _job(settings, workspace, briefs, embedder, reporter)
    with open_engine(settings.model, workspace.store, job.catalogue, reporter) as engine:
        found = _investigate(job, engine)
        made = _assemble(job, found, engine)
    if engine is not None and not made.draft.run.complete:
        path = keep_incomplete(workspace, made.draft)
        raise engine.asker.incomplete(f"{path} is incomplete and no package was written")
    return _deliver(job, found, made, engine.asker.spent() if engine else None)


def estimate_build(
    settings: Settings, workspace: Workspace, briefs: Sequence[Brief], *, embedder: Embedder, reporter: Reporter
) -> DryRun:
    """Ingest what changed, and return what a build would ask the chat model; nothing is sent, no draft is written.

    Raises:
        UserError: no model is named, or it cannot be asked as the settings say.
        CorpusError: there is no page to read.
    """
    job = _job(settings, workspace, briefs, _unsending(embedder), reporter)
    store = workspace.store
    with open_engine(settings.model, store, job.catalogue, reporter, asker=EstimatingAsker) as engine:
        if engine is None or not isinstance(engine.asker, EstimatingAsker):
            raise UserError(
                "A dry run tells what a chat model would be asked, and none is named.", hint="Name one with --model."
            )
        made = _assemble(job, _investigate(job, engine), engine)
        reporter.done()
        return engine.asker.estimated(made.draft, engine.consult.room)


def _unsending(embedder: Embedder) -> Embedder:
    return UnsendingEmbedder(embedder.id) if isinstance(embedder, ServerEmbedder) else embedder


def _job(
    settings: Settings, workspace: Workspace, briefs: Sequence[Brief], embedder: Embedder, reporter: Reporter
) -> _Job:
    name = skill_name(settings, briefs)
    templates = Templates("skill", user_dir=settings.build.template)
    return _Job(
        settings=settings,
        workspace=workspace,
        name=name,
        purpose=skill_purpose(settings, briefs, templates),
        briefs=tuple(briefs),
        templates=templates,
        catalogue=with_vocabulary(load_catalogue(settings.research.catalogue), briefs),
        decisions=decisions_for(settings, workspace, name),
        embedder=embedder,
        reporter=reporter,
    )


def _investigate(job: _Job, engine: ModelEngine | None) -> _Found:
    """Read what changed, and find out what the pages say on the questions and where they disagree."""
    settings, store, reporter = job.settings, job.workspace.store, job.reporter
    ingested = ingest(settings, job.workspace, embedder=job.embedder, reporter=reporter)
    asking = AskingEmbedder(job.embedder, store)
    plan = plan_research(job.briefs, embedder=asking)
    with open_library(job.workspace, embedder=asking) as library:
        retrieved = retrieve_facets(plan, library, settings, reporter)
        keep = vouched(job.decisions)
        if engine is None:
            researched = research(plan, library, store, job.catalogue, settings, reporter, keep=keep)
        else:
            researched = engine.research(plan, library, settings, retrieved, keep=keep)
        remade = remake_vouched(researched, job.decisions, plan, library, store, job.catalogue)
        asking.keep(f"build {job.name}")
        reporter.start("Comparing pages")
        disagreeing = find_contradictions(store.pages(), library.facts)
        reporter.done(f"{len(disagreeing)} pairs that disagree" if disagreeing else "")
    return _Found(
        plan=plan,
        ingested=ingested,
        retrieved=retrieved,
        researched=remade.researched,
        lost=remade.lost,
        contradictions=tuple(disagreeing),
    )


def _assemble(job: _Job, found: _Found, engine: ModelEngine | None) -> _Assembled:
    """Put the decisions into effect, and make the draft with its body and the files of its package."""
    decided = put_into_effect(found.researched, job.decisions, job.workspace.store)
    frame = frame_draft(
        found.plan,
        decided.researched,
        found.retrieved,
        found.contradictions,
        job.catalogue,
        skill=SkillRecord(name=job.name, description="", purpose=job.purpose),
        run=_run_record(job, found),
        withheld=decided.withheld,
    )
    researched = replace(decided.researched, body=undisputed(decided.researched, frame.contradictions))
    body = body_by_purpose(frame, researched.body, job.templates, first=decided.accepted)
    frame = with_description(frame, found.plan, job.templates, job.catalogue, body=body)
    if engine is not None:
        frame = engine.finish(frame, found.plan, decided.researched.body)
    job.reporter.start("Writing the skill")
    draft, rendered = fit_body(frame, body, job.templates, job.settings.render.body_tokens)
    return _Assembled(draft=draft, rendered=rendered, decided=decided, undisputed=researched)


def _run_record(job: _Job, found: _Found) -> RunRecord:
    """Return the record of a run without a chat model."""
    return RunRecord(
        complete=True,
        engine="local/1",
        model=None,
        embedder=job.embedder.id,
        settings_sha256=job.settings.digest(),
        corpus_sha256=found.ingested.corpus_sha256,
        prompts={f"templates/skill/{file}": digest for file, digest in job.templates.digests().items()}
        | {"prompts/catalogue": catalogue_digest(job.catalogue)},
        tokens=0,
        cost=0.0,
        dropped=found.researched.dropped,
        endpoints=(job.embedder.endpoint,) if isinstance(job.embedder, ServerEmbedder) else (),
    )


def _deliver(job: _Job, found: _Found, made: _Assembled, spent: Spent | None) -> BuildResult:
    """Write the package if it may be written, the draft and the reports."""
    settings, workspace, name = job.settings, job.workspace, job.name
    draft, decided, body = made.draft, made.decided, made.undisputed.body
    package = settings.build.out / name
    manifest = workspace.root / "drafts" / f"{name}.files.json"
    drawing = draw(draft, settings)
    undecided = undecided_in_body(decided, draft)
    if settings.review.require and undecided:
        keep_build(workspace, draft, drafts=settings.review.drafts)  # what there is to decide about
        raise not_reviewed(decided, draft, package)
    merged = merge_handwritten(package, made.rendered.files, manifest=manifest, overwrite=settings.build.overwrite)
    issues = checked_files(merged.files, package)
    changed = write_package(package, merged.files, manifest=manifest)
    changes = keep_build(workspace, draft, drafts=settings.review.drafts)
    write_if_changed(workspace.trace_path(name), trace_json(trace_of(draft, made.undisputed)))
    write_if_changed(workspace.report_path(name, "map.svg"), drawing)
    report = write_report(settings, workspace, draft)
    job.reporter.done()
    return BuildResult(
        draft=draft,
        package=package,
        draft_path=workspace.draft_path(name),
        map_path=workspace.report_path(name, "map.svg"),
        report_path=report,
        changed=changed,
        body_tokens=made.rendered.body_tokens,
        issues=issues,
        ingest=found.ingested,
        conflicts=merged.conflicts,
        left_out=left_out(decided, draft, body, settings.render.body_tokens),
        lost=found.lost,
        review=decided.review,
        undecided=undecided,
        changes=changes,
        spent=spent,
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
