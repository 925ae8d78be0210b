"""What an element is to its text: a block, a heading, or a title that leads in what follows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from skillgen.parse.html.dropped import attribute, labels
from skillgen.parse.html.names import BLOCKS, HEADINGS

if TYPE_CHECKING:
    from bs4.element import Tag

# Titles of panels, admonitions and folded parts, which lead in what follows them.
_LEADS = frozenset(
    {"panelheader", "codeheader", "admonition-title", "admonitionheading", "expand-control", "callout-title"}
)
_MACRO = re.compile(r"confluence-information-macro|aui-message|panel|admonition|callout|alert")


def is_block(tag: Tag) -> bool:
    """Return whether an element parts the text around it."""
    return tag.name in BLOCKS or (bool(tag.attrs) and attribute(tag, "role") == "heading")


def heading_level(tag: Tag) -> int:
    """Return the level of a heading, 0 for any other element."""
    if tag.name in HEADINGS:
        return int(tag.name[1])
    if attribute(tag, "role") != "heading":
        return 0
    level = attribute(tag, "aria-level")
    return min(max(int(level), 1), 6) if level.isascii() and level.isdigit() else 2


def _is_macro_title(tag: Tag, names: frozenset[str]) -> bool:
    """Return whether an element is the title of a panel: `<p class="title">` right below it."""
    parent = tag.parent
    return "title" in names and parent is not None and any(_MACRO.search(label) for label in labels(parent))


def is_lead_in(tag: Tag, names: frozenset[str]) -> bool:
    """Return whether an element is the title of a panel, an admonition or a folded part."""
    return tag.name == "summary" or bool(names & _LEADS) or _is_macro_title(tag, names)
