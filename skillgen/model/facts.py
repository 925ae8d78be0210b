"""Records of what is known about a page besides its text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

MarkKind = Literal["deprecated", "archived", "superseded", "outdated"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeprecationMark:
    """A place where a page says that it should no longer be relied on.

    `line` is 1-based; `by` is the page or thing that replaces it, in the page's words, or empty.
    """

    kind: MarkKind
    line: int
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFacts:
    """Who answers for a page, when it last changed, what it links to, and whether it says that it is out of date.

    `owner_from` and `changed_from` name the kind of evidence; `changed` is an ISO date. `links` are the targets as
    written, without repetition. `duplicates` are sources of pages that say nearly the same.
    """

    owner: str = ""
    owner_from: str = ""
    changed: str = ""
    changed_from: str = ""
    links: tuple[str, ...] = ()
    deprecation: DeprecationMark | None = None
    duplicates: tuple[str, ...] = ()
