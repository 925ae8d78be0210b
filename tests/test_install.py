"""Installing: a skill where agents load it, whole or not at all, and nothing of anybody else lost without a word."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import skills_ref
from cli_runner import Ended, run
from corpus_builder import file_bytes, file_times
from hypothesis import given
from hypothesis import strategies as st

from skillgen.errors import UserError
from skillgen.install import plan_section, skills_folder, write_section
from skillgen.model.install import SkillFiles
from skillgen.validate import validate_package

SKILL = """\
---
name: "on-call"
description: "Who is called at night, and what to do first. Use when an alert fires."
metadata:
  generator: "skillgen 1"
---

# On call

Read [steps](references/steps.md) when an alert fires.
"""
FILES = {"SKILL.md": SKILL, "references/steps.md": "# Steps\n\n1. Look.\n", "LICENSE": "Ours.\n"}
HOME = Path(".claude/skills/on-call")


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "project"
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    write(folder / "skills" / "on-call")
    monkeypatch.chdir(folder)
    return folder


def write(folder: Path, files: dict[str, str] | None = None) -> Path:
    for path, text in (FILES if files is None else files).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return folder


def install(*options: str | Path, to: str = "claude") -> Ended:
    return run("install", "skills/on-call", "--to", to, *options)


def refused(ended: Ended) -> str:
    assert (ended.code, ended.out) == (2, "")
    assert "Traceback" not in ended.err
    assert "\nNext:  " in ended.err
    return ended.err


# -- where agents look -------------------------------------------------------------------------------------------------

PLACES = {
    "claude": (".claude/skills", ".claude/skills"),
    "agents": (".agents/skills", ".agents/skills"),
    "github": (".github/skills", ".copilot/skills"),
}


@pytest.mark.parametrize("agent", PLACES)
@pytest.mark.parametrize("user", [False, True], ids=["project", "user"])
def test_an_agent_finds_a_valid_skill_in_its_folder(agent: str, tmp_path: Path, *, user: bool) -> None:
    ended = install(*(["--user"] if user else []), to=agent)
    assert ended.code == 0
    base = tmp_path / ("home" if user else "project")
    folder = base / PLACES[agent][user] / "on-call"
    assert file_bytes(folder) == {path: text.encode() for path, text in FILES.items()}
    assert validate_package(folder) == ()
    assert skills_ref.validate(folder) == []
    assert "valid there by the 13 hard rules" in ended.out


def test_without_a_place_it_is_the_folder_that_many_agents_read() -> None:
    assert run("install", "skills/on-call").code == 0
    assert Path(".agents/skills/on-call/SKILL.md").is_file()


def test_several_places_and_a_folder_of_ones_own_are_written_at_once() -> None:
    ended = install("--to", "./lib/skills", "--to", "lib/skills", "--json")
    assert [place["folder"] for place in ended.json["places"]] == [str(HOME), "lib/skills/on-call"]
    assert file_bytes(HOME) == file_bytes(Path("lib/skills/on-call"))


def test_beside_the_skill_stands_one_hidden_file_that_names_no_place_and_no_time(project: Path) -> None:
    install()
    assert [path.name for path in sorted(Path(".claude/skills").iterdir())] == [".on-call.skillgen.json", "on-call"]
    memory = Path(".claude/skills/.on-call.skillgen.json").read_text(encoding="utf-8")
    assert set(json.loads(memory)) == {"skill", "files"}
    assert str(project) not in memory


@pytest.mark.parametrize(
    ("arguments", "said", "hint"),
    [
        (("skills/on-call", "--to", "cluade"), "neither an agent nor a folder 'cluade'", "./cluade"),
        (("skills/on-call", "--to", "./x", "--user"), "--user goes with an agent's name", "claude"),
        (("skills/nope",), "no SKILL.md", "skillgen build"),
        (("skills/on-call/SKILL.md",), "is a file, no package", "OUT/NAME"),
        (("skills/on-call", "--to", "./skills"), "stands in skills already", "--to"),
        (("skills/on-call", "--to", "./skills/on-call/inner"), "already", "--to"),
        (("skills/on-call", "--to", "./skills/on-call/SKILL.md"), "already", "--to"),
        (("skills/on-call", "--to", "./file"), "cannot be written", "Give another folder"),
        (("on-call", "--remove"), "did not install on-call", "--to"),
        (("*", "--remove"), "no name of a skill", "folder of the package"),
        (("skills/on-call", "--agents-md", "skills"), "cannot be read", "--agents-md"),
    ],
)
def test_a_mistake_is_told_with_the_next_step(project: Path, arguments: tuple[str, ...], said: str, hint: str) -> None:
    (project / "file").touch()
    before = file_bytes(project)
    err = refused(run("install", *arguments))
    assert said in err.partition("Next:")[0]
    assert hint in err.partition("Next:")[2]
    assert file_bytes(project) == before


def test_a_package_that_breaks_a_hard_rule_is_refused(project: Path) -> None:
    (project / "skills" / "on-call" / "references" / "SKILL.md").touch()
    ended = install()
    assert ended.code == 1
    assert "H12 references/SKILL.md" in ended.err
    assert not Path(".claude").exists()


def test_advice_on_the_package_is_shown_and_stops_nothing(project: Path) -> None:
    (project / "skills" / "on-call" / "references" / "more.md").write_text("# More\n", encoding="utf-8")
    ended = install()
    assert ended.code == 0
    assert "Warning    references/more.md: Link it" in ended.out


def test_what_only_the_making_needs_is_left_out_and_named(project: Path) -> None:
    package = project / "skills" / "on-call"
    made = ["evals/evals.json", "scripts/__pycache__/run.pyc", ".git/HEAD", ".DS_Store", "x/node_modules/y.js"]
    write(package, {**dict.fromkeys(made, ""), "scripts/run.py": "", "references/evals/x.csv": ""})
    (package / "scripts" / "run.py").chmod(0o755)
    ended = install("--json")
    assert sorted(ended.json["left_out"]) == sorted(made)
    assert set(file_bytes(HOME)) == {*FILES, "scripts/run.py", "references/evals/x.csv"}
    assert os.access(HOME / "scripts" / "run.py", os.X_OK)
    assert not os.access(HOME / "SKILL.md", os.X_OK)


# -- again -------------------------------------------------------------------------------------------------------------


def test_the_same_package_again_writes_nothing(project: Path) -> None:
    install()
    before = file_times(project)
    ended = install("--json")
    assert ended.json["places"][0]["status"] == "unchanged"
    assert file_times(project) == before


def test_a_new_build_replaces_changes_and_removes_only_its_own(project: Path) -> None:
    package = write(project / "skills" / "on-call", {"references/old.md": "# Old\n"})
    install()
    (package / "references" / "old.md").unlink()
    (package / "references" / "steps.md").write_text("# Steps\n\n1. Call.\n", encoding="utf-8")
    place = install("--json").json["places"][0]
    assert (place["status"], place["changed"]) == ("updated", ["references/old.md", "references/steps.md"])
    assert (place["replaced"], place["kept"]) == ([], [])
    assert file_bytes(HOME) == file_bytes(package)


def test_a_script_that_can_be_run_now_is_a_change(project: Path) -> None:
    script = write(project / "skills" / "on-call", {"scripts/run.sh": "#!/bin/sh\n"}) / "scripts" / "run.sh"
    install()
    script.chmod(0o755)
    assert install("--json").json["places"][0]["changed"] == ["scripts/run.sh"]
    assert os.access(HOME / "scripts" / "run.sh", os.X_OK)


def test_a_committed_copy_is_known_in_another_checkout(project: Path, tmp_path: Path) -> None:
    install()
    (project / ".claude").rename(tmp_path / ".claude")
    (project / "skills" / "on-call" / "SKILL.md").write_text(SKILL + "\nMore.\n", encoding="utf-8")
    assert install(to=str(tmp_path / ".claude" / "skills")).code == 0


def test_a_file_that_a_person_made_runnable_was_changed_since(project: Path) -> None:
    write(project / "skills" / "on-call", {"scripts/run.sh": "#!/bin/sh\n"})
    install()
    (HOME / "scripts" / "run.sh").chmod(0o755)
    assert "  scripts/run.sh: changed since it was installed\n" in refused(install())


# -- what a person wrote -----------------------------------------------------------------------------------------------


@pytest.fixture
def touched(project: Path) -> Path:
    """Install; then a person edits a file, adds one, and the package gets a new text in the place of another."""
    install()
    (HOME / "references" / "steps.md").write_text("mine\n", encoding="utf-8")
    write(HOME, {"notes.md": "mine\n", "references/new.md": "mine\n"})
    (HOME / "notes.md").chmod(0o600)
    write(project / "skills" / "on-call", {"references/new.md": "# New\n"})
    return project


def test_files_that_a_person_wrote_or_changed_are_refused_and_listed(touched: Path) -> None:
    before = file_times(touched)
    err = refused(install())
    assert "  notes.md: not written by skillgen\n" in err
    assert "  references/new.md: not written by skillgen\n" in err
    assert "  references/steps.md: changed since it was installed\n" in err
    assert "--force loses what is in references/new.md and references/steps.md and keeps the rest." in err
    assert file_times(touched) == before


def test_force_says_what_it_replaced_and_keeps_what_is_in_nobodys_way(touched: Path) -> None:
    place = install("--force", "--json").json["places"][0]
    assert place["replaced"] == ["references/new.md", "references/steps.md"]
    assert place["kept"] == ["notes.md"]
    assert file_bytes(HOME) == {**file_bytes(touched / "skills" / "on-call"), "notes.md": b"mine\n"}
    assert (HOME / "notes.md").stat().st_mode & 0o777 == 0o600
    text = install("--force").out
    assert "Kept       notes.md" in text
    assert "Replaced" not in text


@pytest.mark.parametrize("second", [True, False], ids=["refused-second", "refused-first"])
def test_where_one_place_is_refused_none_is_written(touched: Path, *, second: bool) -> None:
    places = ("agents", "claude") if second else ("claude", "agents")
    refused(run("install", "skills/on-call", "--to", places[0], "--to", places[1], "--agents-md", "AGENTS.md"))
    assert not (touched / ".agents").exists()
    assert not (touched / "AGENTS.md").exists()


def test_what_a_system_leaves_behind_is_nobodys_work() -> None:
    install()
    write(HOME, {".DS_Store": "", "scripts/__pycache__/x.pyc": ""})
    assert install().code == 0


@pytest.mark.parametrize("force", [(), ("--force",)], ids=["plain", "force"])
@pytest.mark.parametrize("head", ['author: "skillgen 1"', 'generator: "other 1"'])
def test_a_skill_of_somebody_else_is_never_replaced(project: Path, head: str, force: tuple[str, ...]) -> None:
    write(HOME, {"SKILL.md": SKILL.replace('generator: "skillgen 1"', head)})
    before = file_times(project)
    err = refused(install(*force))
    assert "that skillgen did not write" in err
    assert "--name" in err
    assert file_times(project) == before


@pytest.mark.parametrize("force", [(), ("--force",)], ids=["plain", "force"])
def test_a_name_that_another_folders_skill_has_is_refused(project: Path, force: tuple[str, ...]) -> None:
    write(project / ".claude" / "skills" / "pager", {"SKILL.md": SKILL})
    err = refused(install(*force))
    assert ".claude/skills/pager/SKILL.md is a skill called on-call too" in err
    assert not HOME.exists()


def test_a_copy_that_skillgen_made_but_does_not_remember_is_replaced_by_force_only() -> None:
    write(HOME, {"SKILL.md": SKILL + "\nOlder.\n", "references/steps.md": FILES["references/steps.md"]})
    assert "  SKILL.md: not written by skillgen\n" in refused(install())
    assert install("--force", "--json").json["places"][0]["replaced"] == ["SKILL.md"]


@pytest.mark.parametrize("damage", ["", "{", "[]", "null", '{"files": 3}', '{"files": {"a": 1}}', "\xff"])
def test_with_a_damaged_memory_no_file_is_ours(project: Path, damage: str) -> None:
    install()
    Path(".claude/skills/.on-call.skillgen.json").write_bytes(damage.encode("latin-1"))
    assert install("--json").json["places"][0]["status"] == "unchanged"
    Path(".claude/skills/.on-call.skillgen.json").write_bytes(damage.encode("latin-1"))
    write(project / "skills" / "on-call", {"references/steps.md": "# Other\n"})
    assert "references/steps.md: not written by skillgen" in refused(install())


def test_a_file_of_a_person_that_would_make_the_skill_invalid_stops_even_force(project: Path) -> None:
    install()
    write(HOME, {"references/skill.md": "mine"})
    write(project / "skills" / "on-call", {"references/steps.md": "# Other\n"})
    before = file_bytes(project)
    ended = install("--force")
    assert ended.code == 1
    assert "H12 references/skill.md" in ended.err
    assert file_bytes(project) == before


# -- links -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("link", [".claude", ".claude/skills"])
def test_an_agents_folder_that_leads_out_of_the_project_is_refused(project: Path, tmp_path: Path, link: str) -> None:
    (tmp_path / "outside").mkdir()
    (project / link).parent.mkdir(exist_ok=True)
    (project / link).symlink_to(tmp_path / "outside")
    assert "leads out of" in refused(install("--force"))
    assert file_bytes(tmp_path / "outside") == {}


def test_an_agents_folder_that_leads_to_another_one_of_the_project_is_followed(project: Path) -> None:
    (project / ".agents" / "skills").mkdir(parents=True)
    (project / ".claude").mkdir()
    (project / ".claude" / "skills").symlink_to("../.agents/skills")
    assert install("--to", "agents", "--json").json["places"][0]["status"] == "installed"
    assert (project / ".agents" / "skills" / "on-call" / "SKILL.md").is_file()


@pytest.mark.parametrize("link", [".", "references", "SKILL.md", "references/extra.md"])
def test_a_link_in_the_skills_place_is_refused_even_with_force(tmp_path: Path, link: str) -> None:
    outside = write(tmp_path / "outside")
    place = HOME / link
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(outside / link)
    before = file_bytes(outside)
    assert "is a link" in refused(install("--force"))
    assert file_bytes(outside) == before
    assert place.is_symlink()


def test_a_link_in_the_place_of_the_memory_is_refused(tmp_path: Path) -> None:
    install()
    memory = Path(".claude/skills/.on-call.skillgen.json")
    memory.rename(tmp_path / "memory.json")
    memory.symlink_to(tmp_path / "memory.json")
    assert "is a link" in refused(install("--force"))


def test_a_link_in_the_package_is_not_carried_along(project: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.md").write_text("secret", encoding="utf-8")
    (project / "skills" / "on-call" / "references" / "x.md").symlink_to(tmp_path / "secret.md")
    assert "is a link" in refused(install())
    assert not Path(".claude").exists()


# -- whole or not at all -----------------------------------------------------------------------------------------------


def test_an_interrupted_swap_puts_the_old_skill_back(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install()
    before = file_bytes(HOME)
    write(project / "skills" / "on-call", {"references/steps.md": "# Other\n"})
    real = Path.rename

    def rename(self: Path, target: Path) -> Path:
        if target == HOME and "new" in self.parts:
            raise KeyboardInterrupt
        return real(self, target)

    monkeypatch.setattr(Path, "rename", rename)
    assert install().code == 130
    assert file_bytes(HOME) == before
    assert len(list(HOME.parent.iterdir())) == 2
    monkeypatch.undo()
    os.chdir(project)
    assert install().code == 0
    assert file_bytes(HOME) == file_bytes(project / "skills" / "on-call")


KILLED = """
import os, sys
from pathlib import Path
import skillgen.artifacts
count = int(sys.argv.pop(1))
def counted(method):
    def call(self, *rest):
        global count
        count -= 1
        if count < 0:
            os._exit(9)
        return method(self, *rest)
    return call
Path.rename = counted(Path.rename)
Path.replace = counted(Path.replace)
from skillgen.__main__ import main
main()
"""


@pytest.mark.parametrize("steps", [0, 1, 2, 3, 4])
def test_a_killed_install_is_finished_by_the_next(project: Path, steps: int) -> None:
    """The renames of an update: memory of both, old out, new in, memory of the new; the fifth run is not killed."""
    install()
    old = file_bytes(HOME)
    write(project / "skills" / "on-call", {"references/steps.md": "# Other\n", "references/x.txt": "x"})
    new = file_bytes(project / "skills" / "on-call")
    command = [sys.executable, "-c", KILLED, str(steps), "install", "skills/on-call", "--to", "claude"]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == (0 if steps == 4 else 9)
    assert not HOME.exists() or file_bytes(HOME) in (old, new)
    assert install("--json").json["places"][0]["replaced"] == []
    assert file_bytes(HOME) == new
    assert len(list(HOME.parent.iterdir())) == 2


def test_what_a_person_keeps_in_the_folder_survives_a_kill(project: Path) -> None:
    install()
    write(HOME, {"notes.md": "mine\n"})
    write(project / "skills" / "on-call", {"references/steps.md": "# Other\n"})
    command = [sys.executable, "-c", KILLED, "2", "install", "skills/on-call", "--to", "claude", "--force"]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 9
    assert not HOME.exists()
    assert "  notes.md: not written by skillgen\n" in refused(install())
    assert (HOME / "notes.md").read_text(encoding="utf-8") == "mine\n"
    assert (HOME / "SKILL.md").is_file()


def test_a_place_that_cannot_be_written_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def mkdir(*_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(Path, "mkdir", mkdir)
    assert "cannot be written (Read-only file system)" in refused(install())


# -- away again --------------------------------------------------------------------------------------------------------


def test_remove_takes_away_only_what_install_wrote(project: Path) -> None:
    before = file_bytes(project)
    install()
    write(HOME, {"notes.md": "mine\n", ".DS_Store": "", "scripts/__pycache__/x.pyc": ""})
    write(project / ".claude" / "skills" / "other", {"SKILL.md": "mine"})
    ended = run("install", "on-call", "--to", "claude", "--remove", "--json")
    place = ended.json["places"][0]
    assert (place["status"], place["changed"], place["kept"]) == ("removed", sorted(FILES), ["notes.md"])
    mine = {str(HOME / "notes.md"): b"mine\n", ".claude/skills/other/SKILL.md": b"mine"}
    assert file_bytes(project) == {**before, **mine}


def test_remove_leaves_no_folder_behind_and_needs_no_package(project: Path) -> None:
    install()
    for path in FILES:
        (project / "skills" / "on-call" / path).unlink()
    assert install("--remove").code == 0
    assert list(Path(".claude/skills").iterdir()) == []


def test_remove_refuses_what_was_changed_since_and_force_says_what_was_lost(project: Path) -> None:
    install()
    (HOME / "SKILL.md").write_text("mine", encoding="utf-8")
    before = file_times(project)
    assert "  SKILL.md: changed since it was installed\n" in refused(install("--remove"))
    assert file_times(project) == before
    assert install("--remove", "--force", "--json").json["places"][0]["replaced"] == ["SKILL.md"]
    assert not HOME.exists()


def test_an_interrupted_removal_leaves_no_half_skill_and_is_finished_by_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    install()
    write(HOME, {"A.md": "mine"})
    real, left = Path.unlink, [1]

    def unlink(self: Path, *, missing_ok: bool = False) -> None:
        if not left:
            raise KeyboardInterrupt
        left.pop()
        real(self, missing_ok=missing_ok)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", unlink)
        assert install("--remove").code == 130
    assert set(file_bytes(HOME)) == {*FILES, "A.md"} - {"SKILL.md"}
    assert install("--remove").code == 0
    assert set(file_bytes(HOME)) == {"A.md"}


def test_remove_of_what_a_person_deleted_forgets_it() -> None:
    install()
    for path in FILES:
        (HOME / path).unlink()
    assert install("--remove").code == 0
    assert not list(Path(".claude/skills").iterdir())


# -- AGENTS.md ---------------------------------------------------------------------------------------------------------


def test_agents_md_lists_the_skill_with_description_and_path(project: Path) -> None:
    (project / "AGENTS.md").write_bytes(b"# Ours\r\n\r\nBe kind.")
    assert install("--agents-md", "AGENTS.md", "--json").json["agents_md"]["status"] == "added"
    text = (project / "AGENTS.md").read_bytes().decode()
    assert text.startswith("# Ours\r\n\r\nBe kind.\r\n\r\n<!-- skillgen:begin on-call -->\r\n")
    assert "Who is called at night, and what to do first. Use when an alert fires.\r\n" in text
    assert "`.claude/skills/on-call/SKILL.md`" in text
    assert "\n" not in text.replace("\r\n", "")


def test_the_path_is_that_of_the_first_place_seen_from_the_file() -> None:
    install("--agents-md", "docs/agents/AGENTS.md")
    assert "`../../.claude/skills/on-call/SKILL.md`" in Path("docs/agents/AGENTS.md").read_text(encoding="utf-8")
    install("--user", "--agents-md", "AGENTS.md")
    assert "`~/.claude/skills/on-call/SKILL.md`" in Path("AGENTS.md").read_text(encoding="utf-8")


def test_the_next_run_replaces_the_section_in_its_place(project: Path) -> None:
    file = project / "AGENTS.md"
    install("--agents-md", "AGENTS.md")
    file.write_text("# Ours\n\n" + file.read_text(encoding="utf-8") + "\nBe kind.\n", encoding="utf-8")
    file.chmod(0o600)
    before = file.read_text(encoding="utf-8")
    write(project / "skills" / "on-call", {"SKILL.md": SKILL.replace("an alert fires.", "the pager rings.")})
    assert install("--agents-md", "AGENTS.md", "--json").json["agents_md"]["status"] == "updated"
    after = file.read_text(encoding="utf-8")
    assert "Use when the pager rings." in after
    assert [line for line in after.split("\n") if line not in before.split("\n")] == [
        "Who is called at night, and what to do first. Use when the pager rings.",
        next(line for line in after.split("\n") if line.startswith("<!-- skillgen:end")),
    ]
    assert file.stat().st_mode & 0o777 == 0o600
    times = file_times(project)
    assert install("--agents-md", "AGENTS.md", "--json").json["agents_md"]["status"] == "unchanged"
    assert file_times(project) == times


def test_a_section_that_was_changed_by_hand_is_refused_and_nothing_is_installed(project: Path) -> None:
    install("--agents-md", "AGENTS.md", to="github")
    file = project / "AGENTS.md"
    edited = file.read_text(encoding="utf-8").replace("at night", "by day")
    file.write_text(edited, encoding="utf-8")
    assert "was changed by hand" in refused(install("--agents-md", "AGENTS.md"))
    assert file.read_text(encoding="utf-8") == edited
    assert not HOME.exists()
    assert "the section had been changed by hand" in install("--agents-md", "AGENTS.md", "--force").out
    assert "at night" in file.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "text",
    [
        "<!-- skillgen:begin on-call -->\n",
        "<!-- skillgen:end on-call 0123456789ab -->\n",
        "<!-- skillgen:end on-call -->\n<!-- skillgen:begin on-call -->\n",
        "<!-- skillgen:begin on-call -->\n<!-- skillgen:end on-call -->\n" * 2,
    ],
)
def test_markers_that_are_no_pair_are_refused(project: Path, text: str) -> None:
    (project / "AGENTS.md").write_text(text, encoding="utf-8")
    assert "are no pair" in refused(install("--agents-md", "AGENTS.md", "--force"))
    assert not HOME.exists()


def test_remove_takes_the_section_away_and_a_file_that_held_nothing_else(project: Path) -> None:
    install("--agents-md", "AGENTS.md")
    (project / "CLAUDE.md").write_text("# Ours\n", encoding="utf-8")
    install("--agents-md", "CLAUDE.md")
    install("--agents-md", "CLAUDE.md", "--remove")
    assert (project / "CLAUDE.md").read_text(encoding="utf-8") == "# Ours\n"
    install()
    assert install("--agents-md", "AGENTS.md", "--remove", "--json").json["agents_md"]["status"] == "removed"
    assert not (project / "AGENTS.md").exists()
    install()
    assert install("--agents-md", "AGENTS.md", "--remove", "--json").json["agents_md"]["status"] == "absent"


def test_an_agents_md_that_is_a_link_inside_the_folder_stays_one(project: Path, tmp_path: Path) -> None:
    (project / "AGENTS.md").write_text("# Ours\n", encoding="utf-8")
    (project / "CLAUDE.md").symlink_to("AGENTS.md")
    install("--agents-md", "CLAUDE.md")
    assert (project / "CLAUDE.md").is_symlink()
    assert "skillgen:begin" in (project / "AGENTS.md").read_text(encoding="utf-8")
    (tmp_path / "OUT.md").write_text("mine", encoding="utf-8")
    (project / "OUT.md").symlink_to(tmp_path / "OUT.md")
    assert "leads by a link" in refused(install("--agents-md", "OUT.md"))
    assert (tmp_path / "OUT.md").read_text(encoding="utf-8") == "mine"


LINES = st.lists(
    st.sampled_from(
        ["", "# A", "text", "<!-- skillgen:begin other -->", "<!-- skillgen:end other 0123456789ab -->", "é"]
    ),
    max_size=8,
)


@given(before=LINES, after=LINES, newline=st.sampled_from(["\n", "\r\n"]), description=st.text(max_size=60))
def test_all_outside_the_section_stays_byte_for_byte(
    tmp_path_factory: pytest.TempPathFactory, before: list[str], after: list[str], newline: str, description: str
) -> None:
    file = tmp_path_factory.mktemp("agents") / "AGENTS.md"
    skill = SkillFiles(name="on-call", description=description.encode("utf-8", "replace").decode(), files=())
    head, tail = ("".join(line + newline for line in lines) for lines in (before, after))
    file.write_bytes(head.encode())
    write_section(plan_section(file, "on-call", skill, "x/SKILL.md"))
    added = file.read_bytes()
    assert added.startswith(head.encode())
    file.write_bytes(added + tail.encode())
    renewed = SkillFiles(name="on-call", description="other", files=())
    plan = plan_section(file, "on-call", renewed, "y/SKILL.md")
    write_section(plan)
    middle = file.read_bytes()
    assert middle.startswith(head.encode())
    assert middle.endswith(tail.encode())
    again = plan_section(file, "on-call", renewed, "y/SKILL.md")
    assert again.status == "unchanged"
    file.write_bytes(added)
    write_section(plan_section(file, "on-call", None, ""))
    assert (file.read_bytes() if file.exists() else b"") == head.encode()


def test_a_typo_is_told_even_where_a_file_has_that_name(project: Path) -> None:
    (project / "claud").touch()
    with pytest.raises(UserError, match="neither an agent nor a folder"):
        skills_folder("claud", project=project, home=project)
