"""Records of a drawn map: what stands where, in pixels from the top left corner."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A tool, or a kind of system, at `x` and `y` of its top left corner; `shown` is `name` as far as it fits."""

    name: str
    shown: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrow:
    """An edge: the line to its label, the label around its centre, and the line with the point behind it.

    `tail` and `head` are path data of SVG, `shown` is `what` as far as it fits, `pages` are the pages that say so.
    """

    from_: str
    to: str
    what: str
    shown: str
    pages: tuple[str, ...]
    x: float
    y: float
    width: float
    tail: str
    head: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagram:
    """The map as a drawing; `missing` are the kinds of system of which no page says whom they meet, at `missing_y`."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    missing: tuple[Box, ...]
    missing_y: float
