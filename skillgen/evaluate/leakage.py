"""Leakage: how much of a task's wording another text shares, so that a task asks for a fact and does not repeat it.

A question may name what it asks about. Its other words are compared with a text as content words (stems of words that
carry meaning): code, names in quotes and words with a capital inside are one placeholder each, so that names alone
never count as wording.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from skillgen.evaluate.values import values_in
from skillgen.model.evaluation import Expected, Leak, Task
from skillgen.words import content_stems, squeezed

GRAM = 3
_SHORTEST_NAME = 3
# The longest run of content words that a question may share with the passage that it was made from. A question must say
# what it asks for in words, so some are the page's. Of the 301 facts of the three sample corpora (2026-11-23) 90 %
# share at most one, and one question has more than four and is not asked. tests/test_eval_tasks.py holds the rule; what
# tasks share with the skill is in the report of every run.
MAX_RUN = 4
_NAMES = re.compile(r"`[^`]*`|\"[^\"]*\"(?: \([^)]*\))?|(?<=\s)[A-Z][\w.-]*(?: [A-Z][\w.-]*)*")


def leaks_of(tasks: Iterable[Task], text: str) -> tuple[Leak, ...]:
    """Return what each task's question shares with a text, in order."""
    held = wording(text)
    grams, places = _grams(held), _places(held)
    return tuple(_leak(task, grams, places) for task in tasks)


def _leak(task: Task, grams: frozenset[tuple[str, ...]], places: Mapping[str, Sequence[int]]) -> Leak:
    asked = wording(task.question)
    own = _grams(asked)
    return Leak(
        task=task.id,
        run=_run(asked, places),
        share=round(len(own & grams) / len(own), 3) if own else 0.0,
        told=is_told(task.question, task.expected),
    )


def wording(text: str) -> tuple[str, ...]:
    """Return the content words of a text; names are left out and part what stands before from what stands after."""
    parts = (content_stems(part) for part in _NAMES.split(text.replace("\n", " \n ")))
    words: list[str] = []
    for index, part in enumerate(parts):
        words += [*([f"\0{index}"] if index else []), *part]
    return tuple(words)


def longest_run(asked: Sequence[str], held: Sequence[str]) -> int:
    """Return the length of the longest run of words that both have."""
    return _run(asked, _places(held))


def _places(held: Sequence[str]) -> dict[str, list[int]]:
    """Return where each word stands; what stands for a name stands nowhere."""
    places: dict[str, list[int]] = defaultdict(list)
    for at, word in enumerate(held):
        if not word.startswith("\0"):
            places[word].append(at)
    return places


def _run(asked: Sequence[str], places: Mapping[str, Sequence[int]]) -> int:
    best = 0
    ending: dict[int, int] = {}
    for word in asked:
        ending = {at: ending.get(at - 1, 0) + 1 for at in places.get(word, ())}
        best = max(best, *ending.values()) if ending else best
    return best


def _grams(words: Sequence[str]) -> frozenset[tuple[str, ...]]:
    found = (tuple(words[at : at + GRAM]) for at in range(len(words) - GRAM + 1))
    return frozenset(gram for gram in found if not any(word.startswith("\0") for word in gram))


def is_told(question: str, expected: Iterable[Expected]) -> bool:
    """Return whether a question states what it asks for, or holds a name that differs from it in its marks only."""
    asked = squeezed(question)
    names = [name for one in re.findall(r"`([^`]*)`", question) if len(name := squeezed(one)) >= _SHORTEST_NAME]
    values = {one.key for one in values_in(question)}
    for one in expected:
        for form in (one.value, *one.accept):
            plain = squeezed(form)
            whole = re.search(rf"(?<![\w-]){re.escape(form)}(?![\w-])", question, re.IGNORECASE)
            if whole or any(
                name and (name in plain or plain in name) for name in names if one.form in ("code", "text")
            ):
                return True
            if {value.key for value in values_in(form)} & values or (one.form == "command" and plain in asked):
                return True
    return False
