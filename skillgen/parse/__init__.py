"""Parse: a source file's text to a page of blocks with heading paths and exact raw spans."""

from pathlib import PurePosixPath

from skillgen.model.corpus import Finding, Page, SourceFile
from skillgen.parse import html, markdown
from skillgen.parse.html import parse_html
from skillgen.parse.markdown import parse_markdown

__all__ = ["PARSER_VERSION", "parse_html", "parse_markdown", "parse_page"]

PARSER_VERSION = f"{markdown.PARSER_VERSION}.{html.PARSER_VERSION}"
HTML_SUFFIXES = frozenset({".html", ".htm", ".xhtml"})


def parse_page(file: SourceFile) -> tuple[Page, tuple[Finding, ...]]:
    """Return the page of a file and what was odd about it; the file's ending tells its format."""
    if PurePosixPath(file.source).suffix.lower() in HTML_SUFFIXES:
        return parse_html(file)
    return parse_markdown(file)
