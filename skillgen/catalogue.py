"""The catalogue: tools by kind and a vocabulary of concerns, read from `prompts/catalogue/` and the user's own file.

It says in general words what an abstract question is about, and which products a page names.
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from skillgen.errors import BriefError, SettingsError
from skillgen.model.brief import Brief
from skillgen.model.catalogue import Catalogue, Concern, Tool, ToolKind, Wording
from skillgen.resources import data_dir
from skillgen.words import stem

_LABEL_PARTS = re.compile(r",\s*|\s+and\s+")
_TOKEN = re.compile(r"[^\W_]+(?:[.+#][^\W_]+)*\+*")
# PyYAML lets its own errors through where a tag or a date does not fit its value (`!!int ""`, `2024-99-99`).
_UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError)
_HINT = "prompts/catalogue/README.md explains the file's shape."


def load_catalogue(own: Path | None = None) -> Catalogue:
    """Return the built-in catalogue with the entries of the user's own file added.

    The user's file is YAML with the keys `tools` and `concerns`, each a list in the shape of the built-in files; an
    entry of a kind or concern that is there already adds to it. The wording is the built-in one always: grades are
    counted again from a draft alone, wherever it is.

    Raises:
        SettingsError: the user's file cannot be read or has another shape.
    """
    catalogue = _built_in(data_dir("prompts") / "catalogue")
    if own is None:
        return catalogue
    data = _read(own)
    if not isinstance(data, dict) or set(data) - {"tools", "concerns"}:
        raise SettingsError(f"{own} holds other keys than `tools` and `concerns`.", hint=_HINT)
    return replace(
        catalogue,
        kinds=_merged(catalogue.kinds, tuple(_kinds(data.get("tools") or [], own)), "kind"),
        concerns=_merged(catalogue.concerns, tuple(_concerns(data.get("concerns") or [], own)), "concern"),
    )


def with_vocabulary(catalogue: Catalogue, briefs: Iterable[Brief]) -> Catalogue:
    """Return the catalogue with what the briefs' vocabularies add: a concern for words, a tool for a tool.

    Raises:
        BriefError: a tool is of a kind that the catalogue does not know.
    """
    kinds, concerns = list(catalogue.kinds), list(catalogue.concerns)
    for brief in briefs:
        for term in brief.vocabulary:
            if term.kind:
                at = _kind_at(kinds, term.kind, brief.path)
                tool = Tool(name=term.words[0], aliases=term.words[1:], kind=kinds[at].kind)
                kinds[at] = replace(kinds[at], tools=(*kinds[at].tools, tool))
            else:
                name = f"{brief.name}: {term.words[0]}"
                concerns.append(Concern(concern=name, label=term.words[0], asks=term.words, cues=term.means))
    return replace(catalogue, kinds=tuple(kinds), concerns=tuple(concerns))


def _kind_at(kinds: Sequence[ToolKind], name: str, path: str) -> int:
    """Return the place of the kind of this name, which may be its label or a part of it."""
    wanted = name.casefold()
    for at, kind in enumerate(kinds):
        if wanted in (kind.kind.casefold(), kind.label.casefold(), *_LABEL_PARTS.split(kind.label.casefold())):
            return at
    known = ", ".join(kind.kind for kind in kinds)
    raise BriefError(f"{path}: the Vocabulary names the unknown kind of tool {name!r}.", hint=f"Known are: {known}.")


@functools.lru_cache(maxsize=1)
def _built_in(folder: Path) -> Catalogue:
    return Catalogue(
        kinds=tuple(_kinds(_read(folder / "tools.yaml"), folder / "tools.yaml")),
        concerns=tuple(_concerns(_read(folder / "concerns.yaml"), folder / "concerns.yaml")),
        wording=load_wording(),
    )


@functools.cache
def load_wording() -> tuple[Wording, ...]:
    """Return what pages call the things that questions name, in the order of `prompts/catalogue/wording.yaml`."""
    path = data_dir("prompts") / "catalogue" / "wording.yaml"
    return tuple(Wording(**_values(Wording, entry, path)) for entry in _entries(_read(path), path))


def _read(path: Path) -> Any:  # noqa: ANN401 - checked by whoever asks
    import yaml

    try:
        return yaml.load(path.read_text(encoding="utf-8-sig"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - a safe loader
    except (OSError, yaml.YAMLError, *_UNREADABLE) as error:
        raise SettingsError(f"The catalogue {path} cannot be read: {error}.", hint=_HINT) from error


def _kinds(data: object, path: Path) -> Iterator[ToolKind]:
    for entry in _entries(data, path):
        kind = str(entry.get("kind", ""))
        tools = tuple(
            Tool(**_values(Tool, tool, path, given="kind"), kind=kind)
            for tool in _entries(entry.pop("tools", None) or [], path)
        )
        yield ToolKind(**_values(ToolKind, entry, path), tools=tools)


def _concerns(data: object, path: Path) -> Iterator[Concern]:
    for entry in _entries(data, path):
        yield Concern(**_values(Concern, entry, path))


def _entries(data: object, path: Path) -> list[dict[str, Any]]:
    if not isinstance(data, list) or not all(isinstance(entry, dict) for entry in data):
        raise SettingsError(f"{path}: a list of entries is expected.", hint=_HINT)
    return [dict(entry) for entry in data]


def _values(record: type, entry: Mapping[str, Any], path: Path, *, given: str = "") -> dict[str, Any]:
    """Return an entry's values in the types of the record; a kind or concern needs no label of its own.

    The field `given` follows from where the entry stands and is no key of it.
    """
    types = {field.name: str(field.type) for field in fields(record) if field.name != given}
    values = dict(entry)
    name = next(iter(types))
    if not values.get(name):
        raise SettingsError(f"{path}: an entry has no `{name}`.", hint=_HINT)
    if "label" in types:
        values.setdefault("label", values[name])
    for key, value in values.items():
        if key not in types:
            raise SettingsError(f"{path}: {values[name]} has the unknown key `{key}`.", hint=_HINT)
        values[key] = _typed(value, types[key], f"{path}: `{key}` of {values[name]}")
    return values


def _typed(value: object, kind: str, what: str) -> object:
    """Return a value of a file in the type of its field."""
    if kind.startswith("tuple"):
        if not isinstance(value, list):
            raise SettingsError(f"{what} is no list.", hint=_HINT)
        return tuple(str(item) for item in value)
    if kind == "bool":
        if not isinstance(value, bool):
            raise SettingsError(f"{what} is neither true nor false.", hint=_HINT)
        return value
    return str(value)


def _merged(known: Sequence[Any], own: Sequence[Any], name: str) -> tuple[Any, ...]:
    """Return the known entries, each with what the user adds to it, then the user's other ones."""
    merged: dict[str, Any] = {getattr(entry, name): entry for entry in known}
    for addition in own:
        before = merged.get(getattr(addition, name))
        merged[getattr(addition, name)] = addition if before is None else _joined(before, addition)
    return tuple(merged.values())


def _joined(before: ToolKind | Concern, addition: ToolKind | Concern) -> ToolKind | Concern:
    known, more = _lists(before), _lists(addition)
    changes: dict[str, Any] = {key: (*known[key], *more[key]) for key in more}
    return replace(before, **changes)


def _lists(entry: ToolKind | Concern) -> dict[str, tuple[Any, ...]]:
    values = {item.name: getattr(entry, item.name) for item in fields(entry)}
    return {key: value for key, value in values.items() if isinstance(value, tuple)}


def catalogue_digest(catalogue: Catalogue) -> str:
    """Return the SHA-256 of all entries of a catalogue."""
    return hashlib.sha256(repr(catalogue).encode()).hexdigest()


# -- finding tools in a text -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolMention:
    """A tool in a text, at these offsets."""

    tool: Tool
    start: int
    end: int


class ToolFinder:
    """Finds the catalogue's tools in texts: names and aliases as whole words, the longest first."""

    def __init__(self, tools: Iterable[Tool]) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], Tool, bool]]] = {}
        for tool in tools:
            for name, capital in ((tool.name, tool.ambiguous), *((alias, False) for alias in tool.aliases)):
                tokens = tuple(_TOKEN.findall(name.casefold()))
                if tokens:
                    self._by_first.setdefault(tokens[0], []).append((tokens, tool, capital))
        for entries in self._by_first.values():
            entries.sort(key=lambda entry: (-len(entry[0]), entry[1].name))

    def find(self, text: str) -> list[ToolMention]:
        """Return the mentions in the order of the text; they do not overlap."""
        tokens = [(match.group(), match.start(), match.end()) for match in _TOKEN.finditer(text)]
        found = []
        at = 0
        while at < len(tokens):
            length, tool = self._at(tokens, at)
            if tool is not None:
                found.append(ToolMention(tool=tool, start=tokens[at][1], end=tokens[at + length - 1][2]))
            at += length
        return found

    def _at(self, tokens: Sequence[tuple[str, int, int]], at: int) -> tuple[int, Tool | None]:
        for names, tool, capital in self._by_first.get(tokens[at][0].casefold(), ()):
            written = [token for token, _, _ in tokens[at : at + len(names)]]
            if tuple(token.casefold() for token in written) == names and (not capital or written[0][:1].isupper()):
                return len(names), tool
        return 1, None


# -- phrases -----------------------------------------------------------------------------------------------------------


def phrase_stems(phrase: str) -> tuple[str, ...]:
    """Return the stems of all words of a phrase, small words too: "must not" is two."""
    return tuple(stem(word) for word in _WORDS.findall(phrase))


_WORDS = re.compile(r"[^\W_]+")
