"""What a claim says beyond its quotes: the rules that need no model and forgive nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from skillgen.catalogue import ToolFinder
from skillgen.words import content_stems, hard_tokens, stem, words

NEGATION = re.compile(
    r"\b(?:not|no|never|without|cannot|none|neither|nor|nothing|nobody)\b|n['\u2019]t\b", re.IGNORECASE
)
# One of each family stands for the others; what a claim adds of them makes it stricter than its source.
_STRICT = {
    "must": ("must", "shall", "required", "requires", "require", "mandatory"),
    "only": ("only", "solely", "exclusively", "except"),
    "never": ("never",),
    "always": ("always", "every", "each"),
    "forbidden": ("forbidden", "prohibited", "disallowed"),
}
# Words that deny without a negation: what is forbidden is not done.
_DENIAL = re.compile(
    r"\b(?:only|except|unless|until|solely|instead|rather|forbid|forbidden|prohibit\w*|disallow\w*|den(?:y|ies|ied)|refus\w+"
    r"|reject\w*|fail\w*|block\w*|disabl\w+|lack\w*|missing|avoid\w*|prevent\w*|stop\w*|exclud\w+|ignor\w+|skip\w*"
    r"|independent\w*|regardless|other than|un(?:able|available|changed|supported|necessary|needed|aware))\b",
    re.IGNORECASE,
)
# How binding a sentence is. The month of May is no modal verb.
_MODALITY = {
    "must": re.compile(r"\b(?:must|shall|required?|requires|mandatory|(?:ha[sv]e|needs?) to)\b", re.IGNORECASE),
    "should": re.compile(r"\b(?:should|ought to|recommend(?:s|ed)?|advised?)\b", re.IGNORECASE),
    "may": re.compile(
        r"\b(?:may(?! \d)|might|can(?! ?not)|could|optional(?:ly)?|allowed|permitted|able to)\b(?!['\u2019]t)"
    ),
}
# A word with a capital inside a sentence; behind a colon a sentence may begin.
_NAME = re.compile(r"(?:(?<=[\w,)\]`'\"\u2019\u201d] )|(?<=\w \()|(?<=[`'\"] \())(?!I\b)[A-Z][\w-]*")
_COUNTS = {
    word: str(number)
    for number, word in enumerate("two three four five six seven eight nine ten eleven twelve".split(), start=2)
} | {"fifteen": "15", "twenty": "20", "thirty": "30", "forty": "40", "sixty": "60", "ninety": "90", "hundred": "100"}
# A negation belongs to its clause; a claim repeats a clause that has enough words with this share of them. Of the gold
# facts in evals/*.facts.json, true paraphrases with their quotes (n = 318, 2026-11-23), 0.8 refuses one, 0.85 none.
_CLAUSE = re.compile(r"[,;:.()\u2013\u2014](?=\s|$)|\s(?:and|but|so that|because|which)\s", re.IGNORECASE)
_CODE = re.compile(r"`[^`]*`")
_CONTRACTED = re.compile(r"\w+n['\u2019]t\b")
_MIN_STEMS = 2
_REPEATS = 0.85
_UNITS = {
    unit: family
    for family in (
        "s sec secs second seconds,ms millisecond milliseconds,min mins minute minutes,h hr hrs hour hours,day days,"
        "week weeks,month months,year years,b byte bytes,kb kib kilobyte kilobytes,mb mib megabyte megabytes,"
        "gb gib gigabyte gigabytes,tb tib terabyte terabytes,percent,time times,usd dollars,eur euros,utc,am,pm"
    ).split(",")
    for unit in family.split()
}
_NUMBER = re.compile(r"(?<![\w.,:/-])\d+(?:[.,:]\d+)*(?![\w/-])")
_UNIT_REACH = 4


def added(text: str, ground: str, spans: Sequence[str], tools: ToolFinder | None) -> Iterator[tuple[str, list[str]]]:
    """Yield what must not be added or changed, each kind with what the claim has and no quote has."""
    hard = {token for token in hard_tokens(text) if not _stands(token, ground) and not _counted(token, ground)}
    yield "These are in no quote", sorted(hard | _spelt_counts(text, ground))
    yield "These names are in no quote", _names(text, ground, tools)
    yield "These numbers have another unit in the quotes", _other_units(text, ground)
    negated = NEGATION.search(text) is not None and NEGATION.search(ground) is None
    yield "A negation is in no quote", [match.group() for match in NEGATION.finditer(text)] if negated else []
    present = {word.casefold() for word in words(ground)}
    claimed = {word.casefold() for word in words(text)}
    strict = [name for name, family in _STRICT.items() if claimed & {family[0]} and not present & set(family)]
    yield "A strict word is in no quote", strict
    yield "The quotes say otherwise what must or may be", _other_modality(text, ground)
    yield "A negation of the quotes is left out", _lost_negation(text, spans)


def _counted(token: str, ground: str) -> bool:
    """Tell whether a number stands in the text as a word."""
    found = next((word for word, number in _COUNTS.items() if number == token), None)
    return found is not None and _stands(found, ground)


def _spelt_counts(text: str, ground: str) -> set[str]:
    """Return the numbers of the claim in words that the text has neither in words nor in digits."""
    spelt = {word.casefold() for word in words(text)} & _COUNTS.keys()
    return {word for word in spelt if not _stands(word, ground) and not _stands(_COUNTS[word], ground)}


def _names(text: str, ground: str, tools: ToolFinder | None) -> list[str]:
    """Return the names of the claim that the text does not have: words with a capital inside a sentence, and tools."""
    present = {stem(word) for word in words(ground)}
    named = {name for name in _NAME.findall(text) if any(stem(word) not in present for word in words(name))}
    if tools is not None:
        known = {mention.tool.name for mention in tools.find(ground)}
        for mention in tools.find(text):
            name = text[mention.start : mention.end]
            if mention.tool.name in known:  # by another of its names
                named -= {name}
            elif not _stands(name, ground):
                named |= {name}
    return sorted(named)


def _other_modality(text: str, ground: str) -> list[str]:
    """Return how binding the claim is where the quotes are binding in another way only.

    A claim that keeps a word of the quotes may add a weaker one ("must be done, and can be done by ...").
    """
    claimed = {kind for kind, pattern in _MODALITY.items() if pattern.search(text)}
    given = {kind for kind, pattern in _MODALITY.items() if pattern.search(ground)}
    return sorted(claimed) if claimed and given and not claimed & given else []


def _lost_negation(text: str, spans: Sequence[str]) -> list[str]:
    """Return the negation of a clause that the claim repeats without it, unless it denies in other words."""
    if NEGATION.search(text) or _DENIAL.search(text):
        return []
    claimed = set(content_stems(text))
    lost = set()
    for clause in (clause for span in spans for clause in _CLAUSE.split(_CODE.sub(" ", span))):
        found = NEGATION.search(clause)
        stems = set(content_stems(_CONTRACTED.sub(" ", clause))) if found else set()
        if found and len(stems) >= _MIN_STEMS and len(stems & claimed) >= _REPEATS * len(stems):
            lost.add(found.group().casefold())
    return sorted(lost)


def _stands(token: str, ground: str) -> bool:
    """Tell whether a token stands in the text as itself, not as a part of a longer word or number."""
    inner = " ".join(token.strip("`").split())
    if not inner:
        return True
    before = r"(?<![\w])(?<!\d[.,:])" if inner[0].isalnum() or inner[0] == "_" else ""
    after = r"(?![\w%])(?![.,:]\d)" if inner[-1].isalnum() or inner[-1] == "_" else ""
    if not inner[-1].isdigit():
        after = after.replace("%", "")
    pattern = r"\s+".join(re.escape(part) for part in inner.split(" "))
    return re.search(before + pattern + after, ground, re.IGNORECASE) is not None


def _other_units(text: str, ground: str) -> list[str]:
    """Return the numbers of the claim whose unit differs from every unit that the quotes give them."""
    given: dict[str, set[str]] = {}
    for number, unit in _measures(ground):
        given.setdefault(number, set()).add(unit)
    return sorted(
        {
            number
            for number, unit in _measures(text)
            if unit and given.get(number) and "" not in given[number] and unit not in given[number]
        }
    )


def _measures(text: str) -> Iterator[tuple[str, str]]:
    """Yield each number with the unit that comes first after it, or with nothing."""
    for number in _NUMBER.finditer(text):
        following = words(text[number.end() : number.end() + 60])[:_UNIT_REACH]
        unit = next((_UNITS[word.casefold()] for word in following if word.casefold() in _UNITS), "")
        yield number.group(), unit
