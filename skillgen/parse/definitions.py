"""Definition lists of Markdown: a term in a line, and what it means below, each meaning behind a colon."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from skillgen.parse.boxes import contain, hang, line_text, paragraph

if TYPE_CHECKING:
    from markdown_it.rules_block import StateBlock

DEFINITION = re.compile(r":[ \t]+(?=\S)")
# A list or code; "1. this. 2. that" in one line is none.
_BLOCK = re.compile(r":[ \t]+(?:[-*+][ \t]|\d{1,9}[.)][ \t](?!.{1,2000}[ ]\d{1,2}[.)][ ])|`{3}|~{3})")
_INDENT = 2
_CODE_INDENT = 4
# So many blank lines may stand between a term and its definition.
_MAX_BLANK = 2


def definition(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - the parser's interface
    """Read a term with its definition: one paragraph, as neither says anything alone.

    Of several definitions, and of one that is a list or code, the term with a colon is the lead-in.
    """
    at = None if silent else _first(state, start, end)
    if at is None:
        return False
    found = [at]
    while (following := _next(state, found[-1], end)) is not None:
        found.append(following)
    if len(found) == 1 and not _BLOCK.match(line_text(state, at)):
        _one(state, start, at, end)
        return True
    term = line_text(state, start).rstrip()
    colon = "" if term.rstrip("*_`").endswith(":") else "\n" * (at - start) + ":"
    paragraph(state, start, term + colon, stop=at + 1)
    for line, stop in zip(found, [*found[1:], end], strict=True):
        _meaning(state, line, stop)
    return True


def _first(state: StateBlock, start: int, end: int) -> int | None:
    """Return the line of the definition that follows a term, if any."""
    line = start + 1
    while line < end and state.isEmpty(line) and line <= start + _MAX_BLANK:
        line += 1
    return line if line < end and _defines(state, line) else None


def _next(state: StateBlock, line: int, end: int) -> int | None:
    """Return the line of the next definition of the same term, if any: nothing but this one stands between them."""
    blank = False
    for at in range(line + 1, end):
        if state.isEmpty(at):
            blank = True
        elif _defines(state, at):
            return at
        elif blank and state.sCount[at] < state.blkIndent + _INDENT:
            return None
        else:
            blank = False
    return None


def _defines(state: StateBlock, line: int) -> bool:
    indent = state.sCount[line] - state.blkIndent
    return 0 <= indent < _CODE_INDENT and DEFINITION.match(line_text(state, line)) is not None


def _one(state: StateBlock, start: int, at: int, end: int) -> None:
    ends = state.md.block.ruler.getRules("paragraph")
    parent, state.parentType = state.parentType, "paragraph"
    stop = at + 1
    while stop < end and not state.isEmpty(stop):
        if not state.is_code_block(stop) and any(rule(state, stop, end, True) for rule in ends):  # noqa: FBT003
            break
        stop += 1
    state.parentType = parent
    paragraph(state, start, state.getLines(start, stop, state.blkIndent, keepLastLF=False), stop=stop)
    state.line = stop
    contain(state, (start, stop, end), None, state.blkIndent + _INDENT, natural=True)


def _meaning(state: StateBlock, line: int, end: int) -> None:
    """Read one of several definitions as an item; a list or code is read as it is."""
    text = line_text(state, line)
    marker = DEFINITION.match(text)
    from_end = len(text) - (marker.end() if marker else 0)
    item = not _BLOCK.match(text)
    if item:
        state.push("bullet_list_open", "ul", 1).map = [line, line + 1]
        state.push("list_item_open", "li", 1).map = [line, line + 1]
    hang(state, line, end, from_end)
    if item:
        state.push("list_item_close", "li", -1)
        state.push("bullet_list_close", "ul", -1)
