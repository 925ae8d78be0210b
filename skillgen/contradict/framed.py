"""Statements of sentences that differ in their value alone, where the pages leave no room for two cases."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from skillgen.contradict.frames import Reading, readings
from skillgen.contradict.guards import is_about_now, is_plain, limits
from skillgen.contradict.statement import Place, Said, Statement, stated
from skillgen.model.corpus import Span
from skillgen.words import content_stems, own_names

# What titles and folders call a kind of page, or what all teams do: they name no thing that has values of its own.
_TRADE = frozenset(
    content_stems(
        "guide page runbook overview handbook readme docs documentation doc wiki how howto team faq index home rule "
        "policy process procedure checklist basics introduction summary instructions note reference manual standard "
        "practice guideline principle agreement deploy deployment deploying release releasing rollout ship shipping "
        "freeze change approval exception permission window pipeline delivery ci cd testing monitoring alert incident "
        "oncall call duty escalation support operation ops schedule calendar timetable engineering development "
        "workflow step responsibility ownership work working md html"
    )
)
# A line of so few words without a full stop works as a heading.
_LABEL_WORDS = 5
# Who decides on exceptions from a rule is a rule itself.
_EXCEPTIONS_FROM = re.compile(r"\bexceptions? (?:from|to)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence of one of the kinds.

    `before` and `after` are the sentences around it, the latter in its block or the next, and `above` is what it stands
    below: items of a list that its own is part of, a lead-in, a line that works as a heading.
    """

    place: Place
    span: Span
    before: Span | None
    after: str
    above: str
    reading: Reading


def of_frames(places: Sequence[Place]) -> Iterator[Statement]:
    """Yield what the sentences of a page state, given its blocks in order.

    A page that gives the same, or a special case of it, another value in any sentence tells two cases apart, and
    states nothing of it here.
    """
    found = [sentence for block in _blocks(places) for sentence in _sentences(*block)]
    by_stem: dict[str, set[Reading]] = defaultdict(set)
    for reading in (sentence.reading for sentence in found):
        for stem in reading.frame.stems:
            by_stem[stem].add(reading)
    for sentence in found:
        alike = min((by_stem[stem] for stem in sentence.reading.frame.stems), key=len)
        if _is_general(sentence) and not any(_tells_apart(sentence.reading, other) for other in alike):
            yield from _statement(sentence)


def _blocks(places: Sequence[Place]) -> Iterator[tuple[Place, str, str]]:
    """Yield each block with what it stands below and the first sentence of the next one under the same heading."""
    items: dict[int, str] = {}
    for at, place in enumerate(places):
        is_item = place.block.kind == "list_item"
        items = {depth: text for depth, text in items.items() if is_item and depth < place.block.depth}
        above = " ".join([place.lead if is_item else _label(places, at), *items.values()])
        if is_item:
            items[place.block.depth] = place.block.spans[0].text
        follows = at + 1 < len(places) and places[at + 1].block.heading_path == place.block.heading_path
        if place.block.kind != "table_row":
            yield place, above, places[at + 1].block.spans[0].text if follows else ""


def _label(places: Sequence[Place], at: int) -> str:
    """Return the text of the block before, under the same heading, where it works as a heading."""
    before = places[at - 1].block if at else None
    if before is None or before.heading_path != places[at].block.heading_path or before.kind == "table_row":
        return ""
    last = before.spans[-1].text.rstrip("*_ ")
    short = len(last.split()) <= _LABEL_WORDS and not last.endswith((".", "!", "?"))
    return last if short or last.endswith(":") else ""


def _sentences(place: Place, above: str, following: str) -> Iterator[_Sentence]:
    spans = place.block.spans
    for at, span in enumerate(spans):
        after = spans[at + 1].text if at + 1 < len(spans) else following
        for reading in readings(span.text):
            yield _Sentence(place, span, spans[at - 1] if at else None, after, above, reading)


def _is_general(sentence: _Sentence) -> bool:
    """Tell whether a sentence holds now and without a condition, by its own words and those around it."""
    before = sentence.before.text if sentence.before else ""
    return (
        is_plain(_EXCEPTIONS_FROM.sub("", sentence.span.text))
        and is_about_now(sentence.place.headings)
        and not any(limits(text) for text in (before, sentence.above, sentence.after))
    )


def _tells_apart(one: Reading, other: Reading) -> bool:
    return (
        one.attribute == other.attribute
        and one.frame.joint == other.frame.joint
        and one.frame.stems <= other.frame.stems
        and one.words != other.words
    )


def _statement(sentence: _Sentence) -> Iterator[Statement]:
    reading, place = sentence.reading, sentence.place
    said = Said(
        attribute=reading.attribute,
        value=reading.value,
        words=reading.words,
        named=reading.frame.names,
        about=frozenset(),
        subject=sentence.span.text,
        text=sentence.span.text,
        reading=reading,
        scope=_scope(sentence),
    )
    yield from stated(place, said, place.quoted(sentence.before, sentence.span, wide=False))


def _scope(sentence: _Sentence) -> frozenset[str]:
    """Return the stems that may limit a sentence to a thing: of headings, folders, and what stands above and before."""
    place = sentence.place
    before = sentence.before.text if sentence.before else ""
    # Of a sentence that goes before, its subject and names; of a lead-in, all.
    told = before if before.endswith(":") else " ".join([*content_stems(before)[:1], *own_names(before)])
    folders = " ".join(PurePosixPath(place.page.source).parts[:-1])
    return frozenset(content_stems(f"{place.headings} {sentence.above} {told} {folders}")) - _TRADE


def same_scope(one: Statement, two: Statement) -> bool:
    """Tell whether what limits either statement is known to the other; pages of one file name are of two things."""
    paths = [PurePosixPath(each.page.source) for each in (one, two)]
    if paths[0].name.casefold() == paths[1].name.casefold():
        return False
    return one.scope <= two.scope | two.context and two.scope <= one.scope | one.context
