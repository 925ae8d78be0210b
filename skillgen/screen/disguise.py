"""Disguises undone: invisible characters, letters of other scripts, spaced-out words, digits for letters, base64."""

from __future__ import annotations

import re
import unicodedata

from skillgen.screen.judges import decoded

ZERO_WIDTH = "\u200b\u200c\u200d\u2060\u2061\u2062\u2063\u2064\ufeff\u180e"
_DROPPED = re.compile(
    f"[{ZERO_WIDTH}\u00ad\u034f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufe00-\ufe0f\U000e0000-\U000e007f\U000e0100-\U000e01ef]"
)
_LOOK_ALIKES = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0501\u051b\u0461\u04bb\u0432\u043a\u043c\u043d\u0442"
    "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425\u0406\u0405\u03bf\u03b1\u03b5\u03b9\u03bd\u03c1\u0391\u0395\u0399\u039f\u0131",
    "aeopcyxijsdqwhbkmhtABEKMHOPCTXISoaeivpAEIOi",
)
_MIXED_WORD = re.compile(
    r"[^\W\d_]*[A-Za-z][^\W\d_]*[\u0370-\u04ff\u0500-\u052f\u0131]\w*|[\u0370-\u04ff\u0500-\u052f\u0131]\w*[A-Za-z]\w*"
)
_LOOK_ALIKE = re.compile(r"[\u0370-\u052f\u0131]")
_SPACED = re.compile(r"(?:(?<!\w)\w[ .\-_*]{1,3}){6}\w(?!\w)")
_LEET = re.compile(r"[A-Za-z][0134578][A-Za-z]|(?<!\w)[0134578][A-Za-z]{2}")
_LEET_LETTERS = str.maketrans("0134578", "oieastb")
_RUN = re.compile(r"(?<![A-Za-z0-9+/=])[A-Za-z0-9+/]{32,4000}={0,2}")


def plain(text: str) -> str:
    """Return the text as a reader sees it: compatible forms, no invisible characters, look-alike letters folded."""
    if text.isascii():
        return text
    shown = unicodedata.normalize("NFKC", _DROPPED.sub("", text))
    if not _LOOK_ALIKE.search(shown):
        return shown
    return _MIXED_WORD.sub(lambda match: match.group().translate(_LOOK_ALIKES), shown)


def squeezed(text: str) -> str:
    """Return the letters alone of a text whose words are spaced out or hold digits for letters, otherwise nothing."""
    if not (_SPACED.search(text) or _LEET.search(text)):
        return ""
    return "".join(char for char in text.lower().translate(_LEET_LETTERS) if char.isalpha())


def hidden_texts(text: str) -> list[str]:
    """Return the readable texts that stand in the text as base64."""
    if len(text) < _SHORTEST:
        return []
    return [found for found in (decoded(run.group()) for run in _RUN.finditer(text)) if " " in found]


_SHORTEST = 32
