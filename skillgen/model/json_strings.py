"""Strings of a JSON text and where each of their characters stands: an escape is longer than what it stands for.

Nothing here reads JSON as a whole; texts that are none do no harm.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_ESCAPE = re.compile(
    r"\\(?:(?P<plain>[\"\\/bfnrt])"
    r"|u(?P<high>[dD][89abAB][0-9a-fA-F]{2})\\u(?P<low>[dD][c-fC-F][0-9a-fA-F]{2})|u(?P<code>[0-9a-fA-F]{4}))"
)
# A string that is never closed reaches to the end: each character is looked at once, whatever the text is.
_STRING = re.compile(r'"(?P<held>[^"\\]*(?:\\.[^"\\]*)*)(?:"|\\?\Z)', re.DOTALL)
_PLAIN = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_SHOWN_CONTROLS = "\t\n\r"
_UNKNOWN = "\ufffd"


def string_runs(text: str, start: int, end: int) -> Iterator[tuple[str, int, int]]:
    """Yield what a string says between two offsets inside its quotation marks, each run with its raw range.

    An escape is a run of one character. Half a surrogate pair, which is no text, and control characters, which
    may stand in JSON as escapes only, become U+FFFD.
    """
    cursor = start
    for escape in _ESCAPE.finditer(text, start, end):
        if cursor < escape.start():
            yield text[cursor : escape.start()], cursor, escape.start()
        yield _character(escape), escape.start(), escape.end()
        cursor = escape.end()
    if cursor < end:
        yield text[cursor:end], cursor, end


def unescaped(raw: str) -> str:
    """Return what a piece of a string says; `raw` has no quotation marks around it."""
    return "".join(said for said, _, _ in string_runs(raw, 0, len(raw)))


def string_ranges(text: str) -> Iterator[tuple[int, int]]:
    """Yield the range of each string of a JSON text, without its quotation marks; keys are strings too."""
    for found in _STRING.finditer(text):
        yield found.span("held")


def as_long(text: str, fill: str) -> str:
    """Return a JSON text with each escape as its character, and `fill` (or more white space) to keep all offsets."""

    def kept(escape: re.Match[str]) -> str:
        said, length = _character(escape), len(escape.group())
        return said * length if said.isspace() else said.ljust(length, fill)

    return _ESCAPE.sub(kept, text)


def _character(escape: re.Match[str]) -> str:
    if escape["plain"]:
        said = _PLAIN.get(escape["plain"], escape["plain"])
    elif escape["high"]:
        said = chr(0x10000 + ((int(escape["high"], 16) - 0xD800) << 10) + int(escape["low"], 16) - 0xDC00)
    else:
        said = chr(int(escape["code"], 16))
    control = said < " " and said not in _SHOWN_CONTROLS
    return _UNKNOWN if control or "\ud800" <= said <= "\udfff" else said
