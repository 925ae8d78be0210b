"""Identifiers in a text: code spans and words in snake_case or kebab-case, the names that things really have."""

from __future__ import annotations

import re

_CODE = re.compile(r"`([^`\s]{3,80})`")
_BARE = re.compile(
    r"(?<![\w./`$-])(?:[A-Za-z][A-Za-z0-9]{0,40}(?:_[A-Za-z0-9]{1,40}){1,9}"
    r"|[a-z][a-z0-9]{1,40}(?:-[a-z0-9]{1,40}){1,9})(?![\w`/])"
)
_NO_NAME = re.compile(r"[\d.:,%*/-]+|true|false|null|none|yes|no|main|master|prod\w*|staging|dev|uat|latest|http\w*")
MIN_CHARS = 3
# Words that English joins with a hyphen name nothing.
_FIRST = frozenset(
    "on re non pre post co self semi multi cross long short high low real end up out in by read write first one two "
    "three four day year well full part so open built time user role third event data hand step sub anti pull push "
    "auto hard soft must an a is per all ad old new single double top right left next near ever much".split()
)
_LAST = frozenset(
    "to in up out off on by only based level wide time term side specific related facing day hour minute friendly "
    "driven call end party source run the hoc style like free aware safe ready date and of is per down back over "
    "access grained line backed case check service scale duty".split()
)


def identifiers(text: str, *, loose: bool = False) -> list[tuple[int, str]]:
    """Return position and normal form of the identifiers in a text: `x_y` and `x-y` are one.

    Of words with a single hyphen and no digit, most are English; they count only where `loose` says that the place
    is one for names (a heading, a cell of one word).
    """
    found = {match.start(): match[1] for match in _CODE.finditer(text)}
    for match in _BARE.finditer(_CODE.sub(lambda code: " " * len(code.group()), text)):
        if not _is_english(match.group()) and (loose or _is_unlike_english(match.group())):
            found[match.start()] = match.group()
    normal = ((at, name.casefold().replace("-", "_").strip("\"'.,:;()/")) for at, name in sorted(found.items()))
    return [(at, name) for at, name in normal if len(name) >= MIN_CHARS and not _NO_NAME.fullmatch(name)]


def names_of(text: str, *, loose: bool = False) -> frozenset[str]:
    """Return the identifiers in a text without their positions."""
    return frozenset(name for _, name in identifiers(text, loose=loose))


def without_identifiers(text: str) -> str:
    """Return the text with spaces for its code spans and identifiers: the words that its writer chose."""
    plain = _CODE.sub(lambda code: " " * len(code.group()), text)
    return _BARE.sub(lambda word: word.group() if _is_english(word.group()) else " " * len(word.group()), plain)


def _is_unlike_english(word: str) -> bool:
    return "_" in word or word.count("-") > 1 or any(char.isdigit() for char in word)


def _is_english(word: str) -> bool:
    if "-" not in word:
        return False
    parts = word.split("-")
    return parts[0] in _FIRST or parts[-1] in _LAST or "and" in parts
