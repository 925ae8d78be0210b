"""Points: a claim as its pages lay it out, a line of its own with what is listed below it."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from skillgen.model.draft import Claim

# Fewer pieces than this read well in one line, and so does a list of items that are all shorter than this.
MIN_PIECES = 3
MIN_ITEM_CHARS = 32
# No list of a page is deeper than what is readable in a skill.
MAX_DEPTH = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A piece of a claim; its depth is 0 for what belongs to nothing before it."""

    text: str
    depth: int


def laid_out(claim: Claim, *, under_lead: bool) -> tuple[str, tuple[Point, ...]]:
    """Return what stands in the claim's own line, and the points below it: together the claim without its lead.

    Args:
        claim: The claim.
        under_lead: Whether the line has the lead already, so that it may hold nothing else.
    """
    pieces = _with_short_ones_in_line(_pieces(claim))
    if len(pieces) < MIN_PIECES:
        return claim.own_text, ()
    first, items, rest = _first_statement(pieces)
    if not rest:
        return first.text, _raised(items)
    if under_lead:
        return "", tuple(pieces)
    return _in_line([first, *items]).text, _raised(rest)


def _pieces(claim: Claim) -> list[Point]:
    """Return a claim's own text cut where its pages begin something."""
    own = claim.own_text
    before = len(claim.text) - len(own)
    starts = [(0, 0), *((one.at - before, one.depth) for one in claim.breaks if one.at > before)]
    ends = [*(at for at, _ in starts[1:]), len(own)]
    pieces: list[Point] = []
    for (start, depth), end in zip(starts, ends, strict=True):
        above = pieces[-1].depth + 1 if pieces else 0
        text = own[start:end].strip().removesuffix(";")
        pieces.append(Point(text=text, depth=min(depth, above, MAX_DEPTH)))
    return pieces


def _with_short_ones_in_line(pieces: Sequence[Point]) -> list[Point]:
    """Return the pieces with lists of short items, and short sentences, in the line of what stands before them."""
    kept: list[Point] = []
    for is_item, run in itertools.groupby(pieces, key=lambda one: one.depth > 0):
        held = [*run]
        short = all(len(one.text) < MIN_ITEM_CHARS for one in held)
        if is_item and short and kept:
            kept[-1] = replace(kept[-1], text=f"{kept[-1].text} {_in_line(held).text}")
        elif is_item:
            kept += held
        else:
            kept += _sentences(held)
    return kept


def _sentences(pieces: Iterable[Point]) -> list[Point]:
    """Return pieces that begin something, a short one in the line of the one before it."""
    kept: list[Point] = []
    for one in pieces:
        if kept and len(one.text) < MIN_ITEM_CHARS:
            kept[-1] = _in_line([kept[-1], one])
        else:
            kept.append(one)
    return kept


def _in_line(pieces: Sequence[Point]) -> Point:
    """Return pieces as one; what ends without a mark gets a semicolon."""
    text = pieces[0].text
    for one in pieces[1:]:
        text += f" {one.text}" if text[-1:] in ".:;!?" else f"; {one.text}"
    return replace(pieces[0], text=text)


def _first_statement(pieces: Sequence[Point]) -> tuple[Point, list[Point], list[Point]]:
    """Return the first piece, what is listed below it, and all that comes after."""
    first, *others = pieces
    items = [*itertools.takewhile(lambda one: one.depth > first.depth, others)]
    return first, items, others[len(items) :]


def _raised(points: Sequence[Point]) -> tuple[Point, ...]:
    least = min((one.depth for one in points), default=0)
    return tuple(replace(one, depth=one.depth - least) for one in points)
