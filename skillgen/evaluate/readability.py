"""Readability: how hard sentences are to read, by LIX, and how many statements are long.

LIX is Björnsson's measure (C. H. Björnsson, Läsbarhet, 1968): words a sentence, plus the percentage of words of more
than six letters. It counts letters, not syllables, so that names of things do no harm to the count; up to 30 is very
easy, 40 an ordinary newspaper, 50 official prose, over 60 very hard. Code counts as one short word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_CODE = re.compile(r"`[^`]*`")
_SENTENCE_END = re.compile(r"[.!?:;](?=\s|$)|\s[|\u2192]\s")
_WORD = re.compile(r"[^\W_]+(?:['\u2019-][^\W_]+)*")
_LONG_WORD = 6
LONG_STATEMENT = 40


def lix(texts: Iterable[str]) -> float:
    """Return the LIX of texts taken together, rounded to one digit; 0 where they have no word."""
    count = long = sentences = 0
    for text in texts:
        plain = _CODE.sub("code", text)
        found = _WORD.findall(plain)
        count += len(found)
        long += sum(len(word) > _LONG_WORD for word in found)
        sentences += max(1, sum(1 for part in _SENTENCE_END.split(plain) if _WORD.search(part)))
    return round(count / sentences + 100 * long / count, 1) if count else 0.0


def is_long(text: str) -> bool:
    """Return whether a statement has over 40 words."""
    return len(text.split()) > LONG_STATEMENT
