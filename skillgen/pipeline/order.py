"""The order of claims of both engines for the body, by how well the statements that they cite are ranked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from skillgen.compose import body_order
from skillgen.delta import BODY_DELTA
from skillgen.model.draft import Claim
from skillgen.model.research import Choice
from skillgen.pipeline.research import CandidatesRead

_Place = tuple[int, int, int]


def may_stand_in_body(claim: Claim, deprecated: frozenset[str]) -> bool:
    """Tell whether a claim is supported, goes beyond what anybody knows, and rests on no page that is out of date."""
    return (
        claim.verdict.support == "supported"
        and claim.delta >= BODY_DELTA
        and not any(citation.source in deprecated for citation in claim.citations)
    )


def local_order(claims: Mapping[str, Sequence[Claim]], read: CandidatesRead) -> tuple[str, ...]:
    """Return the ids of the claims, by question, in the order in which the local engine would take them.

    A claim has the worth of the best ranked statement that it cites. What cites no statement that is ranked comes last.
    """
    by_source: dict[str, list[_Place]] = {}
    for index, one in enumerate(read.candidates):
        by_source.setdefault(one.source, []).append((one.start, one.end, index))
    ranked: list[Claim] = []
    choices: list[Choice] = []
    others: list[str] = []
    for question_id, held in claims.items():
        for claim in held:
            cited = list(dict.fromkeys(_cited(claim, by_source)))
            if cited:
                ranked.append(claim)
                choices.append(_choice(claim, question_id, cited, read))
            else:
                others.append(claim.id)
    order = body_order(choices, read.ranking, [claim.delta for claim in ranked])
    return (*(ranked[position].id for position in order), *others)


def _cited(claim: Claim, by_source: Mapping[str, Sequence[_Place]]) -> Iterable[int]:
    """Yield the statements that a claim cites, by their places among the candidates."""
    for citation in claim.citations:
        for start, end, index in by_source.get(citation.source, ()):
            if start < citation.end and citation.start < end:
                yield index


def _choice(claim: Claim, question_id: str, cited: Sequence[int], read: CandidatesRead) -> Choice:
    scores = read.ranking.scores[question_id]
    best = min(cited, key=lambda index: (-float(scores[index]), index))
    several = len({(read.candidates[index].source, read.candidates[index].start) for index in cited}) > 1
    return Choice(
        candidate=read.candidates[best],
        index=best,
        question_id=question_id,
        also_answers=claim.also_answers,
        facets=claim.facets,
        score=float(scores[best]),
        repeated=(),
        parts=tuple(read.candidates[index] for index in cited) if several else (),
    )
