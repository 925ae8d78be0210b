"""Coverage with what stands behind each bar: facets with their grades, and the claims that the grades rest on."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from textwrap import shorten

from skillgen.model.draft import Claim, FacetGrade
from skillgen.report.material import Material

GRADES: Mapping[float, str] = {1.0: "full", 0.5: "part", 0.0: "none"}
# So many claims are named for a facet: two decide its grade at most.
_NAMED = 4
_LABEL_CHARS = 110
# Code keeps its stars (`jobs/*.yaml`); those of emphasis go, and one between blanks is no emphasis.
_MARKS = re.compile(r"`+(?P<code>[^`]+)`+|(?<!\s)\*+|\*+(?!\s)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """A claim that a grade rests on, by its id and its first words."""

    id: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetBar:
    """A facet with its grade ("full", "part" or "none"), the claims behind it, and its gap's id if it has one."""

    text: str
    number: str
    grade: str
    behind: tuple[Behind, ...]
    more: int
    gap: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """How many facets are answered in full, in part and not at all."""

    full: int
    part: int
    none: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.full + self.part + self.none

    @property
    def points(self) -> str:
        """The sum of the grades, as short as it can be written."""
        return f"{self.full + self.part / 2:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetBar:
    """A target with its score in whole percent, and what it is the mean of; `text` is what the title leaves out."""

    id: str
    title: str
    text: str
    percent: int
    shares: Shares
    facets: tuple[FacetBar, ...]
    disputed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageBars:
    """Coverage of the whole, and of each target."""

    percent: int
    shares: Shares
    targets: tuple[TargetBar, ...]


def coverage_bars(material: Material, disputed: Iterable[str]) -> CoverageBars:
    """Return the coverage of a draft with what it rests on; `disputed` are ids of claims that pages disagree about."""
    draft = material.draft
    claims = {claim.id: claim for claim in draft.claims}
    graded = {facet.id: (facet, answer.number) for answer in draft.answers for facet in answer.facets}
    gaps = {gap.facet for gap in draft.gaps}
    barred = frozenset(disputed)
    bars = []
    for target in draft.coverage.targets:
        facets = [graded[id_] for id_ in target.facets]
        resting = {id_ for facet, _ in facets for id_ in material.behind.get(facet.id, ())}
        bars.append(
            TargetBar(
                id=target.id,
                title=material.titles[target.id],
                text=_beside(material.titles[target.id], target.text),
                percent=round(100 * target.score),
                shares=_shares(facet for facet, _ in facets),
                facets=tuple(_facet(facet, number, material.behind, claims, gaps) for facet, number in facets),
                disputed=len(resting & barred),
            )
        )
    return CoverageBars(
        percent=round(100 * draft.coverage.overall),
        shares=_shares(facet for facet, _ in graded.values()),
        targets=tuple(bars),
    )


def _beside(title: str, text: str) -> str:
    """Return what a target says beyond its title."""
    return text[len(title) :].lstrip(" :;,-") if text.casefold().startswith(title.casefold()) else text


def _shares(facets: Iterable[FacetGrade]) -> Shares:
    counts = Counter(GRADES[facet.grade] for facet in facets)
    return Shares(full=counts["full"], part=counts["part"], none=counts["none"])


def _facet(
    facet: FacetGrade,
    number: str,
    behind: Mapping[str, Sequence[str]],
    claims: Mapping[str, Claim],
    gaps: set[str],
) -> FacetBar:
    ids = [id_ for id_ in behind.get(facet.id, ()) if id_ in claims]
    return FacetBar(
        text=facet.text,
        number=number,
        grade=GRADES[facet.grade],
        behind=tuple(Behind(id=id_, text=_label(claims[id_])) for id_ in ids[:_NAMED]),
        more=max(0, len(ids) - _NAMED),
        gap=facet.id if facet.id in gaps else "",
    )


def _label(claim: Claim) -> str:
    return shorten(_MARKS.sub(lambda mark: mark["code"] or "", claim.text), _LABEL_CHARS, placeholder=" …")
