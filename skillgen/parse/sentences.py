"""Sentences of a plain text, as ranges.

Most boundaries are plain: a lower-case word that is no abbreviation, a full stop, white space, a capital. Those are
found by one expression. Only what lies between them and still holds a full stop goes to pysbd, which knows
abbreviations but takes five to thirty microseconds a character.
"""

from __future__ import annotations

import functools
import re
import warnings
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

# Over this many characters a piece without a plain boundary is no sentence that somebody wrote.
MAX_DOUBTFUL = 1_000
# Over this many characters a text is no paragraph that somebody wrote: nothing of it goes to pysbd.
MAX_CHARACTERS = 100_000
WINDOW = 300

_QUOTES = "\u2018\u2019\u201c\u201d"
_BOUNDARY = re.compile(
    rf"""(?:(?<!\.)\b(?P<word>[^\W\d_]{{2,}})|[`)\]"'{_QUOTES}])[.!?]+["'{_QUOTES})\]]*[ ]"""
    rf"""(?=["'(\[{_QUOTES}]?(?:[A-Z0-9`]|[^\W\d_a-z]))"""
)
_ABBREVIATIONS = frozenset(
    "al approx apr art assn asst aug ave avg bros ca capt cf ch co col corp dec dept dr ed eds eg eq est etc excl "
    "ext feb fig figs fri gen gov hr hrs ie inc incl jan jr jul jun lt ltd mar max messrs min misc mon mr mrs ms mt no "
    "nos nov nr oct op para pg pp pres prof rd ref refs resp rev sat sec sep sept sr st sun tel temp thu tue univ ver "
    "vol vs wed".split()
)
_ENDS = ".!?。．！？"  # noqa: RUF001 - the full-width marks end sentences too
_DOUBTFUL = re.compile(rf"[{_ENDS}…]|\d\)")
# What holds full stops that end no sentence: code spans, addresses, and names with a dot inside.
_OPAQUE = re.compile(r"(`+)(?!`).{1,2000}?(?<!`)\1(?!`)|\b[a-z][a-z0-9+.-]{1,20}://[^\s<>]*[^\s<>.,;:!?)\]'\"]")


class _Segmenter(Protocol):
    def segment(self, text: str) -> list[str]: ...


@functools.cache
def _segmenter() -> _Segmenter:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its sources have escapes that newer versions of Python warn of
        import pysbd

    segmenter: _Segmenter = pysbd.Segmenter(language="en", clean=False)
    return segmenter


def sentence_ranges(text: str) -> list[tuple[int, int]]:
    """Return the ranges of the text's sentences in order, without the white space around them.

    A code span or an address is never cut, and there is white space between any two sentences. A text without
    boundaries is cut at white space into windows of 300 characters, a longer word where it must be.
    """
    masked = _masked(text)
    ranges: list[tuple[int, int]] = []
    for start, end in _plain_pieces(masked):
        for a, b in _parts(text, masked, start, end):
            trimmed = _trimmed(text, a, b)
            if trimmed[0] < trimmed[1]:
                ranges.append(trimmed)
    return ranges


def cut_ranges(text: str, ranges: Iterable[tuple[int, int]], places: Sequence[int]) -> list[tuple[int, int]]:
    """Return the ranges of a text cut at each of the places (in order) that lies inside one, without white space."""
    found: list[tuple[int, int]] = []
    for start, end in ranges:
        begin = start
        for place in places:
            if begin < place < end:
                found.append(_trimmed(text, begin, place))
                begin = place
        found.append((begin, end))
    return found


def _masked(text: str) -> str:
    """Return the text with letters in place of code spans and addresses, so that no boundary is seen in them."""
    if len(text) > MAX_CHARACTERS:
        return text
    return _OPAQUE.sub(_mask, text)


def _mask(match: re.Match[str]) -> str:
    if match[1]:  # the ticks stay: a sentence may end or begin with code
        return f"`{'x' * (len(match.group()) - 2)}`"
    return "x" * len(match.group())


def _plain_pieces(masked: str) -> Iterator[tuple[int, int]]:
    """Yield the ranges between the boundaries that are beyond doubt."""
    start = 0
    for boundary in _BOUNDARY.finditer(masked):
        word = boundary["word"]
        if word is None or word.casefold() not in _ABBREVIATIONS:
            yield start, boundary.end()
            start = boundary.end()
    yield start, len(masked)


def _parts(text: str, masked: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    piece = masked[start:end]
    if not _DOUBTFUL.search(piece.rstrip(" \"')]" + _QUOTES + _ENDS)):
        if end - start > MAX_DOUBTFUL:
            yield from _windows(text, start, end)
        else:
            yield start, end
    elif end - start > MAX_DOUBTFUL or len(masked) > MAX_CHARACTERS:
        yield from _windows(text, start, end)
    else:
        yield from _segmented(piece, start)


def _segmented(piece: str, offset: int) -> Iterator[tuple[int, int]]:
    """Yield pysbd's sentences; where it cut without white space, or changed a character, there is no boundary."""
    start = cursor = 0
    for sentence in _segmenter().segment(piece):
        stripped = sentence.strip()
        at = piece.find(stripped, cursor) if stripped else -1
        if at < 0:
            continue
        if at > cursor > start and piece[cursor:at].isspace():
            yield offset + start, offset + cursor
            start = at
        cursor = at + len(stripped)
    yield offset + start, offset + len(piece)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())


def _windows(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield ranges of about WINDOW characters, cut behind a full stop or at white space."""
    while end - start > WINDOW:
        limit = start + WINDOW
        cut = max(text.rfind(f"{mark} ", start, limit) + 1 for mark in ".!?;") or text.rfind(" ", start + 1, limit)
        cut = cut if cut > start else limit
        yield start, cut
        start = cut
    yield start, end
