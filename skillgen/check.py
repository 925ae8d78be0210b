"""Check: do a draft's citations still hold in the pages as they are now?

Nothing but the pages is needed: no index, no embedding. A page whose bytes are those that were cited holds every quote
of it; only of other pages is anything looked for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from skillgen.likeness import text_likeness
from skillgen.model.check import CheckedCitation, CitationState, NewerPage
from skillgen.model.corpus import Page
from skillgen.model.draft import Citation, Draft
from skillgen.model.lines import Lines
from skillgen.words import words

_FIRST_WORDS = 8
# A run of sentences may be so much longer than a quote, in words, to be compared with it.
_LONGER = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """The pages as they are now.

    `digests` are the SHA-256 of all of them by source; `page` parses one; `holding` yields the pages whose text has a
    quote in it, in the order of their sources.
    """

    digests: Mapping[str, str]
    page: Callable[[str], Page]
    holding: Callable[[str], Iterator[Page]]


@dataclass(frozen=True, slots=True)
class _Found:
    state: CitationState
    source: str = ""
    lines: tuple[int, int] | None = None
    likeness: float = 0.0
    note: str = ""


def check_citations(draft: Draft, pages: Pages) -> tuple[CheckedCitation, ...]:
    """Return every citation of every claim with its state, in the order of the draft."""
    known: dict[Citation, _Found] = {}
    checked = []
    for claim in draft.claims:
        for citation in claim.citations:
            if citation not in known:
                known[citation] = _look(citation, pages)
            found = known[citation]
            checked.append(
                CheckedCitation(
                    claim=claim.id,
                    in_body=claim.in_body,
                    source=citation.source,
                    lines=citation.lines,
                    begins=" ".join(citation.quote.split()[:_FIRST_WORDS]),
                    state=found.state,
                    now_source=found.source,
                    now_lines=found.lines,
                    likeness=found.likeness,
                    note=found.note,
                )
            )
    return tuple(checked)


def newer_pages(draft: Draft, pages: Pages) -> tuple[NewerPage, ...]:
    """Return the cited pages whose bytes are no longer those that the claims were made from, by source."""
    citing: Counter[str] = Counter()
    for claim in draft.claims:
        stale = {c.source for c in claim.citations if pages.digests.get(c.source) != c.source_sha256}
        citing.update(stale)
    return tuple(
        NewerPage(source=source, claims=count, gone=source not in pages.digests)
        for source, count in sorted(citing.items())
    )


def _look(citation: Citation, pages: Pages) -> _Found:
    """Return where a quote is now: at its place, elsewhere on its page, on another page, nearly, or nowhere."""
    digest = pages.digests.get(citation.source)
    if digest == citation.source_sha256:
        return _Found("exact", citation.source, citation.lines, 1.0)
    page = pages.page(citation.source) if digest else None
    if page is not None:
        start = _nearest_place(page.text, citation)
        if start is not None:
            return _at(page, start, citation)
    for other in pages.holding(citation.quote):
        start = other.text.find(citation.quote)
        if other.source != citation.source and start >= 0:
            return _Found("moved", other.source, _lines(other, start, start + len(citation.quote)), 1.0)
    return _nearest_text(page, citation) if page else _Found("gone")


def _nearest_place(text: str, citation: Citation) -> int | None:
    """Return where the quote stands in the text, of several places the one nearest to its old one."""
    places = []
    at = text.find(citation.quote)
    while at >= 0:
        places.append(at)
        at = text.find(citation.quote, at + 1)
    return min(places, key=lambda place: abs(place - citation.start), default=None)


def _at(page: Page, start: int, citation: Citation) -> _Found:
    """Return the state of a quote that its page still holds: under another heading it may say something else."""
    end = start + len(citation.quote)
    lines = _lines(page, start, end)
    paths = [
        block.heading_path
        for block in page.blocks
        if _touches(start, end, block.start, block.end)
        or (block.header is not None and _touches(start, end, block.header.start, block.header.end))
    ]
    if citation.heading_path not in paths:
        now = " > ".join(paths[0]) if paths else "no heading"
        return _Found("changed", page.source, lines, 1.0, f"it stands under another heading: {now}")
    return _Found("exact" if lines == citation.lines else "moved", page.source, lines, 1.0)


def _touches(start: int, end: int, first: int, last: int) -> bool:
    return first < end and start < last


def _nearest_text(page: Page, citation: Citation) -> _Found:
    """Return the run of sentences of the page that is most like the quote, if one is like it at all."""
    length = len(words(citation.quote))
    best: tuple[float, int, int] = (0.0, 0, 0)
    for start, end in _runs(page, length):
        likeness = text_likeness(citation.quote, page.text[start:end])
        best = max(best, (likeness, -start, end))
    if not best[0]:
        return _Found("gone")
    return _Found("changed", page.source, _lines(page, -best[1], best[2]), round(best[0], 2))


def _runs(page: Page, length: int) -> Iterator[tuple[int, int]]:
    """Yield the runs of sentences that are about as long as a quote of so many words."""
    spans = [span for block in page.blocks if block.kind != "heading" for span in block.spans]
    counts = [len(words(page.text[span.start : span.end])) for span in spans]
    for first, span in enumerate(spans):
        total = 0
        for last in range(first, len(spans)):
            total += counts[last]
            if total > length * _LONGER and last > first:
                break
            if total * _LONGER >= length:
                yield span.start, spans[last].end


def _lines(page: Page, start: int, end: int) -> tuple[int, int]:
    lines = Lines.of(page.text)
    return lines.number(start), lines.number(max(start, end - 1))
