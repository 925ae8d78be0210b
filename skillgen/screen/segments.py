"""The sentences of a page or text with their raw ranges: what the sentence rules are tried on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from skillgen.model.corpus import Block, Page

_LINE = re.compile(r"[^\r\n]+")
_SENTENCE_END = re.compile(r"(?<=[.!?])[\"')\]*_]{0,3}\s{1,4}(?=[^\s])")
_FENCE = re.compile(r"[ \t>]{0,12}(?:```|~~~)")
_NEW_BLOCK = re.compile(r"[ \t>]{0,12}(?:#{1,6}\s|[-*+]\s|\d{1,4}[.)]\s|\||<!--|<)")
_HEADING = re.compile(r"[ \t]{0,3}#{1,6}\s")


@dataclass(frozen=True, slots=True)
class Segment:
    """A sentence, a table row or a line of code; `block` is the same for neighbours that belong together."""

    start: int
    end: int
    text: str
    block: int
    in_code: bool = False
    heading: bool = False


def page_segments(page: Page) -> list[Segment]:
    """Return the page's sentences in the order of the text, and the lines that belong to no sentence."""
    segments: list[Segment] = [Segment(0, 0, page.title, -1, heading=True)] if page.title else []
    cursor = 0
    for index, block in enumerate(page.blocks):
        for segment in _block_segments(page.text, index, block):
            segments.extend(_lines(page.text, cursor, segment.start, -1 - index))
            segments.append(segment)
            cursor = max(cursor, segment.end)
    segments.extend(_lines(page.text, cursor, len(page.text), -1 - len(page.blocks)))
    return segments


def _block_segments(text: str, index: int, block: Block) -> Iterator[Segment]:
    for span in block.spans:
        if block.kind == "code":
            yield from _lines(text, span.start, span.end, index, in_code=True)
        else:
            yield Segment(span.start, span.end, span.text, index, heading=block.kind == "heading")


def _lines(text: str, start: int, end: int, block: int, *, in_code: bool = False) -> Iterator[Segment]:
    for line in _LINE.finditer(text, start, end):
        if line.group().strip():
            yield Segment(line.start(), line.end(), line.group(), block, in_code=in_code)


def text_segments(text: str) -> list[Segment]:
    """Return the sentences of a Markdown text that was not parsed."""
    segments: list[Segment] = []
    paragraph: list[re.Match[str]] = []
    in_code = False
    block = 0
    for line in re.finditer(r"[^\n]*(?:\n|\Z)", text):
        body = line.group()
        fence = _FENCE.match(body)
        if paragraph and (fence or in_code or not body.strip() or _NEW_BLOCK.match(body)):
            segments.extend(_paragraph(text, paragraph, block))
            paragraph = []
        block += 1
        if fence:
            in_code = not in_code
        elif in_code and body.strip():
            segments.append(Segment(line.start(), line.end(), body, block, in_code=True))
        elif body.strip():
            paragraph.append(line)
    return segments + (list(_paragraph(text, paragraph, block)) if paragraph else [])


def _paragraph(text: str, lines: list[re.Match[str]], block: int) -> Iterator[Segment]:
    start, end = lines[0].start(), lines[-1].end()
    heading = bool(_HEADING.match(text, start))
    for gap in _SENTENCE_END.finditer(text, start, end):
        yield _sentence(text, start, gap.start(), block, heading=heading)
        start = gap.end()
    if text[start:end].strip():
        yield _sentence(text, start, end, block, heading=heading)


def _sentence(text: str, start: int, end: int, block: int, *, heading: bool) -> Segment:
    piece = text[start:end]
    lead = len(piece) - len(piece.lstrip())
    flat = " ".join(re.sub(r"[*_]{1,3}(?=\w)|(?<=\w)[*_]{1,3}", "", piece).split())
    return Segment(start + lead, start + len(piece.rstrip()), flat, block, heading=heading)
