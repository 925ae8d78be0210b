"""Tables: the cells of a row in the raw text, and the row as text that stands without its table."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from skillgen.model.corpus import Span
from skillgen.parse.inline import plain_text
from skillgen.parse.mapped import join_segments

_CELL_BREAK = re.compile(r"(?<!\\)\|")
_LINE_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
NOTHING = frozenset({"", "-", "–", "—"})  # noqa: RUF001 - dashes that stand for nothing
_LIST_END = re.compile(r"[.,;:!?]$")
# A header that stands further than this from a cell of a row above, a merged cell, or what its table belongs to, is not
# quoted together with it.
MAX_HEADER_REACH = 600


@dataclass(frozen=True, slots=True)
class Carried:
    """The last first cell of a table that says something: its text, and where in the page it ends."""

    text: str
    end: int


def carried_down(
    text: str, row: tuple[int, int], cells: list[str], header: Span | None, above: Carried | None
) -> tuple[list[str], Span | None, Carried | None]:
    """Return a row's cells, what is quoted with it, and what is carried on.

    An empty first cell is that of the row above. What is quoted then reaches from the header to that cell, so that a
    quote carries all words.
    """
    if not cells or cells[0] or not any(cell not in NOTHING for cell in cells[1:]):
        says = bool(cells) and cells[0] not in NOTHING
        return cells, header, Carried(cells[0], _first_cell_end(text, *row)) if says else None
    if above is None or header is None or above.end - header.start > MAX_HEADER_REACH:
        return cells, header, above
    quoted = Span(start=header.start, end=above.end, text=f"{header.text} | {above.text}")
    return [above.text, *cells[1:]], quoted, above


def _first_cell_end(text: str, start: int, end: int) -> int:
    first, stop = _cell_ranges(text, start, end)[0]
    return first + len(text[first:stop].rstrip())


def cell_texts(text: str, start: int, end: int, references: frozenset[str]) -> list[str]:
    """Return what a reader sees of each cell of the table row from `start` to `end`."""
    return [_cell(text, a, b, references) for a, b in _cell_ranges(text, start, end)]


def _cell_ranges(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return the ranges of a table row's cells: between bars, an escaped bar does not count."""
    bars = [start + bar.start() for bar in _CELL_BREAK.finditer(text[start:end])]
    edges = [start - 1, *bars, end]
    ranges = [(a + 1, b) for a, b in itertools.pairwise(edges)]
    if bars and bars[0] == start:
        ranges = ranges[1:]
    if len(bars) > 1 and not text[bars[-1] + 1 : end].strip():
        ranges = ranges[:-1]
    return ranges


def _cell(text: str, start: int, end: int, references: frozenset[str]) -> str:
    """Return a cell's text; lines of one word each are a list, and parted by commas."""
    lines = [line for line in (_plain(line, references) for line in _LINE_BREAK.split(text[start:end])) if line]
    a_list = not any(" " in line.strip() or _LIST_END.search(line) for line in lines)
    return (", " if a_list else " ").join(lines)


def _plain(line: str, references: frozenset[str]) -> str:
    unescaped = line.strip().replace("\\|", "|")  # a table's bars are read before any other markup
    return plain_text(join_segments(unescaped, [(0, len(unescaped))]), references).text if unescaped else ""


def row_text(names: Sequence[str], cells: Sequence[str]) -> str:
    """Return the row as `header: cell` pairs, or nothing where it states nothing.

    A row of the header's own words, and one that fills a single cell of several, state nothing.
    """
    filled = [(i, cell) for i, cell in enumerate(cells) if cell not in NOTHING]
    if not filled or (len(filled) < 2 <= len(names)) or list(names) == list(cells):  # noqa: PLR2004
        return ""
    pairs = []
    for i, cell in filled:
        name = names[i] if i < len(names) else ""
        pairs.append(f"{name}: {cell}" if name and name != cell else cell)
    return "; ".join(pairs)
