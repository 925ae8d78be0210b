"""The door to Inspect: its tasks, its models, its log; nothing of it leaves this process but the log.

Inspect reads an .env file and variables of its own, keeps traces and its last result in the user's folders, and counts
tokens with a vocabulary from the network where a model states none. All of that is switched off here.
"""

from __future__ import annotations

import gc
import logging
import os
import sys
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from inspect_ai import Task
from inspect_ai import eval as run_eval
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageSystem,
    ChatMessageUser,
    GenerateConfig,
    Model,
    ModelAPI,
    ModelOutput,
    ModelUsage,
    get_model,
    modelapi,
)
from inspect_ai.scorer import CORRECT, INCORRECT, Score, Scorer, Target, accuracy, scorer, stderr
from inspect_ai.solver import Generate, Solver, TaskState, solver

from skillgen.harness import Ask, HarnessScore, HarnessTask, NoReplyError, Role, Send
from skillgen.model.chat import ChatFailure, ChatReply, ChatRequest
from skillgen.model.chat import ChatMessage as Words

if TYPE_CHECKING:
    from inspect_ai.tool import ToolChoice, ToolInfo

# More than any run has samples: what is sent at a time is decided behind `send`.
_ALL_AT_ONCE = 100_000
_PROVIDER = "skillgen"
_ROLES: Mapping[str, type[ChatMessageSystem | ChatMessageUser | ChatMessageAssistant]] = {
    "system": ChatMessageSystem,
    "user": ChatMessageUser,
    "assistant": ChatMessageAssistant,
}


@dataclass(slots=True)
class _Turn:
    """A request on its way through Inspect, and what came back: Inspect hands on its words only."""

    request: ChatRequest
    outcome: ChatReply | ChatFailure | None = None


_TURN: ContextVar[_Turn] = ContextVar("skillgen_turn")


@modelapi(name=_PROVIDER)
class _ChatDoor(ModelAPI):
    """A model of Inspect whose calls go through a function of ours."""

    def __init__(
        self,
        model_name: str,
        base_url: str | None = None,
        api_key: str | None = None,
        config: GenerateConfig = GenerateConfig(),  # noqa: B008 - the signature that Inspect asks for
        **options: Any,  # noqa: ANN401 - the same
    ) -> None:
        super().__init__(model_name, base_url, api_key, [], config)
        self._send: Send = options["send"]
        self._role: Role = options["asked_as"]

    async def generate(
        self,
        input: list[ChatMessage],  # noqa: A002, ARG002 - the same
        tools: list[ToolInfo],  # noqa: ARG002 - the same
        tool_choice: ToolChoice,  # noqa: ARG002 - the same
        config: GenerateConfig,  # noqa: ARG002 - the same
    ) -> ModelOutput:
        """Ask, and return the reply with the tokens that the server stated."""
        turn = _TURN.get()
        outcome = turn.outcome = await self._send(self._role, turn.request)
        if isinstance(outcome, ChatFailure):
            output = ModelOutput.from_content(self.model_name, "", error=f"{outcome.reason}: {outcome.detail}")
            output.usage = ModelUsage()
            return output
        output = ModelOutput.from_content(self.model_name, outcome.text)
        read, wrote = outcome.tokens_in or 0, outcome.tokens_out or 0
        output.usage = ModelUsage(input_tokens=read, output_tokens=wrote, total_tokens=read + wrote)
        return output

    def max_connections(self) -> int:
        """Return no limit."""
        return _ALL_AT_ONCE


def run(tasks: Sequence[HarnessTask], *, models: Mapping[Role, str], send: Send, folder: Path) -> tuple[Path, ...]:
    """Run tasks and return the log of each, in their order."""
    folder.mkdir(parents=True, exist_ok=True)
    faults: list[Exception] = []
    with _kept_to_itself():
        doors = {
            role: get_model(f"{_PROVIDER}/{name}", memoize=False, send=send, asked_as=role)
            for role, name in models.items()
        }
        logs = run_eval(
            [_task(_watched(task, faults), doors["model"], doors["judge"]) for task in tasks],
            model=doors["model"],
            model_roles={"grader": doors["judge"]},
            display="none",
            log_dir=str(folder),
            log_format="eval",
            log_level="error",
            log_level_transcript="error",
            log_realtime=False,
            log_model_api=False,
            ctl_server=False,
            acp_server=False,
            score_display=False,
            fail_on_error=False,
            max_samples=_ALL_AT_ONCE,
            max_tasks=len(tasks),
            max_connections=_ALL_AT_ONCE,
        )
    if faults:
        raise faults[0]
    by_name = {log.eval.task: Path(unquote(urlsplit(log.location).path)) for log in logs}
    return tuple(by_name[task.name] for task in tasks)


def _watched(task: HarnessTask, faults: list[Exception]) -> HarnessTask:
    """Return a task whose faults are noted: to Inspect any exception is one more sample without an answer."""

    async def answer(sample: str, ask: Ask) -> str:
        with _noting(faults):
            return await task.answer(sample, ask)

    async def grade(sample: str, text: str, ask: Ask) -> HarnessScore:
        with _noting(faults):
            return await task.grade(sample, text, ask)

    return replace(task, answer=answer, grade=grade)


@contextmanager
def _noting(faults: list[Exception]) -> Iterator[None]:
    try:
        yield
    except NoReplyError:
        raise
    except Exception as error:
        faults.append(error)
        raise


def _task(task: HarnessTask, model: Model, judge: Model) -> Task:
    samples = [
        Sample(id=one.id, input=one.question, target=list(one.targets), metadata=dict(one.facts))
        for one in task.samples
    ]
    return Task(
        name=task.name,
        dataset=MemoryDataset(samples, name="tasks"),
        solver=_conversation(task, model),
        scorer=_grading(task, judge),
        config=GenerateConfig(temperature=0, seed=0),
        metadata=dict(task.facts),
    )


@solver
def _conversation(task: HarnessTask, model: Model) -> Solver:
    async def solve(state: TaskState, generate: Generate) -> TaskState:  # noqa: ARG001 - what Inspect calls
        state.messages = []
        text = await task.answer(str(state.sample_id), _asking(model, state.messages))
        usage = state.output.usage
        state.output = ModelOutput.from_content(str(model), text)
        state.output.usage = usage or ModelUsage()
        return state

    return solve


@scorer(metrics=[accuracy(), stderr()])
def _grading(task: HarnessTask, judge: Model) -> Scorer:
    async def score(state: TaskState, target: Target) -> Score:  # noqa: ARG001 - what Inspect calls
        answer = state.output.completion
        found = await task.grade(str(state.sample_id), answer, _asking(judge, []))
        details = dict(found.details)
        if found.mark == "ungraded":
            return Score.unscored(
                reason="scoring_failed", answer=answer, explanation=found.explanation, metadata=details
            )
        value = CORRECT if found.mark == "passed" else INCORRECT
        return Score(value=value, answer=answer, explanation=found.explanation, metadata=details)

    return score


def _asking(model: Model, said: list[ChatMessage]) -> Ask:
    """Return what asks a model of Inspect; `said` grows with what was said."""

    async def ask(request: ChatRequest) -> ChatReply | ChatFailure:
        turn = _Turn(request)
        token = _TURN.set(turn)
        try:
            messages = [_message(one) for one in request.messages]
            output = await model.generate(messages, config=GenerateConfig(max_tokens=request.max_tokens))
        finally:
            _TURN.reset(token)
        assert turn.outcome is not None
        said.extend([*messages, output.message])
        return turn.outcome

    return ask


def _message(words: Words) -> ChatMessage:
    return _ROLES[words.role](content=words.text)


@contextmanager
def _kept_to_itself() -> Iterator[None]:
    """Let Inspect neither read its variables and .env files nor write outside of the log folder; then undo its marks.

    What it changes in the process is put back: variables, the hook for errors that nobody catches, handlers of logging.
    Its trace ends with a temporary folder; its viewer knows the log folder by `--log-dir`.
    """
    environment, hook = dict(os.environ), sys.excepthook
    root = logging.getLogger()
    level, handlers = root.level, list(root.handlers)
    with tempfile.TemporaryDirectory(prefix="skillgen-inspect-") as scratch, warnings.catch_warnings():
        for kind in (ResourceWarning, DeprecationWarning):  # streams left open, old names of libraries: all Inspect's
            warnings.simplefilter("ignore", kind)
        for name in [name for name in os.environ if name.startswith("INSPECT_")]:
            del os.environ[name]
        os.environ.update(
            PYTHON_DOTENV_DISABLED="1",
            INSPECT_TRACE_FILE=str(Path(scratch) / "trace.log"),
            XDG_DATA_HOME=scratch,
            XDG_CACHE_HOME=scratch,
        )
        try:
            yield
        finally:
            gc.collect()
            for name in os.environ.keys() - environment.keys():
                del os.environ[name]
            os.environ.update(environment)
            sys.excepthook = hook
            root.setLevel(level)
            root.handlers[:] = handlers
