"""Owners' answers as pages of the workspace, which an ingest reads like any other page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from skillgen.artifacts import write_if_changed
from skillgen.decisions import statements_file
from skillgen.errors import CorpusError
from skillgen.model.decision import OwnerAnswer
from skillgen.source import SourceEntry
from skillgen.workspace import Workspace


def write_statements(workspace: Workspace, name: str, answers: Sequence[OwnerAnswer]) -> None:
    """Write the page of a skill's answers, or remove it where there are none any more."""
    path = workspace.statements / f"{name}.md"
    file = statements_file(name, answers)
    if file is not None:
        write_if_changed(path, file.text)
    else:
        path.unlink(missing_ok=True)


def statement_entries(folder: Path, pages: Iterable[SourceEntry]) -> tuple[SourceEntry, ...]:
    """Return the pages of answers by their sources.

    Raises:
        CorpusError: a page of the corpora has the source that a page of answers needs.
    """
    found = tuple(
        SourceEntry(source=f"{folder.name}/{path.name}", path=path.resolve(), size=path.stat().st_size, url=None)
        for path in sorted(folder.glob("*.md"))
    )
    taken = {entry.source for entry in found} & {entry.source for entry in pages}
    if taken:
        raise CorpusError(
            f"The page {min(taken)} has the name that owners' answers need.", hint="Give its folder another name."
        )
    return found
