"""Secrets in Markdown tables: the column or the first cell says what the cell holds."""

from __future__ import annotations

import re
from collections.abc import Iterator

from skillgen.screen.assignments import kind_of_name
from skillgen.screen.judges import password, token
from skillgen.screen.records import Removal

_RULE = re.compile(
    r"^[ \t>]{0,12}\|?(?:[ \t]{0,20}:?-{1,200}:?[ \t]{0,20}\|){0,40}[ \t]{0,20}:?-{1,200}:?[ \t]{0,20}\|?[ \t]{0,20}$"
)
_CELL = re.compile(r"[^|\n]{1,2000}")
_TRIM = " \t`*_\"'"
_MAX_LINE = 4_000


def find_in_tables(text: str) -> Iterator[Removal]:
    """Yield cells that hold a password or token."""
    columns: list[str | None] | None = None
    previous = ""
    offset = 0
    for line in text.splitlines(keepends=True):
        body = line.rstrip("\r\n")
        if "|" not in body or len(body) > _MAX_LINE:
            columns = None
        elif "-" in body and _RULE.match(body):
            columns = [kind_of_name(name.strip(_TRIM)) for _, name in _cells(previous, 0)]
        else:
            yield from _row(body, offset, columns)
        previous = body
        offset += len(line)


def _cells(line: str, offset: int) -> list[tuple[int, str]]:
    """Return the cells of a row with their offsets; the empty ones at the edges do not count."""
    start = len(line) - len(line.lstrip(" \t>|"))
    return [(offset + cell.start(), cell.group()) for cell in _CELL.finditer(line, start)]


def _row(line: str, offset: int, columns: list[str | None] | None) -> Iterator[Removal]:
    cells = _cells(line, offset)
    for index, (start, cell) in enumerate(cells):
        named = columns[index] if columns and index < len(columns) else None
        before = kind_of_name(cells[index - 1][1].strip(_TRIM)) if index == 1 else None
        kind = named or before
        value = cell.strip(_TRIM)
        if kind and _is_secret(value, kind):
            at = start + cell.index(value)
            yield Removal(start=at, end=at + len(value), kind=kind, family="secret")


def _is_secret(value: str, kind: str) -> bool:
    if not value or any(char.isspace() for char in value):
        return False
    return password(value) if kind == "password" else token(value)
