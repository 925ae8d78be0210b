"""Changes to JSON that somebody else wrote: one value in its text, every other byte as it was.

Every function takes text that was parsed before and is known to be JSON. A span is a pair of indices into the text.
"""

from __future__ import annotations

import json
import re

Span = tuple[int, int]
_SPACE = re.compile(r"[ \t\r\n]*")
_read = json.JSONDecoder().raw_decode


def member_spans(text: str, at: int = 0) -> dict[str, Span]:
    """Return where the values of the object that begins at or after `at` stand, by their keys; the last of a key."""
    spans: dict[str, Span] = {}
    at = _skip(text, _skip(text, at) + 1)
    while text[at] != "}":
        key, at = _read(text, at)
        begin = _skip(text, _skip(text, at) + 1)
        _, end = _read(text, begin)
        spans[key] = (begin, end)
        at = _next(text, end)
    return spans


def element_spans(text: str, at: int) -> list[Span]:
    """Return where the elements of the array that begins at or after `at` stand."""
    spans: list[Span] = []
    at = _skip(text, _skip(text, at) + 1)
    while text[at] != "]":
        _, end = _read(text, at)
        spans.append((at, end))
        at = _next(text, end)
    return spans


def with_value(text: str, span: Span, value: object) -> str:
    """Return the text with another value in the span."""
    return text[: span[0]] + json.dumps(value, ensure_ascii=False) + text[span[1] :]


def with_element(text: str, array: Span, value: object) -> str:
    """Return the text with one more element at the end of the array, laid out as the elements before it."""
    newline = "\r\n" if "\r\n" in text else "\n"
    held = element_spans(text, array[0])
    if not held:
        outer = _indent_at(text, array[0]) or ""
        inner = outer + "  "
        return f"{text[: array[0]]}[{newline}{inner}{_dumped(value, inner, newline)}{newline}{outer}]{text[array[1] :]}"
    indent, end = _indent_at(text, held[-1][0], alone=True), held[-1][1]
    if indent is None:
        return f"{text[:end]}, {json.dumps(value, ensure_ascii=False)}{text[end:]}"
    return f"{text[:end]},{newline}{indent}{_dumped(value, indent, newline)}{text[end:]}"


def _dumped(value: object, indent: str, newline: str) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2).replace("\n", newline + indent)


def _indent_at(text: str, at: int, *, alone: bool = False) -> str | None:
    """Return the indent of the line that `at` is in; None where it must begin the line and does not."""
    line = text[text.rfind("\n", 0, at) + 1 : at]
    if alone and line.strip(" \t"):
        return None
    return line[: len(line) - len(line.lstrip(" \t"))]


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _next(text: str, end: int) -> int:
    """Return where the next member or element begins, or the bracket that ends the whole stands."""
    at = _skip(text, end)
    return _skip(text, at + 1) if text[at] == "," else at
