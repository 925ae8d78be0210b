"""Compose: the order in which claims go into the body of a skill, which holds a few of them only.

A body of about 1,000 tokens holds some twenty claims. What an agent must not get wrong comes first: what answers well,
is specific, and above all says what must be, must not be, or fails. Then the body is spread: each further claim of the
same page or question is worth a little less, so that one long runbook does not fill it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from skillgen.model.research import Choice, Ranking

# Tuned by hand on four organisations' documentation as the middle of what does well (n = 33, 28, 25 and 15 vital facts;
# .20 of them in the body on average, .14 by the score alone); `python evals/ablation.py` measures them again.
CONSTRAINT_WEIGHT = 0.8
SPECIFICS_WEIGHT = 0.4
NO_TOOL_COST = 0.4
LENGTH_POWER = 0.4
SAME_PAGE = 0.9
SAME_QUESTION = 0.95
# Characters that a claim costs besides its words: list mark, citation markers, its part of a heading.
_MARKER_CHARS = 8
_LINE_CHARS = 9
_LEAST = 0.01


def body_order(choices: Sequence[Choice], ranking: Ranking) -> tuple[int, ...]:
    """Return the positions of the choices in the order in which they deserve a place in the body."""
    if not choices:
        return ()
    worth = [_worth(choice, ranking) for choice in choices]
    least = min(worth)
    costs = [_cost(choice) ** LENGTH_POWER for choice in choices]
    value = [round((one - least + _LEAST) / cost, 9) for one, cost in zip(worth, costs, strict=True)]
    return tuple(_spread(choices, value))


def _spread(choices: Sequence[Choice], value: Sequence[float]) -> list[int]:
    """Return the positions, each time the one of most value given what was taken before."""
    pages: Counter[str] = Counter()
    questions: Counter[str] = Counter()
    left = set(range(len(choices)))
    order = []

    def now(position: int) -> float:
        choice = choices[position]
        taken = SAME_PAGE ** pages[choice.candidate.source] * SAME_QUESTION ** questions[choice.question_id]
        return value[position] * taken

    while left:
        best = max(left, key=lambda position: (now(position), -position))
        left.remove(best)
        order.append(best)
        pages[choices[best].candidate.source] += 1
        questions[choices[best].question_id] += 1
    return order


def _worth(choice: Choice, ranking: Ranking) -> float:
    best = max(float(scores[choice.index]) for scores in ranking.scores.values())
    signals = {name: float(values[choice.index]) for name, values in ranking.signals[choice.question_id].items()}
    rule = CONSTRAINT_WEIGHT * signals["constraint"] + SPECIFICS_WEIGHT * signals["specifics"]
    return best + rule - (0.0 if signals["tools"] else NO_TOOL_COST)


def _cost(choice: Choice) -> int:
    candidate = choice.candidate
    return len(candidate.claim_text) + _MARKER_CHARS * len(candidate.citations) + _LINE_CHARS
