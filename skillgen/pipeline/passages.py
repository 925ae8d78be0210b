"""The passages that a model is shown for each question: what three ways of finding them agree on.

On three corpora of our own (42, 88 and 113 facts, 8 questions each, without search phrases) the 20, 40 and 60 best held
this share of the facts of their question: harbourline .79, .93, .93; larkfield .43, .59, .67; ostermoor .53, .65, .71.
By searches alone it was .93, .50, .72 of 60, by the local engine's statements alone .88, .68, .74.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from skillgen.model.answer import WritingTask
from skillgen.model.brief import Plan, Question
from skillgen.model.research import FacetPassages, Passage
from skillgen.pipeline.library import Library
from skillgen.pipeline.research import CandidatesRead
from skillgen.protocols import Reporter

# Reciprocal rank fusion (Cormack, Clarke and Buettcher 2009). Its usual 60 lets passages in the middle of many lists
# pass those that are first in one, and each part of a question has a list of its own.
_RANK_OFFSET = 10
_DECIMALS = 9


def retrieve_phrases(
    phrases: Mapping[str, Sequence[str]], library: Library, limit: int, reporter: Reporter
) -> tuple[FacetPassages, ...]:
    """Return the nearest passages for every search phrase of the facets."""
    asked = [(facet, phrase) for facet, texts in phrases.items() for phrase in texts]
    reporter.start("Retrieving by phrases", len(asked))
    found = []
    for facet, phrase in asked:
        found.append(FacetPassages(facet_id=facet, query=phrase, passages=library.retrieve(phrase, limit=limit)))
        reporter.advance()
    reporter.done()
    return tuple(found)


def writing_tasks(
    plan: Plan,
    retrieved: Sequence[FacetPassages],
    further: Sequence[FacetPassages],
    read: CandidatesRead,
    library: Library,
    *,
    limit: int,
) -> tuple[WritingTask, ...]:
    """Return every question with at most `limit` passages, best first.

    They come from the searches for its facets, from those for its search phrases, and from where the local engine finds
    its best statements; each of the three counts the same.
    """
    questions = [question for brief in plan.briefs for question in brief.questions]
    return tuple(_task(question, plan, (retrieved, further), read, library, limit) for question in questions)


def _task(
    question: Question,
    plan: Plan,
    searched: Iterable[Sequence[FacetPassages]],
    read: CandidatesRead,
    library: Library,
    limit: int,
) -> WritingTask:
    facets = tuple(facet for facet in plan.facets if facet.question_id == question.id)
    own = {facet.id for facet in facets}
    ways = [
        [[passage.chunk.chunk_id for passage in item.passages] for item in found if item.facet_id in own]
        for found in searched
    ]
    ways.append([_best_read(question, read, limit)])
    ids = _fused([lists for lists in ways if lists])[:limit]
    passages = (_passage(library, id_, rank, score) for rank, (id_, score) in enumerate(ids, start=1))
    return WritingTask(question=question, facets=facets, passages=tuple(passages))


def _passage(library: Library, chunk_id: str, rank: int, score: float) -> Passage:
    chunk = library.chunks[chunk_id]
    return Passage(chunk=chunk, rank=rank, score=score, facts=library.facts[chunk.source])


def _best_read(question: Question, read: CandidatesRead, limit: int) -> list[str]:
    """Return the passages of the statements that the local engine ranks first for a question."""
    scores = read.ranking.scores[question.id]
    order = sorted(range(len(read.candidates)), key=lambda i: (-float(scores[i]), read.chunks[i].chunk_id))
    return list(dict.fromkeys(read.chunks[i].chunk_id for i in order))[:limit]


def _fused(ways: Sequence[Sequence[Sequence[str]]]) -> list[tuple[str, float]]:
    """Return ids with their scores, best first; the lists of each way share one vote."""
    scores: dict[str, float] = defaultdict(float)
    for lists in ways:
        for ids in lists:
            for rank, id_ in enumerate(ids, start=1):
                scores[id_] += 1 / (len(lists) * (_RANK_OFFSET + rank))
    return sorted(((id_, round(score, _DECIMALS)) for id_, score in scores.items()), key=lambda one: (-one[1], one[0]))
