"""Intervals of rates that were measured on few cases."""

from __future__ import annotations

import math

# The 97.5 % quantile of the standard normal distribution, for intervals of 95 %.
Z_95 = 1.959963984540054


def wilson(successes: int, trials: int, *, z: float = Z_95) -> tuple[float, float]:
    """Return the lower and upper end of the score interval of a rate, each from 0 to 1.

    E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22 (1927), 209-212.

    Raises:
        ValueError: there are no trials, or not 0 to `trials` successes.
    """
    if not 0 <= successes <= trials or trials == 0:
        raise ValueError(f"{successes} of {trials} is no rate")
    share, square = successes / trials, z * z / trials
    centre = share + square / 2
    spread = z * math.sqrt(share * (1 - share) / trials + square / (4 * trials))
    low, high = ((centre + sign * spread) / (1 + square) for sign in (-1, 1))
    # Rounding must not put an end on the other side of the rate itself.
    return max(0.0, min(low, share)), min(1.0, max(high, share))
