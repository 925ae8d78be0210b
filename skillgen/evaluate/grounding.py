"""Grounding: which claim of the draft each statement of a package is, and what is wrong with one that is none.

A statement is a claim where both have the same letters and digits, apart from the headings and leads that may stand
above it. What stands word for word in the package that the draft renders to is furniture of the templates. All else is
foreign: a claim with other numbers, names, code, negation or strict words is `altered`, the rest `unknown`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from skillgen.likeness import text_likeness
from skillgen.model.draft import Claim
from skillgen.model.evaluation import Statement
from skillgen.words import hard_tokens, squeezed, words

Ground = Literal["claim", "furniture", "altered", "unknown"]
_DIGIT = re.compile(r"\d")
_EXACT = frozenset(
    "zero one two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty fifty sixty "
    "ninety hundred not no never without cannot none neither nor nothing nobody must shall required only except "
    "always every forbidden prohibited before after".split()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounded:
    """A statement and what carries it: the claim that it is, or the nearest one that it differs from.

    `differs` are the words that only one of the two has: of the statement, then of the claim.
    """

    statement: Statement
    ground: Ground
    claim: Claim | None = None
    differs: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())


@dataclass(frozen=True, slots=True)
class _Form:
    """A claim as statements are compared with it: squeezed, without its lead, and what may stand above it."""

    claim: Claim
    rest: str
    above: tuple[str, ...]

    @classmethod
    def of(cls, claim: Claim) -> _Form:
        paths = dict.fromkeys(squeezed("".join(citation.heading_path)) for citation in claim.citations)
        return cls(claim, squeezed(claim.own_text), (squeezed(claim.lead), *paths))

    def is_said(self, said: str) -> bool:
        """Tell whether a squeezed statement is the claim behind a heading or lead that it stands under."""
        if not self.rest or not said.endswith(self.rest):
            return False
        opening = said[: len(said) - len(self.rest)]
        return any(opening in above for above in self.above)


def ground(
    statements: Iterable[Statement], claims: Sequence[Claim], rendered: Iterable[Statement]
) -> tuple[Grounded, ...]:
    """Return every statement with its ground, in order.

    Args:
        statements: What the package says.
        claims: The claims of the draft.
        rendered: What the package says that the draft renders to now.
    """
    forms = [_Form.of(claim) for claim in claims]
    rest = {form.rest: form.claim for form in reversed(forms)}
    whole = {squeezed(claim.text): claim for claim in reversed(claims)}
    furniture = {squeezed(one.text) for one in rendered}
    return tuple(_ground(one, forms, {**rest, **whole}, furniture) for one in statements)


def _ground(statement: Statement, forms: Sequence[_Form], by_text: dict[str, Claim], furniture: set[str]) -> Grounded:
    said = squeezed(statement.text)
    claim = by_text.get(said) or next((form.claim for form in forms if form.is_said(said)), None)
    if claim is not None:
        return Grounded(statement=statement, ground="claim", claim=claim)
    if not said or said in furniture:
        return Grounded(statement=statement, ground="furniture")
    near = _nearest(statement, [form.claim for form in forms])
    if near is None:
        return Grounded(statement=statement, ground="unknown")
    differs = _differences(statement, near)
    return Grounded(statement=statement, ground="altered" if any(differs) else "unknown", claim=near, differs=differs)


def _nearest(statement: Statement, claims: Sequence[Claim]) -> Claim | None:
    """Return the claim that a statement is a rewording of, by words; which digits it has does not count."""
    said = _masked(statement.text)
    best: tuple[float, Claim] | None = None
    for claim in claims:
        for text in dict.fromkeys((claim.text, claim.own_text)):
            likeness = text_likeness(said, _masked(text))
            if likeness and (best is None or likeness > best[0]):
                best = (likeness, claim)
    return best[1] if best else None


def _masked(text: str) -> str:
    return _DIGIT.sub("0", text)


def _differences(statement: Statement, claim: Claim) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what may not differ and does: the statement's, and the claim's that the statement and its lead lack."""
    said, held = Counter(_exact(statement.text)), Counter(_exact(claim.text))
    above = Counter(_exact(f"{statement.lead} {claim.lead}"))
    return tuple(sorted(said - held - above)), tuple(sorted(held - said - above))


def _exact(text: str) -> list[str]:
    tokens = [token.strip("`").casefold() for token in hard_tokens(text)]
    return [*tokens, *(word.casefold() for word in words(text) if word.casefold() in _EXACT)]
