"""What a Markdown text says and links to, line by line, code left out."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from markdown_it.token import Token

_BREAKS = {"softbreak", "hardbreak"}
_ABSOLUTE = re.compile(r"[/\\]|[A-Za-z]:[/\\]")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link or an image: its words and its address as Markdown normalises it."""

    text: str
    address: str

    @property
    def path(self) -> str:
        """The address without anchor and query, percent escapes decoded, accents composed."""
        return unicodedata.normalize("NFC", unquote(self.address.partition("#")[0].partition("?")[0]))

    @property
    def is_absolute(self) -> bool:
        """Whether the path starts at the root of a disk or a server."""
        return _ABSOLUTE.match(self.path) is not None

    @property
    def is_relative(self) -> bool:
        """Whether the address names a file relative to the page."""
        return not (self.address.startswith("#") or self.is_absolute or _SCHEME.match(self.address))


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line that is no code: `outside` is its text without the words of its links.

    An escaped bracket stays escaped, so that it never looks like a marker.
    """

    number: int
    text: str
    outside: str
    links: tuple[Link, ...]
    is_heading: bool


@dataclass(slots=True)
class _Row:
    """A line in the making; a link's words may go on in the rows below it."""

    said: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)
    links: list[tuple[str, list[str]]] = field(default_factory=list)
    is_heading: bool = False

    def finish(self, number: int) -> Line:
        return Line(
            number=number,
            text="".join(self.said),
            outside="".join(self.outside),
            links=tuple(Link(text="".join(label), address=address) for address, label in self.links),
            is_heading=self.is_heading,
        )


def prose(text: str, first_line: int = 1) -> tuple[Line, ...]:
    """Return the lines of `text` that say something; a table row is one line."""
    from markdown_it import MarkdownIt

    rows: dict[int, _Row] = defaultdict(_Row)
    opened = ""
    for token in MarkdownIt("commonmark").enable("table").disable("text_join").parse(text):
        if token.type == "inline" and token.map:
            rows[token.map[0]].is_heading = opened == "heading_open"
            _add(rows, token.map[0], token.children or [])
        opened = token.type
    return tuple(rows[number].finish(number + first_line) for number in sorted(rows))


def _add(rows: dict[int, _Row], number: int, tokens: list[Token]) -> None:
    """Spread the inline tokens of a block, whose first line is `number`, over the rows."""
    label: list[str] | None = None
    for token in tokens:
        if token.type in _BREAKS:
            number += 1
        elif token.type == "link_open":
            label = []
            rows[number].links.append((str(token.attrs["href"]), label))
        elif token.type == "link_close":
            label = None
        elif token.type == "image":
            rows[number].links.append((str(token.attrs["src"]), [token.content]))
        else:
            rows[number].said.append(_words(token))
            (rows[number].outside if label is None else label).append(_words(token))
    rows[number].said.append(" ")
    rows[number].outside.append(" ")


def _words(token: Token) -> str:
    if token.type == "text_special" and token.content in {"[", "]"}:
        return token.markup
    return token.content if token.type in {"text", "text_special"} else ""
