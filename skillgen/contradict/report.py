"""Contradictions as records of the draft, with their quotes and a hint at which side to believe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from skillgen.contradict.orders import Inversion
from skillgen.contradict.statement import Statement
from skillgen.model.citing import cite
from skillgen.model.corpus import Page
from skillgen.model.draft import Contradiction
from skillgen.model.facts import PageFacts
from skillgen.model.lines import Lines

_KINDS = {
    "schedule": "schedule",
    "owner": "owner",
    "decision": "owner",
    "approval": "owner",
    "grant": "owner",
    "review": "owner",
    "trigger": "owner",
    "approvals": "permission",
    "permission": "permission",
}


def of_values(entity: str, places: Sequence[Statement], facts: Mapping[str, PageFacts]) -> Contradiction:
    """Return the record of statements that give one attribute of a thing different values."""
    attribute = places[0].attribute
    reading = places[0].reading
    name = next((found for place in places if (found := _as_written(entity, place))), entity)
    head = reading.head if reading else f"{attribute} of {name}"
    values = " or ".join(dict.fromkeys(place.words for place in places))
    return Contradiction(
        topic=f"{head}: {values}",
        kind=_KINDS.get(attribute, "value"),
        citations=tuple(
            cite(place.page, Lines.of(place.page.text), place.block, place.start, place.end) for place in places
        ),
        hint=_later([place.page for place in places], facts) or _table(places),
    )


def of_order(inversion: Inversion, facts: Mapping[str, PageFacts]) -> Contradiction:
    """Return the record of two procedures that do two steps the other way round."""
    steps = (*inversion.first, *inversion.second)
    return Contradiction(
        topic=f"order of steps: {inversion.name}",
        kind="order",
        citations=tuple(cite(step.page, Lines.of(step.page.text), step.block, *step.quote) for step in steps),
        hint=_later([steps[0].page, steps[-1].page], facts),
    )


def _as_written(entity: str, place: Statement) -> str:
    """Return the identifier as a place writes it: it is compared in lower case, with `_` for `-`."""
    text = place.page.text[place.start : place.end]
    at = text.casefold().replace("-", "_").find(entity)
    return text[at : at + len(entity)] if at >= 0 and len(text.casefold()) == len(text) else ""


def _later(pages: Sequence[Page], facts: Mapping[str, PageFacts]) -> str:
    """Return which page changed last, if all have dates of one kind and one is the latest.

    A date that a page states and one of its last commit do not compare: a commit may have moved the file only.
    """
    known = [facts.get(page.source, PageFacts()) for page in pages]
    dates = sorted({(_day(each.changed), page.source) for each, page in zip(known, pages, strict=True)}, reverse=True)
    comparable = len({each.changed_from for each in known}) == 1 and all(day for day, _ in dates)
    if len(dates) < len(pages) or not comparable or dates[0][0] == dates[1][0]:
        return ""
    return f"{dates[0][1]} was changed last ({dates[0][0]}; before it {dates[1][1]}, {dates[1][0]})"


def _day(changed: str) -> str:
    """Return the ISO date, or nothing where it is none."""
    try:
        return date.fromisoformat(changed).isoformat()
    except ValueError:
        return ""


def _table(places: Sequence[Statement]) -> str:
    """Return which page gives the value in a table, if one alone does: a table is kept as a reference."""
    tables = sorted({place.page.source for place in places if place.in_table})
    return f"{tables[0]} gives it in a table" if len(tables) == 1 and len(places) > 1 else ""
