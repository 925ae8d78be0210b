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
from skillgen.choose import choose_claims
from skillgen.coverage import ASKING, FacetTerms, claim_grade, facet_terms, score_coverage, speaks_of
from skillgen.deliver import write_package
from skillgen.draft import draft_json, find_gaps, make_answers, make_claim, with_body, with_unique_ids
from skillgen.errors import PackageError, UserError
from skillgen.extract import extract_candidates
from skillgen.model.brief import Brief, Plan
from skillgen.model.corpus import IngestReport, Page
from skillgen.model.draft import SCHEMA, BriefRecord, Claim, Draft, Dropped, RunRecord, SkillRecord
from skillgen.model.research import Candidate, Choice, FacetPassages
from skillgen.pipeline.ingest import ingest
from skillgen.pipeline.library import Library, open_library
from skillgen.plan import plan_research
from skillgen.protocols import Embedder, Reporter
from skillgen.render import Rendered, describe, render_package
from skillgen.screen import scan_text
from skillgen.settings import Settings
from skillgen.templating import Templates
from skillgen.validate import RuleIssue, raise_on_errors, validate_package
from skillgen.verify import verify_claim
from skillgen.workspace import Workspace

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_MAX_NAME = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildResult:
    """What a build made and where it is. `changed` are the package's files that are new or different."""

    draft: Draft
    package: Path
    draft_path: Path
    changed: tuple[str, ...]
    body_tokens: int
    issues: tuple[RuleIssue, ...]
    ingest: IngestReport


@dataclass(frozen=True, slots=True, kw_only=True)
class _Researched:
    """What the local engine found: claims by question in the order of their worth, and what it left out."""

    claims: Mapping[str, Sequence[Claim]]
    ranked: tuple[Claim, ...]
    dropped: tuple[Dropped, ...]


def build(
    settings: Settings, workspace: Workspace, briefs: Sequence[Brief], *, embedder: Embedder, reporter: Reporter
) -> BuildResult:
    """Ingest what changed, research the briefs' questions, and write draft and package.

    Raises:
        UserError: the name is no skill name, or the package folder holds somebody else's skill.
        CorpusError: there is no page to read.
        TemplateError: a template cannot be rendered.
        PackageError: the package would break a hard rule of the format; the one that was there stays.
    """
    name = skill_name(settings, briefs)
    templates = Templates("skill", user_dir=settings.build.template)
    report = ingest(settings, workspace, embedder=embedder, reporter=reporter)
    plan = plan_research(briefs, embedder=embedder)
    with open_library(workspace, embedder=embedder) as library:
        retrieved = _retrieve(plan, library, settings, reporter)
        evidence = [replace(found, passages=library.evidence(found.query, found.passages)) for found in retrieved]
    researched = _research(plan, evidence, workspace, settings, reporter)
    run = RunRecord(
        complete=True,
        engine="local/1",
        model=None,
        embedder=embedder.id,
        settings_sha256=settings.digest(),
        corpus_sha256=report.corpus_sha256,
        prompts={f"templates/skill/{file}": digest for file, digest in templates.digests().items()},
        tokens=0,
        cost=0.0,
        dropped=researched.dropped,
    )
    reporter.start("Writing the skill")
    skill = SkillRecord(name=name, description=describe(plan, templates))
    frame = _frame(plan, researched, retrieved, skill, run)
    draft, rendered = _fitted(frame, researched, templates, settings.render.body_tokens)
    package = settings.build.out / name
    issues = _checked(rendered, package)
    changed = write_package(package, rendered.files, manifest=workspace.root / "drafts" / f"{name}.files.json")
    draft_path = workspace.draft_path(name)
    write_if_changed(draft_path, draft_json(draft))
    reporter.done()
    return BuildResult(
        draft=draft,
        package=package,
        draft_path=draft_path,
        changed=changed,
        body_tokens=rendered.body_tokens,
        issues=issues,
        ingest=report,
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


def _retrieve(plan: Plan, library: Library, settings: Settings, reporter: Reporter) -> tuple[FacetPassages, ...]:
    """Read the passages for every facet; the query is the facet with its question, which names what it is about."""
    questions = {question.id: question.text for brief in plan.briefs for question in brief.questions}
    found = []
    reporter.start("Retrieving passages", len(plan.facets))
    for facet in plan.facets:
        query = f"{facet.text} {questions[facet.question_id]}"
        passages = library.retrieve(query, limit=settings.research.passages)
        found.append(FacetPassages(facet_id=facet.id, query=query, passages=passages))
        reporter.advance()
    reporter.done()
    return tuple(found)


def _research(
    plan: Plan, evidence: Sequence[FacetPassages], workspace: Workspace, settings: Settings, reporter: Reporter
) -> _Researched:
    """Extract, choose and verify claims."""
    sources = {passage.chunk.source for found in evidence for passage in found.passages}
    reporter.start("Choosing claims", len(sources))
    pages: dict[str, Page] = {}
    candidates: dict[str, Sequence[Candidate]] = {}
    for page in workspace.store.pages(sources):
        pages[page.source] = page
        candidates.update(_by_chunk(page, evidence))
        reporter.advance()
    limit = settings.research.max_claims
    choices = choose_claims(plan, evidence, candidates, speaks_of=speaks_of, asking=ASKING, limit=limit)
    researched = _verified(plan, choices, pages)
    reporter.done(f"{len(researched.ranked)} claims, each with its quotes")
    return researched


def _by_chunk(page: Page, retrieved: Sequence[FacetPassages]) -> dict[str, Sequence[Candidate]]:
    """Return the page's candidates by the retrieved chunk in which they begin."""
    chunks = {p.chunk.chunk_id: p.chunk for found in retrieved for p in found.passages if p.chunk.source == page.source}
    found = extract_candidates(page)
    return {
        chunk_id: tuple(item for item in found if chunk.start <= item.start < chunk.end)
        for chunk_id, chunk in chunks.items()
    }


def _verified(plan: Plan, choices: Sequence[Choice], pages: Mapping[str, Page]) -> _Researched:
    """Turn choices into claims; one whose quotes do not carry it is left out and recorded."""
    questions = {question.id: question for brief in plan.briefs for question in brief.questions}
    terms = {facet.id: facet_terms(facet, questions[facet.question_id]) for facet in plan.facets}
    claims: list[tuple[str, Claim]] = []
    dropped: list[Dropped] = []
    for choice in choices:
        candidate = choice.candidate
        verdict = verify_claim(candidate.claim_text, candidate.citations, pages)
        if verdict.support == "unsupported":
            dropped.append(
                Dropped(source=candidate.source, start=candidate.start, end=candidate.end, reason=verdict.reason)
            )
        else:
            claims.append((choice.question_id, make_claim(choice, verdict, facets=_answered(choice, terms))))
    ranked = with_unique_ids([claim for _, claim in claims])
    by_question: dict[str, list[Claim]] = {}
    for (question_id, _), claim in zip(claims, ranked, strict=True):
        by_question.setdefault(question_id, []).append(claim)
    return _Researched(claims=by_question, ranked=ranked, dropped=tuple(dropped))


def _answered(choice: Choice, terms: Mapping[str, FacetTerms]) -> list[str]:
    """Return the facets that the claim answers, the most fully answered first; else the one whose passages held it."""
    text = choice.candidate.claim_text
    grades = {facet_id: claim_grade(terms[facet_id], text) for facet_id in choice.facets}
    answered = [facet_id for facet_id in sorted(choice.facets, key=lambda f: -grades[f]) if grades[facet_id]]
    return answered or [choice.facets[0]]


def _frame(
    plan: Plan, researched: _Researched, retrieved: Sequence[FacetPassages], skill: SkillRecord, run: RunRecord
) -> Draft:
    """Return the draft with no claim in the body yet."""
    coverage, grades = score_coverage(plan, researched.ranked)
    return Draft(
        schema=SCHEMA,
        skill=skill,
        briefs=tuple(BriefRecord(path=b.path, title=b.title, sha256=b.sha256) for b in plan.briefs),
        answers=make_answers(plan, researched.claims, grades, retrieved),
        coverage=coverage,
        contradictions=(),
        gaps=find_gaps(plan, grades, retrieved),
        integration_map=(),
        run=run,
    )


def _fitted(frame: Draft, researched: _Researched, templates: Templates, body_tokens: int) -> tuple[Draft, Rendered]:
    """Return draft and package with as many of the best supported claims in the body as its budget holds."""
    supported = [claim.id for claim in researched.ranked if claim.verdict.support == "supported"]

    def attempt(count: int) -> tuple[Draft, Rendered]:
        draft = with_body(frame, frozenset(supported[:count]))
        return draft, render_package(draft, templates, generator=f"skillgen {__version__}")

    low, high = 0, len(supported)
    while low < high:
        middle = (low + high + 1) // 2
        if attempt(middle)[1].body_tokens <= body_tokens:
            low = middle
        else:
            high = middle - 1
    return attempt(low)


def _checked(rendered: Rendered, package: Path) -> tuple[RuleIssue, ...]:
    """Check the package in a folder of its own, so that a broken one never replaces a good one."""
    with tempfile.TemporaryDirectory(prefix="skillgen-") as scratch:
        folder = Path(scratch) / package.name
        for path, text in rendered.files.items():
            write_atomically(folder / path, text)
        issues = validate_package(folder)
        raise_on_errors(issues, package)
    _refuse_unpublishable(rendered, package)
    return issues


def _refuse_unpublishable(rendered: Rendered, package: Path) -> None:
    """Scan the finished files once more: neither the brief nor a template may bring in what screening keeps out."""
    for path, text in rendered.files.items():
        for removal in scan_text(text):
            line = text.count("\n", 0, removal.start) + 1
            raise PackageError(
                f"{package / path}, line {line}: this looks like a secret or an injected instruction ({removal.kind}).",
                hint="Take it out of the brief, the template or the page; the package that was there stays.",
            )
