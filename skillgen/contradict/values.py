"""Values that statements give: durations, counts, schedules and names, and whether two of them can both hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from skillgen.words import content_stems, stem, words

_SECONDS: dict[str, float] = {
    "ms": 0.001, "millisecond": 0.001, "milliseconds": 0.001,
    "s": 1, "sec": 1, "secs": 1, "second": 1, "seconds": 1,
    "m": 60, "min": 60, "mins": 60, "minute": 60, "minutes": 60,
    "h": 3600, "hr": 3600, "hrs": 3600, "hour": 3600, "hours": 3600,
    "d": 86400, "day": 86400, "days": 86400,
    "week": 604800, "weeks": 604800,
    "month": 2_630_000, "months": 2_630_000,
    "year": 31_557_600, "years": 31_557_600,
}  # fmt: skip
_NUMBERS = {
    word: number
    for number, word in enumerate("zero one two three four five six seven eight nine ten eleven twelve".split())
}
_WORDS = rf"(?:{'|'.join(_NUMBERS)}|an?)"
_UNIT = "|".join(sorted(_SECONDS, key=len, reverse=True))
_DURATION = re.compile(
    rf"(?<![\w.:$#/-])(?P<about>~|about |around |roughly |approximately |circa |some )?\**"
    rf"(?P<low>\d{{1,6}}(?:[.,]\d{{1,3}})?|{_WORDS}(?=[\s-]))(?:\s?(?:-|\u2013|to)\s?(?P<high>\d{{1,6}}))?\**[\s-]?\**"
    rf"(?:(?:calendar|working|business) )?"
    rf"(?P<unit>{_UNIT})\b(?!-)",
    re.IGNORECASE,
)
_AT_MOST = re.compile(
    r"\b(?:at most|up to|maximum(?: of)?|max\.?|within|no more than|not? longer than)\W{1,3}$", re.IGNORECASE
)
_AT_LEAST = re.compile(
    r"\b(?:at least|minimum(?: of)?|min\.|no less than|more than|over|longer than)\W{1,3}$", re.IGNORECASE
)
# A month has no exact length: "30 days" and "a month", "52 weeks" and "a year" are the same promise.
_CALENDAR_SLACK = 0.09
_ABOUT_SLACK = 0.35
_LONG = 86400 * 7


@dataclass(frozen=True, slots=True)
class Amount:
    """A number in a unit's smallest measure, from `low` to `high`; `start` and `end` say where in the text it stands.

    `words` is the amount as a reader may be shown it.
    """

    low: float
    high: float
    slack: float
    start: int
    end: int
    words: str

    def differs(self, other: Amount) -> bool:
        """Tell whether the two amounts cannot both hold."""
        slack = max(self.slack, other.slack)
        return self.low > other.high * (1 + slack) or other.low > self.high * (1 + slack)


def durations(text: str) -> list[Amount]:
    """Return the lengths of time in a text, in seconds."""
    return [_duration(text, match) for match in _DURATION.finditer(text)]


def _duration(text: str, match: re.Match[str]) -> Amount:
    seconds = _SECONDS[match["unit"].lower()]
    low = _number(match["low"]) * seconds
    high = float(match["high"]) * seconds if match["high"] else low
    slack = _ABOUT_SLACK if match["about"] else _CALENDAR_SLACK if max(low, high) >= _LONG else 0.001
    return _bounded(text, Amount(low, high, slack, match.start(), match.end(), match.group().strip(" *")))


def counts(text: str, *patterns: re.Pattern[str]) -> list[Amount]:
    """Return the counts that the patterns' group `count` finds."""
    found = []
    for match in (match for pattern in patterns for match in pattern.finditer(text)):
        number = _number(match["count"])
        found.append(
            _bounded(text, Amount(number, number, 0, match.start("count"), match.end("count"), match["count"]))
        )
    return found


def _bounded(text: str, amount: Amount) -> Amount:
    """Return the amount opened at one side where the words before it make it a bound."""
    before = text[max(0, amount.start - 24) : amount.start]
    low = 0.0 if _AT_MOST.search(before) else amount.low
    high = float("inf") if _AT_LEAST.search(before) else amount.high
    return Amount(low, high, amount.slack, amount.start, amount.end, amount.words)


def _number(text: str) -> float:
    word = text.lower()
    if word in ("a", "an", "once"):
        return 1
    if word == "twice":
        return 2
    return float(_NUMBERS[word]) if word in _NUMBERS else float(text.replace(",", "."))


# -- schedules -----------------------------------------------------------------------------------------------------

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKDAY = re.compile(rf"\b({'|'.join(_DAYS)})s?\b", re.IGNORECASE)
_ZONES = {
    "utc": (0,), "gmt": (0,), "z": (0,), "bst": (60,), "cet": (60, 120), "cest": (60, 120), "eet": (120, 180),
    "eest": (120, 180), "est": (-300, -240), "edt": (-300, -240), "et": (-300, -240), "cst": (-360, -300),
    "cdt": (-360, -300), "mst": (-420, -360), "mdt": (-420, -360), "pst": (-480, -420), "pdt": (-480, -420),
    "pt": (-480, -420), "ist": (330,), "jst": (540,),
}  # fmt: skip
_CLOCK = re.compile(
    r"(?<![\w:.-])(?P<hour>2[0-3]|[01]?\d)(?!\d)(?::(?P<minute>[0-5]\d)(?!:?\d))?\s{0,2}(?P<half>[ap]\.?m\b\.?)?"
    rf"(?:\s{{0,2}}\(?(?P<zone>{'|'.join(_ZONES)}|local)\b)?",
    re.IGNORECASE,
)
_NOT_A_START = re.compile(
    r"\b(?:by|until|till|before|after|since|between|and|or|to|than|until the|done|ends?|finish\w*|due|window)\W{1,3}$"
    r"|\d\s?[-\u2013]\s?$",
    re.IGNORECASE,
)
_CRON = re.compile(r"(?<![\w*])((?:[\d*][\d*/,-]*\s){4}[\d*A-Za-z][\w*/,-]*)(?![\w*])")
_FREQUENCIES = (
    ("manual", r"only (?:run )?manual(?:ly)?|manual(?:ly)? only|^manual(?:ly)?$|only (?:on demand|by hand)"),
    ("hourly", r"hourly|(?:every|each|once an|once per) hour"),
    ("daily", r"daily|nightly|(?:every|each|once a|once per) (?:day|night|morning|evening)"),
    ("working days", r"(?:working|business|week) ?days?|mon(?:day)?\s?(?:-|\u2013|to)\s?fri(?:day)?"),
    ("weekly", r"weekly|(?:every|each|once a|once per) week"),
    ("monthly", r"monthly|(?:every|each|once a|once per) month|(?:1st|first) (?:day )?of (?:the|each|every) month"),
    ("quarterly", r"quarterly|(?:every|each|once a|once per) quarter"),
    ("yearly", r"yearly|annually|(?:every|each|once a|once per) year"),
)
_FREQUENCY = tuple((name, re.compile(rf"\b(?:{words})\b", re.IGNORECASE)) for name, words in _FREQUENCIES)
_EVERY = re.compile(
    rf"\bevery (?P<count>\d{{1,4}}|{_WORDS})[ -]?(?P<unit>min|mins|minutes|h|hours|days|weeks|months)\b", re.IGNORECASE
)
_INTERVALS: dict[float, str] = {3600: "hourly", 86400: "daily", 604_800: "weekly"}
_NOON = 12
_DAY_MINUTES = 1440
_HALF_HOUR = 30


@dataclass(frozen=True, slots=True)
class Schedule:
    """When something starts: minute of the day, zone of that or "", how often, and on which days of the week."""

    clock: int | None = None
    zone: str = ""
    often: str = ""
    days: frozenset[str] = frozenset()
    words: str = ""

    def differs(self, other: Schedule) -> bool:
        """Tell whether the two cannot both hold; what one of them leaves open cannot differ."""
        timed = self.clock is not None and other.clock is not None
        if timed and self.days and other.days and not self.days & other.days:
            return False  # two runs, each with a day and a time of its own
        if self.often and other.often and _apart(self, other):
            return True
        return timed and _clocks_differ(self, other)


def _apart(one: Schedule, two: Schedule) -> bool:
    """Tell whether two frequencies differ; "nightly" is often said of working nights, and weekly has a day."""
    if one.often == two.often:
        return bool(one.days and two.days) and not one.days & two.days
    pair = {one.often, two.often}
    return not pair <= {"daily", "working days", "days"} and pair != {"weekly", "days"}


def _clocks_differ(one: Schedule, two: Schedule) -> bool:
    assert one.clock is not None
    assert two.clock is not None
    if one.zone == two.zone:
        return one.clock != two.clock
    apart = (one.clock - two.clock) % _DAY_MINUTES
    if one.zone in _ZONES and two.zone in _ZONES:
        return all(apart != (a - b) % _DAY_MINUTES for a in _ZONES[one.zone] for b in _ZONES[two.zone])
    # One side does not say its zone: only what no zone explains is a difference.
    return apart % _HALF_HOUR != 0


def schedules(text: str, *, zone: str = "") -> Iterator[tuple[int, int, Schedule]]:
    """Yield start, end and schedule of a text's only clock time, cron expression or frequency.

    Args:
        text: A sentence or a table cell.
        zone: The time zone of times that name none.
    """
    clocks = [match for match in _CLOCK.finditer(text) if match["minute"] or match["half"]]
    starts = [match for match in clocks if not _NOT_A_START.search(text[max(0, match.start() - 12) : match.start()])]
    cron = _CRON.search(text)
    often, days, at = _frequency(text)
    if cron and _cron(cron[1]) is not None:
        minute, often = _cron(cron[1]) or (None, "")
        yield cron.start(), cron.end(), Schedule(minute, "utc", often, words=cron[1])
    elif len(starts) == 1 and len(clocks) == 1:
        match = starts[0]
        own = (match["zone"] or zone).lower()
        yield match.start(), match.end(), Schedule(_minutes(match), own, often, days, words=match.group().strip())
    elif often and not clocks and at is not None:
        yield at[0], at[1], Schedule(often=often, days=days, words=text[at[0] : at[1]])


def _minutes(match: re.Match[str]) -> int:
    hour, half = int(match["hour"]), (match["half"] or "").lower()
    if half:
        hour = hour % _NOON + (_NOON if half.startswith("p") else 0)
    return hour * 60 + int(match["minute"] or 0)


def _frequency(text: str) -> tuple[str, frozenset[str], tuple[int, int] | None]:
    """Return the one frequency that a text names, its days, and where; nothing where it names several."""
    named = [(name, match) for name, words in _FREQUENCY if (match := words.search(text))]
    named += [(_interval(match), match) for match in _EVERY.finditer(text)]
    days = frozenset(day.lower() for day in _WEEKDAY.findall(text))
    if days and not named and len(days) < len(_DAYS):
        match = _WEEKDAY.search(text)
        assert match is not None
        return "days", days, match.span()
    if len(named) != 1:
        return "", frozenset(), None
    return named[0][0], days, named[0][1].span()


def _interval(match: re.Match[str]) -> str:
    """Return the name of an interval, the same for "every 60 minutes" and "hourly"."""
    seconds = _number(match["count"]) * _SECONDS[match["unit"].lower()]
    return _INTERVALS.get(seconds, f"every {seconds:g} s")


def _cron(expression: str) -> tuple[int | None, str] | None:
    """Return minute of the day and frequency of a cron expression, or nothing where it is none of the common ones."""
    minute, hour, *rest = expression.split()
    if minute.isdigit() and hour.isdigit() and rest == ["*", "*", "*"]:
        return int(hour) * 60 + int(minute), "daily"
    if minute.isdigit() and hour == "*" and rest == ["*", "*", "*"]:
        return None, "hourly"
    return None


# -- names ---------------------------------------------------------------------------------------------------------

_GROUP_WORDS = frozenset(content_stems("team teams squad squads group groups people folks department guild chapter"))


def name_stems(text: str) -> frozenset[str]:
    """Return the stems that tell an owner from another one: without "team", "squad" and their like."""
    return frozenset(content_stems(text)) - _GROUP_WORDS


def same_name(one: str, two: str) -> bool:
    """Tell whether one of two names is the other's initials, as "CTO" is those of "chief technology officer"."""
    return any(
        len(short.strip()) > 1 and short.strip().casefold() == _initials(name)
        for short, name in ((one, two), (two, one))
    )


def _initials(name: str) -> str:
    telling = (word for word in words(name) if word.casefold() != "of" and stem(word) not in _GROUP_WORDS)
    return "".join(word[0] for word in telling).casefold()
