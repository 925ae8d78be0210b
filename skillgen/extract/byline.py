"""Byline: what a page says of itself at its top (its author, its state, its date), which is no statement."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from skillgen.model.corpus import Block

# "accepted, 2025-01-22 (Data)", "Written by the storage team, March 2024", "Platform, 2026-07-07": the page on itself.
_DATE = r"\b(?:(?:19|20)\d\d-\d\d(?:-\d\d)?|(?:\d{1,2}\.?\s+)?[A-Z][a-z]{2,8}\.?,?\s+(?:\d{1,2},?\s+)?(?:19|20)\d\d)\b"
_DATED = re.compile(_DATE)
_TERM = re.compile(
    rf"\b(?:from|until|till|to|through|before|after|since|within|on|by|in|starts?|ends?)\s+{_DATE}", re.IGNORECASE
)
_BYLINE_CUE = re.compile(
    r"\b(?:authors?|by|written|updated?|edit(?:ed)?|touched|reviewed|checked|accepted|proposed|rejected|draft|status|owner|"
    r"maintain(?:ed|er)|version|revised|created|published|amended|approved)\b",
    re.IGNORECASE,
)
_NAME_AND_DATE = re.compile(rf"[A-Z][\w&. ]{{0,40}}?\s*[,·|(]\s*{_DATE}[).]?")
_BYLINE_BLOCKS = 2
MAX_BYLINE_WORDS = 9


def without_byline(blocks: Sequence[Block]) -> list[Block]:
    """Return the blocks without what the top of the page says about the page: its state, its author, its date."""
    top = [at for at, block in enumerate(blocks) if block.kind != "heading"][:_BYLINE_BLOCKS]
    kept = list(blocks)
    for at in top:
        block = blocks[at]
        if block.kind in ("paragraph", "list_item") and len(block.heading_path) == 1:
            kept[at] = replace(block, spans=tuple(span for span in block.spans if not _is_byline(span.text)))
    return kept


def _is_byline(text: str) -> bool:
    rest, dates = _DATED.subn(" ", text)
    if not dates or "`" in text or _TERM.search(text):
        return False
    cued = _BYLINE_CUE.search(rest) is not None and len(re.findall(r"\w+", rest)) <= MAX_BYLINE_WORDS
    return cued or _NAME_AND_DATE.fullmatch(text) is not None
