"""Echoes: what a server or model repeats of a request in its message, so that no record keeps words of pages by that.

`forget` removes the replies that were made from a page; a failure is recorded without the page's words to begin with.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from skillgen.model.chat import ChatRequest

# So many words in a row are no chance. Short of that, "the model is" would be an echo too.
_RUN = 3
_LEFT_OUT = "[...]"
_WORD = re.compile(r"\w+")
# Messages quote requests as JSON does.
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|[nrtbf\"/\\])")
_SURROGATES = range(0xD800, 0xE000)


def without_echo(text: str, requests: Iterable[ChatRequest]) -> str:
    """Return a message without what it repeats of requests: runs of three words and more, and words of theirs beside.

    Instructions of the system are no secret, and are left.
    """
    shown = _ESCAPE.sub(_unescaped, text)
    found = list(_WORD.finditer(shown))
    words = [match.group().casefold() for match in found]
    asked = [_words(message.text) for one in requests for message in one.messages if message.role != "system"]
    runs = {run for said in asked for run in _runs(said)}
    echoed = {place for start, run in enumerate(_runs(words)) if run in runs for place in range(start, start + _RUN)}
    if not echoed:
        return text
    _grow(echoed, words, {word for said in asked for word in said})
    pieces: list[str] = []
    cursor = 0
    for place, match in enumerate(found):
        if place in echoed:
            if place - 1 not in echoed:
                pieces += [shown[cursor : match.start()], _LEFT_OUT]
            cursor = match.end()
    return "".join([*pieces, shown[cursor:]])


def _unescaped(escape: re.Match[str]) -> str:
    code = int(escape[1], 16) if escape[1] else 0
    return chr(code) if code > ord(" ") and code not in _SURROGATES else " "


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]


def _runs(words: Sequence[str]) -> list[tuple[str, ...]]:
    return [tuple(words[at : at + _RUN]) for at in range(len(words) - _RUN + 1)]


def _grow(echoed: set[int], words: Sequence[str], asked: set[str]) -> None:
    """Add the words beside echoed ones that requests hold too, or begin with: the last one may have been cut."""
    for order in (range(len(words)), range(len(words) - 1, -1, -1)):
        for place in order:
            beside = place - 1 in echoed or place + 1 in echoed
            if beside and (words[place] in asked or any(one.startswith(words[place]) for one in asked)):
                echoed.add(place)
