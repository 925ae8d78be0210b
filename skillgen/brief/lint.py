"""What makes a brief weaker than it could be, said so that its writer can mend it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from skillgen.brief.parse import COVERAGE_TARGETS, QUALITY_CHECKS, QUESTIONS, SUCCESS_CRITERIA
from skillgen.model.brief import Brief, Question
from skillgen.words import STOP_WORDS

TARGETS = range(2, 9)
QUESTION_COUNT = range(3, 13)
MAX_TARGET_WORDS = 25
MAX_QUESTION_WORDS = 60

_WORD = re.compile(r"[^\W\d_]{3,}")
_STEM = 5  # "orchestrator" and "orchestration" are about the same thing, as are "role" and "roles"
# "Which system is used across ...": every question and every target may say so.
_COMMON = STOP_WORDS | {"across", "known", "use", "used", "uses", "using"}


@dataclass(frozen=True, slots=True, kw_only=True)
class BriefIssue:
    """One thing to mend in a brief; `where` is its section and, if there is one, the item in it."""

    severity: Literal["error", "warning"]
    message: str
    where: str


def lint_brief(brief: Brief) -> tuple[BriefIssue, ...]:
    """Return what to mend: first targets, then questions, then checks; nothing for a good brief."""
    return (*_lint_targets(brief), *_lint_questions(brief), *_lint_numbers(brief), *_lint_checks(brief))


def _lint_targets(brief: Brief) -> Iterator[BriefIssue]:
    section = SUCCESS_CRITERIA if brief.variant == "C" else COVERAGE_TARGETS
    count = len(brief.targets)
    if count < TARGETS.start:
        yield _warning(f"{count} target: coverage has no parts, so it can not show what is missing.", section)
    elif count not in TARGETS:
        yield _warning(
            f"{count} targets: over {TARGETS[-1]} are hard to fill; join those that belong together.", section
        )
    for target in brief.targets:
        words = len(target.text.split())
        if words > MAX_TARGET_WORDS:
            where = f"{section}, {' '.join(target.text.split()[:6])} …"
            yield _warning(f"{words} words: it is more than one target, or holds what belongs in a question.", where)


def _lint_questions(brief: Brief) -> Iterator[BriefIssue]:
    count = len(brief.questions)
    if count not in QUESTION_COUNT:
        few = f"{count} asked: under {QUESTION_COUNT.start}, little of the sources will be read for them."
        many = f"{count} asked: over {QUESTION_COUNT[-1]}, the answers will not fit into one skill; write two briefs."
        yield _warning(few if count < QUESTION_COUNT.start else many, QUESTIONS)
    stems = frozenset[str]().union(*(_stems(target.text) for target in brief.targets))
    for question in brief.questions:
        yield from _lint_question(question, stems)


def _lint_question(question: Question, target_stems: frozenset[str]) -> Iterator[BriefIssue]:
    where = f"{QUESTIONS}, {question.number}"
    if not question.text.rstrip("*_`\"'”\u2019) ").endswith("?"):
        yield _warning("No question mark at its end: say what is to be found out, as a question.", where)
    words = len(question.text.split())
    if words > MAX_QUESTION_WORDS:
        yield _warning(f"{words} words: split it, so that each part is answered and counted.", where)
    if _stems(question.text).isdisjoint(target_stems):
        yield _warning("Shares no word with any target, so its answer may count for none of them.", where)


def _lint_numbers(brief: Brief) -> Iterator[BriefIssue]:
    numbers = [question.number for question in brief.questions]
    twice = [number for number, count in Counter(numbers).items() if count > 1]
    if twice:
        yield BriefIssue(
            severity="error",
            message=f"Several questions have the number {', '.join(twice)}: a reader can not tell their answers apart.",
            where=QUESTIONS,
        )
        return
    values = [int(digits[0]) if (digits := re.findall(r"\d+", number)) else 0 for number in numbers]
    # 3 and 3a share a value and follow each other.
    if values[:1] != [1] or any(after - before not in {0, 1} for before, after in pairwise(values)):
        yield _warning(f"The numbers are {', '.join(numbers)}: has one been lost, or moved?", QUESTIONS)


def _lint_checks(brief: Brief) -> Iterator[BriefIssue]:
    if not brief.quality_checks:
        yield _warning(
            "None: add a list of what a good answer confirms, and coverage will grade by it.", QUALITY_CHECKS
        )


def _warning(message: str, where: str) -> BriefIssue:
    return BriefIssue(severity="warning", message=message, where=where)


def _stems(text: str) -> frozenset[str]:
    words = (word.casefold() for word in _WORD.findall(text))
    return frozenset(word.rstrip("s")[:_STEM] for word in words if word not in _COMMON)
