"""A data table's rows as `header: cell` pairs, with merged cells repeated."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from skillgen.model.corpus import Span

MAX_COLUMNS = 200
MAX_REPEATS = 20  # a cell that spans more columns is said so often
# A header that stands further than this before a merged cell is not quoted together with it.
MAX_HEADER_REACH = 600
_NOTHING = frozenset({"", "-", "\u2013", "\u2014"})


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as read: its text, its raw offsets (None where it is empty), and how far it reaches."""

    text: str
    extent: tuple[int, int] | None
    heads: bool
    columns: int
    rows: int


@dataclass(frozen=True, slots=True)
class Row:
    """A row's text and raw offsets, and what else has to be quoted with it."""

    text: str
    start: int
    end: int
    header: Span | None


@dataclass(slots=True)
class _Merged:
    cell: Cell
    rows_left: int


@dataclass(slots=True)
class Grid:
    """The state of a data table while its rows are read in order."""

    header_rows: int
    names: list[str] = field(default_factory=list)
    header: Span | None = None
    rows_read: int = 0
    body_rows: int = 0
    _merged: dict[int, _Merged] = field(default_factory=dict)

    def read_row(self, cells: list[Cell]) -> Row | None:
        """Return a body row; a header row is only remembered."""
        placed, merged = self._place(cells)
        self.rows_read += 1
        if self.rows_read <= self.header_rows:
            self._read_header(placed, cells)
            return None
        return self._body_row(placed, merged, cells)

    def lonely_header(self) -> Row | None:
        """Return the header as a row where the table has no other."""
        if self.header is None or self.body_rows:
            return None
        return Row(self.header.text, self.header.start, self.header.end, None)

    def _place(self, cells: list[Cell]) -> tuple[list[Cell | None], list[Cell]]:
        """Return the cell of each column, and those among them that an earlier row holds."""
        placed: list[Cell | None] = []
        merged: list[Cell] = []
        rest = iter(cells)
        cell = next(rest, None)
        last_held = max(self._merged, default=-1)
        while len(placed) < MAX_COLUMNS and (cell is not None or len(placed) <= last_held):
            held = self._merged.get(len(placed))
            if held is not None:
                self._use(held, len(placed))
                placed.append(held.cell)
                merged.append(held.cell)
            elif cell is None:
                placed.append(None)
            else:
                for column in range(len(placed), min(len(placed) + cell.columns, MAX_COLUMNS)):
                    if cell.rows > 1:
                        self._merged[column] = _Merged(cell, cell.rows - 1)
                    placed.append(cell)
                cell = next(rest, None)
        return placed, merged

    def _use(self, held: _Merged, column: int) -> None:
        held.rows_left -= 1
        if held.rows_left <= 0:
            del self._merged[column]

    def _read_header(self, placed: list[Cell | None], cells: list[Cell]) -> None:
        for column, cell in enumerate(placed):
            if column >= len(self.names):
                self.names.append("")
            text = cell.text if cell else ""
            if text and text not in self.names[column].split(" / "):
                self.names[column] = f"{self.names[column]} / {text}" if self.names[column] else text
        extents = [cell.extent for cell in cells if cell.extent]
        if extents:
            start = self.header.start if self.header else extents[0][0]
            shown = " | ".join(dict.fromkeys(name for name in self.names if name))
            self.header = Span(start=start, end=max(end for _, end in extents), text=shown)

    def _body_row(self, placed: list[Cell | None], merged: list[Cell], cells: list[Cell]) -> Row | None:
        extents = [cell.extent for cell in cells if cell.extent]
        if not extents:
            return None
        self.body_rows += 1
        header, named = self._quoted_header([cell for cell in merged if cell.extent])
        start, end = extents[0][0], max(end for _, end in extents)
        text = "; ".join(_pairs(placed, self.names if named else []))
        return Row(text or "; ".join(cell.text for cell in cells if cell.text), start, end, header)

    def _quoted_header(self, merged: list[Cell]) -> tuple[Span | None, bool]:
        """Return what is quoted before a row, and whether it holds the columns' names: a quote must carry all words.

        Cells merged from rows above are quoted together with the header, or alone where the header is far away.
        """
        extents = [cell.extent for cell in merged if cell.extent]
        if not extents:
            return self.header, True
        start, end = min(at for at, _ in extents), max(at for _, at in extents)
        texts = list(dict.fromkeys(cell.text for cell in merged))
        if self.header is None:
            return Span(start=start, end=end, text=" | ".join(texts)), True
        if end - self.header.start > MAX_HEADER_REACH:
            return Span(start=start, end=end, text=" | ".join(texts)), False
        return Span(start=self.header.start, end=end, text=" | ".join([self.header.text, *texts])), True


def _pairs(placed: list[Cell | None], names: list[str]) -> Iterator[str]:
    """Yield `name: cell` for each column; a first cell that heads its row is the name of the others."""
    cells = [cell for cell in placed if cell is not None]
    if len(set(map(id, cells))) == 1:  # one cell over all columns
        yield cells[0].text
        return
    row_name = cells[0].text if not any(names) and cells[0].heads else ""
    if row_name:
        rest = [text for text in dict.fromkeys(cell.text for cell in cells[1:]) if text not in _NOTHING]
        yield f"{row_name.rstrip(':')}: {'; '.join(rest)}" if rest else row_name
        return
    said: dict[int, int] = {}
    for column, cell in enumerate(placed):
        if cell is None or cell.text in _NOTHING or said.get(id(cell), 0) >= MAX_REPEATS:
            continue
        name = names[column] if column < len(names) else ""
        if id(cell) in said and not name:
            continue
        said[id(cell)] = said.get(id(cell), 0) + 1
        yield f"{name.rstrip(':')}: {cell.text}" if name and name != cell.text else cell.text


def plain_row(cells: list[Cell]) -> Row | None:
    """Return cells as a row without the columns' names, or None where all are empty."""
    extents = [cell.extent for cell in cells if cell.extent]
    if not extents:
        return None
    text = "; ".join(cell.text for cell in cells if cell.text)
    return Row(text, extents[0][0], max(end for _, end in extents), None)
