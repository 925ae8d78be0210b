"""Expected values: the part of a page's words that an answer must state, where that part can be told exactly."""

from __future__ import annotations

import re

from skillgen.evaluate.values import CODE, DAY, QUANTITY, codes_in, left_over, values_in
from skillgen.model.evaluation import Expected
from skillgen.words import words

# A range has two times; two lengths of time would need a word about which is which.
MAX_TIMES, MAX_QUANTITIES = 2, 1
# Words of a cell beside its values or code: more of them say something that the values alone do not.
MAX_LEFT_BY_VALUES = 1
MAX_LEFT_BY_CODE = 4
MAX_NAME_WORDS = 4
_NO_NAME = frozenset(
    "none no every each nothing nobody nowhere yes x same see various any all everybody everyone anyone you me us "
    "it they he she "
    "whoever somebody someone always never on off default n/a na optional as above below like runbook manual by hand "
    "tool job script bot system process service team owning your our my their "
    "ask is are was has have does do should must can will who that which if when".split()
)
_NO_NAME_MARK = re.compile(r"[,;:()?!\u2192/\[\]=+*<>]|\d|\.\s")
_EITHER = re.compile(r"\b(?:or|if|unless|except|but)\b", re.IGNORECASE)
_NUMERALS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_VAGUE_CODE = re.compile(r"[<>\u2026]|\.\.\.")


def exact_values(text: str, *, left: int = MAX_LEFT_BY_VALUES) -> tuple[Expected, ...]:
    """Return the times or the quantity of a text that says little else; nothing where it has none, or too many."""
    found = values_in(text)
    quantities = [one for one in found if one.measure not in ("clock", "day")]
    if not 0 < len(found) <= MAX_TIMES or len(quantities) > MAX_QUANTITIES or (quantities and len(found) > 1):
        return ()
    if CODE.search(text) or _EITHER.search(text) or len(left_over(text)) > left:
        return ()
    return tuple(
        Expected(
            value=text[one.start : one.end].strip(),
            form="quantity" if one.measure not in ("clock", "day") else "time",
        )
        for one in found
    )


def exact_timing(text: str) -> tuple[Expected, ...]:
    """Return the times of a text, or the length of time, as `exact_values` does; other quantities tell no time."""
    measures = {one.measure for one in values_in(text)}
    return exact_values(text) if measures <= {"clock", "day", "duration"} else ()


def exact_code(text: str, *, most: int = 1, left: int = MAX_LEFT_BY_CODE) -> tuple[Expected, ...]:
    """Return the code spans of a text that says little else; none of them stands for something to fill in."""
    codes = codes_in(text)
    if not 0 < len(codes) <= most or len(left_over(text)) > left or any(map(_VAGUE_CODE.search, codes)):
        return ()
    if QUANTITY.search(text) or DAY.search(text):
        return ()
    return tuple(Expected(value=code, form="code") for code in dict.fromkeys(codes))


def exact_needs(text: str) -> tuple[Expected, ...]:
    """Return the one or two things in code that a thing waits for, where the text says little else."""
    return exact_code(text, most=2, left=2)


def exact_name(text: str) -> tuple[Expected, ...]:
    """Return a text that is one short name, as of a team or a role; nothing where it says more than a name."""
    plain = re.sub(r"^(?:the|an?) ", "", text.strip().rstrip("."), flags=re.IGNORECASE)
    said = [word.casefold() for word in words(plain)]
    if not 0 < len(said) <= MAX_NAME_WORDS or _NO_NAME_MARK.search(plain) or {*said} & _NO_NAME or "`" in plain:
        return ()
    return (Expected(value=plain, form="text"),)


def exact_number(text: str) -> tuple[Expected, ...]:
    """Return a number without a unit, written in digits or as a word up to ten; either will do in an answer."""
    plain = text.strip().casefold()
    digits = str(_NUMERALS.index(plain)) if plain in _NUMERALS else plain
    if not re.fullmatch(r"-?\d+", digits):
        return ()
    words_for = (_NUMERALS[int(digits)],) if 0 <= int(digits) < len(_NUMERALS) else ()
    return (Expected(value=digits, form="code", accept=(*words_for, *(word.title() for word in words_for))),)
