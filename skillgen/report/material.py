"""What a report is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from skillgen.model.corpus import Finding, Page
from skillgen.model.decision import OwnerAnswer, Review
from skillgen.model.draft import Draft
from skillgen.model.facts import PageFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """A draft with all that a report shows beside it.

    `titles` are short titles of the targets by id. `behind` are, by facet, the ids of the claims that its grade rests
    on, the strongest first. `pages` holds the cited pages, `page_count` is how many were read. `settings` are those
    that differ from the defaults, as key and value. `drawing` is the integration map as SVG of ours. `build` and
    `built` name the build and its time in UTC; both are empty where no build is kept.
    """

    draft: Draft
    review: Review
    titles: Mapping[str, str]
    behind: Mapping[str, tuple[str, ...]]
    pages: Mapping[str, Page]
    facts: Mapping[str, PageFacts]
    findings: tuple[Finding, ...]
    page_count: int
    corpora: tuple[str, ...]
    settings: tuple[tuple[str, str], ...]
    drawing: str
    version: str
    build: str = ""
    built: str = ""
    answers: Mapping[str, OwnerAnswer] = field(default_factory=dict)
