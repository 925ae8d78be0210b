"""What differs between two texts, word by word."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A run of words of a comparison: `same`, `gone` or `new`."""

    kind: str
    text: str


def word_changes(before: str, after: str) -> tuple[Change, ...]:
    """Return the comparison of two texts word by word; nothing where they are the same."""
    old, new = before.split(), after.split()
    changes: list[Change] = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            changes.append(Change(kind="same", text=" ".join(old[a:b])))
            continue
        if b > a:
            changes.append(Change(kind="gone", text=" ".join(old[a:b])))
        if d > c:
            changes.append(Change(kind="new", text=" ".join(new[c:d])))
    return tuple(changes) if old != new else ()
