"""A model's text as a statement: one line that anybody can read, without the keys that only the request knew."""

from __future__ import annotations

import re


def statement_of(text: str, key: str) -> str:
    """Return the text in one line, without what cannot be printed and keys in brackets: `[p1, p2]` for key p."""
    one = rf"{re.escape(key)}\d{{1,3}}"
    plain = re.sub(rf"\s*[\[(]\s*{one}(?:\s*[,;]\s*{one})*\s*[\])]", "", text)
    return " ".join("".join(char if char.isprintable() else " " for char in plain).split())
