"""Where a quote stands, and the places that disagree, as they are shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from skillgen.model.disputed import disputed_places, is_disputed
from skillgen.model.draft import Citation, Claim, Contradiction
from skillgen.report.markup import quote_html


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A quote and where it stands; `about` is what is known about the page."""

    source: str
    where: str
    quote_html: str
    own: bool = False
    about: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """Statements that cannot all be right, with what they are about, and why a model doubts that, if it does."""

    topic: str
    hint: str
    doubted: str
    sides: tuple[Place, ...]


def disagreements_of(claim: Claim, contradictions: Iterable[Contradiction]) -> tuple[Disagreement, ...]:
    """Return the contradictions that the claim is one side of."""
    return tuple(
        disagreement(pair, claim) for pair in contradictions if is_disputed(claim.citations, disputed_places([pair]))
    )


def disagreement(
    pair: Contradiction, claim: Claim | None = None, *, about: Mapping[str, str] | None = None
) -> Disagreement:
    """Return a contradiction with its sides; those that the claim cites are its own.

    `about` is what is known about pages, by source.
    """
    sides = tuple(
        place_of(
            one,
            own=claim is not None and is_disputed(claim.citations, {one.source: [(one.start, one.end)]}),
            about=(about or {}).get(one.source, ""),
        )
        for one in pair.citations
    )
    return Disagreement(topic=pair.topic, hint=pair.hint, doubted=pair.doubted, sides=sides)


def place_of(citation: Citation, *, own: bool = False, about: str = "") -> Place:
    """Return a citation as it is shown."""
    return Place(
        source=citation.source,
        where=where_of(citation),
        quote_html=quote_html(citation.source, citation.quote),
        own=own,
        about=about,
    )


def where_of(citation: Citation) -> str:
    """Return the headings below the title that a quote stands under, and its lines."""
    where = " > ".join(citation.heading_path[1:])
    return f"{where}, {lines_of(citation)}" if where else lines_of(citation)


def lines_of(citation: Citation) -> str:
    """Return the lines of a quote in words."""
    first, last = citation.lines
    return f"line {first}" if first == last else f"lines {first} to {last}"
