"""Records of an evaluation: the scorecard of a package, tasks made of cited facts, grades of answers, baselines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from skillgen.model.trigger import TriggerRequest

TaskKind = Literal["value", "order", "owner", "schedule", "credential", "command", "other"]
TaskSource = Literal["body", "reference", "uncited-passage", "uncited-page", "own"]
TaskOrigin = Literal["template", "model"]
ExpectedForm = Literal["quantity", "time", "code", "command", "order", "text", "judged"]
Outcome = Literal["passed", "warning", "failed"]
Better = Literal["higher", "lower"]

TASKS_FORMAT = "skillgen.tasks/1"
BASELINE_FORMAT = "skillgen.baseline/1"
REPORT_SCHEMA = "skillgen.evaluation/1"


# -- scorecard ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A place that a criterion is about, and what was found there.

    `file` is relative to the package, or a source of the corpus; `line` is 1-based, or None where it is about a whole.
    """

    file: str
    line: int | None
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One criterion of a scorecard.

    `value` is what was measured and `threshold` what it is held to, in the unit that `shown` spells out; `held_to` is
    the threshold in words, `better` says which way is good. `evidence` are the places that speak against it, in the
    order of the files.
    """

    id: str
    title: str
    value: float
    shown: str
    threshold: float
    held_to: str
    better: Better
    outcome: Outcome
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A statement of the package as it is read: its file, its first and last line, its text without markup and markers.

    `lead` is the text of the list item that it stands under, `markers` are the citation markers behind it. `last` is 0
    for what is no line of a file.
    """

    file: str
    line: int
    text: str
    lead: str = ""
    markers: tuple[str, ...] = ()
    last: int = 0


# -- tasks -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What an answer must state. Any one of `accept` will do in place of `value`.

    An `order` is given as one text whose items are parted by ` > `. `judged` is an expectation in words, which no rule
    can grade.
    """

    value: str
    form: ExpectedForm
    accept: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCitation:
    """Where the fact stands that a task needs: `lines` are 1-based and inclusive."""

    source: str
    lines: tuple[int, int]
    heading_path: tuple[str, ...]
    quote: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A question that needs a fact of the pages, and what a right answer states: all of `expected`.

    `source` says how far the skill holds the fact: in SKILL.md, in a reference, or nowhere, because no claim cites the
    passage or the page; `own` is a task that a person wrote without a citation. `edited` is set of what a person wrote
    or changed, which no run changes again; a `dropped` task is kept so that it is not made anew. `origin` says whether
    templates made the question, or a model wrote it (and a check passed it).
    """

    id: str
    kind: TaskKind
    source: TaskSource
    question: str
    expected: tuple[Expected, ...]
    citation: TaskCitation | None = None
    edited: bool = False
    dropped: bool = False
    origin: TaskOrigin = "template"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSet:
    """The tasks of a skill in the order of the file, and the requests of its trigger evaluation."""

    skill: str
    tasks: tuple[Task, ...]
    triggers: tuple[TriggerRequest, ...] = ()

    @property
    def live(self) -> tuple[Task, ...]:
        """The tasks that are asked: all that nobody dropped."""
        return tuple(task for task in self.tasks if not task.dropped)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """How much of a task's wording a text shares.

    `run` is the longest run of content words in common, `share` the share of the task's trigrams of content words that
    the text holds (0 to 1), and `told` whether the question states what it asks for.
    """

    task: str
    run: int
    share: float
    told: bool


# -- answers -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskAnswer:
    """What was answered to a task in one run of one arm; `seconds` and `tokens` are 0 where nobody measured them."""

    task: str
    text: str
    arm: str = "with_skill"
    run: int = 1
    seconds: float = 0.0
    tokens: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class GradedExpectation:
    """One expected value of a task: whether the answer states it, and the words that decide."""

    text: str
    passed: bool
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """The grade of one answer: it passes where every expectation does. `grader` names what decided.

    `answer` is the text that was graded, for viewers; it may be empty.
    """

    task: str
    arm: str
    run: int
    expectations: tuple[GradedExpectation, ...]
    grader: str
    seconds: float = 0.0
    tokens: int = 0
    answer: str = ""

    @property
    def passed(self) -> bool:
        """Whether the answer states all that was expected."""
        return bool(self.expectations) and all(one.passed for one in self.expectations)


# -- baselines and changes ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Lowered:
    """A baseline that somebody lowered on purpose, and why."""

    criterion: str
    before: float
    after: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """The best value of each criterion that a skill has reached, by criterion, and every lowering."""

    skill: str
    values: dict[str, float]
    lowered: tuple[Lowered, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A criterion whose value or outcome differs from the last run; `before` is None where it is new."""

    criterion: str
    before: float | None
    after: float
    was: Outcome | None
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """All that an evaluation without a model found.

    `under_baseline` are the ids of criteria that are worse than their baseline. `leaks` holds every live task.
    """

    skill: str
    criteria: tuple[Criterion, ...]
    tasks: TaskSet
    leaks: tuple[Leak, ...]
    under_baseline: tuple[str, ...] = ()
    changes: tuple[Change, ...] | None = None

    @property
    def failed(self) -> bool:
        """Whether a criterion failed or is under its baseline."""
        return bool(self.under_baseline) or any(one.outcome == "failed" for one in self.criteria)
