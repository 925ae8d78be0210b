"""The command of the evaluation: a scorecard, tasks, grades of answers, other tools' formats."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from skillgen.cli.options import CorpusOption, JsonOption, WorkspaceOption, examples


class Format(StrEnum):
    """The formats that tasks are exported in."""

    SKILL_CREATOR = "skill-creator"
    PROMPTFOO = "promptfoo"
    INSPECT = "inspect"


def add_eval_command(app: typer.Typer) -> None:
    """Add `eval` to the command line."""
    app.command(
        "eval",
        epilog=examples(
            "skillgen eval skills/on-call",
            "skillgen eval skills/on-call --write-tasks",
            "skillgen eval skills/on-call --answers answers.jsonl",
            "skillgen eval skills/on-call --export promptfoo --out evals",
        ),
    )(_eval)


def _eval(  # noqa: PLR0913 - each is an option of the command
    package: Annotated[Path, typer.Argument(metavar="PACKAGE", help="The folder of the package, OUT/NAME.")],
    *,
    write_tasks: Annotated[
        bool, typer.Option("--write-tasks", help="Make tasks of the pages' facts, beside those that people wrote.")
    ] = False,
    from_evals: Annotated[
        Path | None, typer.Option("--from-evals", metavar="FILE", help="Add the tasks of an evals.json first.")
    ] = None,
    answers: Annotated[
        Path | None,
        typer.Option("--answers", metavar="FILE", help='Grade answers: a file with one {"task", "answer"} a line.'),
    ] = None,
    export: Annotated[
        Format | None, typer.Option("--export", metavar="FORMAT", help="skill-creator, promptfoo or inspect.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="The folder for --export.")] = None,
    fail_under: Annotated[
        float | None,
        typer.Option("--fail-under", metavar="SHARE", help="The least overall coverage (0 to 1)."),
    ] = None,
    update_baseline: Annotated[
        bool, typer.Option("--update-baseline", help="Raise the baseline to the values of this run.")
    ] = False,
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help="Why the baseline may be lowered.", show_default=False)
    ] = "",
    corpus: CorpusOption = None,
    workspace: WorkspaceOption = None,
    json_: JsonOption = False,
) -> None:
    """Measure a skill and grade answers to its tasks.

    What it says is held against its draft and the pages; no model is asked. Exit 1 when a criterion fails, is worse
    than its baseline, or coverage is under --fail-under.
    With --write-tasks, --answers or --export that is done instead.
    """
    from skillgen.cli import commands, eval_commands

    settings = commands.settings_of(corpus, workspace, {"eval.fail_under": fail_under})
    if write_tasks or from_evals is not None:
        eval_commands.run_write_tasks(settings, package, from_evals, as_json=json_)
    elif answers is not None:
        eval_commands.run_answers(settings, package, answers, export, out, as_json=json_)
    elif export is not None:
        eval_commands.run_export(settings, package, export, out, as_json=json_)
    else:
        eval_commands.run_scorecard(settings, package, update=update_baseline, reason=reason, as_json=json_)
