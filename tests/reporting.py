"""Reports to test: of a page that is given as text, and what of a report is not its own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from html.parser import HTMLParser

from skillgen.model.belief import Belief
from skillgen.model.citing import cite
from skillgen.model.corpus import Finding, Page, SourceFile
from skillgen.model.decision import Decision, Review, ReviewedClaim
from skillgen.model.draft import (
    SCHEMA,
    Answer,
    BriefRecord,
    Citation,
    Claim,
    Contradiction,
    Coverage,
    Draft,
    FacetGrade,
    Gap,
    IntegrationEdge,
    NearestPage,
    RunRecord,
    Searched,
    SkillRecord,
    TargetScore,
    Verdict,
)
from skillgen.model.facts import DeprecationMark, PageFacts
from skillgen.model.lines import Lines
from skillgen.parse import parse_page
from skillgen.report import Material
from skillgen.templating import Templates

REPORT = Templates("report")


def page_of(text: str, source: str = "a.md", url: str | None = None) -> Page:
    return parse_page(SourceFile(source=source, text=text, sha256="0" * 64, url=url))[0]


def citations_of(page: Page) -> list[Citation]:
    """Return a citation of each sentence, row or code block of a page, headings left out."""
    lines = Lines.of(page.text)
    return [
        cite(page, lines, block, span.start, span.end)
        for block in page.blocks
        if block.kind != "heading"
        for span in block.spans
        if span.end > span.start
    ]


def claim_of(citation: Citation, number: int, said: str) -> Claim:
    return Claim(
        id=f"clm-{number:08x}",
        text=f"{said}: {citation.quote}",
        lead=f"{said}:",
        facets=("fct-1",),
        also_answers=(),
        in_body=number == 0,
        delta=0.4 if number % 2 else 0.9,
        delta_reason=said,
        verdict=Verdict(support="partial" if number % 3 else "supported", reason=said, checker="rules/4"),
        citations=(citation,),
        also_cited=(citation,),
        belief=Belief(verdict="conflict", says=said),
    )


def material_of(page: Page, said: str = "Jobs") -> Material:
    """Return the material of a report on one page; `said` stands wherever a text of people or pages does."""
    citations = citations_of(page)
    claims = tuple(claim_of(one, number, said) for number, one in enumerate(citations))
    facets = (
        FacetGrade(id="fct-1", text=said, grade=0.5, targets=("tgt-1",)),
        FacetGrade(id="fct-2", text="when", grade=0.0, targets=("tgt-1",)),
    )
    decision = Decision(
        claim="clm-00000000",
        decision="rejected",
        text=said,
        evidence=(),
        by=said,
        at="2026-01-02T03:04:05Z",
        reason=said,
    )
    draft = Draft(
        schema=SCHEMA,
        skill=SkillRecord(name="jobs", description=said),
        briefs=(BriefRecord(path=said, title=said, sha256="0" * 64),),
        answers=(
            Answer(
                question_id="qst-1",
                number="1",
                question=said,
                status="partial",
                facets=facets,
                claims=claims,
                searched=Searched(queries=(said,), passages=1, pages=1),
            ),
        ),
        coverage=Coverage(
            overall=0.25, targets=(TargetScore(id="tgt-1", text=said, score=0.25, facets=("fct-1", "fct-2")),)
        ),
        contradictions=tuple(
            Contradiction(topic=said, kind="value", citations=(one, one), hint=said, doubted=said)
            for one in citations[:1]
        ),
        gaps=(
            Gap(
                facet="fct-2",
                question=said,
                searched=said,
                nearest=(NearestPage(source=page.source, heading_path=("a", said), owner=said),),
                ask=said,
            ),
        ),
        integration_map=tuple(
            IntegrationEdge(from_=said, to="b", what=said, citations=(one,)) for one in citations[:1]
        ),
        run=RunRecord(
            complete=True,
            engine=said,
            model=said,
            embedder=said,
            settings_sha256="0" * 64,
            corpus_sha256="0" * 64,
            prompts={said: "0" * 64},
            tokens=3,
            cost=0.004,
            endpoints=(said,),
        ),
    )
    reviewed = tuple(
        ReviewedClaim(claim=claim, state="rejected", decision=decision, match="id")
        if not at
        else ReviewedClaim(claim=claim)
        for at, claim in enumerate(claims)
    )
    mark = DeprecationMark(kind="superseded", line=1, by=said)
    return Material(
        draft=draft,
        review=Review(claims=reviewed, orphaned=(replace(decision, claim="clm-1"),)),
        titles={"tgt-1": said},
        behind={"fct-1": tuple(claim.id for claim in claims[:1])},
        pages={page.source: page},
        facts={page.source: PageFacts(owner=said, changed="2026-01-01", deprecation=mark)},
        findings=(
            Finding(kind="secret", source=page.source, message=said, line=1),
            Finding(kind=said or "odd", source=said, message=said, severity="info"),
        ),
        page_count=1,
        corpora=(said,),
        settings=((said, said),),
        drawing="<svg><style>a{}</style></svg>",
        version="0",
    )


class Markup(HTMLParser):
    """The start tags of a document with their attributes, and the text of its scripts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str]] = set()
        self.links: set[str] = set()
        self.scripts: list[str] = []
        self._in_script = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self._in_script = tag == "script"
        for name, value in attrs:
            self.attributes.add((tag, name))
            if name in ("href", "src", "action", "formaction", "data", "srcdoc", "poster"):
                self.links.add(value or "")

    def handle_data(self, data: str) -> None:
        if self._in_script:
            self.scripts.append(data)
            self._in_script = False


def shown_text(html: str) -> str:
    """Return what a report says, a line for each block, without what another version or day would change."""
    body = re.sub(r"<(style|script)>.*?</\1>|<head>.*?</head>", "", html, flags=re.DOTALL)
    lines = (
        " ".join(re.sub(r"<[^>]+>", " ", line).split())
        for line in re.sub(r"<br>|</(?:td|dt|p|b)>", "\n", body).split("\n")
    )
    text = "\n".join(line for line in lines if line)
    text = re.sub(r"\b[0-9a-f]{12,64}\b", "DIGEST", text)
    return re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", "TIME", text)
