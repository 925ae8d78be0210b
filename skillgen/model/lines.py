"""Line starts of a text, so that offsets and line numbers can be turned into each other."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

_NEWLINE = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of a text: `starts[i]` and `ends[i]` are the offsets of line i (from 0) without its newline."""

    starts: tuple[int, ...]
    ends: tuple[int, ...]

    @classmethod
    def of(cls, text: str) -> Lines:
        """Return the lines of the text as CommonMark counts them: CRLF, LF and CR each end a line."""
        starts, ends = [0], []
        for newline in _NEWLINE.finditer(text):
            ends.append(newline.start())
            starts.append(newline.end())
        ends.append(len(text))
        return cls(tuple(starts), tuple(ends))

    def number(self, offset: int) -> int:
        """Return the 1-based number of the line that holds the offset."""
        return bisect_right(self.starts, offset)
