"""Records of what a model writes from passages: tasks, claims with located quotes, and what went wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Self

from skillgen.model.brief import Facet, Question
from skillgen.model.chat import ChatFailure, FailureReason, Use
from skillgen.model.draft import Citation, Claim, Dropped, Verdict
from skillgen.model.research import Passage


@dataclass(frozen=True, slots=True, kw_only=True)
class Unanswered:
    """A request without a usable reply: what for, the ids of the questions or claims it was about, and why.

    The reason is `rules` where a reply had the right form, but said what it may not.
    """

    use: Use
    about: tuple[str, ...]
    reason: FailureReason | Literal["rules"]
    detail: str

    @classmethod
    def of(cls, use: Use, about: Sequence[str], failure: ChatFailure) -> Self:
        """Return the record of a failed request."""
        return cls(use=use, about=tuple(about), reason=failure.reason, detail=failure.detail)


@dataclass(frozen=True, slots=True, kw_only=True)
class WritingTask:
    """A question with its facets and the passages to answer it from, best first."""

    question: Question
    facets: tuple[Facet, ...]
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenClaim:
    """A statement that a model wrote, with the quotes that were located for it; nobody has verified it yet.

    `facets` are the ids of those that it answers, best first.
    """

    question_id: str
    facets: tuple[str, ...]
    text: str
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a model wrote: claims by question in the order of writing, what was left out, and what got no reply."""

    claims: tuple[WrittenClaim, ...]
    dropped: tuple[Dropped, ...] = ()
    unanswered: tuple[Unanswered, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Relevant:
    """The tasks with the passages that a model calls relevant, best first, and what got no reply.

    Passages that nobody judged, because their request failed, stay behind them.
    """

    tasks: tuple[WritingTask, ...]
    unanswered: tuple[Unanswered, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """The final verdicts of claims, in the order of the claims, and what got no reply."""

    verdicts: tuple[Verdict, ...]
    unanswered: tuple[Unanswered, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """Claims by question without those that say what another one says; `into` leads from each of these to that one."""

    claims: Mapping[str, tuple[Claim, ...]]
    into: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionClaims:
    """A question and the verified claims that answer it, the worthiest first."""

    question: Question
    claims: tuple[Claim, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CondensedClaim:
    """A dense statement, not verified yet, and the ids of the one to four claims that it was made of."""

    claim: WrittenClaim
    made_from: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Condensed:
    """Dense statements by question, the most important first, what was left out, and what got no reply."""

    statements: tuple[CondensedClaim, ...]
    dropped: tuple[Dropped, ...] = ()
    unanswered: tuple[Unanswered, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Ids of the claims that a model wants in the body, the most important first, and what got no reply."""

    ids: tuple[str, ...]
    unanswered: tuple[Unanswered, ...] = ()
