"""Packing: a `.skill` file with the same bytes for the same files, and plugins that leave alone what others wrote."""

from __future__ import annotations

import hashlib
import io
import json
import os
import stat
import zipfile
from pathlib import Path
from typing import Any

import pytest
import skills_ref
from cli_runner import Ended, run
from corpus_builder import file_bytes, file_times
from hypothesis import given
from hypothesis import strategies as st

from skillgen.install import archive_bytes, is_own_archive
from skillgen.install.json_text import element_spans, member_spans, with_element, with_value
from skillgen.model.install import PackageFile, SkillFiles
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
DESCRIPTION = "Who is called at night, and what to do first. Use when an alert fires."
FILES = {"SKILL.md": SKILL, "references/steps.md": "# Steps\n\n1. Look.\n", "scripts/look.sh": "#!/bin/sh\n"}
LISTING = Path("team/.claude-plugin/marketplace.json")
MANIFEST = Path("team/.claude-plugin/plugin.json")


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    write(tmp_path / "project" / "skills" / "on-call", FILES)
    (tmp_path / "project" / "skills" / "on-call" / "scripts" / "look.sh").chmod(0o755)
    monkeypatch.chdir(tmp_path / "project")
    return tmp_path / "project"


def write(folder: Path, files: dict[str, str]) -> Path:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return folder


def pack(*options: str | Path) -> Ended:
    return run("pack", "skills/on-call", *options)


def plugin(*options: str | Path, folder: str = "team") -> Ended:
    return pack("--plugin", folder, "--owner", "Platform team", *options)


def refused(ended: Ended) -> str:
    assert (ended.code, ended.out) == (2, "")
    assert "Traceback" not in ended.err
    assert "\nNext:  " in ended.err
    return ended.err


# -- one file ----------------------------------------------------------------------------------------------------------


def test_the_file_unpacks_to_a_valid_skill_in_a_folder_of_its_name(tmp_path: Path) -> None:
    ended = pack("--json")
    made = ended.json["archive"]
    data = Path("on-call.skill").read_bytes()
    assert (made["file"], made["size"], made["files"]) == ("on-call.skill", len(data), 3)
    assert made["sha256"] == hashlib.sha256(data).hexdigest()
    with zipfile.ZipFile("on-call.skill") as archive:
        assert archive.testzip() is None
        archive.extractall(tmp_path / "unpacked")
    assert file_bytes(tmp_path / "unpacked") == {f"on-call/{path}": text.encode() for path, text in FILES.items()}
    assert validate_package(tmp_path / "unpacked" / "on-call") == ()
    assert skills_ref.validate(tmp_path / "unpacked" / "on-call") == []


def test_the_bytes_depend_on_the_files_alone(project: Path) -> None:
    pack()
    first = Path("on-call.skill").read_bytes()
    package = project / "skills" / "on-call"
    for path in (*package.rglob("*"), package):
        os.utime(path, (1, 1))
    (package / "SKILL.md").chmod(0o600)
    package.rename(project / "elsewhere")
    (project / "elsewhere").rename(project / "skills" / "on-call")
    pack("--out", "dist/again.skill")
    assert Path("dist/again.skill").read_bytes() == first
    with zipfile.ZipFile("on-call.skill") as archive:
        members = archive.infolist()
    assert [member.filename for member in members] == sorted(f"on-call/{path}" for path in FILES)
    assert {member.date_time for member in members} == {(1980, 1, 1, 0, 0, 0)}
    modes = [stat.filemode(member.external_attr >> 16) for member in members]
    assert modes == ["-rw-r--r--", "-rw-r--r--", "-rwxr-xr-x"]


def test_the_same_again_writes_nothing_and_a_new_build_replaces(project: Path) -> None:
    pack()
    before = file_times(project)
    assert pack("--json").json["archive"]["status"] == "unchanged"
    assert file_times(project) == before
    write(project / "skills" / "on-call", {"references/steps.md": "# Steps\n\n1. Call.\n"})
    made = pack("--json").json["archive"]
    assert (made["status"], made["forced"]) == ("replaced", False)


def other_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("on-call/SKILL.md", SKILL)
    return out.getvalue()


@pytest.mark.parametrize("held", [b"", b"mine", b"PK\x03\x04", other_zip()], ids=["empty", "text", "torn", "zip"])
def test_a_file_that_skillgen_did_not_write_is_refused_and_force_says_so(held: bytes) -> None:
    Path("on-call.skill").write_bytes(held)
    assert "not written by skillgen" in refused(pack())
    assert Path("on-call.skill").read_bytes() == held
    assert "the file there was not written by skillgen" in pack("--force").out
    assert is_own_archive(Path("on-call.skill").read_bytes())


def test_an_archive_that_was_changed_since_is_refused() -> None:
    pack()
    with zipfile.ZipFile("on-call.skill", "a") as archive:
        archive.writestr("on-call/notes.md", "mine")
    assert "was changed since" in refused(pack())


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--out", "skills"), "skills is a folder"),
        (("--out", "skills/on-call/x.skill"), "in the package itself"),
        (("--out", "link.skill"), "is a link"),
        (("--out", "file/x.skill"), "cannot be written"),
        (("--owner", "X"), "are of a plugin"),
        (("--plugin", "team", "--out", "x.skill"), "writes a folder"),
        (("--plugin", "Team Skills", "--owner", "X"), "gives no name"),
        (("--plugin", "team"), "needs an owner"),
        (("--plugin", "team", "--marketplace", "skills", "--owner", "X"), "is not in the marketplace's folder"),
        (("--plugin", "file/x", "--owner", "X"), "cannot be"),
    ],
)
def test_a_mistake_is_told_with_the_next_step(
    project: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], said: str
) -> None:
    monkeypatch.setenv("GIT_DIR", str(project / "nowhere"))
    (project / "file").touch()
    (project / "link.skill").symlink_to("file")
    before = file_bytes(project)
    assert said in refused(pack(*options))
    assert file_bytes(project) == before


def test_a_package_that_breaks_a_hard_rule_is_refused(project: Path) -> None:
    write(project / "skills" / "on-call", {"SKILL.md": SKILL.replace("generator:", "generator: 1\n  other:")})
    for ended in (pack(), plugin()):
        assert ended.code == 1
        assert "H10 SKILL.md" in ended.err
    assert not list(project.glob("*.skill"))
    assert not (project / "team").exists()


NAMES = st.text(st.sampled_from("aBé-._ 1"), min_size=1, max_size=6).filter(lambda name: name.strip(". ") == name)
FILE_SETS = st.dictionaries(NAMES, st.tuples(st.binary(max_size=40), st.booleans()), min_size=1, max_size=5)


@given(FILE_SETS, st.randoms(use_true_random=False), st.integers(min_value=0))
def test_only_untouched_archives_pass_for_our_own(files: dict[str, tuple[bytes, bool]], order: Any, at: int) -> None:  # noqa: ANN401
    held = [PackageFile(path=path, data=data, executable=run) for path, (data, run) in files.items()]
    data = archive_bytes(SkillFiles(name="a", description="", files=tuple(held)))
    order.shuffle(held)
    assert archive_bytes(SkillFiles(name="a", description="", files=tuple(held))) == data
    assert is_own_archive(data)
    at %= len(data)
    changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
    assert not is_own_archive(changed) or archive_holds(changed) != archive_holds(data)


def archive_holds(data: bytes) -> list[tuple[str, int]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return [(member.filename, member.external_attr) for member in archive.infolist()]


# -- plugins -----------------------------------------------------------------------------------------------------------


def test_a_new_plugin_is_its_own_marketplace_and_holds_a_valid_skill() -> None:
    ended = plugin()
    assert ended.code == 0
    assert json.loads(MANIFEST.read_text(encoding="utf-8")) == {"name": "team", "description": DESCRIPTION}
    assert json.loads(LISTING.read_text(encoding="utf-8")) == {
        "name": "team",
        "owner": {"name": "Platform team"},
        "plugins": [{"name": "team", "source": "./", "description": DESCRIPTION}],
    }
    assert file_bytes(Path("team/skills/on-call")) == {path: text.encode() for path, text in FILES.items()}
    assert validate_package(Path("team/skills/on-call")) == ()
    assert "/plugin install team@team" in ended.out
    assert not list(Path().glob("*.skill"))


def test_the_same_again_writes_nothing_and_needs_no_owner(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plugin()
    monkeypatch.setenv("GIT_DIR", str(project / "nowhere"))
    before = file_times(project)
    assert pack("--plugin", "team", "--json").json["plugin"]["changed"] == []
    assert file_times(project) == before


def test_a_second_skill_joins_the_plugin(project: Path) -> None:
    plugin()
    before = {path: path.read_bytes() for path in (LISTING, MANIFEST)}
    write(project / "skills" / "deploys", {"SKILL.md": SKILL.replace("on-call", "deploys").split("Read [")[0]})
    assert run("pack", "skills/deploys", "--plugin", "team").code == 0
    assert sorted(path.parent.name for path in Path("team/skills").glob("*/SKILL.md")) == ["deploys", "on-call"]
    assert {path: path.read_bytes() for path in (LISTING, MANIFEST)} == before


def test_descriptions_follow_the_skill_until_a_person_writes_their_own(project: Path) -> None:
    plugin()
    write(project / "skills" / "on-call", {"SKILL.md": SKILL.replace("an alert fires.", "the pager rings.", 1)})
    assert plugin("--json").json["plugin"]["changed"] == [str(MANIFEST), str(LISTING)]
    assert "the pager rings." in MANIFEST.read_text(encoding="utf-8")
    assert "the pager rings." in LISTING.read_text(encoding="utf-8")
    mine = LISTING.read_text(encoding="utf-8").replace("the pager rings.", "you are called.")
    LISTING.write_text(mine, encoding="utf-8")
    write(project / "skills" / "on-call", {"SKILL.md": SKILL})
    assert plugin("--json").json["plugin"]["changed"] == [str(MANIFEST)]
    assert LISTING.read_text(encoding="utf-8") == mine


OTHERS = """\
{
    "$schema": "x",  "name": "shop", "owner": {"name": "Ann", "email": "a@example.com"},
    "metadata": {"version": "1.0.0", "plugins": []},
    "plugins": [
        {"name": "a", "source": "./plugins/a", "strict": false, "skills": ["./x", "./y"]},
        { "name" : "b", "source": {"source": "github", "repo": "o/b"}, "weight": 1.50e0 }
    ],
    "after": "caf\\u00e9"
}
"""


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_marketplace_gets_one_entry_and_keeps_every_other_byte(project: Path, newline: str) -> None:
    held = OTHERS.replace("\n", newline).encode()
    LISTING.parent.mkdir(parents=True)
    LISTING.write_bytes(held)
    assert plugin("--marketplace", "team", folder="team/plugins/on-duty").code == 0
    text = LISTING.read_bytes()
    head, tail = (
        held[: held.index(b" }" + newline.encode() + b"    ]") + 2],
        held[held.index(b"    ],") - len(newline) :],
    )
    assert text.startswith(head + b",")
    assert text.endswith(tail)
    data = json.loads(text)
    new = data["plugins"].pop()
    assert data == json.loads(held)
    assert new == {"name": "on-duty", "source": "./plugins/on-duty", "description": DESCRIPTION}
    assert text.count(b"\n") == text.count(newline.encode())
    assert plugin("--marketplace", "team", "--json", folder="team/plugins/on-duty").json["plugin"]["changed"] == []


def test_a_plugin_of_somebody_else_keeps_its_manifest_and_its_name(project: Path) -> None:
    held = '{"name": "ours", "version": "2.0.0", "description": "mine", "skills": ["./more"]}'
    write(project / "team", {".claude-plugin/plugin.json": held, "skills/other/SKILL.md": "mine"})
    made = plugin("--json").json["plugin"]
    assert (made["name"], made["changed"]) == ("ours", [str(LISTING)])
    assert MANIFEST.read_text(encoding="utf-8") == held
    assert Path("team/skills/other/SKILL.md").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        (LISTING, "{", "is no JSON"),
        (LISTING, "[]", "no JSON object"),
        (LISTING, '{"name": "x"}', "no list `plugins`"),
        (LISTING, '{"plugins": ["a"]}', "no list `plugins`"),
        (LISTING, '{"plugins": [{"name": "team", "source": "./x"}]}', "another plugin team, from './x'"),
        (LISTING, '{"plugins": [{"name": "team", "source": {"repo": "o/b"}}]}', "another plugin team"),
        (LISTING, '{"plugins": [{"name": "docs", "source": "./", "strict": false}]}', "as the plugin 'docs'"),
        (MANIFEST, '{"name": ""}', "has no name"),
        (MANIFEST, "nonsense", "is no JSON"),
    ],
)
def test_what_does_not_fit_is_refused_before_anything_is_written(
    project: Path, file: Path, text: str, said: str
) -> None:
    write(project, {str(file): text})
    before = file_bytes(project)
    assert said in refused(plugin("--force"))
    assert file_bytes(project) == before


def test_a_skill_in_the_plugin_that_was_changed_by_hand_is_refused(project: Path) -> None:
    plugin()
    Path("team/skills/on-call/SKILL.md").write_text("mine", encoding="utf-8")
    before = file_times(project)
    assert "SKILL.md: changed since it was installed" in refused(plugin())
    assert file_times(project) == before
    assert plugin("--force", "--json").json["plugin"]["skill"]["replaced"] == ["SKILL.md"]


@pytest.mark.parametrize("link", ["team/skills", "team/.claude-plugin", "team/.claude-plugin/marketplace.json"])
def test_links_out_of_the_plugin_are_refused(project: Path, tmp_path: Path, link: str) -> None:
    (tmp_path / "outside").mkdir()
    (project / link).parent.mkdir(parents=True)
    (project / link).symlink_to(tmp_path / "outside")
    assert "link" in refused(plugin("--force"))
    assert file_bytes(tmp_path / "outside") == {}
    assert not (project / "team" / "skills" / "on-call").exists()


# -- JSON that others wrote --------------------------------------------------------------------------------------------

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@given(
    st.dictionaries(st.text(max_size=3), VALUES, max_size=3),
    st.lists(VALUES, max_size=3),
    VALUES,
    st.sampled_from([None, 0, 2, "\t"]),
)
def test_an_element_is_added_and_all_else_stays(
    members: dict[str, object], elements: list[object], new: object, indent: int | str | None
) -> None:
    text = json.dumps({**members, "plugins": elements, "z": [1]}, indent=indent)
    array = member_spans(text)["plugins"]
    longer = with_element(text, array, new)
    assert json.loads(longer) == {**members, "plugins": [*elements, new], "z": [1]}
    spans = element_spans(longer, member_spans(longer)["plugins"][0])
    assert [json.loads(longer[begin:end]) for begin, end in spans] == [*elements, new]
    if elements:
        end = element_spans(text, array[0])[-1][1]
        assert longer.startswith(text[:end])
        assert longer.endswith(text[end:])


@given(st.dictionaries(st.text(max_size=3), VALUES, min_size=1, max_size=4), VALUES, st.sampled_from([None, 1, "\t"]))
def test_a_value_is_replaced_and_all_else_stays(
    members: dict[str, object], new: object, indent: int | str | None
) -> None:
    text = json.dumps(members, indent=indent, ensure_ascii=False)
    spans = member_spans(text)
    assert list(spans) == list(members)
    for key in members:
        assert json.loads(with_value(text, spans[key], new)) == {**members, key: new}
