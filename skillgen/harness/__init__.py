"""Runs tasks through Inspect: one Inspect task for each arm, its samples answered and graded by functions of ours.

Inspect gives the run its form and writes the log that its viewer opens. It reaches no model by itself: whatever is
asked goes through the function that it is handed. The package `inspect-ai` is an extra.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from skillgen.errors import PrerequisiteError
from skillgen.model.behaviour import Mark
from skillgen.model.chat import ChatFailure, ChatReply, ChatRequest

Role = Literal["model", "judge"]
Ask = Callable[[ChatRequest], Awaitable[ChatReply | ChatFailure]]
Send = Callable[[Role, ChatRequest], Awaitable[ChatReply | ChatFailure]]


class NoReplyError(Exception):
    """A request got no reply at all, so its sample stays without an answer; the failure says why."""

    def __init__(self, failure: ChatFailure) -> None:
        super().__init__(failure.detail)
        self.failure = failure


@dataclass(frozen=True, slots=True, kw_only=True)
class HarnessSample:
    """One question with what is expected, as the log shows it; `facts` are shown beside it."""

    id: str
    question: str
    targets: tuple[str, ...]
    facts: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class HarnessScore:
    """What grading came to: the mark, why, and further details for the log."""

    mark: Mark
    explanation: str
    details: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class HarnessTask:
    """An arm: `answer` gets a sample's id and a way to ask the model; `grade` gets the answer and the judge too."""

    name: str
    samples: tuple[HarnessSample, ...]
    answer: Callable[[str, Ask], Awaitable[str]]
    grade: Callable[[str, str, Ask], Awaitable[HarnessScore]]
    facts: Mapping[str, str | int] = field(default_factory=dict)


def check_installed() -> None:
    """Check that Inspect is there.

    Raises:
        PrerequisiteError: it is not installed.
    """
    from importlib.util import find_spec

    if find_spec("inspect_ai") is None:
        raise PrerequisiteError(
            "The arms of an evaluation are run by Inspect, and the package inspect-ai is not installed.",
            hint='pip install "runbook-skillgen[inspect]"',
        )


def run_tasks(
    tasks: Sequence[HarnessTask], *, models: Mapping[Role, str], send: Send, folder: Path
) -> tuple[Path, ...]:
    """Run tasks, all samples at a time, and return the log of each, in their order.

    Args:
        tasks: The arms.
        models: The names of model and judge, for the log.
        send: Asks one of the two; it decides what is sent when.
        folder: Where the logs are written.

    Raises:
        PrerequisiteError: Inspect is not installed.
    """
    check_installed()
    from skillgen.harness.inspect_tasks import run

    return run(tasks, models=models, send=send, folder=folder)
