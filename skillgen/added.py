"""Added: what a text has that nothing it was made from has, so that a model's words bring in nothing of its own.

That is numbers (written out too), days and months, code, paths, identifiers and addresses, words with a capital inside
a sentence, and words that neither English nor the trade has.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from skillgen.background import Background
from skillgen.words import STOP_WORDS, hard_tokens, stem, words

_ADDRESS = re.compile(
    r"\b[a-z][a-z0-9+.-]*://\S+|\bwww\.\S+|[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+|(?<![\w#])[#~][a-z][\w-]+"
)
_ADDRESS_EDGE = ".,:;!?)>]\"'"
# "One" is a pronoun as often as a number.
_WRITTEN = re.compile(
    r"\b(?:zero|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|sixty|ninety"
    r"|hundred|thousand|million|dozen|once|twice|(?:mon|tues|wednes|thurs|fri|satur|sun)days?"
    r"|january|february|march|april|june|july|august|september|october|november|december)\b",
    re.IGNORECASE,
)
# A word with a capital after another word, or one that is written like no word: FooBar, ABC.
_NAME = re.compile(r"(?<=[\w,;:)] )[A-Z][\w\u2019'-]*|\b(?=\w*[a-z0-9])\w+[A-Z]\w*|\b[A-Z]{2,}s?\b")
# "Isn't" and its like are no words of the list of English.
_PLAIN = re.compile(r"\b[^\W\d_]{3,}\b(?!['\u2019](?!s\b))")
_SMALL_TALK = frozenset({"I", "I'm", "I\u2019m"})


def added_tokens(text: str, given: str, background: Background) -> tuple[str, ...]:
    """Return what the text has and `given` has not, in the order of the text, each once, without regard to capitals.

    Args:
        text: What was written.
        given: Everything that it was written from.
        background: Words that anybody may write.
    """
    known = {stem(word) for word in words(given)}
    spelled = {word.casefold() for word in words(given)}

    def named(word: str) -> bool:
        return {part.casefold() for part in words(word)} <= spelled or word in _SMALL_TALK

    found = [
        *(token for token in (*_addresses(text), *_exact(text)) if not stands(token, given)),
        *(match.group() for match in _WRITTEN.finditer(text) if stem(match.group()) not in known),
        *(match.group() for match in _NAME.finditer(text) if not named(match.group())),
        *(word for word in _PLAIN.findall(text) if stem(word) not in known and not background.knows(word)),
    ]
    return tuple({token.casefold(): token for token in reversed(found)}.values())[::-1]


def _addresses(text: str) -> Iterator[str]:
    return (found.rstrip(_ADDRESS_EDGE) for found in _ADDRESS.findall(text))


def _exact(text: str) -> Iterator[str]:
    """Return code, numbers, paths and identifiers; "and/or" is none."""
    return (token for token in hard_tokens(text) if not STOP_WORDS.issuperset(map(str.casefold, token.split("/"))))


def is_value(token: str) -> bool:
    """Tell whether a token has a digit, or is a number in words, a day or a month."""
    return any(char.isdigit() for char in token) or _WRITTEN.fullmatch(token) is not None


def stands(token: str, text: str) -> bool:
    """Tell whether a token stands in the text as itself, not as a part of a longer word or number."""
    inner = token.strip("`").strip()
    before = r"(?<!\w)(?<!\d[.,:])" if inner[:1].isalnum() else ""
    after = r"(?!\w)(?![.,:]\d)" if inner[-1:].isalnum() else ""
    pattern = r"\s+".join(re.escape(part) for part in inner.split())
    return re.search(before + pattern + after, text, re.IGNORECASE) is not None
