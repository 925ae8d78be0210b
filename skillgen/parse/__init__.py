"""Parse: a source file's text to a page of blocks with heading paths and exact raw spans."""

from skillgen.parse.markdown import PARSER_VERSION, parse_markdown

__all__ = ["PARSER_VERSION", "parse_markdown"]
