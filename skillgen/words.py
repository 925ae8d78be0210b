"""Words of a text: stems, content words, and the tokens that must survive exactly."""

from __future__ import annotations

import functools
import re
from typing import Protocol

_WORD = re.compile(r"[^\W_]+")
# What a reader would notice if it changed: code, numbers and words with a number, paths, identifiers. Every alternative
# begins at the beginning of a word and looks at it once, so that a word of a megabyte takes no longer than its length.
_HARD = re.compile(
    r"`[^`]+`"
    r"|\b(?=\w*\d)\w+(?:[.,:%]+\w+)*%?"
    r"|(?<![\w./-])[\w.-]*/[\w./-]+"
    r"|\b(?=_*[^\W_]+_+[^\W_])\w+"
    r"|\b\w+-\w*\d\w*\b"
)
_HARD_EDGE = ".,:;)"
_NAME = re.compile(r"(?<=[\w,;:] )[A-Z][\w-]+")

STOP_WORDS = frozenset(
    "a about above after again all also an and any are as at be because been before being below between both "
    "but by can cannot could did do does doing down during each either etc every few for from further had has "
    "have having he her here him his how i if in into is it its itself just let like may me might more most "
    "much must my no nor not now of off on once one only onto or other our out over own per same shall she "
    "should so some such than that the their them then there these they this those through to too under until "
    "up upon us very via was we were what when where whether which while who whom whose why will with within "
    "without would yes yet you your".split()
)


class _Stemmer(Protocol):
    def stemWord(self, word: str) -> str: ...  # noqa: N802 - the library's name


@functools.cache
def _stemmer() -> _Stemmer:
    import snowballstemmer

    stemmer: _Stemmer = snowballstemmer.stemmer("english")
    return stemmer


@functools.lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """Return the English Snowball stem of a word, lower-cased."""
    return _stemmer().stemWord(word.casefold())


def words(text: str) -> list[str]:
    """Return the text's runs of letters and digits in order; an identifier gives its parts."""
    return _WORD.findall(text)


def content_stems(text: str) -> list[str]:
    """Return the stems of the text's words that carry meaning, in order, with repetitions."""
    return [found for word in words(text) if (found := _content_stem(word)) is not None]


@functools.lru_cache(maxsize=50_000)
def _content_stem(word: str) -> str | None:
    """Return the stem of a word that carries meaning."""
    return stem(word) if word.casefold() not in STOP_WORDS and (len(word) > 1 or word.isdigit()) else None


def hard_tokens(text: str) -> list[str]:
    """Return code spans, numbers, paths and identifiers of the text: what a claim may not change or add."""
    return [token for token in (match.rstrip(_HARD_EDGE) for match in _HARD.findall(text)) if token]


def own_names(text: str) -> frozenset[str]:
    """Return the names of things in a text, lower-cased: code, paths and identifiers, and words with a capital inside.

    "Inside" is after another word or a comma, colon or semicolon, so that the first word of a sentence is none.
    """
    exact = (token.strip("`").casefold() for token in hard_tokens(text))
    named = {token for token in exact if re.search(r"[^\W\d_]", token)}
    return frozenset(named | {name.casefold() for name in _NAME.findall(text)})


def squeezed(text: str) -> str:
    """Return the text's letters and digits alone, case-folded: equal for two spellings that differ in markup only."""
    return re.sub(r"[\W_]+", "", text.casefold())
