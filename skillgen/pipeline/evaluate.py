"""Evaluate: a package with its draft and the pages to a scorecard, against its baseline and the last run."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from skillgen import __version__
from skillgen.artifacts import write_if_changed
from skillgen.errors import UserError
from skillgen.evaluate import criteria as measured
from skillgen.evaluate.baseline import baseline_from_text, baseline_text, changes_between, raised, under_baseline
from skillgen.evaluate.description import description_criteria
from skillgen.evaluate.grounding import ground
from skillgen.evaluate.leakage import leaks_of
from skillgen.evaluate.statements import SOURCES_FILE, statements_of
from skillgen.model.behaviour import Behaviour
from skillgen.model.corpus import Page, SourceFile
from skillgen.model.draft import Claim, Draft
from skillgen.model.evaluation import (
    REPORT_SCHEMA,
    Baseline,
    Criterion,
    Evaluation,
    Evidence,
    Statement,
)
from skillgen.model.lines import Lines
from skillgen.parse import parse_page
from skillgen.pipeline.behaviour import RESULT_FILE, eval_folder, load_behaviour
from skillgen.pipeline.behaviour_page import behaviour_values
from skillgen.pipeline.check import Checked, check_package, draft_file
from skillgen.pipeline.decide import read_draft
from skillgen.pipeline.tasks import EvalPaths, eval_paths, load_tasks, package_files
from skillgen.render import body_tokens, render_package
from skillgen.screen import scan_text, screen_page
from skillgen.settings import Settings
from skillgen.templating import Templates
from skillgen.validate import validate_package
from skillgen.validate.front_matter import read_front_matter
from skillgen.verify import verify_claim
from skillgen.words import squeezed

# -- scorecard ---------------------------------------------------------------------------------------------------------


def evaluate_package(settings: Settings, package: Path, *, draft: Path | None = None) -> Evaluation:
    """Return the scorecard of a package, its tasks with what they leak, and what changed since the last run.

    Raises:
        UserError: there is no such package, no draft of it, or the tasks or the baseline cannot be read.
        CorpusError: a corpus is missing.
    """
    checked = check_package(settings, package, draft=draft)
    name = package.resolve().name
    held = read_draft(draft or draft_file(settings, name))
    files = package_files(package)
    paths = eval_paths(settings, name)
    tasks = load_tasks(paths.tasks, name)
    criteria = (*_criteria(settings, package, files, held, checked),)
    said = "\n".join(one.text for one in statements_of(_clean(files)))
    before = last_criteria(paths.record)
    return Evaluation(
        skill=name,
        criteria=criteria,
        tasks=tasks,
        leaks=leaks_of(tasks.live, said),
        under_baseline=under_baseline(criteria, load_baseline(paths.baseline)),
        changes=None if before is None else changes_between(before, criteria),
    )


def _criteria(
    settings: Settings, package: Path, files: Mapping[str, str], draft: Draft, checked: Checked
) -> Iterable[Criterion]:
    templates = Templates("skill", user_dir=settings.build.template)
    rendered = render_package(draft, templates, generator=f"skillgen {__version__}").files
    front = read_front_matter(files["SKILL.md"])
    description = front.text("description") or ""
    grounded = ground(_said(_clean(files), description), draft.claims, _said(rendered, draft.skill.description))
    issues = [(i.rule, i.severity, i.file, i.message) for i in validate_package(package)]
    rows = {row.split("|")[1].strip(): row.replace("\\", "") for row in _rows(files.get(SOURCES_FILE, ""))}
    yield from measured.format_rules(issues)
    yield measured.screened(list(_screened(files)))
    yield measured.citations(checked.report.citations)
    yield measured.support(_verdicts(draft.claims, checked.files), draft.claims)
    yield measured.coverage(draft, checked.report.targets, settings.eval.fail_under)
    yield measured.known_statements(grounded)
    yield measured.altered_values(grounded)
    yield measured.foreign_names(grounded, _stands(draft, checked.files))
    yield measured.missing_claims(grounded, draft.claims)
    yield measured.cited_statements(grounded, rows)
    yield measured.repeated(grounded)
    yield measured.body_size(body_tokens(files["SKILL.md"]), settings.render.body_tokens)
    yield measured.readability(grounded)
    yield measured.long_statements(grounded)
    yield from description_criteria(front.text("name") or "", description, draft)


def _said(files: Mapping[str, str], description: str) -> tuple[Statement, ...]:
    """Return what a package says, its description first."""
    return (Statement(file="SKILL.md", line=1, text=description), *statements_of(files))


def _rows(sources: str) -> list[str]:
    return [line for line in sources.splitlines() if line.startswith("| S")]


def _screened(files: Mapping[str, str]) -> Iterable[Evidence]:
    for file, text in files.items():
        lines = Lines.of(text)
        for removal in scan_text(text):
            what = removal.kind if removal.family == "secret" else f"text for a reader's AI ({removal.kind})"
            yield Evidence(file=file, line=lines.number(removal.start), message=what)


def _clean(files: Mapping[str, str]) -> dict[str, str]:
    """Return the files without what screening finds, every line where it was: reports repeat what a package says."""
    cleaned = {}
    for file, text in files.items():
        for removal in reversed(scan_text(text)):
            lines = "\n" * text.count("\n", removal.start, removal.end)
            text = text[: removal.start] + removal.mark + lines + text[removal.end :]  # noqa: PLW2901 - from the end on
        cleaned[file] = text
    return cleaned


def _verdicts(claims: Iterable[Claim], files: Mapping[str, SourceFile]) -> dict[str, tuple[str, str]]:
    """Return support and reason of every claim; the draft's own where a cited page changed since."""
    pages: dict[str, Page] = {}
    found: dict[str, tuple[str, str]] = {}
    for claim in claims:
        verdict = claim.verdict
        if claim.citations and all(
            one.source in files and files[one.source].sha256 == one.source_sha256 for one in claim.citations
        ):
            for source in {one.source for one in claim.citations} - pages.keys():
                pages[source] = screen_page(parse_page(files[source])[0]).page
            verdict = verify_claim(claim.text, claim.citations, pages)
        found[claim.id] = (verdict.support, verdict.reason)
    return found


def _stands(draft: Draft, files: Mapping[str, SourceFile]) -> Callable[[str], bool]:
    """Return whether a squeezed name stands on a page as it is now, or in the draft."""
    texts = [*(file.text for file in files.values()), *(claim.text for claim in draft.claims)]
    known = "\n".join(squeezed(text) for text in texts)
    return lambda name: name in known


# -- baselines and runs ------------------------------------------------------------------------------------------------


def load_baseline(path: Path) -> Baseline | None:
    """Return the baseline of a file; None where there is no file.

    Raises:
        UserError: it is no baseline.
    """
    try:
        return baseline_from_text(path.read_text(encoding="utf-8"), name=str(path))
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path} cannot be read ({error}).", hint="Mend the file or move it away.") from error


def update_baseline(settings: Settings, found: Evaluation, *, reason: str) -> Baseline:
    """Raise a skill's baseline to the present values, or lower it where there is a reason.

    Raises:
        UserError: it would be lowered without a reason.
    """
    path = eval_paths(settings, found.skill).baseline
    baseline = raised(found.criteria, load_baseline(path), skill=found.skill, reason=reason)
    write_if_changed(path, baseline_text(baseline))
    return baseline


def last_criteria(path: Path) -> tuple[Criterion, ...] | None:
    """Return the criteria of the last run; None where none is kept that this version can read."""
    from pydantic import TypeAdapter, ValidationError

    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data["schema"] != REPORT_SCHEMA:
            return None
        found: tuple[Criterion, ...] = TypeAdapter(tuple[Criterion, ...]).validate_python(data["criteria"])
    except (FileNotFoundError, ValueError, LookupError, TypeError, ValidationError):
        return None
    return found


def evaluation_json(found: Evaluation) -> dict[str, Any]:
    """Return an evaluation as JSON: with its schema's name, and whether it failed."""
    return {"schema": REPORT_SCHEMA, "failed": found.failed, **asdict(found)}


def write_report(settings: Settings, found: Evaluation) -> EvalPaths:
    """Write the record of this run and its page into the workspace, and return where they are."""
    paths = eval_paths(settings, found.skill)
    write_if_changed(paths.record, json.dumps(evaluation_json(found), ensure_ascii=False, indent=1) + "\n")
    templates = Templates("report", user_dir=settings.build.template)
    values = _page_values(found, last_behaviour(settings, found))
    write_if_changed(paths.report, templates.render("eval.html.j2", values))
    return paths


def last_behaviour(settings: Settings, found: Evaluation) -> Behaviour | None:
    """Return what the arms last came to, None where they never ran."""
    return load_behaviour(eval_folder(settings, found.skill) / RESULT_FILE)


def _page_values(found: Evaluation, behaviour: Behaviour | None) -> dict[str, object]:
    sources: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for task in found.tasks.live:
        sources[task.source][task.kind] += 1
    return {
        "skill": found.skill,
        "failed": found.failed,
        "criteria": [{**asdict(one), "under_baseline": one.id in found.under_baseline} for one in found.criteria],
        "counts": {
            name: sum(one.outcome == name for one in found.criteria) for name in ("passed", "warning", "failed")
        },
        "changes": [asdict(change) for change in found.changes or ()],
        "tasks": [asdict(task) for task in found.tasks.live],
        "kinds": {source: dict(sorted(kinds.items())) for source, kinds in sorted(sources.items())},
        "leaks": {leak.task: asdict(leak) for leak in found.leaks},
        "behaviour": None if behaviour is None else behaviour_values(behaviour, found.tasks),
    }
