"""Where a quote of a model stands on its page: the exact range, widened to whole sentences, steps and rows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from skillgen.answer.tokens import Token, tokens_of
from skillgen.model.corpus import FILLER, Block, Chunk, Page, Span
from skillgen.model.json_strings import as_long
from skillgen.quotes import MAX_CITED_CHARS, MAX_QUOTE_CHARS, MIN_QUOTE_CHARS, only_markup_between

Range = tuple[int, int]
# A quote is looked for in parts where the model left something out between them.
_LEFT_OUT = re.compile(r"\s*\[?(?:\.{3,}|\u2026)\]?\s*|[\r\n]+")
_MIN_WORDS_OF_A_PART = 2
# A passage is hardly ever longer than a chunk; of one that is, no model sees more.
_LONGEST_PASSAGE = 20_000
_SPACE = re.compile(r"\s")
_NEWLINE = re.compile(r"[\r\n]+")
# At the edge of a quote: what may belong to a longer word or number, and what would make it longer.
_OF_A_WORD = re.compile(r"[A-Za-z0-9_.+-]")
_BEFORE = re.compile(r"[\w.,:+-]")
_BEHIND = re.compile(r"[\w%]|[.,:-]\d")


@dataclass(frozen=True, slots=True)
class _Piece:
    """A span that a quote may be widened to, with the block that holds it."""

    block: Block
    span: Span


def located(quote: str, chunk: Chunk, page: Page) -> tuple[Range, ...]:
    """Return the ranges of the page that hold the quote, whole sentences where they fit; nothing where it is not there.

    The quote is looked for in the passage alone: as it is, then word for word whatever markup, white space, dashes and
    quotation marks are around the words, then in the parts between which something was left out. Letters, digits and
    signs must be the same. A row's header belongs to the ranges. No range holds anything that was removed.
    """
    places = _places(chunk, page)
    found = _found(quote, places, page)
    if not found:
        parts = [part for part in _LEFT_OUT.split(quote) if len(tokens_of(part, 0, len(part))) >= _MIN_WORDS_OF_A_PART]
        each = [_found(part, places, page) for part in parts] if len(parts) > 1 else []
        found = tuple(one for ranges in each for one in ranges) if all(each) else ()
    pieces = _near(chunk, page)
    return tuple(dict.fromkeys(whole for one in found for whole in whole_ranges(one, pieces, page.text)))


def sentences_of(chunk: Chunk, page: Page) -> tuple[Span, ...]:
    """Return the sentences, steps and rows of a passage in the order of the page."""
    blocks = page.blocks[chunk.first_block : chunk.last_block + 1]
    spans = (span for block in blocks if block.kind != "heading" for span in block.spans)
    return tuple(span for span in spans if span.start < chunk.end and chunk.start < span.end)


def whole_sentences(numbers: Sequence[int], chunk: Chunk, page: Page) -> tuple[Range, ...]:
    """Return the ranges of a passage's sentences by their numbers, the first being 1; other numbers are none."""
    spans = sentences_of(chunk, page)
    wanted = [spans[number - 1] for number in numbers if 0 < number <= len(spans)]
    pieces = _near(chunk, page)
    whole = (one for span in wanted for one in whole_ranges((span.start, span.end), pieces, page.text))
    return tuple(dict.fromkeys(whole))


def _places(chunk: Chunk, page: Page) -> list[Range]:
    """Return what a passage shows in its order: the header of a table that it goes on with, and its own range."""
    header = page.blocks[chunk.first_block].header
    before = [(header.start, header.end)] if header and header.start < chunk.start else []
    return [*before, (chunk.start, min(chunk.end, chunk.start + _LONGEST_PASSAGE))]


def _found(quote: str, places: Sequence[Range], page: Page) -> tuple[Range, ...]:
    """Return the ranges that hold the quote: one, two from a header to its row, or none where it is not there."""
    exact = (_exact(quote.strip(), page.text, start, end) for start, end in places)
    first = next((one for one in exact if one), None)
    found = (first,) if first else _by_words(quote, places, page)
    return found if not any(FILLER in page.text[start:end] for start, end in found) else ()


def _exact(quote: str, text: str, start: int, end: int) -> Range | None:
    """Return where the quote stands as it is, surely not in the middle of a word or number."""
    at = text.find(quote, start, end) if any(char.isalnum() for char in quote) else -1
    while at >= 0:
        behind = at + len(quote)
        begins_inside = _OF_A_WORD.match(quote) and _BEFORE.search(text, max(0, at - 1), at)
        ends_inside = _OF_A_WORD.match(quote[-1]) and _BEHIND.match(text, behind)
        if not (begins_inside or ends_inside):
            return at, behind
        at = text.find(quote, at + 1, end)
    return None


def _by_words(quote: str, places: Sequence[Range], page: Page) -> tuple[Range, ...]:
    """Return where the words of the quote stand one after the other, a range for each place that they stand in."""
    keep_links = "](" in quote
    said = tokens_of(quote, 0, len(quote), keep_links=keep_links)
    is_html = page.media == "html"
    # of JSON with its escapes as what they stand for; the tokens pass over what fills the room behind
    text = as_long(page.text, "\0") if page.media == "json" else page.text
    shown = [tokens_of(text, start, end, is_html=is_html, keep_links=keep_links) for start, end in places]
    there = [token for tokens in shown for token in tokens]
    for wanted in ([token.word for token in said], [token.word for token in said if not token.optional]):
        for first in (i for i, token in enumerate(there) if wanted and token.word == wanted[0]):
            last = _last_match(wanted, there, first)
            if last is not None:
                matched = there[first : last + 1]
                held = ([one for one in matched if start <= one.start < end] for start, end in places)
                return tuple((tokens[0].start, tokens[-1].end) for tokens in held if tokens)
    return ()


def _last_match(wanted: Sequence[str], there: Sequence[Token], first: int) -> int | None:
    """Return where a match that begins at `first` ends; numbers of steps between its words may be passed over."""
    ends = {first}
    for word in wanted[1:]:
        following: set[int] = set()
        for at in ends:
            step = at + 1
            while step < len(there):
                if there[step].word == word:
                    following.add(step)
                if not there[step].optional:
                    break
                step += 1
        ends = following
    return min(ends, default=None)


# -- whole sentences -------------------------------------------------------------------------------------------------


def whole_ranges(found: Range, pieces: Sequence[_Piece], text: str) -> tuple[Range, ...]:
    """Return the sentences, steps and rows that a range touches, each 20 to 400 characters long; a row may be longer.

    Pieces that markup alone parts are one range while they fit. A sentence that is too long stays cut out.
    """
    touched = [i for i, piece in enumerate(pieces) if piece.span.start < found[1] and found[0] < piece.span.end]
    ranges: list[Range] = []
    for start, end in (one for i in touched for one in _sized(pieces[i], found, text)):
        joins = ranges and only_markup_between(text, ranges[-1][1], start)
        if joins and end - ranges[-1][0] <= MAX_QUOTE_CHARS:
            ranges[-1] = (ranges[-1][0], end)
        else:
            ranges.append((start, end))
    if len(ranges) == 1 and ranges[0][1] - ranges[0][0] < MIN_QUOTE_CHARS:
        ranges = [_widened(ranges[0], touched, pieces, text)]
    headers = {(h.start, h.end) for i in touched if (h := pieces[i].block.header) is not None}
    kept = [one for one in (*sorted(headers - set(ranges)), *ranges) if _is_citable(one, text)]
    return tuple(kept) if any(one in kept for one in ranges) else ()


def _is_citable(one: Range, text: str) -> bool:
    return MIN_QUOTE_CHARS <= one[1] - one[0] <= MAX_CITED_CHARS and FILLER not in text[one[0] : one[1]]


def _near(chunk: Chunk, page: Page) -> list[_Piece]:
    """Return every span in and around a passage, and every header of a table once, in their order."""
    found: list[_Piece] = []
    headers: set[Range] = set()
    for block in page.blocks[max(0, chunk.first_block - 1) : chunk.last_block + 2]:
        if block.kind == "heading":
            continue
        if block.header and (place := (block.header.start, block.header.end)) not in headers:
            headers.add(place)
            found.append(_Piece(block, block.header))
        found += [_Piece(block, span) for span in block.spans]
    return found


def _sized(piece: _Piece, found: Range, text: str) -> Iterator[Range]:
    """Yield a span whole where it may be, of a longer code block the lines, of a longer sentence what was quoted."""
    span = piece.span
    if span.end - span.start <= MAX_QUOTE_CHARS or piece.block.kind == "table_row":
        yield span.start, span.end
        return
    start, end = max(span.start, found[0]), min(span.end, found[1])
    if piece.block.kind == "code":
        start, end = _whole_lines(start, end, span, text)
    while end - start < MIN_QUOTE_CHARS and (start > span.start or end < span.end):
        start, end = _by_a_word(start, end, span, text)
    while end - start > MAX_QUOTE_CHARS:
        limit = min(start + MAX_QUOTE_CHARS, end - MIN_QUOTE_CHARS)
        spaces = [match.start() for match in _SPACE.finditer(text, start + MIN_QUOTE_CHARS, limit)]
        cut = spaces[-1] if spaces else limit
        yield start, cut
        start = cut + len(text[cut:end]) - len(text[cut:end].lstrip())
    yield start, end


def _whole_lines(start: int, end: int, span: Span, text: str) -> Range:
    """Return a range with the rest of its first and last line, as far as they belong to the span."""
    before = [match.end() for match in _NEWLINE.finditer(text, span.start, start)]
    after = _NEWLINE.search(text, end, span.end)
    return (before[-1] if before else span.start), (after.start() if after else span.end)


def _by_a_word(start: int, end: int, span: Span, text: str) -> Range:
    """Return a range with the next word of its span, or where there is none with the one before."""
    if end < span.end:
        after = _SPACE.search(text, end + 1, span.end)
        return start, after.start() if after else span.end
    before = [match.end() for match in _SPACE.finditer(text, span.start, start - 1)]
    return (before[-1] if before else span.start), end


def _widened(short: Range, touched: Sequence[int], pieces: Sequence[_Piece], text: str) -> Range:
    """Return a short range with the piece behind it, or before it, of the same section."""
    for at, start, end in ((touched[-1] + 1, short[0], None), (touched[0] - 1, None, short[1])):
        if not 0 <= at < len(pieces) or pieces[at].block.heading_path != pieces[touched[0]].block.heading_path:
            continue
        other = pieces[at].span
        wide = (start if start is not None else other.start, end if end is not None else other.end)
        gap = (short[1], other.start) if end is None else (other.end, short[0])
        if only_markup_between(text, *gap) and MIN_QUOTE_CHARS <= wide[1] - wide[0] <= MAX_QUOTE_CHARS:
            return wide
    return short
