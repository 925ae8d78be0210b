"""Extract: a page's blocks to candidate claims in the sources' own words, each locked to exact quotes.

The unit is a group of neighbouring sentences, or a lead-in with the steps or commands it introduces, with the page's
title and the nearest heading before it: documentation puts the subject of a sentence into the heading.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from skillgen.model.citing import cite
from skillgen.model.corpus import Block, Page, Span
from skillgen.model.lines import Lines
from skillgen.model.research import Candidate
from skillgen.quotes import (
    MAX_CITATIONS,
    MAX_CITED_CHARS,
    MAX_CLAIM_WORDS,
    MAX_QUOTE_CHARS,
    MIN_QUOTE_CHARS,
    only_markup_between,
)

# Groups of 320 characters carried more facts for a claim and for a token than sentences, groups of 240 or 480, or whole
# blocks, on three organisations' documentation (n = 33, 29 and 30 vital facts).
GROUP_CHARS = 320
MIN_WORDS = 4

# Over this many characters a heading is no heading that somebody wrote.
MAX_LEAD_CHARS = 200

_CONTENTS = re.compile(
    r"(?:table of contents|contents|toc|on this page|in this (?:page|section|guide)|navigation)\W*", re.IGNORECASE
)
_POINTER = re.compile(
    r"\(?(?:please )?(?:see|refer to|read|check(?: out)?|consult|visit|more (?:in|on|about|at|details?|information)\b|"
    r"for (?:more|further|additional|full)\b|for (?:details?|information|an? (?:overview|example))\b|click|"
    r"back to|next:|previous:|learn more|further reading)\b",
    re.IGNORECASE,
)
_LINK = re.compile(
    r"[*_]{0,3}(?:\[[^\]]*\]\([^()\s]*\)|\[[^\]]*\]\[[^\]]*\]|<https?://[^>]*>|https?://\S+)[*_]{0,3}[.,;:]?"
)
_LEFTOVER = re.compile(r"\{\{|\{%|\{:\s|:::|</?[a-z]+ [a-z-]+=")
_CODE_SPAN = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)")
_DRAWING = re.compile(r"[\u2500-\u259f]|\+[-=]{3,}\+|^[ \t]*[|/\\][ \t]*$", re.MULTILINE)
_DIAGRAM = re.compile(
    r"\s*(?:%%\{|(?:graph|flowchart)\s+[A-Z]{2}\b|(?:sequence|class|state|er)Diagram|gantt\b|digraph\b|@startuml)"
)
_CODE_WORD = re.compile(r"[^\W\d_]{2,}")
MAX_POINTER_WORDS = 18
_MIN_OWN_WORDS = 3
_MIN_LETTERS = 0.4

# "accepted, 2025-01-22 (Data)", "Written by the storage team, March 2024", "Platform, 2026-07-07": the page on itself.
_DATE = r"\b(?:(?:19|20)\d\d-\d\d(?:-\d\d)?|(?:\d{1,2}\.?\s+)?[A-Z][a-z]{2,8}\.?,?\s+(?:\d{1,2},?\s+)?(?:19|20)\d\d)\b"
_DATED = re.compile(_DATE)
_TERM = re.compile(
    rf"\b(?:from|until|till|to|through|before|after|since|within|on|by|in|starts?|ends?)\s+{_DATE}", re.IGNORECASE
)
_BYLINE_CUE = re.compile(
    r"\b(?:authors?|by|written|updated?|edit(?:ed)?|touched|reviewed|checked|accepted|proposed|rejected|draft|status|owner|"
    r"maintain(?:ed|er)|version|revised|created|published|amended|approved)\b",
    re.IGNORECASE,
)
_NAME_AND_DATE = re.compile(rf"[A-Z][\w&. ]{{0,40}}?\s*[,·|(]\s*{_DATE}[).]?")
_BYLINE_BLOCKS = 2
MAX_BYLINE_WORDS = 9

_ENDS_SENTENCE = re.compile(r"[.!?:;][\"')\]]*$")


@dataclass(frozen=True, slots=True)
class _Unit:
    """Spans that make one statement; `quoted` holds further spans to cite (a table's header).

    `breaks` are the places in `text` at which a further block begins.
    """

    block: Block
    spans: tuple[Span, ...]
    text: str
    quoted: tuple[Span, ...] = ()
    breaks: tuple[int, ...] = ()


def extract_candidates(page: Page) -> tuple[Candidate, ...]:
    """Return the page's candidate claims in the order of its text.

    Each has at most 60 words, quotes of at least 20 characters that together hold all its words, and at most 6 of them
    with 1,600 characters in all. What cannot be cut to that size without breaking a sentence is left out.
    """
    lines = Lines.of(page.text)
    found = (_candidate(page, lines, unit) for unit in _units(_without_byline(page.blocks)))
    return tuple(candidate for candidate in found if candidate is not None)


def _without_byline(blocks: Sequence[Block]) -> list[Block]:
    """Return the blocks without what the top of the page says about the page: its state, its author, its date."""
    top = [at for at, block in enumerate(blocks) if block.kind != "heading"][:_BYLINE_BLOCKS]
    kept = list(blocks)
    for at in top:
        block = blocks[at]
        if block.kind in ("paragraph", "list_item") and len(block.heading_path) == 1:
            kept[at] = replace(block, spans=tuple(span for span in block.spans if not _is_byline(span.text)))
    return kept


def _is_byline(text: str) -> bool:
    rest, dates = _DATED.subn(" ", text)
    if not dates or "`" in text or _TERM.search(text):
        return False
    cued = _BYLINE_CUE.search(rest) is not None and len(re.findall(r"\w+", rest)) <= MAX_BYLINE_WORDS
    return cued or _NAME_AND_DATE.fullmatch(text) is not None


# -- units ---------------------------------------------------------------------------------------------------------


def _units(blocks: Sequence[Block]) -> Iterator[_Unit]:
    index = 0
    while index < len(blocks):
        block = blocks[index]
        if block.kind == "heading" or not block.spans:
            index += 1
            continue
        if block.kind == "table_row":
            header = (block.header,) if block.header else ()
            yield _Unit(block, block.spans, block.spans[0].text, header)
            index += 1
            continue
        followers = _followers(blocks, index)
        yield from _grouped(block, followers)
        index += 1 + len(followers)


def _followers(blocks: Sequence[Block], index: int) -> list[Block]:
    """Return the blocks that belong to the statement begun by this one: the steps or the code that it introduces.

    A paragraph that ends in a colon, or in the middle of a sentence, takes the list or code after it; a list item takes
    the items and code after it. A paragraph that goes on in the middle of a sentence belongs to the list before it.
    """
    first = blocks[index]
    introduces = _introduces(first)
    if first.kind not in ("paragraph", "list_item") or not (introduces or first.kind == "list_item"):
        return []
    followers: list[Block] = []
    for at in range(index + 1, len(blocks)):
        block = blocks[at]
        if block.heading_path != first.heading_path or not block.spans:
            break
        if block.kind == "paragraph" and not (block.depth > 0 or _goes_on(block, followers)):
            break
        if block.kind not in ("list_item", "code", "paragraph"):
            break
        if block.kind == "code" and not (introduces or followers or first.kind == "list_item"):
            break
        followers.append(block)
    return followers


def _introduces(block: Block) -> bool:
    text = block.spans[-1].text
    return text.endswith(":") or (block.kind == "paragraph" and not _ENDS_SENTENCE.search(text))


def _goes_on(block: Block, before: Sequence[Block]) -> bool:
    """Tell whether a paragraph begins in the middle of a sentence, after a list that has no end of one either."""
    return bool(before) and block.spans[0].text[:1].islower() and not _ENDS_SENTENCE.search(before[-1].spans[-1].text)


def _grouped(first: Block, followers: list[Block]) -> Iterator[_Unit]:
    """Yield groups of whole sentences that fit; a lead-in goes into the group of what it introduces."""
    group: list[tuple[Block, Span]] = []
    for piece in ((block, span) for block in (first, *followers) for span in block.spans):
        if group and not _fits([*group, piece]):
            carried = group[-1:] if len(group) > 1 and group[-1][1].text.endswith(":") else []
            carried = carried if carried and _fits([*carried, piece]) else []
            yield _unit(group[: len(group) - len(carried)])
            group = carried
        group.append(piece)
    if group:
        yield _unit(group)


def _fits(group: list[tuple[Block, Span]]) -> bool:
    text, _ = _joined(group)
    return len(text) <= GROUP_CHARS and len(text.split()) <= MAX_CLAIM_WORDS


def _unit(group: list[tuple[Block, Span]]) -> _Unit:
    text, breaks = _joined(group)
    return _Unit(group[0][0], tuple(span for _, span in group), text, breaks=breaks)


def _joined(group: list[tuple[Block, Span]]) -> tuple[str, tuple[int, ...]]:
    """Return the spans' texts as running text, and where in it a further step or paragraph begins.

    Steps that end without a full stop are parted by semicolons.
    """
    text, breaks = "", []
    before: Block | None = None
    for block, span in group:
        piece = _code_line(span.text) if block.kind == "code" else span.text
        if text:
            text += " " if _ENDS_SENTENCE.search(text) or block.kind == "code" else "; "
        if before is not None and block is not before and block.kind != "code":
            breaks.append(len(text))
        text += piece
        before = block
    return text, tuple(breaks)


def _code_line(code: str) -> str:
    """Return code lines as code spans, so that a command survives exactly."""
    return " ".join(_code_span(line) for line in code.split("\n") if line.strip())


def _code_span(line: str) -> str:
    if "`" in line:
        return f"`` {line} ``"
    return f"`{line}`"


# -- candidates ----------------------------------------------------------------------------------------------------


def _candidate(page: Page, lines: Lines, unit: _Unit) -> Candidate | None:
    if len(unit.text.split()) > MAX_CLAIM_WORDS or not _states_something(page.text, unit):
        return None
    long = unit.block.kind in ("table_row", "code") or any("`" in span.text for span in unit.spans[1:])
    quotes = _quotes(page.text, unit.spans, may_be_long=long)
    if quotes:
        quotes = [*_quotes(page.text, unit.quoted, may_be_long=True), *quotes]
    cited = sum(end - start for start, end in quotes)
    if not quotes or len(quotes) > MAX_CITATIONS or cited > MAX_CITED_CHARS:
        return None
    return Candidate(
        source=page.source,
        start=unit.spans[0].start,
        end=unit.spans[-1].end,
        kind=unit.block.kind,
        lead=_lead(unit),
        text=unit.text,
        citations=tuple(cite(page, lines, unit.block, start, end) for start, end in quotes),
        breaks=unit.breaks,
    )


def _states_something(raw: str, unit: _Unit) -> bool:
    """Tell whether a reader learns something from the unit.

    Not from a table of contents, a list of links, a question, a pointer to another page, a lead-in without what it
    introduces, a drawing, or text in which markup is left.
    """
    if _CONTENTS.fullmatch(unit.block.heading_path[-1]) or len(f"{_lead(unit)} {unit.text}".split()) < MIN_WORDS:
        return False
    if unit.block.kind == "code" and len(unit.spans) == 1:
        return _is_command(unit.spans[0].text)
    prose = _CODE_SPAN.sub(" ", unit.text)
    if _LEFTOVER.search(prose) or unit.text.endswith(":") or not re.search(r"\w{2}", unit.text):
        return False
    if len(unit.text.split()) < _MIN_OWN_WORDS and prose == unit.text:
        return False
    return not all(_points_elsewhere(raw, span) for span in unit.spans)


def _is_command(code: str) -> bool:
    """Tell commands and configuration from drawings, diagrams and lone brackets."""
    dense = re.sub(r"\s", "", code)
    letters = sum(char.isalnum() for char in dense)
    if _DRAWING.search(code) or _DIAGRAM.match(code) or letters < _MIN_LETTERS * len(dense):
        return False
    return len(_CODE_WORD.findall(code)) > 1


def _points_elsewhere(raw: str, span: Span) -> bool:
    """Tell whether a span is a question, only a link, or a short sentence that sends the reader elsewhere."""
    if span.text.endswith("?") or _LINK.fullmatch(raw[span.start : span.end]):
        return True
    return len(span.text.split()) <= MAX_POINTER_WORDS and _POINTER.match(span.text) is not None


def _lead(unit: _Unit) -> str:
    """Return `title > nearest heading:`, or less of it where the claim would grow over 60 words."""
    path = unit.block.heading_path
    room = MAX_CLAIM_WORDS - len(unit.text.split())
    options = [f"{path[0]} > {path[-1]}:"] if len(path) > 1 else []
    for option in [*options, f"{path[-1]}:"]:
        if len(option) <= MAX_LEAD_CHARS and len(option.split()) <= room:
            return option
    return ""


def _quotes(text: str, spans: Sequence[Span], *, may_be_long: bool) -> list[tuple[int, int]]:
    """Return the ranges to quote: spans parted by white space or markup alone are one quote while it is not too long.

    Where a quote would be under 20 characters there is none at all, as the statement would not be carried whole.
    """
    ranges: list[tuple[int, int]] = []
    for span in spans:
        joins = bool(ranges) and only_markup_between(text, ranges[-1][1], span.start)
        if joins and (span.end - ranges[-1][0] <= MAX_QUOTE_CHARS or span.end - span.start < MIN_QUOTE_CHARS):
            ranges[-1] = (ranges[-1][0], span.end)
        else:
            ranges.append((span.start, span.end))
    if not may_be_long:
        ranges = [piece for start, end in ranges for piece in _cut(text, start, end)]
    if any(end - start < MIN_QUOTE_CHARS for start, end in ranges):
        return []
    return ranges


def _cut(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield a range in pieces of at most 400 characters, cut at white space, the last not too short."""
    while end - start > MAX_QUOTE_CHARS:
        limit = min(start + MAX_QUOTE_CHARS, end - MIN_QUOTE_CHARS)
        spaces = [match.start() for match in re.finditer(r"\s", text[start + MIN_QUOTE_CHARS : limit])]
        at = start + MIN_QUOTE_CHARS + spaces[-1] if spaces else limit
        yield start, at
        start = at + (len(text[at:end]) - len(text[at:end].lstrip()))
    yield start, end
