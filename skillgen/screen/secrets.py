"""Secrets of a text: detect-secrets' pattern plugins, published formats, and the places where runbooks hold them."""

from __future__ import annotations

import base64
import binascii
import functools
import importlib
import re
from collections.abc import Iterator
from typing import Protocol

from skillgen.screen.assignments import find_assignments
from skillgen.screen.judges import encoded_secret, filled_in
from skillgen.screen.nearby import find_nearby
from skillgen.screen.records import FILLER, Removal, merged
from skillgen.screen.secret_rules import FORMATS, PLACES, PLUGINS, Plugin, Rule
from skillgen.screen.tables import find_in_tables
from skillgen.screen.values import classes, is_name, is_placeholder, is_token

_WINDOW = 600
_PUNCTUATION = "\"'`,;)]}>*|.:\\"
_LEAD = 80

_ARMOUR = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|PuTTY-User-Key-File-\d:")
_ARMOUR_END = re.compile(r"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|Private-MAC: ?[0-9a-f]{0,64}")
_ARMOUR_BODY = re.compile(r"[A-Za-z0-9+/=]{24,}")
_LONGEST_ARMOUR = 20_000
_ENCODED_ARMOUR = re.compile(r"LS0tLS1CRUdJTi[A-Za-z0-9+/=]{40,20000}")
_WRAPPED_LINES = re.compile(r"(?:\s{1,20}[A-Za-z0-9+/]{40,100}={0,2}(?![A-Za-z0-9+/]))*")

_MANIFEST = re.compile(r"kind[\"']?:\s{0,3}[\"']?Secret\b")
_MANIFEST_DATA = re.compile(r"^(?P<indent>[ \t>]{0,20})data:[ \t]{0,5}$", re.MULTILINE)
_MANIFEST_ENTRY = re.compile(
    r"[ \t>]{1,24}[\w.-]{1,80}:[ \t]{0,4}[\"']?(?P<v>[A-Za-z0-9+/]{8,8000}={0,2})[\"']?[ \t]{0,4}$"
)
_MANIFEST_REACH = 3_000

_CODES = re.compile(r"\b(?:recovery|backup|scratch|emergency)[ _-](?:access[ _-])?(?:codes?|keys?)\b", re.IGNORECASE)
_CODE = re.compile(r"(?<![\w-])(?P<v>[A-Za-z0-9]{4,8}(?:-[A-Za-z0-9]{4,8}){1,7}|[A-Z0-9]{8,12}|\d{4} \d{4})(?![\w-])")
_CODES_REACH = 600
_SAID_REACH = 40
_LONGEST_CODE = 71  # eight groups of eight: one that the end of a reach cuts is seen whole in the next

_KNOWN_LENGTH = 8


def find_secrets(text: str) -> tuple[Removal, ...]:
    """Return the ranges of the text that hold secrets, in order, without overlap."""
    lowered = text.replace("\u0130", "I").lower()  # the only capital that would become two characters
    found = [*_private_keys(text), *_by_rules(text, lowered), *find_assignments(text, lowered), *find_in_tables(text)]
    found += find_nearby(text, lowered)
    found += [*_by_plugins(text, lowered), *_manifests(text), *_recovery_codes(text)]
    found = [removal for removal in found if FILLER not in text[removal.start : removal.end]]
    return merged([*found, *_repeated(text, found)])


def _removal(start: int, end: int, kind: str) -> Removal:
    return Removal(start=start, end=end, kind=kind, family="secret")


def _by_rules(text: str, lowered: str) -> Iterator[Removal]:
    for rule in (*FORMATS, *PLACES):
        if any(needle in lowered for needle in rule.needles):
            yield from _matches(rule, text, lowered if rule.lowered else text)


def _matches(rule: Rule, text: str, searched: str) -> Iterator[Removal]:
    group = "v" if "v" in rule.pattern.groupindex else 0
    for match in rule.pattern.finditer(searched):
        start, end = match.span(group)
        value = text[start:end]
        if rule.judge(value):
            end -= len(value) - len(value.rstrip(_PUNCTUATION)) if group else 0
            yield _removal(start, end, rule.kind)


class _Plugin(Protocol):
    def analyze_string(self, string: str) -> Iterator[str]: ...


@functools.cache
def _plugin(module: str, name: str) -> _Plugin:
    loaded: type[_Plugin] = getattr(importlib.import_module(f"detect_secrets.plugins.{module}"), name)
    return loaded()


def _by_plugins(text: str, lowered: str) -> Iterator[Removal]:
    for plugin in PLUGINS:
        if any(needle in lowered for needle in plugin.needles):
            for start, end in _windows(lowered, plugin):
                yield from _by_plugin(plugin, text, start, end)


def _windows(lowered: str, plugin: Plugin) -> Iterator[tuple[int, int]]:
    """Yield bounded pieces of the lines that hold a plugin's needle: its patterns are not bounded themselves."""
    done = 0
    for needle in re.finditer("|".join(map(re.escape, plugin.needles)), lowered):
        if needle.start() < done:
            continue
        start = max(done - _LEAD, lowered.rfind("\n", 0, needle.start()) + 1, needle.start() - _LEAD)
        newline = lowered.find("\n", needle.start(), needle.start() + _WINDOW)
        done = newline if newline >= 0 else min(len(lowered), needle.start() + _WINDOW)
        yield start, done


def _by_plugin(plugin: Plugin, text: str, start: int, end: int) -> Iterator[Removal]:
    window = text[start:end]
    for raw in _plugin(plugin.module, plugin.name).analyze_string(window):
        value = raw.strip(" \t\"':=").removeprefix("AccountKey=")
        at = window.find(value) if value else -1
        if at >= 0 and is_token(value) and not _inside_word(window, at, len(value)):
            yield _removal(start + at, start + at + len(value), plugin.kind)


def _inside_word(text: str, at: int, length: int) -> bool:
    before, after = text[at - 1 : at] if at else "", text[at + length : at + length + 1]
    return before.isalnum() or after.isalnum()


def _private_keys(text: str) -> Iterator[Removal]:
    done = 0
    for opening in _ARMOUR.finditer(text):
        if opening.start() < done:
            continue
        closing = _ARMOUR_END.search(text, opening.end(), opening.end() + _LONGEST_ARMOUR)
        end = closing.end() if closing else _unclosed_end(text, opening.end())
        done = end
        if _ARMOUR_BODY.search(text, opening.end(), end):
            yield _removal(opening.start(), end, "private key")
    for encoded in _ENCODED_ARMOUR.finditer(text):
        if b"PRIVATE" in _decoded_head(encoded.group()):
            wrapped = _WRAPPED_LINES.match(text, encoded.end())
            yield _removal(encoded.start(), wrapped.end() if wrapped else encoded.end(), "private key")


def _unclosed_end(text: str, start: int) -> int:
    """Return the end of the base64 lines behind an opening line whose end is missing."""
    body = _WRAPPED_LINES.match(text, start)
    return body.end() if body else start


def _decoded_head(value: str) -> bytes:
    try:
        return base64.b64decode(value[:80])
    except binascii.Error:
        return b""


def _manifests(text: str) -> Iterator[Removal]:
    """Yield the values below `data:` of Kubernetes Secret manifests."""
    for kind in _MANIFEST.finditer(text):
        first = max(
            text.rfind("---", 0, kind.start()), text.rfind("```", 0, kind.start()), kind.start() - _MANIFEST_REACH
        )
        data = _MANIFEST_DATA.search(text, max(0, first), kind.end() + _MANIFEST_REACH)
        if data:
            yield from _manifest_entries(text, data)


def _manifest_entries(text: str, data: re.Match[str]) -> Iterator[Removal]:
    cursor = data.end() + 1
    while cursor < len(text):
        end = text.find("\n", cursor)
        end = len(text) if end < 0 else end
        entry = _MANIFEST_ENTRY.match(text, cursor, end)
        if entry is None:
            return
        if encoded_secret(entry["v"]):
            yield _removal(*entry.span("v"), "secret")
        cursor = end + 1


def _recovery_codes(text: str) -> Iterator[Removal]:
    done = 0
    for words in _CODES.finditer(text):
        start, end = max(done - _LONGEST_CODE, words.end()), words.end() + _CODES_REACH
        heading = text.find("\n#", start, end)
        end = heading if heading >= 0 else end
        for code in _CODE.finditer(text, start, end):
            if _is_code(code["v"], said=code.start() - words.end() <= _SAID_REACH):
                yield _removal(*code.span("v"), "recovery code")
        done = max(done, end)


def _is_code(value: str, *, said: bool) -> bool:
    """Return whether it is a code; what is `said` to be one right before may look like a name."""
    groups = re.split(r"[- ]", value)
    same = len({len(group) for group in groups}) == 1
    return (
        same
        and any(c.isdigit() for c in value)
        and filled_in(value)
        and (said or value[0].isdigit() or not is_name(value))
    )


def _repeated(text: str, found: list[Removal]) -> Iterator[Removal]:
    """Yield the other places where a value stands that was found once."""
    values = {text[removal.start : removal.end]: removal.kind for removal in found}
    for value, kind in values.items():
        if len(value) < _KNOWN_LENGTH or classes(value) == 1 or is_placeholder(value):
            continue
        at = text.find(value)
        while at >= 0:
            yield _removal(at, at + len(value), kind)
            at = text.find(value, at + len(value))
