"""Statistics of paired answers: whether two arms differ by more than chance on the same tasks."""

from __future__ import annotations

import math


def mcnemar_exact(won: int, lost: int) -> float:
    """Return the two-sided p of McNemar's exact test for pairs of which `won` and `lost` are the discordant ones.

    Under the null hypothesis each discordant pair falls to either side with probability 1/2, so the smaller count is
    binomial; p is twice its tail, at most 1 (Q. McNemar, Psychometrika 12 (1947), 153-157, in its binomial form).

    Raises:
        ValueError: a count is negative.
    """
    if won < 0 or lost < 0:
        raise ValueError(f"{won} and {lost} are no counts")
    pairs = won + lost
    tail = sum(math.comb(pairs, count) for count in range(min(won, lost) + 1))
    return min(1.0, 2 * tail / (1 << pairs))
