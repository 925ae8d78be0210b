"""Heading paths: under which headings each block of a page stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from skillgen.model.corpus import Block


def with_heading_paths(blocks: Iterable[Block], title: str) -> Iterator[Block]:
    """Yield the blocks under their headings; the heading that gave the title is not repeated below it."""
    stack: list[tuple[int, str]] = []
    title_seen = False
    for block in blocks:
        if block.kind == "heading" and block.spans:
            text = block.spans[0].text
            stack = [entry for entry in stack if entry[0] < block.depth]
            if not title_seen and text == title:
                title_seen = True
                stack = []
            else:
                stack.append((block.depth, text))
        yield replace(block, heading_path=(title, *(heading for _, heading in stack)))
