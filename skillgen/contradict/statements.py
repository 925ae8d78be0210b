"""What pages state: an attribute of a thing with its value, read from sentences, table rows and labelled lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from skillgen.contradict.guards import contrasts, environments, is_plain
from skillgen.contradict.values import Amount, Schedule, counts, durations, name_stems, schedules
from skillgen.model.corpus import Block, Page, Span
from skillgen.words import content_stems

MIN_QUOTE_CHARS = 20
MAX_QUOTE_CHARS = 400

Value = Amount | Schedule | frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One attribute of one thing as one place gives it.

    `named` are the identifiers said to have the attribute, `about` those of the place around it. `subject` are the
    stems of what it is said of, `context` those of title, heading and block. `words` is the value as written.
    """

    attribute: str
    value: Value
    words: str
    named: frozenset[str]
    about: frozenset[str]
    subject: frozenset[str]
    context: frozenset[str]
    stems: frozenset[str]
    environments: frozenset[str]
    contrasts: frozenset[str]
    page: Page
    block: Block
    start: int
    end: int

    @property
    def in_record(self) -> bool:
        """Whether it stands in a table."""
        return self.block.kind == "table_row"


@dataclass(frozen=True, slots=True)
class _Attribute:
    """What makes a sentence or a column speak of an attribute.

    `cue` must stand in the sentence, within `near` characters of the value; `header` is what a column is called.
    """

    name: str
    cue: re.Pattern[str]
    header: re.Pattern[str]
    kind: str
    near: int = 60


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE)


_COUNT = r"(?P<count>\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|twice|once)"
_ATTRIBUTES = (
    _Attribute(
        "lifetime",
        _words(r"valid for|good for|expir\w*|live for|lives|lifetime|ttl|time to live|lasts?|validity|lapses?"),
        _words(r"lifetime|lives|ttl|expir\w*|valid(?: for)?|validity"),
        "duration",
        40,
    ),
    _Attribute(
        "rotation",
        _words(r"rotat\w+ (?:\w+ )?(?:every|after)|renewed (?:\w+ )?every|rotation (?:interval|period)\w*|changes \w+ every"),
        _words(r"rotat\w*(?: every| interval| period)"),
        "duration",
        25,
    ),
    _Attribute(
        "retention",
        _words(r"retention|retained|retains?|kept|keeps?|stored for|(?:deleted|removed|purged|pruned|dropped) after"),
        _words(r"kept|keep|retention|retained|retention period"),
        "duration",
        45,
    ),
    _Attribute("timeout", _words(r"time-?outs?|times out|timed out|gives up after"), _words(r"time-?out"), "duration", 40),
    _Attribute("retries", _words(r"retr(?:y|ies|ied)|attempts?"), _words(r"retries|attempts"), "count", 25),
    _Attribute("approvals", _words(r"approv\w+"), _words(r"approvals?|approvers|reviewers"), "count", 40),
    _Attribute(
        "schedule",
        _words(r"runs?|running|starts?|scheduled?|triggered|triggers|executes?|kicks? off|nightly|daily|hourly|weekly"),
        _words(r"starts?(?: at)?|start time|schedules?|time(?: in)?(?: \w{2,5})?|when|runs(?: at)?|cron|frequency|cadence"),
        "schedule",
        45,
    ),
)  # fmt: skip
_RETRIES = re.compile(
    rf"\bretr(?:y|ies|ied)\W{{0,3}}(?:up to |at most |is |are |it |= ?|set to |: ?){{0,2}}{_COUNT}\b(?!\s?(?:s|min|h|sec)\w*\b)"
    rf"|\b{_COUNT.replace('count', 'count2')} (?:retries|attempts)\b",
    re.IGNORECASE,
)
_APPROVALS = re.compile(
    rf"\b{_COUNT}\**\s+(?:more |further |other |separate )?(?:\w+ ){{0,1}}(?:approv(?:als?|ers?)|reviewers?)\b"
    r"|\bapproval of\s+\**(?P<count2>one|two|three|four|\d)\b",
    re.IGNORECASE,
)
_CELL_COUNT = re.compile(rf"^\W*(?:at least )?{_COUNT}\b(?!\s?(?:s|min|h)\b)", re.IGNORECASE)

_CODE = re.compile(r"`([^`\s]{3,80})`")
_BARE = re.compile(r"(?<![\w./`$-])(?:[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)+|[a-z][a-z0-9]+(?:-[a-z0-9]+)+)(?![\w`/])")
_FIGURE = re.compile(r"[\d.:,%*/-]+|true|false|null|none|yes|no|main|master|prod\w*|staging|dev|uat|latest")
# Kebab-case words that English writes with a hyphen name nothing.
_HYPHENATED = re.compile(
    r"(?:on|re|non|pre|post|co|self|semi|multi|cross|long|short|high|low|real|end|up|out|in|by|self|read|write|first|"
    r"one|two|three|day|year|well|full|part|so|short|open|built|time|user|role|open|third|event|data|hand|step)-\w+"
    r"|\w+-(?:to|in|up|out|off|on|by|only|based|level|wide|time|term|side|specific|related|facing|day|hour|minute|"
    r"friendly|driven|in|call|end|party|source|run|the|hoc|style|like|free|aware|safe|ready|date|and|of|is|per)(?:-\w+)*"
)


@dataclass(frozen=True, slots=True)
class _Around:
    """What surrounds a statement: the page's title and headings."""

    identifiers: frozenset[str]
    stems: frozenset[str]
    environments: frozenset[str]


def statements(page: Page) -> Iterator[Statement]:
    """Yield what a page states, in the order of its text; code blocks and headings state nothing."""
    for block in page.blocks:
        if block.kind not in ("paragraph", "list_item", "table_row") or not block.spans:
            continue
        headings = " ".join(dict.fromkeys((page.title, *block.heading_path)))
        around = _Around(
            frozenset(_title_identifiers(page, block)), frozenset(content_stems(headings)), environments(headings)
        )
        if block.kind == "table_row":
            yield from _of_row(page, block, around)
        else:
            yield from _of_prose(page, block, around)


def identifiers(text: str) -> list[tuple[int, str]]:
    """Return position and normal form of the identifiers in a text: `x_y` and `x-y` are one."""
    found = {match.start(): match[1] for match in _CODE.finditer(text)}
    for match in _BARE.finditer(_CODE.sub(lambda code: " " * len(code.group()), text)):
        if not _HYPHENATED.fullmatch(match.group()):
            found[match.start()] = match.group()
    normal = ((at, name.casefold().replace("-", "_").strip("\"'.,:;()")) for at, name in sorted(found.items()))
    return [(at, name) for at, name in normal if len(name) > 2 and not _FIGURE.fullmatch(name)]


def _title_identifiers(page: Page, block: Block) -> Iterator[str]:
    """Yield the identifiers of title and headings; a heading of one or two words is itself one, joined by `_`."""
    for heading in dict.fromkeys((page.title, *block.heading_path)):
        for _, name in identifiers(heading):
            yield name


# -- prose ---------------------------------------------------------------------------------------------------------


def _of_prose(page: Page, block: Block, around: _Around) -> Iterator[Statement]:
    for index, span in enumerate(block.spans):
        before = block.spans[index - 1] if index else None
        yield from _of_owner(page, block, span, around)
        for attribute in _ATTRIBUTES:
            if attribute.cue.search(span.text):
                yield from _of_sentence(page, block, (before, span), around, attribute)


def _of_sentence(
    page: Page, block: Block, spans: tuple[Span | None, Span], around: _Around, attribute: _Attribute
) -> Iterator[Statement]:
    before, span = spans
    for start, end, value, words in _values(attribute, span.text):
        clause = _clause(span.text, start, end)
        part = span.text[clause[0] : clause[1]]
        if not is_plain(part) or not _near(attribute, span.text, start, end):
            continue
        named = _named(span.text, start, clause, attribute)
        about = {name for _, name in identifiers(span.text)} | around.identifiers
        previous = before.text if before else ""
        about |= {name for _, name in identifiers(previous)}
        place = _quoted(page, before if not named or span.end - span.start < MIN_QUOTE_CHARS else None, span)
        if place is None:
            continue
        yield Statement(
            attribute=attribute.name,
            value=value,
            words=words,
            named=named,
            about=frozenset(about),
            subject=_subject(span.text, start, end, clause),
            context=around.stems | frozenset(content_stems(" ".join(other.text for other in block.spans))),
            stems=frozenset(content_stems(part)),
            environments=environments(part) or environments(span.text) or around.environments,
            contrasts=contrasts(part),
            page=page,
            block=block,
            start=place[0],
            end=place[1],
        )


def _values(attribute: _Attribute, text: str) -> list[tuple[int, int, Value, str]]:
    if attribute.kind == "schedule":
        return [(start, end, value, value.words) for start, end, value in schedules(text)]
    if attribute.kind == "duration":
        found = durations(text)
    else:
        pattern = _RETRIES if attribute.name == "retries" else _APPROVALS
        found = counts(_counted(text, pattern), pattern)
    return [(amount.start, amount.end, amount, amount.words) for amount in found]


def _counted(text: str, _pattern: re.Pattern[str]) -> str:
    return text
