"""Encodings: what to say about bytes that are no UTF-8."""

from __future__ import annotations

import codecs
import re
import shlex

from skillgen.model.corpus import Finding
from skillgen.source.findings import binary

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),  # begins with the mark of UTF-16, so it comes first
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)
_BEYOND_ASCII = bytes(range(0x80, 0x100))
_LINE_END = re.compile(rb"\r\n|\r|\n")


def not_utf8(source: str, data: bytes, offset: int) -> Finding:
    """Return the finding for bytes that are no UTF-8, with the likely encoding where there is a sign of one."""
    encoding = _marked_encoding(data)
    if encoding is None and b"\0" in data:
        return binary(source)
    line = len(_LINE_END.findall(data[:offset])) + 1
    where = f"{source} is not UTF-8: the byte at offset {offset} (line {line}) does not fit."
    message = f"{where} {_encoding_advice(source, data, encoding)}"
    return Finding(kind="wrong-encoding", source=source, message=message, line=line)


def _encoding_advice(source: str, data: bytes, encoding: str | None) -> str:
    """Return what to do about the encoding; a page that is mostly UTF-8 would be spoilt by a conversion."""
    if encoding is None and _is_mostly_utf8(data):
        return "The rest is UTF-8, so mend that line by hand."
    if encoding is None and _looks_western(data):
        encoding = "CP1252"
    looks = f"It looks like {encoding}. " if encoding else "Find out its encoding. "
    command = f"iconv -f {encoding or 'ENCODING'} -t UTF-8 {shlex.quote(source)}"
    return f"{looks}Put the output of this command in its place: {command}"


def _marked_encoding(data: bytes) -> str | None:
    """Return the encoding that a byte-order mark names, where the bytes can be decoded by it."""
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark) and _decodes(data, encoding):
            return encoding
    return None


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _looks_western(data: bytes) -> bool:
    """Tell whether the bytes may be cp1252; nearly all decode by it, but most of such a text is ASCII."""
    return len(data.translate(None, delete=_BEYOND_ASCII)) * 2 >= len(data) and _decodes(data, "cp1252")


def _is_mostly_utf8(data: bytes) -> bool:
    """Tell whether more characters beyond ASCII are good UTF-8 than are not."""
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    return sum(not character.isascii() for character in text) > 2 * broken
