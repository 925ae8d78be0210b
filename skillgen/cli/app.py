"""The commands, by group. Nothing heavy is imported before a command runs, so that `--help` is instant."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from skillgen.cli.brief_app import brief_app
from skillgen.cli.build_app import add_build_command
from skillgen.cli.deliver_app import add_deliver_commands
from skillgen.cli.endings import explained
from skillgen.cli.eval_app import add_eval_command
from skillgen.cli.help import App
from skillgen.cli.options import examples
from skillgen.cli.page_app import add_page_commands
from skillgen.cli.review_app import add_review_commands
from skillgen.cli.setup_app import add_setup_commands

# Read by libraries when they are loaded. onnxruntime (1.32, on Linux too) calls mobile.events.data.microsoft.com some
# seconds after it was imported, and its `disable_telemetry_events()` does not stop that; the variable does.
_NOTHING_IS_SENT = {
    "ORT_DISABLE_TELEMETRY": "1",
    "ANONYMIZED_TELEMETRY": "False",
    "LANGSMITH_TRACING": "false",
    "LANGCHAIN_TRACING_V2": "false",
}

_BEGIN = "Begin"
_GROUPS = {
    _BEGIN: (add_setup_commands, add_build_command),
    "Ask the pages": (add_page_commands,),
    "Review a skill": (add_review_commands,),
    "Measure and deliver a skill": (add_eval_command, add_deliver_commands),
}

app = App(
    name="skillgen",
    help="Turn runbooks and wiki pages into a cited, covered and reviewable Agent Skill.\n\n"
    "Without a command it shows where you stand, and what to do next.\n\n"
    "Exit codes: 0 good, 1 findings, 2 a mistake in what was asked or something missing, 130 interrupted.",
    epilog=examples(
        "skillgen init",
        "skillgen build",
        "skillgen build integration-and-orchestration --corpus docs --out skills",
        "skillgen review skills/on-call",
    ),
    invoke_without_command=True,
)
for panel, parts in _GROUPS.items():
    app.panel = panel
    for add_commands in parts:
        add_commands(app)
app.add_typer(brief_app, name="brief", rich_help_panel=_BEGIN)


def _version(value: bool) -> None:  # noqa: FBT001 - the form of a Typer callback
    if value:
        from skillgen import __version__

        typer.echo(f"skillgen {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    context: typer.Context,
    *,
    version: Annotated[  # noqa: ARG001 - its callback does the work
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    if context.invoked_subcommand is None:
        from skillgen.cli import status

        status.run_status(None, None, as_json=False)


def main() -> None:
    """Run the command line: errors as one plain message with the next step, and the exit codes of docs/cli.md.

    Codes: 0 good; 1 findings; 2 the user's mistake or a missing prerequisite; 130 after Ctrl-C, 143 after SIGTERM and
    141 when the reader of standard output has gone, as a shell reports them. A bug keeps its traceback.
    """
    os.environ.update(_NOTHING_IS_SENT)
    with explained():
        app()
