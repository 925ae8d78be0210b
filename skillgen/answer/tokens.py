"""The words of a text as quotes are compared: markup, white space, dashes and quotation marks make no difference."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

# Stands for a character that is not read at all; a blank stands for one that parts words. Either way the text keeps its
# length, so that every word still knows where it stands.
_NOTHING = "\0"

_TAG_NAMES = (
    "a|abbr|b|blockquote|br|code|dd|del|details|div|dl|dt|em|h[1-6]|hr|i|img|ins|kbd|li|mark|ol|p|pre|s|small|span|"
    "strong|sub|summary|sup|table|tbody|td|tfoot|th|thead|tr|tt|u|ul"
)
_BREAKING = r"</?(?:p|div|li|td|th|tr|br|h[1-6]|pre|table|ul|ol|dl|dt|dd|blockquote)\b[^<>]{0,5000}>"
_FENCE = re.compile(r"^[ \t>]*(?:`{3,}|~{3,})[^`\r\n]*$", re.MULTILINE)
# What is masked with blanks, in this order, and then with nothing.
_QUOTE_MARKS = re.compile(r"^[ \t]*(?:>[ \t]?)+", re.MULTILINE)
_BULLET = re.compile(r"^[ \t]*[-*+][ \t]+(?:\[[ xX]\][ \t]+)?", re.MULTILINE)
_BOX = re.compile(r"(?<!\S)[-*+]\s{1,9}\[[ xX]\](?=\s)")
_COMMENT = re.compile(r"<!--.{0,20000}?-->|<(script|style)\b.{0,20000}?</\1\s{0,9}>", re.DOTALL | re.IGNORECASE)
_BLANKS = re.compile(rf"{_BREAKING}|\||&nbsp;|&#160;|&#x[aA]0;|(?<=\d)[*`~]+(?=\d)", re.IGNORECASE)
_KNOWN_TAG = re.compile(rf"</?(?:{_TAG_NAMES})(?:\s[^<>]{{0,1000}})?/?>", re.IGNORECASE)
_ANY_TAG = re.compile(r"</?[A-Za-z][^<>]{0,5000}>")
_LINK = re.compile(r"!?\[(?=[^\[\]\r\n]{0,400}\]\()|\]\([^()\s]{0,2000}(?:\s+\"[^\"\r\n]{0,400}\")?\)")
_MARKS = re.compile(r"[*`]+|~~|\\(?=[!-/:-@\[-`{-~])|[\u200b-\u200d\u2060\ufeff\u00ad]")

_RAW_WORD = re.compile(r"[^\s]+")
_NUMBERED = re.compile(r"(?:^|(?<=[\r\n]))[ \t]*(\d{1,2})[.)](?=\s)")
_DASHES = re.compile(r"[\u2010-\u2013\u2212\ufe58\ufe63\uff0d]")
_SINGLE = re.compile(r"[\u2018\u2019\u201a\u201b\u2032`\u00b4]")
_DOUBLE = re.compile(r"[\u201c-\u201f\u2033\u00ab\u00bb]")
_PARTS = re.compile(r"[\u2014\u2015]|(?<=\w)-+(?=\w)")
_LEFT = re.compile(r"^(?:[\"'*_~()\[\]{},;:!?\u2026]|\.(?!\d)|-(?!\d))+")
_RIGHT = re.compile(r"[\"'*_~()\[\]{},;:!?.\u2026-]+$")
# Signs that say something though no letter or digit stands with them.
_SIGNS = frozenset("< > = <= >= == != + % \u2264 \u2265 \u2260 \u00b1".split())

# Signs that also begin a quoted line or a step, which a model may have put behind one another.
_MARGIN = frozenset({">", "+"})


@dataclass(frozen=True, slots=True)
class Token:
    """A word as it is compared, and the range of the raw text that it stands in.

    What stands before a step, a quoted line or code may be left out of a quote: such a word is `optional`.
    """

    word: str
    start: int
    end: int
    optional: bool = False


def tokens_of(text: str, start: int, end: int, *, is_html: bool = False, keep_links: bool = False) -> list[Token]:
    """Return the words between two offsets of a text, in order, with their offsets in the whole text.

    Args:
        text: Any text, Markdown or HTML, or a quote of it.
        start: The first offset.
        end: The offset behind the last character.
        is_html: Every tag is markup; otherwise only those that Markdown is written with, since `<name>` is a word.
        keep_links: The address of a link is read as words, because the other text has it too.
    """
    masked = _masked(text[start:end], is_html=is_html, keep_links=keep_links)
    numbers = {match.start(1) for match in _NUMBERED.finditer(masked)}
    fences = [match.span() for match in _FENCE.finditer(text, start, end)]
    return [
        Token(word, at, start + raw.end(), raw.start() in numbers or word in _MARGIN or _is_inside(at, fences))
        for raw in _RAW_WORD.finditer(masked)
        for at, word in ((start + raw.start(), word) for word in _words(raw.group()))
    ]


def _is_inside(at: int, ranges: list[tuple[int, int]]) -> bool:
    return any(start <= at < end for start, end in ranges)


def _masked(text: str, *, is_html: bool, keep_links: bool) -> str:
    """Return the text without its markup, as long as it was."""
    for pattern in (_COMMENT, _QUOTE_MARKS, _BULLET, _BOX, _BLANKS):
        text = pattern.sub(_blank, text)
    nothing = (_ANY_TAG if is_html else _KNOWN_TAG, *(() if keep_links else (_LINK,)), _MARKS)
    for pattern in nothing:
        text = pattern.sub(lambda match: _NOTHING * len(match.group()), text)
    return text


def _blank(match: re.Match[str]) -> str:
    return re.sub(r"[^\r\n]", " ", match.group())


def _words(raw: str) -> Iterator[str]:
    """Yield what is compared of a run of characters without white space; a run of mere marks has nothing."""
    plain = html.unescape(raw.replace(_NOTHING, ""))
    plain = _DOUBLE.sub('"', _SINGLE.sub("'", _DASHES.sub("-", plain)))
    for part in _PARTS.split(plain):
        word = _RIGHT.sub("", _LEFT.sub("", part))
        if word in _SIGNS or any(char.isalnum() or char == "\ufffc" for char in word):
            yield word
