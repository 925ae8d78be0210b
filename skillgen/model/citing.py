"""A range of a page to the citation of it."""

from __future__ import annotations

from skillgen.model.corpus import Block, Page
from skillgen.model.draft import Citation
from skillgen.model.lines import Lines


def cite(page: Page, lines: Lines, block: Block, start: int, end: int) -> Citation:
    """Return the citation of `page.text[start:end]`, which stands in the block; `lines` are those of the page's text.

    Of a page with many citations the lines are made once.
    """
    return Citation(
        source=page.source,
        start=start,
        end=end,
        lines=(lines.number(start), lines.number(end - 1)),
        heading_path=block.heading_path,
        quote=page.text[start:end],
        source_sha256=page.sha256,
        url=page.url,
    )
