"""Plan: a brief's questions to facets, each mapped to the coverage targets it counts for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from skillgen.model.brief import Brief, Facet, Plan, Question, Target
from skillgen.model.corpus import content_id
from skillgen.model.draft import Draft
from skillgen.protocols import Embedder

_PARENTHESES = re.compile(r"\([^()]*\)")
# A question asks one thing more at a dash, a semicolon, or an "and"/"or"/comma before another question word, which may
# have a preposition before it ("and during which hours").
_INTERROGATIVE = (
    r"(?:(?:in|on|at|by|to|from|during|for|under|with|of|after|before)\s+)?(?:what|which|who|whom|whose)\b"
    r"|(?:when|where|why|how|is|are|does|do|can|must)\b"
)
_SEAM = re.compile(
    rf"\s+[\u2014\u2013]\s*|\s+-{{1,2}}\s+|;\s+|:\s+(?={_INTERROGATIVE})|,?\s+(?:and|or)\s+(?={_INTERROGATIVE})"
    rf"|,\s+(?={_INTERROGATIVE})",
    re.IGNORECASE,
)
# "When a job fails, who is told": no question of its own, while "When does it run, who is told" is one.
_CONDITION = re.compile(
    r"(?:if|once|while|after|before|(?:when|where)(?!\s+(?:is|are|was|were|does|do|did|can|may|must|should|will|has|have)\b))\b",
    re.IGNORECASE,
)
_LEADING_JOINT = re.compile(r"^(?:and|or)\s+", re.IGNORECASE)
_CONFIRM = re.compile(r"^confirm(?:\s+that)?\s+", re.IGNORECASE)
_MIN_WORDS = 2


def plan_research(briefs: Sequence[Brief], *, embedder: Embedder) -> Plan:
    """Return the facets of every question and quality check with the targets they count for.

    A facet counts for the target that is nearest to it (cosine of the embeddings, the facet read with its question). A
    target that is nearest to no facet takes the facet that is nearest to it, so that no target goes without.
    """
    facets: list[Facet] = []
    for brief in briefs:
        asked: dict[tuple[str, str], tuple[Question, str]] = {}
        for question, text in _asked(brief, embedder):
            asked.setdefault((question.id, text.casefold()), (question, text))
        facets.extend(_mapped(brief, list(asked.values()), embedder))
    return Plan(briefs=tuple(briefs), facets=tuple(facets))


def split_facets(question: str) -> tuple[str, ...]:
    """Return the atomic things that a question asks, in its own words; examples in parentheses stay with their part."""
    held: list[str] = []

    def hold(match: re.Match[str]) -> str:
        held.append(match.group())
        return f"\0{len(held) - 1}\0"

    masked = _PARENTHESES.sub(hold, question.replace("\0", " ").strip().rstrip("?").strip())
    parts = [_LEADING_JOINT.sub("", part.strip(" ,;")) for part in _whole_parts(masked)]
    return tuple(re.sub(r"\0(\d+)\0", lambda match: held[int(match[1])], part) for part in parts if part)


def _whole_parts(question: str) -> Iterator[str]:
    """Yield the parts of a question; a single word or a condition stays with what follows it."""
    start = 0
    for seam in _SEAM.finditer(question):
        part = question[start : seam.start()].strip()
        condition = seam.group().lstrip().startswith(",") and _CONDITION.match(part)
        last = len(question[seam.end() :].split()) < _MIN_WORDS
        if len(part.split()) >= _MIN_WORDS and not condition and not last:
            yield part
            start = seam.end()
    yield question[start:]


def _asked(brief: Brief, embedder: Embedder) -> Iterator[tuple[Question, str]]:
    """Yield (question, facet text); a quality check is one more facet of the question nearest to it."""
    for question in brief.questions:
        for text in split_facets(question.text) or (question.text,):
            yield question, text
    if not brief.quality_checks:
        return
    likeness = embedder.embed(brief.quality_checks) @ embedder.embed([q.text for q in brief.questions]).T
    for check, row in zip(brief.quality_checks, likeness.round(4).tolist(), strict=True):
        nearest = max(range(len(row)), key=lambda i: (row[i], -i))
        yield brief.questions[nearest], _CONFIRM.sub("", check).rstrip(".")


def _mapped(brief: Brief, asked: list[tuple[Question, str]], embedder: Embedder) -> list[Facet]:
    read = [f"{text} {question.text}" for question, text in asked]
    likeness = (embedder.embed(read) @ embedder.embed([t.text for t in brief.targets]).T).round(4)
    targets: list[set[int]] = [{max(range(len(row)), key=lambda i: (row[i], -i))} for row in likeness.tolist()]
    for column, scores in enumerate(likeness.T.tolist()):
        if not any(column in chosen for chosen in targets):
            targets[max(range(len(scores)), key=lambda i: (scores[i], -i))].add(column)
    return [
        Facet(
            id=content_id("fct", question.id, text, digits=8),
            question_id=question.id,
            text=text,
            targets=tuple(brief.targets[i].id for i in sorted(chosen)),
        )
        for (question, text), chosen in zip(asked, targets, strict=True)
    ]


def plan_of(draft: Draft) -> Plan:
    """Return what a draft was asked: one brief with its targets and questions, and their facets."""
    targets = tuple(Target(id=target.id, text=target.text) for target in draft.coverage.targets)
    questions = tuple(Question(id=a.question_id, number=a.number, text=a.question) for a in draft.answers)
    facets = tuple(
        Facet(id=facet.id, question_id=answer.question_id, text=facet.text, targets=facet.targets)
        for answer in draft.answers
        for facet in answer.facets
    )
    brief = Brief(
        name=draft.skill.name,
        path="",
        title="; ".join(one.title for one in draft.briefs),
        sha256="",
        variant="",
        focus="",
        delta_principle="",
        targets=targets,
        questions=questions,
    )
    return Plan(briefs=(brief,), facets=facets)
