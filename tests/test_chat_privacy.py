"""Nothing leaves that nobody asked for, and keys stand nowhere."""

from __future__ import annotations

import logging
import os
import socketserver
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from chat_server import ChatServer, client_of, refusal, request, running

from skillgen.chat import MemoryReplies, model_spec, open_client, open_model
from skillgen.chat.privacy import redactor, refuse_remote
from skillgen.endpoints import is_loopback, plain_address
from skillgen.errors import PrerequisiteError, SettingsError, SkillgenError, UserError
from skillgen.settings import ModelSettings, Settings, load_settings
from skillgen.workspace import open_workspace

KEY = "sk-canary-4711-xyz"
TESTS = Path(__file__).resolve().parent


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with running() as fake:
        yield fake


@dataclass
class Listener:
    """Hears whoever connects, and hangs up."""

    url: str
    heard: list[bytes] = field(default_factory=list)


@contextmanager
def listening() -> Iterator[Listener]:
    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):
                listener.heard.append(self.request.recv(2000))

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as tcp:
        listener = Listener(f"http://127.0.0.1:{tcp.server_address[1]}")
        thread = threading.Thread(target=tcp.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield listener
        finally:
            tcp.shutdown()
            thread.join()


# -- tracing and telemetry ---------------------------------------------------------------------------------------------

# Asks a model in a process of its own, plainly and with tracing turned on in the code around it.
SCRIPT = """
import contextlib, sys
sys.path.insert(0, {tests!r})
from chat_server import client_of, request
from skillgen.chat import models
def ask(*requests):
    with client_of({url!r}) as client:
        told = list(client.ask_all(requests))
        print(client.usage().endpoints, len(told), flush=True)
if {open!r}:  # without what keeps tracing off
    models.silence, models.untraced = lambda: None, contextlib.nullcontext
else:
    ask(request(1))
import langsmith
with langsmith.tracing_context(enabled=True):
    ask(request(2))
"""


def traced_process(server: ChatServer, listener: Listener, *, opened: bool = False) -> subprocess.Popen[str]:
    """Start a process in which everything is set up to tell the listener about every call."""
    places = "LANGSMITH_ENDPOINT LANGCHAIN_ENDPOINT".split()
    if not opened:
        places += "HTTP_PROXY HTTPS_PROXY ALL_PROXY http_proxy OPENAI_PROXY OPENAI_BASE_URL OPENAI_API_BASE".split()
    switches = ("LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING_V2")
    environ = {
        **os.environ,
        **dict.fromkeys(places, listener.url),
        **dict.fromkeys(switches, "true"),
        "LANGSMITH_API_KEY": KEY,
        "OPENAI_LOG": "debug",
        "OPENAI_ORG_ID": "org-canary",
    }
    if not opened:
        environ |= {"LANGCHAIN_TRACING": "true", "LANGCHAIN_HANDLER": "langchain"}
    code = SCRIPT.format(tests=str(TESTS), open=opened, url=server.url)
    return subprocess.Popen(
        [sys.executable, "-c", code], env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_nobody_else_hears_of_a_call_whatever_the_environment_says(server: ChatServer) -> None:
    with listening() as listener:
        process = traced_process(server, listener)
        out, err = process.communicate()
    assert process.returncode == 0, err
    assert listener.heard == []
    assert out.split("\n")[:2] == [f"('{server.url}',) 1"] * 2
    assert len(server.asked) == 2
    assert "Say number" not in err
    assert not any("canary" in str(heard.headers) for heard in server.heard)


def test_tracing_would_be_heard(server: ChatServer) -> None:
    with listening() as listener:
        process = traced_process(server, listener, opened=True)
        for _ in range(600):
            if listener.heard or process.poll() is not None:
                break
            time.sleep(0.05)
        process.kill()
        process.communicate()
    assert listener.heard


# -- keys --------------------------------------------------------------------------------------------------------------


def test_the_key_stands_in_no_file_log_or_error(
    server: ChatServer, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("SKILLGEN_MODEL_API_KEY", KEY)
    shown: list[str] = []

    settings = ModelSettings(name="tiny", base_url=server.url, retries=0)
    with open_workspace(tmp_path / "w") as workspace:
        client = open_client(settings, workspace.store)
        with client:
            shown += [repr(pair) for pair in client.ask_all(map(request, range(3)))]
            server.answer = lambda heard: refusal(400, f"bad key {heard.headers['authorization']}")
            shown += [repr(pair) for pair in client.ask_all([request(8)])]
            server.answer = lambda heard: refusal(401, f"bad key {heard.headers['authorization']}")
            with pytest.raises(PrerequisiteError) as caught:
                list(client.ask_all([request(9)]))
        shown += traceback.format_exception(caught.value, chain=True)
        shown += [str(caught.value), str(caught.value.hint), repr(client), repr(client._door), str(client.usage())]
        shown += [repr(vars(client._door)), caplog.text]
    assert server.asked[0].headers["authorization"] == f"Bearer {KEY}"
    assert "bad key Bearer [key]" in "".join(shown)
    assert KEY not in "".join(shown)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) > 3
    assert not [path for path in files if KEY.encode() in path.read_bytes()]


def test_a_key_goes_only_to_the_server_that_it_belongs_to(server: ChatServer) -> None:
    environ = {"OPENAI_API_KEY": KEY, "ANTHROPIC_API_KEY": KEY}
    with client_of(server.url, environ=environ) as client:
        list(client.ask_all([request(1)]))
    assert not any("authorization" in heard.headers for heard in server.heard)


def test_every_secret_of_the_environment_is_taken_out_of_texts() -> None:
    redact = redactor({"MY_TOKEN": "abcdefgh", "X_SECRET": "abcdefghij", "HOME": "/home/somebody", "A_KEY": "short"})
    assert redact("abcdefghij abcdefgh /home/somebody short") == "[key] [key] /home/somebody short"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f'[model]\napi_key = "{KEY}"', "model.api_key looks like a key, and keys come from the environment only"),
        (f'[embed]\ntoken = "{KEY}"', "embed.token looks like a key"),
        (f'openai_api_key = "{KEY}"', "openai_api_key looks like a key"),
        (f'[model]\nbase_url = "http://me:{KEY}@host/v1"', "without user, password, query or key"),
        (f'[model]\nbase_url = "http://host/v1?key={KEY}"', "without user, password, query or key"),
    ],
)
def test_a_key_in_the_settings_is_refused_and_not_shown(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "skillgen.toml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load_settings(tmp_path)
    assert said in caught.value.message
    assert KEY not in f"{caught.value}{caught.value.hint}"


# -- which model, and where --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "base_url", "identity"),
    [
        ("openai:gpt-4o", None, "openai:gpt-4o at https://api.openai.com/v1"),
        ("google:gemini-2.5-flash", None, "google_genai:gemini-2.5-flash at https://generativelanguage.googleapis.com"),
        ("ollama:qwen2.5:1.5b", None, "ollama:qwen2.5:1.5b at http://127.0.0.1:11434"),
        ("qwen2.5:1.5b", "http://127.0.0.1:8080/v1/", "openai:qwen2.5:1.5b at http://127.0.0.1:8080/v1"),
        ("openai:org/name", "http://127.0.0.1:8080/v1", "openai:org/name at http://127.0.0.1:8080/v1"),
        ("mistralai:small", None, "mistralai:small at the address that the library of mistralai uses"),
    ],
)
def test_a_model_is_named_by_provider_name_and_place(model: str, base_url: str | None, identity: str) -> None:
    assert model_spec(model, base_url).id == identity


@pytest.mark.parametrize(
    ("model", "base_url"),
    [("gpt-4o", None), ("opena:gpt", None), ("openai:", None), ("", None), ("", "http://h/v1"), ("groq:x", "http://h")],
)
def test_a_name_without_a_provider_is_refused_with_an_example(model: str, base_url: str | None) -> None:
    with pytest.raises(SettingsError) as caught:
        model_spec(model, base_url)
    assert "openai:NAME" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("model", "environ", "said", "hint"),
    [
        ("openai:gpt-4o", {}, "OPENAI_API_KEY is not set", "export OPENAI_API_KEY"),
        ("anthropic:claude-x", {}, "ANTHROPIC_API_KEY is not set", "export ANTHROPIC_API_KEY"),
        ("anthropic:claude-x", {"ANTHROPIC_API_KEY": KEY}, "not installed", '"runbook-skillgen[anthropic]"'),
        ("google:gemini-x", {"GOOGLE_API_KEY": KEY}, "not installed", '"runbook-skillgen[google]"'),
        ("ollama:llama3", {}, "not installed", '"runbook-skillgen[ollama]"'),
        ("mistralai:small", {}, "not installed", "pip install langchain-mistralai"),
    ],
)
def test_a_missing_key_or_package_is_named(
    monkeypatch: pytest.MonkeyPatch, model: str, environ: dict[str, str], said: str, hint: str
) -> None:
    for package in ("langchain_anthropic", "langchain_google_genai", "langchain_ollama", "langchain_mistralai"):
        monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(PrerequisiteError, match=said) as caught:
        open_model(model_spec(model), timeout=1, environ=environ)
    assert hint in str(caught.value.hint)
    assert KEY not in str(caught.value)


# -- only this machine -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    ["http://localhost:1/v1", "http://127.0.0.1/v1", "http://127.9.9.9:80", "http://[::1]:8/v1", "http://LOCALHOST."],
)
def test_addresses_of_this_machine(address: str) -> None:
    assert is_loopback(address)
    refuse_remote(address)


@pytest.mark.parametrize(
    "address",
    [
        "http://10.0.0.1/v1",
        "http://0.0.0.0:8080/v1",
        "http://localhost.example/v1",
        "http://127.0.0.1.example/v1",
        "http://2130706433/v1",
        "http://[::ffff:10.0.0.1]/v1",
        "https://api.openai.com/v1",
        "http://my-machine/v1",
    ],
)
def test_addresses_elsewhere_are_refused_where_all_must_stay_here(address: str) -> None:
    assert not is_loopback(address)
    with pytest.raises(UserError, match="not on this machine"):
        model_spec("tiny", address, local_only=True)
    for section in ("model", "embed"):
        with pytest.raises(SettingsError, match=rf"local_only is set, and {section}\.base_url is not on this machine"):
            Settings().with_values({"model.local_only": True, f"{section}.base_url": address})


@pytest.mark.parametrize("model", ["openai:gpt-4o", "anthropic:claude-x", "mistralai:small"])
def test_a_provider_elsewhere_is_refused_where_all_must_stay_here(model: str) -> None:
    with pytest.raises(UserError, match="local_only"):
        open_client(ModelSettings(name=model, local_only=True), MemoryReplies(), environ={})


def test_a_local_name_that_leads_elsewhere_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = [(2, 1, 6, "", ("203.0.113.9", 0))]
    monkeypatch.setattr("skillgen.chat.privacy.socket.getaddrinfo", lambda *_, **__: elsewhere)
    with pytest.raises(UserError, match="not on this machine"):
        refuse_remote("http://localhost:8080/v1")


def test_a_redirect_is_not_followed_even_to_this_machine(server: ChatServer) -> None:
    with listening() as listener:
        server.probe = lambda _: refusal(307, "there", Location=f"{listener.url}/v1/chat/completions")
        with pytest.raises(SkillgenError, match="redirect, which is not followed"), client_of(server.url) as client:
            client.probe()
    assert listener.heard == []


def test_a_proxy_carries_what_goes_elsewhere_and_is_told_but_never_what_stays_here(
    server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with listening() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url.replace("//", "//user:pass@"))
        monkeypatch.setenv("NO_PROXY", "")
        with client_of(server.url) as client:
            list(client.ask_all([request(1)]))
            assert client.usage().endpoints == (server.url,)
        assert proxy.heard == []
        with client_of("http://203.0.113.9/v1", retries=0) as client:
            with pytest.raises(SkillgenError):
                client.probe()
            assert client.usage().endpoints == ("http://203.0.113.9/v1", f"proxy {proxy.url.partition('//')[2]}")
        assert proxy.heard[0].startswith(b"POST http://203.0.113.9/v1/chat/completions")


def test_an_address_with_anything_beside_a_place_is_refused() -> None:
    assert plain_address(" https://h:1/v1/ ") == "https://h:1/v1"
    for bad in ("ftp://h", "h/v1", "http://", "http://h:x/", "http://h/#a", "http://@h/", "http://[::1/"):
        with pytest.raises(ValueError, match="must look like"):
            plain_address(bad)


def test_importing_the_package_imports_no_heavy_library() -> None:
    code = (
        "import sys, skillgen.chat;"
        "sys.exit(bool({'langchain', 'langchain_core', 'langsmith', 'openai', 'jinja2', 'yaml'} & sys.modules.keys()))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
