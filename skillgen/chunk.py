"""Chunk: a page's blocks to runs that are embedded and retrieved as one."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from skillgen.model.corpus import CHUNK_CHARS, Block, Chunk, Page, Span, content_id
from skillgen.model.lines import Lines


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of a block that is never cut further."""

    block: int
    start: int
    end: int
    length: int


def chunk_page(page: Page, *, max_chars: int = CHUNK_CHARS) -> tuple[Chunk, ...]:
    """Return the page's chunks in order: disjoint raw spans that together hold all that can be cited.

    A chunk never reaches over a heading and keeps whole blocks together while they fit in `max_chars`. A longer block
    is cut between its sentences or code lines; only a single sentence that is longer still makes a longer chunk.
    """
    seen: Counter[tuple[tuple[str, ...], str]] = Counter()
    lines = Lines.of(page.text)
    chunks = []
    for run in _runs(page, max_chars):
        start, end = run[0].start, run[-1].end
        path = page.blocks[run[0].block].heading_path
        text = page.shown(start, end)
        header = _header(page, run[0])
        if header and text.strip():
            text = f"{page.shown(header.start, header.end)}\n{text}"
        if not text.strip():  # all of it was quarantined
            continue
        repeat = seen[path, text]
        seen[path, text] += 1
        chunks.append(
            Chunk(
                chunk_id=content_id("chk", page.source, *path, text, str(repeat)),
                source=page.source,
                start=start,
                end=end,
                lines=(lines.number(start), lines.number(end - 1)),
                heading_path=path,
                text=text,
                first_block=run[0].block,
                last_block=run[-1].block,
            )
        )
    return tuple(chunks)


def _runs(page: Page, max_chars: int) -> Iterator[list[_Piece]]:
    """Yield runs of pieces under one heading path that fit together; what is a unit and fits is never parted."""
    run: list[_Piece] = []
    for unit in _units(page, max_chars):
        if not unit or (run and not _fits(page, [*run, *unit], max_chars)):
            if run:
                yield run
            run = []
        run += unit
    if run:
        yield run


def _units(page: Page, max_chars: int) -> Iterator[list[_Piece]]:
    """Yield what belongs together in one list, and an empty list at each heading and behind each titled box.

    A procedure (a lead-in, its steps and their code) is a unit where it fits; otherwise each of its steps is one, the
    lead-in with the first of them; otherwise each block, or piece of a block, is.
    """
    index = 0
    while index < len(page.blocks):
        stop = index + 1
        if page.blocks[index].kind == "heading":
            yield []
        else:
            if index and page.blocks[index].heading_path != page.blocks[index - 1].heading_path:
                yield []
            while stop < len(page.blocks) and _continues(page.blocks, index, stop):
                stop += 1
            yield from _unit(page, range(index, stop), max_chars)
        index = stop


def _continues(blocks: tuple[Block, ...], first: int, at: int) -> bool:
    """Return whether a block belongs to what began at `first`: to its lead-in, its list or its table."""
    lead, before, block = blocks[first], blocks[at - 1], blocks[at]
    if block.kind == "heading" or block.heading_path != before.heading_path:
        return False
    introduces = lead.kind == "paragraph" and bool(lead.spans) and lead.spans[-1].text.endswith(":")
    in_list = introduces or lead.kind == "list_item"
    if block.kind == "list_item" or block.depth > 0:
        return in_list and (at == first + 1 or before.kind == "list_item" or before.depth > 0)
    if block.kind == "code":  # what stands before a code block introduces it
        return before.kind in ("paragraph", "list_item")
    return block.kind == "table_row" and introduces and (at == first + 1 or before.kind == "table_row")


def _unit(page: Page, indices: range, max_chars: int) -> Iterator[list[_Piece]]:
    """Yield the blocks as one unit if they fit, otherwise as smaller ones."""
    pieces = [piece for index in indices for piece in _cited(page, index, max_chars)]
    if pieces and _fits(page, pieces, max_chars):
        yield pieces
    elif len(indices) > 1:
        for part in _parts(page.blocks, indices):
            yield from _unit(page, part, max_chars)
    else:
        yield from ([piece] for piece in pieces)


def _parts(blocks: tuple[Block, ...], indices: range) -> Iterator[range]:
    """Yield the outermost steps of a procedure, the lead-in with the first; of a single step its blocks."""
    depth = min((blocks[i].depth for i in indices if blocks[i].kind == "list_item"), default=0)
    starts = [i for i in indices if blocks[i].kind == "list_item" and blocks[i].depth == depth]
    starts[:1] = [indices[0]]
    if len(starts) == 1:  # code stays with the block before it
        starts = [i for i in indices if i == indices[0] or blocks[i].kind != "code"]
    if len(starts) == 1:
        starts = [indices[0], *indices[2:]] if indices[2:] else list(indices)
    for start, stop in itertools.pairwise([*starts, indices[-1] + 1]):
        yield range(start, stop)


def _cited(page: Page, index: int, max_chars: int) -> Iterator[_Piece]:
    block = page.blocks[index]
    if block.spans or _is_marked(page, block):  # an image or a comment has nothing to cite
        yield from _pieces(page, index, block, max_chars)


def _fits(page: Page, pieces: list[_Piece], max_chars: int) -> bool:
    header = _header(page, pieces[0])
    length = _length(page, pieces[0].start, pieces[-1].end, pieces)
    return length + (header.end - header.start + 1 if header else 0) <= max_chars


def _header(page: Page, piece: _Piece) -> Span | None:
    """Return the header of the table whose row begins a chunk: the chunk shows it, wherever it was cut."""
    header = page.blocks[piece.block].header
    return header if header and header.start < piece.start else None


def _is_marked(page: Page, block: Block) -> bool:
    """Return whether a secret's mark stands in the block: it is found by search though nothing of it is quoted."""
    return any(mark and start < block.end and block.start < end for start, end, mark in page.removed)


def _length(page: Page, start: int, end: int, pieces: list[_Piece]) -> int:
    """Return how long a run is for a reader: of HTML the text without its tags."""
    return end - start if page.media == "markdown" else sum(piece.length + 1 for piece in pieces)


def _pieces(page: Page, index: int, block: Block, max_chars: int) -> Iterator[_Piece]:
    """Yield the block whole if it fits, otherwise its sentences or its lines."""
    text = sum(len(span.text) + 1 for span in block.spans)
    length = block.end - block.start if page.media == "markdown" else text
    if length <= max_chars:
        yield _Piece(index, block.start, block.end, length)
    elif block.kind == "code":
        yield from _cut_lines(page.text, index, block, max_chars)
    else:
        edges = [block.start, *(span.start for span in block.spans[1:]), block.end]
        for (start, end), span in zip(itertools.pairwise(edges), block.spans, strict=False):
            if start < end:
                yield _Piece(index, start, end, len(span.text))


def _cut_lines(text: str, index: int, block: Block, max_chars: int) -> Iterator[_Piece]:
    start = block.start
    while start < block.end:
        end = min(block.end, start + max_chars)
        newline = max(text.rfind("\n", start, end), text.rfind("\r", start, end - 1))
        if end < block.end and newline > start:
            end = newline + 1
        yield _Piece(index, start, end, end - start)
        start = end
