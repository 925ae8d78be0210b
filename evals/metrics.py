"""Measures of a draft and of a search against facts whose places in the pages are known.

A fact is found when one claim cites text that overlaps any of the fact's quotes by at least half of the shorter of the
two (and 20 characters), and says at least 40 % of the fact's content words. A claim of over 60 words, or with over 6
citations or 1,600 cited characters, counts for nothing: whoever cites whole pages has found nothing.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from skillgen.model.draft import Citation, Claim, Contradiction, Draft
from skillgen.words import content_stems

MIN_OVERLAP = 20
MIN_WORDS = 0.4
MAX_CLAIM_WORDS = 60
MAX_CITATIONS = 6
MAX_CITED_CHARS = 1600
# A report of a contradiction quotes what disagrees and not the pages around it.
MAX_PAIR_QUOTE_CHARS = 400
RECALL_DEPTH = 5
SEARCH_DEPTH = 10
RESAMPLES = 2000
INTERVAL = (0.025, 0.975)
SEED = 20260101


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A stretch of a page, in code points of the file."""

    source: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A fact, the number of the question it answers, and every place that states it."""

    id: str
    text: str
    vital: bool
    question: str
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """Places of the pages that cannot all be right."""

    topic: str
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A question for the search, with every place that answers it."""

    id: str
    text: str
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gold:
    """What is known about a corpus: its facts, statements that are out of date, contradictions, and search queries.

    `other_contradictions` are on what the brief does not ask: to report one is right, to leave it out as well.
    """

    facts: tuple[Fact, ...]
    stale: tuple[Fact, ...] = ()
    contradictions: tuple[Planted, ...] = ()
    other_contradictions: tuple[Planted, ...] = ()
    queries: tuple[Query, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A measured share of `n` things, with a bootstrap interval where one was asked for.

    `floor` is false for what is only shown.
    """

    value: float
    n: int
    low: float | None = None
    high: float | None = None
    floor: bool = True


def measure(draft: Draft, gold: Gold) -> dict[str, Measure]:
    """Return every measure of a draft by its name; one that has nothing to count is left out."""
    claims = draft.claims
    body = [claim for claim in claims if claim.in_body]
    vital = [fact for fact in gold.facts if fact.vital]
    found = {
        "fact_recall": _share(found_facts(claims, gold.facts), interval=True),
        "vital_recall": _share(found_facts(claims, vital), interval=True),
        "vital_recall_body": _share(found_facts(body, vital), interval=True),
        "claim_precision": _share([touches(claim, gold.facts) for claim in claims]),
        "stale_kept_out": _share([not stated for stated in found_facts(body, gold.stale)]),
        **contradiction_measures(draft.contradictions, gold.contradictions, gold.other_contradictions),
    }
    coverage = Measure(value=draft.coverage.overall, n=len(draft.coverage.targets), floor=False)
    return {name: value for name, value in found.items() if value is not None} | {"coverage": coverage}


def contradiction_measures(
    reported: Sequence[Contradiction], planted: Sequence[Planted], others: Sequence[Planted] = ()
) -> dict[str, Measure | None]:
    """Return the share of planted contradictions that were found, and the share of those reported that are planted."""
    pairs = [pair for pair in reported if all(c.end - c.start <= MAX_PAIR_QUOTE_CHARS for c in pair.citations)]
    found = [any(_reports(pair, one) for pair in pairs) for one in planted]
    right = [pair in pairs and any(_reports(pair, one) for one in (*planted, *others)) for pair in reported]
    return {
        "contradictions_found": _share(found),
        "contradictions_planted": _share(right) if planted or others else None,
    }


def search_measures(results: Sequence[Sequence[Quote]], queries: Sequence[Query]) -> dict[str, Measure]:
    """Return recall@5 and the mean reciprocal rank (within ten) of what was found for each query, best first.

    A result is relevant when it overlaps any place that answers the query.
    """
    ranks = [
        next((rank for rank, one in enumerate(found[:SEARCH_DEPTH], 1) if _touches(one, query.quotes)), 0)
        for found, query in zip(results, queries, strict=True)
    ]
    if not ranks:
        return {}
    low, high = bootstrap([float(0 < rank <= RECALL_DEPTH) for rank in ranks])
    hits = sum(0 < rank <= RECALL_DEPTH for rank in ranks)
    return {
        "recall_at_5": Measure(value=round(hits / len(ranks), 4), n=len(ranks), low=low, high=high),
        "mrr": Measure(value=round(sum(1 / rank for rank in ranks if rank) / len(ranks), 4), n=len(ranks)),
    }


def found_facts(claims: Sequence[Claim], facts: Sequence[Fact]) -> list[bool]:
    """Return for each fact whether a single claim states it and cites one of its places."""
    return [any(countable(claim) and states(claim.text, claim.citations, fact) for claim in claims) for fact in facts]


def countable(claim: Claim) -> bool:
    """Return whether a claim is short and cites little enough to count."""
    cited = sum(citation.end - citation.start for citation in claim.citations)
    return (
        len(claim.text.split()) <= MAX_CLAIM_WORDS
        and len(claim.citations) <= MAX_CITATIONS
        and cited <= MAX_CITED_CHARS
    )


def states(text: str, citations: Sequence[Citation], fact: Fact) -> bool:
    """Return whether a statement says a fact and cites one of the places that state it."""
    if not any(overlaps(citation, quote) for citation in citations for quote in fact.quotes):
        return False
    wanted = set(content_stems(fact.text))
    return len(wanted & set(content_stems(text))) >= MIN_WORDS * len(wanted)


def touches(claim: Claim, facts: Sequence[Fact]) -> bool:
    """Return whether a claim cites a place of any of the facts."""
    return countable(claim) and any(
        overlaps(citation, quote) for citation in claim.citations for fact in facts for quote in fact.quotes
    )


def overlaps(citation: Citation, quote: Quote) -> bool:
    """Return whether a citation shares half of the shorter of the two, and 20 characters, with a quote."""
    if citation.source != quote.source:
        return False
    shared = min(citation.end, quote.end) - max(citation.start, quote.start)
    length = quote.end - quote.start
    return shared >= max(0.5 * min(citation.end - citation.start, length), min(MIN_OVERLAP, length))


def bootstrap(values: Sequence[float], *, resamples: int = RESAMPLES, seed: int = SEED) -> tuple[float, float]:
    """Return the 95 % bootstrap interval (percentiles of resampled means) of the mean of the values."""
    chance = random.Random(seed)
    means = sorted(sum(chance.choices(values, k=len(values))) / len(values) for _ in range(resamples))
    low, high = (means[min(resamples - 1, round(share * (resamples - 1)))] for share in INTERVAL)
    return round(low, 4), round(high, 4)


def _reports(pair: Contradiction, planted: Planted) -> bool:
    """Return whether a report cites at least two of the places that disagree."""
    held = {at for at, quote in enumerate(planted.quotes) for citation in pair.citations if overlaps(citation, quote)}
    return len(held) > 1


def _touches(one: Quote, quotes: Sequence[Quote]) -> bool:
    return any(q.source == one.source and min(one.end, q.end) > max(one.start, q.start) for q in quotes)


def _share(hits: Sequence[bool], *, interval: bool = False) -> Measure | None:
    """Return the share of hits, or nothing where there is nothing to count."""
    if not hits:
        return None
    low, high = bootstrap([float(hit) for hit in hits]) if interval else (None, None)
    return Measure(value=round(sum(hits) / len(hits), 4), n=len(hits), low=low, high=high)
