"""A draft's gaps as a clarifications file of Skill Builder, on which owners answer and which the next build reads.

The fields are those of version 1 of that format, no more and no fewer. `consolidated_from` names the gap's facet, so
that a later export knows a question again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from skillgen.errors import UserError
from skillgen.model.draft import Contradiction, Draft, FacetGrade, Gap
from skillgen.words import squeezed

# Read back as "not answered" by skillgen.parse.statements.
UNDECIDED = "To be decided"
_NOT_HERE = "This does not exist or does not apply in our organisation."
_OTHER = "Other (please specify)"
_HOW = "C - Write the answer into answer_text, as a full sentence that names what was asked."
_DISAGREE = "Pages disagree: "
_FACET = re.compile(r"fct-[0-9a-f]{8}")
_ID = re.compile(r"Q(\d{1,6})")
_MAX_TITLE = 120
_HINT = "Name another file, or mend this one."

Entry = dict[str, Any]
# Never changed, only copied from.
_EMPTY: Mapping[str, Any] = {
    "version": "1",
    "metadata": {},
    "sections": [],
    "notes": [],
    "answer_evaluator_notes": [],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Clarifications:
    """A clarifications file: its text, and how many of its questions are new, still open, and answered.

    `unclear` are the ids of questions that are answered although the gap is there still.
    """

    text: str
    new: int
    open: int
    answered: int
    unclear: tuple[str, ...]


def clarifications(draft: Draft, before: str = "", *, name: str = "") -> Clarifications:
    """Return the file of a draft's gaps: a section for each question of the briefs, in it what is not answered.

    Args:
        draft: The draft.
        before: The text of the file as it is now, or nothing. Answered questions, those that skillgen did not write,
            and everything else in it are kept; its own open questions are replaced by the gaps of the draft.
        name: How errors call that file.

    Raises:
        UserError: `before` is no clarifications file.
    """
    held = _read(before, name)
    known = {facet: str(q.get("id")) for _, q in _questions(held) for facet in _facets(q)}
    sections = [{**section, "questions": _kept(section)} for section in held["sections"]]
    answered = {facet for _, q in _questions({"sections": sections}) for facet in _facets(q)}
    ids = _free_ids([*known.values(), *(str(q.get("id")) for _, q in _questions(held))])
    new = 0
    for title, description, gap, facet, must in _asked(draft):
        if gap.facet not in answered:
            new += gap.facet not in known
            id_ = known.get(gap.facet) or next(ids)
            asked = _question(id_, gap, _question_title(facet.text, title), must=must)
            _section(sections, title, description)["questions"].append(asked)
    data = {**held, "sections": [section for section in sections if section["questions"]]}
    data["notes"] = [*_own_notes(held), *(_note(one) for one in draft.contradictions)]
    data["metadata"] = _metadata(data, f"Open questions of {draft.skill.name}")
    gaps = {gap.facet for gap in draft.gaps}
    states = [(_is_answered(q), str(q.get("id")), gaps & _facets(q)) for _, q in _questions(data)]
    return Clarifications(
        text=json.dumps(data, ensure_ascii=False, indent=2) + "\n",
        new=new,
        open=sum(not done for done, _, _ in states),
        answered=sum(done for done, _, _ in states),
        unclear=tuple(id_ for done, id_, still in states if done and still),
    )


# -- what is in the file -----------------------------------------------------------------------------------------------


def _read(before: str, name: str) -> Entry:
    """Return what a file holds, or an empty one.

    Raises:
        UserError: it is no clarifications file.
    """
    if not before.strip():
        return dict(_EMPTY)
    try:
        held = json.loads(before)
    except (ValueError, RecursionError) as error:
        raise UserError(f"{name} is no JSON ({error}), so it was left as it is.", hint=_HINT) from error
    sections = held.get("sections") if isinstance(held, dict) else None
    if not isinstance(sections, list) or not all(_is_section(section) for section in sections):
        raise UserError(f"{name} holds no sections with questions, so it was left as it is.", hint=_HINT)
    if not isinstance(held.get("metadata", {}), dict) or not isinstance(held.get("notes", []), list):
        raise UserError(f"{name} has metadata or notes of another form, so it was left as it is.", hint=_HINT)
    return {**_EMPTY, **held}


def _is_section(section: object) -> bool:
    if not isinstance(section, dict):
        return False
    questions = section.get("questions")
    return isinstance(questions, list) and all(isinstance(question, dict) for question in questions)


def _questions(data: Mapping[str, Any]) -> Iterator[tuple[Entry, Entry]]:
    """Yield every question with its section; refinements belong to their question."""
    for section in data["sections"]:
        for question in section["questions"]:
            yield section, question


def _kept(section: Entry) -> list[Entry]:
    """Return the questions that stay: those that are answered, and those that skillgen did not write."""
    return [question for question in section["questions"] if _is_answered(question) or not _facets(question)]


def _facets(question: Entry) -> frozenset[str]:
    held = question.get("consolidated_from")
    return frozenset(one for one in held if isinstance(one, str) and _FACET.fullmatch(one)) if held else frozenset()


def _is_answered(question: Entry) -> bool:
    said = (question.get(key) for key in ("answer_choice", "answer_text"))
    return any(isinstance(one, str) and one.strip() for one in said)


def _free_ids(taken: Sequence[str]) -> Iterator[str]:
    number = max((int(found[1]) for id_ in taken if (found := _ID.fullmatch(id_))), default=0)
    while True:
        number += 1
        yield f"Q{number}"


def _own_notes(held: Entry) -> list[object]:
    """Return the notes that skillgen did not write."""
    return [
        note
        for note in held["notes"]
        if not (isinstance(note, dict) and str(note.get("title", "")).startswith(_DISAGREE))
    ]


# -- what is new -------------------------------------------------------------------------------------------------------


def _asked(draft: Draft) -> Iterator[tuple[str, str, Gap, FacetGrade, bool]]:
    """Yield title and description of its section, the facet, and whether it must be answered for each gap."""
    gaps = {gap.facet: gap for gap in draft.gaps}
    titles = ", ".join(brief.title for brief in draft.briefs)
    for answer in draft.answers:
        for facet in answer.facets:
            if facet.id in gaps:
                description = f"Question {answer.number} of the brief {titles}."
                yield answer.question, description, gaps[facet.id], facet, answer.status == "unanswered"


def _section(sections: list[Entry], title: str, description: str) -> Entry:
    """Return the section of a title; it is added where there is none."""
    found = next((section for section in sections if section.get("title") == title), None)
    if found is None:
        ids = [section["id"] for section in sections if isinstance(section.get("id"), int)]
        found = {"id": max(ids, default=0) + 1, "title": title, "description": description, "questions": []}
        sections.append(found)
    return found


def _question(id_: str, gap: Gap, title: str, *, must: bool) -> Entry:
    return {
        "id": id_,
        "title": title,
        "must_answer": must,
        "text": gap.ask,
        "consolidated_from": [gap.facet],
        "choices": [
            {"id": "A", "text": _NOT_HERE, "is_other": False},
            {"id": "B", "text": UNDECIDED, "is_other": False},
            {"id": "C", "text": _OTHER, "is_other": True},
        ],
        "recommendation": _HOW,
        "answer_choice": None,
        "answer_text": None,
        "refinements": [],
    }


def _question_title(facet: str, question: str) -> str:
    """Return what a facet asks; one that is the whole question has the title of its section."""
    return question if squeezed(facet) == squeezed(question) else _title(facet)


def _title(text: str) -> str:
    flat = " ".join(text.split())
    short = flat if len(flat) <= _MAX_TITLE else flat[:_MAX_TITLE].rsplit(" ", 1)[0] + " …"
    return short[:1].upper() + short[1:]


def _note(one: Contradiction) -> Entry:
    """Return what pages disagree about and where; their words stay out, so that no quote is found in this file."""
    places = [f"{c.source}:{c.lines[0]}" for c in one.citations]
    body = f"These places disagree ({one.kind}): {'; '.join(places)}."
    return {"type": "inconsistency", "title": f"{_DISAGREE}{_title(one.topic)}", "body": body}


def _metadata(data: Entry, title: str) -> Entry:
    """Return the metadata with counts that are those of the lists."""
    questions = [question for _, question in _questions(data)]
    every = [one for question in questions for one in _with_refinements(question)]
    priority = [str(one.get("id")) for one in every if one.get("must_answer") is True]
    counts = {
        "question_count": len(questions),
        "section_count": len(data["sections"]),
        "refinement_count": len(every) - len(questions),
        "must_answer_count": len(priority),
        "priority_questions": priority,
    }
    return {"title": title, **counts, "scope_recommendation": False, **data["metadata"], **counts}


def _with_refinements(question: Entry) -> Iterator[Entry]:
    yield question
    held = question.get("refinements")
    for refinement in held if isinstance(held, list) else []:
        if isinstance(refinement, dict):
            yield from _with_refinements(refinement)
