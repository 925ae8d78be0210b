"""Kinds of system: those that a text names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from skillgen.catalogue import ToolFinder, phrase_stems
from skillgen.model.catalogue import Catalogue, ToolKind
from skillgen.model.draft import IntegrationEdge, MappedKind

_LABEL_PARTS = re.compile(r",\s+|\s+and\s+|\s+or\s+")
_LONGEST_PHRASE = 4
# Two spellings of one word, by their stems.
_SPELLINGS: Mapping[str, str] = {"catalogu": "catalog"}


def sort_kinds(
    texts: Iterable[str], edges: Sequence[IntegrationEdge], catalogue: Catalogue
) -> tuple[tuple[MappedKind, ...], tuple[str, ...]]:
    """Return the kinds that the texts name: those with a tool that an edge touches, and the labels of the others."""
    ends = {name for edge in edges for name in (edge.from_, edge.to)}
    tools = {kind.label: tuple(sorted(ends & {tool.name for tool in kind.tools})) for kind in catalogue.kinds}
    named = named_kinds(texts, catalogue)
    mapped = tuple(MappedKind(label=label, tools=tools[label]) for label in named if tools[label])
    return mapped, tuple(label for label in named if not tools[label])


def named_kinds(texts: Iterable[str], catalogue: Catalogue) -> tuple[str, ...]:
    """Return the labels of the kinds of system that the texts name, in the catalogue's order.

    A kind is named by one of its tools, by its own name or the first part of its label, by a phrase of several words
    that is its alone, or by two single ones: a brief that says "order" once does not ask about shops.
    """
    finder = ToolFinder(catalogue.tools)
    named: set[str] = set()
    said: set[tuple[str, ...]] = set()
    for text in texts:
        named |= {mention.tool.kind for mention in finder.find(text)}
        stems = _stems(text)
        said |= {stems[i : i + n] for n in range(1, _LONGEST_PHRASE + 1) for i in range(len(stems) - n + 1)}
    phrases = {kind.kind: _phrases(kind) for kind in catalogue.kinds}
    shared = Counter(phrase for own in phrases.values() for phrase in own)
    for kind in catalogue.kinds:
        heard = {phrase for phrase in phrases[kind.kind] & said if shared[phrase] == 1}
        names = {_stems(kind.kind), _stems(_LABEL_PARTS.split(kind.label)[0])}
        if names & said or len(heard) > 1 or any(len(phrase) > 1 for phrase in heard):
            named.add(kind.kind)
    return tuple(kind.label for kind in catalogue.kinds if kind.kind in named)


def _phrases(kind: ToolKind) -> set[tuple[str, ...]]:
    return {_stems(phrase) for phrase in (*_LABEL_PARTS.split(kind.label), *kind.words)}


def _stems(text: str) -> tuple[str, ...]:
    return tuple(_SPELLINGS.get(one, one) for one in phrase_stems(text))
