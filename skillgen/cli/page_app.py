"""The commands that work on pages: read, search, ask, explain and forget them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from skillgen.cli.options import (
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

SourcesArgument = Annotated[list[str], typer.Argument(metavar="SOURCE", help="Pages, as citations name them.")]
PlaceArgument = Annotated[
    str,
    typer.Argument(metavar="WHAT", help="A claim's id, or SOURCE:LINE: a page as citations name it, and a line."),
]
QuestionArgument = Annotated[
    str, typer.Argument(metavar="QUESTION", help="What you want to know, in a sentence.", show_default=False)
]
QueryArgument = Annotated[str | None, typer.Argument(metavar="QUERY", help="What to look for.", show_default=False)]
QueriesOption = Annotated[
    Path | None,
    typer.Option("--queries", metavar="FILE", help='A file with one {"id", "query"} a line; prints JSON lines.'),
]
CountOption = Annotated[int, typer.Option("--k", metavar="N", min=1, max=1000, help="How many passages.")]
ClaimsOption = Annotated[int, typer.Option("--claims", metavar="N", min=1, max=100, help="How many statements.")]


def add_page_commands(app: typer.Typer) -> None:
    """Add `ingest`, `search`, `ask`, `explain` and `forget` to the command line."""
    app.command("ingest", epilog=examples("skillgen ingest --corpus docs", "skillgen ingest --verbose"))(_ingest)
    app.command(
        "search",
        epilog=examples(
            'skillgen search "who may approve a release" --corpus docs --k 3',
            "skillgen search --queries queries.jsonl --corpus docs > results.jsonl",
        ),
    )(_search)
    app.command(
        "ask",
        epilog=examples(
            'skillgen ask "who approves a release?" --corpus docs',
            'skillgen ask "when does the deploy token expire?" --claims 3',
        ),
    )(_ask)
    app.command("explain", epilog=examples("skillgen explain runbooks/deploy.md:12", "skillgen explain clm-0a1b2c3d"))(
        _explain
    )
    app.command(
        "forget",
        epilog=examples("skillgen forget people/salaries.md", "skillgen forget a.md b.md --workspace state"),
    )(_forget)


def _ingest(
    *,
    corpus: CorpusOption = None,
    workspace: WorkspaceOption = None,
    allow_prune: PruneOption = False,
    json_: JsonOption = False,
) -> None:
    """Read the pages into the workspace.

    Only what changed is parsed and embedded again. `build` and `search` do this by themselves.
    """
    from skillgen.cli import page_commands
    from skillgen.cli.folder import settings_of

    settings = settings_of(corpus, workspace, {"ingest.allow_prune": allow_prune or None})
    page_commands.run_ingest(settings, as_json=json_)


def _search(  # noqa: PLR0913 - each is an option of the command
    query: QueryArgument = None,
    *,
    queries: QueriesOption = None,
    corpus: CorpusOption = None,
    workspace: WorkspaceOption = None,
    k: CountOption = 10,
    allow_prune: PruneOption = False,
    json_: JsonOption = False,
) -> None:
    """Search the pages by words and by meaning.

    Shows the passages with their places, best first.
    """
    from skillgen.cli import page_commands
    from skillgen.cli.folder import settings_of

    settings = settings_of(corpus, workspace, {"ingest.allow_prune": allow_prune or None})
    page_commands.run_search(settings, query, queries, k=k, as_json=json_)


def _ask(  # noqa: PLR0913 - each is an option of the command
    question: QuestionArgument,
    *,
    corpus: CorpusOption = None,
    workspace: WorkspaceOption = None,
    claims: ClaimsOption = 5,
    model: ModelOption = None,
    base_url: BaseUrlOption = None,
    max_cost: MaxCostOption = None,
    local_only: LocalOnlyOption = False,
    allow_prune: PruneOption = False,
    json_: JsonOption = False,
) -> None:
    """Answer one question from the pages, with citations.

    Shows what the pages state, each with its place. Where nothing is found that answers, it says what was searched,
    which pages came nearest and whom to ask.
    """
    from skillgen.cli import page_commands
    from skillgen.cli.folder import settings_of

    options = {
        "ingest.allow_prune": allow_prune or None,
        **model_options(model, base_url, max_cost, local_only=local_only),
    }
    page_commands.run_ask(settings_of(corpus, workspace, options), question, claims=claims, as_json=json_)


def _explain(place: PlaceArgument, *, workspace: WorkspaceOption = None, json_: JsonOption = False) -> None:
    """Show what became of a line, or of a claim.

    Of a line: its block and chunk, what screening took from it, what is indexed for it, and whether the last builds
    kept what it states, by what scores.
    """
    from skillgen.cli import page_commands
    from skillgen.cli.folder import settings_of

    page_commands.run_explain(settings_of(None, workspace, {}), place, as_json=json_)


def _forget(sources: SourcesArgument, *, workspace: WorkspaceOption = None, json_: JsonOption = False) -> None:
    """Purge pages from the workspace.

    Takes them from the truth, the vectors, both indexes, the drafts and the reports. Files of the corpus stay: leave
    them out with `ingest.exclude` or delete them, or the next ingest reads them again.
    """
    from skillgen.cli import page_commands
    from skillgen.cli.folder import settings_of

    page_commands.run_forget(settings_of(None, workspace, {}), sources, as_json=json_)
