"""Draft: everything that was found out, as one record, and its JSON form."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from skillgen.model.brief import Facet, Plan, Question
from skillgen.model.corpus import content_id
from skillgen.model.draft import Answer, Citation, Claim, Draft, FacetGrade, Gap, NearestPage, Searched, Status, Verdict
from skillgen.model.research import Candidate, Choice, FacetPassages
from skillgen.words import hard_tokens, words

MAX_NEAREST = 3
MAX_ALSO_CITED = 20
_CAPITALISED = re.compile(r"(?<=[\w,;] )[A-Z][\w-]+")
_SPECIFICS_FOR_FULL_DELTA = 4


def make_claim(choice: Choice, verdict: Verdict, *, facets: Sequence[str]) -> Claim:
    """Return the claim of a choice; its id follows from what it says and what it cites, so that a rebuild keeps it."""
    candidate = choice.candidate
    text = candidate.claim_text
    return Claim(
        id=claim_id(text, candidate.citations),
        text=text,
        lead=candidate.lead,
        facets=tuple(facets),
        also_answers=choice.also_answers,
        in_body=False,
        delta=estimate_delta(candidate),
        verdict=verdict,
        citations=candidate.citations,
        also_cited=tuple(c for place in choice.repeated for c in place.citations)[:MAX_ALSO_CITED],
    )


def claim_id(text: str, citations: Sequence[Citation]) -> str:
    """Return `clm-` and 8 hexadecimal digits of the claim's text and of its sources and quotes."""
    return content_id("clm", text, *(part for c in citations for part in (c.source, c.quote)), digits=8)


def with_unique_ids(claims: Sequence[Claim]) -> tuple[Claim, ...]:
    """Return the claims with ids that differ: of two with one id, the later is counted on until it is free."""
    taken: set[str] = set()
    unique = []
    for claim in claims:
        id_, turn = claim.id, 0
        while id_ in taken:
            turn += 1
            id_ = content_id("clm", claim.id, str(turn), digits=8)
        taken.add(id_)
        unique.append(claim if id_ == claim.id else replace(claim, id=id_))
    return tuple(unique)


def estimate_delta(candidate: Candidate) -> float:
    """Return how far a statement goes beyond what a model knows, from 0 to 1: an estimate that needs no model.

    It counts what only this organisation can have written: code, paths, identifiers, numbers and names inside a
    sentence. Four of them or more give 1.
    """
    specifics = set(hard_tokens(candidate.text)) | set(_CAPITALISED.findall(candidate.text))
    return round(min(1.0, len(specifics) / _SPECIFICS_FOR_FULL_DELTA), 2)


def with_body(draft: Draft, claim_ids: frozenset[str]) -> Draft:
    """Return the draft with just these claims in the body of the skill."""
    answers = tuple(
        replace(answer, claims=tuple(replace(claim, in_body=claim.id in claim_ids) for claim in answer.claims))
        for answer in draft.answers
    )
    return replace(draft, answers=answers)


def make_answers(
    plan: Plan, claims: Mapping[str, Sequence[Claim]], grades: Mapping[str, float], retrieved: Sequence[FacetPassages]
) -> tuple[Answer, ...]:
    """Return an answer for every question of the plan, in the briefs' order."""
    return tuple(
        _answer(question, [f for f in plan.facets if f.question_id == question.id], claims, grades, retrieved)
        for brief in plan.briefs
        for question in brief.questions
    )


def _answer(
    question: Question,
    facets: Sequence[Facet],
    claims: Mapping[str, Sequence[Claim]],
    grades: Mapping[str, float],
    retrieved: Sequence[FacetPassages],
) -> Answer:
    found = [item for item in retrieved if item.facet_id in {facet.id for facet in facets}]
    chunks = {passage.chunk.chunk_id: passage.chunk.source for item in found for passage in item.passages}
    return Answer(
        question_id=question.id,
        number=question.number,
        question=question.text,
        status=_status([grades[facet.id] for facet in facets]),
        facets=tuple(FacetGrade(id=f.id, text=f.text, grade=grades[f.id], targets=f.targets) for f in facets),
        claims=tuple(claims.get(question.id, ())),
        searched=Searched(
            queries=tuple(item.query for item in found), passages=len(chunks), pages=len(set(chunks.values()))
        ),
    )


def _status(grades: Sequence[float]) -> Status:
    if all(grade == 1 for grade in grades):
        return "answered"
    return "partial" if any(grades) else "unanswered"


def find_gaps(plan: Plan, grades: Mapping[str, float], retrieved: Sequence[FacetPassages]) -> tuple[Gap, ...]:
    """Return a gap for every facet that no verified claim answers, even in part."""
    questions = {question.id: question for brief in plan.briefs for question in brief.questions}
    by_facet = {item.facet_id: item for item in retrieved}
    return tuple(
        _gap(facet, questions[facet.question_id], by_facet[facet.id]) for facet in plan.facets if not grades[facet.id]
    )


def _gap(facet: Facet, question: Question, found: FacetPassages) -> Gap:
    nearest: dict[str, NearestPage] = {}
    for passage in found.passages:
        chunk = passage.chunk
        nearest.setdefault(chunk.source, NearestPage(source=chunk.source, heading_path=chunk.heading_path))
    pages = tuple(nearest.values())[:MAX_NEAREST]
    looked = f" The nearest page is {pages[0].source}." if pages else ""
    wanted = facet.text[:1].lower() + facet.text[1:] if len(words(facet.text)) > 1 else facet.text
    return Gap(
        facet=facet.id,
        question=question.text,
        searched=found.query,
        nearest=pages,
        ask=f"Our pages do not say: {wanted}.{looked} Can you tell us, and say where it should be written down?",
    )


def draft_json(draft: Draft) -> str:
    """Return the draft as JSON text, keys in the order of the records."""
    from pydantic import TypeAdapter

    data = TypeAdapter(Draft).dump_python(draft, mode="json", by_alias=True)
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def draft_from_json(text: str) -> Draft:
    """Return the draft that a JSON text holds.

    Raises:
        ValueError: the text is no draft of this schema.
    """
    from pydantic import TypeAdapter

    return TypeAdapter(Draft).validate_json(text)


def draft_schema() -> dict[str, Any]:
    """Return the JSON Schema of a draft, generated from the records."""
    from pydantic import TypeAdapter

    schema = TypeAdapter(Draft).json_schema(by_alias=True, mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
