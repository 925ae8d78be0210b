"""The workspace folder: private, unseen by git, never somebody else's, and held by one process at a time."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from skillgen import workspace as workspace_module
from skillgen.artifacts import differs, write_atomically, write_if_changed
from skillgen.errors import UserError, WorkspaceBusyError
from skillgen.workspace import MARKER, open_workspace

HOLDER = """
import sys, time
from pathlib import Path
from skillgen.workspace import open_workspace
with open_workspace(Path(sys.argv[1]), command="skillgen build"):
    print("held", flush=True)
    time.sleep(60)
"""


@contextmanager
def held(root: Path) -> Iterator[subprocess.Popen[str]]:
    """Hold the workspace from another process."""
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(root)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
@pytest.mark.parametrize("there", [False, True])
def test_the_folder_is_private_whatever_the_umask(tmp_path: Path, umask: int, there: bool) -> None:  # noqa: FBT001
    root = tmp_path / "deep" / "workspace"
    if there:
        root.mkdir(parents=True)
        root.chmod(0o777)
    before = os.umask(umask)
    try:
        with open_workspace(root) as workspace:
            assert workspace.root == root
            assert workspace.draft_path("a") == root / "drafts" / "a.json"
    finally:
        os.umask(before)
    assert mode(root) == 0o700


def test_git_sees_nothing_of_it(tmp_path: Path) -> None:
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    with open_workspace(tmp_path / ".skillgen") as workspace:
        write_atomically(workspace.draft_path("a"), "{}")
    command = ["git", "-C", str(tmp_path), "status", "--porcelain", "--untracked-files=all"]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == ""


def test_opening_it_again_writes_none_of_its_marks_anew(tmp_path: Path) -> None:
    with open_workspace(tmp_path / "w"):
        pass
    before = {name: (tmp_path / "w" / name).stat().st_mtime_ns for name in (MARKER, ".gitignore")}
    with open_workspace(tmp_path / "w"):
        pass
    assert {name: (tmp_path / "w" / name).stat().st_mtime_ns for name in before} == before


def test_a_folder_with_other_things_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    tmp_path.chmod(0o755)
    with pytest.raises(UserError, match="holds other things"), open_workspace(tmp_path):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
    assert mode(tmp_path) == 0o755


def test_a_file_is_no_workspace(tmp_path: Path) -> None:
    (tmp_path / "w").write_text("x", encoding="utf-8")
    with pytest.raises(UserError, match="is a file"), open_workspace(tmp_path / "w"):
        pass


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "w").write_text("x", encoding="utf-8")
    for root in (tmp_path / "w" / "inside", Path("/proc/skillgen-workspace")):
        with pytest.raises(UserError, match="cannot be written") as caught, open_workspace(root):
            pass
        assert "--workspace" in str(caught.value.hint)


def test_a_second_process_is_told_who_holds_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workspace_module, "_LOCK_WAIT_SECONDS", 0.1)
    root = tmp_path / "w"
    with held(root) as process:
        with pytest.raises(WorkspaceBusyError) as caught, open_workspace(root):
            pass
        assert f"process {process.pid} (skillgen build)" in caught.value.message
    with open_workspace(root):
        pass


def test_a_killed_process_holds_it_no_more_and_leaves_no_half_files(tmp_path: Path) -> None:
    root = tmp_path / "w"
    with held(root) as process:
        (root / ".holder.0123.skillgen-part").touch()
        (root / "drafts" / ".a.json.0123.skillgen-part").touch()
        process.send_signal(signal.SIGKILL)
        process.wait()
    with open_workspace(root):
        assert not list(root.rglob("*.skillgen-part"))
        assert f"process {os.getpid()}" in (root / "holder").read_text(encoding="utf-8")


def test_it_is_released_when_the_body_fails(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), open_workspace(tmp_path / "w"):
        raise KeyboardInterrupt
    with open_workspace(tmp_path / "w"):
        pass


def test_a_start_that_was_killed_anywhere_is_completed(tmp_path: Path) -> None:
    with open_workspace(tmp_path / "w"):
        pass
    made = sorted(path.name for path in (tmp_path / "w").iterdir())
    for step in ([], [MARKER], [MARKER, ".gitignore"]):
        root = tmp_path / f"killed-{len(step)}"
        root.mkdir()
        for name in step:
            (root / name).touch()
        with open_workspace(root):
            pass
        assert sorted(path.name for path in root.iterdir()) == made
        assert (root / ".gitignore").read_text(encoding="utf-8") == "*\n"


# -- files written whole -----------------------------------------------------------------------------------------------


def test_a_file_is_the_old_or_the_new_one_and_leaves_no_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "deep" / "file.txt"
    write_atomically(path, "old\n")

    def fail(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(path, "new\n")
    assert path.read_text(encoding="utf-8") == "old\n"
    assert [each.name for each in path.parent.iterdir()] == ["file.txt"]


def test_newlines_are_written_as_they_are(tmp_path: Path) -> None:
    write_atomically(tmp_path / "a", "one\r\ntwo\nthree\r")
    assert (tmp_path / "a").read_bytes() == b"one\r\ntwo\nthree\r"


@pytest.mark.parametrize(("umask", "expected"), [(0o000, 0o644), (0o022, 0o644), (0o077, 0o600)])
def test_a_file_may_be_read_by_whom_the_umask_lets(tmp_path: Path, umask: int, expected: int) -> None:
    before = os.umask(umask)
    try:
        write_atomically(tmp_path / "a", "x")
    finally:
        os.umask(before)
    assert mode(tmp_path / "a") == expected


def test_a_link_is_replaced_and_what_it_leads_to_is_left(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("same", encoding="utf-8")
    (tmp_path / "link").symlink_to(tmp_path / "target")
    assert differs(tmp_path / "link", "same")
    write_atomically(tmp_path / "link", "other")
    assert (tmp_path / "target").read_text(encoding="utf-8") == "same"
    assert not (tmp_path / "link").is_symlink()


def test_an_equal_file_is_not_written_again(tmp_path: Path) -> None:
    assert write_if_changed(tmp_path / "a", "x")
    assert not write_if_changed(tmp_path / "a", "x")
    assert write_if_changed(tmp_path / "a", "y")
