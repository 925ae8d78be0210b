"""The commands on research briefs."""

from __future__ import annotations

from typing import Annotated

import typer

from skillgen.cli.help import App
from skillgen.cli.options import BriefArgument, JsonOption, examples

brief_app = App(
    help="List, show, check and begin research briefs.\n\nA brief says what an agent should know, as questions.",
    epilog=examples(
        "skillgen brief list",
        "skillgen brief show integration-and-orchestration",
        "skillgen brief new on-call",
    ),
    no_args_is_help=True,
)


@brief_app.command("list", epilog=examples("skillgen brief list"))
def brief_list(*, json_: JsonOption = False) -> None:
    """List the built-in briefs."""
    from skillgen.cli import brief_commands

    brief_commands.run_brief_list(as_json=json_)


@brief_app.command("show", epilog=examples("skillgen brief show integration-and-orchestration"))
def brief_show(brief: BriefArgument, *, json_: JsonOption = False) -> None:
    """Show a brief's targets, questions and facets."""
    from skillgen.cli import brief_commands

    brief_commands.run_brief_show(brief, as_json=json_)


@brief_app.command("new", epilog=examples("skillgen brief new on-call", "skillgen brief new briefs/on-call.md"))
def brief_new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The brief's name, or the file to write.")],
) -> None:
    """Write a skeleton of a research brief.

    Every section has a line that says what belongs there. A file that is there is never overwritten.
    """
    from skillgen.cli import brief_commands

    brief_commands.run_brief_new(name)


@brief_app.command("lint", epilog=examples("skillgen brief lint my-brief.md"))
def brief_lint(brief: BriefArgument, *, json_: JsonOption = False) -> None:
    """Check a brief; exit 1 when something should be mended."""
    from skillgen.cli import brief_commands

    brief_commands.run_brief_lint(brief, as_json=json_)
