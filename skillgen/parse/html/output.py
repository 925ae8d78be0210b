"""The blocks of a page as they are found."""

from __future__ import annotations

import re

from skillgen.model.corpus import Block, BlockKind, Span
from skillgen.parse.html.grid import Row
from skillgen.parse.html.spans import Sentences
from skillgen.parse.html.text import Inline
from skillgen.parse.mapped import MappedText

_NEWLINE = re.compile(r"\r\n|\r|\n")


class BlockList:
    """Makes blocks of texts. `depth` is the nesting of lists at this place; heading paths are put in later."""

    def __init__(self) -> None:
        """Begin with no block."""
        self.blocks: list[Block] = []
        self.depth = 0
        self._sentences = Sentences()

    def prose(self, kind: BlockKind, plain: MappedText) -> None:
        """Add a paragraph or list item, sentence by sentence."""
        self._add(kind, self._sentences.spans(plain), self.depth)

    def heading(self, plain: MappedText, level: int) -> None:
        """Add a heading."""
        start, end = plain.raw_range(0, len(plain.text))
        self._add("heading", (Span(start=start, end=end, text=plain.text),), level)

    def row(self, row: Row | None) -> None:
        """Add a row of a table, if there is one."""
        if row is not None and row.start < row.end:
            self._add("table_row", (Span(start=row.start, end=row.end, text=row.text),), self.depth, row.header)

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
        self.blocks.append(block)
