"""Tables of a page: which hold data, and how their rows and cells are found."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from skillgen.parse.html.dropped import attribute, is_hidden, labels
from skillgen.parse.html.grid import Cell, Grid, Row
from skillgen.parse.html.names import CELLS, HEADINGS, ROW_GROUPS
from skillgen.parse.html.text import Inline
from skillgen.parse.html.tree import is_tag

if TYPE_CHECKING:
    from bs4.element import PageElement, Tag

_TABLE = frozenset({"table"})
_PAGE_PARTS = frozenset({"section", "article", "hr", "form"}) | HEADINGS
_HOLDS_BLOCKS = _PAGE_PARTS | _TABLE | {"pre", "blockquote", "dl"}
_BOLD = frozenset({"b", "strong"})
_BOLD_STYLE = re.compile(r"(?:^|;)\s*font-weight\s*:\s*(?:bold|[6-9]00)\b", re.IGNORECASE)
MAX_NAME = 80  # characters; more bold text than this is no name of a column or row
_MOST_NODES = 200  # of a cell are looked at, so that tables in tables are not searched again and again


class OpenTable:
    """A data table that is being read."""

    def __init__(self, table: Tag, grid: Grid) -> None:
        """Begin with no row."""
        self.grid = grid
        self.cells: list[Cell] = []
        self._table = table
        self._row: Tag | None = None
        self._cell: Tag | None = None
        self._several: bool | None = None  # whether several cells of the row hold tables, once that was asked

    def begin_row(self, row: Tag) -> bool:
        """Begin a row if it belongs to this table and not to one that only lays out a cell."""
        parent = row.parent
        belongs = parent is self._table or (
            parent is not None and parent.name in ROW_GROUPS and parent.parent is self._table
        )
        if belongs:
            self._row, self.cells, self._several = row, [], None
        return belongs

    def begin_cell(self, cell: Tag) -> bool:
        """Begin a cell if it belongs to the row that is being read."""
        belongs = self._row is not None and cell.parent is self._row
        if belongs:
            self._cell = cell
        return belongs

    def add_cell(self, inline: Inline) -> None:
        """Add the cell that was begun, or a further part of it, with the text that was read in it."""
        assert self._cell is not None  # text of a cell is read after its beginning alone
        cell = Cell(
            text=inline.text(),
            extent=inline.extent(),
            heads=self._cell.name == "th" or self.grid.row_names,
            columns=_span_of(self._cell, "colspan"),
            rows=_span_of(self._cell, "rowspan"),
        )
        self.cells.append(cell)

    def cut_row(self, inline: Inline, nested: Grid) -> Row | None:
        """Return the row up to a table in the cell that was begun, and tell that table what it belongs to."""
        assert self._row is not None  # a table in a cell stands in a row
        self.add_cell(inline)
        row = self.grid.cut_row(self.cells)
        self.cells = []
        if self._several is None:
            self._several = sum(1 for cell in _cells(self._row) if _holds(cell, _TABLE, most=_MOST_NODES)) > 1
        nested.lead = self.grid.lead_of_nested(with_column=self._several)
        return row


def data_grid(table: Tag) -> Grid | None:
    """Return a grid for a table that holds data, or None for one that only lays the page out."""
    rows = [row for row in _rows_of(table) if row]
    if attribute(table, "role") in ("presentation", "none") or sum(len(row) for row in rows) <= 1:
        return None
    header_rows = _header_rows(table, rows)
    bold_header = not header_rows and _has_bold_header(rows)
    row_names = not bold_header and _has_bold_row_names(rows[header_rows:], rows[:header_rows])
    if not any(cell.name == "th" for row in rows for cell in row):
        single = len(rows) == 1 or max(len(row) for row in rows) == 1
        named = header_rows or bold_header or (row_names and not single)
        in_the_way = _PAGE_PARTS if named else _HOLDS_BLOCKS
        if (single and not row_names) or any(_holds(cell, in_the_way) for row in rows for cell in row):
            return None
    return Grid(header_rows=header_rows + bold_header, row_names=row_names)


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


def _holds(cell: Tag, names: frozenset[str], *, most: int | None = None) -> bool:
    return any(is_tag(node) and node.name in names for node in islice(cell.descendants, most))


def _has_text(cell: Tag) -> bool:
    return any(not is_tag(node) and str(node).strip() for node in islice(cell.descendants, _MOST_NODES))


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


def _has_bold_header(rows: list[list[Tag]]) -> bool:
    """Return whether the first row names the columns in bold type and the second one is no such row.

    Wiki editors write such a row where nobody chose a header row. Its first cell may be empty.
    """
    if len(rows) < 2 or len(rows[0]) < 2:  # noqa: PLR2004 - a row below, and more than a title over all columns
        return False
    corner = not _has_text(rows[0][0]) and len(rows[0]) > 2  # noqa: PLR2004 - two names beside the corner
    return all(map(_is_bold, rows[0][corner:])) and not all(map(_is_bold, rows[1]))


def _has_bold_row_names(rows: list[list[Tag]], header: list[list[Tag]]) -> bool:
    """Return whether two columns are a name in bold type and what is said of it, below no header but an empty one."""
    if any(_has_text(cell) for row in header for cell in row):
        return False
    pairs = [row for row in rows if len(row) > 1]
    named = all(len(row) == 2 and (row[0].name == "th" or _is_bold(row[0])) for row in pairs)  # noqa: PLR2004 - pairs
    return bool(pairs) and named and not all(_is_bold(row[1]) for row in pairs)


def _is_bold(cell: Tag) -> bool:
    """Return whether a cell holds a short text that is bold from its first to its last word."""
    length = 0
    for count, node in enumerate(islice(cell.descendants, _MOST_NODES + 1)):
        text = "" if is_tag(node) else str(node).strip()
        length += len(text)
        if count == _MOST_NODES or length > MAX_NAME or (text and not _in_bold(node, cell)):
            return False
    return length > 0


def _in_bold(node: PageElement, cell: Tag) -> bool:
    around = node.parent
    while around is not None:
        if around.name in _BOLD or _BOLD_STYLE.search(attribute(around, "style")):
            return True
        if around is cell:
            return False
        around = around.parent
    return False


def _span_of(cell: Tag, name: str) -> int:
    """Return a cell's `colspan` or `rowspan`, at least 1."""
    value = attribute(cell, name)
    number = int(value) if value.isascii() and value.isdigit() and len(value) < 6 else 1  # noqa: PLR2004 - browsers' limit is 65,534
    return max(1, number)
