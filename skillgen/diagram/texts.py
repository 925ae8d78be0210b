"""Texts: how wide one is, and where it is cut."""

from __future__ import annotations

import unicodedata

# Widths in em of DejaVu Sans, the widest of the common sans-serif fonts.
_NARROW, _PLAIN, _BROAD, _WIDE = 0.4, 0.62, 0.85, 1.1


def fitted(text: str, width: float, font: float) -> str:
    """Return the text in one line, cut where it would be wider than that."""
    text = " ".join(text.split())
    if text_width(text, font) <= width:
        return text
    while text and text_width(text + "\u2026", font) > width:
        text = text[:-1]
    return text.rstrip() + "\u2026"


def text_width(text: str, font: float) -> float:
    """Return about how wide a text is in a common sans-serif font, rather too wide than too narrow."""
    return font * sum(map(_em, text))


def _em(character: str) -> float:
    if unicodedata.east_asian_width(character) in "WF":
        return _WIDE
    if character in "fijlrt .,:;'|!()[]{}-/`":
        return _NARROW
    return _BROAD if character.isupper() or character in "mw@%&\u2026\u2014" else _PLAIN
