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
_ASKS = re.compile(r"(?:what|which|who|whom|whose|when|where|why|how)\b", re.IGNORECASE)
# A clause that begins with one of these goes on with the one before, or is no item of a list.
_NO_ITEM = re.compile(
    r"(?:and|or|but|nor|for|in|on|at|of|by|to|with|without|from|before|after|until|that|as|if|so)\b", re.IGNORECASE
)


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
    opening of a target without one, in at most 64 characters. It ends where a phrase can end: of a list that is left
    off behind its first word, the label alone is told.
    """
    flat = " ".join(text.split()).rstrip(" .;:,")
    label, _, told = flat.partition(": ")
    opening = "" if not told or _is_clear(told) else f"{label}: "
    clauses = re.split(r"(?<=[,;]) ", told or flat)
    held = _first_clauses(clauses, MAX_WHEN - len(opening), _SHORT_WHEN - len(opening))
    left_off = len(held) < len(clauses)
    if opening and left_off and len(held) == 1 and " " not in held[0]:
        kept = label
    else:
        kept = opening + (_as_list(held) if left_off else " ".join(held))
    lowered = kept if _ACRONYM.match(kept) else kept[:1].lower() + kept[1:]
    return _cut(lowered.rstrip(" ,;"))


def _first_clauses(clauses: Sequence[str], most: int, short: int) -> list[str]:
    """Return the clauses that fit into `short` characters, the first in any case, without a last one that says nothing.

    What begins with a preposition says nothing before its second clause, which may take up to `most`.
    """
    held = [clauses[0]]
    for clause in clauses[1:]:
        room = most if len(held) == 1 and _NO_ITEM.match(held[0]) else short
        if len(" ".join([*held, clause]).rstrip(",;")) > room:
            break
        held.append(clause)
    while 1 < len(held) < len(clauses) and _is_open(held):
        held.pop()
    return held


def _is_open(clauses: Sequence[str]) -> bool:
    """Tell whether the last of the clauses is made of stop words alone, or ends inside of brackets."""
    told = " ".join(clauses)
    return (
        told.count("(") > told.count(")") or {word.casefold() for word in re.findall(r"\w+", clauses[-1])} <= STOP_WORDS
    )


def _as_list(clauses: Sequence[str]) -> str:
    """Return the first clauses of a list, the last with an "and", so that it reads as a whole one."""
    told = " ".join(clauses)
    alike = len({bool(_ASKS.match(clause)) for clause in clauses}) == 1
    if len(clauses) == 1 or not alike or ";" in told or re.search(r" (?:and|or) ", clauses[-1]):
        return told
    if any(_NO_ITEM.match(clause) for clause in clauses):
        return told
    return f"{' '.join(clauses[:-1]).rstrip(',')} and {clauses[-1]}"


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
