"""Files that owners' statements come in besides pages: which names they have."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Literal

StatementKind = Literal["clarifications", "decisions"]
STATEMENT_KINDS: tuple[StatementKind, ...] = ("clarifications", "decisions")


def statement_kind(path: str) -> StatementKind | None:
    """Return what the name of a file says that it holds, in Skill Builder's format; None for any other file.

    That is `clarifications.json` or `decisions.json`, by itself or behind a name and a hyphen, in any case.
    """
    name = PurePosixPath(path).name.lower()
    return next((kind for kind in STATEMENT_KINDS if name == f"{kind}.json" or name.endswith(f"-{kind}.json")), None)
