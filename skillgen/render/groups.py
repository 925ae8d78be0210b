"""Groups: claims under the lead that they need to stand alone, said once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from skillgen.model.draft import Citation, Claim
from skillgen.render.markers import Markers
from skillgen.render.points import laid_out
from skillgen.words import squeezed

# A lead stands at most 3,000 characters above its claim (the contract of the package); markup takes some of them.
_LEAD_REACH = 2400


def in_reading_order(claims: Sequence[Claim]) -> list[Claim]:
    """Return the claims page by page as the text goes; the page of the worthiest claim first."""
    turns = {source: turn for turn, source in enumerate(dict.fromkeys(place_of(claim).source for claim in claims))}
    return sorted(claims, key=lambda claim: (turns[place_of(claim).source], place_of(claim).start, claim.id))


def place_of(claim: Claim) -> Citation:
    """Return the citation that says where a claim stands: the last, as the one before may be a table's header."""
    return claim.citations[-1]


def grouped(claims: Iterable[Claim], markers: Markers) -> list[dict[str, object]]:
    """Return the claims under their leads, each lead said once, in the order of the first claim of each.

    Under a heading's longest lead stand those with a shorter one too. A lead is said again where it would be too far.
    """
    groups: list[_Group] = []
    for claim in claims:
        group = next((group for group in groups if group.takes(claim)), None)
        if group is None:
            group = _Group(place_of(claim).heading_path)
            groups.append(group)
        group.add(claim)
    return [{"lead": group.lead, "claims": _shown(group.claims, markers, led=bool(group.lead))} for group in groups]


@dataclass(slots=True)
class _Group:
    """Claims of one heading under the longest of their leads; a claim without a lead stands alone."""

    heading_path: tuple[str, ...]
    lead: str = ""
    claims: list[Claim] = field(default_factory=list)

    def takes(self, claim: Claim) -> bool:
        """Tell whether the claim may stand in the group: its lead is said by the group's, or says it, near enough."""
        one, other = squeezed(claim.lead), squeezed(self.lead)
        if not (one and other and self.heading_path == place_of(claim).heading_path and (one in other or other in one)):
            return False
        return sum(len(held.text) for held in (*self.claims, claim)) <= _LEAD_REACH

    def add(self, claim: Claim) -> None:
        """Add the claim as the last of the group."""
        self.lead = max(self.lead, claim.lead, key=len)
        self.claims.append(claim)


def grouped_by_heading(claims: Iterable[Claim], markers: Markers) -> list[dict[str, object]]:
    """Return a page's claims under its headings; what stands under the title alone comes first, without a lead."""
    groups: dict[tuple[str, ...], list[Claim]] = {}
    for claim in claims:
        groups.setdefault(place_of(claim).heading_path[1:], []).append(claim)
    ordered = sorted(groups.items(), key=lambda item: bool(item[0]))
    return [
        {"lead": (lead := _opening(path)), "claims": _shown(held, markers, led=bool(lead))} for path, held in ordered
    ]


def _opening(path: Sequence[str]) -> str:
    """Return the last heading as the opening of what stands under it."""
    heading = path[-1].rstrip(" :") if path else ""
    return heading if not heading or heading[-1] in "?!." else f"{heading}:"


def _shown(claims: Sequence[Claim], markers: Markers, *, led: bool) -> list[dict[str, object]]:
    """Return claims as templates get them; `led` says that there is a lead for the head of a lone one."""
    return [
        {
            "text": claim.own_text,
            **_laid_out(claim, under_lead=led and len(claims) == 1),
            "markers": markers.of(claim.citations),
            "disputed": markers.dispute(claim.citations),
            "unexpected": claim.belief is not None and claim.belief.verdict == "conflict",
        }
        for claim in claims
    ]


def _laid_out(claim: Claim, *, under_lead: bool) -> dict[str, object]:
    head, points = laid_out(claim, under_lead=under_lead)
    return {"head": head, "points": [{"text": one.text, "indent": "  " * one.depth} for one in points]}
