"""Contradictions: places that give different values, times, owners or orders for the same thing.

Precision comes first. A pair is reported only where both places name the thing, by an identifier or by the same
telling words, or say the same but for the value, and nothing beside the values sets them apart: environment, time, case
or kind. Two pages that disagree are needed, as one page mostly tells two cases apart in words of its own.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from skillgen.contradict.framed import of_frames, same_scope
from skillgen.contradict.guards import is_current, may_be_same, same_environment, same_version
from skillgen.contradict.orders import Inversion, inversions, procedures
from skillgen.contradict.prose import of_prose
from skillgen.contradict.records import of_record
from skillgen.contradict.report import of_order, of_values
from skillgen.contradict.statement import Place, Statement, telling_stems
from skillgen.model.corpus import Page
from skillgen.model.draft import Contradiction
from skillgen.model.facts import PageFacts

# What so many places speak of is no specific thing; this also bounds the pairs to compare.
MAX_STATEMENTS = 60
MAX_PLACES = 4

_STATING = ("paragraph", "list_item", "table_row")
_REFERS = re.compile(r"\b(?:that|this|these|those)\s+\w+|^(?:It|They)\b")

_BOTH_NAME, _ONE_NAMES, _SAME_FRAME, _AROUND_NAMES, _TABLE = 3.0, 2.0, 1.5, 1.0, 0.5
# A sentence with so many values is one that every page of a kind fills in for its own thing.
_TEMPLATE_VALUES = 3


@dataclass(frozen=True, slots=True)
class _Clash:
    """Two statements that cannot both hold, what both are about, and how sure that is."""

    one: Statement
    two: Statement
    entity: str
    sure: float


def find_contradictions(
    pages: Iterable[Page], facts: Mapping[str, PageFacts], *, limit: int = 8
) -> tuple[Contradiction, ...]:
    """Return at most `limit` contradictions, the surest first; a thing and its attribute are reported once.

    Pages that call themselves deprecated, and pages about the past or about plans, are not read.
    """
    current = sorted((page for page in pages if is_current(page, facts.get(page.source))), key=lambda page: page.source)
    clashes = sorted(_clashes([statement for page in current for statement in _statements(page)]), key=_order)
    orders = _distinct(inversions(procedure for page in current for procedure in procedures(page)))
    chosen = _chosen(clashes)[: max(0, limit)]
    found = [of_values(clash.entity, _places(clash, clashes), facts) for clash in chosen]
    return tuple([*found, *(of_order(inversion, facts) for inversion in orders)][: max(0, limit)])


# -- statements ----------------------------------------------------------------------------------------------------


def _statements(page: Page) -> Iterator[Statement]:
    """Yield what a page states; code blocks and headings state nothing."""
    places = list(_places_to_read(page))
    for place in places:
        yield from of_record(place)
        if place.block.kind != "table_row":
            yield from of_prose(place)
    yield from of_frames(places)


def _places_to_read(page: Page) -> Iterator[Place]:
    """Yield the blocks that may state something, each with what leads to it, in the order of the text."""
    paragraph = before = ""
    for block in page.blocks:
        if block.kind == "heading":
            paragraph = before = ""
        if block.kind not in _STATING or not block.spans:
            continue
        text = " ".join(span.text for span in block.spans)
        # A list goes on from the paragraph above it, "that request" from whatever block stands before.
        lead = paragraph if block.kind == "list_item" else before if _REFERS.search(text) else ""
        yield Place(page, block, lead)
        if block.kind != "table_row":
            before, paragraph = text, text if block.kind == "paragraph" else paragraph


def _by_key(stated: Sequence[Statement]) -> dict[tuple[str, str], list[Statement]]:
    """Return the statements by attribute and thing: an identifier, a word of the subject after a blank, or a frame."""
    groups: dict[tuple[str, str], list[Statement]] = defaultdict(list)
    for statement in stated:
        if statement.reading is not None:
            groups[statement.attribute, statement.reading.frame.key].append(statement)
            continue
        for key in {*statement.named, *statement.about, *(f" {stem}" for stem in statement.subject)}:
            groups[statement.attribute, key].append(statement)
    return groups


# -- pairs ---------------------------------------------------------------------------------------------------------


def _order(clash: _Clash) -> tuple[float, str, int, str, int, str]:
    return -clash.sure, clash.one.page.source, clash.one.start, clash.two.page.source, clash.two.start, clash.entity


def _clashes(stated: Sequence[Statement]) -> Iterator[_Clash]:
    for (_, key), group in _by_key(stated).items():
        if len(group) > MAX_STATEMENTS or _is_template(group):
            continue
        for one, two in combinations(group, 2):
            if one.differs(two) and not _set_apart(one, two) and (sure := _sureness(one, two, key)):
                yield _Clash(one, two, key.strip(), sure)


def _is_template(group: Sequence[Statement]) -> bool:
    """Tell whether pages share a sentence that each fills in for its own thing."""
    return group[0].reading is not None and len({one.words.casefold() for one in group}) >= _TEMPLATE_VALUES


def _set_apart(one: Statement, two: Statement) -> bool:
    """Tell whether the two may both be right: on one page, or of another environment, kind, part, place or version."""
    return (
        one.page.source == two.page.source
        or one.contrasts != two.contrasts
        or not may_be_same(one.parts, two.parts)
        or not may_be_same(one.locations, two.locations)
        or not same_environment(one.environments, two.environments)
        or not same_version(one.page.source, two.page.source)
    )


def _sureness(one: Statement, two: Statement, key: str) -> float:
    """Return how sure it is that two statements are about the same thing, or 0."""
    if one.reading and two.reading:
        same = one.reading.frame.matches(two.reading.frame) and same_scope(one, two)
        return _SAME_FRAME if same else 0
    if key.startswith(" "):
        return _AROUND_NAMES if _same_by_words(one, two) else 0
    if key in one.named and key in two.named:
        return _BOTH_NAME + _TABLE * (one.in_table + two.in_table)
    if key in one.named or key in two.named:
        named, other = (one, two) if key in one.named else (two, one)
        strange = other.subject and not other.subject & named.known
        return 0 if other.named or strange else _ONE_NAMES + _TABLE * named.in_table
    # Only the surroundings name it: the sentences themselves must then speak of the same.
    return _AROUND_NAMES if len(one.said & two.said) > 1 else 0


def _same_by_words(one: Statement, two: Statement) -> bool:
    """Tell whether two statements, not both with identifiers, are about the same by their words."""
    if not one.subject & two.subject or (one.named and two.named):
        return False
    if one.attribute == "owner":
        explained = one.subject <= two.known and two.subject <= one.known
        return explained and len((one.subject | one.headings) & (two.subject | two.headings)) > 1
    return _is_linked(one, two) or _is_linked(two, one)


def _is_linked(one: Statement, two: Statement) -> bool:
    """Tell whether a statement speaks of what the other is about.

    It says the words of the other's title, or those of the other's subject, one of which is an identifier there.
    """
    title = telling_stems(two.page.title)
    if len(title) > 1 and title <= one.known and not (one.named or two.named):
        return True
    return len(two.subject) > 1 and two.subject <= one.subject and bool(two.named & two.subject)


# -- choice --------------------------------------------------------------------------------------------------------


def _chosen(clashes: Sequence[_Clash]) -> list[_Clash]:
    """Return the first clash of each thing and attribute; a statement is reported once."""
    chosen = []
    seen: set[tuple[str, str, int]] = set()
    for clash in clashes:
        attribute = clash.one.attribute
        marks = {(attribute, clash.entity, -1), *((attribute, *_where(side)) for side in (clash.one, clash.two))}
        if not marks & seen:
            chosen.append(clash)
        seen |= marks
    return chosen


def _where(statement: Statement) -> tuple[str, int]:
    return statement.page.source, statement.start


def _places(clash: _Clash, clashes: Sequence[_Clash]) -> list[Statement]:
    """Return the two statements, then others of the same thing that differ from one of them, one to a page."""
    places = [clash.one, clash.two]
    for other in clashes:
        if (other.entity, other.one.attribute) != (clash.entity, clash.one.attribute) or other.sure < clash.sure:
            continue
        for side in (other.one, other.two):
            if len(places) < MAX_PLACES and side.page.source not in {place.page.source for place in places}:
                places.append(side)
    return places


def _distinct(found: Iterable[Inversion]) -> list[Inversion]:
    """Return the inversions in the order of their pages, one to a procedure."""
    chosen = []
    seen: set[tuple[str, tuple[str, ...]]] = set()
    for inversion in sorted(found, key=lambda each: (each.first[0].place, each.second[0].place)):
        marks = {(step.page.source, step.block.heading_path) for step in (inversion.first[0], inversion.second[0])}
        if not marks & seen:
            chosen.append(inversion)
        seen |= marks
    return chosen
