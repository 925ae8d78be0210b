"""A data table's rows as `header: cell` pairs, with merged cells repeated."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from skillgen.model.corpus import Span
from skillgen.parse.tables import MAX_HEADER_REACH, NOTHING
from skillgen.quotes import MIN_QUOTE_CHARS

MAX_COLUMNS = 200
MAX_REPEATS = 20  # a cell that spans more columns is said so often
MAX_INTRODUCTION = 80  # characters; a longer text before a table in a cell is no title of it


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


@dataclass(frozen=True, slots=True)
class _Cut:
    """A row that a table inside one of its cells has cut.

    It goes on in `column`. `key` is the cell that says what the row is about, and `beside` what tells the table inside
    from others: what introduces it in its cell, and of a row whose first cell is a number the next one. `end` is the
    raw offset up to which the row stands beside its key, 0 where the key stands in a row above.
    """

    column: int
    key: Cell | None
    key_column: int
    beside: tuple[Cell, ...]
    end: int


@dataclass(slots=True)
class Grid:
    """The state of a data table while its rows are read in order.

    With `row_names` the first cell of each row is the name of the others. `lead` is what all rows belong to: of a table
    inside a cell, the row around it.
    """

    header_rows: int
    row_names: bool = False
    lead: Span | None = None
    names: list[str] = field(default_factory=list)
    header: Span | None = None
    rows_read: int = 0
    body_rows: int = 0
    _merged: dict[int, _Merged] = field(default_factory=dict)
    _cut: _Cut | None = None

    def read_row(self, cells: list[Cell]) -> Row | None:
        """Return a body row, or what is left of one that was cut; a header row is only remembered."""
        cut, self._cut = self._cut, None
        placed, merged = self._place(cells, cut.column if cut else 0)
        if cut:
            return self._body_row(placed, [*_put_key(placed, cut), *merged], cells)
        self.rows_read += 1
        if self.rows_read <= self.header_rows:
            self._read_header(placed, cells)
            return None
        return self._body_row(placed, merged, cells)

    def cut_row(self, cells: list[Cell]) -> Row | None:
        """Return a body row up to a table inside its last cell; the next call goes on in that cell."""
        begun, self._cut = self._cut, None
        cells = [*cells[:-1], replace(cells[-1], rows=1)]  # the part behind the table reaches into the rows below
        placed, merged = self._place(cells, begun.column if begun else 0, to_end=False)
        column = next((at for at, cell in enumerate(placed) if cell is cells[-1]), len(placed))
        if begun:
            merged = [*_put_key(placed, begun), *merged]
        else:
            self.rows_read += 1
        self._cut = _cut_at(column, cells, placed)
        row = self._body_row(placed, merged, cells) or self.lonely_header()
        self.body_rows += 1  # also where nothing stands before the table: its rows are some of this one
        return row

    def lead_of_nested(self, *, with_column: bool) -> Span | None:
        """Return what the rows of the table that has just cut a row belong to, None where nothing says it.

        It is the first cell of the row around it, and as far as one quote reaches what introduces the table in its
        cell, the column's name (`with_column`, or where no cell stands before) and what this table belongs to itself.
        What is too short for a quote is quoted with the cells beside it.
        """
        assert self._cut is not None  # called after a row was cut
        cut, key = self._cut, self._cut.key
        parts = [_span(key)] if key and key.extent else []
        parts += [_span(cell) for cell in cut.beside]
        name = self.names[cut.column] if cut.column < len(self.names) else ""
        if self.header and name and (with_column or not parts):
            parts.append(Span(start=self.header.start, end=self.header.end, text=name))
        if self.lead:
            parts.append(self.lead)
        kept: list[Span] = []
        for part in parts:
            if _reach([*kept, part]) <= MAX_HEADER_REACH or not kept:
                kept.append(part)
        if not kept:
            return None
        lead = _around(sorted(kept, key=lambda part: part.start), "; ")
        short = lead.end - lead.start < MIN_QUOTE_CHARS and cut.end - lead.start <= MAX_HEADER_REACH
        return replace(lead, end=max(lead.end, cut.end)) if short else lead

    def lonely_header(self) -> Row | None:
        """Return the header as a row where the table has no other."""
        if self.header is None or self.body_rows:
            return None
        return Row(self._led(self.header.text), self.header.start, self.header.end, self.lead)

    def _led(self, text: str) -> str:
        return f"{self.lead.text}; {text}" if self.lead else text

    def _place(self, cells: list[Cell], column: int, *, to_end: bool = True) -> tuple[list[Cell | None], list[Cell]]:
        """Return the cell of each column from one on, and those among them that an earlier row holds."""
        placed: list[Cell | None] = [None] * column
        merged: list[Cell] = []
        rest = iter(cells)
        cell = next(rest, None)
        last_held = max(self._merged, default=-1) if to_end else -1
        while len(placed) < MAX_COLUMNS and (cell is not None or len(placed) <= last_held):
            held = self._merged.get(len(placed))
            if held is not None:
                self._use(held, len(placed))
                placed.append(held.cell)
                merged.append(held.cell)
            elif cell is None:
                placed.append(None)
            else:
                for at in range(len(placed), min(len(placed) + cell.columns, MAX_COLUMNS)):
                    if cell.rows > 1:
                        self._merged[at] = _Merged(cell, cell.rows - 1)
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
        text = "; ".join(_pairs(placed, self.names if named else [], whole=self._cut is None))
        text = text or "; ".join(cell.text for cell in cells if cell.text)
        return Row(self._led(text), start, end, header)

    def _quoted_header(self, merged: list[Cell]) -> tuple[Span | None, bool]:
        """Return what is quoted before a row, and whether it holds the columns' names: a quote must carry all words.

        Cells merged from rows above and what the table belongs to are quoted together with the header, or alone where
        the header is far away.
        """
        held = [_span(cell) for cell in merged]
        lead = [self.lead] if self.lead else []
        if not held and not lead:
            return self.header, True
        if self.header is None:
            return _around([*lead, *held], " | "), True
        together = [*lead, self.header, *held]
        if _reach(together) > MAX_HEADER_REACH:
            return _around([*lead, *held], " | "), False
        return _around(together, " | "), True


def _cut_at(column: int, own: Sequence[Cell], placed: Sequence[Cell | None]) -> _Cut:
    """Return how a row was cut in the last of its own cells; `placed` is what stands in its columns up to there."""
    cells = [(at, cell) for at, cell in enumerate(placed) if cell and cell.extent and cell.text not in NOTHING]
    key_column, key = cells[0] if cells else (0, None)
    beside = [own[-1]] if own[-1].extent and own[-1].text else []
    if key and not any(map(str.isalpha, key.text)):
        beside = [*[cell for _, cell in cells if any(map(str.isalpha, cell.text))][:1], *beside]
    short = [cell for cell in beside if cell is not key and len(cell.text) <= MAX_INTRODUCTION]
    in_row = key is not None and any(cell is key for cell in own)
    return _Cut(
        column, key, key_column, tuple(short), max(cell.extent[1] for cell in own if cell.extent) if in_row else 0
    )


def _put_key(placed: list[Cell | None], cut: _Cut) -> list[Cell]:
    """Say again, in what is left of a row that was cut, what the row is about; return that cell."""
    if cut.key is None:
        return []
    while len(placed) <= cut.key_column:
        placed.append(None)
    rest = placed[cut.key_column]
    said = rest and rest is not cut.key and rest.text
    placed[cut.key_column] = replace(rest, text=f"{cut.key.text}, {rest.text}") if rest and said else cut.key
    return [cut.key]


def _span(cell: Cell) -> Span:
    start, end = cell.extent or (0, 0)
    return Span(start=start, end=end, text=cell.text)


def _reach(parts: Sequence[Span]) -> int:
    return max(part.end for part in parts) - min(part.start for part in parts)


def _around(parts: Sequence[Span], separator: str) -> Span:
    """Return the range over all parts, with each text once."""
    start = min(part.start for part in parts)
    text = separator.join(dict.fromkeys(part.text for part in parts))
    return Span(start=start, end=start + _reach(parts), text=text)


def _pairs(placed: list[Cell | None], names: list[str], *, whole: bool) -> Iterator[str]:
    """Yield `name: cell` for each column; a first cell that heads its row is the name of the others."""
    cells = [cell for cell in placed if cell is not None]
    if not cells:
        return
    if whole and len(set(map(id, cells))) == 1:  # one cell over all columns
        yield cells[0].text
        return
    row_name = cells[0].text if not any(names) and cells[0].heads else ""
    if row_name:
        rest = [text for text in dict.fromkeys(cell.text for cell in cells[1:]) if text not in NOTHING]
        yield f"{row_name.rstrip(':')}: {'; '.join(rest)}" if rest else row_name
        return
    said: dict[int, int] = {}
    for column, cell in enumerate(placed):
        if cell is None or cell.text in NOTHING or said.get(id(cell), 0) >= MAX_REPEATS:
            continue
        name = names[column] if column < len(names) else ""
        if id(cell) in said and not name:
            continue
        said[id(cell)] = said.get(id(cell), 0) + 1
        yield f"{name.rstrip(':')}: {cell.text}" if name and name != cell.text else cell.text
