"""The outline of a Markdown file: its title, its H2 sections, and the paragraphs and list items in each."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from markdown_it import MarkdownIt

from skillgen.errors import BriefError

if TYPE_CHECKING:
    from markdown_it.token import Token

_BLOCKS = MarkdownIt("commonmark").disable("inline")
_TEXT_TOKENS = frozenset({"inline", "fence", "code_block", "html_block"})
_ENTRY_LEVELS = {"paragraph_open": 0, "list_item_open": 1}

# Code comes first: what looks like a comment inside a fence or a code span is text.
_CODE_OR_COMMENT = re.compile(
    r"""^[ \t]*(?P<fence>`{3,}|~{3,})[^`\n]*$.*?(?:^[ \t]*(?P=fence)[`~]*[ \t]*$|\Z)
    |   `[^`\n]+`
    |   (?P<indent>^[ \t]*)?(?P<comment><!--(?:-?>|.*?(?:-->|\Z)))(?P<rest>[ \t]*(?:\n|\Z))?
    """,
    re.MULTILINE | re.DOTALL | re.VERBOSE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A paragraph, or an item of an outermost list with all that is nested in it; `number` stands as written."""

    kind: Literal["paragraph", "item"]
    number: str | None
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """The lines as one."""
        return joined(self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """What stands between one H2 heading and the next H1 or H2."""

    heading: str
    tokens: tuple[Token, ...]

    @property
    def prose(self) -> str:
        """All text of the section: wrapped lines joined, list markers left out, a blank line between blocks."""
        blocks = (joined([token.content]) for token in self.tokens if token.type in _TEXT_TOKENS)
        return "\n\n".join(filter(None, blocks))

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The paragraphs and list items that hold text, in order; headings, code and quotations are no entries."""
        found: list[Entry] = []
        lines: list[str] = []
        opening: Token | None = None
        for token in self.tokens:
            if token.type in _ENTRY_LEVELS and token.level == _ENTRY_LEVELS[token.type]:
                opening, lines = token, []
            elif opening and token.type in _TEXT_TOKENS:
                lines += token.content.splitlines()
            elif opening and token.level == opening.level:
                kind: Literal["paragraph", "item"] = "item" if opening.tag == "li" else "paragraph"
                found.append(Entry(kind=kind, number=opening.info or None, lines=tuple(lines)))
                opening = None
        return tuple(entry for entry in found if entry.text)

    @property
    def items(self) -> tuple[Entry, ...]:
        """The entries that are list items."""
        return tuple(entry for entry in self.entries if entry.kind == "item")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """A file's first H1 that says something, if it has one, and its H2 sections in order."""

    title: str | None
    sections: tuple[Section, ...]


def joined(lines: Iterable[str]) -> str:
    """Return the lines as one, every run of white space as one space."""
    return " ".join(" ".join(lines).split())


def read_outline(text: str, *, path: str) -> Outline:
    """Return the outline of the Markdown `text`, HTML comments dropped.

    Raises:
        BriefError: a comment is opened and never closed, so nobody can tell what it hides.
    """
    plain = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    tokens = _BLOCKS.parse(_without_comments(plain, path=path))
    marks = [i for i, token in enumerate(tokens) if token.tag in {"h1", "h2"} and _opens_heading(token)]
    # A heading is three tokens: its opening, its text and its close.
    sections = tuple(
        Section(heading=joined([tokens[start + 1].content]), tokens=tuple(tokens[start + 3 : end]))
        for start, end in pairwise([*marks, len(tokens)])
        if tokens[start].tag == "h2"
    )
    titles = (joined([tokens[i + 1].content]) for i in marks if tokens[i].tag == "h1")
    return Outline(title=next(filter(None, titles), None), sections=sections)


def _opens_heading(token: Token) -> bool:
    return token.type == "heading_open" and token.level == 0


def _without_comments(text: str, *, path: str) -> str:
    """Return `text` without its HTML comments; lines that held nothing else go with them.

    They go because a blank line left behind would cut a wrapped question in two.
    """

    def kept(match: re.Match[str]) -> str:
        comment = match["comment"]
        if comment is None:
            return match[0]
        if not comment.endswith("-->"):
            line = text.count("\n", 0, match.start("comment")) + 1
            raise BriefError(
                f"{path}: the HTML comment that opens in line {line} is never closed.",
                hint="Close it with --> or put it in backticks.",
            )
        if match["indent"] is not None and match["rest"] is not None:
            return ""
        return (match["indent"] or "") + (match["rest"] or "")

    return _CODE_OR_COMMENT.sub(kept, text)
