"""Fact lines: paragraphs whose lines each say something of their own, without a full stop to part them."""

from __future__ import annotations

import re
from collections.abc import Sequence

# A line that begins with a name in bold and a colon says something of its own: "**Owner:** the quay".
_BOLD_LABEL = re.compile(r"(\*\*|__)(?=\S)(?:(?!\1).){1,40}?(?::\1|\1[ ]?:)[ ]")
_WORD = r"[\w`#&/.'()*+-]{1,40}"
_NAME = rf"(?=[`*(#]*\w){_WORD}(?:[ ]{_WORD}){{0,3}}"
_FACT = re.compile(
    rf"{_NAME}[ ]{{0,2}}:[ \t]+(?=\S)"  # Owner: the quay
    rf"|{_NAME}[ \t]+[-\u2013\u2014][ \t]+(?=\S)"  # stage - a copy of it
    r"|\d{1,2}[:.]\d\d(?:[:.]\d\d)?(?:[ ]?[-\u2013][ ]?\d{1,2}[:.]\d\d)?:?[ \t]+(?=\S)"  # 09:12 it stopped
)
# One line may be something else: what leads the facts in, or the rest of a long one. In longer lists a quarter may.
_MOST = 0.75


def fact_starts(text: str, lines: Sequence[tuple[int, int]]) -> list[int]:
    """Return where in a page each line after the first begins that says something of its own.

    Args:
        text: The page.
        lines: Where the lines of one paragraph stand, without what contains them.
    """
    bold = {start for start, end in lines if _BOLD_LABEL.match(text, start, end)}
    facts = bold | {start for start, end in lines if _FACT.match(text, start, end)}
    many = len(facts) > 1 and (len(lines) - len(facts) <= 1 or len(facts) >= _MOST * len(lines))
    return sorted((facts if many else bold) - {lines[0][0]} if lines else ())
