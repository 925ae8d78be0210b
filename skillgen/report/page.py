"""The report as one HTML document."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from skillgen.model.draft import Gap
from skillgen.report.bars import coverage_bars
from skillgen.report.claims import Card, claim_cards
from skillgen.report.markup import inline_html, is_table_header
from skillgen.report.material import Material
from skillgen.report.noticed import noticed
from skillgen.report.numbers import numbers_of, tasks_of
from skillgen.report.places import Place, disagreement, place_of
from skillgen.report.policy import content_policy
from skillgen.report.run import dollars, run_facts
from skillgen.report.sources import known_about
from skillgen.report.states import FILTERS
from skillgen.resources import data_dir
from skillgen.templating import Templates

_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedGap:
    """A gap with its ready question, the nearest pages, and what an owner has answered since."""

    id: str
    facet: str
    ask_html: str
    searched: str
    nearest: tuple[tuple[str, str, str], ...]
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """Two tools that meet, and where that is written."""

    from_: str
    what_html: str
    to: str
    places: tuple[Place, ...]


def report_page(material: Material, templates: Templates) -> str:
    """Return the report as one HTML document that loads nothing from elsewhere.

    Args:
        material: What it shows.
        templates: Those of `templates/report/`, or the user's.

    Raises:
        TemplateError: a template cannot be rendered.
    """
    groups = claim_cards(material)
    cards = tuple(card for group in groups for question in group.questions for card in question.cards)
    found = noticed(material.findings)
    folder = data_dir("templates") / "report"
    style = "".join((folder / name).read_text(encoding="utf-8") for name in ("base.css", "report.css"))
    script = (folder / "report.js").read_text(encoding="utf-8")
    policy = content_policy(scripts=[script], styles=[style, *_STYLE.findall(material.drawing)], server=False)
    values = {
        "name": material.draft.skill.name,
        "description": material.draft.skill.description,
        "material": material,
        "coverage": coverage_bars(material, [card.id for card in cards if "contradicted" in card.filters]),
        "numbers": numbers_of(material, cards, found),
        "tasks": tasks_of(material, cards, found),
        "groups": groups,
        "claim_count": len(cards),
        "filters": _filters(cards),
        "pairs": _pairs(material),
        "gaps": tuple(_gap(material, gap) for gap in material.draft.gaps),
        "noticed": found,
        "meetings": _meetings(material),
        "drawing": material.drawing,
        "run": run_facts(material),
        "orphaned": material.review.orphaned,
        "dollars": dollars,
        "style": style,
        "script": script,
        "policy": policy,
    }
    return templates.render("report.html.j2", values)


def _filters(cards: Sequence[Card]) -> tuple[tuple[str, str, int], ...]:
    """Return the filters that some claims pass and others do not: key, label and how many pass."""
    counted = ((key, label, sum(key in card.filters for card in cards)) for key, label in FILTERS if key != "all")
    return tuple((key, label, count) for key, label, count in counted if 0 < count < len(cards))


def _pairs(material: Material) -> tuple[object, ...]:
    about = {
        one.source: known_about(material.facts.get(one.source))
        for pair in material.draft.contradictions
        for one in pair.citations
    }
    return tuple(disagreement(pair, about=about) for pair in material.draft.contradictions)


def _gap(material: Material, gap: Gap) -> AskedGap:
    answer = material.answers.get(gap.facet)
    facets = {facet.id: facet.text for one in material.draft.answers for facet in one.facets}
    return AskedGap(
        id=gap.facet,
        facet=facets[gap.facet],
        ask_html=inline_html(gap.ask),
        searched=" ".join(gap.searched.split()),
        nearest=tuple((page.source, " > ".join(page.heading_path[1:]), page.owner) for page in gap.nearest),
        answer=f"{answer.by}, {answer.on}: {answer.text}" if answer else "",
    )


def _meetings(material: Material) -> tuple[Meeting, ...]:
    return tuple(
        Meeting(
            from_=edge.from_,
            what_html=inline_html(edge.what),
            to=edge.to,
            places=tuple(place_of(one) for one in edge.citations if not is_table_header(one.quote)),
        )
        for edge in material.draft.integration_map
    )
