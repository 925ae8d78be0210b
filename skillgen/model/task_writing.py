"""Records of tasks that a chat model writes: the passages it is shown, and what became of its questions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from skillgen.model.draft import Citation, UseRecord
from skillgen.model.evaluation import Task, TaskSource

# Why a question was dropped, in the order in which that is checked.
DropReason = Literal[
    "no-usable-reply",
    "no-plain-question",
    "value-not-in-quote",
    "value-not-exact",
    "tells-its-answer",
    "repeats-the-page",
    "asked-already",
    "not-answered-by-the-passage",
    "general-knowledge",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class CitedPassage:
    """What a model is shown for one claim: its quotes on one page, and how far the skill holds them."""

    claim: str
    source: TaskSource
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DroppedQuestion:
    """A question that became no task; `question` is empty where the model gave no usable reply."""

    claim: str
    question: str
    reason: DropReason
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskWriting:
    """What a model wrote: `asked` passages, `written` questions, the tasks that passed and the questions that did not.

    `uses` is what it took. Where requests got no reply, `stopped` says why and `next_step` what to do; the next run
    asks only these.
    """

    model: str
    asked: int
    written: int
    tasks: tuple[Task, ...]
    dropped: tuple[DroppedQuestion, ...]
    uses: tuple[UseRecord, ...] = ()
    stopped: str = ""
    next_step: str = ""
