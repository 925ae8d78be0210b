"""Options that several commands share, and the groups in which help shows them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

PAGES = "Pages and workspace"
MODEL = "Chat model"
CHECKS = "Checks"
PRINTED = "What is printed"


def examples(*commands: str) -> str:
    """Return examples as the epilog of a command; its help shows them first."""
    return "\n".join(commands)


CorpusOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--corpus",
        metavar="DIR",
        help="A folder of pages; may be given more than once.",
        show_default=False,
        rich_help_panel=PAGES,
    ),
]
WorkspaceOption = Annotated[
    Path | None,
    typer.Option(
        "--workspace",
        metavar="DIR",
        help="Where skillgen keeps its own files.  [default: .skillgen]",
        rich_help_panel=PAGES,
    ),
]
PruneOption = Annotated[
    bool,
    typer.Option(
        "--allow-prune", help="Go on when more than a fifth of the known pages are gone.", rich_help_panel=PAGES
    ),
]
ModelOption = Annotated[
    str | None,
    typer.Option(
        "--model",
        metavar="NAME",
        help='The chat model, e.g. "openai:gpt-4o-mini"; "none" to do without the one in skillgen.toml.',
        rich_help_panel=MODEL,
    ),
]
BaseUrlOption = Annotated[
    str | None,
    typer.Option(
        "--base-url", metavar="URL", help="An OpenAI-compatible server that has the model.", rich_help_panel=MODEL
    ),
]
MaxCostOption = Annotated[
    float | None,
    typer.Option(
        "--max-cost", metavar="USD", help="The most that this run may spend on the model.", rich_help_panel=MODEL
    ),
]
LocalOnlyOption = Annotated[
    bool,
    typer.Option(
        "--local-only",
        help="Refuse every model and embedding server that is not on this machine.",
        rich_help_panel=MODEL,
    ),
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Print one JSON document instead of text.", rich_help_panel=PRINTED)
]
PackageArgument = Annotated[Path, typer.Argument(metavar="PACKAGE", help="The folder of the package, OUT/NAME.")]
BriefArgument = Annotated[str, typer.Argument(metavar="BRIEF", help="A brief file or the name of a built-in brief.")]


def model_options(
    model: str | None, base_url: str | None, max_cost: float | None, *, local_only: bool
) -> dict[str, Any]:
    """Return what the command line says of the chat model, by setting."""
    return {
        "model.name": model,
        "model.base_url": base_url,
        "model.max_cost": max_cost,
        "model.local_only": local_only or None,
    }
