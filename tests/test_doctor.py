"""`skillgen doctor`: what it finds, what it says mends it, and the indexes derived anew."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from cli_runner import run, write_pages

from skillgen import doctor, workspace
from skillgen.embed import HashEmbedder, verify_local_model
from skillgen.resources import data_dir
from skillgen.store import SCHEMA_VERSION
from skillgen.workspace import open_workspace


def embed_by_hashing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("skillgen.embed.named.local_embedder", lambda *_, **__: HashEmbedder())


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with pages, settings and an ingested workspace, to be copied."""
    folder = tmp_path_factory.mktemp("built")
    with pytest.MonkeyPatch.context() as patch:
        embed_by_hashing(patch)
        patch.chdir(folder)
        write_pages(folder / "docs")
        assert run("init", "--yes").code == 0
        assert run("ingest").code == 0
    return folder


@pytest.fixture
def nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    embed_by_hashing(monkeypatch)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def folder(built: Path, nothing: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    copy = nothing / "copy"
    shutil.copytree(built, copy)
    monkeypatch.chdir(copy)
    return copy


def results(*arguments: str) -> dict[str, dict[str, Any]]:
    return {check["name"]: check for check in run("doctor", "--json", *arguments).json["checks"]}


def wrong(*arguments: str) -> dict[str, str]:
    """Return the status of every check that is not ok."""
    return {name: check["status"] for name, check in results(*arguments).items() if check["status"] != "ok"}


def contents(path: Path) -> dict[str, str]:
    return {
        file.relative_to(path).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(path.rglob("*"))
        if file.is_file()
    }


def found(query: str = "who rotates the token") -> Any:  # noqa: ANN401
    return run("search", query, "--json").json["results"]


def in_truth(folder: Path, statement: str) -> None:
    connection = sqlite3.connect(folder / ".skillgen/truth.sqlite3")
    with connection:
        connection.execute(statement)
    connection.close()


# -- all is well -------------------------------------------------------------------------------------------------------


def test_where_all_is_well_each_check_has_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_pages(tmp_path / "docs")
    assert run("ingest", "--corpus", "docs").code == 0
    ended = run("doctor")
    assert (ended.code, ended.err) == (0, "")
    labels = [line.split()[:2] for line in ended.out.splitlines() if line[:1].strip()]
    assert all(label[0] == "ok" for label in labels[:-1])
    assert ended.out.rstrip().endswith(f"{len(labels) - 1} checks, all good")
    words = " ".join(ended.out.split())
    assert f"chromadb {metadata.version('chromadb')}" in words
    assert "Apache-2.0" in words
    assert f"format {SCHEMA_VERSION}, 3 pages, 4 chunks, 4 embeddings for 4 texts" in words


def test_where_nothing_is_yet_nothing_is_made(nothing: Path) -> None:
    ended = run("doctor", "--json")
    assert ended.code == 0
    assert ended.json["status"] == "ok"
    assert ended.json["rebuilt"] is None
    assert set(ended.json["checks"][0]) == {"name", "status", "message", "remedy"}
    assert list(nothing.iterdir()) == []
    assert "first build makes it" in results("--workspace", "elsewhere")["workspace"]["message"]


# -- the installation --------------------------------------------------------------------------------------------------


def test_a_missing_package_is_named_without_importing_any(nothing: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def version(name: str) -> str:
        if name == "tantivy":
            raise metadata.PackageNotFoundError(name)
        return "1.0"

    monkeypatch.setattr(metadata, "version", version)
    ended = run("doctor")
    assert ended.code == 1
    assert "packages: not installed: tantivy" in ended.out
    assert "Next: pip install" in ended.out


def test_a_bare_checkout_is_a_warning(nothing: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def requires(name: str) -> list[str]:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "requires", requires)
    assert wrong() == {"packages": "warning"}


@pytest.mark.parametrize("state", ["missing", "other"])
def test_a_model_file_that_is_not_the_pinned_one_is_named_with_its_package(
    nothing: Path, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    model, tokenizer = verify_local_model()
    bad = replace(model, ok=False, path=None if state == "missing" else model.path)
    monkeypatch.setattr(doctor, "verify_local_model", lambda: (bad, tokenizer))
    check = results()["model files"]
    assert check["status"] == "error"
    assert "model.onnx" in check["message"]
    assert check["remedy"].endswith(model.package)


def test_data_files_that_are_gone_are_an_error(nothing: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("skillgen.resources._PACKAGE", nothing / "skillgen")
    status = wrong()
    assert status["data files"] == "error"
    assert status["briefs"] == "error"


def test_a_built_in_brief_that_is_no_brief_is_an_error(nothing: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(data_dir("prompts"), nothing / "prompts")
    shutil.copytree(data_dir("templates"), nothing / "templates")
    (nothing / "prompts/briefs/broken.md").write_text("nothing", encoding="utf-8")
    monkeypatch.setattr("skillgen.resources._PACKAGE", nothing / "skillgen")
    assert wrong() == {"briefs": "error"}
    shutil.rmtree(nothing / "prompts/briefs")
    (nothing / "prompts/briefs").mkdir()
    assert "no built-in brief" in results()["briefs"]["message"]


def test_an_old_sqlite_and_a_full_disk_are_told(nothing: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 34, 1))
    usage = shutil.disk_usage(nothing)._replace(free=5_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    assert wrong() == {"sqlite": "error", "disk": "warning"}


def test_a_model_that_cannot_be_loaded_leaves_the_other_checks(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ImportError("libonnxruntime.so")

    monkeypatch.setattr("skillgen.embed.named.local_embedder", fail)
    assert wrong() == {"embedding": "error", "vector index": "warning"}


# -- settings and corpora ----------------------------------------------------------------------------------------------


def test_a_typo_in_the_settings_is_an_error_and_the_rest_is_checked(folder: Path) -> None:
    (folder / "skillgen.toml").write_text("[build]\nnmae = 'x'\n", encoding="utf-8")
    ended = run("doctor")
    assert ended.code == 1
    assert "no key build.nmae" in " ".join(ended.out.split())
    assert wrong() == {"settings": "error"}
    assert run("doctor", "--rebuild").code == 2


def test_a_corpus_that_is_gone_is_an_error(folder: Path) -> None:
    shutil.rmtree(folder / "docs")
    check = results()["corpus"]
    assert check["status"] == "error"
    assert "[[corpus]]" in check["remedy"]


# -- an embedding server -----------------------------------------------------------------------------------------------


@contextmanager
def server() -> Iterator[str]:
    """Run an embedding server that knows one vector."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            body = json.dumps({"object": "list", "data": [{"index": 0, "embedding": [3.0, 4.0]}], "model": "m"})
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in the base class
            """Stay silent."""

    with HTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{http.server_port}/v1"
        finally:
            http.shutdown()
            thread.join()


def test_a_server_that_is_configured_is_asked(nothing: Path) -> None:
    with server() as url:
        (nothing / "skillgen.toml").write_text(f'[embed]\nbase_url = "{url}"\nmodel = "m"\n', encoding="utf-8")
        checks = results()
        assert checks["embedding"]["status"] == "ok"
        assert "length 2" in checks["embedding"]["message"]
        assert "model files" not in checks
    check = results()["embedding"]
    assert check["status"] == "error"
    assert url in check["message"]
    assert check["remedy"]


def test_a_server_without_a_model_is_an_error(nothing: Path) -> None:
    (nothing / "skillgen.toml").write_text('[embed]\nbase_url = "http://127.0.0.1:9/v1"\n', encoding="utf-8")
    assert wrong() == {"embedding": "error"}


# -- the workspace -----------------------------------------------------------------------------------------------------


def test_a_workspace_that_others_can_read_is_a_warning(folder: Path) -> None:
    (folder / ".skillgen").chmod(0o755)
    check = results()["privacy"]
    assert check["status"] == "warning"
    assert check["remedy"] == "chmod 700 .skillgen"


def test_a_folder_that_is_no_workspace_is_an_error(folder: Path) -> None:
    assert wrong("--workspace", "docs") == {"workspace": "error"}
    assert wrong("--workspace", "skillgen.toml") == {"workspace": "error"}


def test_a_workspace_in_use_is_a_warning(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workspace, "_LOCK_WAIT_SECONDS", 0.05)
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with open_workspace(Path(".skillgen"), command="skillgen build"):
            held.set()
            done.wait()

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait()
    try:
        check = results()["workspace"]
    finally:
        done.set()
        holder.join()
    assert check["status"] == "warning"
    assert "skillgen build" in check["message"]


def test_texts_without_an_embedding_are_a_warning_and_rebuild_embeds_them(folder: Path) -> None:
    in_truth(
        folder, "DELETE FROM embedding WHERE text_sha256 IN (SELECT text_sha256 FROM embedding ORDER BY 1 LIMIT 2)"
    )
    check = results()["workspace"]
    assert check["status"] == "warning"
    assert "2 embeddings for 4 texts" in check["message"]
    rebuilt = run("doctor", "--rebuild", "--json")
    assert rebuilt.json["rebuilt"] == {"pages": 3, "chunks": 4, "embedded": 2}
    assert rebuilt.json["status"] == "ok"


def test_another_format_is_an_error(folder: Path) -> None:
    in_truth(folder, "UPDATE meta SET value = '99' WHERE key = 'schema_version'")
    check = results()["workspace"]
    assert check["status"] == "error"
    assert "format 99" in check["message"]
    assert check["remedy"]


def garbage(truth: Path) -> None:
    truth.write_bytes(b"garbage" * 1000)


def holes(truth: Path) -> None:
    """Overwrite pages in the middle, which opening does not notice."""
    data = bytearray(truth.read_bytes())
    data[8192:20480] = bytes(12288)
    truth.write_bytes(data)


@pytest.mark.parametrize("damage", [garbage, holes])
def test_a_damaged_truth_is_an_error_that_says_how_to_start_again(folder: Path, damage: Callable[[Path], None]) -> None:
    damage(folder / ".skillgen/truth.sqlite3")
    check = results()["workspace"]
    assert check["status"] == "error"
    assert "damaged" in check["message"]
    assert "build again" in check["remedy"]


# -- the indexes -------------------------------------------------------------------------------------------------------


def lost(index: Path) -> None:
    shutil.rmtree(index)


def scrambled(index: Path) -> None:
    for file in index.rglob("*"):
        if file.is_file():
            file.write_bytes(b"scrambled" * 100)


def a_file(index: Path) -> None:
    shutil.rmtree(index)
    index.write_text("not a folder", encoding="utf-8")


@pytest.mark.parametrize(
    ("index", "damage", "status"),
    [
        ("words", lost, "warning"),
        ("words", scrambled, "error"),
        ("words", a_file, "error"),
        ("vectors", lost, "warning"),
        ("vectors", scrambled, "error"),
        ("vectors", a_file, "warning"),
    ],
)
def test_an_index_that_is_lost_or_damaged_is_found_and_made_again(
    folder: Path, index: str, damage: Callable[[Path], None], status: str
) -> None:
    before = found()
    damage(folder / ".skillgen" / index)
    name = {"words": "word index", "vectors": "vector index"}[index]
    check = results()[name]
    assert check["status"] == status
    assert "skillgen doctor --rebuild" in check["remedy"]
    ended = run("doctor", "--rebuild")
    assert ended.code == 0
    assert ended.out.startswith("Rebuilt  both indexes, from 3 pages with 4 chunks\n")
    assert "Indexing vectors" in ended.err
    assert found() == before


def test_an_index_that_does_not_fit_the_truth_is_a_warning(folder: Path) -> None:
    in_truth(folder, "DELETE FROM chunk WHERE source = 'nightly.md'")
    assert wrong() == {"word index": "warning", "vector index": "warning"}
    in_truth(folder, "UPDATE meta SET value = 'changing' WHERE key = 'vectors_state'")
    assert "broken off" in results()["vector index"]["message"]


def test_after_a_rebuild_an_ingest_has_nothing_to_do(folder: Path) -> None:
    assert run("doctor", "--rebuild").code == 0
    words = contents(folder / ".skillgen/words")
    report = run("ingest", "--json")
    assert (report.json["parsed"], report.json["embedded"]) == (0, 0)
    assert "Indexing" not in report.err
    assert contents(folder / ".skillgen/words") == words


def test_a_rebuild_reads_no_page(folder: Path) -> None:
    before = found()
    (folder / "docs").rename(folder / "elsewhere")
    assert run("doctor", "--rebuild", "--json").json["rebuilt"]["chunks"] == 4
    (folder / "elsewhere").rename(folder / "docs")
    assert found() == before


def test_without_a_workspace_there_is_nothing_to_rebuild(nothing: Path) -> None:
    ended = run("doctor", "--rebuild", "--json")
    assert (ended.code, ended.out) == (2, "")
    assert "nothing to rebuild" in ended.err
    assert list(nothing.iterdir()) == []
