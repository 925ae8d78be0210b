"""Markdown's inline markup removed, with every character that stays tied to its raw offsets.

Parsers give positions of blocks only; a citation needs those of a sentence. So the text of a block is scanned once:
emphasis marks, link targets, images, HTML tags and comments go, code spans stay as they are.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

# Each alternative is bounded, so that no input makes the scan quadratic.
_MARKUP = re.compile(
    r"""
      (?P<escape>\\[!-/:-@\[-`{-~])
    | (?P<break>\\?\n)
    | (?P<code>(?P<ticks>`{1,8})(?!`)[^`](?:.{0,2000}?[^`])?(?P=ticks)(?!`))
    | (?P<comment><!--.{0,5000}?-->)
    | <(?P<auto>[A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]{1,2000}|[\w.+-]{1,100}@[\w.-]{1,100})>
    | (?P<tag></?[A-Za-z][A-Za-z0-9-]{0,30}(?:\s[^<>]{0,2000})?/?>)
    | (?P<image>!\[[^\[\]]{0,500}\](?:\([^()\n]{0,2000}(?:\([^()\n]{0,500}\)[^()\n]{0,500})?\)|\[[^\[\]]{0,200}\])?)
    | \[\[(?:[^\[\]|\n]{1,300}\|)?(?P<wiki>[^\[\]|\n]{1,300})\]\]
    | (?P<footnote>\[\^[^\[\]\s]{1,100}\])
    | \[(?P<link>[^\[\]]{1,1000}|[^\[\]]{0,500}!\[[^\[\]]{0,300}\]\([^()]{0,500}\)[^\[\]]{0,500})\]
      (?:\((?:<[^<>\n]{0,2000}>|[^()\n]{0,2000}(?:\([^()\n]{0,500}\)[^()\n]{0,500})?)\)|\[[^\[\]]{0,300}\])
    | (?P<struck>~~(?=\S).{1,2000}?(?<=\S)~~)
    | (?P<stars>\*{1,3})(?=[^\s*])(?P<starred>.{1,2000}?)(?<=[^\s*])(?P=stars)(?!\*)
    | (?<!\w)(?P<bars>_{1,3})(?=[^\s_])(?P<barred>.{1,2000}?)(?<=[^\s_])(?P=bars)(?!\w)
    | (?P<entity>&(?:\#\d{1,7}|\#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});)
    """,
    re.VERBOSE | re.DOTALL,
)
_WHITE = re.compile(r"\s+")
_BREAKING_TAG = re.compile(r"</?(?:br|p|div|li|tr|td|th|ul|ol|h[1-6]|summary|details|table)\b", re.IGNORECASE)
_INVISIBLE = re.compile(r"<(script|style)\b.{0,200000}?</\1\s*>", re.IGNORECASE | re.DOTALL)
_MAX_DEPTH = 8
_INNER = ("wiki", "link", "starred", "barred")


@dataclass(frozen=True, slots=True)
class MappedText:
    """A text whose character i came from `starts[i]` to `ends[i]` of the raw page."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def raw_range(self, start: int, end: int) -> tuple[int, int]:
        """Return the raw offsets that the characters from `start` to `end` (not empty) came from."""
        return self.starts[start], self.ends[end - 1]


@dataclass(frozen=True, slots=True)
class _Char:
    char: str
    start: int
    end: int


def join_segments(raw: str, segments: list[tuple[int, int]]) -> MappedText:
    """Return the raw segments joined by newlines; a newline maps to the gap between two segments."""
    chars: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for index, (start, end) in enumerate(segments):
        if index:
            chars.append("\n")
            starts.append(segments[index - 1][1])
            ends.append(start)
        chars.append(raw[start:end])
        starts.extend(range(start, end))
        ends.extend(range(start + 1, end + 1))
    return MappedText("".join(chars), tuple(starts), tuple(ends))


# Over this many characters a block is no prose that somebody marked up: its markup stays, and the scan stays quick
# (the worst input that was found, unmatched asterisks, takes 2 s for this many).
MAX_SCANNED = 100_000


def plain_text(content: MappedText) -> MappedText:
    """Return the content without inline markup and with each run of white space as one space, trimmed."""
    pieces: list[_Char] = []
    start_depth = 0 if len(content.text) <= MAX_SCANNED else _MAX_DEPTH
    for char in _visible(content, 0, len(content.text), depth=start_depth):
        white = char.char.isspace()
        if white and (not pieces or pieces[-1].char == " "):
            continue
        pieces.append(_Char(" " if white else char.char, char.start, char.end))
    if pieces and pieces[-1].char == " ":
        pieces.pop()
    return MappedText(
        "".join(piece.char for piece in pieces),
        tuple(piece.start for piece in pieces),
        tuple(piece.end for piece in pieces),
    )


def without_scripts(content: MappedText) -> MappedText:
    """Return the content without the text of script and style elements."""
    keep = [True] * len(content.text)
    for match in _INVISIBLE.finditer(content.text):
        keep[match.start() : match.end()] = [False] * (match.end() - match.start())
    kept = [i for i, stays in enumerate(keep) if stays]
    return MappedText(
        "".join(content.text[i] for i in kept),
        tuple(content.starts[i] for i in kept),
        tuple(content.ends[i] for i in kept),
    )


def _visible(content: MappedText, start: int, end: int, *, depth: int) -> Iterator[_Char]:
    """Yield the characters between two positions that a reader sees."""
    cursor = start
    while cursor < end:
        match = _MARKUP.search(content.text, cursor, end) if depth < _MAX_DEPTH else None
        stop = match.start() if match else end
        yield from _copied(content, cursor, stop)
        if match is None:
            return
        yield from _replaced(content, match, depth)
        cursor = match.end()


def _copied(content: MappedText, start: int, end: int) -> Iterator[_Char]:
    for i in range(start, end):
        yield _Char(content.text[i], content.starts[i], content.ends[i])


def _widened(chars: list[_Char], start: int, end: int) -> list[_Char]:
    """Return the characters with the first and last reaching over the markup around them: a quote keeps it whole."""
    if chars:
        chars[0] = replace(chars[0], start=start)
        chars[-1] = replace(chars[-1], end=end)
    return chars


def _replaced(content: MappedText, match: re.Match[str], depth: int) -> Iterator[_Char]:
    """Yield what a reader sees of one piece of markup."""
    raw_start, raw_end = content.starts[match.start()], content.ends[match.end() - 1]
    for name in _INNER:
        if match.group(name) is not None:
            inner = list(_visible(content, match.start(name), match.end(name), depth=depth + 1))
            yield from _widened(inner, raw_start, raw_end)
            return
    yield from _literal(content, match, raw_start, raw_end)


def _literal(content: MappedText, match: re.Match[str], raw_start: int, raw_end: int) -> Iterator[_Char]:
    """Yield what stands for markup that holds no further markup; comments, images and tags give nothing."""
    if match.group("code") is not None:
        yield from _copied(content, match.start(), match.end())
    elif match.group("auto") is not None:
        yield from _widened(list(_copied(content, match.start("auto"), match.end("auto"))), raw_start, raw_end)
    elif match.group("escape") is not None:
        yield _Char(match.group()[1], raw_start, raw_end)
    elif match.group("entity") is not None:
        for char in html.unescape(match.group()):
            yield _Char(char, raw_start, raw_end)
    elif match.group("break") is not None or _BREAKING_TAG.match(match.group()):
        yield _Char(" ", raw_start, raw_end)
