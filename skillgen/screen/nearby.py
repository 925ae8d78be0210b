"""Random runs and made-up passwords in a line that speaks of a secret, wherever in the line they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator

from skillgen.screen.records import Removal
from skillgen.screen.values import classes, is_name, is_password, is_token

_LINE_REACH = 160
_TOKEN_WORDS = re.compile(r"(?<![a-z])(?:token|secret|key|credential|password|auth)s?(?![a-z])")
_PASSWORD_WORDS = re.compile(r"(?<![a-z])(?:passwords?|passphrases?|credentials|pwd)(?![a-z])")
_RUN = re.compile(r"(?<![\w/.:@%$+#-])[A-Za-z0-9_+-]{20,200}={0,2}(?![\w/.:@+-]*[/:@(])")
_MADE_UP = re.compile(r"(?<![\w/.:@%$+=#{-])[A-Za-z][\w!#%+=-]{7,40}(?![\w/:@(+=\[{-]|\.\w)")
_PUBLIC = re.compile(r"ssh-|sha\d|fingerprint|digest|checksum|public|integrity|hash|commit|http|uuid|etag|-----")
_VERBAL = re.compile(r"[A-Z]{1,12}-?[0-9]{1,6}|[A-Za-z]+[0-9]{1,3}|[A-Za-z]+(?:-[A-Za-z]+)*-?[0-9]{0,3}|[\w-]+=[\w-]*")
_TITLES = re.compile(r"(?:[A-Z][a-z]{2,12}-){2,5}[0-9]{1,4}[!#?]?")
_LONG_RUN_CLASSES = 3


def find_nearby(text: str, lowered: str) -> Iterator[Removal]:
    """Yield values that no name introduces, in lines that speak of a secret; `lowered` is the text in small letters."""
    yield from _around(text, lowered, _TOKEN_WORDS, _RUN, "secret")
    yield from _around(text, lowered, _PASSWORD_WORDS, _MADE_UP, "password")


def _around(text: str, lowered: str, words: re.Pattern[str], values: re.Pattern[str], kind: str) -> Iterator[Removal]:
    done = 0
    for word in words.finditer(lowered):
        if word.end() <= done:
            continue
        line = lowered.rfind("\n", max(0, word.start() - _LINE_REACH), word.start()) + 1
        start = max(done, line or max(0, word.start() - _LINE_REACH))
        newline = lowered.find("\n", word.end(), word.end() + _LINE_REACH)
        done = newline if newline >= 0 else min(len(text), word.end() + _LINE_REACH)
        if _PUBLIC.search(lowered, start, done):
            continue
        for value in values.finditer(text, start, done):
            if _is_run(value.group()) if kind == "secret" else _is_made_up(value.group()):
                yield Removal(start=value.start(), end=value.end(), kind=kind, family="secret")


def _is_run(value: str) -> bool:
    return classes(value.replace("-", "").replace("_", "")) >= _LONG_RUN_CLASSES and is_token(value)


def _is_made_up(value: str) -> bool:
    """Say whether a word was made up as a password; product names and versions are not."""
    if not is_password(value):
        return False
    if _TITLES.fullmatch(value):
        return True
    return not _VERBAL.fullmatch(value) and not is_name(value) and classes(value) >= _LONG_RUN_CLASSES
