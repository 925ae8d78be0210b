"""A page as Beautiful Soup's tree, every element and every text tied to its raw offsets.

Our own scanner drives the construction of the tree, so the offset of each text is known when its node is made. End
tags that HTML lets authors leave out (`</p>`, `</li>`, `</td>` ...) are put in, and depth and size have limits.
"""

from __future__ import annotations

import html
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeGuard

from skillgen.parse.html.names import (
    BLOCKS,
    CLOSES_PARAGRAPH,
    HEAD_CONTENT,
    HEADINGS,
    LISTS,
    ROW_GROUPS,
    TABLE_PARTS,
    VOID,
)
from skillgen.parse.html.scan import Scanner, Token, read_attributes

if TYPE_CHECKING:
    from bs4 import BeautifulSoup
    from bs4.element import PageElement, Tag

MAX_DEPTH = 512  # as browsers do; deeper elements become siblings
MAX_ELEMENTS = 200_000  # about 5 s and 300 MB

# An end tag is left out at such a start tag: what it closes, and what it never reaches over.
_SCOPE = frozenset({"table", "td", "th", "caption", "template", "button", "object", "marquee", "applet"})
_LIST_SCOPE = _SCOPE | LISTS | {"blockquote"}
_BARRIERS = {
    "scope": _SCOPE,
    "list": _LIST_SCOPE,
    "table": frozenset({"table", "template"}),
    "block": (BLOCKS - {"option", "optgroup"}) | _SCOPE,
    "select": frozenset({"select"}),
}
_GROUPS = {
    name: tuple(group for group, names in _BARRIERS.items() if name in names)
    for name in frozenset[str]().union(*_BARRIERS.values())
}
_CLOSES: dict[str, tuple[frozenset[str], str]] = {
    "li": (frozenset({"li"}), "list"),
    "dt": (frozenset({"dt", "dd"}), "list"),
    "dd": (frozenset({"dt", "dd"}), "list"),
    "td": (frozenset({"td", "th", "caption", "colgroup"}), "table"),
    "th": (frozenset({"td", "th", "caption", "colgroup"}), "table"),
    "tr": (frozenset({"tr", "td", "th", "caption", "colgroup"}), "table"),
    **dict.fromkeys(ROW_GROUPS, (TABLE_PARTS, "table")),
    "option": (frozenset({"option"}), "select"),
    "optgroup": (frozenset({"option", "optgroup"}), "select"),
}


def is_tag(node: PageElement) -> TypeGuard[Tag]:
    """Return whether a node is an element and not a text."""
    return getattr(node, "contents", None) is not None


@dataclass(slots=True)
class Extent:
    """Raw offsets of an element: its start tag and its end tag, which is empty where it was left out."""

    start: int
    open_end: int
    close_start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Run:
    """Raw offsets of a text; a literal one holds no entities."""

    start: int
    end: int
    literal: bool


@dataclass(slots=True)
class Tree:
    """A parsed page: Beautiful Soup's tree, and the raw offsets of its nodes.

    `too_deep` and `too_large` are offsets where a limit was met, `cut_at` where markup began that is never closed.
    """

    raw: str
    soup: BeautifulSoup
    _extents: dict[int, Extent] = field(default_factory=dict)
    _runs: dict[int, Run] = field(default_factory=dict)
    too_deep: int | None = None
    too_large: int | None = None
    cut_at: int | None = None

    def extent(self, tag: Tag) -> Extent:
        """Return the raw offsets of an element."""
        end = len(self.raw)
        return self._extents.get(id(tag)) or Extent(0, 0, end, end)  # the whole page stands in no tags

    def run(self, node: PageElement) -> Run | None:
        """Return the raw offsets of a text node."""
        return self._runs.get(id(node))


def read_tree(text: str, *, max_elements: int = MAX_ELEMENTS) -> Tree:
    """Return the text's tree; of a page over the limit, the part before it."""
    from bs4 import BeautifulSoup

    tree = Tree(text, BeautifulSoup("", "html.parser"))
    maker = _Maker(tree, max_elements)
    scanner = Scanner(text)
    for token in scanner.tokens():
        if maker.full(token):
            break
        maker.take(token)
    maker.finish(scanner.cut_at)
    return tree


class _Maker:
    """Makes the tree from tokens and keeps the open elements, with their positions by name and by barrier."""

    def __init__(self, tree: Tree, max_elements: int) -> None:
        self._tree = tree
        self._left = max_elements
        self._open: list[tuple[str, Tag]] = []
        self._places: defaultdict[str, list[int]] = defaultdict(list)
        self._barriers: dict[str, list[int]] = {group: [] for group in _BARRIERS}

    def full(self, token: Token) -> bool:
        """Return whether the limit is met; the offset of what is not read any more is kept."""
        if self._left > 0 or token.kind != "start":
            return False
        self._tree.too_large = token.start
        return True

    def take(self, token: Token) -> None:
        if token.kind == "start":
            self._start(token)
        elif token.kind == "end":
            self._end(token)
        else:
            self._text(token)

    def finish(self, cut_at: int | None) -> None:
        self._tree.cut_at = cut_at
        stops = [at for at in (self._tree.too_large, cut_at, len(self._tree.raw)) if at is not None]
        self._close_from(0, min(stops), min(stops))

    def _text(self, token: Token) -> None:
        raw = self._tree.raw[token.start : token.end]
        literal = token.kind == "literal"
        if self._open and self._open[-1][0] == "head" and not raw.isspace():
            self._close_from(len(self._open) - 1, token.start, token.start)
        soup = self._tree.soup
        text = raw if literal or "&" not in raw else html.unescape(raw)
        if text:
            soup.handle_data(text)
            soup.endData()
            node = (soup.currentTag or soup).contents[-1]
            self._tree._runs[id(node)] = Run(token.start, token.end, literal)  # noqa: SLF001 - filled here alone

    def _start(self, token: Token) -> None:
        self._imply_ends(token.name, token.start)
        if len(self._open) >= MAX_DEPTH:
            if self._tree.too_deep is None:
                self._tree.too_deep = token.start
            self._close_from(MAX_DEPTH - 1, token.start, token.start)
        pairs, closes_itself = read_attributes(token.attributes)
        attributes: dict[str, str] = {}
        for name, value in pairs:
            attributes.setdefault(name, html.unescape(value) if "&" in value else value)
        tag = self._tree.soup.handle_starttag(token.name, None, None, attributes, None, token.start)
        assert tag is not None  # only a strainer refuses tags
        self._left -= 1
        self._tree._extents[id(tag)] = Extent(token.start, token.end, token.end, token.end)  # noqa: SLF001
        self._push(token.name, tag)
        if token.name in VOID or closes_itself:
            self._pop(token.end, token.end)

    def _end(self, token: Token) -> None:
        name = token.name
        places = self._places[name]
        if not places or name in ("html", "body"):
            return
        group = "table" if name in TABLE_PARTS or name == "table" else "scope" if name in BLOCKS else "block"
        if places[-1] >= self._last_barrier(group):
            self._close_from(places[-1], token.start, token.end)

    def _imply_ends(self, name: str, at: int) -> None:
        """Close the elements whose end tag is left out before this start tag."""
        top = self._open[-1][0] if self._open else ""
        if top == "head" and name not in HEAD_CONTENT:
            self._close_from(len(self._open) - 1, at, at)
        if name in HEADINGS and top in HEADINGS:
            self._close_from(len(self._open) - 1, at, at)
        if name in CLOSES_PARAGRAPH:
            self._close_in(frozenset({"p"}), "scope", at)
        if name in _CLOSES:
            names, group = _CLOSES[name]
            self._close_in(names, group, at)

    def _close_in(self, names: frozenset[str], group: str, at: int) -> None:
        barrier = self._last_barrier(group)
        places = [self._places[name][-1] for name in names if self._places[name]]
        inside = [place for place in places if place > barrier]
        if inside:
            self._close_from(min(inside), at, at)

    def _last_barrier(self, group: str) -> int:
        return self._barriers[group][-1] if self._barriers[group] else -1

    def _push(self, name: str, tag: Tag) -> None:
        place = len(self._open)
        self._open.append((name, tag))
        self._places[name].append(place)
        for group in _GROUPS.get(name, ()):
            self._barriers[group].append(place)

    def _close_from(self, place: int, close_start: int, end: int) -> None:
        """Close the open elements from the deepest to the one at a place; the end tag belongs to that one alone."""
        while len(self._open) > place + 1:
            self._pop(close_start, close_start)
        if len(self._open) > place:
            self._pop(close_start, end)

    def _pop(self, close_start: int, end: int) -> None:
        name, tag = self._open.pop()
        self._places[name].pop()
        for group in _GROUPS.get(name, ()):
            self._barriers[group].pop()
        self._tree.soup.handle_endtag(name)
        extent = self._tree.extent(tag)
        extent.close_start, extent.end = close_start, end
