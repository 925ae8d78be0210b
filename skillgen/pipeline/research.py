"""Research on the local engine: what the pages answer, as claims with verdicts, in the order of their worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from skillgen.background import load_background
from skillgen.catalogue import ToolFinder
from skillgen.choose import choose_claims
from skillgen.compose import body_order
from skillgen.coverage import (
    ASKING,
    MEASURED_EMBEDDER,
    FacetTerms,
    claim_words,
    facet_terms,
    grade,
    near_facets,
    speaks_of,
)
from skillgen.delta import BODY_DELTA, DeltaEstimator
from skillgen.draft import make_claim, with_unique_ids
from skillgen.embed import english_vocabulary
from skillgen.expand import expand_questions
from skillgen.extract import extract_candidates
from skillgen.join import join_choices
from skillgen.model.brief import Plan
from skillgen.model.catalogue import Catalogue
from skillgen.model.corpus import Chunk, Page
from skillgen.model.decision import Decision
from skillgen.model.draft import Claim, Dropped, Nearness
from skillgen.model.research import Candidate, Choice, FacetPassages, Ranking
from skillgen.model.trace import Outcome, Traced
from skillgen.pipeline.keep import keep_decided
from skillgen.pipeline.library import Library
from skillgen.protocols import Reporter
from skillgen.rank import WEIGHTS, Likeness, rank_candidates
from skillgen.retrieve import MIN_LIKENESS
from skillgen.settings import Settings
from skillgen.store import Store
from skillgen.verify import verify_claim

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


# How many statements are chosen for each claim of the draft: some are joined, on four corpora 1.1 to 1.4 a claim.
_CHOSEN_FOR_ONE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Researched:
    """What was found: claims by question in the order of their worth, and what was left out.

    `body` are the ids of the claims that may stand in the body, the worthiest first. `traced` tells what became of
    every candidate; a claim is a `reference` there until the body is filled. `further` are passages that were retrieved
    for a facet in other words than its own.
    """

    claims: Mapping[str, Sequence[Claim]]
    body: tuple[str, ...]
    dropped: tuple[Dropped, ...]
    traced: tuple[Traced, ...] = ()
    further: tuple[FacetPassages, ...] = ()

    @property
    def all_claims(self) -> tuple[Claim, ...]:
        """Every claim, by question."""
        return tuple(claim for claims in self.claims.values() for claim in claims)


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidatesRead:
    """What was read of the pages: every candidate claim with how it was ranked, and the pages by source.

    `chunks` are the passages that the candidates begin in. `likeness` are the cosines of these (rows) to the facets
    read with their questions (columns), `near` tells which of them are near enough to be evidence.
    """

    candidates: tuple[Candidate, ...]
    chunks: tuple[Chunk, ...]
    ranking: Ranking
    likeness: NDArray[np.float64]
    near: NDArray[np.bool_]
    pages: Mapping[str, Page]


def facet_queries(plan: Plan) -> dict[str, str]:
    """Return what is searched for each facet: the facet with its question, which names what it is about."""
    questions = {question.id: question.text for brief in plan.briefs for question in brief.questions}
    return {facet.id: f"{facet.text} {questions[facet.question_id]}" for facet in plan.facets}


def retrieve_facets(plan: Plan, library: Library, settings: Settings, reporter: Reporter) -> tuple[FacetPassages, ...]:
    """Return the nearest passages for every facet: what a gap names, and what a reader finds by searching."""
    found = []
    reporter.start("Retrieving passages", len(plan.facets))
    for facet_id, query in facet_queries(plan).items():
        passages = library.retrieve(query, limit=settings.research.passages)
        found.append(FacetPassages(facet_id=facet_id, query=query, passages=passages))
        reporter.advance()
    reporter.done()
    return tuple(found)


def research(  # noqa: PLR0913 - the last one is what reviewers ask for
    plan: Plan,
    library: Library,
    store: Store,
    catalogue: Catalogue,
    settings: Settings,
    reporter: Reporter,
    *,
    keep: Sequence[Decision] = (),
) -> Researched:
    """Extract candidates from everything worth reading, rank, choose and verify them.

    The claims of the decisions in `keep` are chosen whatever their rank, for as long as the pages state them.
    """
    read = read_candidates(plan, library, store, catalogue, reporter)
    estimator = delta_estimator(catalogue)
    return choose_and_verify(plan, read, library, settings, reporter, estimator=estimator, keep=keep)


def delta_estimator(catalogue: Catalogue) -> DeltaEstimator:
    """Return what estimates how far a statement goes beyond what anybody knows."""
    return DeltaEstimator(catalogue.tools, load_background(catalogue, english_vocabulary()))


def choose_and_verify(  # noqa: PLR0913 - the last one is what reviewers ask for
    plan: Plan,
    read: CandidatesRead,
    library: Library,
    settings: Settings,
    reporter: Reporter,
    *,
    estimator: DeltaEstimator,
    keep: Sequence[Decision] = (),
) -> Researched:
    """Return the claims that the local engine makes of what was read."""
    limit = settings.research.max_claims * max(1, len(plan.briefs))
    choices = choose_claims(
        plan,
        read.candidates,
        read.ranking,
        near=read.near,
        speaks_of=speaks_of,
        asking=ASKING,
        limit=_CHOSEN_FOR_ONE * limit,
    )
    choices, closed = keep_decided(plan, read.candidates, read.ranking, choices, keep, read.pages)
    general = {one.index for one in choices if estimator.estimate(one.candidate.text).value < BODY_DELTA}
    choices = join_choices(choices, read.pages, limit=limit, closed=closed, general=frozenset(general))
    near = _nearness(plan, choices, read) if library.embedder_id == MEASURED_EMBEDDER else [()] * len(choices)
    researched = _verified(plan, choices, near, read, library.deprecated, estimator)
    researched = replace(researched, traced=_traced(plan, choices, read, researched))
    reporter.done(f"{len(researched.all_claims)} claims, each with its quotes")
    return researched


def read_candidates(
    plan: Plan, library: Library, store: Store, catalogue: Catalogue, reporter: Reporter
) -> CandidatesRead:
    """Return every candidate claim of the pages worth reading, ranked for every question of the plan."""
    queries = facet_queries(plan)
    chunks = library.widely(tuple(queries.values()))
    by_source: dict[str, list[tuple[int, Chunk]]] = {}
    for row, chunk in enumerate(chunks):
        by_source.setdefault(chunk.source, []).append((row, chunk))
    reporter.start("Choosing claims", len(by_source))
    pages: dict[str, Page] = {}
    found: list[Candidate] = []
    rows: list[int] = []
    for page in store.pages(by_source):
        pages[page.source] = page
        for candidate, row in _within(extract_candidates(page), by_source[page.source]):
            found.append(candidate)
            rows.append(row)
        reporter.advance()
    facets, ideals = _likeness(library, chunks, queries, catalogue)
    finder = ToolFinder(catalogue.tools)
    ranking = rank_candidates(
        found,
        plan=plan,
        expansions=expand_questions(plan, catalogue),
        concerns=catalogue.concerns,
        likeness=Likeness(facets=facets[rows], ideals=ideals[rows]),
        tools=[len({mention.tool.name for mention in finder.find(candidate.claim_text)}) for candidate in found],
        deprecated=[candidate.source in library.deprecated for candidate in found],
        asking=ASKING,
    )
    likeness = facets[rows]
    return CandidatesRead(
        candidates=tuple(found),
        chunks=tuple(chunks[row] for row in rows),
        ranking=ranking,
        likeness=likeness,
        near=likeness >= MIN_LIKENESS,
        pages=pages,
    )


def _within(candidates: Sequence[Candidate], chunks: Sequence[tuple[int, Chunk]]) -> list[tuple[Candidate, int]]:
    """Return the candidates that begin in one of the page's chunks, with the chunk's row; both come in order."""
    found = []
    at = 0
    for candidate in candidates:
        while at < len(chunks) and chunks[at][1].end <= candidate.start:
            at += 1
        if at < len(chunks) and chunks[at][1].start <= candidate.start:
            found.append((candidate, chunks[at][0]))
    return found


def _likeness(
    library: Library, chunks: Sequence[Chunk], queries: Mapping[str, str], catalogue: Catalogue
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the chunks' likeness to every facet, and to every concern by the best of its typical sentences."""
    import numpy as np

    sentences = [sentence for concern in catalogue.concerns for sentence in concern.ideal]
    whole = library.likeness(chunks, [*queries.values(), *sentences])
    facets, rest = whole[:, : len(queries)], whole[:, len(queries) :]
    ideals = np.zeros((len(chunks), len(catalogue.concerns)))
    start = 0
    for column, concern in enumerate(catalogue.concerns):
        end = start + len(concern.ideal)
        if end > start:
            ideals[:, column] = rest[:, start:end].max(axis=1)
        start = end
    return facets, ideals


def _nearness(plan: Plan, choices: Sequence[Choice], read: CandidatesRead) -> list[tuple[Nearness, ...]]:
    """Return for each choice the facets that it is near to: by the nearest passage of all that state a part of it."""
    rows = {(one.source, one.start, one.end): row for row, one in enumerate(read.candidates)}
    ids = [facet.id for facet in plan.facets]
    found = []
    for choice in choices:
        stated = (*(choice.parts or (choice.candidate,)), *choice.repeated)
        cosines = read.likeness[[rows[one.source, one.start, one.end] for one in stated]].max(axis=0)
        found.append(near_facets(dict(zip(ids, cosines.tolist(), strict=True))))
    return found


def _verified(
    plan: Plan,
    choices: Sequence[Choice],
    near: Sequence[tuple[Nearness, ...]],
    read: CandidatesRead,
    deprecated: frozenset[str],
    estimator: DeltaEstimator,
) -> Researched:
    """Turn choices into claims; one whose quotes do not carry it is left out and recorded.

    A claim that rests on a page which calls itself out of date, is only partly supported, or says what anybody may say
    never stands in the body.
    """
    questions = {question.id: question for brief in plan.briefs for question in brief.questions}
    terms = {facet.id: facet_terms(facet, questions[facet.question_id]) for facet in plan.facets}
    kept: list[Choice] = []
    claims: list[Claim] = []
    dropped: list[Dropped] = []
    for choice, cosines in zip(choices, near, strict=True):
        candidate = choice.candidate
        verdict = verify_claim(candidate.claim_text, candidate.citations, read.pages)
        if verdict.support == "unsupported":
            dropped.append(
                Dropped(source=candidate.source, start=candidate.start, end=candidate.end, reason=verdict.reason)
            )
        else:
            kept.append(choice)
            delta = estimator.estimate(candidate.text)
            answered = _answered(choice, cosines, terms)
            claims.append(make_claim(choice, verdict, facets=answered, delta=delta, near=cosines))
    unique = with_unique_ids(claims)
    by_question: dict[str, list[Claim]] = {}
    for choice, claim in zip(kept, unique, strict=True):
        by_question.setdefault(choice.question_id, []).append(claim)
    body = [
        unique[position].id
        for position in body_order(kept, read.ranking, [claim.delta for claim in unique])
        if unique[position].verdict.support == "supported"
        and unique[position].delta >= BODY_DELTA
        and kept[position].candidate.source not in deprecated
    ]
    return Researched(claims=by_question, body=tuple(body), dropped=tuple(dropped))


def _traced(plan: Plan, choices: Sequence[Choice], read: CandidatesRead, researched: Researched) -> tuple[Traced, ...]:
    """Return what became of every candidate, by source and position."""
    import numpy as np

    if not read.candidates:
        return ()
    numbers = {question.id: question.number for brief in plan.briefs for question in brief.questions}
    ids = list(read.ranking.scores)
    scores = np.stack([read.ranking.scores[id_] for id_ in ids])
    places = np.argsort(np.argsort(-scores, axis=1, kind="stable"), axis=1) + 1
    best = scores.argmax(axis=0)
    outcomes = _outcomes(choices, researched)
    found = []
    for index, candidate in enumerate(read.candidates):
        place = (candidate.source, candidate.start, candidate.end)
        outcome, claim = outcomes.get(place, ("cut" if read.near[index].any() else "far", ""))
        question = ids[best[index]]
        parts = read.ranking.signals[question]
        found.append(
            Traced(
                source=candidate.source,
                start=candidate.start,
                end=candidate.end,
                outcome=outcome,
                claim=claim,
                question=numbers[question],
                score=round(float(scores[best[index], index]), 3),
                place=int(places[best[index], index]),
                signals={name: round(WEIGHTS[name] * float(values[index]), 3) for name, values in parts.items()},
            )
        )
    return tuple(sorted(found, key=lambda one: (one.source, one.start, one.end)))


def _outcomes(choices: Sequence[Choice], researched: Researched) -> dict[tuple[str, int, int], tuple[Outcome, str]]:
    """Return the outcome and the claim of every candidate that was chosen, or says the same as one that was."""
    claims = {
        (claim.citations[-1].source, claim.citations[-1].end, claim.text): claim.id for claim in researched.all_claims
    }
    outcomes: dict[tuple[str, int, int], tuple[Outcome, str]] = {}
    for choice in choices:
        one = choice.candidate
        id_ = claims.get((one.citations[-1].source, one.citations[-1].end, one.claim_text), "")
        for part in choice.parts or (one,):
            outcomes[part.source, part.start, part.end] = ("reference" if id_ else "unsupported", id_)
        for other in choice.repeated:
            outcomes.setdefault((other.source, other.start, other.end), ("repeated", id_))
    return outcomes


def _answered(choice: Choice, near: Sequence[Nearness], terms: Mapping[str, FacetTerms]) -> list[str]:
    """Return the facets that the claim answers, the most fully answered first; else the one it is nearest to."""
    said = claim_words(choice.candidate.claim_text, lead=choice.candidate.lead, near=near)
    grades = {facet_id: grade(terms[facet_id], said) for facet_id in choice.facets}
    answered = [facet_id for facet_id in sorted(choice.facets, key=lambda f: -grades[f]) if grades[facet_id]]
    return answered or [choice.facets[0]]
