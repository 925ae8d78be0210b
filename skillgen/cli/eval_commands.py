"""What the command of the evaluation does: pipeline called, result printed, exit code set."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import typer

from skillgen.cli import eval_summary
from skillgen.cli.endings import FINDINGS
from skillgen.cli.eval_app import Format
from skillgen.cli.output import report, report_findings, say, say_json
from skillgen.cli.progress import ConsoleReporter
from skillgen.cli.trigger_commands import end_writing
from skillgen.cli.trigger_summary import writing_text
from skillgen.errors import UserError
from skillgen.pipeline.evaluate import evaluate_package, evaluation_json, update_baseline, write_report
from skillgen.pipeline.exchange import export_tasks, grade_answers, own_tasks, write_grades
from skillgen.pipeline.tasks import tasks_for, write_tasks
from skillgen.settings import Settings


def run_scorecard(settings: Settings, package: Path, *, update: bool, reason: str, as_json: bool) -> None:
    """Print the scorecard and write its page; exit 1 when a criterion failed or is worse than its baseline."""
    found = evaluate_package(settings, package)
    baseline = update_baseline(settings, found, reason=reason) if update else None
    paths = write_report(settings, found)
    failed = any(one.outcome == "failed" for one in found.criteria) or (baseline is None and found.failed)
    if as_json:
        say_json({**evaluation_json(found), "failed": failed, "report": str(paths.report)})
    else:
        report_findings(eval_summary.scorecard_text(found, paths, baseline), found=failed)
    if failed:
        raise typer.Exit(FINDINGS)


def run_write_tasks(settings: Settings, package: Path, from_evals: Path | None, *, as_json: bool) -> None:
    """Write the tasks and print which are new.

    Raises:
        IncompleteError: a model stopped answering; what it wrote is kept and printed first.
    """
    own = own_tasks(from_evals) if from_evals else ()
    with ConsoleReporter() as reporter:
        written = write_tasks(settings, package, own=own, with_model=settings.model.name is not None, reporter=reporter)
    if as_json:
        say_json({**asdict(written), "path": str(written.path)})
    else:
        report(eval_summary.tasks_text(written), written.path)
        if written.writing is not None:
            report(writing_text(written.writing, written.tasks))
    end_writing(written.writing)


def run_answers(
    settings: Settings, package: Path, file: Path, export: Format | None, out: Path | None, *, as_json: bool
) -> None:
    """Grade answers and print the pass rate by kind and by how far the skill holds the fact."""
    if export not in (None, Format.SKILL_CREATOR):
        raise UserError(f"Grades cannot be exported as {export}.", hint="Export them as skill-creator.")
    tasks = tasks_for(settings, package)
    grades = grade_answers(tasks, file)
    if export is not None:
        write_grades(tasks, grades, _folder(out))
    if as_json:
        say_json({"skill": tasks.skill, "grades": [{**asdict(one), "passed": one.passed} for one in grades]})
    else:
        say(eval_summary.grades_text(tasks, grades))


def run_export(settings: Settings, package: Path, export: Format, out: Path | None, *, as_json: bool) -> None:
    """Write the tasks in another tool's format and print the file."""
    tasks = tasks_for(settings, package)
    made = export_tasks(tasks, export.value, _folder(out))
    count, told = len(tasks.live) - len(made.left_out), {"path": str(made.path), "left_out": made.left_out}
    if as_json:
        say_json({"skill": tasks.skill, "format": export.value, "tasks": count, **told})
        return
    report(f"Wrote    {made.path}, {count} tasks", made.path)
    if made.left_out:
        report(f"Left out, as {export} would run their braces as a template: {', '.join(made.left_out)}")


def _folder(out: Path | None) -> Path:
    if out is None:
        raise UserError("No folder is named for what is exported.", hint="Name one with --out DIR.")
    return out
