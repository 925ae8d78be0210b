"""Records to the rows that hold them, and back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from skillgen.model.corpus import Chunk, Page
from skillgen.model.facts import DeprecationMark, PageFacts


def text_digest(chunk: Chunk) -> str:
    """Return the SHA-256 of what is embedded of a chunk: equal texts share a vector."""
    return text_sha256(chunk.indexed_text)


def text_sha256(text: str) -> str:
    """Return the SHA-256 of a text; a question from the command line may hold half a surrogate pair."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def facts_of_row(*packed: str) -> PageFacts:
    """Return the facts of a page's row; a later part replaces what an earlier one says."""
    values: dict[str, Any] = {}
    for part in packed:
        values |= json.loads(part)
    mark = values.pop("deprecation", None)
    links, duplicates = (tuple(values.pop(key, ())) for key in ("links", "duplicates"))
    return PageFacts(
        **values, links=links, duplicates=duplicates, deprecation=DeprecationMark(**mark) if mark else None
    )


def block_rows(page: Page) -> Iterator[tuple[object, ...]]:
    """Yield the rows of a page's blocks."""
    for ordinal, block in enumerate(page.blocks):
        header = block.header
        packed = json.dumps({"start": header.start, "end": header.end, "text": header.text}) if header else None
        path = json.dumps(block.heading_path)
        yield page.source, ordinal, block.kind, block.start, block.end, block.depth, path, packed


def span_rows(page: Page) -> Iterator[tuple[object, ...]]:
    """Yield the rows of a page's sentences."""
    for number, block in enumerate(page.blocks):
        for ordinal, span in enumerate(block.spans):
            yield page.source, number, ordinal, span.start, span.end, span.text


def chunk_row(chunk: Chunk) -> tuple[object, ...]:
    """Return the row of a chunk."""
    return (
        chunk.chunk_id,
        chunk.source,
        chunk.start,
        chunk.end,
        *chunk.lines,
        json.dumps(chunk.heading_path),
        chunk.text,
        chunk.first_block,
        chunk.last_block,
        text_digest(chunk),
    )
