"""Opposed: whether two statements about the same thing give it another value, time, order, owner or permission.

The statements are read by themselves, with none of the page around them: enough to check what a model says of them, too
little to find contradictions by (`skillgen/contradict` does that). The numbers here were set by hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from skillgen.words import STOP_WORDS, content_stems, own_names, stem, words

Opposition = Literal["value", "schedule", "order", "owner", "permission"]

_SECONDS = {
    **dict.fromkeys(("second", "sec", "s"), 1),
    **dict.fromkeys(("minute", "min", "m"), 60),
    **dict.fromkeys(("hour", "hr", "h"), 3600),
    **dict.fromkeys(("day", "d"), 86_400),
    "week": 604_800,
    "month": 2_592_000,
    "year": 31_536_000,
}
_NUMBERS = {
    word: float(number)
    for number, word in enumerate("zero one two three four five six seven eight nine ten eleven twelve".split())
} | {"once": 1.0, "twice": 2.0}
_OFTEN = {
    word: name
    for name, forms in (
        ("minutely", "minutely"),
        ("hourly", "hourly"),
        ("daily", "daily nightly"),
        ("weekly", "weekly"),
        ("monthly", "monthly"),
        ("quarterly", "quarterly"),
        ("yearly", "yearly annually"),
    )
    for word in forms.split()
}
_CLOCK = re.compile(r"(?<![\d:.])(\d{1,2}):(\d{2})(?![\d:])\s?([ap]m)?|(?<![\d:.])(\d{1,2})\s?([ap]m)\b", re.IGNORECASE)
_AMOUNT = re.compile(
    rf"(?<![\w.:/-])(?P<number>\d{{1,3}}(?:,\d{{3}})+(?!\d)|\d+(?:[.,]\d+)?|{'|'.join(_NUMBERS)})\b(?:\s?(?P<percent>%)|[\s-]+(?P<unit>[^\W\d_]+))?",
    re.IGNORECASE,
)
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+")
_DAY = re.compile(r"\b(mon|tues|wednes|thurs|fri|satur|sun)days?\b", re.IGNORECASE)
_NOT = re.compile(
    r"\b(?:not|never|no|none|nobody|no one|nothing|cannot|without|forbidden|prohibited|refuse[sd]?|disabled|blocked)\b"
    r"|n['\u2019]t\b",
    re.IGNORECASE,
)
_BEFORE = re.compile(r"\b(?:before|then|prior to|ahead of|and only then)\b", re.IGNORECASE)
_AFTER = re.compile(r"\b(?:after|once|following)\b", re.IGNORECASE)
_DONE_BY = re.compile(
    r"\b(?:owned|maintained|approved|reviewed|signed off|decided|granted|handled|looked after|run) by "
    r"(?P<who>[^.,;:()]+)",
    re.IGNORECASE,
)
_DOES = re.compile(
    r"(?:^|[.;:,]\s)(?P<who>[^.,;:()]{2,60}?) (?:must |has to |have to )?"
    r"(?:owns?|maintains?|approves?|reviews?|decides?|grants?|signs? off|answers? for|(?:is|are) responsible)\b",
    re.IGNORECASE,
)
_GROUP = frozenset(content_stems("team teams squad squads group groups people department"))
# Words that two statements must share to be about one thing, and as a share of the shorter one's where the difference
# itself is a weaker sign: a negation, or another name.
_ALIKE = 2
_HALF = 0.5
_NOON = 12


def opposition(one: str, two: str) -> Opposition | None:
    """Return what two statements disagree about, or None where no rule sees a disagreement."""
    if len(_subject(one) & _subject(two)) < _ALIKE and not own_names(one) & own_names(two):
        return None
    mine, its = _quantities(one), _quantities(two)
    apart = sorted(kind for kind in mine.keys() & its.keys() if not mine[kind] & its[kind])
    if apart:
        return "schedule" if {"clock", "day", "often"} & set(apart) else "value"
    found: dict[Opposition, bool] = {
        "order": _other_order(one, two),
        "owner": _other_owner(one, two),
        "permission": _much_alike(one, two) and bool(_NOT.search(one)) != bool(_NOT.search(two)),
        "value": _much_alike(one, two) and _other_names(one, two),
    }
    return next((kind for kind, holds in found.items() if holds), None)


def _quantities(text: str) -> dict[str, frozenset[float | str]]:
    """Return the values of a text by what they count: times of day, days, how often, seconds, percent, things."""
    found: dict[str, set[float | str]] = {}
    for kind, value in _values(text):
        found.setdefault(kind, set()).add(value)
    return {kind: frozenset(values) for kind, values in found.items()}


def _values(text: str) -> Iterator[tuple[str, float | str]]:
    for match in _CLOCK.finditer(text):
        hour = int(match[1] or match[4]) % 24
        half = (match[3] or match[5] or "").casefold()
        yield "clock", (hour % _NOON + (_NOON if half == "pm" else 0) if half else hour) * 60.0 + int(match[2] or 0)
    for match in _AMOUNT.finditer(_CLOCK.sub(" ", text)):
        number = _number(match["number"])
        unit = match["unit"] or ""
        unit = "" if unit.casefold() in STOP_WORDS else stem(unit)
        if match["percent"]:
            yield "percent", number
        elif unit in _SECONDS:
            yield "seconds", number * _SECONDS[unit]
        elif unit:
            yield f"number of {unit}", number
    yield from (("day", match[1].casefold()) for match in _DAY.finditer(text))
    yield from (("often", _OFTEN[word]) for word in map(str.casefold, words(text)) if word in _OFTEN)


def _number(written: str) -> float:
    if written.casefold() in _NUMBERS:
        return _NUMBERS[written.casefold()]
    return float(written.replace(",", "") if _THOUSANDS.fullmatch(written) else written.replace(",", "."))


def _subject(text: str) -> frozenset[str]:
    """Return the stems that say what a statement is about: no numbers, no units."""
    stems = frozenset(one for one in content_stems(text) if not any(char.isdigit() for char in one))
    return stems - _SECONDS.keys() - {stem(word) for word in (*_NUMBERS, *_OFTEN)}


def _much_alike(one: str, two: str) -> bool:
    """Tell whether half of the words of the shorter statement stand in the other one, the names of things aside."""
    mine, its = (
        _subject(text) - {stem(part) for name in own_names(text) for part in words(name)} for text in (one, two)
    )
    shared = len(mine & its)
    return shared >= _ALIKE and shared >= _HALF * min(len(mine), len(its))


def _other_names(one: str, two: str) -> bool:
    mine, its = own_names(one), own_names(two)
    return bool(mine and its) and not mine & its


def _other_owner(one: str, two: str) -> bool:
    mine, its = _who(one), _who(two)
    return bool(mine and its) and not mine & its


def _who(text: str) -> frozenset[str]:
    found = _DONE_BY.search(text) or _DOES.search(text)
    return frozenset(content_stems(found["who"])) - _GROUP if found else frozenset()


def _other_order(one: str, two: str) -> bool:
    """Tell whether what comes first in one statement comes last in the other."""
    mine, its = _halves(one), _halves(two)
    if mine is None or its is None:
        return False
    crossed = (len(mine[0] & its[1]), len(mine[1] & its[0]))
    return min(crossed) > 0 and sum(crossed) > len(mine[0] & its[0]) + len(mine[1] & its[1])


def _halves(text: str) -> tuple[frozenset[str], frozenset[str]] | None:
    """Return the stems of what comes first and of what comes then, or None where a text states no order."""
    for pattern, turned in ((_BEFORE, False), (_AFTER, True)):
        if match := pattern.search(text):
            parts = (text[: match.start()], text[match.end() :])
            if turned and not parts[0].strip():  # "After the build, the tests run."
                first, _, then = parts[1].partition(",")
                return _subject(first), _subject(then)
            first, then = reversed(parts) if turned else parts
            return _subject(first), _subject(then)
    return None
