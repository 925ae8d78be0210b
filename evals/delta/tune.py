"""Fit the weights of the delta, and print them as they stand in skillgen/delta.py.

python evals/delta/tune.py

Logistic regression on the pairs of the half `tuning` and on larkfield (general statements as its pages have them, facts
as candidate claims), the four groups with the same weight. A weight is held to its side: what should speak for an
organisation never speaks against it. The held-out pairs and ostermoor are not looked at.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from delta.statements import estimator, load_pairs, load_planted
from skillgen.delta import strength

if TYPE_CHECKING:
    from numpy.typing import NDArray

AGAINST = frozenset({"commands", "imperative", "advice", "generality", "possibility", "definition", "any"})
# Ridge penalty. 0.001 to 0.01 differ by less than 0.01 in AUC on the tuning half.
PENALTY = 0.003
STEPS = 6000
RATE = 2.0
# The threshold keeps out this share of the organisation's statements in the tuning pairs: 1 of 80.
KEPT_OUT = 0.0125


def main() -> None:
    """Fit and print the weights, the bias and the threshold."""
    pairs = load_pairs("tuning")
    planted = load_planted("larkfield")
    groups = [
        ([pair.general for pair in pairs], 0.0),
        ([pair.own for pair in pairs], 1.0),
        (planted.quotes, 0.0),
        (planted.facts, 1.0),
    ]
    one = estimator()
    signs = [[one.signs(text) for text in texts] for texts, _ in groups]
    names = sorted({name for group in signs for seen in group for name in seen})
    matrices = [_matrix(group, names) for group in signs]
    target = np.concatenate([np.full(len(matrix), y) for matrix, (_, y) in zip(matrices, groups, strict=True)])
    share = np.concatenate([np.full(len(matrix), 1 / len(groups) / len(matrix)) for matrix in matrices])
    weights, bias = _fit(np.vstack(matrices), target, share, [name in AGAINST for name in names])
    print(f"BIAS = {bias:.1f}")
    for weight, name in sorted(zip(weights, names, strict=True), reverse=True):
        print(f'    "{name}": {weight:.1f},')
    own = 1 / (1 + np.exp(-(matrices[1] @ weights + bias)))
    print(f"BODY_DELTA = {np.quantile(own, KEPT_OUT):.2f}")


def _matrix(statements: Sequence[Mapping[str, Sequence[str]]], names: Sequence[str]) -> NDArray[np.float64]:
    """Return the strength of every sign, a row for each statement."""
    return np.array([[strength(len(seen[name])) for name in names] for seen in statements])


def _fit(
    matrix: NDArray[np.float64], target: NDArray[np.float64], share: NDArray[np.float64], against: Sequence[bool]
) -> tuple[NDArray[np.float64], float]:
    """Return weights and bias of the least logistic loss with a ridge penalty, by projected gradient descent."""
    weights, bias = np.zeros(matrix.shape[1]), 0.0
    side = np.where(against, -1.0, 1.0)
    for _ in range(STEPS):
        residual = share * (1 / (1 + np.exp(-(matrix @ weights + bias))) - target)
        weights = side * np.maximum(side * (weights - RATE * (matrix.T @ residual + PENALTY * weights)), 0.0)
        bias -= RATE * float(residual.sum())
    return weights, bias


if __name__ == "__main__":
    main()
