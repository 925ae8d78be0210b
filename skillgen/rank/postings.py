"""Postings: how often phrases stand in texts, for Okapi BM25."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Phrase = tuple[str, ...]
# Okapi BM25's usual values (Robertson and Zaragoza 2009).
K1 = 1.2
B = 0.75


class Postings:
    """How often phrases stand in texts, for BM25."""

    def __init__(self, counts: Sequence[Mapping[Phrase, int]], lengths: Sequence[int]) -> None:
        import numpy as np

        self._by_phrase: dict[Phrase, dict[int, int]] = {}
        for number, found in enumerate(counts):
            for phrase, count in found.items():
                self._by_phrase.setdefault(phrase, {})[number] = count
        self._lengths = np.array(lengths, dtype=float)

    def holders(self, phrase: Phrase) -> Iterable[int]:
        """Return the texts that hold a phrase."""
        return self._by_phrase.get(phrase, ())

    def rarity(self, phrase: Phrase) -> float:
        """Return BM25's inverse document frequency of a phrase."""
        held = len(self._by_phrase.get(phrase, ()))
        return math.log(1 + (len(self._lengths) - held + 0.5) / (held + 0.5))

    def bm25(self, terms: Mapping[Phrase, float]) -> NDArray[np.float64]:
        """Return Okapi BM25 of weighted phrases for every text."""
        import numpy as np

        total = len(self._lengths)
        scores = np.zeros(total)
        if not total:
            return scores
        length = 1 - B + B * self._lengths / (self._lengths.mean() or 1.0)
        for phrase in sorted(terms):
            held = self._by_phrase.get(phrase)
            if held:
                at = np.fromiter(held.keys(), int, len(held))
                count = np.fromiter(held.values(), float, len(held))
                scores[at] += terms[phrase] * self.rarity(phrase) * count * (K1 + 1) / (count + K1 * length[at])
        return scores
