"""The main content of a page to blocks, in one walk that needs no recursion."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Literal

from skillgen.model.corpus import Block
from skillgen.parse.html.content import Content
from skillgen.parse.html.dropped import SILENT, attribute, is_dropped, labels
from skillgen.parse.html.grid import Grid
from skillgen.parse.html.kinds import heading_level, is_block, is_lead_in
from skillgen.parse.html.names import CELLS, CODE_BLOCKS, INLINE_CODE, ITEMS, LISTS
from skillgen.parse.html.output import BlockList
from skillgen.parse.html.tables import OpenTable, data_grid
from skillgen.parse.html.text import Inline
from skillgen.parse.html.tree import Run, Tree, is_tag

if TYPE_CHECKING:
    from bs4.element import PageElement, Tag

    Leave = Callable[[], None]

MAX_BLOCK = 100_000  # characters; more loose text than this becomes several blocks
MAX_HEADING = 300  # characters; a longer heading is a paragraph
_STEP = 20_000
_UNSEEN = "\u00ad\u200b\u200c\u200d\u2060\ufeff "

_CLICK = re.compile(r"\s*(?:click (?:here )?to expand|expand source|show more|details)\W*", re.IGNORECASE)
_CLICK_SIZE = 60
_CDATA_OPEN = "<![CDATA["
_CDATA = re.compile(r"\s*<!\[CDATA\[(.*)\]\]>\s*", re.DOTALL)


def read_blocks(tree: Tree, content: Content) -> tuple[Block, ...]:
    """Return the blocks of the main content in the order of the text, their heading paths still empty."""
    out = BlockList(tree.raw)
    reader = _Reader(tree, out, content.left_out)
    for root in content.roots:
        reader.read(root)
    return tuple(out.blocks)


class _Reader:
    """Walks over elements: each is entered, which returns what to do when it is left, or None to pass it over."""

    def __init__(self, tree: Tree, out: BlockList, left_out: frozenset[int]) -> None:
        self._out = out
        self._left_out = left_out
        self._tree = tree
        self._inline = Inline()
        self._mode: Literal["flow", "heading", "cell", "code"] = "flow"
        self._item = False  # the next block is the first of a list item
        self._lead_owner: Tag | None = None
        self._tables: list[OpenTable] = []
        self._handlers: dict[str, Callable[[Tag], Leave]] = {
            **dict.fromkeys(CODE_BLOCKS, self._enter_code),
            **dict.fromkeys(LISTS, self._enter_list),
            **dict.fromkeys(ITEMS, self._enter_item),
            **dict.fromkeys(CELLS | {"tr"}, self._enter_table_part),
            "table": self._enter_table,
        }

    def read(self, root: Tag) -> None:
        leave = self._enter(root, is_root=True)
        stack: list[tuple[Iterator[PageElement], Leave]] = [(iter(root.contents), leave)] if leave else []
        while stack:
            node = next(stack[-1][0], None)
            if node is None:
                stack.pop()[1]()
            elif is_tag(node):
                leave = self._enter(node)
                if leave:
                    stack.append((iter(node.contents), leave))
            else:
                self._text(node)
        self._flush(force=True)

    # -- texts -------------------------------------------------------------------------------------------------------

    def _text(self, node: PageElement) -> None:
        run = self._tree.run(node)
        if run is None:
            return
        if self._mode == "code":
            self._inline.add(self._tree.raw, run.start, run.end, literal=run.literal)
            return
        marked = run.literal and self._tree.raw.startswith(_CDATA_OPEN, run.start - len(_CDATA_OPEN))
        if marked:
            self._inline.open(run.start - len(_CDATA_OPEN), run.start)
        for start, end in self._steps(run):
            self._inline.add(self._tree.raw, start, end, literal=run.literal)
            if self._mode == "flow" and self._inline.size > MAX_BLOCK:
                self._flush(force=True)
        if marked:
            self._inline.close(run.end, run.end + len("]]>"))

    def _steps(self, run: Run) -> Iterator[tuple[int, int]]:
        """Yield a text in parts of bounded size that cut no word and no entity where that can be helped."""
        start = run.start
        while run.end - start > _STEP:
            at = max(self._tree.raw.rfind(space, start + 1, start + _STEP) for space in " \n")
            if at < 0:
                ampersand = self._tree.raw.rfind("&", start + _STEP - 64, start + _STEP)
                at = ampersand if ampersand >= 0 else start + _STEP
            yield start, at
            start = at
        yield start, run.end

    # -- blocks ------------------------------------------------------------------------------------------------------

    def _flush(self, *, force: bool = False) -> None:
        """End a block; a lead-in waits for its text unless it is forced out."""
        if self._inline.waits and not force:
            return
        plain = self._inline.mapped()
        self._inline.clear()
        self._lead_owner = None
        if plain.text.strip(_UNSEEN):
            self._out.prose("list_item" if self._item else "paragraph", plain)
            self._item = False

    # -- elements ----------------------------------------------------------------------------------------------------

    def _enter(self, tag: Tag, *, is_root: bool = False) -> Leave | None:
        names = labels(tag)
        if tag.name in SILENT and not is_root:
            self._enter_script(tag)
            return None
        if not is_root and (id(tag) in self._left_out or is_dropped(tag, names, inside=True)):
            return None
        if self._mode == "code":
            return self._enter_in_code(tag)
        return self._enter_shown(tag, names)

    def _enter_shown(self, tag: Tag, names: frozenset[str]) -> Leave | None:
        if tag.name == "br":
            self._break(tag)
            return None
        if self._mode == "cell" and tag.name == "table":
            return self._enter_nested_table(tag)
        if not is_block(tag):
            return self._enter_inline(tag, code=tag.name in INLINE_CODE)
        if self._mode != "flow":
            return self._enter_part(tag)
        return self._enter_block(tag, names)

    def _enter_block(self, tag: Tag, names: frozenset[str]) -> Leave:
        level = heading_level(tag)
        if level:
            return self._enter_heading(level)
        if "syntaxhighlighter" in names:
            return self._enter_code(tag)
        handler = self._handlers.get(tag.name)
        if handler:
            return handler(tag)
        self._flush()
        if is_lead_in(tag, names):
            return lambda: self._lead_in(tag)
        return lambda: self._leave_block(tag)

    def _leave_block(self, tag: Tag) -> None:
        self._flush(force=tag is self._lead_owner)

    def _enter_inline(self, tag: Tag, *, code: bool) -> Leave:
        extent = self._tree.extent(tag)
        inline = self._inline
        inline.open(extent.start, extent.open_end, code=code)
        return lambda: inline.close(extent.close_start, extent.end)

    def _break(self, tag: Tag) -> None:
        """A line break is a space; two in a row end a paragraph."""
        extent = self._tree.extent(tag)
        self._inline.space(extent.start, extent.end)
        before = tag.previous_sibling
        while before is not None and not is_tag(before) and not str(before).strip():
            before = before.previous_sibling
        if self._mode == "flow" and before is not None and getattr(before, "name", None) == "br":
            self._flush(force=True)

    def _enter_part(self, tag: Tag) -> Leave:
        """A block inside a heading or a cell only parts the text."""
        inline, extent = self._inline, self._tree.extent(tag)
        if self._mode == "heading":
            inline.space(extent.start, extent.open_end)
            return lambda: inline.space(extent.close_start, extent.end)
        inline.separate()
        if tag.name not in CODE_BLOCKS:
            return inline.separate
        inline.open(extent.start, extent.open_end, code=True)

        def leave() -> None:
            inline.close(extent.close_start, extent.end)
            inline.separate()

        return leave

    def _enter_heading(self, level: int) -> Leave:
        self._flush(force=True)
        self._mode = "heading"

        def leave() -> None:
            self._mode = "flow"
            if self._inline.size > MAX_HEADING:
                self._flush(force=True)
                return
            plain = self._inline.mapped()
            self._inline.clear()
            if plain.text.strip(_UNSEEN):
                self._out.heading(plain, level)

        return leave

    def _enter_list(self, _tag: Tag) -> Leave:
        self._flush(force=True)
        self._out.depth += 1

        def leave() -> None:
            self._flush(force=True)
            self._out.depth -= 1

        return leave

    def _enter_item(self, tag: Tag) -> Leave:
        if tag.name == "dd":
            self._flush()
            self._item = True
        elif tag.name == "dt" and self._inline.waits:
            self._inline.extend_lead_in()
            return lambda: self._lead_in(tag)
        else:
            self._flush(force=True)
            self._item = True
        if tag.name == "dt":
            return lambda: self._lead_in(tag)

        def leave() -> None:
            self._flush(force=True)
            self._item = False

        return leave

    def _lead_in(self, tag: Tag) -> None:
        if self._inline.size < _CLICK_SIZE and _CLICK.fullmatch(self._inline.text()):
            self._inline.clear()
            return
        self._inline.lead_in()
        self._lead_owner = tag.parent

    # -- code --------------------------------------------------------------------------------------------------------

    def _enter_code(self, _tag: Tag) -> Leave:
        self._flush(force=True)
        outer, self._inline = self._inline, Inline(pre=True)
        self._mode = "code"

        def leave() -> None:
            self._out.code(self._inline)
            self._inline = outer
            self._mode = "flow"

        return leave

    def _enter_in_code(self, tag: Tag) -> Leave | None:
        extent, inline = self._tree.extent(tag), self._inline
        if tag.name == "br":
            inline.space(extent.start, extent.end)
            return None
        if not is_block(tag):
            return self._enter_inline(tag, code=False)
        inline.new_line(extent.start)
        return lambda: inline.new_line(extent.end)

    def _enter_script(self, tag: Tag) -> None:
        """A code panel's text may stand in a script element, in a CDATA section."""
        if tag.name != "script" or attribute(tag, "type") != "syntaxhighlighter" or self._mode != "flow":
            return
        self._flush(force=True)
        for node in tag.contents:
            run = self._tree.run(node)
            if run is not None:
                inner = _CDATA.fullmatch(self._tree.raw, run.start, run.end)
                start, end = inner.span(1) if inner else (run.start, run.end)
                inline = Inline(pre=True)
                inline.add(self._tree.raw, start, end, literal=True)
                self._out.code(inline)

    # -- tables ------------------------------------------------------------------------------------------------------

    def _enter_table(self, tag: Tag) -> Leave:
        self._flush(force=True)
        grid = data_grid(tag)
        return self._open_table(tag, grid) if grid else lambda: self._flush(force=True)

    def _open_table(self, tag: Tag, grid: Grid) -> Leave:
        self._tables.append(OpenTable(tag, grid))

        def leave() -> None:
            self._flush(force=True)
            self._tables.pop()
            self._out.row(grid.lonely_header())

        return leave

    def _enter_table_part(self, tag: Tag) -> Leave:
        """A row or cell of the data table that is being read, or of a table that only lays the page out."""
        self._flush(force=True)
        table = self._tables[-1] if self._tables else None
        if table is not None and tag.name == "tr" and table.begin_row(tag):
            return lambda: self._leave_row(table)
        if table is not None and table.begin_cell(tag):
            return self._enter_cell(table)
        return lambda: self._flush(force=True)

    def _leave_row(self, table: OpenTable) -> None:
        self._flush(force=True)
        if table.cells:
            self._out.row(table.grid.read_row(table.cells))

    def _enter_cell(self, table: OpenTable) -> Leave:
        outer, self._inline = self._inline, Inline()
        self._mode = "cell"

        def leave() -> None:
            table.add_cell(self._inline)
            self._inline = outer
            self._mode = "flow"

        return leave

    def _enter_nested_table(self, tag: Tag) -> Leave:
        """A data table inside a cell has rows of its own: the outer row is cut in two around it."""
        grid = data_grid(tag)
        if grid is None:
            return self._enter_part(tag)
        inline = self._inline
        self._out.row(self._tables[-1].cut_row(inline, grid))
        self._inline, self._mode = Inline(), "flow"
        leave_table = self._open_table(tag, grid)

        def leave() -> None:
            leave_table()
            inline.clear()
            self._inline, self._mode = inline, "cell"

        return leave
