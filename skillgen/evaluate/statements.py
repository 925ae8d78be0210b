"""Statements: what a package's SKILL.md and references say, line by line, without markup and citation markers."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from skillgen.model.evaluation import Statement
from skillgen.regions import split_regions

if TYPE_CHECKING:
    from markdown_it.token import Token

SOURCES_FILE = "references/sources.md"
_MARKER = re.compile(r"\s*\[(S\d+)\]")
_FRONT_MATTER = re.compile(r"\A---[ \t]*\n.*?\n---[ \t]*(?=\n|\Z)", re.DOTALL)


def statements_of(files: Mapping[str, str]) -> tuple[Statement, ...]:
    """Return the statements of a package's Markdown files by path: headings, paragraphs, list items, rows of tables.

    The front matter, the list of sources and regions that a person wrote are left out. Lines are those of the file.
    """
    return tuple(
        statement
        for file, text in sorted(files.items(), key=lambda item: (item[0] != "SKILL.md", item[0]))
        if file != SOURCES_FILE
        for statement in _statements(file, _generated(file, text))
    )


def _generated(file: str, text: str) -> str:
    """Return the text with its front matter and kept regions blank, every line where it was."""
    blank = _FRONT_MATTER.sub(lambda match: "\n" * match.group().count("\n"), text)
    for region in split_regions(blank, name=file).regions:
        blank = blank.replace(region.text, "\n" * region.text.count("\n"), 1)
    return blank


def _statements(file: str, text: str) -> Iterator[Statement]:
    from markdown_it import MarkdownIt

    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    lists = _Lists()
    for at, token in enumerate(tokens):
        if token.type == "list_item_open":
            lists.leads.append("")
        elif token.type == "list_item_close":
            yield from lists.leave()
        elif token.type == "tr_open":
            yield from _row(file, tokens, at)
        elif token.type == "inline" and tokens[at - 1].type in ("paragraph_open", "heading_open"):
            yield from lists.said(_statement(file, token, _plain(token), lists.lead), lead=_is_strong(token))


@dataclass(slots=True)
class _Lists:
    """The list items around a place, with their leads, and the item with a marker that what is below it belongs to."""

    leads: list[str] = field(default_factory=list)
    _cited: Statement | None = None
    _depth: int = 0

    @property
    def lead(self) -> str:
        """The nearest lead above."""
        return next((lead for lead in reversed(self.leads) if lead), "")

    def said(self, found: Statement, *, lead: bool) -> Iterator[Statement]:
        """Yield what is complete now: what stands below an item with a marker, without one, is a part of it."""
        if self._cited and not found.markers:
            text = f"{self._cited.text} {found.text}".strip()
            self._cited = replace(self._cited, text=text, last=found.last)
            return
        yield from self._completed()
        if self.leads and found.markers:
            self._cited, self._depth = found, len(self.leads)
            return
        if self.leads and lead:
            self.leads[-1] = found.text
        yield found

    def leave(self) -> Iterator[Statement]:
        """Leave a list item, and yield what it completes."""
        self.leads.pop()
        if len(self.leads) < self._depth:
            yield from self._completed()

    def _completed(self) -> Iterator[Statement]:
        if self._cited:
            yield self._cited
        self._cited = None


def _row(file: str, tokens: Sequence[Token], start: int) -> Iterator[Statement]:
    """Yield a table's row as one statement; its header states nothing."""
    cells = []
    for before, token in itertools.pairwise(tokens[start:]):
        if token.type == "tr_close":
            break
        if token.type == "inline" and before.type == "td_open":
            cells.append(_plain(token))
    if cells:
        yield _statement(file, tokens[start], " | ".join(cells), "")


def _statement(file: str, token: Token, said: str, lead: str) -> Statement:
    markers = tuple(_MARKER.findall(said))
    first, end = token.map or (0, 0)
    said = _MARKER.sub("", said).strip()
    return Statement(file=file, line=first + 1, text=said, lead=lead, markers=markers, last=end)


def _is_strong(token: Token) -> bool:
    """Tell whether all of a block stands in bold, as the lead of the list below it does."""
    children = [child for child in token.children or [] if child.type != "text" or child.content.strip()]
    return len(children) > 1 and children[0].type == "strong_open" and children[-1].type == "strong_close"


def _plain(token: Token) -> str:
    """Return what a reader sees of a block; code keeps its backticks."""
    pieces = []
    for child in token.children or []:
        if child.type in ("text", "text_special", "html_inline"):
            pieces.append(child.content)
        elif child.type == "code_inline":
            pieces.append(f"`{child.content}`")
        elif child.type in ("softbreak", "hardbreak"):
            pieces.append(" ")
    return "".join(pieces)
