"""Facts: what pages state that a question can ask for, each with the question, the expected values and its place.

A fact is taken only where the question is plain English and the answer can be told exactly; everything else is left.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from skillgen.model.corpus import Block, Page, Span
from skillgen.model.evaluation import Expected, TaskKind

MAX_TOPIC = 60
_NUMBER = re.compile(r"^\d+(?:\.\d+)*[.)]? ")
_ASKS = re.compile(r"(?:which|what|who|how|why|when|where)\b", re.IGNORECASE)
_MARKS = re.compile(r"[`*_\"\u201c\u201d]|[^\w\s.,:;()/&'\u2019#+-]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A fact of a page and the question for it.

    `subject` and `asked` say what is asked of what: two facts that have both in common are one question. `plain` is
    whether the question says enough without the page that it is about. `span` is what carries the fact, `header` the
    header row of its table.
    """

    kind: TaskKind
    subject: str
    asked: str
    question: str
    expected: tuple[Expected, ...]
    block: Block
    span: Span
    plain: bool
    header: Span | None = None


def fact_of_heading(block: Block, span: Span, kind: TaskKind, question: str, expected: tuple[Expected, ...]) -> Fact:
    """Return a fact whose question says enough only below its headings: they are its subject."""
    return Fact(
        kind=kind,
        subject=" ".join(block.heading_path),
        asked=question,
        question=question,
        expected=expected,
        block=block,
        span=span,
        plain=False,
    )


def topic_of(page: Page, block: Block) -> str:
    """Return what a passage is about as a reader would call it: its nearest heading, and the page's title."""
    title = _plain(block.heading_path[0] if block.heading_path else page.title)
    heading = _NUMBER.sub("", _plain(block.heading_path[-1])) if len(block.heading_path) > 1 else ""
    heading = "" if _ASKS.match(heading) else heading
    title = re.split(r": ", title, maxsplit=1)[0] if len(title) > MAX_TOPIC else title
    if not heading or heading.casefold() == title.casefold() or len(heading) > MAX_TOPIC:
        return f'"{title}"' if title else ""
    return f'"{heading}" ({title})'


def _plain(heading: str) -> str:
    return " ".join(_MARKS.sub(" ", heading).split()).rstrip(" :.")


def in_topic(fact_question: str, topic: str) -> str:
    """Return a question with what it is about said first."""
    opening = fact_question[:1].lower() + fact_question[1:] if fact_question[1:2].islower() else fact_question
    return f"About {topic}: {opening}"
