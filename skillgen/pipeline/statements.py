"""Owners' answers as pages of the workspace, which an ingest reads like any other page."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from skillgen.artifacts import write_if_changed
from skillgen.decisions import answers_from_file, statements_file
from skillgen.errors import CorpusError, UserError
from skillgen.model.corpus import SourceFile
from skillgen.model.decision import OwnerAnswer
from skillgen.model.statements import STATEMENT_KINDS, statement_kind
from skillgen.parse import without_statements
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


def signed_answers(file: Path | None) -> tuple[OwnerAnswer, ...]:
    """Return the answers of the Markdown file that the settings name; a file of Skill Builder has none of this form.

    Raises:
        UserError: the file cannot be read, holds no answer, or one is not signed.
    """
    return () if file is None or statement_kind(file.name) else answers_from_file(file)


def copy_statements(workspace: Workspace, name: str, file: Path | None) -> None:
    """Make the clarifications or decisions file that the settings name a page, byte by byte; one from before goes.

    Raises:
        UserError: it cannot be read, or states nothing.
    """
    kind = statement_kind(file.name) if file else None
    for other in STATEMENT_KINDS:
        if other != kind:
            (workspace.statements / f"{name}-{other}.json").unlink(missing_ok=True)
    if file is not None and kind is not None:
        copied = given_statements(file, f"{workspace.statements.name}/{name}-{kind}.json")
        for finding in without_statements(copied):
            raise UserError(f"{file} states nothing. {finding.message}", hint="Mend the file, or leave it out.")
        write_if_changed(workspace.root / copied.source, copied.text)


def given_statements(file: Path, source: str) -> SourceFile:
    """Return a clarifications or decisions file as the page `source`.

    Raises:
        UserError: it cannot be read.
    """
    try:
        data = file.read_bytes()
        text = data.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"The answers in {file} cannot be read ({error}).", hint="Check the path.") from error
    return SourceFile(source=source, text=text, sha256=hashlib.sha256(data).hexdigest())


def statement_entries(folder: Path, pages: Iterable[SourceEntry]) -> tuple[SourceEntry, ...]:
    """Return the pages of answers by their sources.

    Raises:
        CorpusError: a page of the corpora has the source that a page of answers needs.
    """
    found = tuple(
        SourceEntry(source=f"{folder.name}/{path.name}", path=path.resolve(), size=path.stat().st_size, url=None)
        for path in sorted((*folder.glob("*.md"), *folder.glob("*.json")))
    )
    taken = {entry.source for entry in found} & {entry.source for entry in pages}
    if taken:
        raise CorpusError(
            f"The page {min(taken)} has the name that owners' answers need.", hint="Give its folder another name."
        )
    return found
