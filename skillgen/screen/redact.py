"""A page without what was removed: its text filled, its blocks cut, its headings marked; the offsets stay raw."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from skillgen.model.corpus import Block, Page, Span
from skillgen.model.json_strings import unescaped
from skillgen.screen.records import FILLER, Removal
from skillgen.screen.secrets import find_secrets

_LINE = re.compile(r"[^\r\n]+")


def redacted(page: Page, removals: Sequence[Removal]) -> Page:
    """Return the page without the removals, which are in order and do not overlap."""
    raw = _Raw(page.text, tuple(removals), _values(page, removals))
    title = raw.cleaned(page.title) or PurePosixPath(page.source).stem
    blocks = tuple(_with_path(block, raw, title) for block in _blocks(page.blocks, raw))
    removed = tuple((removal.start, removal.end, removal.mark) for removal in removals)
    return replace(
        page,
        title=title,
        text=raw.filled(),
        blocks=blocks,
        url=page.url if page.url is None or raw.cleaned(page.url) == page.url else None,
        meta=tuple((key, raw.cleaned(value)) for key, value in page.meta),
        removed=_joined(page.removed, removed),
    )


def _joined(
    before: tuple[tuple[int, int, str], ...], new: tuple[tuple[int, int, str], ...]
) -> tuple[tuple[int, int, str], ...]:
    """Return all removed ranges; one that was removed before and lies in a new one is part of it."""
    kept = [old for old in before if not any(start <= old[0] and old[1] <= end for start, end, _ in new)]
    return tuple(sorted([*kept, *new]))


_SHORTEST_VALUE = 4


def _values(page: Page, removals: Sequence[Removal]) -> tuple[tuple[str, str], ...]:
    """Return the removed texts and their marks, longest first: strings that were made from the text may hold them."""
    values = {page.text[removal.start : removal.end]: removal.mark for removal in removals}
    if page.media == "json":
        values.update({unescaped(value): mark for value, mark in values.items()})
    values.update({" ".join(value.split()): mark for value, mark in values.items()})
    long_enough = [(value, mark) for value, mark in values.items() if len(value) >= _SHORTEST_VALUE]
    return tuple(sorted(long_enough, key=lambda pair: (-len(pair[0]), pair[0])))


@dataclass(frozen=True, slots=True)
class _Raw:
    """The raw text with what has to go from it."""

    text: str
    removals: tuple[Removal, ...]
    values: tuple[tuple[str, str], ...]

    def filled(self) -> str:
        pieces: list[str] = []
        cursor = 0
        for removal in self.removals:
            pieces += [self.text[cursor : removal.start], FILLER * (removal.end - removal.start)]
            cursor = removal.end
        return "".join([*pieces, self.text[cursor:]])

    def touching(self, start: int, end: int) -> list[Removal]:
        return [removal for removal in self.removals if removal.start < end and removal.end > start]

    def touched(self, start: int, end: int) -> bool:
        return any(removal.start < end and removal.end > start for removal in self.removals)

    def cleaned(self, value: str) -> str:
        """Return a title, heading or address without anything that was removed from the text."""
        for removed, mark in self.values:
            value = value.replace(removed, mark)
        for secret in reversed(find_secrets(value)):
            value = value[: secret.start] + secret.mark + value[secret.end :]
        return value.strip()


def _blocks(blocks: Sequence[Block], raw: _Raw) -> Iterator[Block]:
    """Yield the blocks with the spans that may be cited; a block that is an injection as a whole is left out."""
    for block in blocks:
        hits = raw.touching(block.start, block.end)
        header = block.header if block.header and not raw.touched(block.header.start, block.header.end) else None
        if not hits:
            yield block if header == block.header else _safe_row(block, header, raw)
        elif not _is_gone(block, hits):
            spans = tuple(_spans(block, raw))
            yield replace(block, spans=spans, header=header)


def _safe_row(block: Block, header: Span | None, raw: _Raw) -> Block:
    """Return a row whose table header was touched: the header's words stand in the row's text as well."""
    spans = tuple(replace(span, text=raw.cleaned(span.text)) for span in block.spans)
    return replace(block, header=header, spans=tuple(span for span in spans if span.text))


def _is_gone(block: Block, hits: Sequence[Removal]) -> bool:
    return any(
        removal.family == "injection" and removal.start <= block.start and removal.end >= block.end for removal in hits
    )


def _spans(block: Block, raw: _Raw) -> Iterator[Span]:
    for span in block.spans:
        if not raw.touched(span.start, span.end):
            yield span
        elif block.kind == "code":
            yield from _code_runs(span, raw)
        elif block.kind == "heading":
            text = _heading_text(span, raw)
            if text:
                yield replace(span, text=text)
        else:
            yield from _whole_sentences(span, raw)


def _whole_sentences(span: Span, raw: _Raw) -> Iterator[Span]:
    """Yield what stands before and behind a quarantined piece, where each is a sentence of its own without markup."""
    hits = raw.touching(span.start, span.end)
    if any(hit.family == "secret" for hit in hits):
        return
    before = raw.text[span.start : hits[0].start].rstrip()
    if before.endswith(_SENTENCE_ENDS) and span.text.startswith(before):
        yield Span(start=span.start, end=span.start + len(before), text=before)
    after = raw.text[hits[-1].end : span.end].lstrip()
    starts_new = not before or before.endswith(_SENTENCE_ENDS) or raw.text[hits[-1].end - 1] in _SENTENCE_ENDS
    if after and starts_new and span.text.endswith(after):
        yield Span(start=span.end - len(after), end=span.end, text=after)


_SENTENCE_ENDS = (".", "!", "?")


def _heading_text(span: Span, raw: _Raw) -> str:
    """Return a heading's text with marks; where markup hides the value in it, the mark alone."""
    hits = raw.touching(span.start, span.end)
    values = [raw.text[hit.start : hit.end] for hit in hits]
    if all(value in span.text for value in values):
        return raw.cleaned(span.text)
    return " ".join(dict.fromkeys(hit.mark for hit in hits if hit.mark))


def _with_path(block: Block, raw: _Raw, title: str) -> Block:
    if not raw.removals and block.heading_path[:1] == (title,):
        return block
    headings = (raw.cleaned(heading) for heading in block.heading_path[1:])
    return replace(block, heading_path=(title, *(heading for heading in headings if heading)))


def _code_runs(span: Span, raw: _Raw) -> Iterator[Span]:
    """Yield the runs of lines of a code span that were not touched."""
    run: list[tuple[int, int, str]] = []
    for start, end, line in _code_lines(span, raw.text):
        if raw.touched(start, end):
            if run:
                yield _joined_lines(run)
            run = []
        else:
            run.append((start, end, line))
    if run:
        yield _joined_lines(run)


def _joined_lines(run: Sequence[tuple[int, int, str]]) -> Span:
    return Span(start=run[0][0], end=run[-1][1], text="\n".join(line for _, _, line in run))


def _code_lines(span: Span, text: str) -> Iterator[tuple[int, int, str]]:
    """Yield the raw range and the text of each line of a code span, which lacks indentation and quote marks."""
    wanted = iter(span.text.split("\n"))
    line = next(wanted, None)
    for raw_line in _LINE.finditer(text, span.start, span.end):
        body = raw_line.group().rstrip().replace("\0", "\ufffd")
        if line is not None and body.endswith(line):
            at = raw_line.start() + len(body) - len(line)
            yield at, at + len(line), line
            line = next(wanted, None)
