"""Values: times, quantities, code and names in a text, in a form in which two spellings of one value are equal.

`20 min`, `20 minutes` and `1200 s` are one quantity; `2:40`, `02:40` and `02:40 UTC` are one time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from skillgen.words import content_stems

_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400, "week": 604_800}
_BYTES = {"byte": 1, "kilobyte": 10**3, "megabyte": 10**6, "gigabyte": 10**9, "terabyte": 10**12}
_UNIT_NAMES = {
    "second": "s sec secs second seconds",
    "minute": "min mins minute minutes m",
    "hour": "h hr hrs hour hours",
    "day": "d day days",
    "week": "week weeks",
    "month": "month months",
    "year": "year years",
    "byte": "byte bytes",
    "kilobyte": "kb kilobyte kilobytes",
    "megabyte": "mb megabyte megabytes",
    "gigabyte": "gb gigabyte gigabytes",
    "terabyte": "tb terabyte terabytes",
    "percent": "% percent",
    "time": "time times attempt attempts retry retries",
}
_UNIT = {spelling: unit for unit, spellings in _UNIT_NAMES.items() for spelling in spellings.split()}
_NUMERALS = {
    word: number
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen".split()
    )
} | {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "ninety": 90, "once": 1, "twice": 2}
_NUMBER = rf"(?:\d{{1,3}}(?:,\d{{3}})+|\d+(?:\.\d+)?|{'|'.join(_NUMERALS)})"
_SPELLINGS = "|".join(sorted(map(re.escape, _UNIT), key=len, reverse=True))
QUANTITY = re.compile(
    rf"(?<![\w.:/-])(?P<number>{_NUMBER})(?:[ -]|(?=[%a-zA-Z]))(?:working |calendar |full |per ?)?"
    rf"(?P<unit>{_SPELLINGS})(?!\w|-\w)",
    re.IGNORECASE,
)
CLOCK = re.compile(
    r"(?<![\w:.])(?P<hour>[01]?\d|2[0-3])(?:[:.](?P<minute>[0-5]\d))(?::[0-5]\d)?(?![\d:]|\.\d)"
    r"(?: ?(?P<half>[ap])\.?m\b)?",
    re.IGNORECASE,
)
_HALF_DAY = re.compile(r"(?<![\w:.])(?P<hour>1[0-2]|[1-9]) ?(?P<half>[ap])\.?m\b", re.IGNORECASE)
DAY = re.compile(r"\b(?P<day>mon|tues|wednes|thurs|fri|satur|sun)days?\b", re.IGNORECASE)
CODE = re.compile(r"`([^`\n]+)`")
_NIGHT = 12


@dataclass(frozen=True, slots=True)
class Value:
    """A value in a text: its kind of measure, a form in which equal values are equal, and where it stands."""

    measure: str
    key: str
    start: int
    end: int


def values_in(text: str) -> tuple[Value, ...]:
    """Return the times, days of the week and quantities of a text in their order; none lies in another."""
    found = sorted([*_clocks(text), *_quantities(text)], key=lambda one: (one.start, -one.end))
    kept: list[Value] = []
    for one in found:
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
    return tuple(kept)


def _clocks(text: str) -> Iterator[Value]:
    for pattern in (CLOCK, _HALF_DAY):
        for match in pattern.finditer(text):
            hour = int(match["hour"])
            half = (match["half"] or "").casefold()
            if half:
                hour = hour % _NIGHT + (_NIGHT if half == "p" else 0)
            minute = int(match["minute"]) if "minute" in match.groupdict() else 0
            yield Value("clock", f"{hour:02}:{minute:02}", match.start(), match.end())
    for match in DAY.finditer(text):
        yield Value("day", match["day"].casefold(), match.start(), match.end())


def _quantities(text: str) -> Iterator[Value]:
    for match in QUANTITY.finditer(text):
        unit = _UNIT[match["unit"].casefold()]
        number = _number(match["number"])
        measure = "duration" if unit in (*_SECONDS, "month", "year") else "size" if unit in _BYTES else unit
        if unit in _SECONDS:
            key = f"{number * _SECONDS[unit]:g} s"
        elif unit in _BYTES:
            key = f"{number * _BYTES[unit]:g} byte"
        else:
            key = f"{number:g} {unit}"
        yield Value(measure, key, match.start(), match.end())


def _number(text: str) -> float:
    plain = text.casefold().replace(",", "")
    return float(_NUMERALS[plain]) if plain in _NUMERALS else float(plain)


def codes_in(text: str) -> tuple[str, ...]:
    """Return the code spans of a text without their backticks."""
    return tuple(match.strip() for match in CODE.findall(text) if match.strip())


def left_over(text: str) -> list[str]:
    """Return the stems of the content words of a text that are part of no value and of no code."""
    spans = [*((one.start, one.end) for one in values_in(text)), *(match.span() for match in CODE.finditer(text))]
    kept = []
    cursor = 0
    for start, end in sorted(spans):
        kept.append(text[cursor:start])
        cursor = max(cursor, end)
    return [word for word in content_stems(" ".join([*kept, text[cursor:]])) if word not in _EMPTY]


# Words beside a value that say nothing more: `daily at 04:00 UTC`, `every 90 seconds`, `about 40 min`.
_EMPTY = frozenset(content_stems("utc local daily day days nightly night each about roughly time o'clock cet"))
