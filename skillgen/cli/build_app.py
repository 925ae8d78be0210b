"""The command that builds a skill."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from skillgen.cli.options import (
    CHECKS,
    MODEL,
    BaseUrlOption,
    CorpusOption,
    JsonOption,
    LocalOnlyOption,
    MaxCostOption,
    ModelOption,
    PruneOption,
    WorkspaceOption,
    examples,
    model_options,
)

_PACKAGE = "Package"

BriefsArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="BRIEF", help="Brief files, or names of built-in briefs.", show_default=False),
]
OutOption = Annotated[
    Path | None,
    typer.Option("--out", metavar="DIR", help="Folder for the package.  [default: skills]", rich_help_panel=_PACKAGE),
]
NameOption = Annotated[
    str | None,
    typer.Option(
        "--name",
        metavar="NAME",
        help="The skill's name.  [default: that of the first brief]",
        rich_help_panel=_PACKAGE,
    ),
]
TemplateOption = Annotated[
    Path | None,
    typer.Option(
        "--template",
        metavar="DIR",
        help="Folder whose files replace built-in templates one by one.",
        rich_help_panel=_PACKAGE,
    ),
]
PurposeOption = Annotated[
    str | None,
    typer.Option(
        "--purpose",
        metavar="NAME",
        help="The layout: platform, data-engineering, domain, source, your own, or none.  [default: that of the brief]",
        rich_help_panel=_PACKAGE,
    ),
]
OverwriteOption = Annotated[
    bool,
    typer.Option(
        "--overwrite", help="Lose what was changed by hand outside of kept regions.", rich_help_panel=_PACKAGE
    ),
]
FailUnderOption = Annotated[
    float | None,
    typer.Option(
        "--fail-under",
        metavar="SHARE",
        help="Exit 1 when overall coverage is under this share (0 to 1).",
        rich_help_panel=CHECKS,
    ),
]
RequireReviewOption = Annotated[
    bool,
    typer.Option(
        "--require-review",
        help="Exit 1 when an undecided claim would stand in SKILL.md.",
        rich_help_panel=CHECKS,
    ),
]
AnswersOption = Annotated[
    Path | None,
    typer.Option(
        "--answers",
        metavar="FILE",
        help="A file with owners' answers to gaps: Markdown, or Skill Builder's JSON.",
        rich_help_panel=_PACKAGE,
    ),
]
DryRunOption = Annotated[
    bool,
    typer.Option(
        "--dry-run",
        help="Only tell what the model would be asked and cost; nothing is sent.",
        rich_help_panel=MODEL,
    ),
]


def add_build_command(app: typer.Typer) -> None:
    """Add `build` to the command line."""
    app.command(
        "build",
        epilog=examples(
            "skillgen build integration-and-orchestration --corpus docs --out skills",
            "skillgen build my-brief.md --corpus wiki --corpus runbooks --name on-call",
            "skillgen build --fail-under 0.6  # the rest stands in skillgen.toml",
            "skillgen build --model openai:gpt-4o-mini --dry-run",
            "skillgen build --model NAME --base-url http://127.0.0.1:8080/v1 --local-only",
        ),
    )(_build)


def _build(  # noqa: PLR0913 - each is an option of the command
    briefs: BriefsArgument = None,
    *,
    corpus: CorpusOption = None,
    workspace: WorkspaceOption = None,
    allow_prune: PruneOption = False,
    out: OutOption = None,
    name: NameOption = None,
    purpose: PurposeOption = None,
    template: TemplateOption = None,
    answers: AnswersOption = None,
    overwrite: OverwriteOption = False,
    fail_under: FailUnderOption = None,
    require_review: RequireReviewOption = False,
    model: ModelOption = None,
    base_url: BaseUrlOption = None,
    max_cost: MaxCostOption = None,
    local_only: LocalOnlyOption = False,
    dry_run: DryRunOption = False,
    json_: JsonOption = False,
) -> None:
    """Build a skill from briefs and pages.

    Reads what changed, answers the briefs' questions with citations, and writes the package. What is not said here is
    taken from skillgen.toml.
    """
    from skillgen.cli import commands
    from skillgen.cli.folder import settings_of

    options = {
        "build.briefs": tuple(briefs) if briefs else None,
        "build.out": out,
        "build.name": name,
        "build.template": template,
        "render.purpose": purpose,
        "build.fail_under": fail_under,
        "build.overwrite": overwrite or None,
        "review.answers": answers,
        "review.require": require_review or None,
        "ingest.allow_prune": allow_prune or None,
        **model_options(model, base_url, max_cost, local_only=local_only),
    }
    run = commands.run_dry if dry_run else commands.run_build
    run(settings_of(corpus, workspace, options), as_json=json_)
