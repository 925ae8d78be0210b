"""The command line: exit codes, messages, JSON, help, pipes and signals."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from cli_runner import BRIEF, INTERRUPTIBLE, PAGES, run, write_pages

from skillgen import __version__
from skillgen.cli import page_commands
from skillgen.cli.app import app, main
from skillgen.embed import HashEmbedder
from skillgen.errors import EvidenceError
from skillgen.model.corpus import Chunk
from skillgen.model.research import Passage
from skillgen.protocols import Reporter


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_pages(tmp_path / "docs")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """Embed by hashing."""
    monkeypatch.setattr("skillgen.pipeline.indexes.make_embedder", lambda *_, **__: HashEmbedder())


# -- help and usage ----------------------------------------------------------------------------------------------------


def all_commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:  # noqa: ANN401
    yield path
    for name, command in getattr(group, "commands", {}).items():
        yield from all_commands(command, (*path, name))


COMMANDS = list(all_commands(typer.main.get_command(app)))


@pytest.mark.parametrize("columns", [60, 80])
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_the_help_of_every_command_begins_with_what_it_does_and_examples_and_fits_the_terminal(
    command: tuple[str, ...], columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    ended = run(*command, "--help")
    assert (ended.code, ended.err) == (0, "")
    what, shown, rest = re.split(r"\n\nExamples:\n|\n\nUsage: ", ended.out, maxsplit=2)
    examples = [example.strip() for example in shown.split("\n")]
    assert len(what.splitlines()) <= (1 if columns == 80 else 2)
    assert all(len(example) <= 78 for example in examples)
    assert max(map(len, [*what.splitlines(), *rest.splitlines()])) <= columns
    if command:
        assert all(example.startswith(f"skillgen {' '.join(command)}") or example == "skillgen" for example in examples)
        assert set(re.findall(r"(?<!\S)--[a-z-]+", shown)) <= set(re.findall(r"(?<!\S)--[a-z-]+", rest))


def test_the_help_shows_commands_and_options_in_groups() -> None:
    groups = re.findall(r"^(\w.*):$", run("--help").out, flags=re.MULTILINE)
    assert groups == [
        "Examples",
        "Begin",
        "Ask the pages",
        "Review a skill",
        "Measure and deliver a skill",
        "What is printed",
    ]
    shown = run("build", "--help").out
    assert shown.index("Pages and workspace:") < shown.index("  --corpus DIR ") < shown.index("Package:")
    assert shown.index("What is printed:") < shown.index("--json") < shown.index("--quiet") < shown.index("--help")


def test_a_group_of_commands_alone_prints_its_help_on_standard_error() -> None:
    ended = run("brief")
    assert (ended.code, ended.out) == (2, "")
    assert "Commands:" in ended.err


def test_the_version_is_printed() -> None:
    assert run("--version").out == f"skillgen {__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [("bild",), ("build", "--corpsu", "docs"), ("search", "x", "--k", "0"), ("brief", "show")],
    ids=" ".join,
)
def test_a_mistake_in_the_usage_exits_2(arguments: tuple[str, ...]) -> None:
    ended = run(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert "--help" in ended.err


# -- the user's mistakes -----------------------------------------------------------------------------------------------

MISTAKES = {
    "no brief": (("build",), "No brief is named", "skillgen init"),
    "no corpus": (("build", BRIEF), "No corpus is named", "--corpus"),
    "no corpus to search": (("search", "x"), "No corpus is named", "--corpus"),
    "no such brief": (("build", "nope", "--corpus", "docs"), "nope", "skillgen brief list"),
    "no such brief to show": (("brief", "show", "nope"), "nope", "skillgen brief list"),
    "no such folder": (("build", BRIEF, "--corpus", "nope"), "nope does not exist", "--corpus"),
    "a file as corpus": (("ingest", "--corpus", "docs/deploys.md"), "is a file", "folder"),
    "empty corpus": (("build", BRIEF, "--corpus", "empty"), "no page to read", "ingest.include"),
    "bad name": (("build", BRIEF, "--corpus", "docs", "--name", "Bad_Name"), "Bad_Name", "--name"),
    "out is a file": (("build", BRIEF, "--corpus", "docs", "--out", "file"), "file is a file", "--out"),
    "out is in a file": (("build", BRIEF, "--corpus", "docs", "--out", "file/x"), "file is a file", "--out"),
    "package is a file": (("build", BRIEF, "--corpus", "docs", "--out", ".", "--name", "file"), "is a file", "--out"),
    "floor too high": (("build", BRIEF, "--corpus", "docs", "--fail-under", "1.1"), "--fail-under", "--help"),
    "floor no number": (("build", BRIEF, "--corpus", "docs", "--fail-under", "nan"), "--fail-under", "--help"),
    "no such template": (("build", BRIEF, "--corpus", "docs", "--template", "nope"), "nope does not exist", "folder"),
    "workspace is a file": (("ingest", "--corpus", "docs", "--workspace", "file"), "is a file", "--workspace"),
    "workspace is taken": (("ingest", "--corpus", "docs", "--workspace", "docs"), "no skillgen work", "--workspace"),
    "nothing asked": (("search", "--corpus", "docs"), "Give either", "skillgen search"),
    "asked twice": (("search", "x", "--queries", "q.jsonl", "--corpus", "docs"), "Give either", "skillgen search"),
    "empty query": (("search", " ", "--corpus", "docs"), "query is empty", "skillgen search"),
    "no queries file": (("search", "--queries", "nope", "--corpus", "docs"), "nope cannot be read", '"query"'),
    "no queries in it": (("search", "--queries", "file", "--corpus", "docs"), "holds no query", '"query"'),
    "broken query": (("search", "--queries", "q.jsonl", "--corpus", "docs"), "q.jsonl, line 2", '"query"'),
}


@pytest.mark.usefixtures("fast")
@pytest.mark.parametrize("as_json", [False, True], ids=["text", "json"])
@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_with_the_next_step_and_prints_nothing(folder: Path, mistake: str, *, as_json: bool) -> None:
    arguments, said, hint = MISTAKES[mistake]
    (folder / "file").touch()
    (folder / "empty").mkdir()
    (folder / "q.jsonl").write_text('{"id": 1, "query": "x"}\n{"id": 2}\n', encoding="utf-8")
    ended = run(*arguments, *(["--json"] if as_json else []))
    assert (ended.code, ended.out) == (2, "")
    assert "Traceback" not in ended.err
    error = re.search(r"^Error: (.*)\nNext:  (.*)$", ended.err, flags=re.MULTILINE)
    assert error
    assert said in error[1]
    assert hint in error[2]
    if mistake not in {"empty corpus", "no such template"}:
        assert not (folder / ".skillgen").exists(), "a mistake was found late"


def test_a_typo_in_the_settings_is_named(folder: Path) -> None:
    (folder / "skillgen.toml").write_text("[build]\nfail_udner = 0.5\n", encoding="utf-8")
    ended = run("build", BRIEF, "--corpus", "docs")
    assert ended.code == 2
    assert "no key build.fail_udner (did you mean fail_under?)" in ended.err


# -- what is nobody's mistake ------------------------------------------------------------------------------------------


def raising(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(page_commands, "run_ingest", fail)


def test_a_bug_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    for error in (ValueError("x"), OSError(2, "No such file"), ModuleNotFoundError("x", name="skillgen.nope")):
        raising(monkeypatch, error)
        with pytest.raises(type(error)):
            run("ingest")


def test_evidence_that_does_not_stand_exits_1(monkeypatch: pytest.MonkeyPatch) -> None:
    raising(monkeypatch, EvidenceError("The quote is not there."))
    assert run("ingest").code == 1


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(28, "No space left on device", "x/y"), "x/y: No space left on device."),
        (PermissionError(13, "Permission denied", "x/y"), "x/y: Permission denied."),
        (ModuleNotFoundError("x", name="chromadb"), "The library chromadb is missing."),
    ],
)
def test_what_the_machine_refuses_is_told_plainly(
    monkeypatch: pytest.MonkeyPatch, error: BaseException, said: str
) -> None:
    raising(monkeypatch, error)
    ended = run("ingest")
    assert ended.code == 2
    assert f"Error: {said}\n" in ended.err
    assert "skillgen doctor" in ended.err


def test_an_interrupt_exits_130_and_says_what_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    raising(monkeypatch, KeyboardInterrupt())
    ended = run("ingest")
    assert (ended.code, ended.out) == (130, "")
    assert ended.err.startswith("Interrupted. ")


@pytest.mark.usefixtures("fast")
@pytest.mark.parametrize("lost", [True, False], ids=["swallowed", "replaced"])
def test_a_signal_ends_the_command_whatever_a_library_makes_of_its_exception(
    monkeypatch: pytest.MonkeyPatch, *, lost: bool
) -> None:
    def ingest(*_: object, reporter: Reporter, **__: object) -> None:
        try:
            signal.raise_signal(signal.SIGTERM)
        except SystemExit as ending:
            if not lost:
                raise ImportError("import numpy failed") from ending
        reporter.start("Reading pages")
        pytest.fail("the work went on")

    monkeypatch.setattr(page_commands, "ingest", ingest)
    before = signal.getsignal(signal.SIGTERM)
    ended = run("ingest", "--corpus", "docs")
    assert (ended.code, ended.err.startswith("Terminated. ")) == (143, True)
    assert signal.getsignal(signal.SIGTERM) is before


def test_the_command_line_works_in_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[object] = []

    def target() -> None:
        try:
            main()
        except SystemExit as end:
            ended.append(end.code)

    monkeypatch.setattr(sys, "argv", ["skillgen", "brief", "list"])
    thread = threading.Thread(target=target)
    thread.start()
    thread.join()
    assert ended == [0]


# -- results -----------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("fast")
def test_ingest_tells_what_changed(folder: Path) -> None:
    first = run("ingest", "--corpus", "docs", "--json")
    assert first.code == 0
    assert (first.json["pages"], first.json["parsed"], first.json["embedded"]) == (3, 3, first.json["chunks"])
    assert "Reading pages" in first.err
    (folder / "docs/new.md").write_text("# New\n\nA new page about the pager.\n", encoding="utf-8")
    second = run("ingest", "--corpus", "docs", "--json")
    assert (second.json["parsed"], second.json["unchanged"], second.json["embedded"]) == (1, 3, 1)
    assert "4 pages" in run("ingest", "--corpus", "docs").out


@pytest.mark.usefixtures("fast")
def test_search_finds_spans_that_stand_where_it_says() -> None:
    ended = run("search", "who rotates the token of Airflow", "--corpus", "docs", "--k", "2", "--json")
    assert ended.code == 0
    assert len(ended.json["results"]) == 2
    for result in ended.json["results"]:
        text = PAGES[result["source"]]
        assert text[result["start"] : result["end"]] == result["text"]
        first, last = result["lines"]
        assert result["text"].split("\n")[0] in text.split("\n")[first - 1]
        assert result["text"].rstrip("\n").count("\n") == last - first
    text = run("search", "who rotates the token of Airflow", "--corpus", "docs").out
    assert text.startswith("1. nightly.md:")


def test_a_long_result_is_cut_and_its_lines_with_it() -> None:
    text = "\n".join(f"line {number} of the long listing" for number in range(200))
    chunk = Chunk(
        chunk_id="c",
        source="long.md",
        start=50,
        end=50 + len(text),
        lines=(3, 202),
        heading_path=("Long",),
        text=text,
        first_block=1,
        last_block=1,
    )
    result = page_commands._result(Passage(chunk=chunk, score=0.5, rank=1))
    assert result["text"] == text[:1200]
    assert (result["start"], result["end"]) == (50, 1250)
    assert result["lines"] == [3, 3 + text[:1200].count("\n")]


@pytest.mark.usefixtures("fast")
def test_a_file_of_queries_gives_one_line_of_json_for_each(folder: Path) -> None:
    (folder / "q.jsonl").write_text(
        '\ufeff{"id": "a", "query": "token"}\n\n{"id": 7, "query": "on-call\\u2028 engineer"}\n', encoding="utf-8"
    )
    ended = run("search", "--queries", "q.jsonl", "--corpus", "docs", "--k", "1")
    rows = [json.loads(line) for line in ended.out.rstrip("\n").split("\n")]
    assert [row["id"] for row in rows] == ["a", "7"]
    assert all(len(row["results"]) == 1 for row in rows)


@pytest.mark.usefixtures("fast")
@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "ascii"])
def test_a_character_that_the_terminal_lacks_breaks_neither_text_nor_json(encoding: str) -> None:
    arguments = ("search", "Fivetran", "--corpus", "docs", "--k", "1")
    text = run(*arguments, encoding=encoding)
    assert text.code == 0
    assert ("→" in text.out) == (encoding == "utf-8")
    assert "→ raw" in run(*arguments, "--json", encoding=encoding).json["results"][0]["text"]


@pytest.mark.usefixtures("fast")
def test_an_address_from_the_settings_stays_when_the_corpus_is_named_again(folder: Path) -> None:
    (folder / "skillgen.toml").write_text(
        '[[corpus]]\npath = "docs"\nurl = "https://wiki.example/{path}"\n', encoding="utf-8"
    )
    assert run("ingest", "--json").json["parsed"] == 3
    assert run("ingest", "--corpus", "docs", "--json").json["parsed"] == 0


def test_the_brief_commands_print_text_and_json(folder: Path) -> None:
    assert BRIEF in run("brief", "list").out
    assert BRIEF in [brief["name"] for brief in run("brief", "list", "--json").json["briefs"]]
    assert "Coverage targets" in run("brief", "show", BRIEF).out
    assert run("brief", "show", BRIEF, "--json").json["questions"]
    assert run("brief", "lint", BRIEF, "--json").json == {"brief": BRIEF, "issues": []}
    parts = {"Focus": "X.", "Delta Principle": "X.", "Coverage Targets": "- One", "Questions to Research": "1. What?"}
    text = "# Poor\n\n" + "\n\n".join(f"## {heading}\n\n{body}" for heading, body in parts.items())
    (folder / "poor.md").write_text(text, encoding="utf-8")
    poor = run("brief", "lint", "poor.md")
    assert poor.code == 1
    assert "issues" in poor.out


# -- several processes, pipes and signals ------------------------------------------------------------------------------


def test_the_second_of_two_processes_is_told_who_holds_the_workspace(folder: Path) -> None:
    held = (
        "import sys; from pathlib import Path; from skillgen.workspace import open_workspace\n"
        "with open_workspace(Path('.skillgen'), command='skillgen build'): print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", held], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=folder
    ) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == b"held\n"
        ended = run("search", "x", "--corpus", "docs", "--json")
        holder.communicate()
    assert (ended.code, ended.out) == (2, "")
    assert f"in use by process {holder.pid} (skillgen build)" in ended.err
    assert "Next:  Wait" in ended.err


@pytest.mark.parametrize("arguments", [("brief", "list"), ("brief", "list", "--json")], ids=" ".join)
def test_a_reader_that_has_gone_is_no_error(folder: Path, arguments: tuple[str, ...]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "skillgen", *arguments],
        stdout=writing,
        stderr=subprocess.PIPE,
        cwd=folder,
        check=False,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


def test_nobody_has_to_listen_to_the_progress(folder: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "skillgen", "ingest", "--corpus", "docs", "--json"],
        stdout=subprocess.PIPE,
        stderr=writing,
        cwd=folder,
        check=False,
    )
    os.close(writing)
    assert done.returncode == 0
    assert json.loads(done.stdout)["pages"] == 3


def embedded(folder: Path) -> int:
    """Return how many texts the workspace has embedded so far."""
    truth = folder / ".skillgen/truth.sqlite3"
    if not truth.is_file():
        return 0
    connection = sqlite3.connect(f"{truth.as_uri()}?mode=ro", uri=True)
    try:
        return int(connection.execute("SELECT count(*) FROM embedding").fetchone()[0])
    except sqlite3.OperationalError:  # it is being made
        return 0
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("number", "code", "said"),
    [(signal.SIGINT, 130, "Interrupted. "), (signal.SIGTERM, 143, "Terminated. ")],
    ids=["SIGINT", "SIGTERM"],
)
def test_a_signal_while_embedding_ends_cleanly_and_the_next_run_goes_on(
    folder: Path, number: signal.Signals, code: int, said: str
) -> None:
    write_pages(
        folder / "docs",
        {
            f"service-{page}.md": f"# Service {page}\n\n"
            + "\n\n".join(
                f"## Part {part}\n\nJob {page}-{part} copies orders at {part:02}:30 UTC." for part in range(8)
            )
            for page in range(25)
        },
    )
    process = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTIBLE, "ingest", "--corpus", "docs", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        cwd=folder,
    )
    while process.poll() is None and embedded(folder) < 16:
        time.sleep(0.02)
    process.send_signal(number)
    sent = time.monotonic()
    out, err = process.communicate(timeout=60)
    assert time.monotonic() - sent < 10
    assert (process.returncode, out) == (code, "")
    assert err.splitlines()[-1].startswith(said)
    assert "Traceback" not in err
    done = embedded(folder)
    report = run("ingest", "--corpus", "docs", "--json").json
    assert 16 <= done < report["chunks"]
    assert report["embedded"] == report["chunks"] - done
    assert report["parsed"] == 0


def test_nothing_in_the_environment_makes_it_talk_to_anybody(folder: Path) -> None:
    lingering = "import time\nfrom skillgen.__main__ import main\ntry:\n    main()\nfinally:\n    time.sleep(6)"
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        names = ("LANGSMITH_ENDPOINT", "LANGCHAIN_ENDPOINT", "OPENAI_BASE_URL", "http_proxy", "HTTP_PROXY")
        env = {
            **os.environ,
            **dict.fromkeys((*names, "https_proxy", "HTTPS_PROXY", "ALL_PROXY"), address),
            **dict.fromkeys(("LANGSMITH_TRACING", "LANGCHAIN_TRACING_V2", "ANONYMIZED_TELEMETRY"), "true"),
            "ORT_DISABLE_TELEMETRY": "0",
            "LANGSMITH_API_KEY": "none",
            "CHROMA_OTEL_COLLECTION_ENDPOINT": address,
        }
        command = [sys.executable, "-c", lingering, "search", "token", "--corpus", "docs", "--json"]
        done = subprocess.run(command, cwd=folder, env=env, capture_output=True, check=True)
        assert json.loads(done.stdout)["results"]
        listener.settimeout(0)
        with pytest.raises(BlockingIOError):
            listener.accept()
