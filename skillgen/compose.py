"""Compose: the order in which claims go into the body of a skill, which holds a few of them only.

A body of about 1,000 tokens holds some twenty claims. What an agent must not get wrong comes first: what answers well,
and above all what must be, must not be, or fails. A long claim takes room from others.
"""

from __future__ import annotations

from collections.abc import Sequence

from skillgen.model.research import Choice, Ranking

# Tuned by hand on four organisations' documentation (vital facts in the body: .21, .25, .20 and .20 of 33, 28, 25 and
# 15 with these, .09 to .20 without the constraint); `python evals/ablation.py` measures them again.
CONSTRAINT_WEIGHT = 1.8
LENGTH_POWER = 0.4
# Characters that a claim costs besides its words: list mark, citation markers, its part of a heading.
_MARKER_CHARS = 8
_LINE_CHARS = 9


def body_order(choices: Sequence[Choice], ranking: Ranking) -> tuple[int, ...]:
    """Return the positions of the choices in the order in which they deserve a place in the body."""
    if not choices:
        return ()
    worth = [_worth(choice, ranking) for choice in choices]
    least = min(worth)
    value = [
        round((one - least + 0.01) / _cost(choice) ** LENGTH_POWER, 9)
        for one, choice in zip(worth, choices, strict=True)
    ]
    return tuple(sorted(range(len(choices)), key=lambda position: (-value[position], position)))


def _worth(choice: Choice, ranking: Ranking) -> float:
    best = max(float(scores[choice.index]) for scores in ranking.scores.values())
    rule = float(ranking.signals[choice.question_id]["constraint"][choice.index])
    return best + CONSTRAINT_WEIGHT * rule


def _cost(choice: Choice) -> int:
    candidate = choice.candidate
    return len(candidate.claim_text) + _MARKER_CHARS * len(candidate.citations) + _LINE_CHARS
