"""Records of what changed between two builds of a skill."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ChangeKind = Literal["new", "gone", "reworded", "evidence moved", "into SKILL.md", "out of SKILL.md"]
PageKind = Literal["new", "changed", "gone"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimChange:
    """A claim that is not as it was; `before` and `after` are its texts, `sources` the pages that it cites or cited."""

    kind: ChangeKind
    claim: str
    before: str = ""
    after: str = ""
    sources: tuple[str, ...] = ()
    was_in_body: bool = False
    in_body: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetChange:
    """A coverage target with another score than before; None is a target that was not there."""

    id: str
    text: str
    before: float | None
    after: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftDiff:
    """All that changed: claims first as they stand in the new draft, then the gone and the new ones, and targets."""

    claims: tuple[ClaimChange, ...] = ()
    targets: tuple[TargetChange, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PageChange:
    """A page that is not as it was at the last build."""

    source: str
    kind: PageKind


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildChanges:
    """What a build found changed since the one before: pages, and claims; `first` where there was none before."""

    first: bool
    pages: tuple[PageChange, ...]
    drafts: DraftDiff

    def because_of_pages(self) -> tuple[ClaimChange, ...]:
        """Return the changes of claims that cite, or cited, a page that changed."""
        changed = {page.source for page in self.pages}
        return tuple(change for change in self.drafts.claims if changed & {*change.sources})
