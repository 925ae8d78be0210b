"""Parse: a source file's text to a page of blocks with heading paths and exact raw spans."""

from pathlib import PurePosixPath

from skillgen.model.corpus import Finding, Page, SourceFile
from skillgen.model.statements import statement_kind
from skillgen.parse import html, markdown, statements
from skillgen.parse.html import parse_html
from skillgen.parse.markdown import parse_markdown
from skillgen.parse.statements import parse_statements, without_statements

__all__ = ["PARSER_VERSION", "parse_html", "parse_markdown", "parse_page", "parse_statements", "without_statements"]

PARSER_VERSION = f"{markdown.PARSER_VERSION}.{html.PARSER_VERSION}.{statements.PARSER_VERSION}"
HTML_SUFFIXES = frozenset({".html", ".htm", ".xhtml"})


def parse_page(file: SourceFile) -> tuple[Page, tuple[Finding, ...]]:
    """Return the page of a file and what was odd about it; the file's ending tells its format."""
    if statement_kind(file.source) is not None:
        return parse_statements(file)
    if PurePosixPath(file.source).suffix.lower() in HTML_SUFFIXES:
        return parse_html(file)
    return parse_markdown(file)
