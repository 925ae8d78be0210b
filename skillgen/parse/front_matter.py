"""Front matter: the YAML or TOML block that may open a Markdown page."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import yaml

_FENCE = re.compile(r"\ufeff?(?P<fence>---|\+\+\+)[ \t]*(?:\r\n|\r|\n)")
_MAX_CHARACTERS = 50_000
# PyYAML lets its own errors through where a tag does not fit its value (`!!int ""`, `!!bool maybe`).
_UNREADABLE = (yaml.YAMLError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError)


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The values of a page's front matter; `end` is the offset behind it (0 without one).

    `problem` says why a block that is there cannot be read.
    """

    values: Mapping[str, object] = field(default_factory=dict)
    end: int = 0
    problem: str | None = None

    def text(self, key: str) -> str:
        """Return the value of a key if it is a string or a number, otherwise the empty string."""
        value = self.values.get(key)
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            return ""
        return " ".join(str(value).split())

    def meta(self) -> tuple[tuple[str, str], ...]:
        """Return the values as text, by key: lists are joined by commas, dates are ISO dates, tables are left out."""
        return tuple((key, text) for key, value in self.values.items() if (text := _as_text(value)))


def _as_text(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(text for item in value if (text := _as_text(item)))
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (str, int, float, date)):
        return " ".join(str(value).split())
    return ""


def read_front_matter(text: str) -> FrontMatter:
    """Return the page's front matter; a block that does not parse is passed over and its problem told."""
    opening = _FENCE.match(text)
    if not opening:
        return FrontMatter()
    fence = opening["fence"]
    # a YAML block may also end with three dots
    closers = r"(?:---|\.\.\.)" if fence == "---" else r"\+\+\+"
    closing = re.compile(rf"(?:\r\n|\r|\n|\A){closers}[ \t]*(?=\r\n|\r|\n|\Z)").search(
        text, opening.end() - 1, opening.end() + _MAX_CHARACTERS
    )
    if not closing:
        return FrontMatter()
    content = text[opening.end() : max(opening.end(), closing.start())]
    try:
        values = _load(content, fence)
    except _UNREADABLE as error:
        mark = getattr(error, "problem_mark", None)  # the error's own words may quote the page
        where = f" (line {mark.line + 2})" if mark else ""
        return FrontMatter(end=closing.end(), problem=f"The front matter cannot be read{where}.")
    if values is None or isinstance(values, dict):
        return FrontMatter(values={str(key): value for key, value in (values or {}).items()}, end=closing.end())
    return FrontMatter()  # a rule and a paragraph, not front matter


def _load(content: str, fence: str) -> object:
    if fence == "+++":
        return tomllib.loads(content.replace("\r\n", "\n").replace("\r", "\n"))
    return yaml.safe_load(content)
