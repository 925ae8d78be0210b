"""`skillgen build` as a user runs it: the package, the summary, the JSON document, the floor."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_runner import BRIEF, run, write_pages


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_pages(tmp_path / "docs")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_plain_build_works_in_a_folder_that_init_prepared(folder: Path) -> None:
    assert run("init", "--yes").code == 0
    ended = run("build")
    assert ended.code == 0
    package = folder / "skills" / BRIEF
    assert (package / "SKILL.md").is_file()
    assert f"skills/{BRIEF}/SKILL.md" in ended.out
    assert "Coverage by target" in ended.out
    assert max(map(len, ended.out.splitlines())) <= 100
    assert "Reading pages" in ended.err
    assert "Reading pages" not in ended.out
    draft = (folder / ".skillgen/drafts" / f"{BRIEF}.json").read_text(encoding="utf-8")
    files = [path.read_text(encoding="utf-8") for path in package.rglob("*.md")]
    assert not [text for text in (draft, *files) if str(folder) in text], "a folder of this machine got into the result"


def test_the_settings_file_and_the_options_build_the_same_bytes(folder: Path) -> None:
    (folder / "own.md").write_text(Path(__file__).parent.parent.joinpath(f"prompts/briefs/{BRIEF}.md").read_text())
    options = ("--corpus", "docs", "--out", "out")
    assert run("init", "--yes", *options, "--brief", "own.md").code == 0
    assert run("build").code == 0
    first = {path: path.read_bytes() for path in folder.rglob("out/**/*.md")}
    draft = (folder / ".skillgen/drafts/own.json").read_bytes()
    (folder / "skillgen.toml").unlink()
    again = run("build", "own.md", *options, "--json")
    assert again.json["changed"] == []
    assert {path: path.read_bytes() for path in folder.rglob("out/**/*.md")} == first
    assert (folder / ".skillgen/drafts/own.json").read_bytes() == draft


def test_coverage_under_the_floor_exits_1_and_the_package_is_written(folder: Path) -> None:
    ended = run("build", BRIEF, "--corpus", "docs", "--out", "out", "--name", "ours", "--fail-under", "0.99", "--json")
    assert ended.code == 1
    assert "is under --fail-under 0.99" in ended.err
    assert ended.json["under_floor"] is True
    assert (folder / "out/ours/SKILL.md").is_file()


def test_json_prints_one_document_with_what_was_built() -> None:
    ended = run("build", BRIEF, "--corpus", "docs", "--json")
    assert ended.code == 0
    built = ended.json
    assert built["skill"]["name"] == BRIEF
    assert built["package"] == f"skills/{BRIEF}"
    assert built["under_floor"] is False
    draft = json.loads(Path(built["draft"]).read_text(encoding="utf-8"))
    assert built["coverage"]["overall"] == draft["coverage"]["overall"]
    assert built["claims"] == sum(len(answer["claims"]) for answer in draft["answers"])
    assert built["ingest"]["pages"] == 3
    assert "SKILL.md" in built["changed"]


def test_a_workspace_elsewhere_and_several_corpora_can_be_named(folder: Path) -> None:
    write_pages(folder / "wiki", {"oncall.md": "# On call\n\nThe on-call engineer rotates each Monday at 09:00 UTC.\n"})
    ended = run("build", BRIEF, "--corpus", "docs", "--corpus", "wiki", "--workspace", "ws", "--json")
    assert ended.code == 0
    assert ended.json["ingest"]["pages"] == 4
    assert Path(ended.json["draft"]).parent == Path("ws/drafts")
    assert not (folder / ".skillgen").exists()


def test_a_skill_that_somebody_wrote_is_left_alone(folder: Path) -> None:
    theirs = folder / "skills" / BRIEF / "SKILL.md"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("---\nname: x\n---\nMine.\n", encoding="utf-8")
    ended = run("build", BRIEF, "--corpus", "docs", "--json")
    assert (ended.code, ended.out) == (2, "")
    assert theirs.read_text(encoding="utf-8").endswith("Mine.\n")
