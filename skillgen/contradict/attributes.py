"""Attributes that things have: what words speak of them, and how their values are read."""

from __future__ import annotations

import re
from dataclasses import dataclass

from skillgen.contradict.values import Amount, Schedule, counts, durations, schedules

Value = Amount | Schedule | frozenset[str]

_COUNT = r"(?P<count>\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|twice|once)"
_RETRIES = (
    re.compile(
        rf"\bretr(?:y|ies|ied)\W{{1,3}}(?:(?:up to|at most|is|are|it|set to)\W){{0,2}}{_COUNT}\b(?! ?(?:s|m|h)\w*)",
        re.IGNORECASE,
    ),
    re.compile(rf"\b{_COUNT}\** (?:retries|attempts)\b", re.IGNORECASE),
)
_APPROVALS = (
    re.compile(
        rf"\b{_COUNT}\**\s+(?:(?:more|further|other|separate|code|review)\s+)?(?:approv(?:als?|ers?)|reviewers?)\b",
        re.IGNORECASE,
    ),
    re.compile(rf"\bapproval of\s+\**{_COUNT}\b", re.IGNORECASE),
)
_CELL_COUNT = re.compile(rf"^\W*(?:at least )?{_COUNT}\b(?! ?(?:s|m|h)\b)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Found:
    """A value in a text, where it stands and how it is written."""

    value: Value
    start: int
    end: int
    words: str


@dataclass(frozen=True, slots=True)
class Attribute:
    """What makes a sentence or a column speak of an attribute.

    In a sentence `cue` stands at most `near` characters from the value; `header` is what a column or label is called.
    """

    name: str
    cue: re.Pattern[str]
    header: re.Pattern[str]
    near: int

    def values(self, text: str, zone: str = "") -> list[Found]:
        """Return the values of this attribute in a text, times without a zone in the given one."""
        if self.name == "schedule":
            return [Found(value, start, end, value.words) for start, end, value in schedules(text, zone=zone)]
        if self.name == "retries":
            return _as_found(counts(text, *_RETRIES))
        if self.name == "approvals":
            return _as_found(counts(text, *_APPROVALS))
        return _as_found(durations(text))

    def cell_values(self, text: str, zone: str) -> list[Found]:
        """Return the same for a cell under this attribute's header, where a bare number is a count."""
        if self.name in ("retries", "approvals"):
            return _as_found(counts(text, _CELL_COUNT))
        return self.values(text, zone)

    def is_near(self, text: str, found: Found) -> bool:
        """Tell whether the cue stands by the value."""
        return any(
            match.start() <= found.end + self.near and match.end() >= found.start - self.near
            for match in self.cue.finditer(text)
        )


def _as_found(amounts: list[Amount]) -> list[Found]:
    return [Found(amount, amount.start, amount.end, amount.words) for amount in amounts]


def _attribute(name: str, cue: str, header: str, near: int = 45) -> Attribute:
    return Attribute(
        name, re.compile(rf"\b(?:{cue})\b", re.IGNORECASE), re.compile(rf"(?:{header})", re.IGNORECASE), near
    )


SCHEDULE = _attribute(
    "schedule",
    r"runs?|starts?|scheduled?|triggered|executes?|kicks? off|fires|nightly|daily|hourly|weekly",
    r"starts?(?: at)?|start time|schedule[sd]?|time(?: in)?(?: \w{2,5})?|when|runs(?: at)?|cron|frequency|cadence",
    30,
)
ATTRIBUTES = (
    _attribute(
        "lifetime",
        r"valid for|good for|expir\w*|lives? for|lifetime|ttl|time to live|lasts?|validity|lapses?",
        r"lifetime|lives|ttl|expir\w*(?: after)?|valid(?: for)?|validity",
        25,
    ),
    _attribute(
        "rotation",
        r"rotat\w+ (?:\w+ ){0,2}(?:every|after)|renewed (?:\w+ )?every|rotation (?:interval|period)\w*",
        r"rotat\w* (?:every|interval|period)",
        25,
    ),
    _attribute(
        "retention",
        r"retention|retained|retains?|kept|keeps?|stored for|(?:deleted|removed|purged|pruned|dropped) after",
        r"kept(?: for)?|keep|retention(?: period)?|retained",
    ),
    _attribute("timeout", r"time-?outs?|times out|gives up after", r"time-?out", 30),
    _attribute("retries", r"retr(?:y|ies|ied)|attempts?", r"retries|attempts"),
    _attribute("approvals", r"approv\w+|reviewers", r"approvals?(?: needed| required)?|required approvals"),
    SCHEDULE,
)
