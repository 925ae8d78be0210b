"""The description, by which an agent decides whether to read a skill."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from skillgen.model.brief import Plan
from skillgen.model.draft import IntegrationEdge
from skillgen.model.layout import Layout
from skillgen.render.titles import short_titles
from skillgen.templating import Templates

MAX_DESCRIPTION = 1024
# Name and description are in every session of an agent, and `skillgen eval` holds both together to this.
AIM_CHARACTERS = 400
_MAX_NAME = 64
_TOOLS = 3
_SEVERAL = 2
_MAX_ASKED = 60
# Without a layout.
NEEDS = "its own names, values, times, owners or order of steps"
NOT_FOR = "the general use of a tool"
_ARROW = re.compile(r"\s*[-=]?>+\s*")
_TOOL = re.compile(r"[^\W_][\w .+/&-]{0,29}")
_ASKS = re.compile(r"(?:what|which|who|when|where|how)\b", re.IGNORECASE)
# What such a word stands for is said in another part of the question.
_POINTS = re.compile(r"\b(?:it|its|each|one|ones|that|this|these|those|they|them|their|then|there)\b", re.IGNORECASE)
_FIRST_WORDS = re.compile(r", | (?:and|or|for|of) ")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What a description may tell: the targets, the tools, and a question as a user would ask it."""

    targets: Sequence[str]
    tools: Sequence[str]
    asks: str


def main_tools(edges: Sequence[IntegrationEdge], named: Mapping[str, int] | None = None) -> tuple[str, ...]:
    """Return at most three tools by which users ask: those that most claims name, then those that meet most others.

    After the first, only a tool of several claims or meetings is one. A tool that is named after one of these is left
    out, and so is what may be no name.

    Args:
        edges: The integration map.
        named: How many claims of the body name a tool.
    """
    claims = Counter(named or {})
    meetings = Counter(tool for edge in edges for tool in (edge.from_, edge.to))
    ranked = sorted(claims.keys() | meetings.keys(), key=lambda tool: (-claims[tool], -meetings[tool], tool))
    found: list[str] = []
    for tool in ranked:
        words = _words(tool)
        alike = any(words <= _words(one) or _words(one) <= words for one in found)
        rare = bool(found) and max(claims[tool], meetings[tool]) < _SEVERAL
        if _TOOL.fullmatch(tool) and not alike and not rare and len(found) < _TOOLS:
            found.append(tool)
    return tuple(found)


def _words(name: str) -> set[str]:
    return set(name.casefold().split())


def describe(
    plan: Plan, templates: Templates, *, name: str = "", tools: Sequence[str] = (), layout: Layout | None = None
) -> str:
    """Return what the skill holds, when to use it and what it is not for, in at most 1,024 characters.

    Every target is named. Where name and description would have over 400 characters together, the targets are named by
    their titles, the question and then all tools but the first are left out, and the titles shortened.

    Args:
        plan: The briefs.
        templates: Those of the package.
        name: The skill's name; it is reckoned with its longest without one.
        tools: The tools that users ask by, the most important first.
        layout: That of the skill's purpose.
    """
    titles = [brief.title for brief in plan.briefs]
    room = AIM_CHARACTERS - (len(name) or _MAX_NAME)
    text = ""
    for told in _shorter_and_shorter(plan, tools):
        text = _described(templates, titles, told, layout)
        if len(text) <= room:
            return text
    for count in range(len(told.targets), 0, -1):
        text = _described(templates, titles, replace(told, targets=told.targets[:count]), layout)
        if len(text) <= MAX_DESCRIPTION:
            return text
    return text[: MAX_DESCRIPTION - 1].rsplit(" ", 1)[0] + "…"


def _shorter_and_shorter(plan: Plan, tools: Sequence[str]) -> Iterator[_Told]:
    targets = [target.text for brief in plan.briefs for target in brief.targets]
    short = short_titles(targets)
    asks = _asked(plan)
    yield _Told(targets=targets, tools=tools, asks=asks)
    yield _Told(targets=short, tools=tools, asks=asks)
    yield _Told(targets=short, tools=tools, asks="")
    yield _Told(targets=short, tools=tools[:1], asks="")
    first = [_FIRST_WORDS.split(title)[0] for title in short]
    yield _Told(targets=list(dict.fromkeys(first)), tools=tools[:1], asks="")


def _asked(plan: Plan) -> str:
    """Return the first part of a question that is short and needs no other part, or nothing."""
    for facet in plan.facets:
        asked = " ".join(facet.text.split()).rstrip(" ?.;:,")
        if len(asked) < _MAX_ASKED and _ASKS.match(asked) and not _POINTS.search(asked):
            return f"{asked[:1].lower()}{asked[1:]}?"
    return ""


def _described(templates: Templates, titles: Sequence[str], told: _Told, layout: Layout | None) -> str:
    values = {
        "titles": titles,
        "targets": [text.rstrip(" .;") for text in told.targets],
        "tools": list(told.tools),
        "asks": told.asks,
        "needs": layout.needs if layout else NEEDS,
        "not_for": layout.not_for if layout else NOT_FOR,
    }
    text = templates.render("description.txt.j2", values)
    return " ".join(_ARROW.sub(" to ", text).replace("<", "").split())
