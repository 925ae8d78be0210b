"""A skeleton for a brief of the user's own."""

from __future__ import annotations

from pathlib import Path

from skillgen.errors import UserError
from skillgen.resources import data_dir


def new_brief(name: str) -> Path:
    """Write a skeleton and return its path: `NAME.md`, or the file that is named.

    Raises:
        UserError: a file is there already, or the place cannot be written.
    """
    path = Path(name if name.endswith(".md") else f"{name}.md")
    title = path.stem.replace("-", " ").replace("_", " ").strip().capitalize() or "Untitled"
    text = (data_dir("prompts") / "brief-skeleton.md").read_text(encoding="utf-8").replace("TITLE", title, 1)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise UserError(f"{path} is there already.", hint="Give another name, or move it away.") from error
    except OSError as error:
        raise UserError(f"{path} cannot be written ({error.strerror}).", hint="Give another place.") from error
    return path
