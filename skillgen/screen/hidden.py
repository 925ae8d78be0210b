"""What a reader of the page does not see, or a machine takes for more than text: found in the raw text."""
# ruff: noqa: E501 - a pattern is easier to read in one line

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from skillgen.screen.disguise import ZERO_WIDTH, hidden_texts, plain, squeezed
from skillgen.screen.injection_rules import HIDDEN_ADDRESS, SENTENCES, SQUEEZED
from skillgen.screen.records import Removal

_I = re.IGNORECASE
_LONGEST = 5_000


@dataclass(frozen=True, slots=True)
class Piece:
    """A removal; `sentence` says that the sentence around goes as well."""

    removal: Removal
    sentence: bool = False


_REFERENCE_COMMENT = re.compile(
    r"^[ \t]{0,3}\[[^\]\n]{1,40}\]:[ \t]{0,3}(?:#|<>|<#>)[ \t]{1,3}[(\"'](?P<v>[^\n]{1,2000})[)\"'][ \t]{0,3}$",
    re.MULTILINE,
)
_TAG = re.compile(r"<(?P<name>[A-Za-z][\w-]{0,20})(?P<attributes>\s[^<>]{1,2000})/?>")
_STYLE = re.compile(r"style\s{0,3}=\s{0,3}(?:\"(?P<a>[^\"]{1,1000})\"|'(?P<b>[^']{1,1000})')", _I)
_GONE = re.compile(
    r"display\s{0,3}:\s{0,3}none|visibility\s{0,3}:\s{0,3}hidden|font-size\s{0,3}:\s{0,3}0*\.?0*1?(?:px|pt|em|rem|%)?\s{0,3}(?:;|$)|"
    r"opacity\s{0,3}:\s{0,3}0?\.?0+\s{0,3}(?:;|$)|(?:left|top|text-indent|margin-left)\s{0,3}:\s{0,3}-\d{3,6}|"
    r"(?:^|;|\s)(?:max-)?(?:width|height)\s{0,3}:\s{0,3}0(?:px)?\s{0,3}(?:;|$)|color\s{0,3}:\s{0,3}(?:transparent|rgba\([^)]{0,30},\s{0,3}0\))|clip\s{0,3}:\s{0,3}rect\(0",
    _I,
)
_COLOUR = re.compile(r"(?<!-)color\s{0,3}:\s{0,3}(?P<v>#?\w{3,20})", _I)
_BACKGROUND = re.compile(r"background(?:-color)?\s{0,3}:\s{0,3}(?P<v>#?\w{3,20})", _I)
_WHITE = frozenset(("white", "#fff", "#ffffff", "#fefefe", "snow", "ivory", "#fdfdfd"))
_HIDDEN_ATTRIBUTE = re.compile(r"(?:^|\s)hidden(?=\s|$|=|/)", _I)
_TEXT_ATTRIBUTE = re.compile(
    r"\b(?:alt|title|aria-label|aria-description|data-[\w-]{1,40}|content|placeholder|summary)\s{0,2}=\s{0,2}(?:\"(?P<a>[^\"]{8,2000})\"|'(?P<b>[^']{8,2000})')",
    _I,
)
_LINK = re.compile(
    r"(?P<image>!?)\[(?P<label>[^\[\]]{0,500})\]\((?P<target>[^\s()]{1,2000})(?:\s{1,3}[\"'(](?P<title>[^\"\n]{1,1000})[\"')])?\s{0,3}\)"
)
_LEAK = re.compile(r"[?&][\w.-]{1,40}=[^&\s]{0,60}?(?:\{{1,2}|%7B|\[|\$\{|<)", _I)
_LEAK_NAME = re.compile(
    r"conversation|chat|history|context|prompt|secret|system|memory|message|password|token|credential", _I
)
_DATA = re.compile(
    r"data:(?P<type>[a-z]{1,20}/[\w.+-]{1,60})?(?P<parameters>(?:;[\w=.+-]{1,40}){0,4}),(?P<payload>(?:[A-Za-z0-9+/=%_.~!*'$@&;:,-]|\([^()\s]{0,200}\)){40,2000000})",
    _I,
)
_IMAGE = re.compile(r"image/(?:png|jpe?g|gif|webp|x-icon|bmp|avif)", _I)

_RUN = re.compile(f"[{ZERO_WIDTH}]{{6,}}")
_INSIDE = re.compile(f"[a-z][{ZERO_WIDTH}]{{1,3}}(?=[a-z])")
_OVERRIDE = re.compile("[\u202d\u202e][^\n\u202c]{0,400}\u202c?")
_ISOLATE = re.compile("[\u2066-\u2068][^\n\u2069]{0,400}\u2069?|[\u202b][^\n\u202c]{0,400}\u202c?")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_TAGS = re.compile(
    "\U0001f3f4[\U000e0061-\U000e007a]{1,8}\U000e007f|[\U000e0000-\U000e007f]{1,5000}|[\U000e0100-\U000e01ef]{3,5000}|(?<![^\\W\\d])[\ufe00-\ufe0f]{4,5000}"
)
_FLAG = "\U0001f3f4"  # with the tag characters of a region behind it, the flag of England or Scotland
_ODD = re.compile(f"[{ZERO_WIDTH}\u202b\u202d\u202e\u2066-\u2069\ufe00-\ufe0f\U000e0000-\U000e01ef]")

_CALLS: tuple[tuple[str, re.Pattern[str], str], ...] = (
    # kind, what opens it, what closes it ({} is the opening's name)
    ("tool call", re.compile(r"<(?:antml:)?(tool_calls?|function_calls?|invoke|tool_use|use_mcp_tool|tool_code|execute_command)(?=[\s>])", _I), "</(?:antml:)?{}>"),
    ("tool call", re.compile(r"\{\s{0,20}\"(tool_calls|function_call|tool_use)\"\s{0,5}:"), ""),
    ("tool call", re.compile(r"\{\s{0,20}\"name\"\s{0,5}:\s{0,5}\"[\w.-]{1,60}\",\s{0,20}\"(arguments|parameters)\"\s{0,5}:\s{0,5}[{\"]"), ""),
    ("tool call", re.compile(r"^[ \t>]{0,12}(Action):[^\n]{1,200}\n[ \t>]{0,12}Action Input:[^\n]{0,500}", re.MULTILINE), "(?=\n|\\Z)"),
    ("system prompt look-alike", re.compile(r"<\|(im_start|system|start_header_id|begin_of_text)\|>"), r"<\|(?:im_end|eot_id|end|end_of_text)\|>"),
    ("system prompt look-alike", re.compile(r"\[(INST)\]"), r"\[/INST\]"),
    ("system prompt look-alike", re.compile(r"<<(SYS)>>"), "<</SYS>>"),
    ("system prompt look-alike", re.compile(r"<(system|system_prompt|system-prompt|assistant_instructions|system-reminder)>", _I), "</{}>"),
)  # fmt: skip


def find_hidden(text: str) -> list[Piece]:
    """Return what a reader of the text does not see, or cannot read as it stands."""
    pieces = list(_comments(text))
    if "<" in text:
        pieces += _elements(text)
    if "](" in text:
        pieces += _links(text)
    if "data:" in text:
        pieces += _data_addresses(text)
    if not text.isascii() and _ODD.search(text):
        pieces += _characters(text)
    return pieces


def _piece(start: int, end: int, kind: str, *, sentence: bool = False) -> Piece:
    return Piece(Removal(start=start, end=end, kind=kind, family="injection"), sentence)


def instructs(raw: str) -> bool:
    """Say whether a text that no reader sees is aimed at an AI."""
    shown = " ".join(plain(raw).split())
    if HIDDEN_ADDRESS.search(shown) or any(rule.pattern.search(shown) for rule in SENTENCES):
        return True
    if SQUEEZED.search(squeezed(shown)):
        return True
    return any(HIDDEN_ADDRESS.search(found) for found in hidden_texts(shown))


def _comments(text: str) -> Iterator[Piece]:
    start = text.find("<!--")
    while start >= 0:
        end = text.find("-->", start + 4)
        following = end + 3 if end >= 0 else len(text)
        stop = min(following, start + _LONGEST)
        if end >= 0 and instructs(text[start + 4 : min(end, stop)]):
            yield _piece(start, following, "hidden comment")
        start = text.find("<!--", following)
    if "]:" in text:
        for comment in _REFERENCE_COMMENT.finditer(text):
            if instructs(comment["v"]):
                yield _piece(comment.start(), comment.end(), "hidden comment")


def _elements(text: str) -> Iterator[Piece]:
    for tag in _TAG.finditer(text):
        attributes = tag["attributes"]
        if _is_invisible(attributes):
            closing = re.compile(rf"</{tag['name']}\s{{0,3}}>", _I).search(text, tag.end(), tag.end() + _LONGEST)
            end = closing.end() if closing else tag.end()
            if len(re.findall(r"[^\W\d_]{2,}", re.sub(r"<[^<>]{0,500}>", " ", text[tag.end() : end]))) >= _WORDS:
                yield _piece(tag.start(), end, "invisible styling")
        for attribute in _TEXT_ATTRIBUTE.finditer(attributes):
            if instructs(attribute["a"] or attribute["b"]):
                yield _piece(tag.start(), tag.end(), "hidden title")
        if tag["name"].lower() == "img" and _LEAK.search(attributes):
            yield _piece(tag.start(), tag.end(), "image exfiltration")


_WORDS = 3


def _is_invisible(attributes: str) -> bool:
    if _HIDDEN_ATTRIBUTE.search(attributes):
        return True
    style = _STYLE.search(attributes)
    if not style:
        return False
    rules = style["a"] or style["b"]
    if _GONE.search(rules):
        return True
    colour, background = _COLOUR.search(rules), _BACKGROUND.search(rules)
    if colour is None:
        return False
    if background is None:
        return colour["v"].lower() in _WHITE
    return colour["v"].lower() == background["v"].lower() or {colour["v"].lower(), background["v"].lower()} <= _WHITE


def _links(text: str) -> Iterator[Piece]:
    for link in _LINK.finditer(text):
        start, end = link.span()
        if any(value and instructs(value) for value in (link["title"], link["label"] if link["image"] else "")):
            yield _piece(start, end, "hidden title")
        leak = _LEAK.search(link["target"])
        if leak and "://" in link["target"] and (link["image"] or _LEAK_NAME.search(link["target"], leak.start())):
            yield _piece(start, end, "image exfiltration")


def _data_addresses(text: str) -> Iterator[Piece]:
    for address in _DATA.finditer(text):
        quiet = bool(address["type"] and _IMAGE.match(address["type"]))
        yield _piece(address.start(), address.end(), QUIET_KIND if quiet else "data address")


# An image in the text itself is no finding, but nobody wants to read or embed it.
QUIET_KIND = "data uri"


def _characters(text: str) -> Iterator[Piece]:
    for run in _RUN.finditer(text):
        yield _piece(*run.span(), "zero-width text")
    for run in _TAGS.finditer(text):
        if not run.group().startswith(_FLAG):
            yield _piece(*run.span(), "tag characters")
    for line in re.finditer(r"[^\r\n]+", text):
        if not line.group().isascii():
            yield from _line_characters(line.group(), line.start())


def _line_characters(line: str, offset: int) -> Iterator[Piece]:
    inside = list(_INSIDE.finditer(line))
    if len(inside) >= _WORDS:
        yield _piece(offset + inside[0].start(), offset + inside[-1].end(), "zero-width text", sentence=True)
    marks = [*_OVERRIDE.finditer(line)]
    if not _RIGHT_TO_LEFT.search(line):
        marks += _ISOLATE.finditer(line)
    for mark in marks:
        yield _piece(offset + mark.start(), offset + mark.end(), "bidirectional text", sentence=True)


def find_calls(text: str) -> list[Piece]:
    """Return what a model may take for a call or a message of its system; pages about agents show such as samples."""
    pieces = []
    for kind, opening, closing in _CALLS:
        done = 0
        for match in opening.finditer(text):
            if match.start() >= done:
                done = _closing_end(text, match, closing)
                pieces.append(_piece(match.start(), done, kind))
    return pieces


def _closing_end(text: str, opening: re.Match[str], closing: str) -> int:
    """Return where a look-alike ends: at its closing, otherwise with its paragraph."""
    if closing:
        found = re.compile(closing.format(opening[1]), _I).search(text, opening.end(), opening.end() + _LONGEST)
        if found:
            return found.end()
    ends = [text.find(mark, opening.end(), opening.end() + _LONGEST) for mark in ("\n\n", "\n```", "\r\n\r\n")]
    return min([end for end in ends if end >= 0], default=min(len(text), opening.end() + _LONGEST))
