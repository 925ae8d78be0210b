"""Ask answers one question with citations, or says what was searched and whom to ask."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from cli_runner import run
from corpus_builder import Site, make_site

from skillgen.embed import HashEmbedder
from skillgen.pipeline.ask import Asked, ask
from skillgen.protocols import SilentReporter
from skillgen.workspace import open_workspace

PAGES = {
    "deploy.md": "---\nowner: quay team\n---\n# Deploy\n\n"
    "A merge to the main branch triggers the deploy workflow `ship-orders`, which takes 12 minutes.\n\n"
    "The deploy workflow signs in to Vault with the role `ci-ship`; its token expires after 20 minutes.\n",
    "old.md": "# Deploy, before\n\nThis page is deprecated.\n\nA merge to the main branch triggers the deploy robot.\n",
    "lunch.md": "# Lunch\n\nSoup is served at noon.\n",
}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return make_site(tmp_path / "a", PAGES)


def asked(site: Site, question: str, *, limit: int = 5) -> Asked:
    with open_workspace(site.workspace) as workspace:
        return ask(
            site.settings(),
            workspace,
            question,
            limit=limit,
            embedder=HashEmbedder(),
            reporter=SilentReporter(),
        )


def test_the_answer_is_made_of_cited_statements(site: Site) -> None:
    found = asked(site, "What does a merge to the main branch trigger in the deploy workflow?")
    assert found.answer.status == "answered"
    assert found.gaps == ()
    best = found.answer.claims[0]
    assert "ship-orders" in best.text
    (citation,) = best.citations
    text = (site.pages() / citation.source).read_text(encoding="utf-8")
    assert text[citation.start : citation.end] == citation.quote


def test_no_more_statements_are_shown_than_were_asked_for(site: Site) -> None:
    assert len(asked(site, "What does a merge to the main branch trigger?", limit=1).answer.claims) == 1


def test_what_the_pages_do_not_say_is_a_gap_with_somebody_to_ask(site: Site) -> None:
    found = asked(site, "Which customs office must stamp the deploy certificate?")
    assert found.answer.status == "unanswered"
    (gap,) = found.gaps
    assert "customs office" in gap.ask
    assert "quay team" in gap.ask


def test_the_command_prints_statements_with_places(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(site.root)
    monkeypatch.setattr("skillgen.embed.named.local_embedder", lambda *_, **__: HashEmbedder())
    places = ("--corpus", "wiki", "--workspace", "workspace")
    ended = run("ask", "What does a merge to the main branch trigger in the deploy workflow?", *places)
    assert ended.code == 0
    assert re.search(r"^  deploy\.md:6-\d+$", ended.out, re.MULTILINE)
    assert "Searched" in ended.out
    gap = run("ask", "Which customs office must stamp the deploy certificate?", *places)
    assert gap.code == 0
    assert gap.out.startswith("Nothing was found that answers this.")
    assert "Ask " in gap.out
    data = run("ask", "What triggers the deploy?", *places, "--json").json
    assert set(data) == {"answer", "gaps", "disputed", "model", "failures"}
    assert (data["model"], data["failures"]) == (None, [])
    assert data["answer"]["claims"][0]["citations"]
    assert run("ask", "  ", *places).code == 2


SHIFTS = {
    "crane.md": "# Deploy of the crane\n\n## `lift_crates`\n\nThe job `lift_crates` must start at 02:15 UTC, before "
    "the deploy of the reports.\n\nThe log of the deploy is kept for 9 days.\n",
    "quay.md": "# Deploy of the quay\n\n## `lift_crates`\n\n`lift_crates` starts at 04:40 UTC and must not be started "
    "by hand after a deploy.\n",
}
STARTS = "At what time does the job `lift_crates` start after a deploy?"


def test_a_statement_that_another_page_contradicts_names_the_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = make_site(tmp_path / "b", SHIFTS)
    assert asked(site, STARTS).disputed == {}
    (pair,) = site.build().draft.contradictions
    found = asked(site, STARTS)
    stating = next(claim for claim in found.answer.claims if "02:15" in claim.text)
    assert found.disputed[stating.id] == pair.citations
    assert not any("9 days" in claim.text and claim.id in found.disputed for claim in found.answer.claims)
    monkeypatch.chdir(site.root)
    monkeypatch.setattr("skillgen.embed.named.local_embedder", lambda *_, **__: HashEmbedder())
    ended = run("ask", STARTS, "--corpus", "wiki", "--workspace", "workspace")
    assert re.search(r"^  Disputed: these do not agree: crane\.md:5-5, quay\.md:5-5$", ended.out, re.MULTILINE)
    (site.pages() / "quay.md").write_text("# Deploy of the quay\n\nNobody starts `lift_crates`.\n", encoding="utf-8")
    assert asked(site, STARTS).disputed == {}


def test_a_draft_of_another_version_tells_nothing_of_what_is_disputed(site: Site) -> None:
    site.build()
    (draft,) = (path for path in (site.workspace / "drafts").glob("*.json") if ".files" not in path.name)
    draft.write_text("{}", encoding="utf-8")
    assert asked(site, "What does a merge to the main branch trigger?").disputed == {}
