"""The commands of the review: what was decided, what still holds, what changed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from skillgen.cli.options import CHECKS, PRINTED, CorpusOption, JsonOption, PackageArgument, WorkspaceOption, examples

_PAGE = "The page in the browser"
_FILES = "Files instead of the page"


ExportOption = Annotated[
    Path | None,
    typer.Option(
        "--export", metavar="FILE", help="Write a Markdown checklist for a pull request.", rich_help_panel=_FILES
    ),
]
ImportOption = Annotated[
    Path | None,
    typer.Option("--import", metavar="FILE", help="Read a ticked checklist back.", rich_help_panel=_FILES),
]
GapsOption = Annotated[
    Path | None,
    typer.Option(
        "--gaps",
        metavar="FILE",
        help="Write the open questions for owners: NAME-clarifications.json.",
        rich_help_panel=_FILES,
    ),
]
StaticOption = Annotated[
    Path | None,
    typer.Option(
        "--static", metavar="FILE", help="Write the report with the decisions as of now.", rich_help_panel=_FILES
    ),
]
HostOption = Annotated[
    str,
    typer.Option("--host", metavar="ADDRESS", help="The address that the page is served on.", rich_help_panel=_PAGE),
]
PortOption = Annotated[
    int,
    typer.Option("--port", metavar="N", min=0, max=65535, help="The port; 0 takes a free one.", rich_help_panel=_PAGE),
]
NoOpenOption = Annotated[
    bool, typer.Option("--no-open", help="Print the link, open no browser.", rich_help_panel=_PAGE)
]
ByOption = Annotated[
    str | None,
    typer.Option("--by", metavar="NAME", help="Who decides.  [default: user.name of git]", show_default=False),
]


def add_review_commands(app: typer.Typer) -> None:
    """Add `review`, `check` and `diff` to the command line."""
    app.command(
        "review",
        epilog=examples(
            "skillgen review skills/on-call",
            "skillgen review skills/on-call --static report.html",
            "skillgen review skills/on-call --export review.md",
            "skillgen review skills/on-call --gaps docs/on-call-clarifications.json",
            'skillgen review skills/on-call --import review.md --by "Ann Miller"',
        ),
    )(_review)
    app.command(
        "check",
        epilog=examples(
            "skillgen check skills/on-call",
            "skillgen check skills/on-call --corpus docs --sarif skillgen.sarif",
        ),
    )(_check)
    app.command("diff", epilog=examples("skillgen diff skills/on-call", "skillgen diff skills/on-call --against 3fa9"))(
        _diff
    )


def _review(  # noqa: PLR0913 - each is an option of the command
    package: PackageArgument,
    *,
    export: ExportOption = None,
    import_: ImportOption = None,
    gaps: GapsOption = None,
    static: StaticOption = None,
    host: HostOption = "127.0.0.1",
    port: PortOption = 0,
    no_open: NoOpenOption = False,
    by: ByOption = None,
    corpus: CorpusOption = None,
    workspace: WorkspaceOption = None,
    json_: JsonOption = False,
) -> None:
    """Decide about a skill's claims on a local web page.

    With --export a checklist is written instead, with --import a ticked one is read back, and --json prints what was
    decided. Exit 1 when something of a checklist could not be taken over.
    """
    from skillgen.cli import review_commands, review_page
    from skillgen.cli.folder import settings_of

    settings = settings_of(corpus, workspace, {})
    if import_ is not None:
        review_commands.run_import(settings, package, import_, by=by, as_json=json_)
    elif export is not None:
        review_commands.run_export(settings, package, export, as_json=json_)
    elif gaps is not None:
        review_commands.run_gaps(settings, package, gaps, as_json=json_)
    elif static is not None:
        review_page.run_static(settings, package, static)
    elif json_:
        review_commands.run_states(settings, package, as_json=json_)
    else:
        review_page.run_page(settings, package, by=by, host=host, port=port, show=not no_open)


def _check(  # noqa: PLR0913 - each is an option of the command
    package: PackageArgument,
    *,
    draft: Annotated[
        Path | None,
        typer.Option("--draft", metavar="FILE", help="The draft to check.  [default: that of the workspace]"),
    ] = None,
    sarif: Annotated[
        Path | None,
        typer.Option(
            "--sarif", metavar="FILE", help="Also write the findings as SARIF 2.1.0.", rich_help_panel=PRINTED
        ),
    ] = None,
    fail_under: Annotated[
        float | None,
        typer.Option(
            "--fail-under", metavar="SHARE", help="The least score of every target (0 to 1).", rich_help_panel=CHECKS
        ),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Fail on moved quotes and changed pages too.", rich_help_panel=CHECKS)
    ] = False,
    corpus: CorpusOption = None,
    workspace: WorkspaceOption = None,
    json_: JsonOption = False,
) -> None:
    """Check whether a skill's citations still hold.

    Reads the pages and the draft, no index. Exit 1 when a quote changed, is gone or stands on another page, a target
    fell under its floor, or a decision must be made anew.
    """
    from skillgen.cli import review_commands
    from skillgen.cli.folder import settings_of

    options = {"check.fail_under": fail_under, "check.strict": strict or None}
    settings = settings_of(corpus, workspace, options)
    review_commands.run_check(settings, package, draft, sarif=sarif, as_json=json_)


def _diff(
    package: PackageArgument,
    *,
    against: Annotated[
        str | None,
        typer.Option("--against", metavar="BUILD", help="The first digits of a build's id.  [default: the one before]"),
    ] = None,
    workspace: WorkspaceOption = None,
    json_: JsonOption = False,
) -> None:
    """Compare two builds of a skill, claim by claim.

    The last build with the one before, or with the one you name: which claims are new, gone or reworded, and whose
    evidence moved. The workspace keeps the last 20 builds.
    """
    from skillgen.cli import review_commands
    from skillgen.cli.folder import settings_of

    review_commands.run_diff(settings_of(None, workspace, {}), package, against, as_json=json_)
