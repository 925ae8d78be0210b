"""A brief's Vocabulary: the organisation's own words and tools, which no general catalogue can know."""

from __future__ import annotations

import re

from skillgen.brief.outline import Section
from skillgen.errors import BriefError
from skillgen.model.brief import Term

_KIND = re.compile(r"(?P<words>[^:()]+)\((?P<kind>[^()]+)\)")
_HINT = "Write each entry as `sign-off: the nod, second pair of eyes`, or a tool as `Foghorn, the horn (monitoring)`."


def read_vocabulary(section: Section, path: str) -> tuple[Term, ...]:
    """Return the entries of the section: `word, word: other words`, or `tool, other name (kind)`.

    Raises:
        BriefError: an item is neither.
    """
    return tuple(_term(item.text.replace("`", ""), path) for item in section.items)


def _term(text: str, path: str) -> Term:
    tool = _KIND.fullmatch(text.rstrip(" .;"))
    if tool and _listed(tool["words"]):
        return Term(words=_listed(tool["words"]), kind=tool["kind"].strip())
    words, _, means = text.rstrip(" .;").partition(":")
    if not _listed(words) or not _listed(means):
        raise BriefError(f"{path}: this entry of the Vocabulary cannot be read: {text}", hint=_HINT)
    return Term(words=_listed(words), means=_listed(means))


def _listed(text: str) -> tuple[str, ...]:
    return tuple(word for word in (part.strip() for part in text.split(",")) if re.search(r"\w", word))
