"""A page's title."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from skillgen.model.corpus import Block
from skillgen.parse.html.dropped import attribute, labels
from skillgen.parse.html.tree import Tree, is_tag

if TYPE_CHECKING:
    from bs4.element import Tag

MAX_TITLE = 300
MAX_CRUMBS = 50
_PAGE_HEADINGS = frozenset({"#title-text", "#title-heading", "#firstheading"})  # outside the main content in wikis
_SEPARATORS = (" - ", " | ", " \u2013 ", " \u2014 ", " \u00b7 ", " \u2022 ", " :: ", " : ")
_CRUMBS = frozenset({"#breadcrumbs", "breadcrumbs", "breadcrumb", "#breadcrumb", "wy-breadcrumbs", "md-path__list"})


@dataclass(slots=True)
class _Names:
    """What a page says of its own name outside its main content; `crumbs` lead from the site to the page."""

    heading: str | None = None
    element: str | None = None
    shared: str | None = None
    crumbs: list[str] | None = None


def page_title(tree: Tree, blocks: tuple[Block, ...], source: str) -> str:
    """Return the page's title.

    It is the heading that a wiki puts above its content, or the first of the main content's headings of level 1 if it
    is the only one or the title element has it too, or the title element without what a heading or breadcrumb shows to
    be the site's name, or the first heading of level 1, or what the page tells other sites (`og:title`), or the file's
    name.
    """
    names = _names(tree)
    tops = [block.spans[0].text for block in blocks if block.kind == "heading" and block.depth == 1]
    crumbs = names.crumbs or []
    element = _without_site(names.element or "", crumbs, [*tops, names.heading or ""])
    heading = _without_site(names.heading or "", crumbs, [element])
    if heading:
        return heading
    if tops and (len(tops) == 1 or not element or tops[0] in element):
        return tops[0]
    return element or names.shared or PurePosixPath(source).stem


def _names(tree: Tree) -> _Names:
    names = _Names()
    for node in tree.soup.descendants:
        if not is_tag(node):
            continue
        if node.name == "title" and names.element is None:
            names.element = _words(node)
        elif node.name == "meta" and node.get("property") == "og:title":
            names.shared = " ".join(str(node.get("content") or "").split())[:MAX_TITLE]
        elif node.attrs:
            _read_labels(node, names)
    return names


def _read_labels(tag: Tag, names: _Names) -> None:
    found = labels(tag)
    if names.heading is None and found & _PAGE_HEADINGS:
        names.heading = _words(tag)
    if names.crumbs is None and (found & _CRUMBS or "breadcrumb" in attribute(tag, "aria-label")):
        items = tag.find_all("li", limit=MAX_CRUMBS) or tag.find_all("a", limit=MAX_CRUMBS)
        names.crumbs = [text for text in map(_words, items) if text]


def _words(tag: Tag) -> str:
    return " ".join("".join(tag.strings).split())[:MAX_TITLE]


def _without_site(title: str, crumbs: list[str], confirmed: list[str]) -> str:
    """Return a title without the site's name: cut where a heading or breadcrumb says one side of a separator."""
    names = [name for name in confirmed if name]
    for separator in _SEPARATORS:
        before, found, after = title.rpartition(separator)
        if found and (before in names or before in crumbs[-1:] or after in crumbs[:1]):
            return before
        before, found, after = title.partition(separator)
        if found and (after in names or before in crumbs[:1]):
            return after
    return title
