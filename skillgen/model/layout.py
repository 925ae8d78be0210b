"""Records of layouts: how a skill of one purpose is arranged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Files = Literal["sections", "targets"]
Parts = Literal["pages", "targets"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LayoutSection:
    """A kind of claim: its heading, the sentence below it, and what somebody needs to know who reads its reference.

    `words` are those by which a claim belongs here; the section for all else has none.
    """

    title: str
    lead: str
    when: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How a skill is arranged: its sections in order, what fits none of them, and its reference files.

    `opening` is the first sentence of the body. `needs` and `not_for` stand in the description: what a task needs that
    the skill is for, and what it is not for. There is a reference file for each section or for each coverage target,
    and in it a part for each page or for each target.
    """

    name: str
    opening: str
    needs: str
    not_for: str
    sections: tuple[LayoutSection, ...]
    rest: LayoutSection
    files: Files = "sections"
    parts: Parts = "pages"

    @property
    def all_sections(self) -> tuple[LayoutSection, ...]:
        """The sections in order, with that for all else at the end."""
        return (*self.sections, self.rest)
