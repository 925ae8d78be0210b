"""Records of what became of every candidate claim of a build, for `skillgen explain`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Outcome = Literal["body", "reference", "repeated", "quoted", "unsupported", "cut", "far"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Traced:
    """What became of one candidate.

    body, reference   it is a claim, and where the claim stands
    repeated          another claim says the same
    quoted            a chat model quotes it for a claim in its own words
    unsupported       its quotes do not carry it
    cut               others scored better, or it speaks of nothing that is asked
    far               its passage is too unlike everything that is asked

    `question` is the number of the question it scores best for, `place` where it stands among all candidates for it (1
    is best), `signals` the weighted parts of its score. `claim` is the id of the claim that it became, repeats or is
    quoted for.
    """

    source: str
    start: int
    end: int
    outcome: Outcome
    claim: str
    question: str
    score: float
    place: int
    signals: dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """What became of the candidates of a build, in the order of sources and positions.

    `kept` counts the claims and `candidates` all that were ranked.
    """

    skill: str
    kept: int
    candidates: tuple[Traced, ...]
