"""Draft: everything that was found out, as one record, and its JSON form."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from skillgen.model.brief import Facet, Plan, Question
from skillgen.model.corpus import content_id
from skillgen.model.delta import Delta
from skillgen.model.draft import (
    Answer,
    Citation,
    Claim,
    Draft,
    FacetGrade,
    Gap,
    NearestPage,
    Nearness,
    Searched,
    Status,
    Verdict,
    looked_at,
)
from skillgen.model.research import Choice, FacetPassages
from skillgen.model.trace import Trace
from skillgen.quotes import MAX_ALSO_CITED
from skillgen.words import squeezed

MAX_NEAREST = 3


def make_claim(
    choice: Choice, verdict: Verdict, *, facets: Sequence[str], delta: Delta, near: Sequence[Nearness] = ()
) -> Claim:
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
        delta=delta.value,
        delta_reason=delta.reason,
        verdict=verdict,
        citations=candidate.citations,
        also_cited=tuple(c for place in choice.repeated for c in place.citations)[:MAX_ALSO_CITED],
        near=tuple(near),
        breaks=candidate.claim_breaks,
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


def find_gaps(
    plan: Plan, grades: Mapping[str, float], retrieved: Sequence[FacetPassages], *, touched: Collection[str] = ()
) -> tuple[Gap, ...]:
    """Return a gap for every facet of a question that no verified claim answers, even in part.

    A quality check is no part of its question and makes no gap: it asks for nothing that a person could answer.
    `touched` are the facets that claims speak of all the same: their gaps do not say that nothing was found.
    """
    questions = {question.id: question for brief in plan.briefs for question in brief.questions}
    by_facet = {item.facet_id: item for item in retrieved}
    targets = {target.id: target.text for brief in plan.briefs for target in brief.targets}
    return tuple(
        _gap(
            facet,
            questions[facet.question_id],
            by_facet[facet.id],
            about=next((_label(targets[id_]) for id_ in facet.targets if id_ in targets), ""),
            touched=facet.id in touched,
        )
        for facet in plan.facets
        if not grades[facet.id] and squeezed(facet.text) in squeezed(questions[facet.question_id].text)
    )


def _gap(facet: Facet, question: Question, found: FacetPassages, *, about: str, touched: bool) -> Gap:
    nearest: dict[str, NearestPage] = {}
    for passage in found.passages:
        chunk = passage.chunk
        page = NearestPage(source=chunk.source, heading_path=chunk.heading_path, owner=passage.facts.owner)
        nearest.setdefault(chunk.source, page)
    pages = tuple(nearest.values())[:MAX_NEAREST]
    return Gap(
        facet=facet.id,
        question=question.text,
        searched=found.query,
        nearest=pages,
        ask=_missing(facet.text, question.text, about=about, touched=touched) + looked_at(pages),
    )


_ASKS = re.compile(
    r"(?:is|are|was|were|does|do|did|can|could|must|should|shall|may|might|will|would|has|have|had"
    r"|isn't|aren't|doesn't|don't|can't|won't"
    r"|(?:(?:at|after|before|by|during|for|from|in|into|of|on|through|to|under|until|via|with)\s+)?"
    r"(?:what|which|who|whom|whose|when|where|why|how))\b",
    re.IGNORECASE,
)
_JOINED = re.compile(r"^(?:(?:and|or|that)\s+)+(?=\w)", re.IGNORECASE)
_ACRONYM = re.compile(r"\w*[A-Z0-9]\w*[A-Z0-9]|[A-Z]\b|\W")
_MAX_LABEL = 40


def _label(target: str) -> str:
    """Return what a coverage target calls its subject before a colon, or nothing."""
    label, colon, _ = " ".join(target.split()).partition(": ")
    return label if colon and len(label) <= _MAX_LABEL else ""


def _missing(facet: str, question: str, *, about: str = "", touched: bool = False) -> str:
    """Return what was not found, a question or a part of one behind the label of its target."""
    part = _JOINED.sub("", " ".join(facet.split())).rstrip(" ?.;:,")
    asked = f"{part}?" if _ASKS.match(part) else f'what holds for "{part}"?'
    if about and squeezed(part) != squeezed(question):
        asked = f"{about}: {asked if _ACRONYM.match(asked) else asked[:1].lower() + asked[1:]}"
    said = "Pages speak of this, but no clear answer was found." if touched else "Nothing was found on this."
    return f"{asked[:1].upper()}{asked[1:]} {said}"


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


def trace_json(trace: Trace) -> str:
    """Return a trace as JSON text, one candidate a line."""
    head = {"skill": trace.skill, "kept": trace.kept}
    lines = ",\n".join(json.dumps(asdict(one), ensure_ascii=False) for one in trace.candidates)
    return f'{json.dumps(head, ensure_ascii=False)[:-1]}, "candidates": [\n{lines}\n]}}\n'


def trace_from_json(text: str) -> Trace:
    """Return the trace that a JSON text holds.

    Raises:
        ValueError: the text is no trace.
    """
    from pydantic import TypeAdapter

    return TypeAdapter(Trace).validate_json(text)


def draft_schema() -> dict[str, Any]:
    """Return the JSON Schema of a draft, generated from the records."""
    from pydantic import TypeAdapter

    schema = TypeAdapter(Draft).json_schema(by_alias=True, mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
