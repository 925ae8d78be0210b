"""Markdown's inline markup removed, with every character that stays tied to its raw offsets.

Parsers give positions of blocks only; a citation needs those of a sentence. So the text of a block is scanned once,
in linear time: emphasis marks, link targets, images, HTML tags and comments go, code spans stay as they are.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_right
from dataclasses import dataclass, field
from html.entities import html5

from skillgen.parse.emphasis import Delimiter, delimiter, marks
from skillgen.parse.icons import ICON_BEGINS, icon, shown
from skillgen.parse.mapped import MappedText, TextBuilder, join_segments
from skillgen.parse.tags import ATTRIBUTE, ATTRIBUTES, TEMPLATE

__all__ = ["MappedText", "join_segments", "plain_text", "reference_key", "without_scripts"]

# Over this many characters, or this much markup, a block is no prose that somebody wrote: its markup stays.
MAX_SCANNED = 100_000
MAX_MARKS = 5_000
_MAX_LABEL = 1_000

_SPECIAL = re.compile(r"\\|`+|<|!?\[|\]|\*+|_+|~+|&|\{|" + ICON_BEGINS)
# Most list items and cells have nothing that would change: no markup, and single spaces between words alone.
_NOT_PLAIN = re.compile(r"[\\`<\[\]*_~&{]|[^\S ]|  |\A[ (:]|[ ]\Z|" + ICON_BEGINS)
_ESCAPE = re.compile(r"\\(?:([!-/:-@\[-`{-~])|\n)")
_AUTO = re.compile(r"<([A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]{1,5000}|[\w.+-]{1,100}@[\w.-]{1,100})>")
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9-]{0,30})((?:\s[^<>]{0,5000})?/?)>")
_TARGET = re.compile(r"\((?:\s*<[^<>\n]{0,5000}>[^()\n]{0,500}|[^()]{0,5000}(?:\([^()]{0,500}\)[^()]{0,500}){0,5})\)")
_LABEL = re.compile(r"\[([^\[\]]{0,300})\]")
_WIKI = re.compile(r"\[\[(?!\s)(?:[^\[\]|\n]{1,300}\|)?([^\[\]|\n]{1,300})(?<!\s)\]\]")
_FOOTNOTE = re.compile(r"\[\^[^\[\]\s]{1,100}\]")
_ALERT = re.compile(
    r"\[!(?:NOTE|TIP|IMPORTANT|WARNING|CAUTION|INFO|TODO|ABSTRACT|SUMMARY|SUCCESS|CHECK|QUESTION|HELP|FAQ|FAILURE|DANGER|"
    r"ERROR|BUG|EXAMPLE|QUOTE|HINT|ATTENTION)\][+-]?",
    re.IGNORECASE,
)
_EMBED = re.compile(r"!\[\[[^\[\]\n]{1,300}\]\]")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|([A-Za-z][A-Za-z0-9]{1,31}));")
# what site generators read and no reader sees: attribute lists, shortcodes and template tags
_TEMPLATE = re.compile(
    rf"(?:\{{[:#.][^{{}}\n]{{0,300}}\}}|{ATTRIBUTES})(?=[ \t]*(?:\n|\Z))"
    rf"|(?<=[)\]`*_])(?:\{{[ ]?[:#.][^{{}}\n]{{1,300}}\}}|\{{[ ]?{ATTRIBUTE}[ ]?\}}|{ATTRIBUTES})|{TEMPLATE}"
)
_LINE_MARKUP = re.compile(
    r"(?:(?<=:)|(?<=:\*\*)|(?<=:__))\n:(?=[ \t]+\S)|\n(?=:(?:[ \t]+\S|\Z))"  # a term and what it means
    r"|^(?:\([\w.:-]+\)=|:{3,}[^\n]*(?:\n[ \t]*:[\w-]+:[^\n]*)*|\[\[_?TOC_?\]\]|\[TOC\])[ \t]*$",
    re.MULTILINE | re.IGNORECASE,
)
_BREAKING_TAG = re.compile(
    r"(?:br|p|div|li|tr|td|th|[uod]l|dt|dd|h[1-6]|hr|pre|summary|details|table)\Z", re.IGNORECASE
)
_HIDDEN = re.compile(r"<!--|<(script|style)\b", re.IGNORECASE)
_CLOSING_TAG = re.compile(r"</([A-Za-z][A-Za-z0-9-]{0,30})\s*>")
# Elements of HTML; `<env>` in a sentence is a placeholder, which a reader has to see.
_ELEMENTS = frozenset(
    "a abbr acronym address area article aside audio b base bdi bdo big blockquote body br button canvas caption "
    "center cite code col colgroup data datalist dd del details dfn dialog dir div dl dt em embed fieldset "
    "figcaption figure font footer form frame frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html i iframe img "
    "input ins kbd label legend li link main map mark menu meta meter nav nobr noscript object ol optgroup option "
    "output p param picture pre progress q rp rt ruby s samp script search section select slot small source span "
    "strike strong style sub summary sup svg table tbody td template textarea tfoot th thead time title tr track tt "
    "u ul var video wbr".split()
)


def reference_key(label: str) -> str:
    """Return a reference link's label as CommonMark compares it."""
    return " ".join(label.split()).lower().upper()


def plain_text(content: MappedText, references: frozenset[str] = frozenset()) -> MappedText:
    """Return the content without inline markup and with each run of white space as one space, trimmed.

    `references` are the keys of the page's link definitions: `[text][label]` is a link only if there is one.
    """
    if not _NOT_PLAIN.search(content.text):
        return content
    builder = TextBuilder()
    cursor = 0
    edits = _Scan(content.text, references).edits() if _is_prose(content.text) else []
    for edit in edits:
        _copy(builder, content, cursor, edit.start)
        start, end = content.raw_range(edit.start, edit.end)
        if edit.kind == "open":
            builder.opened = start if builder.opened is None else builder.opened
        elif edit.kind == "close":
            builder.close(end)
        elif edit.text:
            builder.add_squeezed(edit.text, start, end)
        cursor = edit.end
    _copy(builder, content, cursor, len(content.text))
    return builder.build()


def _is_prose(text: str) -> bool:
    return len(text) <= MAX_SCANNED and sum(1 for _ in _SPECIAL.finditer(text)) <= MAX_MARKS


def _copy(builder: TextBuilder, content: MappedText, start: int, end: int) -> None:
    for text, raw_start, raw_end in content.pieces(start, end):
        builder.add_squeezed(text, raw_start, raw_end)


def without_scripts(content: MappedText) -> MappedText:
    """Return the content of an HTML block without comments and the text of script and style elements."""
    builder = TextBuilder()
    cursor = 0
    while (hidden := _HIDDEN.search(content.text, cursor)) is not None:
        _keep(builder, content, cursor, hidden.start())
        end = "-->" if hidden[1] is None else rf"</{hidden[1]}\s*>"
        closing = re.compile(end, re.IGNORECASE).search(content.text, hidden.end())
        cursor = closing.end() if closing else len(content.text)
    _keep(builder, content, cursor, len(content.text))
    return builder.raw()


def _keep(builder: TextBuilder, content: MappedText, start: int, end: int) -> None:
    for piece in content.pieces(start, end):
        builder.add(*piece)


@dataclass(frozen=True, slots=True)
class _Edit:
    """A piece of markup: `open` and `close` stand around text, `text` replaces the piece, or nothing does."""

    start: int
    end: int
    kind: str = "drop"
    text: str = ""


@dataclass(slots=True)
class _Bracket:
    """An opening bracket and how much had been found when it came."""

    start: int
    image: bool
    edits: int
    delimiters: int


@dataclass(slots=True)
class _Scan:
    """One pass over the special characters of a text."""

    text: str
    references: frozenset[str]
    _edits: list[_Edit] = field(default_factory=list)
    _delimiters: list[Delimiter] = field(default_factory=list)
    _brackets: list[_Bracket] = field(default_factory=list)
    _ticks: dict[int, list[int]] | None = None
    _closing_tags: frozenset[str] | None = None
    _no_comment_end: bool = False

    def edits(self) -> list[_Edit]:
        """Return the pieces of markup in the order of the text, without overlap."""
        lines = [_Edit(line.start(), line.end()) for line in _LINE_MARKUP.finditer(self.text)]
        cursor = 0
        for line in lines:
            self._part(cursor, line.start)
            cursor = line.end
        self._part(cursor, len(self.text))
        emphasis = (_Edit(start, end, "open" if opens else "close") for start, end, opens in marks(self._delimiters))
        return sorted([*lines, *self._edits, *emphasis], key=lambda edit: edit.start)

    def _part(self, start: int, end: int) -> None:
        cursor = start
        while (special := _SPECIAL.search(self.text, cursor, end)) is not None:
            at = special.start()
            handler = _HANDLERS[special.group()[0]]
            cursor = max(handler(self, at, special.end(), end), special.end())
        self._brackets.clear()

    def _drop(self, match: re.Match[str] | None, text: str = "") -> int:
        if match is None:
            return 0
        self._edits.append(_Edit(match.start(), match.end(), "drop", text))
        return match.end()

    def escape(self, at: int, _end: int, limit: int) -> int:
        match = _ESCAPE.match(self.text, at, limit)
        return self._drop(match, (match[1] or " ") if match else "")

    def code(self, at: int, end: int, limit: int) -> int:
        """Return the end of the code span that begins here; it stays as it is."""
        if self._ticks is None:
            self._ticks = {}
            for run in re.finditer(r"`+", self.text):
                self._ticks.setdefault(len(run.group()), []).append(run.start())
        closers = self._ticks.get(end - at, [])
        closer = bisect_right(closers, at)
        if closer < len(closers) and closers[closer] < limit:
            return closers[closer] + end - at
        return 0

    def angle(self, at: int, _end: int, limit: int) -> int:
        if self.text.startswith("<!--", at):
            return self._comment(at, limit)
        auto = _AUTO.match(self.text, at, limit)
        if auto:
            self._edits.append(_Edit(at, at + 1, "open"))
            self._edits.append(_Edit(auto.end() - 1, auto.end(), "close"))
            return auto.end()
        tag = _TAG.match(self.text, at, limit)
        if tag is None or self._placeholder(tag):
            return 0
        return self._drop(tag, " " if _BREAKING_TAG.match(tag[2]) else "")

    def _comment(self, at: int, limit: int) -> int:
        end = -1 if self._no_comment_end else self.text.find("-->", at + 2, limit)
        if end < 0:
            self._no_comment_end = True
            return 0
        self._edits.append(_Edit(at, end + 3))
        return end + 3

    def _placeholder(self, tag: re.Match[str]) -> bool:
        """Tell `<env>` from an element: it has no attributes and is closed nowhere."""
        closing, name, rest = tag.groups()
        if closing or rest or name.casefold() in _ELEMENTS:
            return False
        if self._closing_tags is None:
            self._closing_tags = frozenset(found.casefold() for found in _CLOSING_TAG.findall(self.text))
        return name.casefold() not in self._closing_tags

    def open(self, at: int, end: int, limit: int) -> int:
        """An opening bracket: markup that is complete by itself, or the beginning of a link or image."""
        image = self.text[at] == "!"
        embed = self._drop(_EMBED.match(self.text, at, limit)) if image else 0
        if embed:
            return embed
        if not image:
            wiki = _WIKI.match(self.text, at, limit)
            if wiki:
                self._edits.append(_Edit(at, wiki.start(1), "open"))
                self._edits.append(_Edit(wiki.end(1), wiki.end(), "close"))
                return wiki.end()
            alert = _ALERT.match(self.text, at, limit) if at == 0 else None
            dropped = self._drop(_FOOTNOTE.match(self.text, at, limit) or alert)
            if dropped:
                return self._after_footnote(at, dropped)
        self._brackets.append(_Bracket(at, image, len(self._edits), len(self._delimiters)))
        return end

    def _after_footnote(self, at: int, end: int) -> int:
        """A footnote's text begins with its mark and a colon."""
        starts_line = at == 0 or self.text[at - 1] == "\n"
        if starts_line and self.text.startswith(":", end):
            self._edits.append(_Edit(end, end + 1))
            return end + 1
        return end

    def close(self, at: int, end: int, limit: int) -> int:
        """A closing bracket: with a target behind it, a link or an image ends here."""
        if not self._brackets:
            return 0
        bracket = self._brackets.pop()
        inner = self.text[bracket.start + (2 if bracket.image else 1) : at] if at - bracket.start < _MAX_LABEL else ""
        tail = self._tail(end, limit, inner)
        if tail is None:
            return 0
        if bracket.image:
            del self._edits[bracket.edits :], self._delimiters[bracket.delimiters :]
            self._edits.append(_Edit(bracket.start, tail))
        else:
            self._edits.append(_Edit(bracket.start, bracket.start + 1, "open"))
            self._edits.append(_Edit(at, tail, "close"))
        return tail

    def _tail(self, end: int, limit: int, inner: str) -> int | None:
        """Return the end of a link's target or label, or None where this is no link."""
        target = _TARGET.match(self.text, end, limit)
        if target:
            return target.end()
        label = _LABEL.match(self.text, end, limit)
        if label and reference_key(label[1] or inner) in self.references:
            return label.end()
        return end if inner and reference_key(inner) in self.references else None

    def entity(self, at: int, _end: int, limit: int) -> int:
        match = _ENTITY.match(self.text, at, limit)
        if match is None or (match[1] and f"{match[1]};" not in html5):
            return 0
        return self._drop(match, html.unescape(match.group()))

    def emphasis(self, at: int, end: int, limit: int) -> int:
        found = delimiter(self.text, at, end, limit=(0, limit))
        if found:
            self._delimiters.append(found)
        return end

    def icon(self, at: int, _end: int, limit: int) -> int:
        match = icon(self.text, at, limit)
        return self._drop(match, shown(match[1]) if match else "")

    def brace(self, at: int, _end: int, limit: int) -> int:
        return self._drop(_TEMPLATE.match(self.text, at, limit))


_HANDLERS = {
    "\\": _Scan.escape,
    "`": _Scan.code,
    "<": _Scan.angle,
    "[": _Scan.open,
    "!": _Scan.open,
    "]": _Scan.close,
    "*": _Scan.emphasis,
    "_": _Scan.emphasis,
    "~": _Scan.emphasis,
    "&": _Scan.entity,
    "{": _Scan.brace,
    ":": _Scan.icon,
}
