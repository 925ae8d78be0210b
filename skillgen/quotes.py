"""Quotes: how long claims and their quotes may be, and which pieces of a page make one quote."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from skillgen.model.draft import Citation

MAX_CLAIM_WORDS = 60
MIN_QUOTE_CHARS = 20
MAX_QUOTE_CHARS = 400
MAX_CITATIONS = 6
MAX_CITED_CHARS = 1600
MAX_ALSO_CITED = 20

_MARKUP_GAP = re.compile(
    r"(?:\s|>|[-*+](?=\s)|\d{1,9}[.)](?=\s)|\[[ xX]\](?=\s)|(?:`{3,}|~{3,})[^\r\n`]*(?=[\r\n]|$)|[*_]{1,3}"
    r"|\\[nrt]"  # a line break of a JSON string
    r"|</?[A-Za-z][^<>]{0,1000}>|<!--(?:(?!-->).){0,1000}-->)*"
)


def only_markup_between(text: str, start: int, end: int) -> bool:
    """Return whether nothing but white space and markup stands between two offsets of a page."""
    return _MARKUP_GAP.fullmatch(text, start, end) is not None


def adjoined(citations: Sequence[Citation], text: str) -> tuple[Citation, ...]:
    """Return citations of one page in their order on it, those that only markup parts as one while it is not too long.

    Args:
        citations: They may repeat one another (two rows of a table both cite its header).
        text: The page.
    """
    found: list[Citation] = []
    for one in sorted(set(citations), key=lambda citation: (citation.start, citation.end)):
        last = found[-1] if found else None
        if last is not None and last.heading_path == one.heading_path and one.end <= last.end:
            continue
        if (
            last is not None
            and last.heading_path == one.heading_path
            and last.end <= one.start
            and one.end - last.start <= MAX_QUOTE_CHARS
            and only_markup_between(text, last.end, one.start)
        ):
            lines = (last.lines[0], one.lines[1])
            found[-1] = replace(last, end=one.end, lines=lines, quote=text[last.start : one.end])
        else:
            found.append(one)
    return tuple(found)
