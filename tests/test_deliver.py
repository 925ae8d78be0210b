"""Delivery: only what differs is written, what skillgen wrote is removed, and nothing of anybody else is touched."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from corpus_builder import file_bytes, file_times

from skillgen.artifacts import write_atomically
from skillgen.deliver import write_package
from skillgen.errors import UserError

SKILL = '---\nname: "a"\ndescription: "d"\nmetadata:\n  generator: "skillgen 1"\n---\n\n# A\n\n[B](references/b.md)\n'
FILES = {"SKILL.md": SKILL, "references/b.md": "# B\n", "references/sources.md": "# Sources\n"}


def deliver(root: Path, files: dict[str, str] | None = None) -> tuple[str, ...]:
    return write_package(root / "out" / "a", FILES if files is None else files, manifest=root / "state" / "a.json")


def test_a_new_package_is_written_whole(tmp_path: Path) -> None:
    assert deliver(tmp_path) == tuple(sorted(FILES))
    assert file_bytes(tmp_path / "out" / "a") == {path: text.encode() for path, text in FILES.items()}


def test_only_what_differs_is_written(tmp_path: Path) -> None:
    deliver(tmp_path)
    before = file_times(tmp_path)
    assert deliver(tmp_path) == ()
    assert file_times(tmp_path) == before
    assert deliver(tmp_path, {**FILES, "references/b.md": "# B2\n"}) == ("references/b.md",)
    after = file_times(tmp_path / "out")
    assert after["a/SKILL.md"] == before["out/a/SKILL.md"]


def test_a_file_that_is_no_longer_part_is_removed(tmp_path: Path) -> None:
    deliver(tmp_path)
    assert deliver(tmp_path, {"SKILL.md": SKILL}) == ("references/b.md", "references/sources.md")
    assert set(file_bytes(tmp_path / "out" / "a")) == {"SKILL.md"}


def test_a_file_that_was_removed_or_changed_by_hand_comes_back(tmp_path: Path) -> None:
    deliver(tmp_path)
    (tmp_path / "out" / "a" / "references" / "b.md").unlink()
    (tmp_path / "out" / "a" / "SKILL.md").write_text(SKILL + "\nAdded.\n", encoding="utf-8")
    assert deliver(tmp_path) == ("SKILL.md", "references/b.md")


def test_files_of_a_person_stay(tmp_path: Path) -> None:
    deliver(tmp_path)
    mine = tmp_path / "out" / "a" / "references" / "notes.md"
    mine.write_text("mine", encoding="utf-8")
    (tmp_path / "out" / "a" / "scripts").mkdir()
    (tmp_path / "out" / "a" / "scripts" / "run.sh").write_text("mine", encoding="utf-8")
    deliver(tmp_path, {"SKILL.md": SKILL})
    assert mine.read_text(encoding="utf-8") == "mine"
    assert (tmp_path / "out" / "a" / "scripts" / "run.sh").exists()


def test_a_skill_that_somebody_else_wrote_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    folder = tmp_path / "out" / "a"
    folder.mkdir(parents=True)
    (folder / "SKILL.md").write_text(
        "---\nname: a\ndescription: by hand\n---\n\nskillgen generator:\n", encoding="utf-8"
    )
    with pytest.raises(UserError, match=r"SKILL\.md was not written by skillgen") as caught:
        deliver(tmp_path)
    assert "--name" in str(caught.value.hint)
    assert set(file_bytes(tmp_path)) == {"out/a/SKILL.md"}


def test_a_file_of_a_person_in_the_place_of_a_new_one_is_refused(tmp_path: Path) -> None:
    deliver(tmp_path, {"SKILL.md": SKILL.replace("references/b.md", "references/c.md")})
    mine = tmp_path / "out" / "a" / "references" / "b.md"
    mine.parent.mkdir()
    mine.write_text("mine", encoding="utf-8")
    with pytest.raises(UserError, match=r"b\.md was not written by skillgen"):
        deliver(tmp_path)
    assert mine.read_text(encoding="utf-8") == "mine"


def test_without_a_memory_a_generated_package_is_still_ours(tmp_path: Path) -> None:
    linked = SKILL + "[S](references/sources.md)\n"
    deliver(tmp_path, {**FILES, "SKILL.md": linked})
    (tmp_path / "state" / "a.json").unlink()
    assert deliver(tmp_path, {**FILES, "references/b.md": "# New\n"}) == ("SKILL.md", "references/b.md")


@pytest.mark.parametrize("content", ["", "{", "[]", '{"folder": 1}', "null", '{"folder": "x", "files": 3}', "\xff"])
def test_a_damaged_memory_is_no_memory(tmp_path: Path, content: str) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "a.json").write_bytes(content.encode("latin-1"))
    assert deliver(tmp_path) == tuple(sorted(FILES))
    assert deliver(tmp_path) == ()


def test_a_memory_of_another_folder_removes_nothing(tmp_path: Path) -> None:
    deliver(tmp_path)
    other = tmp_path / "other" / "a"
    write_package(other, {"SKILL.md": SKILL}, manifest=tmp_path / "state" / "a.json")
    assert set(file_bytes(tmp_path / "out" / "a")) == set(FILES)


def test_a_crash_between_two_files_is_made_good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deliver(tmp_path, {"SKILL.md": SKILL})
    written: list[Path] = []

    def stopped(path: Path, text: str) -> None:
        if written:
            raise KeyboardInterrupt
        written.append(path)
        write_atomically(path, text)

    monkeypatch.setattr("skillgen.deliver.write_atomically", stopped)
    with pytest.raises(KeyboardInterrupt):
        deliver(tmp_path, {"SKILL.md": SKILL, "references/x.md": "x", "references/y.md": "y"})
    monkeypatch.undo()
    assert len(written) == 1
    (tmp_path / "out" / "a" / "references" / ".b.md.01.skillgen-part").touch()
    deliver(tmp_path)
    assert set(file_bytes(tmp_path / "out" / "a")) == set(FILES)


@pytest.mark.parametrize("path", ["../b.md", "references/../../b.md", "/b.md", "", ".", "a/./b", "a//b", "a\\b", "a\0"])
def test_a_path_that_leads_out_or_is_odd_is_no_path_of_a_package(tmp_path: Path, path: str) -> None:
    with pytest.raises(ValueError, match="no path of a package"):
        deliver(tmp_path, {"SKILL.md": SKILL, path: "x"})
    assert not (tmp_path / "out").exists()


def test_a_memory_that_names_files_outside_removes_none_of_them(tmp_path: Path) -> None:
    deliver(tmp_path)
    (tmp_path / "out" / "precious.md").write_text("mine", encoding="utf-8")
    memory = tmp_path / "state" / "a.json"
    data = json.loads(memory.read_text(encoding="utf-8"))
    data["files"] += ["../precious.md", str(tmp_path / "out" / "precious.md")]
    memory.write_text(json.dumps(data), encoding="utf-8")
    deliver(tmp_path)
    assert (tmp_path / "out" / "precious.md").read_text(encoding="utf-8") == "mine"


# -- links -------------------------------------------------------------------------------------------------------------


def test_a_linked_folder_in_the_package_is_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "b.md").write_text("mine", encoding="utf-8")
    (tmp_path / "out" / "a").mkdir(parents=True)
    (tmp_path / "out" / "a" / "references").symlink_to(outside)
    with pytest.raises(UserError, match="references is no folder of the package's own"):
        deliver(tmp_path)
    assert file_bytes(outside) == {"b.md": b"mine"}
    assert not (tmp_path / "out" / "a" / "SKILL.md").exists()


def test_a_folder_that_became_a_link_loses_none_of_its_files(tmp_path: Path) -> None:
    deliver(tmp_path)
    references = tmp_path / "out" / "a" / "references"
    references.rename(tmp_path / "kept")
    references.symlink_to(tmp_path / "kept")
    deliver(tmp_path, {"SKILL.md": SKILL})
    assert set(file_bytes(tmp_path / "kept")) == {"b.md", "sources.md"}


@pytest.mark.parametrize("name", ["SKILL.md", "references/b.md"])
def test_a_link_in_the_place_of_a_file_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "target.md").write_text(SKILL, encoding="utf-8")
    place = tmp_path / "out" / "a" / name
    place.parent.mkdir(parents=True)
    place.symlink_to(tmp_path / "target.md")
    with pytest.raises(UserError, match="is no plain file"):
        deliver(tmp_path)
    assert (tmp_path / "target.md").read_text(encoding="utf-8") == SKILL


def test_a_folder_in_the_place_of_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out" / "a" / "SKILL.md").mkdir(parents=True)
    with pytest.raises(UserError, match="is no plain file"):
        deliver(tmp_path)


def test_a_file_in_the_place_of_the_package_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a").write_text("x", encoding="utf-8")
    with pytest.raises(UserError, match="is a file"):
        deliver(tmp_path)


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("x", encoding="utf-8")
    with pytest.raises(UserError, match="cannot be written"):
        deliver(tmp_path)


def test_a_package_folder_that_is_itself_a_link_is_the_users_choice(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a").symlink_to(tmp_path / "real")
    deliver(tmp_path)
    assert set(file_bytes(tmp_path / "real")) == set(FILES)
    assert deliver(tmp_path) == ()
