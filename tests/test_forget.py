"""A forgotten page can be read nowhere in the workspace."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_runner import run
from corpus_builder import PAGES, Site, file_bytes, make_site, write_pages

from skillgen.decisions import add_answers, decision_about, make_answer, record
from skillgen.errors import UserError
from skillgen.pipeline.builds import past_builds
from skillgen.pipeline.forget import forget
from skillgen.workspace import open_workspace

SECRETIVE = (
    "# Deploy salaries\n\nA merge to main starts the deploy of zanzibarium payslips at 05:35 with role kilimanja-7.\n"
)
WORDS = (b"zanzibarium", b"kilimanja", b"salaries.md")


@pytest.fixture
def site(tmp_path: Path) -> Site:
    site = make_site(tmp_path / "a", {**PAGES, "people/salaries.md": SECRETIVE})
    site.build()
    return site


def held(site: Site) -> set[bytes]:
    """Return which of the words stand anywhere in the workspace's files."""
    return {word for data in file_bytes(site.workspace).values() for word in WORDS if word in data}


def test_nothing_of_a_forgotten_page_is_left_in_any_file(site: Site) -> None:
    assert held(site) == set(WORDS)
    with open_workspace(site.workspace) as workspace:
        done = forget(workspace, ["people/salaries.md"])
    assert done.drafts == ("releases",)
    assert held(site) == set()


def test_earlier_builds_that_name_the_page_go_with_it_and_others_stay(site: Site) -> None:
    (site.pages() / "people/salaries.md").unlink()
    site.build()
    folder = site.workspace / "builds" / "releases"
    assert len(past_builds(folder)) == 2
    write_pages(site.pages(), {"people/salaries.md": SECRETIVE})
    site.ingest()
    with open_workspace(site.workspace) as workspace:
        assert forget(workspace, ["people/salaries.md"]).builds == 1
    assert len(past_builds(folder)) == 1
    assert held(site) == set()


def test_the_page_of_owners_answers_can_be_forgotten(tmp_path: Path) -> None:
    site = make_site(tmp_path / "b")
    site.options = {"review.decisions": tmp_path / "decisions"}
    answer = make_answer(facet="", question="Who pays?", text="The zanzibarium team, with kilimanja-7.", by="Jo")
    add_answers(tmp_path / "decisions" / "releases.yaml", [answer])
    site.build()
    assert b"zanzibarium" in held(site)
    with open_workspace(site.workspace) as workspace:
        forget(workspace, ["owner-statements/releases.md"])
    assert held(site) == set()


def test_decisions_that_still_hold_texts_of_the_page_are_told(
    site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    draft = site.build().draft
    claim = next(one for one in draft.claims if one.citations[-1].source == "people/salaries.md")
    record(tmp_path / "skillgen-decisions" / "releases.yaml", [decision_about(claim, "accepted", by="Ann")])
    ended = run("forget", "people/salaries.md", "--workspace", site.workspace)
    assert ended.code == 0
    assert "Held     skillgen-decisions/releases.yaml still holds texts of its claims (1)" in ended.out


def test_the_others_are_indexed_again_without_being_embedded(site: Site) -> None:
    with open_workspace(site.workspace) as workspace:
        forget(workspace, ["people/salaries.md"])
    (site.pages() / "people" / "salaries.md").unlink()
    report = site.ingest()
    assert (report.parsed, report.embedded, report.removed) == (0, 0, 0)
    assert "salaries.md" not in str(site.build().draft)


def test_drafts_that_do_not_name_the_page_stay(site: Site) -> None:
    other = site.workspace / "drafts" / "other.json"
    other.write_text('{"claims": []}', encoding="utf-8")
    with open_workspace(site.workspace) as workspace:
        forget(workspace, ["people/salaries.md"])
    assert [path.name for path in sorted((site.workspace / "drafts").glob("*.json"))] == [
        "other.json",
        "releases.files.json",
    ]


def test_a_file_that_made_no_page_is_forgotten_too(site: Site) -> None:
    (site.pages() / "empty.md").write_bytes(b"")
    site.ingest()
    with open_workspace(site.workspace) as workspace:
        forget(workspace, ["empty.md"])
        assert not [finding for finding in workspace.store.findings() if finding.source == "empty.md"]


def test_an_unknown_source_forgets_nothing_and_names_one_like_it(site: Site) -> None:
    with (
        open_workspace(site.workspace) as workspace,
        pytest.raises(UserError, match=r"no source 'people/salary\.md'") as e,
    ):
        forget(workspace, ["people.md", "people/salary.md"])
    assert "people/salaries.md" in str(e.value.hint)
    assert held(site) == set(WORDS)


def test_the_command_says_what_was_removed_and_what_comes_next(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(site.root)
    ended = run("forget", "people/salaries.md", "--workspace", "workspace")
    assert ended.code == 0
    assert "Forgot   people/salaries.md" in ended.out
    assert "the draft releases; build it again" in ended.out
    write_pages(site.pages(), {"people/salaries.md": SECRETIVE})
    site.ingest()
    data = json.loads(run("forget", "people/salaries.md", "--workspace", "workspace", "--json").out)
    assert data == {"sources": ["people/salaries.md"], "drafts": [], "builds": 0, "still_held": []}


def test_without_a_workspace_none_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for command in (("forget", "a.md"), ("explain", "a.md:1")):
        ended = run(*command)
        assert ended.code == 2
        assert "no workspace" in ended.err
    assert list(tmp_path.iterdir()) == []
