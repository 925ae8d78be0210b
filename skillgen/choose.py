"""Choose: candidate claims to those a draft keeps, each under one question, best first.

A candidate scores for a question by the passage it stands in (reciprocal rank fusion, over the question's facets) and
by the share of the question's words that it holds, rare words counting more. Questions take turns, so that each is
served.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from skillgen.model.brief import Facet, Plan, Question
from skillgen.model.research import Candidate, Choice, FacetPassages
from skillgen.words import content_stems, squeezed

# The two parts weigh about the same: a passage found first by both signals scores 2 / 61. Tuned by hand on one
# organisation's documentation (129 pages, 33 vital facts): half the weight of words cost 0.06 of vital recall.
_PASSAGE_WEIGHT = 30.0


@dataclass(slots=True)
class _Scored:
    """A candidate with its scores by question and the facets whose passages held it."""

    candidate: Candidate
    stems: frozenset[str]
    scores: dict[str, float] = field(default_factory=dict)
    facets: list[tuple[float, str]] = field(default_factory=list)


def choose_claims(
    plan: Plan,
    retrieved: Sequence[FacetPassages],
    candidates: Mapping[str, Sequence[Candidate]],
    *,
    speaks_of: Callable[[frozenset[str], frozenset[str]], bool],
    asking: frozenset[str],
    limit: int,
) -> tuple[Choice, ...]:
    """Return at most `limit` choices in the order of their worth; the same statement is chosen once.

    Args:
        plan: What is asked.
        retrieved: The passages of every facet.
        candidates: The candidates of each chunk, by chunk id.
        speaks_of: Tells from the stems of a facet with its question and those of a candidate whether the candidate may
            answer at all: an absolute rule, so that a page about other things is never cited for want of better.
        asking: Stems that a question uses to ask and that count for nothing.
        limit: How many claims a draft keeps.
    """
    questions = {question.id: question for brief in plan.briefs for question in brief.questions}
    facets = {facet.id: facet for facet in plan.facets}
    pool = _pool(candidates)
    rarity = _rarity([scored.stems for scored in pool.values()])
    for found in retrieved:
        facet = facets[found.facet_id]
        wanted = _wanted(facet, questions[facet.question_id], asking)
        total = sum(rarity.get(stem, rarity[""]) for stem in wanted) or 1.0
        for passage in found.passages:
            for candidate in candidates.get(passage.chunk.chunk_id, ()):
                scored = pool[_key(candidate)]
                shared = wanted & scored.stems
                if shared and speaks_of(wanted, scored.stems):
                    overlap = sum(rarity[stem] for stem in shared) / total
                    _note(scored, facet, round(_PASSAGE_WEIGHT * passage.score + overlap, 6))
    return tuple(_in_turns(_rankings(questions, pool), limit))


def _key(candidate: Candidate) -> tuple[str, int, int]:
    return candidate.source, candidate.start, candidate.end


def _pool(candidates: Mapping[str, Sequence[Candidate]]) -> dict[tuple[str, int, int], _Scored]:
    return {
        _key(candidate): _Scored(candidate, frozenset(content_stems(candidate.claim_text)))
        for chunk_id in sorted(candidates)
        for candidate in candidates[chunk_id]
    }


def _rarity(stem_sets: Sequence[frozenset[str]]) -> dict[str, float]:
    """Return the inverse document frequency of each stem over the candidates; the empty stem stands for unseen ones."""
    frequency = Counter(stem for stems in stem_sets for stem in stems)
    total = len(stem_sets)
    rarity = {stem: math.log(1 + (total - n + 0.5) / (n + 0.5)) for stem, n in frequency.items()}
    rarity[""] = math.log(1 + (total + 0.5) / 0.5)
    return rarity


def _wanted(facet: Facet, question: Question, asking: frozenset[str]) -> frozenset[str]:
    return frozenset(content_stems(f"{facet.text} {question.text}")) - asking


def _note(scored: _Scored, facet: Facet, score: float) -> None:
    scored.scores[facet.question_id] = max(score, scored.scores.get(facet.question_id, 0.0))
    scored.facets.append((score, facet.id))


def _rankings(
    questions: Mapping[str, Question], pool: Mapping[tuple[str, int, int], _Scored]
) -> dict[str, list[_Scored]]:
    """Return each question's candidates, best first, ties in the order of the text."""
    rankings: dict[str, list[_Scored]] = {question_id: [] for question_id in questions}
    for key in sorted(pool):
        for question_id in pool[key].scores:
            rankings[question_id].append(pool[key])
    for question_id, ranking in rankings.items():
        ranking.sort(key=lambda scored: -scored.scores[question_id])
    return rankings


# With this many words that carry meaning a statement stands for itself; a shorter one ("Runs daily.") may say something
# else under another heading.
_SELF_CONTAINED_STEMS = 8


def _statement(candidate: Candidate) -> str:
    """Return what makes two candidates the same statement: the same words, and for short ones the same headings."""
    alone = len(set(content_stems(candidate.text))) >= _SELF_CONTAINED_STEMS
    return squeezed(candidate.text if alone else candidate.claim_text)


def _in_turns(rankings: Mapping[str, list[_Scored]], limit: int) -> Iterator[Choice]:
    """Yield each question's next best statement in turns; where it stands again becomes a further place of it."""
    places: dict[str, dict[tuple[str, int, int], Candidate]] = defaultdict(dict)
    for ranking in rankings.values():
        for scored in ranking:
            places[_statement(scored.candidate)][_key(scored.candidate)] = scored.candidate
    taken: set[str] = set()
    cursors = {question_id: iter(ranking) for question_id, ranking in rankings.items()}
    while cursors:
        for question_id in list(cursors):
            found = next((s for s in cursors[question_id] if _statement(s.candidate) not in taken), None)
            if found is None:
                del cursors[question_id]
                continue
            if len(taken) >= limit:
                return
            statement = _statement(found.candidate)
            taken.add(statement)
            yield _choice(found, question_id, [place for _, place in sorted(places[statement].items())])


def _choice(scored: _Scored, question_id: str, places: Sequence[Candidate]) -> Choice:
    others = sorted((other for other in scored.scores if other != question_id), key=lambda q: -scored.scores[q])
    best: dict[str, float] = {}
    for score, facet_id in scored.facets:
        best[facet_id] = max(score, best.get(facet_id, 0.0))
    return Choice(
        candidate=scored.candidate,
        question_id=question_id,
        also_answers=tuple(others),
        facets=tuple(sorted(best, key=lambda facet_id: (-best[facet_id], facet_id))),
        score=scored.scores[question_id],
        repeated=tuple(place for place in places if place != scored.candidate),
    )
