"""Boxes: what the rules for flavours of Markdown do to the block parser's state."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING

from skillgen.parse.tags import closed_by

if TYPE_CHECKING:
    from markdown_it.rules_block import StateBlock

# How far the lines below the first line of a footnote or a definition are indented at least.
HANGING_INDENT = 2

_OPTION = re.compile(r":[A-Za-z][\w-]{0,60}:(?:[ \t].{0,1000})?")


def is_option(line: str) -> bool:
    """Return whether a line at the beginning of a directive is an option (`:class: wide`)."""
    return _OPTION.fullmatch(line) is not None


def line_text(state: StateBlock, line: int) -> str:
    """Return a line without what contains it and without indentation."""
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]


def title_of(match: re.Match[str], group: int | str) -> tuple[str, int] | None:
    """Return the title that a group holds, and how far from the end of the line it begins."""
    title = match[group]
    return (title, len(match.string) - match.start(group)) if title and title.strip() else None


def contain(
    state: StateBlock, at: tuple[int, int, int], title: tuple[str, int] | None, indent: int, *, natural: bool = False
) -> None:
    """Read the lines of a box as Markdown: it begins at the first number, its content lies between the others.

    Where it ends is `natural` if that is the first block that is less indented.
    """
    start, first, stop = at
    state.push("flavour_open", "", 1).map = [start, stop]
    if title:
        paragraph(state, start, *title)
    saved = state.parentType, state.lineMax, state.blkIndent
    state.parentType, state.lineMax, state.blkIndent = "flavour", stop, indent
    if first < stop:
        state.md.block.tokenize(state, first, stop)
    state.parentType, state.lineMax, state.blkIndent = saved
    if not natural:
        state.line = stop
    state.push("flavour_close", "", -1)


def paragraph(state: StateBlock, line: int, text: str, from_end: int | None = None, *, stop: int | None = None) -> None:
    """Add a paragraph of whole lines, or of a part of one: then it begins `from_end` before the line's end."""
    lines = [line, stop or line + 1]
    state.push("paragraph_open", "p", 1).map = lines
    token = state.push("inline", "", 0)
    token.content, token.map, token.children = text.strip(), lines, []
    if from_end is not None:
        token.meta = {"from_end": from_end - (len(text) - len(text.lstrip()))}
    state.push("paragraph_close", "p", -1)


def hang(state: StateBlock, start: int, end: int, from_end: int) -> None:
    """Read the rest of a line behind a marker and what is indented below it as Markdown."""
    saved = state.bMarks[start], state.tShift[start], state.sCount[start]
    indent = state.sCount[start] + HANGING_INDENT
    state.bMarks[start], state.tShift[start], state.sCount[start] = state.eMarks[start] - from_end, 0, indent
    contain(state, (start, start, end), None, indent, natural=True)
    state.bMarks[start], state.tShift[start], state.sCount[start] = saved


def mark(state: StateBlock, **does: str) -> None:
    """Note that a box without indentation begins (`opens`) or ends (`closes`) here."""
    state.push("box", "", 0).meta = dict(does)


def code(state: StateBlock, start: int, last: int) -> None:
    """Add the lines between a marker and what closes it as code."""
    token = state.push("fence", "code", 0)
    token.content = state.getLines(start + 1, last, state.blkIndent, keepLastLF=True)
    token.map, token.info = [start, last + 1], "{code}"


def indented_end(state: StateBlock, line: int, end: int, indent: int) -> int:
    """Return the line behind the last of the lines that are indented."""
    stop = line
    while line < end and (state.isEmpty(line) or state.sCount[line] >= indent):
        line += 1
        if not state.isEmpty(line - 1):
            stop = line
    return stop


def after_options(state: StateBlock, line: int, end: int) -> int:
    """Return the first line that is no option of a directive."""
    while line < end and is_option(line_text(state, line)):
        line += 1
    return line


def fence_end(state: StateBlock, start: int, end: int, fence: str) -> tuple[int, int]:
    """Return the line behind the content of a fence, and the line behind the fence."""
    for line in range(start + 1, end):
        if state.sCount[line] < state.blkIndent and not state.isEmpty(line):
            return line, line
        if _is_fence_end(state, line, fence):
            return line, line + 1
    return end, end


def _is_fence_end(state: StateBlock, line: int, fence: str) -> bool:
    text = line_text(state, line).rstrip()
    return len(text) >= len(fence) and not text.strip(fence[0]) and not state.is_code_block(line)


def closer(state: StateBlock, start: int, end: int, opener: str) -> int | None:
    """Return the line that closes a colon fence or a tag of code; the page is looked through once for all of them."""
    closers: dict[str, list[int]] = state.env.setdefault("closers", {})
    if not closers:
        closers[""] = []  # they were looked for
        for line in range(len(state.bMarks) - 1):
            closed = closed_by(state.src[state.bMarks[line] : state.eMarks[line]].strip(" \t>"))
            if closed:
                closers.setdefault(closed, []).append(line)
    lines = closers.get(opener, [])
    at = bisect_right(lines, start)
    return lines[at] if at < len(lines) and lines[at] < end else None
