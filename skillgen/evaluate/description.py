"""The description, by which an agent decides whether to read a skill: its length, its triggers, its limits."""

from __future__ import annotations

import re
from collections import Counter

from skillgen.evaluate.criteria import score
from skillgen.model.draft import Draft
from skillgen.model.evaluation import Criterion, Evidence, Outcome
from skillgen.words import content_stems

# Name and description together; every session of an agent pays for them, and long ones are left out of listings.
AIM_CHARACTERS, MOST_CHARACTERS = 400, 1024
_FRONT = "SKILL.md"
_FEW_TOOLS = 3
_LEAST_TARGETS = 0.5
_WHEN = re.compile(r"\b(?:use|read|apply|trigger)s?\b[^.]*\bwhen\b|\bwhen(?:ever)?\b", re.IGNORECASE)
_NOT_FOR = re.compile(r"\b(?:not for|do not use|don't use|except|instead use|not when|never for)\b", re.IGNORECASE)


def description_criteria(name: str, description: str, draft: Draft) -> tuple[Criterion, ...]:
    """Return the criteria of the description: length, when and not when, targets named, tools named."""
    return (
        _length(name, description),
        _limits(description),
        _targets(description, draft),
        _tools(description, draft),
    )


def _length(name: str, description: str) -> Criterion:
    length = len(name) + len(description)
    over = len(description) > MOST_CHARACTERS or not description.strip()
    outcome: Outcome = "failed" if over else "warning" if length > AIM_CHARACTERS else "passed"
    return score(
        "description-length",
        "Length of name and description",
        length,
        f"{length} characters",
        threshold=AIM_CHARACTERS,
        better="lower",
        outcome=outcome,
    )


def _limits(description: str) -> Criterion:
    """Return whether the description says when to use the skill, and for what not."""
    missing = [
        what
        for what, pattern in (("when to use it", _WHEN), ("what it is not for", _NOT_FOR))
        if not pattern.search(description)
    ]
    evidence = [Evidence(file=_FRONT, line=None, message=f"The description does not say {what}.") for what in missing]
    return score(
        "description-limits",
        "Description says when, and when not",
        2 - len(missing),
        f"{2 - len(missing)} of 2",
        threshold=2,
        held_to="both",
        better="higher",
        outcome="warning" if missing else "passed",
        evidence=evidence,
    )


def _targets(description: str, draft: Draft) -> Criterion:
    """Return the share of targets of which the description has the words that they begin with."""
    said = set(content_stems(description))
    targets = [(target.text, content_stems(re.split(r"[:;(]", target.text)[0])) for target in draft.coverage.targets]
    missing = [text for text, words in targets if words and not {*words} & said]
    share = 1 - len(missing) / len(targets) if targets else 0.0
    outcome: Outcome = "passed" if not missing else "warning" if share >= _LEAST_TARGETS else "failed"
    return score(
        "description-targets",
        "Description names the targets",
        share,
        f"{len(targets) - len(missing)} of {len(targets)}",
        threshold=1,
        held_to="all",
        better="higher",
        outcome=outcome,
        evidence=[Evidence(file=_FRONT, line=None, message=f"No word of this target: {text}") for text in missing],
    )


def _tools(description: str, draft: Draft) -> Criterion:
    """Return how many of the tools that meet most others the description names: users ask by these names."""
    meetings = Counter(tool for edge in draft.integration_map for tool in (edge.from_, edge.to))
    most = [tool for tool, _ in sorted(meetings.items(), key=lambda item: (-item[1], item[0]))[:_FEW_TOOLS]]
    named = [tool for tool in most if tool.casefold() in description.casefold()]
    outcome: Outcome = "passed" if named or not most else "warning"
    evidence = [Evidence(file=_FRONT, line=None, message=f"The description names none of {', '.join(most)}.")]
    return score(
        "description-tools",
        "Description names the main tools",
        len(named),
        f"{len(named)} of {len(most)}",
        threshold=1,
        better="higher",
        outcome=outcome,
        evidence=evidence if outcome == "warning" else (),
    )
