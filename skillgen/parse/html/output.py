"""The blocks of a page as they are found."""

from __future__ import annotations

import re

from skillgen.model.corpus import Block, BlockKind, Span
from skillgen.parse.html.grid import Row
from skillgen.parse.html.spans import Sentences
from skillgen.parse.html.text import Inline
from skillgen.parse.mapped import MappedText
from skillgen.quotes import MIN_QUOTE_CHARS

_NEWLINE = re.compile(r"\r\n|\r|\n")
# Tags that part cells and rows: one that is quoted says nothing by itself.
_PARTS = r"(?:table|thead|tbody|tr|th|td|p|div)(?=[\s>])"
_OPEN = rf"""<{_PARTS}(?:[^<>"']|"[^<>"]{{0,300}}"|'[^<>']{{0,300}}'){{0,300}}>"""
_CLOSE = rf"</{_PARTS}\s{{0,9}}>"
_CLOSING_BEHIND = re.compile(rf"\s*{_CLOSE}", re.IGNORECASE)
_TAG_BEHIND = re.compile(rf"\s*(?:{_OPEN}|{_CLOSE})", re.IGNORECASE)
_OPENING_BEFORE = re.compile(rf"{_OPEN}\s*\Z", re.IGNORECASE)
_MOST_BEFORE = 300


class BlockList:
    """Makes blocks of texts. `depth` is the nesting of lists at this place; heading paths are put in later."""

    def __init__(self, raw: str) -> None:
        """Begin with no block of the raw page."""
        self.blocks: list[Block] = []
        self.depth = 0
        self._sentences = Sentences()
        self._raw = raw

    def prose(self, kind: BlockKind, plain: MappedText) -> None:
        """Add a paragraph or list item, sentence by sentence."""
        self._add(kind, self._sentences.spans(plain), self.depth)

    def heading(self, plain: MappedText, level: int) -> None:
        """Add a heading."""
        start, end = plain.raw_range(0, len(plain.text))
        self._add("heading", (Span(start=start, end=end, text=plain.text),), level)

    def row(self, row: Row | None) -> None:
        """Add a row of a table, if there is one."""
        if row is None or row.start >= row.end:
            return
        header = row.header
        if header:
            header = _quotable(header, self._raw, (0, row.start), behind=_TAG_BEHIND)
        before = max(header.end if header else 0, self.blocks[-1].end if self.blocks else 0)
        span = Span(start=row.start, end=row.end, text=row.text)
        span = _quotable(span, self._raw, (before, len(self._raw)), behind=_CLOSING_BEHIND)
        self._add("table_row", (span,), self.depth, header)

    def code(self, inline: Inline) -> None:
        """Add code as one span; its lines stand without indentation, as in Markdown."""
        extent = inline.extent()
        lines = [line.strip() for line in _NEWLINE.split(inline.text())]
        text = "\n".join(line for line in lines if line)
        if extent and text:
            self._add("code", (Span(start=extent[0], end=extent[1], text=text),), self.depth)

    def _add(self, kind: BlockKind, spans: tuple[Span, ...], depth: int, header: Span | None = None) -> None:
        if not spans:
            return
        block = Block(
            kind=kind,
            start=spans[0].start,
            end=spans[-1].end,
            heading_path=(),
            depth=depth,
            spans=spans,
            header=header,
        )
        at = len(self.blocks)
        # text that stands between the cells of a broken table was read before their row
        while at and self.blocks[at - 1].start > block.start:
            at -= 1
        self.blocks.insert(at, block)


def _quotable(span: Span, raw: str, room: tuple[int, int], *, behind: re.Pattern[str]) -> Span:
    """Return a row or what is quoted before one, with tags around it where it is too short for a quote.

    A short row could not be cited; without a short header its quote would lack the names of its columns. Nothing before
    or after the raw offsets in `room` is taken in.
    """
    start, end = span.start, span.end
    while end - start < MIN_QUOTE_CHARS and (tag := behind.match(raw, end, room[1])):
        end = tag.end()
    while end - start < MIN_QUOTE_CHARS and (
        tag := _OPENING_BEFORE.search(raw, max(room[0], start - _MOST_BEFORE), start)
    ):
        start = tag.start()
    return Span(start=start, end=end, text=span.text)
