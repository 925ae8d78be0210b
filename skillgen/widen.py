"""Widen: search phrases for the parts of every question, in the words that a page with the answer would use.

Of the corpus a model sees headings only, so that it knows the organisation's words. Its phrases are searched with and
become part of nothing else: a bad one costs a search.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from skillgen.batches import source_of, with_at_most
from skillgen.chat.prompts import load_prompt
from skillgen.model.answer import Unanswered
from skillgen.model.aside import Widened
from skillgen.model.brief import Facet, Plan, Question
from skillgen.model.chat import ChatFailure, ChatReply, ChatRequest, ChatSource
from skillgen.model.corpus import Page
from skillgen.protocols import Asker
from skillgen.words import content_stems

MAX_PHRASES = 4
MAX_WORDS = 8
MAX_HEADINGS = 60
# 60 headings of this length are about 1,200 tokens, which leaves a context of 4,096 tokens room for the reply.
_HEADING_CHARS = 80
# As many parts as the schema of the reply takes.
_PARTS = 8

_Heading = tuple[str, frozenset[str], ChatSource]


def widen_facets(asker: Asker, plan: Plan, pages: Iterable[Page] = ()) -> Widened:
    """Return up to four search phrases of at most eight words for each facet of the plan, as far as a model has any.

    Args:
        asker: The model.
        plan: The questions with their facets.
        pages: The corpus; for each question at most 60 of its headings are shown, the likest first.
    """
    headings = _headings(pages)
    asked = list(_asked(plan))
    requests = [_request(question, facets, headings) for question, facets in asked]
    phrases: dict[str, tuple[str, ...]] = {facet.id: () for facet in plan.facets}
    unanswered = []
    for (question, facets), reply in zip(asked, asker.ask("expand", requests), strict=True):
        if isinstance(reply, ChatFailure):
            unanswered.append(Unanswered.of("expand", [question.id], reply))
        else:
            phrases |= _read(reply, question, facets)
    return Widened(phrases=phrases, unanswered=tuple(unanswered))


def _asked(plan: Plan) -> Iterable[tuple[Question, Sequence[Facet]]]:
    """Yield every question with as many of its facets as one reply can be about."""
    for brief in plan.briefs:
        for question in brief.questions:
            facets = [facet for facet in plan.facets if facet.question_id == question.id]
            for start in range(0, len(facets), _PARTS):
                yield question, facets[start : start + _PARTS]


def _request(question: Question, facets: Sequence[Facet], headings: Sequence[_Heading]) -> ChatRequest:
    shown = _likest(headings, " ".join((question.text, *(facet.text for facet in facets))))
    values = {
        "question": question.text,
        "parts": "\n".join(f"{number}. {facet.text}" for number, facet in enumerate(facets, 1)),
        "headings": "\n".join(text for text, _, _ in shown) or "(none)",
    }
    request = load_prompt("expand").request(values, sources=[source for _, _, source in shown])
    return with_at_most(request, "parts", len(facets))


# -- headings ----------------------------------------------------------------------------------------------------------


def _headings(pages: Iterable[Page]) -> list[_Heading]:
    """Return the titles and headings of the pages, each once, with its stems and the first page that has it."""
    found: dict[str, _Heading] = {}
    for page in sorted(pages, key=lambda page: page.source):
        source = source_of(page)
        for text in dict.fromkeys(
            (page.title, *(block.heading_path[-1] for block in page.blocks if block.heading_path))
        ):
            line = " ".join(text.split())[:_HEADING_CHARS]
            if line:
                found.setdefault(line.casefold(), (line, frozenset(content_stems(line)), source))
    return list(found.values())


def _likest(headings: Sequence[_Heading], asked: str) -> list[_Heading]:
    """Return the headings that share most words with what is asked, of equals first those with more words."""
    wanted = set(content_stems(asked))
    ordered = sorted(headings, key=lambda one: (-len(one[1] & wanted), -len(one[1]), one[0]))
    return ordered[:MAX_HEADINGS]


# -- replies -----------------------------------------------------------------------------------------------------------


def _read(reply: ChatReply, question: Question, facets: Sequence[Facet]) -> Mapping[str, tuple[str, ...]]:
    read: dict[str, tuple[str, ...]] = {}
    for part in reply.parsed["parts"]:
        number = int(part["number"])
        if number <= len(facets):
            facet = facets[number - 1]
            read.setdefault(facet.id, _usable(part["phrases"], f"{facet.text} {question.text}"))
    return read


def _usable(phrases: Sequence[str], asked: str) -> tuple[str, ...]:
    """Return the phrases that say something beyond the question, at most eight words of each, none twice."""
    known = set(content_stems(asked))
    usable: dict[frozenset[str], str] = {}
    for phrase in phrases:
        cut = " ".join(phrase.split()[:MAX_WORDS]).strip(" ?.,;:")
        stems = frozenset(content_stems(cut))
        if stems - known:
            usable.setdefault(stems, cut)
    return tuple(usable.values())[:MAX_PHRASES]
