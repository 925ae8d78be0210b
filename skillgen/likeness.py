"""How alike two texts are, word for word: enough to find a statement again after it was reworded."""

from __future__ import annotations

from difflib import SequenceMatcher

from skillgen.words import words

# Share of the words that two texts have in common, in their order, from which the one is taken for the other reworded.
# On corpora/larkfield (889 candidates, 2026-11-23) it finds all of 300 with one word changed, 97 % of those with three
# words changed, and 0.4 % of 20,000 pairs of different statements of one page; 0.6 finds 100 %, 100 % and 1.8 %.
# tests/test_decisions_build.py measures the same on another corpus.
MIN_LIKENESS = 0.7


def text_likeness(one: str, other: str) -> float:
    """Return the share of words that two texts have in common in their order, 0 to 1; 0 below MIN_LIKENESS."""
    matcher = SequenceMatcher(None, words(one.casefold()), words(other.casefold()), autojunk=False)
    if matcher.real_quick_ratio() < MIN_LIKENESS or matcher.quick_ratio() < MIN_LIKENESS:
        return 0.0
    ratio = matcher.ratio()
    return round(ratio, 6) if ratio >= MIN_LIKENESS else 0.0
