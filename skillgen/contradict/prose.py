"""Statements of sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator

from skillgen.contradict.attributes import ATTRIBUTES, SCHEDULE, Attribute, Found
from skillgen.contradict.guards import is_plain
from skillgen.contradict.identifiers import identifiers, names_of
from skillgen.contradict.statement import Place, Said, Statement, stated
from skillgen.contradict.values import Amount, Schedule, name_stems
from skillgen.model.corpus import Span

_OWNER = re.compile(
    r"\bowners? of (?:the |our |all )?(?P<thing>[^:.,;()]{3,60}?)\s*(?::| is | are )\s*(?P<who>[^.,;:()]{3,60})"
    r"|^(?:The |Our |All )?(?P<thing2>[^:.,;()]{3,60}?) (?:is|are) (?:owned|maintained|run|looked after) by "
    r"(?:the |our )?(?P<who2>[^.,;:()]{3,60})",
    re.IGNORECASE,
)
_CLAUSE_EDGE = re.compile(r"[;()]|\s[\u2013\u2014]\s|:\s|,\s(?:and|but|while|whereas)\s")
_LIST_EDGE = re.compile(r"[;(),]|\s[\u2013\u2014]\s|:\s|\s(?:and|but|while|whereas)\s")
_CONDITION = re.compile(
    r"\W{0,3}(?:if|when|unless|once|during|for (?:tier|tiers|hotfix|emergency)|on (?:the )?\w+days?)\b", re.IGNORECASE
)
_NOT_SUBJECT = re.compile(
    r"\b(?:after|waits? for|before|until|by|from|to|into|than|with|via|in|like|of|needs?)\W{1,3}$", re.IGNORECASE
)
_RELATIVE = re.compile(r"\W{0,3}(?:before|ahead|earlier|prior|ago|left|old|later|in advance|apart)\b", re.IGNORECASE)
_EVERY = re.compile(r"\bevery\W{1,3}$", re.IGNORECASE)
_REACH = 70
_OPENING = 12


def of_prose(place: Place) -> Iterator[Statement]:
    """Yield what the sentences of a block state."""
    before: Span | None = None
    for span in place.block.spans:
        if span.text.endswith("?"):
            before = span
            continue
        yield from _of_owner(place, before, span)
        asked = before is not None and before.text.endswith("?")
        for attribute in ATTRIBUTES:
            if attribute.cue.search(span.text):
                yield from of_sentence(place, before, span, attribute)
            elif asked and before is not None and attribute.cue.search(before.text):
                yield from _of_answer(place, before, span, attribute)
        before = span


def of_sentence(place: Place, before: Span | None, span: Span, attribute: Attribute) -> Iterator[Statement]:
    """Yield the values of an attribute in a sentence, each with the identifiers that it is given to."""
    text = span.text
    every = attribute.values(text)
    edge = _CLAUSE_EDGE if len(every) == 1 else _LIST_EDGE
    for found in every:
        left, right = _clause(edge, text, found)
        if not attribute.is_near(text, found) or not is_plain(text[left : found.end]):
            continue
        if _is_limited(text, found) or _is_other_time(attribute, text, found):
            continue
        named = _named(attribute, text, found, (left, right), alone=len(every) == 1)
        previous = before.text if before else ""
        said = Said(
            attribute=attribute.name,
            value=found.value,
            words=found.words,
            named=named,
            about=place.identifiers | names_of(f"{previous} {text}"),
            subject=text[left : found.start],
            text=text if len(every) == 1 else text[left:right],
        )
        yield from stated(place, said, place.quoted(before, span, wide=not named))


def _is_limited(text: str, found: Found) -> bool:
    """Tell whether a condition follows the value, or a frequency is not what a verb of running is followed by."""
    if _CONDITION.match(text, found.end):
        return True
    if not isinstance(found.value, Schedule) or found.value.clock is not None or found.start < _OPENING:
        return False
    return not SCHEDULE.is_near(text[: found.start], found)


def _is_other_time(attribute: Attribute, text: str, found: Found) -> bool:
    """Tell whether a length of time is not the attribute's: how long before it something is, or how often."""
    if not isinstance(found.value, Amount):
        return False
    often = attribute.name != "rotation" and _EVERY.search(text[: found.start]) is not None
    return often or _RELATIVE.match(text, found.end) is not None


def _of_answer(place: Place, question: Span, span: Span, attribute: Attribute) -> Iterator[Statement]:
    """Yield the value that answers a question about the attribute."""
    every = attribute.values(span.text)
    if len(every) != 1 or not is_plain(span.text):
        return
    text = f"{question.text} {span.text}"
    said = Said(
        attribute=attribute.name,
        value=every[0].value,
        words=every[0].words,
        named=names_of(text),
        about=place.identifiers,
        subject=text,
        text=text,
    )
    yield from stated(place, said, place.quoted(question, span, wide=True))


def _clause(edge: re.Pattern[str], text: str, found: Found) -> tuple[int, int]:
    """Return the part of a sentence that a value belongs to: between the nearest edges."""
    left = max((match.end() for match in edge.finditer(text, 0, found.start)), default=0)
    right = edge.search(text, found.end)
    return left, right.start() if right else len(text)


def _named(attribute: Attribute, text: str, found: Found, clause: tuple[int, int], *, alone: bool) -> frozenset[str]:
    """Return the identifiers that a sentence gives the value to: those of its clause, or those before an only value.

    A schedule belongs to the last one before it, or to the first one after a frequency that opens the sentence.
    """
    every = identifiers(text)
    before = [(at, name) for at, name in every if at < found.start and not _NOT_SUBJECT.search(text[:at])]
    if attribute.name == "schedule":
        if before:
            at, name = before[-1]
            return frozenset({name}) if found.start - at <= _REACH + len(name) else frozenset()
        after = [(at, name) for at, name in every if at >= found.end]
        opens = found.start < _OPENING and after and after[0][0] - found.end < _OPENING
        return frozenset({after[0][1]}) if opens else frozenset()
    # After the value a comma begins what else there is to say.
    comma = text.find(",", found.end)
    own = frozenset(name for at, name in every if clause[0] <= at < (clause[1] if comma < 0 else comma))
    return own or (frozenset(name for _, name in before) if alone else frozenset())


def _of_owner(place: Place, before: Span | None, span: Span) -> Iterator[Statement]:
    match = _OWNER.search(span.text)
    if match is None or not is_plain(match.group()):
        return
    thing, who = match["thing"] or match["thing2"], match["who"] or match["who2"]
    said = Said(
        attribute="owner",
        value=name_stems(who),
        words=who.strip(" *"),
        named=names_of(thing),
        about=place.identifiers,
        subject=thing,
        text=match.group(),
    )
    yield from stated(place, said, place.quoted(before, span, wide=False))
