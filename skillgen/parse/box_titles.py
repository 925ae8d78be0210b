"""Titled boxes: which blocks of a page stand in an admonition, a tab or a folded part, and under which title."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from skillgen.model.corpus import Block

if TYPE_CHECKING:
    from markdown_it.token import Token

# A longer title, or one that ends like a sentence, says something by itself and stays a paragraph.
MAX_TITLE = 80

# So many boxes may stand in one another; a page with more has tags that are never closed, and the outermost go.
MAX_OPEN = 64
_CONTAINERS = frozenset({"flavour", "blockquote", "list_item"})


@dataclass(frozen=True, slots=True)
class Box:
    """A titled box: `first` is the position of its title among the page's blocks, `last` that of its last block."""

    first: int
    last: int
    title: str


@dataclass(slots=True)
class _Open:
    name: str
    title: int | None = None


@dataclass(slots=True)
class BoxTitles:
    """Follows the tokens of a page; what is opened and never closed is no box."""

    found: list[Box] = field(default_factory=list)
    _open: list[_Open] = field(default_factory=list)

    def follow(self, token: Token, blocks: Sequence[Block]) -> None:
        """Note what a token opens or closes; `blocks` are those before it."""
        name, _, end = token.type.rpartition("_")
        if token.type == "box":
            if "opens" in token.meta:
                self._begin(token.meta["opens"])
            if "closes" in token.meta:
                self._close_markup(token.meta["closes"], blocks)
        elif name in _CONTAINERS and end == "open":
            self._begin(name)
        elif name in _CONTAINERS and end == "close":
            while self._open and self._open[-1].name != name:
                self._open.pop()
            self._end(blocks)

    def title_at(self, position: int) -> None:
        """Note that the block at a position is the title of the innermost box."""
        if self._open and self._open[-1].title is None and self._open[-1].name != "list_item":
            self._open[-1].title = position

    def boxes(self) -> list[Box]:
        """Return the boxes in the order of their titles."""
        return sorted(self.found, key=lambda box: box.first)

    def _begin(self, name: str) -> None:
        self._open.append(_Open(name))
        del self._open[:-MAX_OPEN]

    def _close_markup(self, closing: str, blocks: Sequence[Block]) -> None:
        """Close the innermost box that a mark or tag closes; it reaches over no list, quote or indented box."""
        for at in range(len(self._open) - 1, -1, -1):
            name = self._open[at].name
            if name in _CONTAINERS:
                return
            if name == closing or (name.startswith(":") and closing.startswith(name)):
                del self._open[at + 1 :]
                self._end(blocks)
                return

    def _end(self, blocks: Sequence[Block]) -> None:
        ended = self._open.pop() if self._open else None
        if ended is None or ended.title is None:
            return
        if not any(blocks[at].spans for at in range(ended.title + 1, len(blocks))):
            return
        title = " ".join(span.text for span in blocks[ended.title].spans)
        if title and len(title) <= MAX_TITLE and not title.endswith("."):
            self.found.append(Box(ended.title, len(blocks) - 1, title))
