"""What a brief says its skill is for: `purpose: NAME` in its front matter, or "Purpose: NAME" above its sections."""

from __future__ import annotations

import re

# Without an empty line: three dashes also rule off parts of a page.
_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(?P<keys>(?:[ \t]*[^\s][^\n]*\n)+?)(?:---|\.\.\.)[ \t]*(?:\n|\Z)")
_KEY = re.compile(r"^[\w-]+[ \t]*:", re.MULTILINE)
_FIRST_SECTION = re.compile(r"^ {0,3}##(?!#)", re.MULTILINE)
# A name of up to three words; a line that says more is a sentence on what the brief is good for.
_LINE = re.compile(
    r"^ {0,3}(?:[-*] )?(?:\*\*|__)?purpose(?:\*\*|__)?:(?:\*\*|__)?[ \t]*"
    r"[\"'`]?(?P<name>[a-z0-9]+(?:[ _-][a-z0-9]+){0,2})[\"'`]?[ \t]*$",
    re.IGNORECASE | re.MULTILINE,
)


def read_purpose(text: str) -> tuple[str, str]:
    """Return the purpose that a brief names, or an empty text, and the brief without its front matter.

    A purpose of several words has hyphens between them, in lower case: `data-engineering`.
    """
    plain = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    front = _FRONT_MATTER.match(plain)
    body = plain[front.end() :] if front and _KEY.search(front["keys"]) else plain
    above = body[: section.start()] if (section := _FIRST_SECTION.search(body)) else ""
    named = (_LINE.search(front["keys"]) if front else None) or _LINE.search(above)
    return "-".join(re.split(r"[ _-]", named["name"].lower())) if named else "", body
