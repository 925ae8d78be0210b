"""Topics: the sections of SKILL.md and the reference files, each with its claims, by target or by a layout."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from skillgen.model.draft import Claim, Draft
from skillgen.model.layout import Layout
from skillgen.render.homes import homes_of
from skillgen.render.layout import sections_of
from skillgen.render.titles import reading_time, short_titles


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A section or a reference file: its title, the sentence below it, when to read it, and its claims.

    `text` is the coverage target as the brief writes it, or empty where a layout has another order.
    """

    title: str
    text: str
    lead: str
    when: str
    claims: tuple[Claim, ...]


def body_topics(draft: Draft, layout: Layout | None) -> list[Topic]:
    """Return the sections of the body that have claims, in order."""
    claims = [claim for claim in draft.claims if claim.in_body]
    return _by_section(draft, layout, claims) if layout else by_target(draft, claims)


def reference_topics(draft: Draft, layout: Layout | None) -> list[Topic]:
    """Return the reference files that have claims, in order: those claims that are not in the body."""
    claims = [claim for claim in draft.claims if not claim.in_body]
    if layout is None or layout.files == "targets":
        return by_target(draft, claims)
    return _by_section(draft, layout, claims)


def by_target(draft: Draft, claims: Iterable[Claim]) -> list[Topic]:
    """Return the targets that have some of the claims, in the briefs' order."""
    targets = draft.coverage.targets
    homes = homes_of(draft)
    order = {target.id: number for number, target in enumerate(targets)}
    titles = short_titles([target.text for target in targets])
    topics = [
        Topic(title=title, text=target.text, lead="", when=reading_time(target.text), claims=())
        for target, title in zip(targets, titles, strict=True)
    ]
    return _filled(topics, claims, lambda claim: order[homes[claim.id]])


def _by_section(draft: Draft, layout: Layout, claims: Iterable[Claim]) -> list[Topic]:
    section = sections_of(draft, layout)
    topics = [Topic(title=one.title, text="", lead=one.lead, when=one.when, claims=()) for one in layout.all_sections]
    return _filled(topics, claims, lambda claim: section[claim.id])


def _filled(topics: Sequence[Topic], claims: Iterable[Claim], place: Callable[[Claim], int]) -> list[Topic]:
    held: list[list[Claim]] = [[] for _ in topics]
    for claim in claims:
        held[place(claim)].append(claim)
    return [
        Topic(title=one.title, text=one.text, lead=one.lead, when=one.when, claims=tuple(found))
        for one, found in zip(topics, held, strict=True)
        if found
    ]
