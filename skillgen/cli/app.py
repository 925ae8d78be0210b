"""The commands. Nothing heavy is imported before a command runs, so that `--help` is instant."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from skillgen.cli.deliver_app import add_deliver_commands
from skillgen.cli.endings import explained
from skillgen.cli.eval_app import add_eval_command
from skillgen.cli.options import (
    BaseUrlOption,
    CorpusOption,
    JsonOption,
    LocalOnlyOption,
    MaxCostOption,
    ModelOption,
    WorkspaceOption,
    model_options,
)
from skillgen.cli.options import examples as _examples
from skillgen.cli.review_app import add_review_commands

# Read by libraries when they are loaded. onnxruntime (1.32, on Linux too) calls mobile.events.data.microsoft.com some
# seconds after it was imported, and its `disable_telemetry_events()` does not stop that; the variable does.
_NOTHING_IS_SENT = {
    "ORT_DISABLE_TELEMETRY": "1",
    "ANONYMIZED_TELEMETRY": "False",
    "LANGSMITH_TRACING": "false",
    "LANGCHAIN_TRACING_V2": "false",
}


app = typer.Typer(
    name="skillgen",
    help="Turn runbooks and wiki pages into a cited, covered and reviewable Agent Skill.",
    epilog=_examples(
        "skillgen init",
        "skillgen build",
        "skillgen build integration-and-orchestration --corpus docs --out skills",
    )
    + "\n\nExit codes: 0 good, 1 findings, 2 a mistake in what was asked or something missing, 130 interrupted.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
brief_app = typer.Typer(
    help="List, show and check research briefs.",
    epilog=_examples("skillgen brief list", "skillgen brief show integration-and-orchestration"),
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(brief_app, name="brief")

BriefArgument = Annotated[str, typer.Argument(metavar="BRIEF", help="A brief file or the name of a built-in brief.")]
PruneOption = Annotated[
    bool, typer.Option("--allow-prune", help="Go on when more than a fifth of the known pages are gone.")
]


@app.command(
    epilog=_examples(
        "skillgen build integration-and-orchestration --corpus docs --out skills",
        "skillgen build my-brief.md --corpus wiki --corpus runbooks --name on-call",
        "skillgen build --fail-under 0.6  # the rest stands in skillgen.toml",
        "skillgen build --model openai:gpt-4o-mini --dry-run",
        "skillgen build --model NAME --base-url http://127.0.0.1:8080/v1 --local-only",
    )
)
def build(  # noqa: PLR0913 - each is an option of the command
    briefs: Annotated[
        list[str] | None,
        typer.Argument(metavar="BRIEF", help="Brief files, or names of built-in briefs.", show_default=False),
    ] = None,
    *,
    corpus: CorpusOption = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Folder for the package.  [default: skills]")
    ] = None,
    name: Annotated[
        str | None,
        typer.Option("--name", metavar="NAME", help="The skill's name.  [default: that of the first brief]"),
    ] = None,
    workspace: WorkspaceOption = None,
    template: Annotated[
        Path | None,
        typer.Option("--template", metavar="DIR", help="Folder whose files replace built-in templates one by one."),
    ] = None,
    fail_under: Annotated[
        float | None,
        typer.Option(
            "--fail-under", metavar="SHARE", help="Exit 1 when overall coverage is under this share (0 to 1)."
        ),
    ] = None,
    answers: Annotated[
        Path | None, typer.Option("--answers", metavar="FILE", help="A Markdown file with owners' answers to gaps.")
    ] = None,
    require_review: Annotated[
        bool, typer.Option("--require-review", help="Exit 1 when an undecided claim would stand in SKILL.md.")
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Lose what was changed by hand outside of kept regions.")
    ] = False,
    model: ModelOption = None,
    base_url: BaseUrlOption = None,
    max_cost: MaxCostOption = None,
    local_only: LocalOnlyOption = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only tell what the model would be asked and cost; nothing is sent.")
    ] = False,
    allow_prune: PruneOption = False,
    json_: JsonOption = False,
) -> None:
    """Build a skill from briefs and pages.

    Reads what changed, answers the briefs' questions with citations, and writes the package. What is not said here is
    taken from skillgen.toml.
    """
    from skillgen.cli import commands

    options = {
        "build.briefs": tuple(briefs) if briefs else None,
        "build.out": out,
        "build.name": name,
        "build.template": template,
        "build.fail_under": fail_under,
        "build.overwrite": overwrite or None,
        "review.answers": answers,
        "review.require": require_review or None,
        "ingest.allow_prune": allow_prune or None,
        **model_options(model, base_url, max_cost, local_only=local_only),
    }
    settings = commands.settings_of(corpus, workspace, options)
    if dry_run:
        commands.run_dry(settings, as_json=json_)
    else:
        commands.run_build(settings, as_json=json_)


@app.command(epilog=_examples("skillgen ingest --corpus docs"))
def ingest(
    *,
    corpus: CorpusOption = None,
    workspace: WorkspaceOption = None,
    allow_prune: PruneOption = False,
    json_: JsonOption = False,
) -> None:
    """Read the pages into the workspace.

    Only what changed is parsed and embedded again. `build` and `search` do this by themselves.
    """
    from skillgen.cli import commands

    options = {"ingest.allow_prune": allow_prune or None}
    commands.run_ingest(commands.settings_of(corpus, workspace, options), as_json=json_)


@app.command(
    epilog=_examples(
        'skillgen search "who may approve a release" --corpus docs --k 3',
        "skillgen search --queries queries.jsonl --corpus docs > results.jsonl",
    )
)
def search(  # noqa: PLR0913 - each is an option of the command
    query: Annotated[str | None, typer.Argument(metavar="QUERY", help="What to look for.", show_default=False)] = None,
    *,
    queries: Annotated[
        Path | None,
        typer.Option(
            "--queries", metavar="FILE", help='A file with one {"id", "query"} a line; the results are JSON lines.'
        ),
    ] = None,
    corpus: CorpusOption = None,
    workspace: WorkspaceOption = None,
    k: Annotated[int, typer.Option("--k", metavar="N", min=1, max=1000, help="How many passages.")] = 10,
    allow_prune: PruneOption = False,
    json_: JsonOption = False,
) -> None:
    """Search the pages by words and by meaning.

    Shows the passages with their places, best first.
    """
    from skillgen.cli import commands

    options = {"ingest.allow_prune": allow_prune or None}
    commands.run_search(commands.settings_of(corpus, workspace, options), query, queries, k=k, as_json=json_)


@app.command(
    epilog=_examples(
        'skillgen ask "who approves a release?" --corpus docs',
        'skillgen ask "when does the deploy token expire?" --claims 3',
    )
)
def ask(  # noqa: PLR0913 - each is an option of the command
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="What you want to know, in a sentence.")],
    *,
    corpus: CorpusOption = None,
    workspace: WorkspaceOption = None,
    claims: Annotated[int, typer.Option("--claims", metavar="N", min=1, max=100, help="How many statements.")] = 5,
    model: ModelOption = None,
    base_url: BaseUrlOption = None,
    max_cost: MaxCostOption = None,
    local_only: LocalOnlyOption = False,
    allow_prune: PruneOption = False,
    json_: JsonOption = False,
) -> None:
    """Answer one question from the pages, with citations.

    Shows what the pages state, each with its place. Where they do not answer, it says what was searched, which pages
    came nearest and whom to ask.
    """
    from skillgen.cli import commands

    options = {
        "ingest.allow_prune": allow_prune or None,
        **model_options(model, base_url, max_cost, local_only=local_only),
    }
    settings = commands.settings_of(corpus, workspace, options)
    commands.run_ask(settings, question, claims=claims, as_json=json_)


@app.command(epilog=_examples("skillgen explain runbooks/deploy.md:12", "skillgen explain clm-0a1b2c3d"))
def explain(
    place: Annotated[
        str,
        typer.Argument(metavar="WHAT", help="A claim's id, or SOURCE:LINE: a page as citations name it, and a line."),
    ],
    *,
    workspace: WorkspaceOption = None,
    json_: JsonOption = False,
) -> None:
    """Show what became of a line, or of a claim.

    Of a line: its block and chunk, what screening took from it, what is indexed for it, and whether the last builds
    kept what it states, by what scores.
    """
    from skillgen.cli import commands

    commands.run_explain(commands.settings_of(None, workspace, {}), place, as_json=json_)


@app.command(epilog=_examples("skillgen forget people/salaries.md", "skillgen forget a.md b.md --workspace state"))
def forget(
    sources: Annotated[list[str], typer.Argument(metavar="SOURCES", help="Pages, as citations name them.")],
    *,
    workspace: WorkspaceOption = None,
    json_: JsonOption = False,
) -> None:
    """Purge pages from the workspace.

    Takes them from the truth, the vectors, both indexes, the drafts and the reports. Files of the corpus stay: leave
    them out with `ingest.exclude` or delete them, or the next ingest reads them again.
    """
    from skillgen.cli import commands

    commands.run_forget(commands.settings_of(None, workspace, {}), sources, as_json=json_)


add_review_commands(app)
add_eval_command(app)
add_deliver_commands(app)


@brief_app.command("list", epilog=_examples("skillgen brief list"))
def brief_list(*, json_: JsonOption = False) -> None:
    """List the built-in briefs."""
    from skillgen.cli import commands

    commands.run_brief_list(as_json=json_)


@brief_app.command("show", epilog=_examples("skillgen brief show integration-and-orchestration"))
def brief_show(brief: BriefArgument, *, json_: JsonOption = False) -> None:
    """Show a brief's targets, questions and facets."""
    from skillgen.cli import commands

    commands.run_brief_show(brief, as_json=json_)


@brief_app.command("new", epilog=_examples("skillgen brief new on-call", "skillgen brief new briefs/on-call.md"))
def brief_new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The brief's name, or the file to write.")],
) -> None:
    """Write a skeleton of a research brief.

    Every section has a line that says what belongs there. A file that is there is never overwritten.
    """
    from skillgen.cli import commands

    commands.run_brief_new(name)


@brief_app.command("lint", epilog=_examples("skillgen brief lint my-brief.md"))
def brief_lint(brief: BriefArgument, *, json_: JsonOption = False) -> None:
    """Check a brief; exit 1 when something should be mended."""
    from skillgen.cli import commands

    commands.run_brief_lint(brief, as_json=json_)


@app.command(epilog=_examples("skillgen init", "skillgen init --yes --corpus wiki --corpus runbooks"))
def init(
    *,
    corpus: CorpusOption = None,
    brief: Annotated[
        str | None, typer.Option("--brief", metavar="BRIEF", help="A brief file or the name of a built-in brief.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Folder for the package.  [default: skills]")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing; take what is given and the defaults.")] = False,
) -> None:
    """Write skillgen.toml, so that `build` needs no options.

    Asks for what is not given. The file lists every setting with its default and what it means.
    """
    from skillgen.cli import setup

    setup.run_init(corpus, brief, out, ask=not yes)


@app.command(epilog=_examples("skillgen doctor", "skillgen doctor --rebuild"))
def doctor(
    *,
    workspace: WorkspaceOption = None,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Derive both indexes anew from the workspace's truth first.")
    ] = False,
    json_: JsonOption = False,
) -> None:
    """Check everything that skillgen needs.

    Looks at the installation, the settings and the workspace, and names the command that mends what is wrong. Exit 1
    when something is.
    """
    from skillgen.cli import setup

    setup.run_doctor(workspace, rebuild=rebuild, as_json=json_)


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
    """Run the command line: errors as one plain message with the next step, and the exit codes of docs/cli.md.

    Without a command the help goes to standard error and the exit code is 2, as for any other mistake in the usage.
    Codes: 0 good; 1 findings; 2 the user's mistake or a missing prerequisite; 130 after Ctrl-C, 143 after SIGTERM and
    141 when the reader of standard output has gone, as a shell reports them. A bug keeps its traceback.
    """
    os.environ.update(_NOTHING_IS_SENT)
    with explained():
        app()
