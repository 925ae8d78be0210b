"""Statements of table rows and of lines with a label in bold type."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from skillgen.contradict.attributes import ATTRIBUTES, SCHEDULE, Attribute
from skillgen.contradict.guards import is_dated, is_plain
from skillgen.contradict.identifiers import names_of
from skillgen.contradict.prose import of_sentence
from skillgen.contradict.statement import Place, Said, Statement, stated
from skillgen.contradict.values import name_stems
from skillgen.model.corpus import Span

Cells = Sequence[tuple[str, str]]

_LABEL = re.compile(r"(?:^|\n)[ \t>*-]*\*\*([A-Z][\w /-]{1,30}?):?\*\*:?[ \t]*([^\n]+)")
_MARKUP = re.compile(r"\[([^\[\]]*)\]\([^()\s]*\)|\*\*|\\$")
_ZONE = re.compile(r"\b(utc|gmt)\b", re.IGNORECASE)
_OWNER_HEADER = re.compile(
    r"owners?|owned by|owner squad|owning (?:team|squad)|responsible(?: team)?|maintainers?", re.IGNORECASE
)
_DIGIT = re.compile(r"\d")


def of_record(place: Place) -> Iterator[Statement]:
    """Yield what the cells of a table row, or the labelled lines of another block, state."""
    cells = _row(place) if place.block.kind == "table_row" else _labelled(place)
    for attribute in ATTRIBUTES:
        columns = [index for index, (header, _) in enumerate(cells) if attribute.header.fullmatch(header.strip("* "))]
        if columns:
            yield from _of_cells(place, cells, columns, attribute)
    if place.block.kind != "table_row":
        return
    for index, (header, cell) in enumerate(cells):
        if index and _OWNER_HEADER.fullmatch(header):
            yield from _of_owner_cell(place, cells[0][1], cell)
        elif SCHEDULE.cue.search(cell) and names_of(cell):
            # A cell that names a job may say itself when it runs.
            span = Span(start=place.block.spans[0].start, end=place.block.spans[-1].end, text=cell)
            yield from of_sentence(place, None, span, SCHEDULE)


def _row(place: Place) -> list[tuple[str, str]]:
    """Return a table row as header and cell, in order; empty cells are left out as in the row's text."""
    header_row = place.block.header
    if header_row is None:
        return []
    text, at, starts = place.block.spans[0].text, 0, []
    for header in header_row.text.split(" | "):
        found = text.find(f"{header}: ", at)
        if header and found >= 0 and (found == 0 or text[found - 2 : found] == "; "):
            at = found + len(header) + 2
            starts.append((found, at, header))
    ends = [start - 2 for start, _, _ in starts[1:]] + [len(text)]
    return [(header.replace("_", " "), text[at:end]) for (_, at, header), end in zip(starts, ends, strict=False)]


def _labelled(place: Place) -> list[tuple[str, str]]:
    """Return a block's lines of the form `**Label:** value`."""
    raw = place.page.text[place.block.start : place.block.end]
    return [(match[1], _MARKUP.sub(lambda link: link[1] or "", match[2]).strip()) for match in _LABEL.finditer(raw)]


def _of_cells(place: Place, cells: Cells, columns: list[int], attribute: Attribute) -> Iterator[Statement]:
    header, cell = cells[columns[0]]
    if attribute is SCHEDULE:
        # A table may give the clock time and the days in columns of their own, and the time in several zones.
        cell = ", ".join([cell, *(cells[index][1] for index in columns[1:] if not _DIGIT.search(cells[index][1]))])
    zone = _ZONE.search(header)
    found = attribute.cell_values(cell, zone[1] if zone else "")
    if len(found) != 1 or is_dated(cell) or not is_plain(cell[: found[0].end]):
        return
    keys = [text for index, (_, text) in enumerate(cells) if index not in columns]
    label = cells[0][1] if columns[0] else ""
    said = Said(
        attribute=attribute.name,
        value=found[0].value,
        words=found[0].words,
        named=_row_names(keys, attribute),
        about=place.identifiers,
        subject=f"{label} {cell[: found[0].start]}",
        text=f"{label} {cell}",
    )
    yield from stated(place, said, place.whole())


def _row_names(cells: Sequence[str], attribute: Attribute) -> frozenset[str]:
    """Return the identifiers that a row is about.

    What runs is named by the first cell with an identifier, as further ones are what it waits for; a credential is
    named by its account as well as by where it is kept.
    """
    names = [found for cell in cells if (found := names_of(cell, loose=" " not in cell))]
    if attribute.name in ("schedule", "retries", "timeout"):
        return names[0] if names else frozenset()
    return frozenset(name for found in names for name in found)


def _of_owner_cell(place: Place, thing: str, cell: str) -> Iterator[Statement]:
    who = re.split(r"[(,;]", cell)[0]
    if not name_stems(who) or not is_plain(cell):
        return
    said = Said(
        attribute="owner",
        value=name_stems(who),
        words=who.strip(" *"),
        named=names_of(thing, loose=" " not in thing),
        about=frozenset(),
        subject=thing,
        text=thing,
    )
    yield from stated(place, said, place.whole())
