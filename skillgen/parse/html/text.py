"""The text of one block as it is read off the tree, every character tied to its raw offsets."""

from __future__ import annotations

import html
import html.entities
import re
from array import array
from collections.abc import Iterator

from skillgen.parse.mapped import MappedText

_RUN = re.compile(r"\s+|\S+")
_CHARREF = re.compile(r"&(#[0-9]+;?|#[xX][0-9a-fA-F]+;?|[^\t\n\f <&#;]{1,32};?)")
_ENDS_CLAUSE = (".", ":", ";", ",", "!", "?", "\u2026")


def charref(raw: str, at: int, end: int) -> tuple[str, int]:
    """Return what the reference at an ampersand stands for and its length, as `html.unescape` reads it."""
    match = _CHARREF.match(raw, at, end)
    if match is None:
        return "&", 1
    name = match[1]
    if name[0] == "#" or name in html.entities.html5:
        return html.unescape(match[0]), len(match[0])
    for length in range(len(name) - 1, 1, -1):  # a name without its semicolon, run into the next word
        if name[:length] in html.entities.html5:
            return html.entities.html5[name[:length]], length + 1
    return "&", 1


class _Mark:
    """An open inline element: where it begins, and the first piece inside it (-1: a block ended in between)."""

    __slots__ = ("code", "first", "start")

    def __init__(self, start: int, first: int, *, code: bool) -> None:
        self.start = start
        self.first = first
        self.code = code


class Inline:
    """Collects the text of a block. White space is collapsed unless `pre` is set.

    A piece is a word, a run of white space or an entity. Inline elements widen their first and last word's raw offsets
    over their tags, so that a quote which begins or ends there keeps the tags.
    """

    def __init__(self, *, pre: bool = False) -> None:
        """Begin with no text."""
        self.pre = pre
        self.size = 0
        self._texts: list[str] = []
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._wide_starts: dict[int, int] = {}
        self._wide_ends: dict[int, int] = {}
        self._marks: list[_Mark] = []
        self._lead = -1  # so many pieces are a lead-in that waits for its text
        self._separator = ""

    # -- reading -----------------------------------------------------------------------------------------------------

    def add(self, raw: str, start: int, end: int, *, literal: bool) -> None:
        """Add the raw text between two offsets."""
        at = start
        while at < end:
            ampersand = -1 if literal else raw.find("&", at, end)
            stop = end if ampersand < 0 else ampersand
            self._add_plain(raw, at, stop)
            at = stop
            if ampersand >= 0:
                text, length = charref(raw, ampersand, end)
                at += length
                self._put(text, ampersand, at)

    def _add_plain(self, raw: str, start: int, end: int) -> None:
        if self.pre:
            if start < end:
                self._put(raw[start:end], start, end)
            return
        for match in _RUN.finditer(raw, start, end):
            self._put(match[0], match.start(), match.end())

    def _put(self, text: str, start: int, end: int) -> None:
        if not text:
            return
        if self.pre or not text.isspace():
            self._put_separator(start)
            self._push(text, start, end)
        elif not self._at_space():
            self._push(" ", start, end)

    def _push(self, text: str, start: int, end: int) -> None:
        self._texts.append(text)
        self._starts.append(start)
        self._ends.append(end)
        self.size += len(text)

    def _at_space(self) -> bool:
        """Return whether white space at this place would not be seen."""
        if not self._texts or self._texts[-1][-1:] in (" ", ""):
            return True
        return bool(self._marks) and self._marks[-1].code and self._marks[-1].first == len(self._texts) - 1

    def space(self, start: int, end: int) -> None:
        """Add a space for a line break."""
        self._put("\n" if self.pre else " ", start, end)

    def new_line(self, at: int) -> None:
        """Begin a new line of code, unless one was just begun."""
        if self._texts and not self._texts[-1].endswith(("\n", "\r")):
            self._push("\n", at, at)

    def separate(self) -> None:
        """Part what follows from what stands here, by a comma where no clause ends here."""
        self._separator = ", "

    def _put_separator(self, at: int) -> None:
        if self._separator and self._texts:
            self._trim()
            if self._texts:
                self._push(" " if self._texts[-1].endswith(_ENDS_CLAUSE) else self._separator, at, at)
        self._separator = ""

    def _trim(self) -> None:
        while self._texts and (not self._texts[-1] or self._texts[-1].isspace()):
            self._drop_last()

    def _drop_last(self) -> None:
        self.size -= len(self._texts.pop())
        self._starts.pop()
        self._ends.pop()
        for wide in (self._wide_starts, self._wide_ends):
            wide.pop(len(self._texts), None)

    # -- inline elements ---------------------------------------------------------------------------------------------

    def open(self, start: int, open_end: int, *, code: bool = False) -> None:
        """Begin an inline element; the text of a code element stands in backticks."""
        code = code and not self.pre and not any(mark.code and mark.first >= 0 for mark in self._marks)
        if code:
            self._put_separator(start)
        self._marks.append(_Mark(start, len(self._texts), code=code))
        if code:
            self._push("`", start, open_end)

    def close(self, close_start: int, end: int) -> None:
        """End the inline element that was begun last; where its end tag was left out, both offsets are the same."""
        mark = self._marks.pop()
        if mark.first < 0 or mark.first >= len(self._texts):
            return
        if mark.code:
            self._close_code(mark, close_start, end)
        seen = [i for i in self._edges(mark.first) if i >= 0]
        if seen:
            first, last = seen
            self._wide_starts[first] = min(mark.start, self._wide_starts.get(first, self._starts[first]))
            if close_start < end:
                self._wide_ends[last] = max(end, self._wide_ends.get(last, self._ends[last]))

    def _edges(self, first: int) -> tuple[int, int]:
        """Return the first and last piece from a place on that is no white space, or -1 twice."""
        last = len(self._texts) - 1
        while last >= first and not self._texts[last].strip():
            last -= 1
        while first <= last and not self._texts[first].strip():
            first += 1
        return (first, last) if first <= last else (-1, -1)

    def _close_code(self, mark: _Mark, close_start: int, end: int) -> None:
        while len(self._texts) > mark.first + 1 and self._texts[-1].isspace():
            self._drop_last()
        if len(self._texts) == mark.first + 1:
            self._drop_last()
            return
        if any("`" in text for text in self._texts[mark.first + 1 :]):
            self._texts[mark.first] = "`` "
            self._push(" ``", close_start, end)
        else:
            self._push("`", close_start, end)

    # -- lead-ins ----------------------------------------------------------------------------------------------------

    @property
    def waits(self) -> bool:
        """Whether all that stands here is a lead-in."""
        return self._lead == len(self._texts) > 0

    def lead_in(self) -> None:
        """Make what stands here a lead-in: `term: ` in front of the text that follows."""
        self._trim()
        if self._texts:
            text = " " if self._texts[-1].endswith(_ENDS_CLAUSE) else ": "
            at = self._wide_ends.get(len(self._texts) - 1, self._ends[-1])
            self._push(text, at, at)
            self._lead = len(self._texts)

    def extend_lead_in(self) -> None:
        """Let a lead-in that waits for its text grow: `term, other term: `."""
        self._drop_last()
        self._lead = -1
        self.separate()

    # -- results -----------------------------------------------------------------------------------------------------

    def clear(self) -> None:
        """Begin a new block; inline elements that are open stay open, but widen nothing any more."""
        for values in (self._texts, self._starts, self._ends, self._wide_starts, self._wide_ends):
            values.clear()
        for mark in self._marks:
            mark.first = -1
        self.size, self._lead, self._separator = 0, -1, ""

    def extent(self) -> tuple[int, int] | None:
        """Return the raw offsets of what stands here, white space at the edges apart."""
        first, last = self._edges(0)
        if first < 0:
            return None
        start, end = self._starts[first], self._ends[last]
        if self.pre:  # a piece of code holds its white space
            if len(self._texts[first]) == self._ends[first] - start:
                start += len(self._texts[first]) - len(self._texts[first].lstrip())
            if len(self._texts[last]) == end - self._starts[last]:
                end -= len(self._texts[last]) - len(self._texts[last].rstrip())
        return self._wide_starts.get(first, start), self._wide_ends.get(last, end)

    def text(self) -> str:
        """Return the text; that of code keeps its white space."""
        self._without_open_code()
        text = "".join(self._texts)
        return text if self.pre else text.strip()

    def mapped(self) -> MappedText:
        """Return the text, trimmed, with the raw offsets of every character."""
        self._trim()
        self._without_open_code()
        if self._texts:
            self._texts[-1] = self._texts[-1].rstrip()  # of a lead-in
        at, starts, ends = array("q"), array("q"), array("q")
        position = 0
        for i, text in enumerate(self._texts):
            for start, end, length in self._runs(i, len(text)):
                at.append(position)
                starts.append(start)
                ends.append(end)
                position += length
        return MappedText("".join(self._texts), at, starts, ends)

    def _runs(self, i: int, length: int) -> Iterator[tuple[int, int, int]]:
        """Yield the raw offsets and the length of a piece's parts: an edge that was widened stands apart."""
        if not length:
            return
        start, end = self._starts[i], self._ends[i]
        wide_start, wide_end = self._wide_starts.get(i, start), self._wide_ends.get(i, end)
        exact = length == end - start
        if (wide_start, wide_end) == (start, end):
            yield start, end, length
        elif not exact or length == 1:
            yield wide_start, wide_end, length
        else:
            yield wide_start, start + 1, 1
            if length > 2:  # noqa: PLR2004 - what is left between the two edges
                yield start + 1, end - 1, length - 2
            yield end - 1, wide_end, 1

    def _without_open_code(self) -> None:
        for mark in self._marks:
            if mark.code and 0 <= mark.first < len(self._texts):
                self._texts[mark.first] = ""
