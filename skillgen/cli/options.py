"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer


def examples(*commands: str) -> str:
    """Return an epilog that keeps each example on a line of its own."""
    return "\b\n" + "\n".join(["Examples:", *(f"  {command}" for command in commands)])


CorpusOption = Annotated[
    list[Path] | None,
    typer.Option("--corpus", metavar="DIR", help="A folder of pages; may be given more than once.", show_default=False),
]
WorkspaceOption = Annotated[
    Path | None,
    typer.Option("--workspace", metavar="DIR", help="Where skillgen keeps its own files.  [default: .skillgen]"),
]
ModelOption = Annotated[
    str | None,
    typer.Option(
        "--model",
        metavar="NAME",
        help='The chat model, e.g. "openai:gpt-4o-mini"; "none" to do without the one in skillgen.toml.',
    ),
]
BaseUrlOption = Annotated[
    str | None, typer.Option("--base-url", metavar="URL", help="An OpenAI-compatible server that has the model.")
]
MaxCostOption = Annotated[
    float | None, typer.Option("--max-cost", metavar="USD", help="The most that this run may spend on the model.")
]
LocalOnlyOption = Annotated[
    bool, typer.Option("--local-only", help="Refuse every model and embedding server that is not on this machine.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]


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
