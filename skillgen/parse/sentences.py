"""Sentences of a plain text, as ranges."""

from __future__ import annotations

import functools
import warnings
from typing import Protocol

# pysbd slows down on very long texts (0.2 MB/s on ordinary paragraphs, far less on one huge line), so such a text is
# cut at white space instead: 20,000 characters is over any paragraph that was written by hand.
MAX_CHARACTERS = 20_000
WINDOW = 300


class _Segmenter(Protocol):
    def segment(self, text: str) -> list[str]: ...


@functools.cache
def _segmenter() -> _Segmenter:
    with warnings.catch_warnings():  # its strings hold escapes that newer Pythons warn of
        warnings.simplefilter("ignore")
        import pysbd

    segmenter: _Segmenter = pysbd.Segmenter(language="en", clean=False)
    return segmenter


def sentence_ranges(text: str) -> list[tuple[int, int]]:
    """Return the ranges of the text's sentences in order, without the white space around them."""
    if len(text) > MAX_CHARACTERS:
        return _windows(text)
    ranges: list[tuple[int, int]] = []
    cursor = 0
    for sentence in _segmenter().segment(text):
        stripped = sentence.strip()
        at = text.find(stripped, cursor) if stripped else -1
        if at < 0:  # the splitter changed a character: the rest stays one piece
            break
        _extend(ranges, text, cursor, at, at + len(stripped))
        cursor = at + len(stripped)
    if text[cursor:].strip():
        ranges.append(_trimmed(text, cursor, len(text)))
    return ranges


def _extend(ranges: list[tuple[int, int]], text: str, cursor: int, start: int, end: int) -> None:
    """Add a sentence; what the splitter left out before it is kept with it, and a code span is never cut."""
    if text[cursor:start].strip():
        start = _trimmed(text, cursor, start)[0]
    if ranges and text.count("`", ranges[-1][0], ranges[-1][1]) % 2:
        start = ranges.pop()[0]
    ranges.append((start, end))


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())


def _windows(text: str) -> list[tuple[int, int]]:
    """Return ranges of about WINDOW characters cut at white space; a longer word is cut where it must be."""
    ranges: list[tuple[int, int]] = []
    start = 0
    while start < len(text):
        end = min(start + WINDOW, len(text))
        space = text.rfind(" ", start, end)
        if end < len(text) and space > start:
            end = space
        if text[start:end].strip():
            ranges.append(_trimmed(text, start, end))
        start = end
    return ranges
