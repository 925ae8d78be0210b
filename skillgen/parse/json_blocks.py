"""A string of a JSON text, read as Markdown, to blocks with exact raw spans."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import replace

from skillgen.model.corpus import Block, SourceFile, Span
from skillgen.model.json_strings import string_runs
from skillgen.parse.json_values import Value
from skillgen.parse.mapped import MappedText, TextBuilder
from skillgen.parse.markdown import parse_markdown


def string_blocks(raw: str, text: Value, path: tuple[str, ...]) -> Iterator[Block]:
    """Yield what a string of the JSON text `raw` says as blocks under the headings of `path`.

    Their offsets are those of the raw text, so that a quote holds the escapes as they are written.
    """
    mapped = _mapped(raw, text)
    page, _ = parse_markdown(SourceFile(source="answer.md", text=mapped.text, sha256=""))
    for block in page.blocks:
        start, end = mapped.raw_range(block.start, block.end)
        yield replace(
            block,
            start=start,
            end=end,
            heading_path=(*path, *block.heading_path[1:]),
            depth=block.depth + len(path) if block.kind == "heading" else block.depth,
            spans=tuple(_spans(mapped, block.spans)),
            header=next(_spans(mapped, [block.header]), None) if block.header else None,
        )


def _mapped(raw: str, text: Value) -> MappedText:
    """Return what a string says behind a newline, so that nothing in it is taken for front matter."""
    builder = TextBuilder()
    for said, start, end in itertools.chain([("\n", text.start, text.start)], string_runs(raw, text.start, text.end)):
        builder.add(said, start, end)
    return builder.raw()


def _spans(mapped: MappedText, spans: Iterable[Span]) -> Iterator[Span]:
    for span in spans:
        start, end = mapped.raw_range(span.start, span.end)
        yield Span(start=start, end=end, text=span.text)
