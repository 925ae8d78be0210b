"""Chunk: a page's blocks to runs that are embedded and retrieved as one."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from skillgen.model.corpus import Block, Chunk, Page, content_id
from skillgen.model.lines import Lines

# all-MiniLM-L6-v2 reads 256 tokens, about 1,000 characters of documentation with its headings. On one organisation's
# documentation (129 pages, 78 queries) 600 characters gave recall@5 .63 and MRR .49, 900 gave .63 and .44.
DEFAULT_MAX_CHARS = 600


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of a block that is never cut further."""

    block: int
    start: int
    end: int


def chunk_page(page: Page, *, max_chars: int = DEFAULT_MAX_CHARS) -> tuple[Chunk, ...]:
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
        text = page.text[start:end]
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
    """Yield runs of pieces under one heading path that fit together."""
    run: list[_Piece] = []
    for index, block in enumerate(page.blocks):
        if block.kind == "heading":
            if run:
                yield run
            run = []
            continue
        if not block.spans:  # an image or a comment: nothing to cite
            continue
        for piece in _pieces(page, index, block, max_chars):
            if run and piece.end - run[0].start > max_chars:
                yield run
                run = []
            run.append(piece)
    if run:
        yield run


def _pieces(page: Page, index: int, block: Block, max_chars: int) -> Iterator[_Piece]:
    """Yield the block whole if it fits, otherwise its sentences or its lines."""
    if block.end - block.start <= max_chars:
        yield _Piece(index, block.start, block.end)
    elif block.kind == "code":
        yield from _cut_lines(page.text, index, block, max_chars)
    else:
        edges = [block.start, *(span.start for span in block.spans[1:]), block.end]
        for start, end in itertools.pairwise(edges):
            if start < end:
                yield _Piece(index, start, end)


def _cut_lines(text: str, index: int, block: Block, max_chars: int) -> Iterator[_Piece]:
    start = block.start
    while start < block.end:
        end = min(block.end, start + max_chars)
        newline = max(text.rfind("\n", start, end), text.rfind("\r", start, end - 1))
        if end < block.end and newline > start:
            end = newline + 1
        yield _Piece(index, start, end)
        start = end
