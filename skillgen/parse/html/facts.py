"""What a page says about itself: who wrote it and when it was last changed."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from skillgen.parse.html.dropped import labels
from skillgen.parse.html.names import CELLS
from skillgen.parse.html.tree import Tree, is_tag

if TYPE_CHECKING:
    from bs4.element import Tag

MAX_VALUE = 300
_KEYS = {
    "author": "author",
    "article:author": "author",
    "date": "created",
    "dcterms.created": "created",
    "article:published_time": "created",
    "datepublished": "created",
    "last-modified": "modified",
    "revised": "modified",
    "dcterms.modified": "modified",
    "article:modified_time": "modified",
    "datemodified": "modified",
    "keywords": "keywords",
    "description": "description",
}
_LINES = frozenset(
    "page-metadata page-metadata-modification-info #footer-info-lastmod last-updated theme-last-updated "
    "git-revision-date last-modified md-source-file".split()
)
# The box of properties that a Confluence page has of itself. Its rows stay statements as well; its status is no fact of
# the page, as it may be that of the thing described.
_PROPERTIES = "plugin-tabmeta-details"
_PROPERTY_KEYS = {
    **dict.fromkeys(("owner", "owners", "page owner", "document owner", "maintainer"), "owner"),
    **dict.fromkeys(("last review", "last reviewed", "reviewed", "last reviewed on"), "last_reviewed"),
}
_MOST_NODES = 2_000  # of a box are looked at
_AUTHOR = re.compile(r"\bcreated by:? (?P<author>[^,]{1,100}?)(?=,| on \w|$)", re.IGNORECASE)
_MODIFIED = re.compile(
    r"\blast (?:modified|updated?|edited|changed)\b(?: by (?P<editor>[^,]{1,100}?))?(?:,? on|:)? "
    r"(?P<modified>[^.]{0,40}\d[^.]{0,40})",
    re.IGNORECASE,
)


def page_facts(tree: Tree) -> tuple[tuple[str, str], ...]:
    """Return author, owner, dates, keywords and the like as the page writes them, by key; the first of each."""
    facts: dict[str, str] = {}
    for node in tree.soup.descendants:
        if not is_tag(node) or not node.attrs:
            continue
        if node.name == "meta":
            name = str(node.get("name") or node.get("property") or node.get("itemprop") or "").lower()
            _note(facts, _KEYS.get(name), str(node.get("content") or ""))
        elif len(facts) < len(_KEYS) and labels(node) & _LINES:
            _read_line(facts, node)
        elif _PROPERTIES in labels(node):
            _read_properties(facts, node)
    return tuple(sorted(facts.items()))


def _read_line(facts: dict[str, str], tag: Tag) -> None:
    """Read a line such as `Created by A, last modified by B on C`."""
    line = _text_of(tag)
    for pattern in (_AUTHOR, _MODIFIED):
        found = pattern.search(line[:MAX_VALUE])
        for key, value in found.groupdict().items() if found else ():
            _note(facts, key, value or "")


def _read_properties(facts: dict[str, str], box: Tag) -> None:
    """Read rows of a name and a value."""
    for row in islice(box.descendants, _MOST_NODES):
        if not is_tag(row) or row.name != "tr":
            continue
        cells = [_text_of(cell) for cell in row.contents if is_tag(cell) and cell.name in CELLS]
        if len(cells) == 2:  # noqa: PLR2004 - name and value
            _note(facts, _PROPERTY_KEYS.get(cells[0].rstrip(": ").lower()), cells[1])


def _text_of(tag: Tag) -> str:
    """Return the beginning of an element's text in one line."""
    text = ""
    for piece in tag.strings:
        text += piece
        if len(text) > MAX_VALUE:
            break
    return " ".join(text.split())


def _note(facts: dict[str, str], key: str | None, value: str) -> None:
    shown = " ".join(value.split())[:MAX_VALUE]
    if key and shown:
        facts.setdefault(key, shown)
