"""Quotes of passages as citations: located word for word, or by the number of a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from skillgen.answer.locate import Range, located, sentences_of, whole_sentences
from skillgen.model.citing import cite
from skillgen.model.corpus import Block, Page
from skillgen.model.draft import Citation
from skillgen.model.lines import Lines
from skillgen.model.research import Passage
from skillgen.quotes import MAX_CITATIONS, MAX_CITED_CHARS, adjoined
from skillgen.words import hard_tokens, own_names

_MOST_NEIGHBOURS = 2


class Quotes:
    """Turns what a model quotes of passages into citations of their pages."""

    def __init__(self, pages: Mapping[str, Page]) -> None:
        self._pages = pages
        self._lines: dict[str, Lines] = {}

    def located(self, quote: str, passage: Passage) -> tuple[Citation, ...]:
        """Return the citations of a quote in its passage, whole sentences where they fit; none if it is not there."""
        page = self._pages[passage.chunk.source]
        return self._cited(page, located(quote, passage.chunk, page), passage)

    def sentences(self, passage: Passage) -> tuple[str, ...]:
        """Return the sentences, steps and rows of a passage without markup, in the order of their numbers."""
        return tuple(span.text for span in sentences_of(passage.chunk, self._pages[passage.chunk.source]))

    def numbered(self, numbers: Iterable[int], passage: Passage) -> tuple[Citation, ...]:
        """Return the citations of a passage's sentences by their numbers, the first being 1; other numbers are none."""
        page = self._pages[passage.chunk.source]
        return self._cited(page, whole_sentences(sorted(set(numbers)), passage.chunk, page), passage)

    def completed(self, text: str, citations: Sequence[Citation], passages: Iterable[Passage]) -> list[Citation]:
        """Return a claim's citations, and after them those of sentences that hold what the claim names besides.

        A model quotes one sentence and takes a name or number from its neighbour. At most two sentences of the passages
        that it quoted come along, each with a name, number, path or identifier that is in no quote and no heading yet.
        What they are worth is for the rules and the judge to say.
        """
        found = list(citations)
        given = "\n".join(part for one in citations for part in (*one.heading_path, one.quote))
        missing = {token for token in _named(text) if not _stands(token, given)}
        for _ in range(_MOST_NEIGHBOURS):
            best: tuple[set[str], tuple[Citation, ...]] = (set(), ())
            for passage in passages:
                for number, sentence in enumerate(self.sentences(passage), start=1):
                    held = {token for token in missing if _stands(token, sentence)}
                    if len(held) > len(best[0]) and (cited := self.numbered([number], passage)):
                        best = (held, cited)
            found += best[1]
            missing -= best[0]
        return found

    def _cited(self, page: Page, ranges: Sequence[Range], passage: Passage) -> tuple[Citation, ...]:
        if not ranges:
            return ()
        if page.source not in self._lines:
            self._lines[page.source] = Lines.of(page.text)
        lines = self._lines[page.source]
        return tuple(cite(page, lines, _holder(page, passage, one), *one) for one in ranges)

    def together(self, citations: Sequence[Citation]) -> tuple[Citation, ...]:
        """Return citations as one claim may have them: each once, neighbours as one, within the limits of a claim.

        Where they are too many, the first ones stay.
        """
        kept: list[Citation] = []
        fitting: tuple[Citation, ...] = ()
        for one in dict.fromkeys(citations):
            tried = self._adjoined([*kept, one])
            if len(tried) <= MAX_CITATIONS and sum(len(citation.quote) for citation in tried) <= MAX_CITED_CHARS:
                kept.append(one)
                fitting = tried
        return fitting

    def _adjoined(self, citations: Sequence[Citation]) -> tuple[Citation, ...]:
        """Return citations page by page, the pages in the order of citation, neighbours as one."""
        by_page: dict[str, list[Citation]] = {}
        for one in citations:
            by_page.setdefault(one.source, []).append(one)
        return tuple(one for source, held in by_page.items() for one in adjoined(held, self._pages[source].text))


def _named(text: str) -> set[str]:
    """Return the names, numbers, paths and identifiers of a claim, lower-cased."""
    return set(own_names(text)) | {token.strip("`").casefold() for token in hard_tokens(text)}


def _stands(token: str, text: str) -> bool:
    """Tell whether a token stands in the text, not as a part of a longer word or number."""
    pattern = rf"(?<!\w)(?<!\d[.,:]){re.escape(token)}(?!\w)(?![.,:]\d)"
    return re.search(pattern, text, re.IGNORECASE) is not None


def _holder(page: Page, passage: Passage, place: Range) -> Block:
    """Return the block of the passage that holds the beginning of a range, or whose header it is."""
    chunk = passage.chunk
    near = page.blocks[max(0, chunk.first_block - 1) : chunk.last_block + 2]
    bodies = [block for block in near if block.kind != "heading"]
    for block in bodies:
        if block.start < place[1] and place[0] < block.end:
            return block
    return next(block for block in bodies if block.header and block.header.start < place[1])
