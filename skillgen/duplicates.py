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
MIN_SHINGLES = 20
# One run in so many is looked up; a pair over MIN_LIKENESS shares enough of them unless both pages are very short.
_SAMPLE = 4
# A run that stands on more pages than this is a template's and finds nothing.
_MAX_PAGES = 50


def shingles(page: Page) -> frozenset[int]:
    """Return a number for every run of five words of the page's visible text."""
    tokens = [word.casefold() for block in page.blocks for span in block.spans for word in words(span.text)]
    runs = (" ".join(tokens[i : i + SHINGLE_WORDS]) for i in range(len(tokens) - SHINGLE_WORDS + 1))
    return frozenset(int.from_bytes(hashlib.blake2b(run.encode(), digest_size=8).digest()) for run in runs)


def find_duplicates(pages: Mapping[str, frozenset[int]]) -> dict[str, tuple[str, ...]]:
    """Return for each page that has any the sources of its near-duplicates, in order.

    Args:
        pages: The shingles of every page by source.
    """
    holders: dict[int, list[str]] = defaultdict(list)
    for source in sorted(pages):
        if len(pages[source]) >= MIN_SHINGLES:
            for run in pages[source]:
                if run % _SAMPLE == 0:
                    holders[run].append(source)
    found: dict[str, set[str]] = defaultdict(set)
    for one, other in _pairs(holders.values()):
        shared = len(pages[one] & pages[other])
        if shared >= MIN_LIKENESS * len(pages[one] | pages[other]):
            found[one].add(other)
            found[other].add(one)
    return {source: tuple(sorted(others)) for source, others in sorted(found.items())}


def _pairs(holders: Iterable[list[str]]) -> list[tuple[str, str]]:
    """Return the pairs of pages that share at least two looked-up runs."""
    shared: Counter[tuple[str, str]] = Counter()
    for sources in holders:
        if len(sources) <= _MAX_PAGES:
            shared.update((one, other) for i, one in enumerate(sources) for other in sources[i + 1 :])
    return sorted(pair for pair, count in shared.items() if count > 1)
