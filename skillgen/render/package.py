"""The files of a package, from a draft."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from skillgen.model.disputed import disputed_places
from skillgen.model.draft import Claim, Draft, MappedKind
from skillgen.model.layout import Layout
from skillgen.render.groups import grouped, grouped_by_heading, in_reading_order, place_of
from skillgen.render.homes import homes_of
from skillgen.render.layout import load_layout
from skillgen.render.markers import Markers
from skillgen.render.titles import unique_slug
from skillgen.render.topics import Topic, body_topics, by_target, reference_topics
from skillgen.templating import Templates

MAP_SLUG = "integration-map"
DISAGREEMENTS_SLUG = "disagreements"
MAP_TITLE, MAP_WHEN = "How tools meet", "which tool starts, reads, writes or alerts which"
DISAGREEMENTS_TITLE, DISAGREEMENTS_WHEN = "Where pages disagree", "which values the pages disagree on"
# The longest reference that is read without a list of what it holds (Skill Builder's limit is 100 lines).
_LINES_WITHOUT_CONTENTS = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """The files of a package by their path in it; `body_tokens` is the length of SKILL.md's body in tokens."""

    files: dict[str, str]
    body_tokens: int


@dataclass(frozen=True, slots=True)
class _Reference:
    """A reference file as SKILL.md lists it."""

    title: str
    text: str
    when: str
    path: str
    count: int

    def values(self) -> dict[str, object]:
        return {name: getattr(self, name) for name in ("title", "text", "when", "path", "count")}


def render_package(draft: Draft, templates: Templates, *, generator: str) -> Rendered:
    """Return the package's files: SKILL.md, a reference for every subject that has more claims, and the sources.

    Raises:
        TemplateError: a template cannot be rendered, or there is no layout for the draft's purpose.
    """
    layout = load_layout(draft.skill.purpose, templates)
    markers = Markers(disputed=disputed_places(draft.contradictions))
    sections = [
        {
            "title": topic.title,
            "text": topic.text,
            "lead": topic.lead,
            "groups": grouped(in_reading_order(topic.claims), markers),
        }
        for topic in body_topics(draft, layout)
    ]
    files, references = _references(draft, layout, markers, templates)
    files["SKILL.md"] = templates.render(
        "SKILL.md.j2",
        {
            "skill": {"name": draft.skill.name, "description": draft.skill.description, "purpose": draft.skill.purpose},
            "generator": generator,
            "title": "; ".join(brief.title for brief in draft.briefs),
            "opening": layout.opening if layout else "",
            "example_marker": "[S1]" if markers.rows else "",
            "sections": sections,
            "references": [reference.values() for reference in references],
            "not_documented": _not_documented(draft),
        },
    )
    files["references/sources.md"] = templates.render("sources.md.j2", {"sources": markers.rows})
    return Rendered(files=dict(sorted(files.items())), body_tokens=body_tokens(files["SKILL.md"]))


def _not_documented(draft: Draft) -> list[str]:
    """Return the targets of which neither the body nor a reference holds a claim, be it one that answers nothing."""
    of_facet = {facet.id: facet.targets for answer in draft.answers for facet in answer.facets}
    held = set(homes_of(draft).values())
    held.update(target for claim in draft.claims for facet in claim.facets for target in of_facet.get(facet, ()))
    return [target.text.rstrip(" .;") for target in draft.coverage.targets if target.id not in held]


def body_tokens(skill: str) -> int:
    """Return the length of SKILL.md below its front matter in tokens of four characters, rounded up."""
    body = skill.split("\n---", 1)[1] if skill.startswith("---") else skill
    return -(-len(body) // 4)


# -- references ----------------------------------------------------------------------------------------------------


def _references(
    draft: Draft, layout: Layout | None, markers: Markers, templates: Templates
) -> tuple[dict[str, str], list[_Reference]]:
    """Return the reference files by path, and how SKILL.md lists them."""
    files: dict[str, str] = {}
    listed = []
    slugs = {"sources", MAP_SLUG, DISAGREEMENTS_SLUG}
    for topic in reference_topics(draft, layout):
        path = f"references/{unique_slug(topic.title, slugs)}.md"
        files[path] = _reference(draft, layout, topic, markers, templates)
        listed.append(_Reference(topic.title, topic.text or topic.title, topic.when, path, len(topic.claims)))
    for slug, title, when, text in (
        (MAP_SLUG, MAP_TITLE, MAP_WHEN, _map(draft, markers, templates)),
        (DISAGREEMENTS_SLUG, DISAGREEMENTS_TITLE, DISAGREEMENTS_WHEN, _disagreements(draft, markers, templates)),
    ):
        if text:
            files[f"references/{slug}.md"] = text
            listed.append(_Reference(title, title, when, f"references/{slug}.md", 0))
    return files, listed


def _reference(draft: Draft, layout: Layout | None, topic: Topic, markers: Markers, templates: Templates) -> str:
    by_targets = layout is not None and layout.parts == "targets"
    values = {
        "title": topic.title,
        "text": topic.text or topic.title,
        "when": topic.when,
        "contents": False,
        "pages": _target_parts(draft, topic, markers) if by_targets else _page_parts(topic, markers),
    }
    text = templates.render("reference.md.j2", values)
    if len(text.splitlines()) <= _LINES_WITHOUT_CONTENTS:
        return text
    return templates.render("reference.md.j2", {**values, "contents": True})


def _page_parts(topic: Topic, markers: Markers) -> list[dict[str, object]]:
    """Return the claims under the title of the page and the heading that they come from."""
    by_source: dict[str, list[Claim]] = {}
    for claim in in_reading_order(topic.claims):
        by_source.setdefault(place_of(claim).source, []).append(claim)
    named = Counter(_page_title(held[0]) for held in by_source.values())
    parts: list[dict[str, object]] = []
    for source, held in by_source.items():
        title = _page_title(held[0])
        parts.append(
            {
                "title": f"{title} ({source})" if named[title] > 1 else title,
                "groups": grouped_by_heading(held, markers),
            }
        )
    return parts


def _target_parts(draft: Draft, topic: Topic, markers: Markers) -> list[dict[str, object]]:
    """Return the claims under the coverage target that they are filed under, each below its own lead."""
    return [
        {"title": part.title, "groups": grouped(in_reading_order(part.claims), markers)}
        for part in by_target(draft, topic.claims)
    ]


def _page_title(claim: Claim) -> str:
    return place_of(claim).heading_path[0]


# -- what tools and pages have between them ------------------------------------------------------------------------


def _map(draft: Draft, markers: Markers, templates: Templates) -> str:
    """Return the page that shows which tool meets which, with a row for each kind of system that the briefs name.

    Nothing where no meeting is known and the briefs name no kind.
    """
    if not (draft.integration_map or draft.unmapped):
        return ""
    edges = [
        {"from_": edge.from_, "to": edge.to, "what": edge.what, "markers": markers.of(edge.citations)}
        for edge in draft.integration_map
    ]
    kinds = [{"label": kind.label, "pairs": _pairs(draft, kind)} for kind in draft.mapped]
    values = {"title": MAP_TITLE, "when": MAP_WHEN, "edges": edges, "kinds": kinds, "missing": list(draft.unmapped)}
    return templates.render("integration-map.md.j2", values)


def _pairs(draft: Draft, kind: MappedKind) -> list[dict[str, str]]:
    """Return both ends of the edges that touch a kind of system, each pair once."""
    pairs: Sequence[tuple[str, str]] = list(dict.fromkeys((edge.from_, edge.to) for edge in draft.integration_map))
    return [{"from_": from_, "to": to} for from_, to in pairs if {from_, to} & set(kind.tools)]


def _disagreements(draft: Draft, markers: Markers, templates: Templates) -> str:
    """Return the page that shows both sides wherever pages disagree, or nothing."""
    if not draft.contradictions:
        return ""
    pairs = [
        {
            "topic": pair.topic,
            "hint": pair.hint,
            "doubted": bool(pair.doubted),
            "sides": [{"quote": " ".join(c.quote.split()), "markers": markers.of([c])} for c in pair.citations],
        }
        for pair in draft.contradictions
    ]
    values = {"title": DISAGREEMENTS_TITLE, "when": DISAGREEMENTS_WHEN, "pairs": pairs}
    return templates.render("disagreements.md.j2", values)
