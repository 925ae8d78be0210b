"""Short texts of pages as HTML that is safe to show: a line, a row of a table, a quote, a document of ours.

Nothing reaches the browser as markup but a few tags without attributes, which nh3 leaves.
"""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_INLINE_TAGS = frozenset({"strong", "em", "code", "s", "del", "sub", "sup", "kbd", "br"})
_CELL = re.compile(r"<(t[dh])>(.*?)</\1>", re.DOTALL)
# A text without any of these is plain: most sentences are, and parsing takes a hundred times as long as escaping.
_MARKED_UP = re.compile(r"[*_`~\[\]<>&\\\n]")
_HEADING = re.compile(r"<(/?)h([1-6])>")
_BAR = re.compile(r"(?<!\\)\|")
# The line below a table's header.
_RULE = re.compile(r"[\s|:-]+")
_DEEPEST = 6


def markdown_cells(raw: str) -> list[str]:
    """Return the cells of a row of a Markdown table as HTML."""
    inner = raw.strip().removeprefix("|")
    cells = _BAR.split(inner)
    if len(cells) > 1 and not cells[-1].strip():
        cells.pop()
    return [inline_html(cell.strip().replace("\\|", "|")) for cell in cells]


def html_cells(raw: str) -> list[str]:
    """Return the cells of a row of an HTML table, cleaned."""
    import nh3

    tags = {*_INLINE_TAGS, "table", "tbody", "tr", "td", "th"}
    cleaned = nh3.clean(f"<table><tr>{raw}</tr></table>", tags=tags, attributes={})
    return [cell for _, cell in _CELL.findall(cleaned)]


def plain_html(text: str) -> str:
    """Return plain text as HTML; what stands in backticks is code."""
    return re.sub(r"`([^`\n]+)`", r"<code>\1</code>", escape(text))


@lru_cache(maxsize=4096)
def inline_html(text: str) -> str:
    """Return a line of Markdown as HTML with emphasis and code and nothing else: links are their words."""
    if not _MARKED_UP.search(text):
        return escape(text)
    import nh3

    return nh3.clean(_markdown().renderInline(text), tags=set(_INLINE_TAGS), attributes={})


@lru_cache(maxsize=1)
def _markdown() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).disable(["image"])


_DOCUMENT_TAGS = _INLINE_TAGS | frozenset(
    {"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "pre", "blockquote", "hr"}
    | {"table", "thead", "tbody", "tr", "td", "th"}
)


def document_html(text: str) -> str:
    """Return a Markdown document as HTML without links, pictures or attributes; its front matter is left out.

    Its headings come below those of the review, which has three levels.
    """
    import nh3

    body = text.split("\n---\n", 1)[1] if text.startswith("---\n") and "\n---\n" in text else text
    cleaned = nh3.clean(_markdown().render(body), tags=set(_DOCUMENT_TAGS), attributes={})
    return _HEADING.sub(lambda found: f"<{found[1]}h{min(_DEEPEST, int(found[2]) + 3)}>", cleaned)


def quote_html(source: str, quote: str) -> str:
    """Return a quote in one line as HTML: the cells of a table's row parted by points, a page's tags left out."""
    import nh3

    if source.lower().endswith((".html", ".htm", ".xhtml")):
        return " ".join(nh3.clean(quote, tags=set(_INLINE_TAGS), attributes={}).split())
    if quote.lstrip().startswith("|"):
        lines = (row for row in quote.strip().split("\n") if not _RULE.fullmatch(row))
        rows = (" · ".join(cell for cell in markdown_cells(row) if cell) for row in lines)
        return "<br>".join(rows)
    return inline_html(" ".join(quote.split()))


def is_table_header(quote: str) -> bool:
    """Tell whether a quote is nothing but the header of a Markdown table with the rule below it."""
    *_, last = quote.strip().split("\n")
    return "\n" in quote.strip() and "-" in last and _RULE.fullmatch(last) is not None
