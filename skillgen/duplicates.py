"""Near-duplicates: pages that say nearly the same, by the runs of words they share."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from skillgen.model.corpus import Page
from skillgen.words import words

SHINGLE_WORDS = 5
# Share of runs in common (Jaccard) from which two pages count as one text: a copy with a changed paragraph in twenty
# still has .8, two pages made from one template mostly under .5.
MIN_LIKENESS = 0.7
# One run in so many is kept: enough to tell likeness, and small enough to hold for every page.
_SAMPLE = 4
MIN_RUNS = 6
# A run that stands on more pages than this is a template's and finds nothing.
_MAX_PAGES = 50


def sketch(page: Page) -> frozenset[int]:
    """Return numbers that stand for a sample of the page's runs of five words; equal runs are sampled on every page."""
    tokens = [word.casefold() for block in page.blocks for span in block.spans for word in words(span.text)]
    runs = (" ".join(tokens[i : i + SHINGLE_WORDS]) for i in range(len(tokens) - SHINGLE_WORDS + 1))
    numbers = (int.from_bytes(hashlib.blake2b(run.encode(), digest_size=6).digest()) for run in runs)
    return frozenset(number for number in numbers if number % _SAMPLE == 0)


def find_duplicates(sketches: Mapping[str, frozenset[int]]) -> dict[str, tuple[str, ...]]:
    """Return for each page that has any the sources of its near-duplicates, in order.

    Args:
        sketches: The sketch of every page by source; pages with under MIN_RUNS runs in theirs are too short to tell.
    """
    holders: dict[int, list[str]] = defaultdict(list)
    for source in sorted(sketches):
        if len(sketches[source]) >= MIN_RUNS:
            for run in sketches[source]:
                holders[run].append(source)
    found: dict[str, set[str]] = defaultdict(set)
    for one, other in _pairs(holders.values()):
        shared = len(sketches[one] & sketches[other])
        if shared >= MIN_LIKENESS * len(sketches[one] | sketches[other]):
            found[one].add(other)
            found[other].add(one)
    return {source: tuple(sorted(others)) for source, others in sorted(found.items())}


def _pairs(holders: Iterable[list[str]]) -> list[tuple[str, str]]:
    """Return the pairs of pages that share at least two runs."""
    shared: Counter[tuple[str, str]] = Counter()
    for sources in holders:
        if len(sources) <= _MAX_PAGES:
            shared.update((one, other) for i, one in enumerate(sources) for other in sources[i + 1 :])
    return sorted(pair for pair, count in shared.items() if count > 1)
