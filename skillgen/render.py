"""Render: a draft to the files of its package."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from skillgen.model.brief import Plan
from skillgen.model.draft import Citation, Claim, Draft, TargetScore
from skillgen.templating import Templates

MAX_DESCRIPTION = 1024
# The longest reference that is read without a list of what it holds (Skill Builder's limit is 100 lines).
_LINES_WITHOUT_CONTENTS = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """The files of a package by their path in it; `body_tokens` is the length of SKILL.md's body in tokens."""

    files: dict[str, str]
    body_tokens: int


@dataclass(slots=True)
class _Markers:
    """Numbers citations in the order in which they are first shown."""

    numbers: dict[tuple[str, int, int], int] = field(default_factory=dict)
    citations: list[Citation] = field(default_factory=list)

    def of(self, citations: Iterable[Citation]) -> str:
        """Return the markers of the citations, one after the other."""
        return "".join(self._marker(citation) for citation in citations)

    def _marker(self, citation: Citation) -> str:
        key = (citation.source, citation.start, citation.end)
        if key not in self.numbers:
            self.citations.append(citation)
            self.numbers[key] = len(self.citations)
        return f"[S{self.numbers[key]}]"


def describe(plan: Plan, templates: Templates) -> str:
    """Return what the skill holds and when to use it, in at most 1,024 characters without angle brackets."""
    titles = [brief.title for brief in plan.briefs]
    targets = [target.text for brief in plan.briefs for target in brief.targets]
    text = templates.render("description.txt.j2", {"titles": titles, "targets": targets})
    text = " ".join(re.sub(r"\s*-?>\s*", " to ", text).replace("<", "").split())
    if len(text) <= MAX_DESCRIPTION:
        return text
    return text[: MAX_DESCRIPTION - 1].rsplit(" ", 1)[0] + "…"


def render_package(draft: Draft, templates: Templates, *, generator: str) -> Rendered:
    """Return the package's files: SKILL.md, a reference for every target that has more claims, and the sources."""
    markers = _Markers()
    targets = draft.coverage.targets
    homes = _homes(draft)
    body = [claim for claim in draft.claims if claim.in_body]
    rest = [claim for claim in draft.claims if not claim.in_body]
    sections = [
        {"title": _heading(target.text), "groups": _groups(claims, markers)}
        for target, claims in _by_target(body, targets, homes)
    ]
    files: dict[str, str] = {}
    references = []
    slugs: set[str] = {"sources"}
    for target, claims in _by_target(rest, targets, homes):
        path = f"references/{_unique_slug(target.text, slugs)}.md"
        files[path] = _reference(_heading(target.text), claims, markers, templates)
        topic = target.text[:1].lower() + target.text[1:] if not target.text[:2].isupper() else target.text
        references.append({"title": _heading(target.text), "path": path, "count": len(claims), "topic": topic})
    skill = templates.render(
        "SKILL.md.j2",
        {
            "skill": {"name": draft.skill.name, "description": draft.skill.description},
            "generator": generator,
            "title": " and ".join(brief.title for brief in draft.briefs),
            "example_marker": "[S1]" if markers.citations else "",
            "sections": sections,
            "references": references,
            "not_documented": [target.text for target in targets if not target.score],
        },
    )
    files["SKILL.md"] = skill
    files["references/sources.md"] = templates.render("sources.md.j2", {"sources": _rows(markers)})
    return Rendered(files=dict(sorted(files.items())), body_tokens=body_tokens(skill))


def body_tokens(skill: str) -> int:
    """Return the length of SKILL.md below its front matter in tokens of four characters, rounded up."""
    body = skill.split("\n---", 1)[1] if skill.startswith("---") else skill
    return -(-len(body) // 4)


def _homes(draft: Draft) -> dict[str, str]:
    """Return for each claim the target it is filed under: the first target of its best facet."""
    of_facet = {facet.id: facet.targets for answer in draft.answers for facet in answer.facets}
    default = draft.coverage.targets[0].id
    return {
        claim.id: next((of_facet[f][0] for f in claim.facets if of_facet.get(f)), default) for claim in draft.claims
    }


def _by_target(
    claims: Sequence[Claim], targets: Sequence[TargetScore], homes: dict[str, str]
) -> list[tuple[TargetScore, list[Claim]]]:
    filed = [(target, [claim for claim in claims if homes[claim.id] == target.id]) for target in targets]
    return [(target, held) for target, held in filed if held]


def _groups(claims: Sequence[Claim], markers: _Markers) -> list[dict[str, object]]:
    """Return the claims under their leads, each lead said once, in the order of the first claim of each."""
    groups: dict[str, list[dict[str, str]]] = {}
    for claim in claims:
        shown = {"text": _without_lead(claim), "markers": markers.of(claim.citations)}
        groups.setdefault(claim.lead, []).append(shown)
    return [{"lead": lead, "claims": held} for lead, held in groups.items()]


def _without_lead(claim: Claim) -> str:
    return claim.text.removeprefix(claim.lead).strip()


def _reference(title: str, claims: Sequence[Claim], markers: _Markers, templates: Templates) -> str:
    """Return a reference page: the claims under the title of the page they come from."""
    pages: dict[str, list[dict[str, str]]] = {}
    for claim in sorted(claims, key=lambda c: (c.citations[0].source, c.citations[0].start)):
        path = claim.citations[-1].heading_path
        heading = path[-1] if len(path) > 1 else ""
        shown = {"heading": heading, "text": _without_lead(claim), "markers": markers.of(claim.citations)}
        pages.setdefault(path[0], []).append(shown)
    lines = len(claims) + 4 * len(pages)
    values = {
        "title": title,
        "contents": lines > _LINES_WITHOUT_CONTENTS,
        "pages": [{"title": page, "claims": held} for page, held in pages.items()],
    }
    return templates.render("reference.md.j2", values)


def _rows(markers: _Markers) -> list[dict[str, str]]:
    return [
        {
            "marker": f"S{number}",
            "source": citation.source,
            "heading": " > ".join(citation.heading_path),
            "lines": "-".join(map(str, dict.fromkeys(citation.lines))),
            "url": quote(citation.url, safe="/:?#&=%@+,;~.-_") if citation.url else "",
        }
        for number, citation in enumerate(markers.citations, start=1)
    ]


def _heading(text: str) -> str:
    return text[:1].upper() + text[1:]


def _unique_slug(text: str, taken: set[str]) -> str:
    """Return a file name for the text: lower-case ASCII words, at most 48 characters, counted on where it is taken."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:48].strip("-") or "target"
    name, turn = slug, 1
    while name in taken:
        turn += 1
        name = f"{slug}-{turn}"
    taken.add(name)
    return name
