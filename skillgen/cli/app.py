"""The commands. Nothing heavy is imported before a command runs, so that `--help` is instant."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from skillgen.errors import SkillgenError

app = typer.Typer(
    name="skillgen",
    help="Turn runbooks and wiki pages into a cited, covered and reviewable Agent Skill.\n\n"
    "Start with:  skillgen build integration-and-orchestration --corpus docs/ --out skills/",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
brief_app = typer.Typer(help="List, show and check research briefs.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(brief_app, name="brief")

CorpusOption = Annotated[
    list[Path] | None,
    typer.Option("--corpus", help="A folder of pages; may be given more than once.", show_default=False),
]
WorkspaceOption = Annotated[
    Path | None, typer.Option("--workspace", help="Where skillgen keeps its own files.  [default: .skillgen]")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]


@app.command()
def build(  # noqa: PLR0913 - each is an option of the command
    briefs: Annotated[
        list[str] | None, typer.Argument(help="Brief files, or names of built-in briefs.", show_default=False)
    ] = None,
    *,
    corpus: CorpusOption = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for the package.  [default: skills]")] = None,
    name: Annotated[
        str | None, typer.Option("--name", help="The skill's name.  [default: that of the first brief]")
    ] = None,
    workspace: WorkspaceOption = None,
    template: Annotated[
        Path | None, typer.Option("--template", help="Folder whose files replace built-in templates one by one.")
    ] = None,
    fail_under: Annotated[
        float | None, typer.Option("--fail-under", help="Exit 1 when overall coverage is under this share (0 to 1).")
    ] = None,
    json_: JsonOption = False,
) -> None:
    """Build a skill: ingest what changed, answer the brief's questions with citations, write the package."""
    from skillgen.cli import commands

    options = {
        "build.briefs": tuple(briefs) if briefs else None,
        "build.out": out,
        "build.name": name,
        "build.template": template,
        "build.fail_under": fail_under,
    }
    commands.run_build(commands.settings_of(corpus, workspace, options), as_json=json_)


@app.command()
def ingest(*, corpus: CorpusOption = None, workspace: WorkspaceOption = None, json_: JsonOption = False) -> None:
    """Read the pages into the workspace: only what changed is parsed and embedded again."""
    from skillgen.cli import commands

    commands.run_ingest(commands.settings_of(corpus, workspace, {}), as_json=json_)


@app.command()
def search(
    query: Annotated[str | None, typer.Argument(help="What to look for.", show_default=False)] = None,
    *,
    queries: Annotated[
        Path | None, typer.Option("--queries", help='A file with one {"id", "query"} a line; prints JSON lines.')
    ] = None,
    corpus: CorpusOption = None,
    workspace: WorkspaceOption = None,
    k: Annotated[int, typer.Option("--k", min=1, max=1000, help="How many passages.")] = 10,
    json_: JsonOption = False,
) -> None:
    """Search the pages by words and by meaning, and show the passages with their places."""
    from skillgen.cli import commands

    commands.run_search(commands.settings_of(corpus, workspace, {}), query, queries, k=k, as_json=json_)


@brief_app.command("list")
def brief_list(*, json_: JsonOption = False) -> None:
    """List the built-in briefs."""
    from skillgen.cli import commands

    commands.run_brief_list(as_json=json_)


@brief_app.command("show")
def brief_show(
    brief: Annotated[str, typer.Argument(help="A brief file or the name of a built-in brief.")],
    *,
    json_: JsonOption = False,
) -> None:
    """Show what skillgen reads in a brief: targets, questions and their facets."""
    from skillgen.cli import commands

    commands.run_brief_show(brief, as_json=json_)


@brief_app.command("lint")
def brief_lint(
    brief: Annotated[str, typer.Argument(help="A brief file or the name of a built-in brief.")],
    *,
    json_: JsonOption = False,
) -> None:
    """Check a brief; exit 1 when something in it should be mended."""
    from skillgen.cli import commands

    commands.run_brief_lint(brief, as_json=json_)


@app.command()
def init(
    *,
    corpus: CorpusOption = None,
    brief: Annotated[str | None, typer.Option("--brief", help="A brief file or a built-in brief.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for the package.")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing; take what is given and the defaults.")] = False,
) -> None:
    """Write a commented skillgen.toml here, so that `skillgen build` needs no options."""
    from skillgen.cli import setup

    setup.run_init(corpus, brief, out, ask=not yes)


@app.command()
def doctor(*, workspace: WorkspaceOption = None, json_: JsonOption = False) -> None:
    """Check everything that skillgen needs, and say the command that mends what is missing."""
    from skillgen.cli import setup

    setup.run_doctor(workspace, as_json=json_)


def _version(value: bool) -> None:  # noqa: FBT001 - the form of a Typer callback
    if value:
        from skillgen import __version__

        typer.echo(f"skillgen {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command line: errors as one plain message with the next step, and the exit codes of docs/cli.md."""
    try:
        app()
    except SkillgenError as error:
        typer.echo(f"Error: {error.message}", err=True)
        if error.hint:
            typer.echo(f"Next:  {error.hint}", err=True)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        typer.echo("Interrupted. What was finished is kept; the same command goes on from there.", err=True)
        sys.exit(130)
