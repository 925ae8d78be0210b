"""Where pages disagree the body states neither side, and how tools meet has a page of its own."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from corpus_builder import Site, make_site

from skillgen.model.draft import Draft
from skillgen.pipeline.forget import forget
from skillgen.workspace import open_workspace

PAGES = {
    "jobs.md": "# Jobs\n\n## `load_orders`\n\nThe job `load_orders` must start at 02:15 UTC, before the deploy of the "
    "reports. It is triggered by Airflow.\n\n## `send_bills`\n\nA merge to main triggers `send_bills`; it never starts "
    "before 06:00 UTC.\n",
    "runbook.md": "# Restart a job\n\n## `load_orders`\n\n`load_orders` starts at 04:40 UTC and must not be started by "
    "hand.\n\nAirflow writes the result to Snowflake after each deploy.\n\nWhen the deploy fails, Airflow alerts "
    "PagerDuty.\n",
    "deploy.md": "# Deploy\n\nA merge to the main branch triggers the deploy workflow, which GitHub Actions runs.\n\n"
    "A deploy must be approved by two people before it goes to production.\n",
}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    site = make_site(tmp_path / "a", PAGES)
    site.options["research.max_claims"] = 50
    return site


def package(site: Site, name: str) -> str:
    return (site.out / "releases" / name).read_text(encoding="utf-8")


def built(site: Site) -> Draft:
    return site.build().draft


def test_both_sides_of_a_contradiction_stand_in_a_reference(site: Site) -> None:
    draft = built(site)
    (pair,) = draft.contradictions
    assert "load_orders" in pair.topic
    page = package(site, "references/disagreements.md")
    assert "02:15 UTC" in page
    assert "04:40 UTC" in page
    markers = set(re.findall(r"\[(S\d+)\]", page))
    assert len(markers) == 2
    sources = package(site, "references/sources.md")
    assert all(f"| {marker} |" in sources for marker in markers)
    assert "references/disagreements.md" in package(site, "SKILL.md")


def test_the_body_states_neither_side(site: Site) -> None:
    draft = built(site)
    body = package(site, "SKILL.md")
    assert "02:15" not in body
    assert "04:40" not in body
    assert "06:00 UTC" in body
    disputed = {(c.source, c.start) for pair in draft.contradictions for c in pair.citations}
    held = [claim for claim in draft.claims if claim.in_body]
    assert held
    assert not any((c.source, c.start) in disputed for claim in held for c in claim.citations)


def test_how_tools_meet_is_a_table_with_markers_and_names_what_is_missing(site: Site) -> None:
    draft = built(site)
    edges = {(edge.from_, edge.to) for edge in draft.integration_map}
    assert ("Airflow", "Snowflake") in edges
    assert ("Airflow", "PagerDuty") in edges
    page = package(site, "references/integration-map.md")
    assert re.search(r"\| Airflow \| [^|]+ \| Snowflake \| (\[S\d+\])+ \|", page)
    assert all(
        f"| {label} | none: no statement was found on how it meets another tool |" in page for label in draft.unmapped
    )
    drawing = (site.workspace / "reports" / "releases-map.svg").read_text(encoding="utf-8")
    assert all(f"{from_}, " in drawing and f": {to} (" in drawing for from_, to in edges)


def test_forgetting_a_page_removes_the_drawing_that_names_it(site: Site) -> None:
    built(site)
    drawing = site.workspace / "reports" / "releases-map.svg"
    assert "runbook.md" in drawing.read_text(encoding="utf-8")
    with open_workspace(site.workspace) as workspace:
        forget(workspace, ["runbook.md"])
    assert not drawing.exists()


def test_without_either_only_the_kinds_that_the_brief_names_have_a_row(tmp_path: Path) -> None:
    site = make_site(tmp_path / "b", {"deploy.md": "# Deploy\n\nA merge to main triggers a deploy of the release.\n"})
    draft = built(site)
    assert (draft.contradictions, draft.integration_map) == ((), ())
    names = {path.name for path in (site.out / "releases" / "references").iterdir()}
    assert "disagreements.md" not in names
    assert draft.unmapped
    page = package(site, "references/integration-map.md")
    assert "No statement was found on which tool meets which." in page
    assert all(f"| {label} | none" in page for label in draft.unmapped)


def test_a_contradiction_on_pages_that_the_draft_does_not_cite_is_left_out(tmp_path: Path) -> None:
    far = {
        "bread.md": "# Bread\n\n## `sour_dough`\n\nThe dough `sour_dough` rises from 05:10 UTC each day.\n",
        "oven.md": "# Oven\n\n## `sour_dough`\n\n`sour_dough` rises at 09:50 UTC daily, as the cook says.\n",
    }
    site = make_site(tmp_path / "c", {"deploy.md": PAGES["deploy.md"], **far})
    draft = built(site)
    assert draft.contradictions == ()
    assert {citation.source for claim in draft.claims for citation in claim.citations} == {"deploy.md"}
