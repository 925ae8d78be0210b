"""The check: which citations still hold in the pages as they are, by the command, as JSON and as SARIF."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from built_skill import SETTINGS, built_in, own_copy
from cli_runner import run
from corpus_builder import PAGES, write_pages

from skillgen.coverage import score_coverage
from skillgen.decisions import add_answers, decision_about, make_answer, record
from skillgen.draft import draft_from_json, draft_json
from skillgen.model.draft import Draft
from skillgen.pipeline.check import check_package
from skillgen.plan import plan_of
from skillgen.settings import load_settings

NIGHTLY = "ops/nightly.md"
ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with pages and a built skill."""
    return built_in(tmp_path_factory.mktemp("built"), PAGES)


@pytest.fixture
def here(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same in a folder of the test's own, which is the current one."""
    return own_copy(built, tmp_path / "docs", monkeypatch)


def edit(here: Path, page: str, change: Callable[[str], str]) -> None:
    path = here / "wiki" / page
    text = path.read_text(encoding="utf-8")
    assert change(text) != text
    path.write_text(change(text), encoding="utf-8")


def draft_of(here: Path) -> Draft:
    return draft_from_json((here / ".skillgen/drafts/releases.json").read_text(encoding="utf-8"))


def check(*options: str) -> tuple[int, dict[str, Any]]:
    ended = run("check", "skills/releases", "--json", *options)
    return ended.code, ended.json


def states(report: dict[str, Any], page: str) -> set[str]:
    return {one["state"] for one in report["citations"] if one["source"] == page}


# -- citations -----------------------------------------------------------------------------------------------------


def test_everything_holds_right_after_the_build(here: Path) -> None:
    code, report = check()
    assert code == 0
    assert not report["failed"]
    assert {one["state"] for one in report["citations"]} == {"exact"}
    assert report["newer"] == []
    assert [target["now"] for target in report["targets"]] == [target["built"] for target in report["targets"]]


def test_a_quote_that_moved_on_its_page_is_told_with_its_new_lines_and_fails_only_when_strict(here: Path) -> None:
    edit(here, NIGHTLY, lambda text: text.replace("# Nightly job\n", "# Nightly job\n\nBlue is nice.\n"))
    code, report = check()
    assert code == 0
    moved = [one for one in report["citations"] if one["source"] == NIGHTLY]
    assert {one["state"] for one in moved} == {"moved"}
    assert [one["now_lines"][0] - one["lines"][0] for one in moved] == [2] * len(moved)
    assert [page["source"] for page in report["newer"]] == [NIGHTLY]
    assert check("--strict")[0] == 1


def test_a_quote_that_stands_on_another_page_now_fails_and_says_where(here: Path) -> None:
    text = (here / "wiki" / NIGHTLY).read_text(encoding="utf-8")
    (here / "wiki" / NIGHTLY).unlink()
    (here / "wiki" / "night.md").write_text("# Other\n\n" + text, encoding="utf-8")
    code, report = check()
    assert code == 1
    moved = [one for one in report["citations"] if one["source"] == NIGHTLY]
    assert {(one["state"], one["now_source"]) for one in moved} == {("moved", "night.md")}
    assert report["newer"] == [{"source": NIGHTLY, "claims": 1, "gone": True}]


def test_a_changed_word_is_told_with_the_nearest_text(here: Path) -> None:
    edit(here, NIGHTLY, lambda text: text.replace("02:15", "03:40"))
    code, report = check()
    assert code == 1
    changed = [one for one in report["citations"] if one["state"] == "changed"]
    assert changed
    assert {one["source"] for one in changed} == {NIGHTLY}
    assert all(0.7 <= one["likeness"] < 1 for one in changed)
    assert changed[0]["now_lines"] == [3, 3] or changed[0]["now_lines"] == [3, 5]


def test_what_was_deleted_is_gone_and_the_targets_that_rested_on_it_fall(here: Path) -> None:
    edit(here, NIGHTLY, lambda _: "# Nightly job\n\nNothing is said here any more.\n")
    code, report = check()
    assert code == 1
    assert states(report, NIGHTLY) == {"gone"}
    fallen = [target for target in report["targets"] if target["now"] < target["built"]]
    assert "Nightly jobs" in fallen[0]["text"]


def test_the_same_words_under_another_heading_do_not_hold(here: Path) -> None:
    edit(here, "deploy.md", lambda text: text.replace("## Rollback", "## Never do this"))
    code, report = check()
    assert code == 1
    notes = {one["note"] for one in report["citations"] if one["state"] == "changed"}
    assert notes == {"it stands under another heading: Deploys > Never do this"}


def test_of_a_page_that_was_added_nothing_is_told(here: Path) -> None:
    write_pages(here / "wiki", {"new.md": "# New\n\nA page that nothing cites.\n"})
    assert check() == (0, check()[1])


def test_owners_answers_are_checked_against_the_decisions_file(here: Path) -> None:
    path = here / "skillgen-decisions" / "releases.yaml"
    answer = make_answer(facet="", question="Which colour has the harbour crane?", text="The harbour crane has the "
                         "colour RAL 3020.", by="Jo", on="2026-01-02")  # fmt: skip
    add_answers(path, [answer])
    assert run("build").code == 0
    assert check()[0] == 0
    path.unlink()
    code, report = check()
    assert code == 1
    assert states(report, "owner-statements/releases.md") == {"gone"}


# -- targets and decisions -----------------------------------------------------------------------------------------


def test_the_targets_of_a_draft_score_as_at_its_build(here: Path) -> None:
    draft = draft_of(here)
    coverage = score_coverage(plan_of(draft), draft.claims)[0]
    assert coverage.overall == draft.coverage.overall
    assert [(one.id, one.score) for one in coverage.targets] == [(o.id, o.score) for o in draft.coverage.targets]


def test_a_target_under_its_floor_fails(here: Path) -> None:
    target = next(target for target in draft_of(here).coverage.targets if target.score > 0)
    assert check("--fail-under", str(target.score))[1]["targets"]
    code, report = check("--fail-under", "1")
    assert code == 1
    assert any(one["under"] for one in report["targets"])


def test_single_targets_may_have_floors_by_text_or_id_and_a_wrong_name_is_refused(here: Path) -> None:
    targets = draft_of(here).coverage.targets
    toml = SETTINGS + f'[check.floors]\n"{targets[0].text}" = 1.0\n"{targets[1].id}" = 0.0\n'
    (here / "skillgen.toml").write_text(toml, encoding="utf-8")
    report = check_package(load_settings(Path()), Path("skills/releases")).report
    assert [target.floor for target in report.targets] == [1.0, 0.0, 0.0]
    assert report.failed == (report.targets[0].now < 1)
    (here / "skillgen.toml").write_text(SETTINGS + '[check.floors]\n"Deploy stops" = 1.0\n', encoding="utf-8")
    ended = run("check", "skills/releases")
    assert ended.code == 2
    assert "names 'Deploy stops', which is no target" in ended.err


def test_decisions_that_no_longer_hold_fail_but_not_that_a_rejected_claim_vanished(here: Path) -> None:
    claims = draft_of(here).claims
    path = here / "skillgen-decisions" / "releases.yaml"
    record(path, [decision_about(claims[0], "accepted", by="Ann")])
    assert check()[0] == 0
    source = claims[0].citations[-1].source
    edit(here, source, lambda _: "# Other\n\nNothing of it is left here at all, and nobody misses it.\n")
    assert run("build").code == 0
    code, report = check()
    assert code == 1
    assert [(one["state"], one["open"]) for one in report["decisions"]] == [("orphaned", True)]
    record(path, [decision_about(claims[0], "rejected", by="Ann", reason="wrong")])
    code, report = check()
    assert code == 0
    assert [(one["state"], one["open"]) for one in report["decisions"]] == [("orphaned", False)]


# -- without a workspace -------------------------------------------------------------------------------------------


def test_a_committed_draft_is_enough(here: Path) -> None:
    (here / "skillgen.toml").write_text(SETTINGS + '[review]\ndrafts = "skillgen-drafts"\n', encoding="utf-8")
    assert run("build").code == 0
    shutil.rmtree(here / ".skillgen")
    assert check()[0] == 0
    edit(here, NIGHTLY, lambda text: text.replace("02:15", "03:40"))
    assert check()[0] == 1
    assert not (here / ".skillgen").exists()
    (here / "skillgen.toml").write_text(SETTINGS, encoding="utf-8")
    assert check("--draft", "skillgen-drafts/releases.json")[0] == 1
    ended = run("check", "skills/releases")
    assert ended.code == 2
    assert "`review.drafts`" in ended.err


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["skills/other"], "no package"),
        (["skills/releases", "--draft", "releases.md"], "is no draft"),
        (["skills/releases", "--draft", "none.json"], "There is no draft"),
        (["skills/releases", "--corpus", "nowhere"], "does not exist"),
        (["skills/releases", "--fail-under", "2"], "--fail-under"),
    ],
)
def test_a_mistake_exits_2_with_what_to_do(here: Path, args: list[str], message: str) -> None:
    ended = run("check", *args)
    assert (ended.code, ended.out) == (2, "")
    assert message in ended.err
    assert "Next:" in ended.err


def test_the_check_opens_no_store_and_no_index(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        pytest.fail("the workspace was opened")

    for name in ("skillgen.store.Store.__init__", "skillgen.vectors.VectorIndex.__init__"):
        monkeypatch.setattr(name, refuse)
    edit(here, NIGHTLY, lambda text: text.replace("02:15", "03:40"))
    assert check()[0] == 1


def test_the_text_fits_80_columns_and_names_what_is_broken(here: Path) -> None:
    edit(here, NIGHTLY, lambda text: text.replace("02:15", "03:40"))
    ended = run("check", "skills/releases")
    assert ended.code == 1
    assert max(len(line) for line in ended.out.splitlines()) <= 80
    assert "Broken" in ended.out
    assert NIGHTLY in ended.out
    assert "Something must be mended." in ended.out


# -- SARIF ---------------------------------------------------------------------------------------------------------

# What a reader of SARIF 2.1.0 needs; the whole schema is some thousand lines.
SARIF = {
    "type": "object",
    "required": ["version", "runs"],
    "properties": {
        "version": {"const": "2.1.0"},
        "runs": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["tool", "results"],
                "properties": {
                    "tool": {
                        "type": "object",
                        "required": ["driver"],
                        "properties": {
                            "driver": {
                                "type": "object",
                                "required": ["name", "rules"],
                                "properties": {
                                    "rules": {
                                        "type": "array",
                                        "items": {
                                            "required": ["id", "shortDescription", "defaultConfiguration"],
                                            "properties": {"shortDescription": {"required": ["text"]}},
                                        },
                                    }
                                },
                            }
                        },
                    },
                    "results": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["ruleId", "message", "locations", "level"],
                            "properties": {
                                "level": {"enum": ["none", "note", "warning", "error"]},
                                "message": {"required": ["text"]},
                                "locations": {
                                    "type": "array",
                                    "minItems": 1,
                                    "items": {
                                        "required": ["physicalLocation"],
                                        "properties": {
                                            "physicalLocation": {
                                                "required": ["artifactLocation", "region"],
                                                "properties": {
                                                    "artifactLocation": {
                                                        "required": ["uri"],
                                                        "properties": {
                                                            "uri": {"type": "string", "pattern": "^[^\\\\ ]+$"}
                                                        },
                                                    },
                                                    "region": {
                                                        "required": ["startLine"],
                                                        "properties": {"startLine": {"type": "integer", "minimum": 1}},
                                                    },
                                                },
                                            }
                                        },
                                    },
                                },
                            },
                        },
                    },
                },
            },
        },
    },
}


def sarif(here: Path) -> dict[str, Any]:
    import jsonschema

    run("check", "skills/releases", "--sarif", "found.sarif")
    log: dict[str, Any] = json.loads((here / "found.sarif").read_text(encoding="utf-8"))
    jsonschema.validate(log, SARIF)
    return log


def test_sarif_shows_each_finding_at_its_place_in_the_page(here: Path) -> None:
    assert sarif(here)["runs"][0]["results"] == []
    edit(here, NIGHTLY, lambda text: text.replace("02:15", "03:40").replace("# Night", "\n\n# Night"))
    (here / "wiki" / "people.md").unlink()
    found = sarif(here)["runs"][0]
    rules = [rule["id"] for rule in found["tool"]["driver"]["rules"]]
    places = {
        (one["ruleId"], one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
         one["locations"][0]["physicalLocation"]["region"]["startLine"])
        for one in found["results"]
    }  # fmt: skip
    assert ("citation-changed", "wiki/ops/nightly.md", 5) in places
    assert ("citation-gone", "skills/releases/SKILL.md", 1) in places
    assert ("page-newer", "wiki/ops/nightly.md", 1) in places
    assert all(one["ruleId"] == rules[one["ruleIndex"]] for one in found["results"])
    prints = [one["partialFingerprints"]["skillgen/v1"] for one in found["results"]]
    edit(here, NIGHTLY, lambda text: "\n" + text)
    assert [one["partialFingerprints"]["skillgen/v1"] for one in sarif(here)["runs"][0]["results"]] == prints


def test_a_page_with_odd_characters_in_its_name_has_a_proper_address(here: Path) -> None:
    draft = draft_json(draft_of(here)).replace(NIGHTLY, "ops/a b%ü.md")
    (here / "d.json").write_text(draft, encoding="utf-8")
    (here / "wiki" / NIGHTLY).rename(here / "wiki/ops/a b%ü.md")
    edit(here, "ops/a b%ü.md", lambda text: text.replace("02:15", "03:40"))
    run("check", "skills/releases", "--draft", "d.json", "--sarif", "found.sarif")
    assert "wiki/ops/a%20b%25%C3%BC.md" in (here / "found.sarif").read_text(encoding="utf-8")


# -- in a repository of pages --------------------------------------------------------------------------------------


def test_the_pre_commit_hook_and_the_action_run_the_check(here: Path) -> None:
    import yaml

    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    assert [hook["id"] for hook in hooks] == ["skillgen-check"]
    assert hooks[0]["pass_filenames"] is False
    entry = hooks[0]["entry"].split()
    assert entry == ["skillgen", "check"]
    steps = " ".join(step.get("run", "") for step in action["runs"]["steps"])
    assert "skillgen check" in steps
    assert "--sarif" in steps
    assert "${{ inputs." not in steps  # an input is a value of the environment, never a part of a script
    assert run(*entry[1:], "skills/releases").code == 0


def test_the_hook_stops_a_commit_that_breaks_a_citation(here: Path) -> None:
    """The hook's entry, run by git itself in a repository of pages."""
    import sys

    (here / "skillgen.toml").write_text(SETTINGS + '[review]\ndrafts = "skillgen-drafts"\n', encoding="utf-8")
    assert run("build").code == 0
    git("init", "--quiet")
    hook = here / ".git" / "hooks" / "pre-commit"
    hook.write_text(f"#!/bin/sh\nexec {sys.executable} -m skillgen check skills/releases\n", encoding="utf-8")
    hook.chmod(0o755)
    git("add", "--all")
    assert git("commit", "--quiet", "-m", "pages and skill") == 0
    edit(here, NIGHTLY, lambda text: text.replace("02:15", "03:40"))
    assert git("commit", "--quiet", "--all", "-m", "another time") == 1
    edit(here, NIGHTLY, lambda text: text.replace("03:40", "02:15") + "\nBlue is nice.\n")
    assert git("commit", "--quiet", "--all", "-m", "something else") == 0


def git(*args: str) -> int:
    person = ["-c", "user.name=T", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    return subprocess.run(["git", *person, *args], capture_output=True, check=False).returncode
