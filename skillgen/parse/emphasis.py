"""Which runs of `*`, `_` and `~` are emphasis marks: CommonMark's delimiter rules, in one pass."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_STRUCK = 2  # GitHub's strike-through is two tildes on each side


@dataclass(slots=True)
class Delimiter:
    """A run of one mark; `start` and `end` shrink as its marks find partners."""

    char: str
    start: int
    end: int
    opens: bool
    closes: bool
    length: int

    @property
    def left(self) -> int:
        """How many of its marks have no partner yet."""
        return self.end - self.start


def delimiter(text: str, start: int, end: int, *, limit: tuple[int, int]) -> Delimiter | None:
    """Return the run of marks from `start` to `end` if it may open or close emphasis; the text ends at `limit`."""
    before = text[start - 1] if start > limit[0] else " "
    after = text[end] if end < limit[1] else " "
    left = _flanks(before, after)
    right = _flanks(after, before)
    opens, closes = left, right
    char = text[start]
    if char == "_":
        opens, closes = left and (not right or _punctuation(before)), right and (not left or _punctuation(after))
    if not (opens or closes) or (char == "~" and end - start != _STRUCK):
        return None
    return Delimiter(char, start, end, opens, closes, end - start)


def _flanks(outside: str, inside: str) -> bool:
    if inside.isspace():
        return False
    return not _punctuation(inside) or outside.isspace() or _punctuation(outside)


def _punctuation(char: str) -> bool:
    return unicodedata.category(char)[0] in "PS"


def marks(delimiters: Sequence[Delimiter]) -> Iterator[tuple[int, int, bool]]:
    """Yield the ranges of marks that are emphasis, each with whether it opens; in no order."""
    stack: list[tuple[int, Delimiter]] = []
    floors: dict[tuple[str, bool, int], int] = {}  # below these no partner was found: never look again
    for serial, closer in enumerate(delimiters):
        if closer.closes:
            yield from _matched(stack, floors, closer)
        if closer.opens and closer.left:
            stack.append((serial, closer))


def _matched(
    stack: list[tuple[int, Delimiter]], floors: dict[tuple[str, bool, int], int], closer: Delimiter
) -> Iterator[tuple[int, int, bool]]:
    """Yield the marks that a closer pairs off; openers between the partners can not match any more."""
    key = (closer.char, closer.opens, closer.length % 3)
    while closer.left:
        at = _partner(stack, floors.get(key, -1), closer)
        if at is None:
            floors[key] = stack[-1][0] if stack else -1
            return
        del stack[at + 1 :]
        opener = stack[at][1]
        used = 2 if opener.left > 1 and closer.left > 1 else 1
        opener.end -= used
        yield opener.end, opener.end + used, True
        yield closer.start, closer.start + used, False
        closer.start += used
        if not opener.left:
            stack.pop()


def _partner(stack: list[tuple[int, Delimiter]], floor: int, closer: Delimiter) -> int | None:
    for at in range(len(stack) - 1, -1, -1):
        serial, opener = stack[at]
        if serial <= floor:
            return None
        if opener.char == closer.char and not _by_three(opener, closer):
            return at
    return None


def _by_three(opener: Delimiter, closer: Delimiter) -> bool:
    """CommonMark's rule of three: `*a**b*` is not two emphases."""
    either = opener.closes or closer.opens
    return either and (opener.length + closer.length) % 3 == 0 and bool(opener.length % 3 or closer.length % 3)
