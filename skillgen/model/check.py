"""Records of a check: whether the citations of a skill still hold, and what else fell behind its pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

CitationState = Literal["exact", "moved", "changed", "gone"]
DecisionState = Literal["evidence changed", "orphaned"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedCitation:
    """A citation of a claim, and what became of its quote.

    `lines` are where it stood, `now_source` and `now_lines` where the quote, or the text nearest to it, stands now
    (empty and None where it is gone). `likeness` is 1 of the same quote, else the share of words in common. `note`
    says what else is different, above all another heading.
    """

    claim: str
    in_body: bool
    source: str
    lines: tuple[int, int]
    begins: str
    state: CitationState
    now_source: str = ""
    now_lines: tuple[int, int] | None = None
    likeness: float = 0.0
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewerPage:
    """A page that changed after the claims that cite it were made, and how many claims those are."""

    source: str
    claims: int
    gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedTarget:
    """A coverage target: its score at the build, its score now by the claims that still hold, and its floor."""

    id: str
    text: str
    built: float
    now: float
    floor: float

    @property
    def under(self) -> bool:
        """Whether the target fell under its floor."""
        return self.now < self.floor


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedDecision:
    """A decision that no longer holds: its claim's evidence changed, or its claim was not found again."""

    claim: str
    decision: str
    by: str
    text: str
    state: DecisionState

    @property
    def open(self) -> bool:
        """Whether somebody must look again: not where a claim that was kept out has vanished by itself."""
        return self.state == "evidence changed" or self.decision in ("accepted", "edited")


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """What a check found. `strict` says that moved quotes and newer pages count as findings too."""

    skill: str
    citations: tuple[CheckedCitation, ...]
    newer: tuple[NewerPage, ...]
    targets: tuple[CheckedTarget, ...]
    decisions: tuple[CheckedDecision, ...]
    strict: bool = False

    @property
    def failed(self) -> bool:
        """Whether anything must be mended.

        That is a quote that changed, is gone or stands on another page; a target under its floor; or a decision that
        somebody must make anew.
        """
        broken = any(is_broken(citation) for citation in self.citations)
        behind = any(target.under for target in self.targets) or any(one.open for one in self.decisions)
        loose = any(citation.state != "exact" for citation in self.citations) or bool(self.newer)
        return broken or behind or (self.strict and loose)


def is_broken(citation: CheckedCitation) -> bool:
    """Return whether a reader who follows the citation does not find the quote on the page that it names."""
    return citation.state in ("changed", "gone") or (
        citation.state == "moved" and citation.now_source != citation.source
    )
