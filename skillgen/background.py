"""Background: what anybody knows, of everyday English and of the trade, so that an organisation's own words stand out.

Everyday English is the vocabulary of the packaged embedding model, which costs nothing more; a list of word
frequencies (wordfreq, 71 MB with what it needs) told own names from general words no better (docs/delta.md). The words,
commands and places of the trade are those of the catalogue and of `prompts/catalogue/common.yaml`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from skillgen.errors import SettingsError
from skillgen.model.catalogue import Catalogue
from skillgen.resources import data_dir
from skillgen.words import STOP_WORDS

_WORD = re.compile(r"[^\W\d_]+")
# Words inside an identifier: `KilnTooCold` has three, `HTTPServer` two.
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_]+")
_ARGUMENT = re.compile(r"[^\s|;&()'\"=,]+")
_PLACEHOLDER = re.compile(r"<[^<>]*>|\$?\{[^{}]*\}|\$\w+")
_EDGE = "`.,:;!?[]<>{}"
_FLAG = re.compile(r"[-+]{1,2}[A-Za-z]")
_FOLDER = re.compile(r"/(\w+)/")
# Endings of English and what may stand in their place; no dictionary, so a few words too many are known.
_ENDINGS = (
    *(
        ("'s", ""),
        ("\u2019s", ""),
        ("ies", "y"),
        ("es", ""),
        ("s", ""),
        ("ied", "y"),
        ("ed", ""),
        ("ed", "e"),
        ("d", ""),
    ),
    *(("ing", ""), ("ing", "e"), ("er", ""), ("er", "e"), ("ers", ""), ("ers", "e"), ("ly", ""), ("ise", "ize")),
    *(("isation", "ization"), ("isation", "ise"), ("our", "or"), ("able", ""), ("able", "e"), ("ness", "")),
    ("ment", ""),
)
_PREFIXES = ("un", "re", "non", "pre", "sub", "multi", "auto", "de", "over", "mis", "anti", "co", "self")
_SHORTEST_REST = 3
_KEYS = frozenset({"words", "commands", "folders", "hosts"})


class Background:
    """What is known in general: words of English, and words, commands, folders and hosts of the trade."""

    def __init__(
        self,
        *,
        english: Iterable[str],
        words: Iterable[str],
        commands: Iterable[str] = (),
        folders: Iterable[str] = (),
        hosts: Iterable[str] = (),
    ) -> None:
        self._commands = frozenset(commands)
        self._folders = frozenset(folders)
        self._hosts = tuple(hosts)
        self._trade = frozenset(words) | STOP_WORDS | self._commands | self._folders
        self._english = frozenset(english) | self._trade

    def knows(self, word: str) -> bool:
        """Return whether the word, or the word that it is a form of, is one that anybody may write."""
        return _is_form(word.casefold(), self._english)

    def is_of_trade(self, word: str) -> bool:
        """Return whether the word, or the word that it is a form of, is one of the trade or a small word."""
        return _is_form(word.casefold(), self._trade)

    def is_command(self, code: str) -> bool:
        """Return whether a piece of code begins with a program that anybody has."""
        return bool(code.strip()) and code.split(maxsplit=1)[0].casefold() in self._commands

    def own_parts(self, code: str) -> list[str]:
        """Return the arguments, paths and identifiers in a piece of code that are nothing general, in order."""
        parts = (argument.strip(_EDGE) for argument in _ARGUMENT.findall(_PLACEHOLDER.sub("", code)))
        return [part for part in parts if self._is_own(part)]

    def _is_own(self, part: str) -> bool:
        folder = _FOLDER.match(part)
        if not part or _FLAG.match(part) or part.casefold() in self._commands or part.endswith(self._hosts):
            return False
        if folder is not None and folder[1] in self._folders:
            return False
        words = [word for word in _PART.findall(part) if len(word) > 1]
        if words == [part]:
            return not self.knows(part)
        return any(not self.is_of_trade(word) for word in words)


def load_background(catalogue: Catalogue, english: Iterable[str]) -> Background:
    """Return the background of a catalogue, of `prompts/catalogue/common.yaml` and of words of English.

    Raises:
        SettingsError: the file cannot be read or has another shape.
    """
    common = _common(data_dir("prompts") / "catalogue" / "common.yaml")
    phrases = (*common["words"], *_phrases(catalogue))
    words = {word.casefold() for phrase in phrases for word in (phrase, *_WORD.findall(phrase))}
    return Background(
        english=english, words=words, commands=common["commands"], folders=common["folders"], hosts=common["hosts"]
    )


def _phrases(catalogue: Catalogue) -> Iterator[str]:
    for kind in catalogue.kinds:
        yield from (*kind.words, *kind.artefacts, *kind.credentials)
    for tool in catalogue.tools:
        yield from (tool.name, *tool.aliases, *tool.files)
    for concern in catalogue.concerns:
        yield from (*concern.asks, *concern.objects, *concern.actions, *concern.cues)


def _common(path: Path) -> dict[str, list[str]]:
    import yaml

    hint = "Install runbook-skillgen again."
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise SettingsError(f"The list {path} cannot be read: {error}.", hint=hint) from error
    if not isinstance(data, dict) or set(data) != _KEYS or not all(isinstance(words, list) for words in data.values()):
        raise SettingsError(f"{path} is not four lists: {', '.join(sorted(_KEYS))}.", hint=hint)
    return {key: [str(word) for word in words] for key, words in data.items()}


def _is_form(word: str, known: frozenset[str]) -> bool:
    stems = [word, *(word[len(prefix) :] for prefix in _PREFIXES if word.startswith(prefix))]
    return any(form in known for one in stems if one is word or len(one) >= _SHORTEST_REST for form in _forms(one))


def _forms(word: str) -> Iterator[str]:
    """Return the word and what it may be a form of."""
    yield word
    for ending, put in _ENDINGS:
        rest = word.removesuffix(ending)
        if len(rest) < len(word) and len(rest) >= _SHORTEST_REST:
            yield rest + put
            if not put and rest[-1] == rest[-2]:
                yield rest[:-1]
