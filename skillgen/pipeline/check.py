"""Check: a package's draft against the pages as they are now; the workspace's store and indexes are not needed."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from skillgen.check import Pages, check_citations, newer_pages
from skillgen.coverage import score_coverage
from skillgen.decisions import load_decisions, match_claims, statements_file
from skillgen.errors import SettingsError, UserError
from skillgen.model.check import CheckedCitation, CheckedDecision, CheckedTarget, CheckReport, DecisionState
from skillgen.model.corpus import Page, SourceFile
from skillgen.model.decision import Decision
from skillgen.model.draft import Draft
from skillgen.model.statements import statement_kind
from skillgen.parse import parse_page
from skillgen.pipeline.decide import claims_for_review, decisions_path, read_draft
from skillgen.pipeline.ingest import corpora_of
from skillgen.pipeline.statements import given_statements, signed_answers
from skillgen.plan import plan_of
from skillgen.screen import screen_page
from skillgen.settings import CheckSettings, Settings
from skillgen.source import read_source, scan

_STATEMENTS = "owner-statements/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A report, and the file and the text of every page by source, for whoever looks at a place in it."""

    report: CheckReport
    paths: Mapping[str, Path]
    files: Mapping[str, SourceFile]


def check_package(settings: Settings, package: Path, *, draft: Path | None = None) -> Checked:
    """Check a package's citations, targets and decisions.

    Args:
        settings: Corpora, floors, and where drafts and decisions are.
        package: The folder OUT/NAME.
        draft: The draft to check; by default that of the workspace, or else the copy in `review.drafts`.

    Raises:
        UserError: there is no such package, or no draft of it.
        CorpusError: a corpus is missing.
        SettingsError: a floor names no target.
        DecisionsError: the decisions file cannot be read.
    """
    if not (package / "SKILL.md").is_file():
        raise UserError(f"{package} is no package: there is no SKILL.md in it.", hint="Give the folder OUT/NAME.")
    name = package.resolve().name
    held = read_draft(draft or draft_file(settings, name))
    files, paths = _files(settings, held)
    pages = _pages(files)
    citations = check_citations(held, pages)
    report = CheckReport(
        skill=held.skill.name,
        citations=citations,
        newer=newer_pages(held, pages),
        targets=_targets(held, citations, settings.check),
        decisions=_decisions(settings, held),
        strict=settings.check.strict,
    )
    return Checked(report=report, paths=paths, files=files)


def draft_file(settings: Settings, name: str) -> Path:
    """Return the draft of a skill: the workspace's, or where there is none the copy in `review.drafts`.

    Raises:
        UserError: there is neither.
    """
    places = [settings.workspace / "drafts" / f"{name}.json"]
    if settings.review.drafts is not None:
        places.append(settings.review.drafts / f"{name}.json")
    found = next((path for path in places if path.is_file()), None)
    if found is None:
        raise UserError(
            f"There is no draft of {name} in {' or '.join(str(path.parent) for path in places)}.",
            hint="Build the skill here, or commit its draft: `review.drafts` in skillgen.toml keeps a copy.",
        )
    return found


# -- pages -------------------------------------------------------------------------------------------------------------


def _files(settings: Settings, draft: Draft) -> tuple[dict[str, SourceFile], dict[str, Path]]:
    """Return the pages of the corpora, and of owners' answers, by source, and where their files are."""
    ingest = settings.ingest
    entries = scan(corpora_of(settings), include=ingest.include, exclude=ingest.exclude, max_bytes=ingest.max_bytes)
    files: dict[str, SourceFile] = {}
    for entry in entries.entries:
        file = read_source(entry, max_bytes=ingest.max_bytes)
        if isinstance(file, SourceFile):
            files[file.source] = file
    paths = {entry.source: entry.path for entry in entries.entries}
    for name in _stated(draft):
        path = decisions_path(settings, name)
        typed = signed_answers(settings.review.answers)
        answers = {answer.id: answer for answer in (*load_decisions(path).answers, *typed)}
        page = statements_file(name, answers.values())
        if page is not None:
            files[page.source] = page
            paths[page.source] = path
    given = settings.review.answers
    if given is not None and statement_kind(given.name):
        source = f"{_STATEMENTS}{draft.skill.name}-{statement_kind(given.name)}.json"
        files[source], paths[source] = given_statements(given, source), given
    return files, paths


def _stated(draft: Draft) -> Iterable[str]:
    """Return the skills whose owners' answers are cited."""
    sources = {c.source for claim in draft.claims for c in claim.citations}
    pages = (s for s in sources if s.startswith(_STATEMENTS) and statement_kind(s) is None)
    return sorted(s.removeprefix(_STATEMENTS).removesuffix(".md") for s in pages)


def _pages(files: Mapping[str, SourceFile]) -> Pages:
    @functools.cache
    def page(source: str) -> Page:
        return screen_page(parse_page(files[source])[0]).page

    def holding(quote: str) -> Iterator[Page]:
        return (page(source) for source in sorted(files) if quote in files[source].text)

    return Pages(digests={source: file.sha256 for source, file in files.items()}, page=page, holding=holding)


# -- targets -----------------------------------------------------------------------------------------------------------


def _targets(draft: Draft, citations: Iterable[CheckedCitation], settings: CheckSettings) -> tuple[CheckedTarget, ...]:
    """Return every target with its score by the claims whose quotes all stand where a reader finds them."""
    lost = {citation.claim for citation in citations if citation.state in ("changed", "gone")}
    coverage, _ = score_coverage(plan_of(draft), [claim for claim in draft.claims if claim.id not in lost])
    now = {target.id: target.score for target in coverage.targets}
    floors = _floors(draft, settings)
    return tuple(
        CheckedTarget(id=t.id, text=t.text, built=t.score, now=now[t.id], floor=floors[t.id])
        for t in draft.coverage.targets
    )


def _floors(draft: Draft, settings: CheckSettings) -> dict[str, float]:
    """Return the floor of every target by its id.

    Raises:
        SettingsError: a floor names no target.
    """
    by_name = {name: target.id for target in draft.coverage.targets for name in (target.text, target.id)}
    for name in settings.floors:
        if name not in by_name:
            near = get_close_matches(name, by_name, n=1)
            raise SettingsError(
                f"check.floors names {name!r}, which is no target of {draft.skill.name}.",
                hint=f"Did you mean {near[0]!r}?" if near else "Name a target by its text or its id.",
            )
    floors = {target.id: settings.fail_under for target in draft.coverage.targets}
    return floors | {by_name[name]: floor for name, floor in settings.floors.items()}


# -- decisions ---------------------------------------------------------------------------------------------------------


def _decisions(settings: Settings, draft: Draft) -> tuple[CheckedDecision, ...]:
    """Return the decisions that no longer hold in the draft."""
    decisions = load_decisions(decisions_path(settings, draft.skill.name))
    review = match_claims(claims_for_review(draft), decisions)
    changed = [one.decision for one in review.claims if one.state == "evidence changed" and one.decision]
    found: list[tuple[DecisionState, Decision]] = [("evidence changed", decision) for decision in changed]
    found += [("orphaned", decision) for decision in review.orphaned]
    return tuple(
        CheckedDecision(claim=one.claim, decision=one.decision, by=one.by, text=one.text, state=state)
        for state, one in found
    )
