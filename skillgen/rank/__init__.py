"""Rank: how well every candidate claim answers every question, from many plain signals in one sum.

No single signal finds the facts that matter; their breadth does (docs/research.md holds the ablation). Each signal is
divided by its own 99.5th percentile among the candidates, so that the weights compare; all of them are question-wise
except the last five (from `tools` on), which say of a candidate whether it is a fact of this organisation at all.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from skillgen.catalogue import phrase_stems
from skillgen.model.brief import Plan
from skillgen.model.catalogue import Concern
from skillgen.model.research import Candidate, Expansion, Ranking
from skillgen.rank.feedback import Feedback
from skillgen.rank.postings import Postings
from skillgen.rank.rules import constraint
from skillgen.words import STOP_WORDS, content_stems, hard_tokens, own_names

__all__ = ["MEAN_WEIGHT", "WEIGHTS", "Likeness", "constraint", "rank_candidates"]

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float64]

# Chosen by hand on four organisations' documentation (one real, three that we wrote; 129, 50, 47 and 18 pages; 101
# vital facts together) as the middle of a flat optimum: halving or doubling any of them changes the mean of vital
# recall over 25 to 400 claims by 0.02 or less. `python evals/ablation.py` measures them again.
WEIGHTS: Mapping[str, float] = MappingProxyType(
    {
        "question": 1.2,  # likeness of the passage to the facets, each read with its question (embeddings)
        "near_page": 0.6,  # the same of the page: the mean of its best five candidates
        "overlap": 0.5,  # share of the question's own words, rare ones counting more
        "vocabulary": 0.2,  # BM25 of the concerns' words on the candidate with its headings
        "page": 0.2,  # the same on the whole page
        "pattern": 0.2,  # a thing and an action of one concern together
        "feedback": 0.25,  # BM25 of the typical words of what ranks first by all the other signals
        "ideal": 0.8,  # likeness of the passage to the concerns' typical sentences (embeddings)
        "tools": 0.4,  # how many products are named, up to three
        "names": 0.4,  # names of things that other pages name too: what the organisation's pages speak about
        "specifics": 0.4,  # how many numbers, paths, commands and identifiers, up to six
        "constraint": 0.4,  # what must be, must not be, or fails: see `constraint`
        "deprecated": -1.5,  # the page says that it is out of date
    }
)
# How much of a candidate's mean over all questions is added to each: facts at a boundary serve several questions.
MEAN_WEIGHT = 0.5
_PERCENTILE = 99.5
# Where hardly anything shares the words of the best, their percentile is next to nothing.
_MOST_FEEDBACK = 3.0
_MAX_TOOLS = 3
_MAX_SPECIFICS = 6
_MAX_PHRASE = 4
_BEST_OF_PAGE = 5
_CUE_WEIGHT = 1.5
_MAX_PAIRS = 2
_DECIMALS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """Cosines of the embeddings of the candidates' chunks, candidates in rows.

    `facets` has a column for each facet of the plan, read with its question; `ideals` one for each concern of the
    catalogue, the best of its typical sentences.
    """

    facets: Matrix
    ideals: Matrix


def rank_candidates(  # noqa: PLR0913 - each is a signal's source
    candidates: Sequence[Candidate],
    *,
    plan: Plan,
    expansions: Mapping[str, Expansion],
    concerns: Sequence[Concern],
    likeness: Likeness,
    tools: Sequence[int],
    deprecated: Sequence[bool],
    asking: Collection[str],
) -> Ranking:
    """Return the scores of all candidates for every question and facet, with the signals they are made of.

    Args:
        candidates: The candidates.
        plan: What is asked.
        expansions: The concerns of every question, by its id.
        concerns: The catalogue's concerns, in the order of the columns of `likeness.ideals`.
        likeness: The embeddings' part.
        tools: How many products each candidate names.
        deprecated: Whether each candidate's page says that it is out of date.
        asking: Stems that a question uses to ask and that count for nothing.
    """
    import numpy as np

    ground = _ground(candidates, plan, expansions, concerns, asking)
    shared = _shared_signals(candidates, tools, deprecated)
    facets, ideals = _centred(likeness.facets), _centred(likeness.ideals)
    sources = [candidate.source for candidate in candidates]
    column = {concern.concern: index for index, concern in enumerate(concerns)}
    signals: dict[str, dict[str, Matrix]] = {}
    for question_id, expansion in expansions.items():
        own = [index for index, facet in enumerate(plan.facets) if facet.question_id == question_id]
        about = [column[name] for name, _ in expansion.concerns]
        asked = _scaled(facets[:, own].max(axis=1, initial=0.0))
        signals[question_id] = {
            "question": asked,
            "near_page": _scaled(_best_of_pages(asked, sources)),
            "overlap": _scaled(ground.overlap[:, own].max(axis=1, initial=0.0)),
            "ideal": _scaled(ideals[:, about].max(axis=1, initial=0.0)),
            **_word_signals(ground, expansion, len(candidates)),
            **shared,
        }
    feedback = Feedback(candidates)
    for id_, scores in _weighed(signals, len(candidates)).items():
        signals[id_]["feedback"] = np.minimum(_scaled(feedback.of(scores)), _MOST_FEEDBACK)
    return Ranking(
        scores=_weighed(signals, len(candidates)),
        facets=(facets + ground.overlap).round(_DECIMALS),
        signals=signals,
    )


def _weighed(signals: Mapping[str, Mapping[str, Matrix]], total: int) -> dict[str, Matrix]:
    """Return each question's sum of its weighted signals, with a share of the mean of all questions."""
    own = {
        id_: _sum((WEIGHTS[name] * values for name, values in parts.items()), total) for id_, parts in signals.items()
    }
    mean = _sum(own.values(), total) / max(1, len(own))
    return {id_: (values + MEAN_WEIGHT * mean).round(_DECIMALS) for id_, values in own.items()}


@dataclass(frozen=True, slots=True)
class _Ground:
    """What the signals of all questions are counted on: `page_of` leads from a candidate to its page."""

    vocabulary: Mapping[str, Mapping[tuple[str, ...], float]]
    units: Postings
    pages: Postings
    page_of: Sequence[int]
    pairs: Mapping[str, Matrix]
    overlap: Matrix


def _ground(
    candidates: Sequence[Candidate],
    plan: Plan,
    expansions: Mapping[str, Expansion],
    concerns: Sequence[Concern],
    asking: Collection[str],
) -> _Ground:
    used = {name for expansion in expansions.values() for name, _ in expansion.concerns}
    vocabulary = {concern.concern: _terms(concern) for concern in concerns if concern.concern in used}
    wanted = {phrase for terms in vocabulary.values() for phrase in terms}
    stems = [phrase_stems(candidate.claim_text) for candidate in candidates]
    units = Postings([_counts(unit, wanted) for unit in stems], [len(unit) for unit in stems])
    pages, page_of = _pages(candidates, stems, wanted)
    return _Ground(
        vocabulary=vocabulary,
        units=units,
        pages=pages,
        page_of=page_of,
        pairs={c.concern: _pairs(c, units, len(candidates)) for c in concerns if c.concern in used},
        overlap=_overlaps(candidates, plan, asking),
    )


def _word_signals(ground: _Ground, expansion: Expansion, total: int) -> dict[str, Matrix]:
    """Return the signals of the words of a question's concerns."""
    terms = {
        phrase: weight * strength
        for name, strength in expansion.concerns
        for phrase, weight in ground.vocabulary[name].items()
    }
    return {
        "vocabulary": _scaled(ground.units.bm25(terms)),
        "page": _scaled(ground.pages.bm25(terms)[ground.page_of]),
        "pattern": _scaled(_sum((strength * ground.pairs[name] for name, strength in expansion.concerns), total)),
    }


def _shared_signals(
    candidates: Sequence[Candidate], tools: Sequence[int], deprecated: Sequence[bool]
) -> dict[str, Matrix]:
    """Return the signals that are the same for every question."""
    import numpy as np

    specifics = [min(len(set(hard_tokens(candidate.text))), _MAX_SPECIFICS) for candidate in candidates]
    return {
        "tools": np.minimum(np.array(tools, dtype=float), _MAX_TOOLS) / _MAX_TOOLS,
        "names": _scaled(_shared_names(candidates)),
        "specifics": np.array(specifics, dtype=float) / _MAX_SPECIFICS,
        "constraint": np.array([constraint(candidate) for candidate in candidates], dtype=float),
        "deprecated": np.array(deprecated, dtype=float),
    }


def _best_of_pages(values: Matrix, sources: Sequence[str]) -> Matrix:
    """Return for each candidate the mean of the best values on its page."""
    import numpy as np

    held: dict[str, list[int]] = {}
    for index, source in enumerate(sources):
        held.setdefault(source, []).append(index)
    found = np.zeros(len(sources))
    for rows in held.values():
        found[rows] = np.sort(values[rows])[-_BEST_OF_PAGE:].mean()
    return found


def _shared_names(candidates: Sequence[Candidate]) -> Matrix:
    """Return for each candidate the sum over the names in it of ln(pages that hold the name)."""
    import numpy as np

    named = [own_names(candidate.claim_text) for candidate in candidates]
    pages: dict[str, set[str]] = {}
    for candidate, names in zip(candidates, named, strict=True):
        for name in names:
            pages.setdefault(name, set()).add(candidate.source)
    return np.array([math.fsum(math.log(len(pages[name])) for name in names) for names in named], dtype=float)


def _sum(vectors: Iterable[Matrix], length: int) -> Matrix:
    import numpy as np

    total = np.zeros(length)
    for vector in vectors:
        total = total + vector
    return total


def _centred(matrix: Matrix) -> Matrix:
    """Return how far every value lies over the median of its column."""
    import numpy as np

    median = np.median(matrix, axis=0) if matrix.size else np.zeros(matrix.shape[1])
    centred: Matrix = np.maximum(matrix - median, 0.0)
    return centred


def _scaled(values: Matrix) -> Matrix:
    """Return the values divided by their 99.5th percentile, or where that is nothing, by the greatest."""
    import numpy as np

    top = float(np.percentile(values, _PERCENTILE, method="higher")) if values.size else 0.0
    top = top or float(values.max(initial=0.0))  # a signal that fewer have than the percentile leaves out
    return values / top if top > 0 else values


def _terms(concern: Concern) -> dict[tuple[str, ...], float]:
    """Return the phrases of a concern as stems with their weights; a lone small word is none."""
    terms: dict[tuple[str, ...], float] = {}
    for phrases, weight in ((concern.objects, 1.0), (concern.actions, 1.0), (concern.cues, _CUE_WEIGHT)):
        for phrase in phrases:
            stems = phrase_stems(phrase)
            if len(stems) <= _MAX_PHRASE and phrase.strip().casefold() not in STOP_WORDS:
                terms[stems] = max(weight, terms.get(stems, 0.0))
    return terms


def _counts(stems: Sequence[str], wanted: Collection[tuple[str, ...]]) -> Counter[tuple[str, ...]]:
    """Return how often each wanted phrase stands in a text."""
    return Counter(
        phrase
        for length in range(1, _MAX_PHRASE + 1)
        for at in range(len(stems) - length + 1)
        if (phrase := tuple(stems[at : at + length])) in wanted
    )


def _pages(
    candidates: Sequence[Candidate], units: Sequence[tuple[str, ...]], wanted: Collection[tuple[str, ...]]
) -> tuple[Postings, list[int]]:
    """Return the postings of whole pages, and the page of each candidate."""
    index = {source: number for number, source in enumerate(dict.fromkeys(c.source for c in candidates))}
    counts: list[Counter[tuple[str, ...]]] = [Counter() for _ in index]
    lengths = [0] * len(index)
    page_of = [index[candidate.source] for candidate in candidates]
    for number, unit in zip(page_of, units, strict=True):
        counts[number].update(_counts(unit, wanted))
        lengths[number] += len(unit)
    return Postings(counts, lengths), page_of


def _pairs(concern: Concern, postings: Postings, total: int) -> Matrix:
    """Return for each candidate the things of a concern that it names, up to two, times its actions, up to two."""
    import numpy as np

    def held(phrases: Iterable[str]) -> Matrix:
        found = np.zeros(total)
        for stems in {phrase_stems(phrase) for phrase in phrases}:
            found[list(postings.holders(stems))] += 1
        return np.minimum(found, _MAX_PAIRS)

    both = {phrase_stems(phrase) for phrase in concern.objects} & {phrase_stems(phrase) for phrase in concern.actions}
    objects, actions = held(concern.objects), held(concern.actions)
    shared = np.zeros(total)
    for stems in both:
        shared[list(postings.holders(stems))] += 1
    lone = (objects == 1) & (actions == 1) & (shared == 1)  # one word that may be either is no pair
    product: Matrix = np.where(lone, 0.0, objects * actions)
    return product


def _overlaps(candidates: Sequence[Candidate], plan: Plan, asking: Collection[str]) -> Matrix:
    """Return for each candidate and facet the share of the words of facet and question that it holds, by rarity."""
    import numpy as np

    held = [frozenset(content_stems(candidate.claim_text)) for candidate in candidates]
    frequency = Counter(stem for stems in held for stem in stems)
    unseen = math.log(1 + (len(held) + 0.5) / 0.5)
    rarity = {stem: math.log(1 + (len(held) - n + 0.5) / (n + 0.5)) for stem, n in frequency.items()}
    questions = {question.id: question for brief in plan.briefs for question in brief.questions}
    overlap = np.zeros((len(held), len(plan.facets)))
    for column, facet in enumerate(plan.facets):
        wanted = frozenset(content_stems(f"{facet.text} {questions[facet.question_id].text}")) - frozenset(asking)
        whole = math.fsum(rarity.get(stem, unseen) for stem in wanted) or 1.0
        overlap[:, column] = [math.fsum(rarity[stem] for stem in wanted & stems) / whole for stems in held]
    return overlap
