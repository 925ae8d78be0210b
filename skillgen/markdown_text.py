"""Plain text as Markdown that shows exactly that text: corpus text is a value, never markup."""

from __future__ import annotations

import re

_CODE = re.compile(r"(?<!`)(?P<ticks>`+)(?!`)(?P<code>[^\n]+?)(?<!`)(?P=ticks)(?!`)")
_SPECIAL = re.compile(r"[\\`*\[\]]|~(?=~)|(?<=~)~|(?<!\w)_|_(?!\w)")
_ENTITY = re.compile(r"&(?=#|[A-Za-z])")
_LINE_START = re.compile(r"^(?:[#+>=|:~-]|\d{1,9}(?=[.)]))")


def escape_markdown(text: str) -> str:
    """Return Markdown for one line that renders as the text; code spans in it stay code, all else is plain."""
    flat = " ".join(text.replace("\0", "\ufffd").split())
    pieces: list[str] = []
    cursor = 0
    for span in _CODE.finditer(flat):
        pieces.append(_escape_plain(flat[cursor : span.start()], at_start=cursor == 0))
        pieces.append(span.group())
        cursor = span.end()
    pieces.append(_escape_plain(flat[cursor:], at_start=cursor == 0))
    return "".join(pieces)


def escape_cell(text: str) -> str:
    """Return the same for a table cell: a bar would end it, even inside a code span."""
    return escape_markdown(text).replace("|", "\\|")


def _escape_plain(text: str, *, at_start: bool) -> str:
    escaped = _SPECIAL.sub(lambda match: "\\" + match.group(), text)
    escaped = _ENTITY.sub("&amp;", escaped).replace("<", "&lt;")
    if at_start:
        start = _LINE_START.match(escaped)
        if start and start.group().isdigit():
            return escaped[: start.end()] + "\\" + escaped[start.end() :]
        if start:
            return "\\" + escaped
    return escaped
