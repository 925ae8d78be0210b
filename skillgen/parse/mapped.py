"""A text that knows where each of its characters stands in the raw page.

Offsets are kept for runs, not for characters: a page of several megabytes stays small.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

_ODD_WHITE = re.compile(r"\s{2,}|[^\S ]")


@dataclass(frozen=True, slots=True)
class MappedText:
    """A text in runs: run i begins at `at[i]` of the text and stands for the raw text from `starts[i]` to `ends[i]`.

    A run as long as its raw range is that text, character by character; any other stands for its whole range.
    """

    text: str
    at: Sequence[int]
    starts: Sequence[int]
    ends: Sequence[int]

    def raw_range(self, start: int, end: int) -> tuple[int, int]:
        """Return the raw offsets that the characters from `start` to `end` (not empty) came from."""
        first, last = bisect_right(self.at, start) - 1, bisect_right(self.at, end - 1) - 1
        return self._raw(first, start)[0], self._raw(last, end)[1]

    def position(self, raw: int) -> int:
        """Return the first place in the text that stands for the raw offset or for what follows it."""
        run = bisect_left(self.starts, raw)
        inside = run - 1
        if inside >= 0 and raw < self.ends[inside] and (run == len(self.at) or raw < self.starts[run]):
            length = self._length_end(inside) - self.at[inside]
            if length == self.ends[inside] - self.starts[inside]:
                return self.at[inside] + raw - self.starts[inside]
        return self.at[run] if run < len(self.at) else len(self.text)

    def pieces(self, start: int, end: int) -> Iterator[tuple[str, int, int]]:
        """Yield the text from `start` to `end` run by run, each with its raw range."""
        run = bisect_right(self.at, start) - 1
        while start < end:
            stop = min(end, self._length_end(run))
            yield self.text[start:stop], self._raw(run, start)[0], self._raw(run, stop)[1]
            start, run = stop, run + 1

    def _length_end(self, run: int) -> int:
        return self.at[run + 1] if run + 1 < len(self.at) else len(self.text)

    def _raw(self, run: int, position: int) -> tuple[int, int]:
        """Return the raw offset of a position in a run, as the beginning and as the end of a range."""
        first, start, end = self.at[run], self.starts[run], self.ends[run]
        if self._length_end(run) - first == end - start:
            return start + position - first, start + position - first
        return start, end


@dataclass(slots=True)
class TextBuilder:
    """Collects runs; `opened` is where markup before the next visible character began."""

    opened: int | None = None
    _parts: list[str] = field(default_factory=list)
    _length: int = 0
    _at: array[int] = field(default_factory=lambda: array("q"))
    _starts: array[int] = field(default_factory=lambda: array("q"))
    _ends: array[int] = field(default_factory=lambda: array("q"))

    def add(self, text: str, start: int, end: int) -> None:
        """Add a run as it is; one that continues the run before it in the raw text is joined to it."""
        if not text:
            return
        verbatim = len(text) == end - start
        if verbatim and self._at and self._ends[-1] == start and self._verbatim_last():
            self._ends[-1] = end
        else:
            self._at.append(self._length)
            self._starts.append(start)
            self._ends.append(end)
        self._parts.append(text)
        self._length += len(text)

    def add_squeezed(self, text: str, start: int, end: int) -> None:
        """Add a run with each piece of white space as one space, and none at the beginning of the text."""
        if len(text) != end - start:
            self._word(" ".join(text.split()) or " ", start, end)
            return
        cursor = 0
        for white in _ODD_WHITE.finditer(text):
            self._word(text[cursor : white.start()], start + cursor, start + white.start())
            self._word(" ", start + white.start(), start + white.start() + 1)
            cursor = white.end()
        self._word(text[cursor:], start + cursor, end)

    def close(self, end: int) -> None:
        """Let the last character reach over the closing markup behind it, up to `end`."""
        if self.opened is not None:  # there is nothing between opening and closing markup
            self.opened = None
        elif self._parts and self._ends[-1] < end:
            self._part_last()
            self._ends[-1] = end

    def raw(self) -> MappedText:
        """Return the text as it was added."""
        return MappedText("".join(self._parts), self._at, self._starts, self._ends)

    def build(self) -> MappedText:
        """Return the text without the space at its end."""
        text = "".join(self._parts)
        if text.endswith(" "):
            text = text[:-1]
            if self._at[-1] == len(text):
                for column in (self._at, self._starts, self._ends):
                    column.pop()
            elif self._verbatim_last():
                self._ends[-1] -= 1
        return MappedText(text, self._at, self._starts, self._ends)

    def _word(self, text: str, start: int, end: int) -> None:
        """Add a run in which only single spaces part the words."""
        verbatim = len(text) == end - start
        if text[:1] == " " and (not self._parts or self._parts[-1][-1] == " "):
            text, start = text[1:], start + 1 if verbatim else start
        if not text:
            return
        if self.opened is None:
            self.add(text, start, end)
            return
        at = 1 if text[0] == " " else 0  # markup is kept with a word, not with the space before it
        if at and verbatim:
            self.add(" ", start, start + 1)
            text, start = text[1:], start + 1
        if text:
            first = 1 if verbatim else len(text)
            self.add(text[:first], self.opened, start + 1 if verbatim else end)
            self.opened = None
            self.add(text[first:], start + 1, end)

    def _verbatim_last(self) -> bool:
        return self._length - self._at[-1] == self._ends[-1] - self._starts[-1]

    def _part_last(self) -> None:
        """Make the last character a run of its own."""
        if self._length - self._at[-1] > 1 and self._verbatim_last():
            end = self._ends[-1]
            self._ends[-1] = end - 1
            self._at.append(self._length - 1)
            self._starts.append(end - 1)
            self._ends.append(end)


def join_segments(raw: str, segments: Sequence[tuple[int, int]]) -> MappedText:
    """Return the raw segments joined by newlines; a newline maps to the gap between two segments."""
    builder = TextBuilder()
    for index, (start, end) in enumerate(segments):
        if index:
            builder.add("\n", segments[index - 1][1], start)
        builder.add(raw[start:end], start, end)
    return builder.raw()
