"""Titles, file names and reading times: what a coverage target is called."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

from skillgen.words import STOP_WORDS

MAX_TITLE = 60
MAX_SLUG = 48
# What to read a reference for stands in SKILL.md too, where it takes room from claims: one clause, or two short ones.
MAX_WHEN = 64
_SHORT_WHEN = 48
_CLEAR_WORDS = 5
_LEANS = re.compile(r"^(?:for|in|on|at|of|by)\b|\b(?:it|its|they|them|their)\b", re.IGNORECASE)
_LABEL_END = re.compile(r":\s|;\s|\s\(|\s[\u2013\u2014-]{1,2}\s")
_ACRONYM = re.compile(r"\w*[A-Z0-9]\w*[A-Z0-9]|[A-Z]\b|\W")
_DANGLING = STOP_WORDS | {"its", "their"}


def short_titles(texts: Sequence[str]) -> list[str]:
    """Return a title for each text, no two the same: its label, or its opening words, or where need be all of it."""
    titles = [_short_title(text) for text in texts]
    common = {title for title, count in Counter(map(str.casefold, titles)).items() if count > 1}
    whole = [
        _capitalised(text) if title.casefold() in common else title for text, title in zip(texts, titles, strict=True)
    ]
    seen: Counter[str] = Counter()
    unique = []
    for title in whole:
        seen[title.casefold()] += 1
        turn = seen[title.casefold()]
        unique.append(f"{title} ({turn})" if turn > 1 else title)
    return unique


def _short_title(text: str) -> str:
    flat = _capitalised(text)
    label = _LABEL_END.split(flat, maxsplit=1)[0].rstrip(" ,")
    if 0 < len(label) <= MAX_TITLE:
        return label
    clause = label.split(", ")[0]
    if " " in clause and len(clause) <= MAX_TITLE:
        return clause
    words = label[:MAX_TITLE].rsplit(" ", 1)[0].split() if " " in label[:MAX_TITLE] else [label[: MAX_TITLE - 1]]
    while len(words) > 1 and words[-1].casefold().rstrip(",") in STOP_WORDS:
        words.pop()
    return " ".join(words).rstrip(",") + "…"


def _capitalised(text: str) -> str:
    flat = " ".join(text.split()).rstrip(" .;:")
    return flat[:1].upper() + flat[1:]


def reading_time(text: str) -> str:
    """Return what somebody needs to know who reads on about a target, as the end of a sentence without its full stop.

    It is the opening of what stands behind the target's label, with the label where that says little by itself, or the
    opening of a target without one, in at most 64 characters.
    """
    flat = " ".join(text.split()).rstrip(" .;:,")
    label, _, told = flat.partition(": ")
    opening = "" if not told or _is_clear(told) else f"{label}: "
    first, *others = re.split(r"(?<=[,;]) ", told or flat)
    kept = f"{opening}{first}"
    for clause in others:
        if len(kept) + 1 + len(clause.rstrip(",;")) > _SHORT_WHEN:
            break
        kept = f"{kept} {clause}"
    lowered = kept if _ACRONYM.match(kept) else kept[:1].lower() + kept[1:]
    return _cut(lowered.rstrip(" ,;"))


def _is_clear(told: str) -> bool:
    """Tell whether the first clause behind a label can be understood without it."""
    first = re.split(r"[,;]", told)[0]
    return len(first.split()) >= _CLEAR_WORDS and not _LEANS.search(first)


def _cut(text: str) -> str:
    """Return a text of at most 64 characters, cut behind a word that may end it."""
    if len(text) <= MAX_WHEN:
        return text
    words = text[: MAX_WHEN - 1].rsplit(" ", 1)[0].split()
    while len(words) > 1 and words[-1].casefold().rstrip(",") in _DANGLING:
        words.pop()
    return " ".join(words).rstrip(",;") + "…"


def unique_slug(text: str, taken: set[str]) -> str:
    """Return a file name for the text: lower-case ASCII words, at most 48 characters, counted on where it is taken."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", re.sub(r"['\u2019]", "", plain))
    slug = "-".join(words) or "target"
    if len(slug) > MAX_SLUG:
        slug = slug[:MAX_SLUG].rsplit("-", 1)[0] if slug[MAX_SLUG] != "-" else slug[:MAX_SLUG]
    name, turn = slug, 1
    while name in taken:
        turn += 1
        name = f"{slug}-{turn}"
    taken.add(name)
    return name
