"""Wording: the things that questions name, and the other words in which pages name the same things.

A question says "retained", a page says "kept for 30 days". The words are those of `prompts/catalogue/wording.yaml`.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence

from skillgen.catalogue import load_wording, phrase_stems
from skillgen.words import STOP_WORDS, stem, words

_LONGEST = 5
_Phrase = tuple[str, ...]


@functools.cache
def _asked() -> Mapping[_Phrase, str]:
    """Return the thing that each phrase of a question names; where two would do, the first."""
    found: dict[_Phrase, str] = {}
    for one in load_wording():
        for phrase in (one.thing, *one.asks):
            found.setdefault(phrase_stems(phrase), _name(one.thing))
    return found


@functools.cache
def _said() -> Mapping[_Phrase, frozenset[str]]:
    """Return the things that each phrase of a page may name."""
    found: dict[_Phrase, set[str]] = {}
    for one in load_wording():
        for phrase in (one.thing, *one.asks, *one.says):
            found.setdefault(phrase_stems(phrase), set()).add(_name(one.thing))
    return {phrase: frozenset(things) for phrase, things in found.items()}


def _name(thing: str) -> str:
    # The mark keeps the name of a thing apart from a word of a page.
    return f"={thing}"


def things_asked(text: str, *, leave_out: Iterable[str] = ()) -> frozenset[str]:
    """Return the things that a question names: those of the list, and the stems of its other content words.

    `leave_out` are stems that name nothing.
    """
    out = frozenset(leave_out)
    said = words(text)
    stems = [stem(word) for word in said]
    found: set[str] = set()
    at = 0
    while at < len(said):
        length = next((n for n in range(_LONGEST, 0, -1) if tuple(stems[at : at + n]) in _asked()), 0)
        if length and not (length == 1 and stems[at] in out):
            found.add(_asked()[tuple(stems[at : at + length])])
        elif said[at].casefold() not in STOP_WORDS and len(said[at]) > 1 and stems[at] not in out:
            found.add(stems[at])
        at += length or 1
    return frozenset(found)


def things_said(stems: Sequence[str]) -> frozenset[str]:
    """Return the things that a page names with these stems in a row, and the stems themselves."""
    found = set(stems)
    for at in range(len(stems)):
        for length in range(1, _LONGEST + 1):
            found |= _said().get(tuple(stems[at : at + length]), frozenset())
    return frozenset(found)
