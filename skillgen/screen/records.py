"""What the screen hands on: removals, and the page without them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from skillgen.model.corpus import FILLER, Finding, Page

__all__ = ["FILLER", "Family", "Removal", "Screened", "merged"]

Family = Literal["secret", "injection"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """A range of the raw text that nobody may see; `kind` names what it was and tells nothing of the value."""

    start: int
    end: int
    kind: str
    family: Family

    @property
    def mark(self) -> str:
        """What a reader sees in its place: a typed mark for a secret, nothing for an injection."""
        return f"[removed: {self.kind}]" if self.family == "secret" else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Screened:
    """A page that may be stored and shown, what was taken from it, and what to tell about that."""

    page: Page
    removals: tuple[Removal, ...]
    findings: tuple[Finding, ...]


def merged(removals: Iterable[Removal]) -> tuple[Removal, ...]:
    """Return the removals in order; those that overlap or touch become one, named after the first.

    An injection that holds a secret is called an injection: all of it goes without a mark.
    """
    result: list[Removal] = []
    for removal in sorted(removals, key=lambda item: (item.start, -item.end, item.kind)):
        if not result or removal.start > result[-1].end:
            result.append(removal)
            continue
        last = result[-1]
        named = removal if (removal.family, last.family) == ("injection", "secret") else last
        end = max(last.end, removal.end)
        result[-1] = Removal(start=last.start, end=end, kind=named.kind, family=named.family)
    return tuple(result)
