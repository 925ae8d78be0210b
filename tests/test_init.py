"""`skillgen init`: what it asks, what it writes, what it refuses."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from cli_runner import BRIEF, run, write_pages

from skillgen.brief import builtin_briefs
from skillgen.settings import BuildSettings, CorpusSettings, Settings, load_settings


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_yes_takes_the_first_usual_folder_and_the_defaults(folder: Path) -> None:
    write_pages(folder / "runbooks")
    write_pages(folder / "wiki")
    ended = run("init", "--yes")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.rstrip().endswith("skillgen build")
    assert load_settings(Path()) == Settings(
        corpus=(CorpusSettings(path=Path("wiki")),), build=BuildSettings(briefs=(BRIEF,))
    )


def test_the_file_says_exactly_what_was_chosen(folder: Path) -> None:
    write_pages(folder / "a b")
    write_pages(folder / 'odd "é" name')
    (folder / "own.md").write_text((Path(__file__).parent.parent / f"prompts/briefs/{BRIEF}.md").read_text())
    ended = run("init", "-y", "--corpus", "a b", "--corpus", 'odd "é" name', "--brief", "own.md", "--out", "out/x")
    assert ended.code == 0
    assert load_settings(Path()) == Settings(
        corpus=(CorpusSettings(path=Path("a b")), CorpusSettings(path=Path('odd "é" name'))),
        build=BuildSettings(briefs=("own.md",), out=Path("out/x")),
    )


def test_only_what_was_chosen_is_set_and_every_other_key_is_commented_out(folder: Path) -> None:
    write_pages(folder / "docs")
    assert run("init", "--yes").code == 0
    text = (folder / "skillgen.toml").read_text(encoding="utf-8")
    assert tomllib.loads(text)["build"] == {"briefs": [BRIEF]}
    assert '#out = "skills"' in text
    assert "#max_chars = 600" in text
    assert max(map(len, text.splitlines())) <= 80


def test_what_is_not_given_is_asked_and_a_wrong_answer_is_asked_again(folder: Path) -> None:
    write_pages(folder / "docs")
    (folder / "empty").mkdir()
    ended = run("init", answers="nowhere\nempty\n\nno-such-brief\n99\n\n")
    assert ended.code == 0
    assert "nowhere does not exist" in ended.err
    assert "no page to read in empty" in ended.err
    assert "no-such-brief" in ended.err
    assert "Which folder has the pages? [docs]" in ended.err
    assert load_settings(Path()) == Settings(
        corpus=(CorpusSettings(path=Path("docs")),), build=BuildSettings(briefs=(BRIEF,))
    )


def test_a_built_in_brief_can_be_chosen_by_its_number(folder: Path) -> None:
    write_pages(folder / "docs")
    ended = run("init", answers="\n2\n")
    assert ended.code == 0
    listed = dict(re.findall(r"^  (\d)  .+ \((.+)\)$", ended.err, flags=re.MULTILINE))
    assert load_settings(Path()).build.briefs == (listed["2"],)
    assert list(listed.values()) == list(builtin_briefs())


def test_only_what_is_missing_is_asked(folder: Path) -> None:
    write_pages(folder / "docs")
    ended = run("init", "--corpus", "docs", answers="\n")
    assert ended.code == 0
    assert "Which folder" not in ended.err
    assert "What should an agent know?" in ended.err


def test_nothing_is_asked_where_everything_is_given(folder: Path) -> None:
    write_pages(folder / "docs")
    assert run("init", "--corpus", "docs", "--brief", BRIEF).code == 0


def test_quiet_prints_the_file_alone(folder: Path) -> None:
    write_pages(folder / "docs")
    assert run("init", "--yes", "--quiet").out == "skillgen.toml\n"


def test_whoever_leaves_at_a_question_gets_no_file(folder: Path) -> None:
    write_pages(folder / "docs")
    ended = run("init", answers="docs\n")
    assert ended.code == 130
    assert "Traceback" not in ended.err
    assert not (folder / "skillgen.toml").exists()


def test_a_real_terminal_is_asked(folder: Path) -> None:
    write_pages(folder / "docs")
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "skillgen", "init"],
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    os.write(ours, b"\n\n")
    out, err = process.communicate(timeout=60)
    os.close(ours)
    os.close(theirs)
    assert (process.returncode, "Traceback" in err) == (0, False)
    assert "Next     skillgen build" in out
    assert (folder / "skillgen.toml").is_file()


def test_without_a_terminal_it_says_what_to_give_instead(folder: Path) -> None:
    write_pages(folder / "docs")
    ended = run("init")
    assert (ended.code, ended.out) == (2, "")
    assert "no terminal" in ended.err
    assert "skillgen init --yes --corpus DIR" in ended.err
    assert not (folder / "skillgen.toml").exists()


@pytest.mark.parametrize("kind", ["file", "dangling link", "folder"])
def test_what_is_there_is_never_replaced(folder: Path, kind: str) -> None:
    write_pages(folder / "docs")
    target = folder / "skillgen.toml"
    if kind == "file":
        target.write_text("mine", encoding="utf-8")
    elif kind == "folder":
        target.mkdir()
    else:
        target.symlink_to("gone.toml")
    ended = run("init", "--yes")
    assert ended.code == 2
    assert "mv skillgen.toml skillgen.toml.old" in ended.err
    assert target.is_symlink() or target.is_dir() or target.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "--corpus"),
        (("--corpus", "nowhere"), "nowhere does not exist"),
        (("--corpus", "file.md"), "is a file"),
        (("--corpus", "docs", "--corpus", "docs"), "given twice"),
        (("--corpus", "empty"), "no page to read in empty"),
        (("--corpus", "docs", "--brief", "no-such-brief"), "no-such-brief"),
        (("--corpus", "docs", "--out", "file.md"), "file.md is a file"),
    ],
)
def test_what_build_would_refuse_is_refused_here(folder: Path, arguments: tuple[str, ...], said: str) -> None:
    (folder / "empty").mkdir()
    if arguments:
        write_pages(folder / "docs")
    (folder / "file.md").write_text("# A page\n", encoding="utf-8")
    ended = run("init", "--yes", *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err
    assert "Next:" in ended.err
    assert not (folder / "skillgen.toml").exists()


def test_a_folder_that_cannot_be_written_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    write_pages(folder / "docs")
    monkeypatch.setattr("skillgen.cli.setup.write_atomically", refuse)
    ended = run("init", "--yes")
    assert ended.code == 2
    assert "Permission denied" in ended.err


def test_no_key_of_a_service_gets_into_the_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "SKILLGEN_EMBED_API_KEY"):
        monkeypatch.setenv(name, "sk-very-secret")
    write_pages(folder / "docs")
    assert run("init", "--yes").code == 0
    assert "sk-very-secret" not in (folder / "skillgen.toml").read_text(encoding="utf-8")
