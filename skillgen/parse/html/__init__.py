"""HTML pages as people save and export them."""

from skillgen.parse.html.page import PARSER_VERSION, parse_html

__all__ = ["PARSER_VERSION", "parse_html"]
