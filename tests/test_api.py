"""The Python door: the commands as functions, and the retriever for LangChain."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from corpus_builder import BRIEF, Site, make_site

import skillgen
from skillgen.errors import CorpusError, SettingsError, UserError


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    site = make_site(tmp_path / "a")
    (site.root / "ships.md").write_text(BRIEF, encoding="utf-8")
    monkeypatch.chdir(site.root)
    return site


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = (
        "import sys, skillgen; print([m for m in ('numpy', 'pydantic', 'typer', 'langchain_core') if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_a_build_from_python_is_the_build_of_the_command(site: Site) -> None:
    made = skillgen.build("ships.md", corpus="wiki", out="skills", name="ships", workspace="space")
    assert made.package == Path("skills/ships")
    assert (made.package / "SKILL.md").is_file()
    draft = skillgen.read_draft(made.draft_path)
    assert draft.claims == made.draft.claims
    report = skillgen.check_package(made.package, corpus="wiki", workspace="space")
    assert not report.failed
    page = site.root / "wiki" / "deploy.md"
    page.write_text(page.read_text(encoding="utf-8").replace("within 4 minutes", "within 9 minutes"), encoding="utf-8")
    assert skillgen.check_package(made.package, corpus="wiki", workspace="space").failed


def test_pages_are_searched_and_asked(site: Site) -> None:
    report = skillgen.ingest("wiki", workspace="space")
    assert report.parsed == len(list((site.root / "wiki").rglob("*.md")))
    found = skillgen.search("rollback", corpus=["wiki"], workspace="space", k=2)
    assert [passage.rank for passage in found] == [1, 2]
    asked = skillgen.ask("What does a merge to main trigger?", corpus="wiki", workspace="space", claims=3)
    assert any(c.citations[0].source == "deploy.md" for c in asked.answer.claims)


def test_what_the_settings_file_says_holds_where_nothing_else_is_said(site: Site) -> None:
    text = """
[[corpus]]
path = "wiki"
url = "https://wiki.example/{path}"
[research]
max_claims = 2
[build]
briefs = ["ships.md"]
"""
    (site.root / "skillgen.toml").write_text(text, encoding="utf-8")
    settings = skillgen.load_settings()
    made = skillgen.build(settings=settings)
    assert 0 < len(made.draft.claims) <= 2
    assert all(
        c.url and c.url.startswith("https://wiki.example/") for claim in made.draft.claims for c in claim.citations
    )
    assert len(skillgen.build(settings=settings, options={"research.max_claims": 50}).draft.claims) > 2


def test_a_mistake_is_an_error_with_a_hint(site: Site) -> None:
    with pytest.raises(CorpusError) as missing:
        skillgen.search("x")
    assert missing.value.hint
    with pytest.raises(SettingsError):
        skillgen.ingest("wiki", options={"research.max_claims": 0})
    with pytest.raises(UserError):
        skillgen.build("no-such-brief", corpus="wiki")


def test_the_retriever_gives_documents_with_their_places(site: Site) -> None:
    from skillgen.retriever import SkillgenRetriever

    settings = skillgen.load_settings().with_values({"corpus": [{"path": "wiki"}], "workspace": Path("space")})
    documents = SkillgenRetriever(settings=settings, k=3).invoke("who rotates the token")
    assert 0 < len(documents) <= 3
    for document in documents:
        place = document.metadata
        text = (site.root / "wiki" / place["source"]).read_text(encoding="utf-8")
        assert document.page_content.endswith(text[place["start"] : place["end"]])  # after a table's header
        assert place["heading_path"]
