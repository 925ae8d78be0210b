"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

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
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]
