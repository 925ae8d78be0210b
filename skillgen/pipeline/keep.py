"""Keep: claims that a reviewer vouches for stay among what is chosen for as long as the pages state them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from skillgen.draft import claim_id
from skillgen.join import joined
from skillgen.model.brief import Plan
from skillgen.model.corpus import Page
from skillgen.model.decision import Decision
from skillgen.model.research import Candidate, Choice, Ranking


def keep_decided(
    plan: Plan,
    candidates: Sequence[Candidate],
    ranking: Ranking,
    choices: Sequence[Choice],
    decisions: Sequence[Decision],
    pages: Mapping[str, Page],
) -> tuple[tuple[Choice, ...], frozenset[int]]:
    """Return the choices with every decided claim among them as it was decided, and the places of those claims.

    A claim that was joined of several statements is joined of the same again, and they are chosen for nothing else. It
    takes the turn of the first of them that was chosen (or of the same statement elsewhere), else it comes last.
    """
    chosen = {choice.index: choice for choice in choices}
    kept: dict[int, Choice] = {}
    for decision in decisions:
        parts = _parts(decision, candidates, pages, tuple(chosen))
        if parts and not _places(list(kept.values())) & _places_of(candidates, parts):
            choice = joined(
                [chosen.get(index) or _choice(plan, candidates[index], index, ranking) for index in parts], pages
            )
            kept[choice.index] = choice
    if not kept:
        return tuple(choices), frozenset()
    return tuple(_in_turn(choices, list(kept.values()))), frozenset(kept)


def _in_turn(choices: Sequence[Choice], kept: Sequence[Choice]) -> Iterator[Choice]:
    """Yield the choices, each decided claim in the turn of the first choice whose statement it holds."""
    left = list(kept)
    held = {place: choice for choice in kept for place in _places([choice])}
    for choice in choices:
        places = [*_places([choice]), *(_place(one) for one in choice.repeated)]
        owner = next((held[place] for place in places if place in held), None)
        if owner is None:
            yield choice
        elif owner in left:
            left.remove(owner)
            known = _places([owner]) | {_place(one) for one in owner.repeated}
            others = (one for one in (choice.candidate, *choice.repeated) if _place(one) not in known)
            yield replace(owner, repeated=(*owner.repeated, *others))
    yield from left


def _parts(
    decision: Decision, candidates: Sequence[Candidate], pages: Mapping[str, Page], chosen: Sequence[int]
) -> tuple[int, ...]:
    """Return the candidates that make the decided claim, or nothing when the pages do not state it any more.

    The first of them is the one that was chosen first, as it would be without the decision.
    """
    sources = {one.source for one in decision.evidence}
    said = " ".join(decision.text.split())
    near = [
        index for index, one in enumerate(candidates) if one.source in sources and " ".join(one.text.split()) in said
    ]
    turns = {index: turn for turn, index in enumerate(chosen)}
    near.sort(key=lambda index: (turns.get(index, len(chosen)), index))
    for parts in _ways(near, candidates):
        candidate = _candidate(parts, candidates, pages)
        if claim_id(candidate.claim_text, candidate.citations) == decision.claim:
            return parts
    return ()


def _ways(near: Sequence[int], candidates: Sequence[Candidate]) -> Iterator[tuple[int, ...]]:
    """Yield ways in which candidates may make a claim: one alone, a section under each lead, two of two pages."""
    yield from ((index,) for index in near)
    sections: dict[tuple[str, tuple[str, ...]], list[int]] = {}
    for index in near:
        sections.setdefault((candidates[index].source, candidates[index].citations[0].heading_path), []).append(index)
    for held in sections.values():
        if len(held) > 1:
            yield from ((first, *(index for index in held if index != first)) for first in held)
    yield from (
        pair for pair in itertools.permutations(near, 2) if candidates[pair[0]].source != candidates[pair[1]].source
    )


def _candidate(parts: Sequence[int], candidates: Sequence[Candidate], pages: Mapping[str, Page]) -> Candidate:
    bare = [
        Choice(
            candidate=candidates[index],
            index=index,
            question_id="",
            also_answers=(),
            facets=(),
            score=0.0,
            repeated=(),
        )
        for index in parts
    ]
    return joined(bare, pages).candidate


def _places(choices: Sequence[Choice]) -> set[tuple[str, int, int]]:
    return {_place(one) for choice in choices for one in (choice.parts or (choice.candidate,))}


def _places_of(candidates: Sequence[Candidate], parts: Sequence[int]) -> set[tuple[str, int, int]]:
    return {_place(candidates[index]) for index in parts}


def _place(candidate: Candidate) -> tuple[str, int, int]:
    return candidate.source, candidate.start, candidate.end


def _choice(plan: Plan, candidate: Candidate, index: int, ranking: Ranking) -> Choice:
    """Return the choice of a candidate under the question that it serves best, whatever rule left it out."""
    question_id = min(ranking.scores, key=lambda id_: (-float(ranking.scores[id_][index]), id_))
    facets = [(column, facet.id) for column, facet in enumerate(plan.facets) if facet.question_id == question_id]
    best = sorted(facets, key=lambda item: (-float(ranking.facets[index, item[0]]), item[1]))
    return Choice(
        candidate=candidate,
        index=index,
        question_id=question_id,
        also_answers=(),
        facets=tuple(facet for _, facet in best),
        score=float(ranking.scores[question_id][index]),
        repeated=(),
    )
