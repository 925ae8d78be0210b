"""How an arm answers a task: with the same words whatever it is given, after reading files where it has some.

Whatever an arm is given stands in the system message of all its requests, so that servers read it once.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from skillgen.chat import fenced, load_prompt
from skillgen.evaluate.arm_texts import shown_files, text_tokens
from skillgen.model.behaviour import ArmPlan
from skillgen.model.chat import ChatFailure, ChatReply, ChatRequest, ChatSource
from skillgen.model.evaluation import Task

Ask = Callable[[ChatRequest], Awaitable[ChatReply | ChatFailure]]

FILES_READ = 2
# Files take at most so many tokens, so that a large context costs no more than it helps.
READING_TOKENS = 6000
# Words of the prompt, marks around texts, and what a tokenizer makes more of names than four characters a token.
_PROMPT_TOKENS = 250
_CHARS_A_TOKEN = 3
_prompt = cache(load_prompt)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What a model answered: `read` names the files it chose, `requests` are all that it was asked.

    `problem` says why there is no usable answer.
    """

    text: str
    read: tuple[str, ...]
    requests: tuple[ChatRequest, ...]
    problem: str = ""


def files_request(plan: ArmPlan, task: Task, page: Sequence[ChatSource]) -> ChatRequest:
    """Return the request that asks which files to read; `page` is that of the task's citation."""
    values = {"given": _given(plan, task), "files": _listed(plan), "question": task.question}
    return _prompt("task-files").request(values, sources=(*plan.given(task.id).sources, *page))


def _listed(plan: ArmPlan) -> str:
    return "\n".join(f"- {name}" for name in plan.references)


def answer_request(
    plan: ArmPlan, task: Task, read: Sequence[str], page: Sequence[ChatSource], *, context: int
) -> ChatRequest:
    """Return the request for the answer.

    Args:
        plan: The arm.
        task: What is asked.
        read: Names of files that stand before the question.
        page: The page of the task's citation.
        context: Tokens that request and reply may have together.
    """
    prompt = _prompt("task-answer")
    given = _given(plan, task)
    taken = (len(given) + len(task.question)) // _CHARS_A_TOKEN + prompt.max_tokens + _PROMPT_TOKENS
    room = max(0, min(READING_TOKENS, context - taken)) * _CHARS_A_TOKEN
    shown = shown_files([(name, plan.references[name]) for name in sorted(read)], room)
    files = "\n\n".join(fenced(f"references/{name}", text) for name, text in shown)
    values = {"given": given, "files": files, "question": task.question}
    return prompt.request(values, sources=(*plan.given(task.id).sources, *page))


def _given(plan: ArmPlan, task: Task) -> str:
    """Return what stands before the question; what kind of text it is shows by the line above it."""
    text = plan.given(task.id).text
    label = "passages" if plan.arm == "raw_passages" else "SKILL.md"
    return fenced(label, text) if text else ""


def chosen_files(reply: ChatReply | ChatFailure, references: Mapping[str, str]) -> tuple[str, ...]:
    """Return the files that a reply names, at most two; what is no file of the skill, and no reply, names none."""
    if isinstance(reply, ChatFailure):
        return ()
    named = [str(one).rpartition("/")[2] for one in reply.parsed["files"]]
    return tuple(name for name in dict.fromkeys(named) if name in references)[:FILES_READ]


async def answered(plan: ArmPlan, task: Task, page: Sequence[ChatSource], ask: Ask, *, context: int) -> Answered:
    """Return a model's answer to a task; `context` is how many tokens a request and its reply may have."""
    read: tuple[str, ...] = ()
    requests: list[ChatRequest] = []
    if plan.references:
        requests.append(files_request(plan, task, page))
        read = chosen_files(await ask(requests[0]), plan.references)
    requests.append(answer_request(plan, task, read, page, context=context))
    reply = await ask(requests[-1])
    if isinstance(reply, ChatFailure):
        return Answered(text="", read=read, requests=tuple(requests), problem=f"{reply.reason}: {reply.detail}")
    return Answered(text=reply.text.strip(), read=read, requests=tuple(requests))


def given_tokens(plan: ArmPlan, tasks: Sequence[Task]) -> int:
    """Return how long what stands before the questions is, the mean over the tasks, in tokens of four characters."""
    return round(sum(text_tokens(plan.given(task.id).text) for task in tasks) / max(1, len(tasks)))
