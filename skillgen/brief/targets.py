"""Splits prose into coverage targets: a comma list into its items, a paragraph into its sentences."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate

# Takes the place of every character inside brackets or quotes; it is no punctuation mark, no word and no space.
_HIDDEN = "\ue000"
_CLOSER = {"(": ")", "[": "]", "{": "}"}

# A quote mark after a letter is an apostrophe or an inch; an entity such as &amp; brings its own semicolon.
_QUOTED = re.compile(
    r"""(?<!\w)"[^"]*" | “[^“”]*” | `[^`]+` | (?<!\w)'[^']*'(?!\w) | \u2018[^\u2018]*?\u2019(?!\w) | &\#?\w+;""",
    re.VERBOSE,
)
_SENTENCE_END = re.compile(r"[.!?]+\s+(?=(\S))")
_ABBREVIATION = re.compile(
    r"(?:\b(?:[a-z]\.)+[a-z]|\b(?:eg|ie|cf|vs|approx|incl|excl|resp|esp|fig|dr|mr|mrs))\Z",
    re.IGNORECASE,
)
_OPENING = re.compile(r"(?:[^\s:,;]+\s+){0,5}[^\s:,;]+\s?:\s+(?=\S)")
_COMMA = re.compile(
    r"""(?:(?<!\d),|,(?!\d))                                                      # 1,000 is one number
    (?<!\be\.g\.,)(?<!\bi\.e\.,)(?<!\beg,)(?<!\bie,)(?<!\bfor\ example,)(?<!\bfor\ instance,)
    (?!\s*(?:e\.g\.|i\.e\.|(?:eg|ie|for\ example|for\ instance|such\ as|including)\b))""",
    re.IGNORECASE | re.VERBOSE,
)
_LEADING_CONJUNCTION = re.compile(r"\A(?:and/or|and|or|as well as)\s+", re.IGNORECASE)
# "between A and B" uses its conjunction up, so that one never parts two targets.
_CONJUNCTION = re.compile(r"\b(?:between|both|either)\b.{1,100}?\s(?:and|or)\s|\s(?P<parts>and|or)\s", re.IGNORECASE)


def targets_of_list(paragraphs: Sequence[str]) -> tuple[str, ...]:
    """Return the items of the comma or semicolon list that the first sentence of the first paragraph holds.

    An opening such as "Research should surface:" is no target, whether it stands in the same paragraph or alone
    in one before; neither is a sentence after the list.
    """
    if not paragraphs:
        return ()
    alone = paragraphs[0].endswith(":")
    sentences = sentences_of(" ".join(paragraphs[:2]) if alone else paragraphs[0])
    return _split_list(_without_opening(sentences[0])) if sentences else ()


def sentences_of(text: str) -> tuple[str, ...]:
    """Return the sentences of `text`, each with its final mark; brackets, quotes and abbreviations end none."""
    hidden = _hide_groups(text)
    cuts = [
        match.end()
        for match in _SENTENCE_END.finditer(hidden)
        if (match[1].isupper() or match[1] == _HIDDEN) and not _is_abbreviation(hidden, match.start())
    ]
    pieces = (text[start:end].strip() for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True))
    return tuple(filter(None, pieces))


def trimmed(target: str) -> str:
    """Return `target` without the full stop, semicolon or comma that ends it."""
    return target.strip().removesuffix(".").rstrip(";, ").rstrip()


def _is_abbreviation(text: str, stop: int) -> bool:
    # No abbreviation is longer, and looking further back for each full stop would take quadratic time.
    return _ABBREVIATION.search(text[max(0, stop - 12) : stop]) is not None


def _without_opening(sentence: str) -> str:
    opening = _OPENING.match(_hide_groups(sentence))
    return sentence[opening.end() :] if opening else sentence


def _split_list(sentence: str) -> tuple[str, ...]:
    """Return the items between the top-level semicolons or, where there are none, commas."""
    by_semicolon = _cut(sentence, re.compile(";"))
    pieces = by_semicolon if len(by_semicolon) > 1 else _part_last(_cut(sentence, _COMMA))
    first, rest = pieces[:1], pieces[1:]
    items = [trimmed(piece) for piece in (*first, *(_LEADING_CONJUNCTION.sub("", piece) for piece in rest))]
    return tuple(item for item in items if item and item.casefold() != "etc")


def _cut(text: str, separator: re.Pattern[str]) -> list[str]:
    """Return the pieces of `text` between the separators that stand outside brackets and quotes."""
    found = list(separator.finditer(_hide_groups(text)))
    starts = [0, *(match.end() for match in found)]
    ends = [*(match.start() for match in found), len(text)]
    pieces = (text[start:end].strip() for start, end in zip(starts, ends, strict=True))
    return [piece for piece in pieces if trimmed(piece)]


def _part_last(pieces: list[str]) -> list[str]:
    """Return the pieces with the last one parted at its last conjunction: "a, b and c" has three items.

    A lone "a and b" is left alone, and so is a last piece that opens with its conjunction.
    """
    if not pieces[1:] or _LEADING_CONJUNCTION.match(pieces[-1]):
        return pieces
    *before, last = pieces
    cuts = [match for match in _CONJUNCTION.finditer(_hide_groups(last)) if match["parts"]]
    return [*before, last[: cuts[-1].start()], last[cuts[-1].end() :]] if cuts else pieces


def _hide_groups(text: str) -> str:
    """Return `text`, as long as before, with all that stands in quotes or closed brackets hidden.

    A bracket or quote without its partner hides nothing, so that one slip does not swallow the list.
    """
    shown = _QUOTED.sub(lambda match: _HIDDEN * len(match[0]), text)
    opened: dict[str, list[int]] = {closer: [] for closer in _CLOSER.values()}
    steps = [0] * (len(shown) + 1)
    for position, character in enumerate(shown):
        if character in _CLOSER:
            opened[_CLOSER[character]].append(position)
        elif opened.get(character):
            steps[opened[character].pop()] += 1
            steps[position + 1] -= 1
    depths = accumulate(steps[:-1])
    return "".join(_HIDDEN if depth else character for character, depth in zip(shown, depths, strict=True))
