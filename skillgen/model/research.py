"""Records of the research: passages as retrieved, and candidate claims before they are chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from skillgen.model.corpus import BlockKind, Chunk
from skillgen.model.draft import Break, Citation
from skillgen.model.facts import PageFacts

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A chunk as retrieved for a query, with what is known about its page.

    `rank` counts from 1, `score` is comparable within one query only.
    """

    chunk: Chunk
    rank: int
    score: float
    facts: PageFacts = field(default_factory=PageFacts)


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetPassages:
    """The passages that were retrieved for one facet, best first, with the query that found them."""

    facet_id: str
    query: str
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A statement that the sources make and that could become a claim.

    `text` is the source's own words without markup, `lead` the headings that make it stand alone (with its colon, or
    empty), `kind` the kind of the block it begins in. The quotes hold every word of `text`. `breaks` are the places in
    `text` at which a further item, row or paragraph of the source begins. `opening` is the beginning of `text` that
    says again, to stand alone, what the candidate before it on the page says as well.
    """

    source: str
    start: int
    end: int
    kind: BlockKind
    lead: str
    text: str
    citations: tuple[Citation, ...]
    breaks: tuple[Break, ...] = ()
    opening: str = ""

    @property
    def claim_text(self) -> str:
        """The lead and the text as one statement."""
        return f"{self.lead} {self.text}" if self.lead else self.text

    @property
    def claim_breaks(self) -> tuple[Break, ...]:
        """The breaks as places in the claim's text."""
        before = len(self.claim_text) - len(self.text)
        return tuple(replace(one, at=before + one.at) for one in self.breaks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expansion:
    """What a question is about: concerns of the catalogue by name, each with its weight (0.5 to 1.5)."""

    concerns: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """How well candidates answer; everything stands in the order of the candidates.

    `scores` are by question id; `facets` has a column for each facet of the plan; `signals` are the parts of the scores
    by question id and name, before they are weighted.
    """

    scores: Mapping[str, NDArray[np.float64]]
    facets: NDArray[np.float64]
    signals: Mapping[str, Mapping[str, NDArray[np.float64]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A candidate that the draft keeps, under the question it serves best.

    `index` is its place among the candidates. `facets` are those it may answer, best first; `repeated` are other places
    that state the same; `parts` are the statements that it was joined of, if there are several, the best one first.
    """

    candidate: Candidate
    index: int
    question_id: str
    also_answers: tuple[str, ...]
    facets: tuple[str, ...]
    score: float
    repeated: tuple[Candidate, ...]
    parts: tuple[Candidate, ...] = ()
