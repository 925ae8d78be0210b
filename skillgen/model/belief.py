"""Records of what a model believes without the pages, and how many claims go beyond it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

BeliefVerdict = Literal["new", "known", "conflict"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Belief:
    """A claim beside what the model said closed-book: `says` is the statement of its that is known or in conflict."""

    verdict: BeliefVerdict
    says: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionShare:
    """How many claims of a question were compared, and with which verdicts."""

    question_id: str
    new: int
    known: int
    conflict: int

    @property
    def compared(self) -> int:
        """How many claims were compared."""
        return self.new + self.known + self.conflict


@dataclass(frozen=True, slots=True, kw_only=True)
class DeltaShare:
    """How much of what a skill says the model did not know: counts over all questions, and for each of them.

    `share` is (new + conflict) / compared, from 0 to 1, or None where nothing was compared.
    """

    compared: int
    new: int
    known: int
    conflict: int
    share: float | None
    questions: tuple[QuestionShare, ...] = ()
