"""Tables of a page: which hold data, and how their rows and cells are found."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from skillgen.parse.html.dropped import attribute, is_hidden, labels
from skillgen.parse.html.grid import Cell, Grid
from skillgen.parse.html.names import CELLS, HEADINGS, ROW_GROUPS
from skillgen.parse.html.text import Inline
from skillgen.parse.html.tree import is_tag

if TYPE_CHECKING:
    from bs4.element import PageElement, Tag

_HOLDS_BLOCKS = frozenset({"table", "pre", "section", "article", "blockquote", "hr", "form", "dl"}) | HEADINGS


class OpenTable:
    """A data table that is being read. After a table inside a cell, its row is `continued`."""

    def __init__(self, table: Tag, grid: Grid) -> None:
        """Begin with no row."""
        self.grid = grid
        self.cells: list[Cell] = []
        self.continued = False
        self._table = table
        self._row: Tag | None = None

    def begin_row(self, row: Tag) -> bool:
        """Begin a row if it belongs to this table and not to one that only lays out a cell."""
        parent = row.parent
        belongs = parent is self._table or (
            parent is not None and parent.name in ROW_GROUPS and parent.parent is self._table
        )
        if belongs:
            self._row, self.cells, self.continued = row, [], False
        return belongs

    def holds(self, cell: Tag) -> bool:
        """Return whether a cell belongs to the row that is being read."""
        return self._row is not None and cell.parent is self._row

    def add_cell(self, tag: Tag, inline: Inline) -> None:
        """Add a cell with the text that was read in it."""
        cell = Cell(
            text=inline.text(),
            extent=inline.extent(),
            heads=tag.name == "th",
            columns=_span_of(tag, "colspan"),
            rows=_span_of(tag, "rowspan"),
        )
        self.cells.append(cell)


def data_grid(table: Tag) -> Grid | None:
    """Return a grid for a table that holds data, or None for one that only lays the page out."""
    rows = [row for row in _rows_of(table) if row]
    if attribute(table, "role") in ("presentation", "none") or not rows:
        return None
    has_heads = any(cell.name == "th" for row in rows for cell in row)
    single = len(rows) == 1 or max(len(row) for row in rows) == 1
    if not has_heads and (single or any(_holds_blocks(cell) for row in rows for cell in row)):
        return None
    if sum(len(row) for row in rows) == 1:
        return None
    return Grid(header_rows=_header_rows(table, rows))


def _rows_of(table: Tag) -> list[list[Tag]]:
    """Return the cells of each row of the table itself, not of tables inside it."""
    rows: list[list[Tag]] = []
    for child in _shown(table):
        if child.name == "tr":
            rows.append(_cells(child))
        elif child.name in ROW_GROUPS:
            rows.extend(_cells(row) for row in _shown(child) if row.name == "tr")
    return rows


def _cells(row: Tag) -> list[Tag]:
    return [cell for cell in _shown(row) if cell.name in CELLS]


def _shown(tag: Tag) -> Iterator[Tag]:
    children: list[PageElement] = tag.contents
    for child in children:
        if is_tag(child) and not is_hidden(child, labels(child)):
            yield child


def _holds_blocks(cell: Tag) -> bool:
    return any(is_tag(node) and node.name in _HOLDS_BLOCKS for node in cell.descendants)


def _header_rows(table: Tag, rows: list[list[Tag]]) -> int:
    """Return how many rows at the top name the columns."""
    head = next((child for child in _shown(table) if child.name == "thead"), None)
    if head is not None:
        return sum(1 for row in _shown(head) if row.name == "tr" and _cells(row))
    columns = max(len(row) for row in rows)
    count = 0
    for row in rows[:-1] if len(rows) > 1 else rows:
        if not _names_columns(row) or (len(row) == 1 and columns > 1):
            break
        count += 1
    return count


def _names_columns(row: list[Tag]) -> bool:
    """Return whether a row holds names of columns: header cells, and empty ones at most beside them."""
    heads = [cell for cell in row if cell.name == "th"]
    return len(heads) >= min(2, len(row)) and all(cell.name == "th" or not cell.get_text(strip=True) for cell in row)


def _span_of(cell: Tag, name: str) -> int:
    """Return a cell's `colspan` or `rowspan`, at least 1."""
    value = attribute(cell, name)
    number = int(value) if value.isascii() and value.isdigit() and len(value) < 6 else 1  # noqa: PLR2004 - browsers' limit is 65,534
    return max(1, number)
