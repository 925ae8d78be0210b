"""What `eval --model` does: the arms run, the result printed, exit code set."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path

from skillgen.api import EMBED_KEY
from skillgen.cli import behaviour_summary
from skillgen.cli.commands import existing
from skillgen.cli.output import report, say, say_json
from skillgen.cli.progress import ConsoleReporter
from skillgen.errors import IncompleteError, UserError
from skillgen.model.behaviour import ARMS, Arm, Behaviour
from skillgen.pipeline.behaviour import (
    behaviour_json,
    estimate_behaviour,
    eval_folder,
    measure_behaviour,
)
from skillgen.pipeline.behaviour_run import DEFAULT_ARMS, Wanted
from skillgen.pipeline.evaluate import evaluate_package, write_report
from skillgen.pipeline.indexes import make_embedder
from skillgen.settings import Settings


def run_arms(
    settings: Settings, package: Path, arms: str | None, limit: int | None, *, dry_run: bool, as_json: bool
) -> None:
    """Let a model answer the tasks in every arm, print what came of it, and write logs, result and page.

    Raises:
        UserError: no model or an unknown arm is named, or the run cannot begin.
        IncompleteError: the model stopped answering; what it answered is printed first.
    """
    if settings.model.name is None:
        raise UserError("The arms need a model that answers.", hint="Name one with --model, or in skillgen.toml.")
    wanted = Wanted(package=package, arms=chosen_arms(arms), limit=limit)
    embedder = make_embedder(settings, api_key=os.environ.get(EMBED_KEY))
    # Before anything is asked: what is wrong with package or pages must not cost a run.
    evaluation = None if dry_run else evaluate_package(settings, package)
    with existing(settings, "eval") as workspace, ConsoleReporter() as reporter:
        if evaluation is None:
            estimate = estimate_behaviour(settings, workspace, wanted, embedder=embedder, reporter=reporter)
            shown = behaviour_summary.estimate_text(estimate, settings.model.max_cost)
            return say_json(asdict(estimate)) if as_json else say(shown)
        found = measure_behaviour(settings, workspace, wanted, embedder=embedder, reporter=reporter)
    page = write_report(settings, evaluation).report
    if as_json:
        say_json({**behaviour_json(found), "report": str(page)})
    else:
        report(behaviour_summary.behaviour_text(found, folder=eval_folder(settings, found.skill), report=page), page)
    if not found.complete:
        raise _incomplete(found)
    return None


def chosen_arms(names: str | None) -> tuple[Arm, ...]:
    """Return the arms that an option names, each once.

    Raises:
        UserError: there is no such arm, or none is named.
    """
    if names is None:
        return DEFAULT_ARMS
    asked = [name.strip() for name in names.split(",") if name.strip()]
    unknown = [name for name in asked if name not in ARMS]
    if unknown or not asked:
        what = f"There is no arm {unknown[0]!r}" if unknown else "--arms names no arm"
        raise UserError(f"{what}.", hint=f"The arms are {', '.join(ARMS)}.")
    return tuple(arm for arm in ARMS if arm in asked)


def _incomplete(found: Behaviour) -> IncompleteError:
    open_ = sum(len(arm.missing) for arm in found.arms)
    return IncompleteError(
        f"{found.problem or 'The model stopped answering.'} {open_} answers are missing.",
        hint="The same command asks only what is open; a cost limit that was reached must be higher.",
    )
