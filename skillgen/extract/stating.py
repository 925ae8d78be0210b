"""Stating: whether a reader learns something from a statement by itself."""

from __future__ import annotations

import re

from skillgen.extract.units import Unit
from skillgen.model.corpus import Span

MIN_WORDS = 4
_CONTENTS = re.compile(
    r"(?:table of contents|contents|toc|on this page|in this (?:page|section|guide)|navigation)\W*", re.IGNORECASE
)
_POINTER = re.compile(
    r"\(?(?:please )?(?:see|refer to|read|check(?: out)?|consult|visit|more (?:in|on|about|at|details?|information)\b|"
    r"for (?:more|further|additional|full)\b|for (?:details?|information|an? (?:overview|example))\b|click|"
    r"back to|next:|previous:|learn more|further reading)\b",
    re.IGNORECASE,
)
_LINK = re.compile(
    r"[*_]{0,3}(?:\[[^\]]*\]\([^()\s]*\)|\[[^\]]*\]\[[^\]]*\]|<https?://[^>]*>|https?://\S+)[*_]{0,3}[.,;:]?"
)
_LEFTOVER = re.compile(r"\{\{|\{%|\{:\s|:::|</?[a-z]+ [a-z-]+=")
_CODE_SPAN = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)")
_DRAWING = re.compile(r"[\u2500-\u259f]|\+[-=]{3,}\+|^[ \t]*[|/\\][ \t]*$", re.MULTILINE)
_DIAGRAM = re.compile(
    r"\s*(?:%%\{|(?:graph|flowchart)\s+[A-Z]{2}\b|(?:sequence|class|state|er)Diagram|gantt\b|digraph\b|@startuml)"
)
_CODE_WORD = re.compile(r"[^\W\d_]{2,}")
MAX_POINTER_WORDS = 18
_MIN_OWN_WORDS = 3
_MIN_LETTERS = 0.4


def states_something(raw: str, unit: Unit, lead: str) -> bool:
    """Tell whether a reader learns something from the unit.

    Not from a table of contents, a list of links, a question, a pointer to another page, a lead-in without what it
    introduces, a drawing, or text in which markup is left.
    """
    if _CONTENTS.fullmatch(unit.block.heading_path[-1]) or len(f"{lead} {unit.text}".split()) < MIN_WORDS:
        return False
    if unit.block.kind == "code" and len(unit.spans) == 1:
        return _is_command(unit.spans[0].text)
    prose = _CODE_SPAN.sub(" ", unit.text)
    if _LEFTOVER.search(prose) or unit.text.endswith(":") or not re.search(r"\w{2}", unit.text):
        return False
    if len(unit.text.split()) < _MIN_OWN_WORDS and prose == unit.text:
        return False
    return not all(_points_elsewhere(raw, span) for span in unit.spans)


def _is_command(code: str) -> bool:
    """Tell commands and configuration from drawings, diagrams and lone brackets."""
    dense = re.sub(r"\s", "", code)
    letters = sum(char.isalnum() for char in dense)
    if _DRAWING.search(code) or _DIAGRAM.match(code) or letters < _MIN_LETTERS * len(dense):
        return False
    return len(_CODE_WORD.findall(code)) > 1


def _points_elsewhere(raw: str, span: Span) -> bool:
    """Tell whether a span is a question, only a link, or a short sentence that sends the reader elsewhere."""
    if span.text.endswith("?") or _LINK.fullmatch(raw[span.start : span.end]):
        return True
    return len(span.text.split()) <= MAX_POINTER_WORDS and _POINTER.match(span.text) is not None
