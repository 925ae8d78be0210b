"""What is known about a page from around it travels with its chunks, and follows its surroundings."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from cli_runner import run
from corpus_builder import Site, make_site, state_of, write_pages

from skillgen.embed import HashEmbedder
from skillgen.model.facts import PageFacts
from skillgen.pipeline.library import open_library
from skillgen.workspace import open_workspace

STEPS = "".join(f"{i}. Open valve number {i} on the quay side and wait for the lamp.\n" for i in range(1, 40))
PAGES = {
    "crane.md": "---\nowner: quay team\nlast_reviewed: 2026-03-01\n---\n# Crane\n\nThe crane is checked at 06:15.\n",
    "ops/pump.md": f"# Pump\n\n{STEPS}",
    "ops/pump-old.md": f"# Pump, before\n\nThis page is deprecated.\n\n{STEPS}",
}


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=A", "-c", "user.email=a@b.example", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    site = make_site(tmp_path / "a", {**PAGES, "CODEOWNERS": "* @everyone\nops/ @pumps\n"})
    git(site.pages(), "init", "-q")
    git(site.pages(), "add", ".")
    git(site.pages(), "commit", "-qm", "x", "--date=2026-05-06T00:00:00Z")
    site.ingest()
    return site


def facts(site: Site) -> dict[str, PageFacts]:
    with open_workspace(site.workspace) as workspace:
        return workspace.store.facts()


def test_the_page_itself_comes_first_then_code_owners_and_git(site: Site) -> None:
    known = facts(site)
    crane, pump = known["crane.md"], known["ops/pump.md"]
    assert (crane.owner, crane.owner_from, crane.changed, crane.changed_from) == (
        "quay team",
        "page",
        "2026-03-01",
        "page",
    )
    assert (pump.owner, pump.owner_from, pump.changed_from) == ("@pumps", "CODEOWNERS", "git")
    assert pump.changed.startswith("20")
    assert pump.duplicates == ("ops/pump-old.md",)
    old = known["ops/pump-old.md"].deprecation
    assert old is not None
    assert (old.kind, old.line) == ("deprecated", 3)


def test_new_surroundings_change_the_facts_and_parse_nothing(site: Site) -> None:
    write_pages(site.pages(), {"CODEOWNERS": "* @others\n"})
    report = site.ingest()
    assert report.parsed == 0
    assert facts(site)["ops/pump.md"].owner == "@others"
    (site.pages() / "ops" / "pump-old.md").unlink()
    site.ingest()
    assert facts(site)["ops/pump.md"].duplicates == ()


def test_every_passage_knows_its_page(site: Site) -> None:
    with (
        open_workspace(site.workspace) as workspace,
        open_library(workspace, embedder=HashEmbedder()) as library,
    ):
        found = library.retrieve("valve on the quay side", limit=20)
    known = facts(site)
    assert {passage.chunk.source for passage in found} >= {"ops/pump.md", "ops/pump-old.md"}
    assert all(passage.facts == known[passage.chunk.source] for passage in found)


def test_with_two_corpora_each_has_its_own_owners(tmp_path: Path) -> None:
    site = Site(root=tmp_path, corpora=("wiki", "runbooks"))
    write_pages(site.pages("wiki"), {"a.md": "# A\n\nWords stand here.\n", "CODEOWNERS": "* @wiki\n"})
    write_pages(site.pages("runbooks"), {"a.md": "# B\n\nOther words.\n", "CODEOWNERS": "* @books\n"})
    site.ingest()
    assert {source: item.owner for source, item in facts(site).items()} == {
        "wiki/a.md": "@wiki",
        "runbooks/a.md": "@books",
    }


def test_a_history_that_cannot_be_read_is_a_finding(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    from skillgen import history

    whole = history._git

    def without_log(folder: Path, *arguments: str) -> str | None:
        return None if arguments[0] == "log" else whole(folder, *arguments)

    monkeypatch.setattr(history, "_git", without_log)
    report = site.ingest()
    assert [finding.kind for finding in report.findings if finding.kind == "no-history"]
    assert facts(site)["ops/pump.md"].changed == ""


def test_facts_make_no_two_builds_differ(site: Site) -> None:
    site.build()
    before = state_of(site)
    site.build()
    assert state_of(site) == before


def test_search_tells_what_is_known_about_the_page(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(site.root)
    monkeypatch.setattr("skillgen.embed.named.local_embedder", lambda *_, **__: HashEmbedder())
    ended = run("search", "open the valve", "--corpus", "wiki", "--workspace", "workspace", "--json")
    pages = {result["source"]: result["page"] for result in ended.json["results"]}
    assert pages["ops/pump-old.md"]["deprecation"]["kind"] == "deprecated"
    assert pages["ops/pump.md"]["owner"] == "@pumps"
    assert "(deprecated)" in run("search", "open the valve", "--corpus", "wiki", "--workspace", "workspace").out
