"""What `eval --triggers` and the tasks of a model do: pipeline called, result printed, exit code set."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from skillgen.api import EMBED_KEY
from skillgen.cli import trigger_summary
from skillgen.cli.eval_app import Format
from skillgen.cli.model_summary import dry_run_text
from skillgen.cli.output import report, say, say_json
from skillgen.cli.progress import ConsoleReporter
from skillgen.errors import IncompleteError, UserError
from skillgen.model.task_writing import TaskWriting
from skillgen.pipeline.estimate import DryRun
from skillgen.pipeline.tasks import estimate_tasks
from skillgen.pipeline.triggers import estimate_triggers, evaluate_triggers, triggers_json, write_trigger_set
from skillgen.settings import Settings


def run_triggers(
    settings: Settings, package: Path, among: Sequence[Path], *, export: Path | None, as_json: bool
) -> None:
    """Ask which skill is picked for each request and print the rates; with `export`, write the requests there too.

    Raises:
        IncompleteError: the model stopped answering; what it answered is printed first.
    """
    with ConsoleReporter() as reporter:
        run = evaluate_triggers(settings, package, among=among, reporter=reporter, api_key=os.environ.get(EMBED_KEY))
    if as_json:
        say_json({**triggers_json(run.report), "record": str(run.record), "requests": str(run.tasks)})
    else:
        report(trigger_summary.triggers_text(run), run.record)
    if export is not None:
        write_trigger_set(run.report, export)
    if run.stopped is not None:
        raise run.stopped


def export_folder(export: Format | None, out: Path | None) -> Path | None:
    """Return where the requests are written for another tool; None where nobody asked for that.

    Raises:
        UserError: the other tool knows no such requests, or no folder is named.
    """
    if export is None:
        return None
    if export is not Format.SKILL_CREATOR or out is None:
        raise UserError("Requests are exported as skill-creator only.", hint="--export skill-creator --out DIR")
    return out


def run_dry(settings: Settings, package: Path, among: Sequence[Path], *, triggers: bool, as_json: bool) -> None:
    """Print what the model would be asked for triggers or tasks; nothing is sent."""
    if settings.model.name is None:
        raise UserError("--dry-run counts what a model is asked.", hint="Name a model with --model, or leave it out.")
    if triggers:
        found: DryRun = estimate_triggers(settings, package, among=among)
    else:
        found = estimate_tasks(settings, package)
    if as_json:
        say_json(asdict(found))
    else:
        say(dry_run_text(found, settings.model.max_cost, then="ask"))


def end_writing(writing: TaskWriting | None) -> None:
    """End the command of a model that did not finish its tasks, after what it wrote was printed.

    Raises:
        IncompleteError: it did not finish.
    """
    if writing is not None and writing.stopped:
        raise IncompleteError(writing.stopped, hint=writing.next_step or None)
