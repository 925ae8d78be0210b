"""Verify: does every quote stand at its offsets, and does the claim say no more than its quotes?

The rules need no model and know nothing of how a claim was made: every engine's claims pass through them. They are
strict, because a wrong "supported" is worse than a wrong "partial":

1. `supported` means word for word: the claim is made of whole cited sentences, steps, table rows or code blocks (as
   the page was parsed) in their order, after headings that they stand under, page by page. Punctuation at the edge of
   a word and the case of letters do not count; anything inside a word does. A cited sentence that negates or limits
   may not be left out, and an item of a list is not whole without a lead-in that does.
2. `unsupported` means that the claim adds something that changes what is said: a number (in digits or in words), code
   span, path, identifier or name that no quote and no heading has, a number with another unit than every quote gives
   it, a negation or a strict word (must, never, only, always ...) that stands in no quote; that it leaves out the
   negation of the sentence that it repeats; or that it says may, can or should where the quotes say something else.
3. `partial` is everything else, above all a paraphrase: its facts stand in the quotes, its meaning was not checked.
"""

from __future__ import annotations

import html
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from skillgen.catalogue import ToolFinder
from skillgen.errors import EvidenceError
from skillgen.model.corpus import Block, Page, Span
from skillgen.model.draft import Citation, Support, Verdict
from skillgen.verify.added import NEGATION, added
from skillgen.words import STOP_WORDS, stem, words

CHECKER = "rules/4"
_LIMIT = re.compile(r"\b(?:only|except|unless|solely)\b", re.IGNORECASE)
_EDGES = "\\`'\"\u2018\u2019\u201c\u201d.,:;!?()[]{}<>|*_~ "


def verify_claim(
    text: str, citations: tuple[Citation, ...], pages: Mapping[str, Page], *, tools: ToolFinder | None = None
) -> Verdict:
    """Return whether the quotes and their headings carry the claim, by the rules of this module.

    Args:
        text: The claim.
        citations: Its quotes.
        pages: The pages that they are of, by source.
        tools: Finds names of tools that are written small, which nothing else tells from other words.

    Raises:
        EvidenceError: a quote or heading path is not what the page says; that is a fault of the program.
    """
    for citation in citations:
        check_citation(citation, pages)
    if not citations:
        return Verdict(support="unsupported", reason="There is no citation.", checker=CHECKER)
    ground = _Ground.of(citations, pages)
    if _word_for_word(text, ground):
        return Verdict(support="supported", reason="Every word stands in a quote or its headings.", checker=CHECKER)
    for what, missing in added(text, ground.text, [span for _, spans in ground.parts for span in spans], tools):
        if missing:
            return _verdict("unsupported", what, missing)
    present = {stem(word) for word in words(ground.text)}
    loose = sorted({w.casefold() for w in words(text)} - STOP_WORDS - present)
    loose = [word for word in loose if stem(word) not in present]
    if loose:
        return _verdict("partial", "These words are in no quote", loose)
    reason = "Its words stand in the quotes, but not as whole sentences in their order."
    return Verdict(support="partial", reason=reason, checker=CHECKER)


def _verdict(support: Support, what: str, tokens: list[str]) -> Verdict:
    return Verdict(support=support, reason=f"{what}: {', '.join(tokens[:8])}.", checker=CHECKER)


# -- what the quotes say -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Ground:
    """What is cited: each page's headings and whole spans, pages in the order of citation, and all of it as text."""

    parts: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]
    text: str

    @classmethod
    def of(cls, citations: tuple[Citation, ...], pages: Mapping[str, Page]) -> _Ground:
        parts = []
        texts: list[str] = []
        for source, ranges in _ranges(citations, pages).items():
            paths = dict.fromkeys(citation.heading_path for citation in citations if citation.source == source)
            headings = tuple(heading for path in paths for heading in path)
            spans = tuple(_whole_spans(pages[source], ranges))
            parts.append((headings, spans))
            quotes = [pages[source].text[start:end] for start, end in ranges]
            texts += [*headings, *spans, *(part for quote in quotes for part in (quote, html.unescape(quote)))]
        return cls(tuple(parts), "\n".join(texts))


def _ranges(citations: tuple[Citation, ...], pages: Mapping[str, Page]) -> dict[str, list[tuple[int, int]]]:
    """Return each page's quoted ranges, in the order of citation; quotes that only white space parts are one."""
    ranges: dict[str, list[tuple[int, int]]] = {citation.source: [] for citation in citations}
    for citation in sorted(citations, key=lambda c: c.start):
        own = ranges[citation.source]
        if own and not pages[citation.source].text[own[-1][1] : citation.start].strip():
            own[-1] = (own[-1][0], max(own[-1][1], citation.end))
        else:
            own.append((citation.start, citation.end))
    return ranges


def _whole_spans(page: Page, ranges: list[tuple[int, int]]) -> Iterator[str]:
    """Yield the texts of the spans that are quoted whole.

    A table row needs its table's header as well, and an item of a list a lead-in that negates or limits it.
    """

    def quoted(start: int, end: int) -> bool:
        return any(a <= start and end <= b for a, b in ranges)

    low, high = ranges[0][0], max(end for _, end in ranges)
    lead: Span | None = None
    for block in page.blocks:
        lead = _lead_in(block, lead)
        if block.end <= low or high <= block.start or block.kind == "heading":
            continue
        needed = [one for one in (block.header, lead if block.kind == "list_item" else None) if one]
        if not all(quoted(one.start, one.end) for one in needed):
            continue
        yield from (span.text for span in block.spans if quoted(span.start, span.end))


def _lead_in(block: Block, before: Span | None) -> Span | None:
    """Return the sentence that the next item of a list stands under, if it says that, or when alone, the list holds."""
    if block.kind in ("list_item", "code") or (block.depth > 0 and block.kind == "paragraph"):
        return before
    if block.kind != "paragraph" or not block.spans:
        return None
    last = block.spans[-1]
    return last if last.text[-1:] not in ".!?;" and _restricts(last.text) else None


def _restricts(text: str) -> bool:
    return bool(NEGATION.search(text) or _LIMIT.search(text))


# -- word for word -----------------------------------------------------------------------------------------------------


def _word_for_word(text: str, ground: _Ground) -> bool:
    """Tell whether the claim is, page by page, headings and then whole spans in their order.

    No span is left out that negates or limits.
    """
    claim = _tokens(text)
    ends = {0}
    for headings, spans in ground.parts:
        for heading in headings:
            piece = _tokens(heading)
            ends |= {end + len(piece) for end in ends if piece and claim[end : end + len(piece)] == piece}
        for span in spans:
            piece = _tokens(span)
            reached = {end + len(piece) for end in ends if claim[end : end + len(piece)] == piece}
            ends = reached if _restricts(span) else ends | reached
    return len(claim) in ends


def _tokens(text: str) -> list[str]:
    """Return the words of a text as they are compared: without case and without the marks around them."""
    stripped = (word.strip(_EDGES) for word in text.casefold().split())
    return [word for word in stripped if word]


# -- citations ---------------------------------------------------------------------------------------------------------


def check_citation(citation: Citation, pages: Mapping[str, Page]) -> None:
    """Check that a citation says what its page says.

    Raises:
        EvidenceError: page, quote, digest or heading path differ.
    """
    page = pages.get(citation.source)
    where = f"{citation.source}, characters {citation.start} to {citation.end}"
    if page is None or page.sha256 != citation.source_sha256:
        raise EvidenceError(f"The page of a citation is not the one in the workspace: {where}.")
    if not citation.quote or page.text[citation.start : citation.end] != citation.quote:
        raise EvidenceError(f"A quote does not stand at its offsets: {where}.")
    holding = itertools.chain.from_iterable(_holding(block, citation) for block in page.blocks)
    if citation.heading_path not in set(holding):
        raise EvidenceError(f"A quote does not stand under its headings: {where}.")


def _holding(block: Block, citation: Citation) -> Iterable[tuple[str, ...]]:
    """Return the block's heading path if the citation touches the block or its table's header."""
    places = [(block.start, block.end)] + ([(block.header.start, block.header.end)] if block.header else [])
    return [block.heading_path] if any(a < citation.end and citation.start < b for a, b in places) else []
