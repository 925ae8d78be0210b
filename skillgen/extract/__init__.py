"""Extract: a page's blocks to candidate claims in the sources' own words, each locked to exact quotes.

The unit is a group of neighbouring sentences, or a lead-in with the steps or commands it introduces, with the page's
title and the nearest heading before it: documentation puts the subject of a sentence into the heading.
"""

from __future__ import annotations

from skillgen.extract.byline import without_byline
from skillgen.extract.quoting import quoted_ranges
from skillgen.extract.stating import states_something
from skillgen.extract.units import Unit, units_of
from skillgen.model.citing import cite
from skillgen.model.corpus import Page
from skillgen.model.lines import Lines
from skillgen.model.research import Candidate
from skillgen.quotes import MAX_CITATIONS, MAX_CITED_CHARS, MAX_CLAIM_WORDS

# Over this many characters a heading is no heading that somebody wrote.
MAX_LEAD_CHARS = 200


def extract_candidates(page: Page) -> tuple[Candidate, ...]:
    """Return the page's candidate claims in the order of its text.

    Each has at most 60 words, quotes of at least 20 characters that together hold all its words, and at most 6 of them
    with 1,600 characters in all. What cannot be cut to that size without breaking a sentence is left out.
    """
    lines = Lines.of(page.text)
    found = (_candidate(page, lines, unit) for unit in units_of(without_byline(page.blocks)))
    return tuple(candidate for candidate in found if candidate is not None)


def _candidate(page: Page, lines: Lines, unit: Unit) -> Candidate | None:
    if len(unit.text.split()) > MAX_CLAIM_WORDS or not states_something(page.text, unit, _lead(unit)):
        return None
    long = unit.block.kind in ("table_row", "code") or any("`" in span.text for span in unit.spans[1:])
    quotes = quoted_ranges(page.text, unit.spans, may_be_long=long)
    if quotes:
        quotes = [*quoted_ranges(page.text, unit.quoted, may_be_long=True), *quotes]
    cited = sum(end - start for start, end in quotes)
    if not quotes or len(quotes) > MAX_CITATIONS or cited > MAX_CITED_CHARS:
        return None
    return Candidate(
        source=page.source,
        start=unit.spans[unit.repeated].start,
        end=unit.spans[-1].end,
        kind=unit.block.kind,
        lead=_lead(unit),
        text=unit.text,
        citations=tuple(cite(page, lines, unit.block, start, end) for start, end in quotes),
        breaks=unit.breaks,
        opening=unit.opening,
    )


def _lead(unit: Unit) -> str:
    """Return `title > nearest heading:`, or less of it where the claim would grow over 60 words."""
    path = unit.block.heading_path
    room = MAX_CLAIM_WORDS - len(unit.text.split())
    options = [f"{path[0]} > {path[-1]}:"] if len(path) > 1 else []
    for option in [*options, f"{path[-1]}:"]:
        if len(option) <= MAX_LEAD_CHARS and len(option.split()) <= room:
            return option
    return ""
