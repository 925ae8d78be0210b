"""Gaps: what the pages do not answer, written for owners into a file that the next build reads."""

from __future__ import annotations

from pathlib import Path

from skillgen.artifacts import write_if_changed
from skillgen.clarifications import Clarifications, clarifications
from skillgen.errors import UserError
from skillgen.model.statements import statement_kind
from skillgen.pipeline.check import draft_file
from skillgen.pipeline.decide import read_draft
from skillgen.settings import Settings


def write_gaps(settings: Settings, name: str, file: Path) -> Clarifications:
    """Write the gaps of a skill's last build into a clarifications file; what a person wrote there is kept.

    Raises:
        UserError: there is no draft, the file has a name that no build would read, or what stands there is no
            clarifications file.
    """
    if statement_kind(file.name) != "clarifications":
        raise UserError(
            f"{file} would not be read by a build: the name must end in clarifications.json.",
            hint=f"Write {file.parent / f'{name}-clarifications.json'}, best in a folder of pages.",
        )
    draft = read_draft(draft_file(settings, name))
    try:
        before = file.read_text(encoding="utf-8-sig") if file.exists() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{file} cannot be read ({error}).", hint="Name another file.") from error
    found = clarifications(draft, before, name=str(file))
    write_if_changed(file, found.text)
    return found
