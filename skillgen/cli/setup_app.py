"""The commands to begin with: set up, see where things stand, check the installation."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from skillgen.cli.options import CorpusOption, JsonOption, WorkspaceOption, examples

BriefOption = Annotated[
    str | None, typer.Option("--brief", metavar="BRIEF", help="A brief file or the name of a built-in brief.")
]
OutOption = Annotated[
    Path | None, typer.Option("--out", metavar="DIR", help="Folder for the package.  [default: skills]")
]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing; take what is given and the defaults.")]
RebuildOption = Annotated[
    bool, typer.Option("--rebuild", help="Derive both indexes anew from the workspace's truth first.")
]


def add_setup_commands(app: typer.Typer) -> None:
    """Add `init`, `status` and `doctor` to the command line."""
    app.command("init", epilog=examples("skillgen init", "skillgen init --yes --corpus wiki --corpus runbooks"))(_init)
    app.command("status", epilog=examples("skillgen", "skillgen status --json"))(_status)
    app.command("doctor", epilog=examples("skillgen doctor", "skillgen doctor --rebuild"))(_doctor)


def _init(
    *, corpus: CorpusOption = None, brief: BriefOption = None, out: OutOption = None, yes: YesOption = False
) -> None:
    """Write skillgen.toml, so that `build` needs no options.

    Asks where the pages are and which brief to build from, unless that is given. The file lists every setting with
    its default and what it means.
    """
    from skillgen.cli import setup

    setup.run_init(corpus, brief, out, ask=not yes)


def _status(*, corpus: CorpusOption = None, workspace: WorkspaceOption = None, json_: JsonOption = False) -> None:
    """Show where you stand, and what to do next.

    Pages, skills with coverage and what waits for a reviewer, pages that changed since, and the next command. Nothing
    is locked, written or sent. `skillgen` alone does the same.
    """
    from skillgen.cli import status

    status.run_status(corpus, workspace, as_json=json_)


def _doctor(*, workspace: WorkspaceOption = None, rebuild: RebuildOption = False, json_: JsonOption = False) -> None:
    """Check everything that skillgen needs.

    Looks at the installation, the settings and the workspace, and names the command that mends what is wrong. Exit 1
    when something is.
    """
    from skillgen.cli import setup

    setup.run_doctor(workspace, rebuild=rebuild, as_json=json_)
