"""HTML to blocks with exact raw spans."""

from __future__ import annotations

from collections.abc import Iterator

from skillgen.model.corpus import Finding, Page, SourceFile
from skillgen.model.lines import Lines
from skillgen.parse.headings import with_heading_paths
from skillgen.parse.html.blocks import read_blocks
from skillgen.parse.html.content import Content, find_content
from skillgen.parse.html.facts import page_facts
from skillgen.parse.html.titles import page_title
from skillgen.parse.html.tree import MAX_DEPTH, MAX_ELEMENTS, Tree, read_tree

# Counts up whenever the same text would give other blocks or spans: a workspace then parses its pages again.
PARSER_VERSION = 2


def parse_html(file: SourceFile) -> tuple[Page, tuple[Finding, ...]]:
    """Return the page with the blocks of its main content in the order of the text, and what was odd about it.

    For every block and span, `start < end` and the offsets lie in `file.text`; spans lie inside their block, in order
    and without overlap, and so do blocks. Offsets address the raw file, so a quote may hold tags.
    """
    tree = read_tree(file.text)
    content = find_content(tree)
    blocks = read_blocks(tree, content)
    title = page_title(tree, blocks, file.source)
    page = Page(
        source=file.source,
        title=title,
        text=file.text,
        sha256=file.sha256,
        blocks=tuple(with_heading_paths(blocks, title)),
        url=file.url,
        media="html",
        meta=page_facts(tree),
    )
    return page, (*_limits(page, tree), *_content(page, content))


def _limits(page: Page, tree: Tree) -> Iterator[Finding]:
    lines = Lines.of(page.text)
    for kind, at, message in (
        ("cut-markup", tree.cut_at, "A tag, comment or script begins here and is never closed: the rest is not read."),
        ("too-deep", tree.too_deep, f"Elements are nested over {MAX_DEPTH} deep: headings and lists may be misread."),
        ("too-large", tree.too_large, f"The page has over {MAX_ELEMENTS:,} elements: the rest is not read."),
    ):
        if at is not None:
            yield Finding(kind=kind, source=page.source, message=message, line=lines.number(at))


def _content(page: Page, content: Content) -> Iterator[Finding]:
    if not any(block.spans for block in page.blocks if block.kind != "heading"):
        yield Finding(kind="no-text", source=page.source, message="The page has no text to cite.")
    elif not content.sure:
        message = "The main content could not be told from navigation: check what is cited from this page."
        yield Finding(kind="no-main-content", source=page.source, message=message)
    if content.characters > content.kept:
        share = (content.characters - content.kept) / content.characters
        message = f"{share:.0%} of the page's text is not main content (navigation, hidden parts) and was left out."
        yield Finding(kind="boilerplate", source=page.source, message=message, severity="info")
