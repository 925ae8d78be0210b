"""Render: a draft to the files of its package."""

from skillgen.render.description import describe, main_tools
from skillgen.render.layout import load_layout, sections_of
from skillgen.render.package import Rendered, body_tokens, render_package
from skillgen.render.titles import reading_time, short_titles

__all__ = [
    "Rendered",
    "body_tokens",
    "describe",
    "load_layout",
    "main_tools",
    "reading_time",
    "render_package",
    "sections_of",
    "short_titles",
]
