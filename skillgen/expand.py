"""Expand: what an abstract question is about, in the words that pages use.

A question brings in the concerns of the catalogue whose words it asks with ("who must sign off" brings in approval),
once for the question and half as much again for each of its facets that does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from skillgen.catalogue import phrase_stems
from skillgen.model.brief import Plan
from skillgen.model.catalogue import Catalogue, Concern
from skillgen.model.research import Expansion

MAX_PHRASE = 5
_FACET_WEIGHT = 0.5
_MAX_WEIGHT = 1.5


def expand_questions(plan: Plan, catalogue: Catalogue) -> dict[str, Expansion]:
    """Return the concerns of every question by its id, each with its weight; a question may have none."""
    asks = [(concern, {phrase_stems(words) for words in concern.asks}) for concern in catalogue.concerns]
    facets: dict[str, list[str]] = {}
    for facet in plan.facets:
        facets.setdefault(facet.question_id, []).append(facet.text)
    return {
        question.id: _expansion(question.text, facets.get(question.id, ()), asks)
        for brief in plan.briefs
        for question in brief.questions
    }


def _expansion(question: str, facets: Sequence[str], asks: Sequence[tuple[Concern, set[tuple[str, ...]]]]) -> Expansion:
    weights: dict[str, float] = {}
    for text, weight in ((question, 1.0), *((facet, _FACET_WEIGHT) for facet in facets)):
        held = phrases_of(phrase_stems(text), MAX_PHRASE)
        for concern, wanted in asks:
            if wanted & held.keys():
                weights[concern.concern] = weights.get(concern.concern, 0.0) + weight
    return Expansion(concerns=tuple((name, min(weight, _MAX_WEIGHT)) for name, weight in sorted(weights.items())))


def phrases_of(stems: Sequence[str], longest: int) -> Mapping[tuple[str, ...], int]:
    """Return every run of up to `longest` stems with how often it stands in the text."""
    return Counter(
        tuple(stems[at : at + length]) for length in range(1, longest + 1) for at in range(len(stems) - length + 1)
    )
