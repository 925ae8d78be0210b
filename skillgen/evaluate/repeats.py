"""Repeats: pairs of statements of a package that say nearly the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from skillgen.model.evaluation import Statement
from skillgen.words import content_stems, hard_tokens

# Share of trigrams of content words in common from which two statements count as one. The three sample skills
# (2026-11-23, 1,005 statements) have no such pair; at 0.6 rows of one table that differ in a plain word are joined.
MIN_SHARED = 0.8
_GRAM = 3
_FEWEST = 4


def repeats(statements: Sequence[Statement]) -> tuple[tuple[Statement, Statement], ...]:
    """Return the pairs, the earlier one first; statements with other numbers, names or code are no repeats."""
    holding: dict[tuple[str, ...], list[int]] = defaultdict(list)
    grams = [_grams(one.text) for one in statements]
    hard = [frozenset(token.strip("`").casefold() for token in hard_tokens(one.text)) for one in statements]
    pairs = []
    for at, own in enumerate(grams):
        candidates = {other for gram in own for other in holding[gram]}
        for other in sorted(candidates):
            shared = len(own & grams[other]) / len(own | grams[other])
            if shared >= MIN_SHARED and hard[at] == hard[other]:
                pairs.append((statements[other], statements[at]))
        for gram in own:
            holding[gram].append(at)
    return tuple(pairs)


def _grams(text: str) -> frozenset[tuple[str, ...]]:
    words = content_stems(text)
    if len(words) < _FEWEST:
        return frozenset()
    return frozenset(tuple(words[at : at + _GRAM]) for at in range(len(words) - _GRAM + 1))
