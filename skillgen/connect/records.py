"""Records of the reading: names, tokens, and edges as one clause or row states them."""

from __future__ import annotations

from dataclasses import dataclass

MAX_PHRASE_WORDS = 12


@dataclass(frozen=True, slots=True)
class Name:
    """A node of the map: a tool of the catalogue, or a thing that the organisation has named."""

    label: str
    is_tool: bool
    of_tool: bool = False
    """Whether a thing is named after a tool: the job `dbt-nightly`."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word, mark or name at its place in the text."""

    text: str
    start: int
    end: int
    name: Name | None = None

    @property
    def word(self) -> str:
        """The word in lower case; empty for a name."""
        return "" if self.name else self.text.casefold()


@dataclass(frozen=True, slots=True)
class Found:
    """An edge as one clause or row states it."""

    from_: Name
    to: Name
    relation: str
    what: str


def shortened(text: str) -> str:
    """Return the words of a text, at most twelve of them."""
    words = text.split()
    return " ".join(words if len(words) <= MAX_PHRASE_WORDS else [*words[: MAX_PHRASE_WORDS - 1], "\u2026"])
