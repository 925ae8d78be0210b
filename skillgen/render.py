"""Render: a draft to the files of its package."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from skillgen.model.brief import Plan
from skillgen.model.draft import Citation, Claim, Draft, MappedKind
from skillgen.templating import Templates
from skillgen.words import STOP_WORDS, squeezed

MAX_DESCRIPTION = 1024
# Name and description are in every session of an agent: 400 characters together, of which the name may take 64.
AIM_DESCRIPTION = 336
MAX_TITLE = 60
MAX_SLUG = 48
MAP_SLUG = "integration-map"
DISAGREEMENTS_SLUG = "disagreements"
# The longest reference that is read without a list of what it holds (Skill Builder's limit is 100 lines).
_LINES_WITHOUT_CONTENTS = 80
# A lead stands at most 3,000 characters above its claim (the contract of the package); markup takes some of them.
_LEAD_REACH = 2400
_LABEL_END = re.compile(r":\s|;\s|\s\(|\s[\u2013\u2014-]{1,2}\s")
_ARROW = re.compile(r"\s*[-=]?>+\s*")
_ENTITY = re.compile(r"&(?=#?\w+;)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """The files of a package by their path in it; `body_tokens` is the length of SKILL.md's body in tokens."""

    files: dict[str, str]
    body_tokens: int


@dataclass(frozen=True, slots=True)
class _Topic:
    """A coverage target with its title and the claims that are filed under it."""

    title: str
    text: str
    claims: tuple[Claim, ...]


@dataclass(slots=True)
class _Markers:
    """Numbers places in the order in which they are first shown; a place is one heading of a page, and lines of it."""

    numbers: dict[tuple[str, tuple[str, ...], tuple[tuple[int, int], ...]], int] = field(default_factory=dict)
    rows: list[dict[str, str]] = field(default_factory=list)

    def of(self, citations: Iterable[Citation]) -> str:
        """Return the markers of the citations: one for all that stand under one heading of one page."""
        places: dict[tuple[str, tuple[str, ...]], list[Citation]] = {}
        for citation in citations:
            places.setdefault((citation.source, citation.heading_path), []).append(citation)
        return "".join(self._marker(held) for held in places.values())

    def _marker(self, held: Sequence[Citation]) -> str:
        lines = tuple(dict.fromkeys(citation.lines for citation in held))
        key = (held[0].source, held[0].heading_path, lines)
        if key not in self.numbers:
            self.numbers[key] = len(self.numbers) + 1
            self.rows.append(_row(self.numbers[key], held[0], lines))
        return f"[S{self.numbers[key]}]"


def describe(plan: Plan, templates: Templates) -> str:
    """Return what the skill holds and when to use it, in at most 1,024 characters without angle brackets.

    Where there is room (336 characters) the targets stand in full, else by their titles, and if need be without the
    last ones.
    """
    titles = [brief.title for brief in plan.briefs]
    targets = [target.text for brief in plan.briefs for target in brief.targets]
    short = short_titles(targets)
    text = ""
    for named in (targets, *(short[:count] for count in range(len(short), 0, -1))):
        text = _described(templates, titles, named)
        if len(text) <= AIM_DESCRIPTION:
            return text
    return text if len(text) <= MAX_DESCRIPTION else text[: MAX_DESCRIPTION - 1].rsplit(" ", 1)[0] + "…"


def _described(templates: Templates, titles: Sequence[str], targets: Sequence[str]) -> str:
    values = {"titles": titles, "targets": [text.rstrip(" .;") for text in targets]}
    text = templates.render("description.txt.j2", values)
    return " ".join(_ARROW.sub(" to ", text).replace("<", "").split())


def render_package(draft: Draft, templates: Templates, *, generator: str) -> Rendered:
    """Return the package's files: SKILL.md, a reference for every target that has more claims, and the sources."""
    markers = _Markers()
    sections = [
        {"title": topic.title, "text": topic.text, "groups": _groups(_in_reading_order(topic.claims), markers)}
        for topic in _topics(draft, in_body=True)
    ]
    files: dict[str, str] = {}
    references = []
    slugs = {"sources", MAP_SLUG, DISAGREEMENTS_SLUG}
    for topic in _topics(draft, in_body=False):
        path = f"references/{_unique_slug(topic.title, slugs)}.md"
        files[path] = _reference(topic, markers, templates)
        references.append({"title": topic.title, "text": topic.text, "path": path, "count": len(topic.claims)})
    for slug, title, text in (
        (MAP_SLUG, "how tools meet", _map(draft, markers, templates)),
        (DISAGREEMENTS_SLUG, "a value on which pages disagree", _disagreements(draft, markers, templates)),
    ):
        if text:
            files[f"references/{slug}.md"] = text
            references.append({"title": title, "text": title, "path": f"references/{slug}.md", "count": 0})
    files["SKILL.md"] = templates.render(
        "SKILL.md.j2",
        {
            "skill": {"name": draft.skill.name, "description": draft.skill.description},
            "generator": generator,
            "title": "; ".join(brief.title for brief in draft.briefs),
            "example_marker": "[S1]" if markers.rows else "",
            "sections": sections,
            "references": references,
            "not_documented": [target.text.rstrip(" .;") for target in draft.coverage.targets if not target.score],
        },
    )
    files["references/sources.md"] = templates.render("sources.md.j2", {"sources": markers.rows})
    return Rendered(files=dict(sorted(files.items())), body_tokens=body_tokens(files["SKILL.md"]))


def body_tokens(skill: str) -> int:
    """Return the length of SKILL.md below its front matter in tokens of four characters, rounded up."""
    body = skill.split("\n---", 1)[1] if skill.startswith("---") else skill
    return -(-len(body) // 4)


# -- topics --------------------------------------------------------------------------------------------------------


def _topics(draft: Draft, *, in_body: bool) -> list[_Topic]:
    """Return the targets that have claims (in the body, or for the references), in the briefs' order."""
    targets = draft.coverage.targets
    titles = short_titles([target.text for target in targets])
    homes = _homes(draft)
    claims = [claim for claim in draft.claims if claim.in_body == in_body]
    topics = [
        _Topic(title, target.text, tuple(claim for claim in claims if homes[claim.id] == target.id))
        for target, title in zip(targets, titles, strict=True)
    ]
    return [topic for topic in topics if topic.claims]


def _homes(draft: Draft) -> dict[str, str]:
    """Return for each claim the target it is filed under: that of its best facet, with evidence if there is one."""
    of_facet = {facet.id: facet.targets for answer in draft.answers for facet in answer.facets}
    score = {target.id: target.score for target in draft.coverage.targets}
    return {claim.id: _home([t for f in claim.facets for t in of_facet.get(f, ())], score) for claim in draft.claims}


def _home(targets: Sequence[str], score: Mapping[str, float]) -> str:
    known = [target for target in targets if target in score] or list(score)
    return next((target for target in known if score[target]), known[0])


def short_titles(texts: Sequence[str]) -> list[str]:
    """Return a title for each text, no two the same: its label, or its opening words, or where need be all of it."""
    titles = [_short_title(text) for text in texts]
    common = {title for title, count in Counter(map(str.casefold, titles)).items() if count > 1}
    whole = [
        _capitalised(text) if title.casefold() in common else title for text, title in zip(texts, titles, strict=True)
    ]
    seen: Counter[str] = Counter()
    unique = []
    for title in whole:
        seen[title.casefold()] += 1
        turn = seen[title.casefold()]
        unique.append(f"{title} ({turn})" if turn > 1 else title)
    return unique


def _short_title(text: str) -> str:
    flat = _capitalised(text)
    label = _LABEL_END.split(flat, maxsplit=1)[0].rstrip(" ,")
    if 0 < len(label) <= MAX_TITLE:
        return label
    clause = label.split(", ")[0]
    if " " in clause and len(clause) <= MAX_TITLE:
        return clause
    words = label[:MAX_TITLE].rsplit(" ", 1)[0].split() if " " in label[:MAX_TITLE] else [label[: MAX_TITLE - 1]]
    while len(words) > 1 and words[-1].casefold().rstrip(",") in STOP_WORDS:
        words.pop()
    return " ".join(words).rstrip(",") + "…"


def _capitalised(text: str) -> str:
    flat = " ".join(text.split()).rstrip(" .;:")
    return flat[:1].upper() + flat[1:]


# -- claims --------------------------------------------------------------------------------------------------------


def _in_reading_order(claims: Sequence[Claim]) -> list[Claim]:
    """Return the claims page by page as the text goes; the page of the worthiest claim first."""
    turns = {source: turn for turn, source in enumerate(dict.fromkeys(_place(claim).source for claim in claims))}
    return sorted(claims, key=lambda claim: (turns[_place(claim).source], _place(claim).start, claim.id))


def _place(claim: Claim) -> Citation:
    """Return the citation that says where a claim stands: the last, as the one before may be a table's header."""
    return claim.citations[-1]


def _groups(claims: Iterable[Claim], markers: _Markers) -> list[dict[str, object]]:
    """Return the claims under their leads, each lead said once, in the order of the first claim of each.

    Under a heading's longest lead stand those with a shorter one too. A lead is said again where it would be too far.
    """
    groups: list[_Group] = []
    for claim in claims:
        group = next((group for group in groups if group.takes(claim)), None)
        if group is None:
            group = _Group(_place(claim).heading_path)
            groups.append(group)
        group.add(claim)
    return [{"lead": group.lead, "claims": _shown(group.claims, markers)} for group in groups]


@dataclass(slots=True)
class _Group:
    """Claims of one heading under the longest of their leads; a claim without a lead stands alone."""

    heading_path: tuple[str, ...]
    lead: str = ""
    claims: list[Claim] = field(default_factory=list)

    def takes(self, claim: Claim) -> bool:
        """Tell whether the claim may stand in the group: its lead is said by the group's, or says it, near enough."""
        one, other = squeezed(claim.lead), squeezed(self.lead)
        if not (one and other and self.heading_path == _place(claim).heading_path and (one in other or other in one)):
            return False
        return sum(len(held.text) for held in (*self.claims, claim)) <= _LEAD_REACH

    def add(self, claim: Claim) -> None:
        """Add the claim as the last of the group."""
        self.lead = max(self.lead, claim.lead, key=len)
        self.claims.append(claim)


def _shown(claims: Iterable[Claim], markers: _Markers) -> list[dict[str, object]]:
    return [
        {
            "text": claim.text.removeprefix(claim.lead).strip(),
            "markers": markers.of(claim.citations),
            "unexpected": claim.belief is not None and claim.belief.verdict == "conflict",
        }
        for claim in claims
    ]


def _reference(topic: _Topic, markers: _Markers, templates: Templates) -> str:
    """Return a reference page: the claims under the title of the page and the heading that they come from."""
    by_source: dict[str, list[Claim]] = {}
    for claim in _in_reading_order(topic.claims):
        by_source.setdefault(_place(claim).source, []).append(claim)
    named = Counter(_page_title(held[0]) for held in by_source.values())
    pages = []
    for source, held in by_source.items():
        title = _page_title(held[0])
        pages.append(
            {"title": f"{title} ({source})" if named[title] > 1 else title, "groups": _by_heading(held, markers)}
        )
    values = {"title": topic.title, "text": topic.text, "contents": False, "pages": pages}
    text = templates.render("reference.md.j2", values)
    if len(text.splitlines()) <= _LINES_WITHOUT_CONTENTS:
        return text
    return templates.render("reference.md.j2", {**values, "contents": True})


def _map(draft: Draft, markers: _Markers, templates: Templates) -> str:
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
    values = {"title": "How tools meet", "edges": edges, "kinds": kinds, "missing": list(draft.unmapped)}
    return templates.render("integration-map.md.j2", values)


def _pairs(draft: Draft, kind: MappedKind) -> list[dict[str, str]]:
    """Return both ends of the edges that touch a kind of system, each pair once."""
    pairs = dict.fromkeys((edge.from_, edge.to) for edge in draft.integration_map)
    return [{"from_": from_, "to": to} for from_, to in pairs if {from_, to} & set(kind.tools)]


def _disagreements(draft: Draft, markers: _Markers, templates: Templates) -> str:
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
    return templates.render("disagreements.md.j2", {"title": "Where pages disagree", "pairs": pairs})


def _page_title(claim: Claim) -> str:
    return _place(claim).heading_path[0]


def _by_heading(claims: Iterable[Claim], markers: _Markers) -> list[dict[str, object]]:
    """Return a page's claims under its headings; what stands under the title alone comes first, without a lead."""
    groups: dict[tuple[str, ...], list[Claim]] = {}
    for claim in claims:
        groups.setdefault(_place(claim).heading_path[1:], []).append(claim)
    ordered = sorted(groups.items(), key=lambda item: bool(item[0]))
    return [{"lead": _opening(path), "claims": _shown(held, markers)} for path, held in ordered]


def _opening(path: Sequence[str]) -> str:
    """Return the last heading as the opening of what stands under it."""
    heading = path[-1].rstrip(" :") if path else ""
    return heading if not heading or heading[-1] in "?!." else f"{heading}:"


# -- sources -------------------------------------------------------------------------------------------------------


def _row(number: int, citation: Citation, lines: Sequence[tuple[int, int]]) -> dict[str, str]:
    return {
        "marker": f"S{number}",
        "source": citation.source,
        "heading": " > ".join(citation.heading_path),
        "lines": ", ".join("-".join(map(str, dict.fromkeys(pair))) for pair in sorted(lines)),
        "url": _address(citation.url) if citation.url else "",
    }


def _address(url: str) -> str:
    """Return the address so that it ends no Markdown link, and no entity in it is read as a character."""
    return _ENTITY.sub(r"\\&", quote(url, safe="/:?#&=%@+,;~.-_"))


def _unique_slug(text: str, taken: set[str]) -> str:
    """Return a file name for the text: lower-case ASCII words, at most 48 characters, counted on where it is taken."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", re.sub(r"['\u2019]", "", plain))
    slug = "-".join(words) or "target"
    if len(slug) > MAX_SLUG:
        slug = slug[:MAX_SLUG].rsplit("-", 1)[0] if slug[MAX_SLUG] != "-" else slug[:MAX_SLUG]
    name, turn = slug, 1
    while name in taken:
        turn += 1
        name = f"{slug}-{turn}"
    taken.add(name)
    return name
