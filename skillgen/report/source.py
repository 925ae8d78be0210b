"""A page of the corpus as HTML that is safe to show: as it reads and as it is written, with the quotes marked.

Nothing of a page reaches the browser as markup. Its text is escaped; of inline Markdown, and of the cells of an HTML
table, nh3 leaves a few tags without attributes. What screening removed is not in the workspace: its mark is shown.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import accumulate, pairwise, takewhile

from skillgen.model.corpus import FILLER, Block, Page, Span
from skillgen.model.json_strings import unescaped
from skillgen.model.lines import Lines
from skillgen.report.markup import html_cells, inline_html, markdown_cells, plain_html

# A page of up to so many characters is shown whole: about 400 lines, which any browser lays out in a few milliseconds.
WHOLE_CHARS = 24_000
# Of a longer one, so many characters before and after each quote: about a screen each.
AROUND_CHARS = 2_500
# A window starts and ends with a line where one does within so many characters; a page may be a single long line.
_SNAP_CHARS = 500
_NUMBERED = re.compile(r"(\d{1,9}[.)])\s+(?:\[[ xX]\]\s+)?$")
_DEEPEST = 6

# What stands between two parts of a page.
CUT = '<p class="cut">…</p>'

Ranges = Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pane:
    """A page to look at; `whole` tells whether all of it is shown. Both kinds of HTML are safe to put into a page."""

    source: str
    title: str
    url: str
    rendered_html: str
    raw_html: str
    whole: bool
    chars: int


def show_page(page: Page, quotes: Ranges, *, whole: bool = False, around: int = AROUND_CHARS) -> Pane:
    """Return a page with its quotes marked: all of it, or what stands around them where it is long.

    Args:
        page: The page as the workspace holds it.
        quotes: Start and end of each quote in `page.text`.
        whole: Show all of a long page too.
        around: Characters that are shown before and after each quote of a long page.
    """
    lines = Lines.of(page.text)
    everything = whole or len(page.text) <= min(WHOLE_CHARS, 10 * around)
    windows = [(0, len(page.text))] if everything else _windows(page, lines, quotes, around)
    return Pane(
        source=page.source,
        title=page.title,
        url=page.url if page.url and page.url.startswith(("https://", "http://")) else "",
        rendered_html=_rendered(page, page.blocks, quotes, windows),
        raw_html=_raw(page, lines, quotes, windows),
        whole=windows == [(0, len(page.text))],
        chars=len(page.text),
    )


class Excerpts:
    """Cuts what stands around quotes out of pages; what has to be known of a page is found once."""

    def __init__(self, pages: Mapping[str, Page], *, around: int) -> None:
        """Take the pages by source, and how many characters are shown before and after a quote."""
        self._pages = pages
        self._around = around
        self._known: dict[str, tuple[Lines, list[int]]] = {}

    def cut(self, source: str, quotes: Ranges) -> str:
        """Return the blocks around the quotes of a page as HTML, the quotes marked.

        Safe to put into a page. A table's row and a short heading are never cut; points stand where text is left out.
        """
        page = self._pages[source]
        lines, reach = self._of(page)
        parts = []
        for window in _windows(page, lines, quotes, self._around):
            near = page.blocks[bisect_right(reach, window[0]) :]
            blocks = takewhile(lambda block, end=window[1]: block.start < end, near)  # type: ignore[misc]
            parts.append(_rendered(page, blocks, quotes, [window], outline=False))
        return CUT.join(parts)

    def _of(self, page: Page) -> tuple[Lines, list[int]]:
        """Return the page's lines, and how far the text reaches with each of its blocks."""
        if page.source not in self._known:
            reach = list(accumulate((block.end for block in page.blocks), max))
            self._known[page.source] = Lines.of(page.text), reach
        return self._known[page.source]


def _windows(page: Page, lines: Lines, quotes: Ranges, around: int) -> list[tuple[int, int]]:
    """Return the parts that are shown, in the order of the text; the beginning where nothing is quoted."""
    merged: list[tuple[int, int]] = []
    snap = min(_SNAP_CHARS, around)
    for quote_start, quote_end in sorted(quotes) or [(0, 0)]:
        start, end = max(0, quote_start - around), min(len(page.text), quote_end + around)
        first, last = lines.starts[lines.number(start) - 1], lines.ends[lines.number(end) - 1]
        start = first if start - first <= snap else start
        end = last if last - end <= snap else end
        if merged and start <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _touches(start: int, end: int, ranges: Ranges) -> bool:
    return any(a < end and start < b for a, b in ranges)


# -- as it is written --------------------------------------------------------------------------------------------------


def _raw(page: Page, lines: Lines, quotes: Ranges, windows: Ranges) -> str:
    """Return the text in numbered lines; what is left out between two windows is one mark."""
    parts = []
    for start, end in windows:
        if start > 0:
            parts.append('<span class="cut">…</span>')
        first, last = lines.number(start), lines.number(end)
        for number in range(first, last + 1):
            at, to = max(start, lines.starts[number - 1]), min(end, lines.ends[number - 1])
            body = "".join(_pieces(page, at, to, quotes))
            parts.append(f'<span class="line" data-n="{number}">{body}</span>')
    if windows[-1][1] < len(page.text):
        parts.append('<span class="cut">…</span>')
    return "".join(parts)


def _pieces(page: Page, start: int, end: int, quotes: Ranges) -> Iterator[str]:
    """Yield the escaped text between two offsets, the quotes marked and what was removed shown as such."""
    removed = [(a, b, mark) for a, b, mark in page.removed if a < end and start < b]
    cuts = {start, end} | {at for a, b in quotes for at in (a, b)} | {at for a, b, _ in removed for at in (a, b)}
    ordered = sorted(cut for cut in cuts if start <= cut <= end)
    for at, to in pairwise(ordered):
        mark = next((mark for a, _, mark in removed if a == at), "")
        text = escape(page.text[at:to].replace(FILLER, ""))
        piece = (f'<span class="gone">{escape(mark)}</span>' if mark else "") + text
        yield f"<mark>{piece}</mark>" if piece and _touches(at, to, quotes) else piece


# -- as it reads -------------------------------------------------------------------------------------------------------


def _rendered(page: Page, blocks: Iterable[Block], quotes: Ranges, windows: Ranges, *, outline: bool = True) -> str:
    """Return those of the blocks that the windows reach as HTML: headings, paragraphs, lists, tables and code.

    Headings stand in the outline of the document unless they are those of one of many excerpts.
    """
    parts: list[str] = []
    before: Block | None = None
    for block in blocks:
        if not _touches(block.start, block.end, windows):
            continue
        closing, opening = _joint(before, block)
        parts += [closing, opening]
        if block.kind == "table_row" and block.header and (opening or (before and before.header != block.header)):
            parts.append(_row(page, _names(page, block.header), quotes, tag="th"))
        parts.append(_block(page, block, quotes, windows, outline=outline))
        before = block
    parts.append(_joint(before, None)[0])
    return "".join(parts)


_AROUND = {"list_item": ('<ul class="items">', "</ul>"), "table_row": ('<div class="wide"><table>', "</table></div>")}


def _joint(before: Block | None, after: Block | None) -> tuple[str, str]:
    """Return what closes the run of blocks that ends here, and what opens the one that begins."""
    if before and after and before.kind == after.kind:
        return "", ""
    closing = _AROUND[before.kind][1] if before and before.kind in _AROUND else ""
    opening = _AROUND[after.kind][0] if after and after.kind in _AROUND else ""
    return closing, opening


def _block(page: Page, block: Block, quotes: Ranges, windows: Ranges, *, outline: bool) -> str:
    if block.kind == "code":
        return f"<pre>{_code(page, block, quotes, windows)}</pre>"
    if block.kind == "table_row":
        return _row(page, Span(start=block.start, end=block.end, text=""), quotes, tag="td")
    shown = [span for span in block.spans if _touches(span.start, span.end, windows)]
    inner = " ".join(_sentence(page, span, quotes, windows) for span in shown)
    if block.kind == "heading":
        level = min(_DEEPEST, block.depth + 3)  # below the headings of the review itself
        role = f' role="heading" aria-level="{level}"' if outline else ""
        return f'<div class="h h{block.depth}"{role}>{inner}</div>'
    if block.kind == "list_item":
        line = page.text.rfind("\n", 0, block.start) + 1
        number = _NUMBERED.search(page.text[max(line, block.start - 40) : block.start])
        sign = f'<span class="no">{escape(number[1])}</span> ' if number else ""
        return f'<li class="d{min(block.depth, _DEEPEST)}{" numbered" if number else ""}">{sign}{inner}</li>'
    return f"<p>{inner}</p>"


def _sentence(page: Page, span: Span, quotes: Ranges, windows: Ranges) -> str:
    start, end = _clipped(span, windows)
    if page.media != "markdown":
        body = plain_html(span.text[: end - start] if (start, end) != (span.start, span.end) else span.text)
    else:
        body = inline_html(_visible(page, start, end))
    return f"<mark>{body}</mark>" if _touches(span.start, span.end, quotes) else body


def _code(page: Page, block: Block, quotes: Ranges, windows: Ranges) -> str:
    start, end = _clipped(block, windows)
    if page.media == "markdown":
        return "".join(_pieces(page, start, end, quotes))
    text = "\n".join(span.text for span in block.spans)[: end - start]
    return f"<mark>{escape(text)}</mark>" if _touches(block.start, block.end, quotes) else escape(text)


def _clipped(item: Span | Block, windows: Ranges) -> tuple[int, int]:
    """Return the part of it that the windows reach, from the first to the last character."""
    reached = [(max(item.start, a), min(item.end, b)) for a, b in windows if a < item.end and item.start < b]
    return (reached[0][0], reached[-1][1]) if reached else (item.start, item.start)


def _row(page: Page, span: Span, quotes: Ranges, *, tag: str) -> str:
    """Return a row of a table; a quoted one is marked in every cell."""
    raw = _visible(page, span.start, span.end)
    raw = unescaped(raw) if page.media == "json" else raw
    cells = html_cells(raw) if page.media == "html" else markdown_cells(raw)
    marked = _touches(span.start, span.end, quotes)
    bodies = (f"<mark>{cell}</mark>" if marked and cell else cell for cell in cells)
    return f"<tr>{''.join(f'<{tag}>{body}</{tag}>' for body in bodies)}</tr>"


def _names(page: Page, header: Span) -> Span:
    """Return a header row without the rule that stands below it in Markdown."""
    rule = {"markdown": "\n", "json": "\\n"}.get(page.media)
    end = page.text.find(rule, header.start, header.end) if rule else -1
    return Span(start=header.start, end=end if end >= 0 else header.end, text="")


def _visible(page: Page, start: int, end: int) -> str:
    """Return the text between two offsets with the marks of what was removed."""
    parts, cursor = [], start
    for removed_start, removed_end, mark in page.removed:
        if removed_start < end and start < removed_end:
            parts += [page.text[cursor : max(cursor, removed_start)], mark if removed_start >= start else ""]
            cursor = max(cursor, min(removed_end, end))
    return "".join([*parts, page.text[cursor:end]]).replace(FILLER, "")


def quotes_in(source: str, citations: Iterable[tuple[str, int, int]]) -> list[tuple[int, int]]:
    """Return the ranges of those of the citations (source, start, end) that stand in the source."""
    return sorted({(start, end) for name, start, end in citations if name == source})
