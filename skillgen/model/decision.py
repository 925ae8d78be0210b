"""Records of the review: what people decided about claims, and what owners stated where the pages say nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

from skillgen.model.corpus import content_id
from skillgen.model.draft import Claim

FORMAT: Literal["skillgen.decisions/1"] = "skillgen.decisions/1"

Kind = Literal["accepted", "edited", "rejected", "asked"]
State = Literal["undecided", "accepted", "edited", "rejected", "asked", "evidence changed"]
Match = Literal["", "id", "quote", "text"]
# Claims that are decided about so stay for as long as their evidence does.
KEPT: frozenset[Kind] = frozenset({"accepted", "edited"})

_STRICT: dict[str, Any] = {"extra": "forbid"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What a decided claim rested on: the page, the SHA-256 of the quote (hexadecimal), and the quote's first words."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    source: str
    begins: str
    quote_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What somebody decided about one claim.

    `claim` is its id, `text` what it said when it was decided. `edited` is the text that stands in its place (of an
    edited claim only), `question` what is asked of `owner` (of an asked claim only). `at` is the time in UTC as
    YYYY-MM-DDTHH:MM:SSZ.

    `facets` are the ids of those that the claim answers, best first, and `judged` names the judge that found all of it
    in its quotes where rules could not tell. With them an accepted or edited claim can be made again as it was; files
    of earlier versions have neither.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    claim: str
    decision: Kind
    text: str
    evidence: tuple[Evidence, ...]
    by: str
    at: str
    edited: str = ""
    reason: str = ""
    owner: str = ""
    question: str = ""
    facets: tuple[str, ...] = ()
    judged: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerAnswer:
    """What an owner stated on a facet that the pages do not answer; `on` is the day as YYYY-MM-DD.

    `facet` is the facet's id, `question` what was asked in words, so that the answer can be read by itself.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    facet: str
    question: str
    text: str
    by: str
    on: str

    @property
    def id(self) -> str:
        """`ans-` and 8 hexadecimal digits of facet, name, day and text: another answer has another id."""
        return content_id("ans", self.facet, self.by, self.on, self.text, digits=8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decisions:
    """What a decisions file holds: decisions in the order of the claims' ids, answers in the order of theirs."""

    claims: tuple[Decision, ...] = ()
    answers: tuple[OwnerAnswer, ...] = ()

    def of(self, claim_id: str) -> Decision | None:
        """Return the decision that was made about the claim of this id, if there is one."""
        return next((decision for decision in self.claims if decision.claim == claim_id), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewedClaim:
    """A claim of a draft with what was decided about it.

    `state` is that of the claim now: a decision that was found by anything but the claim's id was made about other
    evidence, so its claim is `evidence changed`. `match` says what the decision was found by: the id, a quote that is
    still cited, or the nearest text of the same page.
    """

    claim: Claim
    state: State = "undecided"
    decision: Decision | None = None
    match: Match = ""

    @property
    def as_found(self) -> Claim:
        """The claim in the words of the pages: what an edited claim said before. A new decision is made about this."""
        if self.decision is None or self.match != "id":
            return self.claim
        return replace(self.claim, text=self.decision.text)

    @property
    def judged(self) -> str | None:
        """The judge of the claim in the words of the pages, where its verdict is that of an edit; None elsewhere."""
        return self.decision.judged if self.decision is not None and self.state == "edited" else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A draft's claims with their states, in the draft's order, and the decisions whose claim was not found again."""

    claims: tuple[ReviewedClaim, ...]
    orphaned: tuple[Decision, ...] = ()
