"""Standing evidence: the quotes of a decision found again on the pages, known by their SHA-256 alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from skillgen.decisions.make import quote_sha256
from skillgen.model.citing import cite
from skillgen.model.corpus import Block, Page
from skillgen.model.decision import Evidence
from skillgen.model.draft import Citation
from skillgen.model.lines import Lines
from skillgen.quotes import MAX_CITED_CHARS, MAX_QUOTE_CHARS

# What `begins` shows as one space.
_GAP = r"[\s\x00-\x1f\x7f-\x9f]+"


@dataclass(frozen=True, slots=True)
class _Piece:
    """A sentence, step, row or header of a page, with its block."""

    start: int
    end: int
    block: Block

    @property
    def may_be_cut(self) -> bool:
        """Whether it is too long for one quote, so that a quote may be a part of it."""
        return self.end - self.start > MAX_QUOTE_CHARS


class StandingQuotes:
    """Finds the quotes of decisions on pages as they are now.

    A quote stands where the same characters do, wherever on its page, as whole sentences, steps or rows: a sentence
    that goes on where it ended when it was decided about says something else. Of a sentence that is longer than a quote
    may be, a part stands where its characters do.
    """

    def __init__(self, pages: Mapping[str, Page]) -> None:
        """Look on these pages, by source."""
        self._pages = pages
        self._read: dict[str, tuple[Lines, list[_Piece]]] = {}

    def places(self, evidence: Evidence) -> tuple[Citation, ...]:
        """Return a citation for each place of the page where the quote stands, in their order; none if it does not."""
        page = self._pages.get(evidence.source)
        if page is None:
            return ()
        if page.source not in self._read:
            self._read[page.source] = (Lines.of(page.text), _pieces(page))
        lines, pieces = self._read[page.source]
        begins = re.compile(_GAP.join(re.escape(word) for word in evidence.begins.split()) or r"(?!)")
        found = []
        for match in begins.finditer(page.text):
            start = match.start()
            held = next((i for i, one in enumerate(pieces) if one.start <= start < one.end), None)
            if held is None or not (pieces[held].start == start or pieces[held].may_be_cut):
                continue
            for end in _ends(start, pieces[held:]):
                if quote_sha256(page.text[start:end]) == evidence.quote_sha256:
                    found.append(cite(page, lines, pieces[held].block, start, end))
                    break
        return tuple(found)


def _pieces(page: Page) -> list[_Piece]:
    """Return what may be quoted of a page, in its order."""
    found: dict[tuple[int, int], _Piece] = {}
    for block in page.blocks:
        if block.kind != "heading":
            for span in (*((block.header,) if block.header else ()), *block.spans):
                found.setdefault((span.start, span.end), _Piece(span.start, span.end, block))
    return [found[place] for place in sorted(found)]


def _ends(start: int, pieces: Sequence[_Piece]) -> Iterator[int]:
    """Yield where a quote may end that begins at an offset, the ends of whole pieces first."""
    near = []
    for one in pieces:
        if one.start - start > MAX_CITED_CHARS:
            break
        near.append(one)
    yield from (one.end for one in near)
    for one in near:
        if one.may_be_cut:
            yield from range(max(start, one.start) + 1, min(one.end, start + MAX_CITED_CHARS + 1))
