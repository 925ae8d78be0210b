"""Choose: candidate claims to those a draft keeps, each under one question, best first.

Questions take turns, so that each is served. A statement that stands in several places is chosen once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from skillgen.model.brief import Plan
from skillgen.model.research import Candidate, Choice, Ranking
from skillgen.words import content_stems, squeezed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# With this many words that carry meaning a statement stands for itself; a shorter one ("Runs daily.") may say something
# else under another heading.
_SELF_CONTAINED_STEMS = 8


def choose_claims(  # noqa: PLR0913 - two of them are the rules of other stages
    plan: Plan,
    candidates: Sequence[Candidate],
    ranking: Ranking,
    *,
    near: NDArray[np.bool_],
    speaks_of: Callable[[frozenset[str], frozenset[str]], bool],
    asking: Collection[str],
    limit: int,
) -> tuple[Choice, ...]:
    """Return at most `limit` choices in the order of their worth.

    Two absolute rules decide whether a candidate may answer a facet at all, so that a page about other things is never
    cited for want of better: its passage is near enough to the facet, and it either speaks of what is asked or names a
    thing and an action of one of the question's concerns.

    Args:
        plan: What is asked.
        candidates: The candidates.
        ranking: Their scores.
        near: For each candidate and facet whether its passage is near enough to be evidence.
        speaks_of: Tells from the stems of a facet with its question and those of a candidate whether it speaks of it.
        asking: Stems that a question uses to ask and that count for nothing.
        limit: How many claims a draft keeps.
    """
    facets = _open_facets(plan, candidates, ranking, near, speaks_of, frozenset(asking))
    order = sorted(range(len(candidates)), key=lambda i: (candidates[i].source, candidates[i].start, candidates[i].end))
    columns = {facet.id: column for column, facet in enumerate(plan.facets)}
    question_of = {facet.id: facet.question_id for facet in plan.facets}
    rankings: dict[str, list[int]] = {}
    for question_id, scores in ranking.scores.items():
        may = [i for i in order if any(question_of[facet] == question_id for facet in facets[i])]
        rankings[question_id] = [i for _, _, i in sorted((-scores[i], at, i) for at, i in enumerate(may))]
    statements = {i: _statement(candidates[i]) for i in order if facets[i]}
    places: dict[str, list[int]] = defaultdict(list)
    for i, statement in statements.items():
        places[statement].append(i)

    def choice(i: int, question_id: str) -> Choice:
        best = sorted(facets[i], key=lambda facet: (-ranking.facets[i, columns[facet]], facet))
        asked = {question_of[facet] for facet in best} - {question_id}
        return Choice(
            candidate=candidates[i],
            index=i,
            question_id=question_id,
            also_answers=tuple(sorted(asked, key=lambda id_: (-ranking.scores[id_][i], id_))),
            facets=tuple(best),
            score=float(ranking.scores[question_id][i]),
            repeated=tuple(candidates[other] for other in places[statements[i]] if other != i),
        )

    return tuple(choice(i, question_id) for i, question_id in _in_turns(rankings, statements, limit))


def _open_facets(
    plan: Plan,
    candidates: Sequence[Candidate],
    ranking: Ranking,
    near: NDArray[np.bool_],
    speaks_of: Callable[[frozenset[str], frozenset[str]], bool],
    asking: frozenset[str],
) -> list[list[str]]:
    """Return for each candidate the facets that it may answer."""
    questions = {question.id: question for brief in plan.briefs for question in brief.questions}
    wanted = [
        frozenset(content_stems(f"{facet.text} {questions[facet.question_id].text}")) - asking for facet in plan.facets
    ]
    found: list[list[str]] = []
    for i, candidate in enumerate(candidates):
        stems = frozenset(content_stems(candidate.claim_text))
        found.append(
            [
                facet.id
                for column, facet in enumerate(plan.facets)
                if near[i, column]
                and (speaks_of(wanted[column], stems) or ranking.signals[facet.question_id]["pattern"][i] > 0)
            ]
        )
    return found


def _statement(candidate: Candidate) -> str:
    """Return what makes two candidates the same statement: the same words, and for short ones the same headings."""
    alone = len(set(content_stems(candidate.text))) >= _SELF_CONTAINED_STEMS
    return squeezed(candidate.text if alone else candidate.claim_text)


def _in_turns(
    rankings: Mapping[str, Sequence[int]], statements: Mapping[int, str], limit: int
) -> Iterator[tuple[int, str]]:
    """Yield each question's next best statement in turns, with the question."""
    taken: set[str] = set()
    cursors = {question_id: iter(ranking) for question_id, ranking in rankings.items()}
    while cursors:
        for question_id in list(cursors):
            found = next((i for i in cursors[question_id] if statements[i] not in taken), None)
            if found is None:
                del cursors[question_id]
                continue
            if len(taken) >= limit:
                return
            taken.add(statements[found])
            yield found, question_id
