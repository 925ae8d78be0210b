"""Grading by rules first, and by a judge model where they cannot decide.

Rules decide wherever a value, a time, a name of the machine's world or a command is expected, and wherever they find
what was expected. A judge decides the rest: expectations in words, and names or orders that the answer may have put
in other words. An answer without any word of what is expected is not put before it: a small judge passes such answers
too (docs/evals-measured.md). It sees question, expectation, quote and answer, never the arm. It passes an answer only
by words that stand in it; what it says otherwise decides nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from skillgen.chat import load_prompt
from skillgen.evaluate.arms import Ask
from skillgen.evaluate.grade import GRADER, expectation_text, grade
from skillgen.model.behaviour import Mark, MarkedExpectation
from skillgen.model.chat import ChatFailure, ChatReply, ChatRequest, ChatSource
from skillgen.model.evaluation import Expected, GradedExpectation, Task, TaskAnswer
from skillgen.words import content_stems

JUDGE = "judge/2"
_IN_OTHER_WORDS = frozenset({"text", "order"})
# Evidence of the rules that names something which the answer says instead, or how it takes the value back.
_DECIDED = ("The answer denies", "The answer calls", "The answer only asks", "The answer names", "The answer takes")
_NOT_KNOWN = re.compile(
    r"\b(?:do(?:es)? not|do(?:es)?n['\u2019]t|cannot|can['\u2019]t|could not) (?:know|say|tell|determine|find)\b|"
    r"\bno (?:information|idea)\b|\bnot (?:known|specified|stated|mentioned|documented|provided)\b|\bunknown\b",
    re.IGNORECASE,
)
_LEAST_EVIDENCE = 3

_prompt = cache(load_prompt)


def needs_judge(expected: Expected, found: GradedExpectation, answer: str) -> bool:
    """Tell whether rules leave open if an answer states what is expected."""
    if found.passed or not answer.strip() or _NOT_KNOWN.search(answer):
        return False
    if expected.form == "judged":
        return True
    open_to_words = expected.form in _IN_OTHER_WORDS and not found.evidence.startswith(_DECIDED)
    return open_to_words and speaks_of(expected, answer)


def speaks_of(expected: Expected, text: str) -> bool:
    """Tell whether a text has a word of a spelling of what is expected; of an order, a word of each of its items."""
    said = set(content_stems(text))
    for form in (expected.value, *expected.accept):
        items = [content_stems(item) for item in (form.split(" > ") if expected.form == "order" else (form,))]
        if all(not stems or not said.isdisjoint(stems) for stems in items):
            return True
    return False


def judge_request(task: Task, expected: Expected, answer: str, page: Sequence[ChatSource]) -> ChatRequest:
    """Return the request to a judge about one expectation."""
    also = f" Equally right: {'; '.join(expected.accept)}." if expected.accept else ""
    values = {
        "question": task.question,
        "expected": f"{expectation_text(expected)}{also}",
        "quote": task.citation.quote if task.citation else "",
        "answer": answer,
    }
    return _prompt("judge").request(values, sources=page)


async def graded(
    task: Task, answer: str, page: Sequence[ChatSource], ask: Ask, judge: str
) -> tuple[MarkedExpectation, ...]:
    """Return every expectation of a task with its mark.

    Args:
        task: What was asked.
        answer: What was answered.
        page: The page of the task's citation.
        ask: Asks the judge.
        judge: The judge's name.
    """
    by_rules = grade(task, TaskAnswer(task=task.id, text=answer)).expectations
    marked = []
    for expected, found in zip(task.expected, by_rules, strict=True):
        if needs_judge(expected, found, answer):
            reply = await ask(judge_request(task, expected, answer, page))
            marked.append(judged(expected, reply, answer, judge))
        else:
            mark: Mark = "passed" if found.passed else "failed"
            evidence = _unknown(expected, found, answer)
            marked.append(MarkedExpectation(text=found.text, mark=mark, evidence=evidence, grader=GRADER))
    return tuple(marked)


def _unknown(expected: Expected, found: GradedExpectation, answer: str) -> str:
    """Return the evidence of the rules; one who does not know states nothing that a judge could weigh."""
    silent = expected.form == "judged" and not found.passed
    return f"The answer does not state it: {answer.strip() or 'it is empty'}" if silent else found.evidence


def judged(expected: Expected, reply: ChatReply | ChatFailure, answer: str, judge: str) -> MarkedExpectation:
    """Return what a judge's reply decides about one expectation.

    A pass without words of the answer decides nothing, or by words that have nothing of what is expected, and so does a
    reply that cannot be read. A fail needs no words: what is missing cannot be quoted.
    """
    text = expectation_text(expected)
    grader = f"{JUDGE} {judge}"
    if isinstance(reply, ChatFailure):
        why = f"The judge gave no usable verdict ({reply.reason}: {reply.detail})"
        return MarkedExpectation(text=text, mark="ungraded", evidence=why, grader=grader)
    said = " ".join(str(reply.parsed["evidence"]).split())
    if reply.parsed["verdict"] == "fail":
        return MarkedExpectation(text=text, mark="failed", evidence=said or "The judge names no words.", grader=grader)
    if len(said) < _LEAST_EVIDENCE or said not in " ".join(answer.split()):
        why = f"The judge passes it by words that the answer does not have: {said or 'none'}"
        return MarkedExpectation(text=text, mark="ungraded", evidence=why, grader=grader)
    if expected.form in _IN_OTHER_WORDS and not speaks_of(expected, said):
        why = f"The judge passes it by words that have nothing of what is expected: {said}"
        return MarkedExpectation(text=text, mark="ungraded", evidence=why, grader=grader)
    return MarkedExpectation(text=text, mark="passed", evidence=said, grader=grader)
