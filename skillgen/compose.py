"""Compose: the order in which claims go into the body of a skill, which holds a few of them only.

A body of about 1,000 tokens holds some fifteen claims. What an agent must not get wrong comes first: what answers well,
is specific and the organisation's own, joins several statements, and above all says what must be, must not be, or
fails. Then the body is spread: each further claim of the same page or question is worth a little less, so that one long
runbook does not fill it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from skillgen.model.research import Choice, Ranking

# Tuned by hand on four organisations' documentation as the middle of what does well (n = 33, 28, 25 and 15 vital facts;
# .23 of them in a body of 1,300 tokens on average, mean of budgets of 750 to 1,750 tokens; .18 by the score alone).
# `python evals/ablation.py` measures them again.
CONSTRAINT_WEIGHT = 0.8
SPECIFICS_WEIGHT = 0.4
JOINED_WORTH = 0.3
DELTA_WEIGHT = 0.4
SAME_PAGE = 0.95
SAME_QUESTION = 0.95
_LEAST = 0.01


def body_order(choices: Sequence[Choice], ranking: Ranking, deltas: Sequence[float]) -> tuple[int, ...]:
    """Return the positions of the choices in the order in which they deserve a place in the body.

    Args:
        choices: What the draft keeps.
        ranking: How well candidates answer.
        deltas: How far each choice goes beyond what anybody knows, from 0 to 1.
    """
    if not choices:
        return ()
    worth = [_worth(choice, ranking) + DELTA_WEIGHT * delta for choice, delta in zip(choices, deltas, strict=True)]
    least = min(worth)
    value = [round(one - least + _LEAST, 9) for one in worth]
    return tuple(_spread(choices, value))


def sections_first(
    ids: Sequence[str], section_of: Mapping[str, int], *, count: int, first: Collection[str]
) -> tuple[str, ...]:
    """Return the claims for the body so that every section of a layout gets its best one, before any gets a second.

    Args:
        ids: The claims, the worthiest first.
        section_of: The number of the section that each is for.
        count: How many sections there are; what has this number is for none of them, and comes last.
        first: Claims that stay before all others.
    """
    kept = [id_ for id_ in ids if id_ in first]
    taken = {section_of[id_] for id_ in kept}
    best: dict[int, str] = {}
    for id_ in ids:
        section = section_of[id_]
        if id_ not in first and section < count and section not in taken:
            best.setdefault(section, id_)
    opening = [*kept, *(best[section] for section in sorted(best))]
    rest = [id_ for id_ in ids if id_ not in {*opening}]
    return (*opening, *sorted(rest, key=lambda id_: section_of[id_] >= count))


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
    return best + rule + (JOINED_WORTH if choice.parts else 0.0)
