"""Records of the behaviour evaluation: what each arm is given, what it answered, and how arms compare."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from skillgen.model.chat import ChatSource

Arm = Literal["without_skill", "with_skill", "raw_passages", "placebo_skill", "ablated_skill"]
ARMS: tuple[Arm, ...] = get_args(Arm)
# Ungraded is what a judge should have decided and did not: neither a pass nor a fail.
Mark = Literal["passed", "failed", "ungraded"]

BEHAVIOUR_SCHEMA = "skillgen.behaviour/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A text that stands in every request about some tasks, and the pages that its words come from."""

    text: str
    sources: tuple[ChatSource, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmPlan:
    """What an arm is given.

    `always` stands before every question; `by_task` holds texts of single tasks instead. `references` are files by name
    that the model may name to read. `removed` are ids of claims that were taken out of the skill.
    """

    arm: Arm
    always: Given = field(default_factory=lambda: Given(text=""))
    by_task: Mapping[str, Given] = field(default_factory=dict)
    references: Mapping[str, str] = field(default_factory=dict)
    removed: tuple[str, ...] = ()

    def given(self, task: str) -> Given:
        """Return what stands before the question of a task."""
        return self.by_task.get(task, self.always)


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedExpectation:
    """One expected value: how the answer fares, the words that decide, and who decided."""

    text: str
    mark: Mark
    evidence: str
    grader: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """The answer of one arm to one task, graded.

    `read` are the references that the model chose. `problem` says why there is no usable answer, which then fails.
    `calls` counts the replies that it took, those of the judge not among them; `cost` is in US dollars, None without a
    known price; `seconds` is what was waited for them when they were first asked.
    """

    task: str
    arm: Arm
    answer: str
    expectations: tuple[MarkedExpectation, ...]
    read: tuple[str, ...] = ()
    problem: str = ""
    calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cost: float | None = None
    seconds: float = 0.0

    @property
    def mark(self) -> Mark:
        """Passed where every expectation is; failed where one is; else ungraded."""
        marks = {one.mark for one in self.expectations}
        return "failed" if "failed" in marks or not marks else "ungraded" if "ungraded" in marks else "passed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """Passed of graded answers, with the 95 % interval of Wilson's score; `ungraded` ones count in neither."""

    passed: int
    graded: int
    ungraded: int
    low: float
    high: float

    @property
    def share(self) -> float | None:
        """The share that passed; None where nothing was graded."""
        return self.passed / self.graded if self.graded else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmResult:
    """What came of one arm: `missing` are tasks without a reply, `problems` counts answers that could not be used.

    `given_tokens` is the length of what stands before a question, in tokens of four characters; the mean over the tasks
    where it differs.
    """

    arm: Arm
    given_tokens: int
    trials: tuple[Trial, ...]
    missing: tuple[str, ...]
    rate: Rate
    by_kind: Mapping[str, Rate]
    by_source: Mapping[str, Rate]
    problems: int
    calls: int
    tokens_in: int
    tokens_out: int
    cost: float | None
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two arms on the tasks that both have graded: `won` and `lost` are the tasks that only one of them passed.

    `difference` is the pass rate of `arm` minus that of `against`; `p` is of McNemar's exact test, two-sided.
    """

    arm: Arm
    against: Arm
    pairs: int
    both: int
    neither: int
    won: tuple[str, ...]
    lost: tuple[str, ...]
    difference: float
    p: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimEffect:
    """A claim that cites what tasks ask for, with the tasks that the skill won and lost against no skill."""

    claim: str
    text: str
    won: tuple[str, ...]
    lost: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeRecord:
    """Which model judges, how many different verdicts it gave, and how many expectations it left undecided."""

    model: str
    is_the_model: bool
    calls: int
    undecided: int
    tokens_in: int
    tokens_out: int
    cost: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """All that a run of the arms found; `missing` in an arm makes it incomplete, and `problem` says why it stopped."""

    skill: str
    model: str
    judge: JudgeRecord
    endpoints: tuple[str, ...]
    prompts: Mapping[str, str]
    settings: Mapping[str, str | int | float | None]
    tasks: tuple[str, ...]
    arms: tuple[ArmResult, ...]
    comparisons: tuple[Comparison, ...]
    claims: tuple[ClaimEffect, ...]
    logs: tuple[str, ...] = ()
    problem: str = ""

    @property
    def complete(self) -> bool:
        """Whether every task has an answer in every arm."""
        return not any(one.missing for one in self.arms)

    def arm(self, name: Arm) -> ArmResult | None:
        """Return the result of an arm, None where it was not asked."""
        return next((one for one in self.arms if one.arm == name), None)
