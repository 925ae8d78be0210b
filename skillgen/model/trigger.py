"""Records of the trigger evaluation: skills as an agent sees them, requests, what was picked, and the rates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from skillgen.model.draft import UseRecord

# Right requests are those of a task, of a brief's question and of a joint between two tools. Near misses are general
# questions on the same tools, requests for a neighbour in the set, and what the description says it is not for.
TriggerKind = Literal["task", "question", "joint", "tool", "neighbour", "excluded", "unrelated", "own"]
TriggerGroup = Literal["right", "near-miss", "unrelated"]

TRIGGERS_SCHEMA = "skillgen.triggers/1"
NO_SKILL = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class SkillCard:
    """All that an agent sees of a skill before it loads it."""

    name: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerRequest:
    """A user's request, and whether the skill should be loaded for it.

    `belongs_to` names the skill of the set that it is for instead, if there is one. `edited` is set of what a person
    wrote or changed, which no run changes again; a `dropped` request is kept so that it is not made anew.
    """

    id: str
    kind: TriggerKind
    query: str
    should_trigger: bool
    belongs_to: str = ""
    edited: bool = False
    dropped: bool = False

    @property
    def group(self) -> TriggerGroup:
        """Whether it is a right request, a near miss or unrelated."""
        if self.should_trigger:
            return "right"
        return "unrelated" if self.kind == "unrelated" else "near-miss"


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerOutcome:
    """A request with its picks, one for each order: a name, `none`, or None where no usable reply came.

    `triggered` says whether the skill was picked in at least half of the answered orders; None where none was answered.
    """

    request: TriggerRequest
    picks: tuple[str | None, ...]
    triggered: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerRate:
    """How many requests of a group or kind triggered the skill, of those that were answered.

    `low` and `high` are the 95 % Wilson interval of `share`; all three are None where nothing was answered.
    """

    name: str
    should_trigger: bool
    answered: int
    triggered: int
    share: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerConfusion:
    """How often another skill, or none, was picked for right requests, or this one for the requests of another."""

    wanted: str
    picked: str
    picks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerLeak:
    """How much of the description the right requests repeat.

    `run` is the longest run of content words in common, `share` the mean share of their trigrams that it holds.
    """

    run: int
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerReport:
    """The result of a trigger evaluation.

    `picker` names what picked; `stand_in` says that it was no chat model. `set` are the names of all skills, `orders`
    how often each request was asked, `groups` the rates of right requests, near misses and unrelated ones, `kinds`
    those of each kind, `unstable` the requests for which orders differed. An incomplete run has requests that got no
    reply, which the next run asks.
    """

    skill: str
    picker: str
    stand_in: bool
    set: tuple[str, ...]
    orders: int
    seed: int
    complete: bool
    groups: tuple[TriggerRate, ...]
    kinds: tuple[TriggerRate, ...]
    confusions: tuple[TriggerConfusion, ...]
    unanswered: int
    unstable: int
    leak: TriggerLeak
    outcomes: tuple[TriggerOutcome, ...]
    uses: tuple[UseRecord, ...] = ()
