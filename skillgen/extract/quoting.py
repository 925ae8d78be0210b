"""Quoting: which ranges of a page a statement quotes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from skillgen.model.corpus import FILLER, Span
from skillgen.quotes import MAX_QUOTE_CHARS, MIN_QUOTE_CHARS, only_markup_between

# So much punctuation may stand between two spans that one quote holds.
_MAX_GAP = 20


def quoted_ranges(text: str, spans: Sequence[Span], *, may_be_long: bool) -> list[tuple[int, int]]:
    """Return the ranges to quote: spans parted by white space or markup alone are one quote while it is not too long.

    What is under 20 characters is quoted together with its neighbour, where nothing but signs stands between them.
    Otherwise there is no quote at all, as the statement would not be carried whole.
    """
    ranges: list[tuple[int, int]] = []
    for span in spans:
        if ranges and _joins(text, ranges[-1], span):
            ranges[-1] = (ranges[-1][0], span.end)
        else:
            ranges.append((span.start, span.end))
    if not may_be_long:
        ranges = [piece for start, end in ranges for piece in _cut(text, start, end)]
    if any(end - start < MIN_QUOTE_CHARS for start, end in ranges):
        return []
    return ranges


def _joins(text: str, before: tuple[int, int], span: Span) -> bool:
    """Tell whether a span goes into the quote before it."""
    short = min(before[1] - before[0], span.end - span.start) < MIN_QUOTE_CHARS
    if only_markup_between(text, before[1], span.start):
        return short or span.end - before[0] <= MAX_QUOTE_CHARS
    between = text[before[1] : span.start]
    signs = len(between) <= _MAX_GAP and not re.search(rf"[\w{FILLER}]", between)
    return short and signs and before[1] <= span.start


def _cut(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield a range in pieces of at most 400 characters, cut at white space, the last not too short."""
    while end - start > MAX_QUOTE_CHARS:
        limit = min(start + MAX_QUOTE_CHARS, end - MIN_QUOTE_CHARS)
        spaces = [match.start() for match in re.finditer(r"\s", text[start + MIN_QUOTE_CHARS : limit])]
        at = start + MIN_QUOTE_CHARS + spaces[-1] if spaces else limit
        yield start, at
        start = at + (len(text[at:end]) - len(text[at:end].lstrip()))
    yield start, end
