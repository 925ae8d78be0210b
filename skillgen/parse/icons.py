"""Icons: names between colons that site generators draw (`:material-clock:`), which say nothing as text."""

from __future__ import annotations

import re

from skillgen.parse.tags import ATTRIBUTES

# Where an icon may begin; `:8080:`, `a:b:c` and an emoji's name are none.
ICON_BEGINS = r"(?<![\w:]):(?=(?:material|fontawesome|octicons|simple)-)"
_ICON = re.compile(rf":((?:material|fontawesome|octicons|simple)(?:-[a-z0-9]{{1,40}}){{1,12}}):(?:{ATTRIBUTES})?")
_YES = frozenset({"check", "checkbox", "yes"})
_NO = frozenset({"x", "xmark", "close", "cancel", "times", "cross"})
_OF_BRANDS = frozenset({"brands", "simple"})


def icon(text: str, start: int, end: int) -> re.Match[str] | None:
    """Return the icon that begins at `start`, with the attributes behind it; its first group is the name."""
    return _ICON.match(text, start, end)


def shown(name: str) -> str:
    """Return what stands for an icon in text: a tick or a cross where it says yes or no, otherwise nothing."""
    parts = set(name.split("-"))
    if parts & _OF_BRANDS:
        return ""
    return "\u2713" if parts & _YES else "\u2717" if parts & _NO else ""
