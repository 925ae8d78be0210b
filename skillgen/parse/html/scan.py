"""HTML's tokens with their raw offsets, in one pass whose time grows with the text alone.

The standard library's tokenizer gives no offsets of text, reads several kinds of broken markup in quadratic time, and
differs between Python's patch releases. This one follows the HTML standard where a page's text depends on it: quoted
attributes may hold `>`, scripts end at their end tag, comments at `-->`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

TokenKind = Literal["start", "end", "text", "literal"]

_SPACE = r"[ \t\n\r\f]"
_OPEN = re.compile(r"<(?=[A-Za-z!?]|/.)", re.DOTALL)
# A quote only counts after an equals sign; one that is never closed ends with its tag.
_TAG = re.compile(
    rf"""<(?P<slash>/?)(?P<name>[A-Za-z][^ \t\n\r\f/>]*+)
    (?P<attrs>(?:[^>=]++|={_SPACE}*+(?:"[^"]*+"|'[^']*+'|[^ \t\n\r\f>"'][^ \t\n\r\f>]*+)?+)*+)>""",
    re.VERBOSE,
)
_ATTRIBUTE = re.compile(
    rf"""(?P<name>[^ \t\n\r\f/>=][^ \t\n\r\f/>=]*+)
    (?:{_SPACE}*+={_SPACE}*+
        (?:"(?P<double>[^"]*+)"|'(?P<single>[^']*+)'|(?P<bare>[^ \t\n\r\f>"'][^ \t\n\r\f>]*+))?+
    )?+""",
    re.VERBOSE,
)
_COMMENT_END = re.compile(r"--!?>")
_RAW = frozenset({"script", "style", "xmp", "iframe", "noembed", "noframes"})
_RAW_WITH_ENTITIES = frozenset({"textarea", "title"})
_RAW_END = {name: re.compile(rf"</{name}(?=[ \t\n\r\f/>])", re.IGNORECASE) for name in _RAW | _RAW_WITH_ENTITIES}


@dataclass(frozen=True, slots=True)
class Token:
    """A tag or a run of text. `literal` text has no entities: a script, or a CDATA section.

    `attributes` is the raw text between a start tag's name and its `>`.
    """

    kind: TokenKind
    start: int
    end: int
    name: str = ""
    attributes: str = ""


def read_attributes(raw: str) -> tuple[list[tuple[str, str]], bool]:
    """Return a start tag's attributes with entities left as they are, and whether the tag closes itself (`/>`)."""
    pairs: list[tuple[str, str]] = []
    end = 0
    for match in _ATTRIBUTE.finditer(raw):
        end = match.end()
        value = match["double"] or match["single"] or match["bare"] or ""
        pairs.append((match["name"].lower(), value))
    return pairs, "/" in raw[end:]


class Scanner:
    """Reads one text. After `tokens()` ended, `cut_at` tells where markup began that is never closed, if any."""

    def __init__(self, text: str) -> None:
        """Prepare to read the text."""
        self.text = text
        self.cut_at: int | None = None
        self._endless: set[str] = set()  # what was searched for and stands nowhere in the rest

    def tokens(self) -> Iterator[Token]:
        """Yield the tokens in order; comments, doctypes and processing instructions give none."""
        at, length = int(self.text.startswith("\ufeff")), len(self.text)  # a byte-order mark is no text
        while at < length and self.cut_at is None:
            match = _OPEN.search(self.text, at)
            markup = match.start() if match else length
            if at < markup:
                yield Token("text", at, markup)
            at = length
            if match:
                token, at = self._markup(markup)
                if token is not None:
                    yield token
                    if token.kind == "start" and token.name in _RAW_END and not token.attributes.endswith("/"):
                        inner, at = self._raw_text(token.name, at)
                        if inner is not None:
                            yield inner

    def _markup(self, at: int) -> tuple[Token | None, int]:
        """Return the token of the markup at an offset and the offset after it."""
        tag = _TAG.match(self.text, at)
        if tag:
            kind: TokenKind = "end" if tag["slash"] else "start"
            return Token(kind, at, tag.end(), tag["name"].lower(), tag["attrs"]), tag.end()
        if self.text.startswith("<!--", at):
            return None, self._comment(at)
        if self.text.startswith("<![CDATA[", at):
            end = self._find("]]>", at + 9)
            if end >= 0:
                return (Token("literal", at + 9, end) if at + 9 < end else None), end + 3
        end = self.text.find(">", at)
        return None, self._cut(at) if end < 0 else end + 1

    def _comment(self, at: int) -> int:
        for empty in ("<!-->", "<!--->"):
            if self.text.startswith(empty, at):
                return at + len(empty)
        end = _COMMENT_END.search(self.text, at + 4)
        return end.end() if end else self._cut(at)

    def _raw_text(self, name: str, at: int) -> tuple[Token | None, int]:
        """Return the text of an element that holds no tags, and where its end tag begins."""
        if name in self._endless:
            return None, at
        end = _RAW_END[name].search(self.text, at)
        if end is None:
            self._endless.add(name)
            # an unclosed title or text field is read on as if it were none
            return None, self._cut(at) if name in _RAW else at
        kind: TokenKind = "literal" if name in _RAW else "text"
        return (Token(kind, at, end.start()) if at < end.start() else None), end.start()

    def _find(self, what: str, at: int) -> int:
        """Return where a text stands after an offset; one that was missed once is not looked for again."""
        if what in self._endless:
            return -1
        found = self.text.find(what, at)
        if found < 0:
            self._endless.add(what)
        return found

    def _cut(self, at: int) -> int:
        self.cut_at = at
        return len(self.text)
