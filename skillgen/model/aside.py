"""Records of what a model is asked beside writing claims: search phrases, beliefs, contradictions, wording."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from skillgen.model.answer import Unanswered
from skillgen.model.belief import Belief
from skillgen.model.draft import Contradiction, Gap


@dataclass(frozen=True, slots=True, kw_only=True)
class Widened:
    """Search phrases by facet id, the best first, and what got no reply; a facet may have none."""

    phrases: Mapping[str, tuple[str, ...]]
    unanswered: tuple[Unanswered, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Beliefs by claim id, and what got no reply; a claim that was not compared has none."""

    beliefs: Mapping[str, Belief]
    unanswered: tuple[Unanswered, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """The contradictions in their order, each with the kind that a model gives it or doubted, and what got no reply."""

    contradictions: tuple[Contradiction, ...]
    unanswered: tuple[Unanswered, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PhrasedGaps:
    """The gaps in their order, asked in a model's words where those pass the rules, and what went wrong."""

    gaps: tuple[Gap, ...]
    unanswered: tuple[Unanswered, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PhrasedDescription:
    """A skill's description: the model's if it passes the rules, else the local one, and why it is not the model's."""

    text: str
    unanswered: tuple[Unanswered, ...] = ()
