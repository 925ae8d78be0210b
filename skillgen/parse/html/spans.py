"""A block's plain text to its sentences as raw spans."""

from __future__ import annotations

import re
from collections.abc import Iterator

from skillgen.model.corpus import Span
from skillgen.parse.mapped import MappedText
from skillgen.parse.sentences import sentence_ranges

# The sentence splitter takes up to 30 microseconds a character. A page with more prose than this is no page that
# somebody wrote by hand; what follows is cut where a capital comes after a full stop.
MAX_SPLIT = 300_000

_STOP = re.compile(r"[.!?][\"')\]]*\s+(?=[\"'(\[`]?[^\W\d_a-z])")


class Sentences:
    """Cuts the blocks of one page into sentences."""

    def __init__(self) -> None:
        """Begin a page."""
        self._left = MAX_SPLIT

    def spans(self, plain: MappedText) -> tuple[Span, ...]:
        """Return the sentences in order and without overlap."""
        self._left -= len(plain.text)
        ranges = sentence_ranges(plain.text) if self._left >= 0 else _at_full_stops(plain.text)
        return tuple(_spans(plain, ranges))


def _at_full_stops(text: str) -> list[tuple[int, int]]:
    """Return the ranges between full stops that a capital follows; a code span is never cut."""
    ranges: list[tuple[int, int]] = []
    start, ticks, counted = 0, 0, 0
    for stop in _STOP.finditer(text):
        ticks += text.count("`", counted, stop.end())
        counted = stop.end()
        if ticks % 2 == 0:
            ranges.append((start, start + len(text[start : stop.end()].rstrip())))
            start = stop.end()
    if start < len(text):
        ranges.append((start, len(text)))
    return ranges


def _spans(plain: MappedText, ranges: list[tuple[int, int]]) -> Iterator[Span]:
    previous_end = -1
    for start, end in ranges:
        raw_start, raw_end = plain.raw_range(start, end)
        raw_start = max(raw_start, previous_end)
        if raw_start < raw_end:
            yield Span(start=raw_start, end=raw_end, text=plain.text[start:end])
            previous_end = raw_end
