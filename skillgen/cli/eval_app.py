"""The command of the evaluation: a scorecard, tasks, grades of answers, other tools' formats."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from skillgen.cli.options import (
    MODEL,
    BaseUrlOption,
    CorpusOption,
    JsonOption,
    LocalOnlyOption,
    MaxCostOption,
    ModelOption,
    PackageArgument,
    WorkspaceOption,
    examples,
    model_options,
)

ARMS = "Arms: the tasks answered with and without the skill"


class Format(StrEnum):
    """The formats that tasks are exported in."""

    SKILL_CREATOR = "skill-creator"
    PROMPTFOO = "promptfoo"
    INSPECT = "inspect"


WriteTasksOption = Annotated[
    bool, typer.Option("--write-tasks", help="Make tasks of the pages' facts, beside those that people wrote.")
]
FromEvalsOption = Annotated[
    Path | None, typer.Option("--from-evals", metavar="FILE", help="Add the tasks of an evals.json first.")
]
TriggersOption = Annotated[
    bool, typer.Option("--triggers", help="Ask which skill of a set is picked for requests that need it or not.")
]
AmongOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--among",
        metavar="DIR",
        help="Packages that belong to that set beside the built-in skills; may be given more than once.",
        show_default=False,
    ),
]
AnswersOption = Annotated[
    Path | None,
    typer.Option("--answers", metavar="FILE", help='Grade answers: a file with one {"task", "answer"} a line.'),
]
ExportOption = Annotated[
    Format | None, typer.Option("--export", metavar="FORMAT", help="skill-creator, promptfoo or inspect.")
]
OutOption = Annotated[Path | None, typer.Option("--out", metavar="DIR", help="The folder for --export.")]
FailUnderOption = Annotated[
    float | None,
    typer.Option("--fail-under", metavar="SHARE", help="The least overall coverage (0 to 1)."),
]
UpdateBaselineOption = Annotated[
    bool, typer.Option("--update-baseline", help="Raise the baseline to the values of this run.")
]
ReasonOption = Annotated[
    str, typer.Option("--reason", metavar="TEXT", help="Why the baseline may be lowered.", show_default=False)
]
ArmsOption = Annotated[
    str | None,
    typer.Option(
        "--arms",
        metavar="NAMES",
        help="What the model answers the tasks with, parted by commas: without_skill, with_skill, raw_passages, "
        "placebo_skill, ablated_skill.  [default: the first four]",
        rich_help_panel=ARMS,
    ),
]
LimitOption = Annotated[
    int | None,
    typer.Option(
        "--limit",
        metavar="N",
        min=1,
        help="Ask so many tasks at most, of every source.",
        show_default=False,
        rich_help_panel=ARMS,
    ),
]
JudgeOption = Annotated[
    str | None,
    typer.Option("--judge", metavar="NAME", help="The model that judges what rules cannot.", rich_help_panel=ARMS),
]
PlaceboOption = Annotated[
    Path | None,
    typer.Option(
        "--placebo", metavar="PACKAGE", help="Another organisation's skill as the placebo.", rich_help_panel=ARMS
    ),
]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Say what a model would be asked; send nothing.", rich_help_panel=MODEL)
]


def add_eval_command(app: typer.Typer) -> None:
    """Add `eval` to the command line."""
    app.command(
        "eval",
        epilog=examples(
            "skillgen eval skills/on-call",
            "skillgen eval skills/on-call --write-tasks",
            "skillgen eval skills/on-call --model openai:gpt-4o-mini --max-cost 1 --dry-run",
            "skillgen eval skills/on-call --arms with_skill,ablated_skill --limit 20",
            "skillgen eval skills/on-call --triggers",
            "skillgen eval skills/on-call --answers answers.jsonl",
            "skillgen eval skills/on-call --export promptfoo --out evals",
        ),
    )(_eval)


def _eval(  # noqa: PLR0913 - each is an option of the command
    package: PackageArgument,
    *,
    write_tasks: WriteTasksOption = False,
    from_evals: FromEvalsOption = None,
    triggers: TriggersOption = False,
    among: AmongOption = None,
    answers: AnswersOption = None,
    export: ExportOption = None,
    out: OutOption = None,
    fail_under: FailUnderOption = None,
    update_baseline: UpdateBaselineOption = False,
    reason: ReasonOption = "",
    model: ModelOption = None,
    base_url: BaseUrlOption = None,
    max_cost: MaxCostOption = None,
    local_only: LocalOnlyOption = False,
    arms: ArmsOption = None,
    limit: LimitOption = None,
    judge: JudgeOption = None,
    placebo: PlaceboOption = None,
    dry_run: DryRunOption = False,
    corpus: CorpusOption = None,
    workspace: WorkspaceOption = None,
    json_: JsonOption = False,
) -> None:
    """Measure a skill and grade answers to its tasks.

    What it says is held against its draft and the pages; no model is asked. Exit 1 when a criterion fails, is worse
    than its baseline, or coverage is under --fail-under.
    With --write-tasks, --triggers, --answers or --export that is done instead; the first two ask a model if there is
    one. With --model or --arms a model answers the tasks with the skill, without it, with passages and with a placebo.
    """
    from skillgen.cli import behaviour_commands, commands, eval_commands, eval_jobs, trigger_commands

    asked = model_options(model, base_url, max_cost, local_only=local_only)
    own = {"eval.fail_under": fail_under, "eval.judge": judge, "eval.placebo": placebo}
    settings = commands.settings_of(corpus, workspace, {**own, **asked})
    given = {
        "--triggers": triggers,
        "--among": among,
        "--write-tasks": write_tasks,
        "--from-evals": from_evals,
        "--answers": answers,
        "--export": export,
        "--out": out,
        "--arms": arms,
        "--limit": limit,
        "--judge": judge,
        "--placebo": placebo,
        "--dry-run": dry_run,
        "--fail-under": fail_under,
        "--update-baseline": update_baseline,
        "--reason": reason,
    }
    job = eval_jobs.job_of(given, with_model=model is not None and settings.model.name is not None)
    if job in ("triggers", "tasks") and dry_run:
        trigger_commands.run_dry(settings, package, among or (), triggers=triggers, as_json=json_)
    elif job == "triggers":
        export_to = trigger_commands.export_folder(export, out)
        trigger_commands.run_triggers(settings, package, among or (), export=export_to, as_json=json_)
    elif job == "tasks":
        eval_commands.run_write_tasks(settings, package, from_evals, as_json=json_)
    elif job == "arms":
        behaviour_commands.run_arms(settings, package, arms, limit, dry_run=dry_run, as_json=json_)
    elif answers is not None:
        eval_commands.run_answers(settings, package, answers, export, out, as_json=json_)
    elif export is not None:
        eval_commands.run_export(settings, package, export, out, as_json=json_)
    else:
        eval_commands.run_scorecard(settings, package, update=update_baseline, reason=reason, as_json=json_)
