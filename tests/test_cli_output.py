"""What commands print: where you stand, `--quiet` and `--verbose`, progress, and lines of at most 80 columns."""

from __future__ import annotations

import os
import pty
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from cli_runner import BRIEF, PAGES, Ended, run, write_pages
from test_startup import HEAVY, loaded

from skillgen.cli.output import entry
from skillgen.cli.progress import ConsoleReporter
from skillgen.cli.status import status_text
from skillgen.cli.summary import ingest_summary
from skillgen.embed import HashEmbedder
from skillgen.model.corpus import Finding, IngestReport
from skillgen.pipeline.status import CorpusStatus, NextStep, SkillStatus, Status, next_step
from skillgen.settings import BuildSettings, CorpusSettings, Settings

# A name, a path and words as long as they come.
LONG = "a-very-long-name-of-a-skill-that-somebody-chose-with-all-64-signs"


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Ended]:
    """Build the same skill twice in one folder, and return what was printed; the folder is under "folder"."""
    folder = tmp_path_factory.mktemp("built")
    write_pages(folder / "docs")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr("skillgen.pipeline.indexes.make_embedder", lambda *_, **__: HashEmbedder())
        assert run("init", "--yes").code == 0
        found = {
            "before": run(),
            "quiet": run("build", "--quiet"),
            "verbose": run("build", "--verbose"),
            "check": run("check", f"skills/{BRIEF}", "--quiet"),
            "eval": run("eval", f"skills/{BRIEF}", "--quiet"),
        }
    return {**found, "folder": Ended(0, str(folder), "")}


@pytest.fixture
def folder(told: dict[str, Ended], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder of its own with the skill in it."""
    copy = shutil.copytree(told["folder"].out, tmp_path / "copy", symlinks=True)
    monkeypatch.chdir(copy)
    monkeypatch.setattr("skillgen.pipeline.indexes.make_embedder", lambda *_, **__: HashEmbedder())
    return copy


# -- where you stand ---------------------------------------------------------------------------------------------------


def test_an_empty_folder_is_told_how_to_begin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ended = run()
    assert (ended.code, ended.err) == (0, "")
    assert "Nothing is set up" in ended.out
    assert "Next     skillgen init\n" in ended.out
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_init_prepared_is_told_to_build(told: dict[str, Ended]) -> None:
    assert "Pages    docs: 3 pages" in told["before"].out
    assert "Next     skillgen build\n" in told["before"].out


@pytest.mark.usefixtures("folder")
def test_a_built_skill_is_shown_with_its_numbers_and_what_waits() -> None:
    found = run("status", "--json").json
    draft = run("review", f"skills/{BRIEF}", "--json").json
    (skill,) = found["skills"]
    body = [claim for claim in draft["claims"] if claim["in_body"]]
    assert (skill["name"], skill["package"], skill["changed"]) == (BRIEF, f"skills/{BRIEF}", [])
    assert (skill["claims"], skill["in_body"], skill["to_review"]) == (len(draft["claims"]), len(body), len(body))
    assert found["corpora"][0]["pages"] == len(PAGES)
    assert found["next"]["command"] == f"skillgen review skills/{BRIEF}"
    assert f"Next     skillgen review skills/{BRIEF}\n" in run().out


def test_a_page_that_changed_since_the_build_is_named_and_the_build_comes_next(folder: Path) -> None:
    with (folder / "docs/nightly.md").open("a", encoding="utf-8") as page:
        page.write("\nAnother line.\n")
    (folder / "docs/deploys.md").rename(folder / "docs/releases.md")
    found = run("status", "--json").json
    assert found["skills"][0]["changed"] == ["deploys.md", "nightly.md", "releases.md"]
    assert found["next"]["command"] == "skillgen build"
    assert run("status", "--quiet").out == "skillgen build\n"


def test_what_was_decided_no_longer_waits_and_the_skill_is_to_be_installed(folder: Path) -> None:
    package = f"skills/{BRIEF}"
    assert run("review", package, "--export", "todo.md").code == 0
    todo = (folder / "todo.md").read_text(encoding="utf-8")
    (folder / "todo.md").write_text(todo.replace("[ ] accept", "[x] accept"), encoding="utf-8")
    assert run("review", package, "--import", "todo.md", "--by", "Ann", "--quiet").out == ""
    assert run("status", "--quiet").out == f"skillgen install {package}\n"
    assert run("install", package, "--quiet").out == f".agents/skills/{BRIEF}\n"
    assert run("status", "--quiet").out == f"skillgen check {package}\n"


def test_status_neither_waits_for_a_running_command_nor_changes_a_file(folder: Path) -> None:
    def files() -> dict[Path, int]:
        return {path: path.stat().st_mtime_ns for path in folder.rglob("*")}

    held = (
        "import sys; from pathlib import Path; from skillgen.workspace import open_workspace\n"
        "with open_workspace(Path('.skillgen'), command='skillgen build'): print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen([sys.executable, "-c", held], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == b"held\n"
        before = files()
        assert run().code == 0
        assert files() == before
        holder.communicate()


def test_a_draft_of_another_version_is_built_again(folder: Path) -> None:
    (folder / f".skillgen/drafts/{BRIEF}.json").write_text("{}", encoding="utf-8")
    ended = run()
    assert ended.code == 0
    assert "of another version" in ended.out
    assert "Next     skillgen build\n" in ended.out


def test_a_folder_of_pages_that_is_gone_is_told(folder: Path) -> None:
    (folder / "docs").rename(folder / "elsewhere")
    ended = run()
    assert ended.code == 0
    assert "docs: the folder is not there" in ended.out
    assert "Next     skillgen doctor\n" in ended.out


SETTINGS = Settings(corpus=(CorpusSettings(path=Path("docs")),), build=BuildSettings(briefs=(BRIEF,)))
DOCS = (CorpusStatus(path="docs", is_there=True, pages=3),)
SKILL = SkillStatus(name=BRIEF, package=f"skills/{BRIEF}", built=None, briefs=(BRIEF,), changed=("a.md",))


@pytest.mark.parametrize(
    ("skill", "command"),
    [
        (SKILL, "skillgen build"),
        (replace(SKILL, name="on call", package="skills/on call"), "skillgen build --name 'on call'"),
        (replace(SKILL, package=f"out/{BRIEF}"), "skillgen build --out out"),
        (replace(SKILL, briefs=("a b.md",)), f"skillgen build 'a b.md' --name {BRIEF}"),
        (replace(SKILL, changed=(), complete=False), "skillgen build"),
        (replace(SKILL, changed=(), to_review=2), f"skillgen review skills/{BRIEF}"),
        (replace(SKILL, changed=None), f"skillgen install skills/{BRIEF}"),
    ],
    ids=["same", "name", "out", "brief", "incomplete", "review", "install"],
)
def test_the_next_command_builds_the_same_skill_again(skill: SkillStatus, command: str) -> None:
    found = next_step(SETTINGS, DOCS, (skill,)).command
    assert found == command
    assert shlex.split(found)[0] == "skillgen"


def test_a_skill_that_was_built_without_a_settings_file_is_reviewed_next() -> None:
    skill = replace(SKILL, changed=None, to_review=1)
    assert next_step(Settings(), (), (skill,)).command == f"skillgen review skills/{BRIEF}"


def test_what_is_wrong_with_one_skill_comes_before_what_is_well_with_another() -> None:
    well = replace(SKILL, changed=(), installed=True)
    assert next_step(SETTINGS, DOCS, (well, replace(SKILL, name="b"))).command == "skillgen build --name b"


def test_status_loads_nothing_heavy(folder: Path) -> None:
    code = "sys.argv = ['skillgen']\nfrom skillgen.__main__ import main\ntry:\n    main()\nexcept SystemExit:\n    pass"
    found = loaded(code)
    assert "pydantic" in found
    assert not found & ({*HEAVY} - {"pydantic"})


# -- how much is printed -----------------------------------------------------------------------------------------------


def test_quiet_prints_the_path_of_the_package_alone(told: dict[str, Ended]) -> None:
    assert (told["quiet"].code, told["quiet"].out, told["quiet"].err) == (0, f"skills/{BRIEF}\n", "")


def test_a_check_that_finds_nothing_is_silent_with_quiet_and_one_that_does_is_not(
    told: dict[str, Ended], folder: Path
) -> None:
    for name in ("check", "eval"):
        assert (told[name].code, told[name].out, told[name].err) == (0, "", "")
    (folder / "docs/nightly.md").write_text("# Nightly load\n\nNothing is loaded any more.\n", encoding="utf-8")
    for name, said in (("check", "Broken"), ("eval", "citations")):
        ended = run(name, f"skills/{BRIEF}", "--quiet")
        assert ended.code == 1
        assert said in ended.out


@pytest.mark.usefixtures("folder")
def test_quiet_leaves_what_was_asked_for() -> None:
    question = ("ask", "Who rotates the token of Airflow?")
    loud, quiet = run(*question), run(*question, "--quiet")
    assert quiet.out == loud.out
    assert quiet.err == ""
    assert "Reading pages" in loud.err
    assert run("brief", "list", "--quiet").out == run("brief", "list").out
    assert run("ingest", "--quiet").out == ""
    assert run("ingest", "--quiet", "--json").json["pages"] == len(PAGES)


def test_quiet_still_tells_errors(folder: Path) -> None:
    ended = run("check", "skills/nope", "--quiet")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("Error: ")


def test_verbose_tells_settings_stages_and_times_but_no_text_of_a_page(told: dict[str, Ended]) -> None:
    err = told["verbose"].err
    assert 'corpus = [{"path": "docs"}]' in err
    assert f'build.briefs = ["{BRIEF}"]' in err
    assert "Workspace .skillgen" in err
    assert re.search(r"^Reading pages: 3 pages: .* \(\d+\.\d s\)$", err, flags=re.MULTILINE)
    assert re.search(r"^Took \d+\.\d s in all\.$", err, flags=re.MULTILINE)
    words = [line for text in PAGES.values() for line in text.split("\n") if len(line) > 20]
    assert not [line for line in words if line in err]
    assert "Coverage by target" in told["verbose"].out


@pytest.mark.usefixtures("folder")
def test_verbose_works_for_a_command_that_reads_no_index() -> None:
    ended = run("check", f"skills/{BRIEF}", "--verbose")
    assert "Took " in ended.err
    assert "build.briefs" in ended.err
    assert ended.out == run("check", f"skills/{BRIEF}").out


def test_quiet_and_verbose_exclude_each_other(folder: Path) -> None:
    ended = run("check", f"skills/{BRIEF}", "-q", "-v")
    assert (ended.code, ended.out) == (2, "")
    assert "exclude each other" in ended.err


# -- progress ----------------------------------------------------------------------------------------------------------


def test_without_a_terminal_a_stage_says_how_much_it_did(capsys: pytest.CaptureFixture[str]) -> None:
    with ConsoleReporter() as reporter:
        reporter.start("Asking", 3)
        reporter.advance(2)
        reporter.advance()
        reporter.done()
        reporter.start("Indexing")
        reporter.done()
        reporter.start("Reading", 1)
        reporter.done("1 page")
    assert capsys.readouterr().err == "Asking: 3 of 3\nIndexing: done\nReading: 1 page\n"


LIVE = """
import sys
from skillgen.cli.progress import ConsoleReporter
with ConsoleReporter() as reporter:
    reporter.start("Reading pages", 40)
    for _ in range(40):
        reporter.advance()
    reporter._live.refresh() if reporter._live else None
    reporter.done("40 pages")
"""


def in_a_terminal(**environment: str) -> str:
    """Return what the live progress writes to a terminal of 60 columns."""
    ours, theirs = pty.openpty()
    plain = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLUMNS", "FORCE_COLOR")}
    env = {**plain, "TERM": "xterm-256color", "COLUMNS": "60", **environment}
    process = subprocess.Popen([sys.executable, "-c", LIVE], stderr=theirs, stdin=theirs, env=env)
    os.close(theirs)
    written = b""
    try:
        while part := os.read(ours, 4096):
            written += part
    except OSError:  # how Linux reports the end of a terminal
        pass
    assert process.wait(timeout=60) == 0
    os.close(ours)
    return written.decode()


COLOURED = re.compile(r"\x1b\[[0-9;]*[34][0-9][0-9;]*m")


def test_the_live_line_has_counts_and_its_colours_can_be_turned_off() -> None:
    coloured = in_a_terminal()
    assert "40 of 40" in coloured
    assert COLOURED.search(coloured)
    plain = in_a_terminal(NO_COLOR="1")
    assert "40 of 40" in plain
    assert not COLOURED.search(plain)
    shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", plain)
    assert max(map(len, re.split(r"[\r\n]+", shown))) <= 60


def test_a_terminal_that_cannot_redraw_gets_plain_lines() -> None:
    assert in_a_terminal(TERM="dumb").replace("\r", "") == "Reading pages: 40 pages\n"


@pytest.mark.usefixtures("folder")
def test_nothing_that_is_piped_has_control_characters() -> None:
    for arguments in ((), ("--help",), ("ingest",), ("doctor", "--help"), ("ask", "Who deploys?")):
        ended = run(*arguments)
        assert "\x1b" not in ended.out + ended.err


# -- width -------------------------------------------------------------------------------------------------------------


def fits(text: str) -> bool:
    """Tell whether only a single word makes a line longer than 80 columns."""
    return all(len(line) <= 80 or len(line.split()) <= 2 for line in text.split("\n"))


def test_long_names_and_paths_are_wrapped_and_never_cut() -> None:
    path = f"docs/{LONG}/{LONG}.md"
    skill = SkillStatus(
        name=LONG,
        package=f"skills/{LONG}",
        built="2026-01-02T03:04:05Z",
        changed=(path, path, path, path),
        claims=12345,
        in_body=100,
        to_review=100,
    )
    text = status_text(
        Status(
            settings_file="skillgen.toml",
            workspace=f"/{LONG}/.skillgen",
            has_workspace=True,
            corpora=(CorpusStatus(path=path, is_there=True, pages=3, changed="2026-01-02T03:04:05Z", newest=path),),
            skills=(skill,),
            next=NextStep(command=f"skillgen review skills/{LONG}", reason="because " * 30),
        )
    )
    assert fits(text)
    assert path in text
    report = IngestReport(
        pages=10**6,
        chunks=10**7,
        parsed=10**6,
        reread=10**6,
        unchanged=0,
        removed=10**6,
        embedded=10**7,
        findings=(Finding(kind="binary", source=path, message="It cannot be read. " * 9, severity="warning"),),
        corpus_sha256="",
    )
    assert fits(ingest_summary(report))
    assert fits("\n".join(entry("Label", "words " * 40 + path)))


def test_the_summary_of_a_build_fits_80_columns(told: dict[str, Ended]) -> None:
    assert fits(told["verbose"].out)
    assert fits(told["before"].out)
