"""Regions of a generated Markdown file that a person wrote and no build may overwrite.

A region stands between `<!-- keep:begin NAME -->` and `<!-- keep:end NAME -->`, each in a line of its own; NAME is made
of lower-case letters, digits and hyphens. Nothing of a page can pass for a marker, as no generated line begins so.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from skillgen.errors import UserError

_MARKER = re.compile(r"[ \t]*<!--[ \t]*keep:(?P<what>begin|end)(?:[ \t]+(?P<name>[a-z0-9-]+))?[ \t]*-->[ \t]*")
_HEADING = re.compile(r"#{1,6}[ \t]+\S")
_FORM = "A region is `<!-- keep:begin NAME -->`, your text, `<!-- keep:end NAME -->`, each marker in a line of its own."


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A kept region: its lines with both markers, and where it stood.

    `heading` is the line of the heading above it (empty: above all headings); `turn` says which of several such lines
    it is, counted from 0. `after` is the last line with text between that heading and the region, or empty.
    """

    name: str
    text: str
    heading: str
    turn: int
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """A file's generated text without its regions, and the regions in their order."""

    generated: str
    regions: tuple[Region, ...]


def split_regions(text: str, *, name: str) -> Split:
    """Return the generated text and the regions of a file.

    Raises:
        UserError: a marker has no name or no partner, or a name is used twice; `name` says whose file it is.
    """
    kept: list[str] = []
    regions: list[Region] = []
    inside: list[str] = []
    begun = heading = after = ""
    for number, line in enumerate(text.split("\n"), start=1):
        marker = _MARKER.fullmatch(line)
        if marker:
            _require_sound(marker, begun, {region.name for region in regions}, f"{name}, line {number}")
            inside.append(line)
            if marker["what"] == "end":
                turn = max(kept.count(heading) - 1, 0)
                regions.append(Region(name=begun, text="\n".join(inside), heading=heading, turn=turn, after=after))
                inside = []
            begun = marker["name"] if marker["what"] == "begin" else ""
        elif begun:
            inside.append(line)
        else:
            heading, after = _place(line, heading, after)
            kept.append(line)
    if begun:
        raise UserError(f"{name}: the kept region {begun} has no end.", hint=_FORM)
    return Split(generated="\n".join(kept), regions=tuple(regions))


def _place(line: str, heading: str, after: str) -> tuple[str, str]:
    """Return the heading, and the last line with text under it, once this line was read."""
    if _HEADING.match(line):
        return line, ""
    return heading, line if line.strip() else after


def _require_sound(marker: re.Match[str], begun: str, used: set[str], where: str) -> None:
    found = marker["name"] or ""
    if not found:
        raise UserError(f"{where}: the marker of a kept region has no name.", hint=_FORM)
    if marker["what"] == "begin" and begun:
        raise UserError(f"{where}: the kept region {found} begins inside {begun}.", hint=_FORM)
    if marker["what"] == "begin" and found in used:
        raise UserError(f"{where}: there are two kept regions {found}.", hint="Give one of them another name.")
    if marker["what"] == "end" and found != begun:
        raise UserError(f"{where}: the kept region {found} ends but never began.", hint=_FORM)


def with_regions(generated: str, regions: Sequence[Region]) -> tuple[str, tuple[Region, ...]]:
    """Return the generated text with the regions in their places, and those whose heading is gone.

    A region follows the line that it followed before; where that is gone, it ends the section of its heading; where
    the heading is gone too, it stands at the end of the file.
    """
    lines = generated.rstrip("\n").split("\n")
    lost: list[Region] = []
    placed: list[tuple[int, Region]] = []
    for region in regions:
        at = _found(lines, region)
        if at is None:
            lost.append(region)
        placed.append((len(lines) if at is None else at, region))
    placed.sort(key=lambda item: item[0])
    for at, region in reversed(placed):
        lines[at:at] = ["", *region.text.split("\n"), *([""] if at < len(lines) and lines[at].strip() else [])]
    return "\n".join(lines).rstrip("\n") + "\n", tuple(lost)


def _found(lines: Sequence[str], region: Region) -> int | None:
    """Return before which line the region belongs, or None where its heading is gone."""
    begin, end = 0, next((i for i, line in enumerate(lines) if _HEADING.match(line)), len(lines))
    if region.heading:
        same = [i for i, line in enumerate(lines) if line == region.heading]
        if not same:
            return None
        begin = same[min(region.turn, len(same) - 1)] + 1
        end = next((i for i in range(begin, len(lines)) if _HEADING.match(lines[i])), len(lines))
    if not region.after:
        return begin
    last = max((i for i in range(begin, end) if lines[i] == region.after), default=None)
    if last is not None:
        return last + 1
    while end > begin and not lines[end - 1].strip():
        end -= 1
    return end


def generated_sha256(text: str, *, name: str) -> str:
    """Return the SHA-256 of a file's generated text: kept regions and the number of empty lines do not count."""
    return hashlib.sha256("\n".join(_solid(split_regions(text, name=name).generated)).encode()).hexdigest()


def _solid(text: str) -> Iterator[str]:
    return (line for line in text.split("\n") if line.strip())
