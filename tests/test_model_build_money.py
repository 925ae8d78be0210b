"""What a build with a model costs: told before, stopped in time, and said afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from chat_server import ChatServer, completion, running
from cli_runner import Ended, run
from corpus_builder import PAGES, write_pages
from model_site import TWO_QUESTIONS
from scripted_model import asked_for, scripted, scripted_but

# US dollars for a million tokens; the server states 150 tokens for every reply.
PRICE = 10.0
A_REPLY = 150 * PRICE / 1_000_000


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with running() as fake:
        fake.answer = scripted
        yield fake


@pytest.fixture
def folder(tmp_path: Path, server: ChatServer, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with pages, a brief and a file of prices, and work in it."""
    write_pages(tmp_path / "wiki", PAGES)
    (tmp_path / "releases.md").write_text(TWO_QUESTIONS, encoding="utf-8")
    price = f'"{server.url} tiny": {{input: {PRICE}, output: {PRICE}}}'
    (tmp_path / "prices.yaml").write_text(f"as_of: 2026-01-31\nmodels:\n  {price}\n", encoding="utf-8")
    (tmp_path / "skillgen.toml").write_text('[model]\nprices = "prices.yaml"\nconcurrency = 1\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def built(server: ChatServer, *options: str) -> Ended:
    model = ("--model", "tiny", "--base-url", server.url)
    return run("build", "releases.md", "--corpus", "wiki", "--out", "out", *model, *options)


def test_a_dry_run_sends_nothing_and_tells_what_is_certain_and_what_is_estimated(
    folder: Path, server: ChatServer
) -> None:
    told = built(server, "--dry-run", "--json")
    assert (told.code, server.heard) == (0, [])
    assert not (folder / "out").exists()
    assert not list((folder / ".skillgen" / "drafts").iterdir())
    uses = {one["use"]: one for one in told.json["uses"]}
    assert uses["expand"]["exact"]
    assert not uses["answer"]["exact"]  # its passages depend on the search phrases
    assert told.json["total"]["calls"] == sum(one["takes"]["calls"] for one in uses.values())
    assert 0 < told.json["total"]["cost"] < told.json["total"]["most"]
    assert built(server).code == 0
    spent = len(server.asked) * A_REPLY
    assert spent < told.json["total"]["most"]
    assert len(server.asked) <= told.json["total"]["calls"]
    asked = len(server.heard)
    again = built(server, "--dry-run", "--json").json
    assert (again["total"]["calls"], again["total"]["cost"]) == (0, 0.0)
    assert again["total"]["stored"] == len(server.asked)
    assert all(one["exact"] for one in again["uses"])
    assert len(server.heard) == asked


def test_a_dry_run_as_text_fits_the_terminal_and_names_the_limit(folder: Path, server: ChatServer) -> None:
    told = built(server, "--dry-run", "--max-cost", "0.01")
    assert all(len(line) <= 80 for line in told.out.splitlines())
    assert "--max-cost 0.01 may stop the run" in told.out
    assert "Nothing was sent." in told.out
    assert server.heard == []


def test_a_dry_run_without_a_model_says_what_is_missing(folder: Path) -> None:
    told = run("build", "releases.md", "--corpus", "wiki", "--dry-run")
    assert told.code == 2
    assert "--model" in told.err


def test_a_server_without_a_model_is_no_build_without_one(folder: Path, server: ChatServer) -> None:
    refused = run("build", "releases.md", "--corpus", "wiki", "--base-url", server.url)
    assert refused.code == 2
    assert "--model" in refused.err
    assert not list((folder / ".skillgen").glob("drafts/*"))


def test_the_limit_is_a_hard_stop_that_keeps_what_was_paid_for(folder: Path, server: ChatServer) -> None:
    stopped = built(server, "--max-cost", "0.045")
    assert stopped.code == 1
    assert "is left of 0.045 USD" in stopped.err
    assert "--max-cost" in stopped.err.partition("Next:")[2]
    assert not (folder / "out").exists()
    assert '"complete": false' in (folder / ".skillgen" / "drafts" / "releases.json").read_text()
    paid = {heard.text for heard in server.asked}
    assert paid
    assert len(server.asked) * A_REPLY <= 0.045
    server.heard.clear()
    assert built(server, "--max-cost", "1").code == 0
    assert not paid & {heard.text for heard in server.asked}


def test_an_unknown_price_refuses_a_limit_before_anything_is_done(folder: Path, server: ChatServer) -> None:
    (folder / "skillgen.toml").unlink()
    refused = built(server, "--max-cost", "1")
    assert refused.code == 2
    assert "no price of openai:tiny is known" in refused.err
    assert server.heard == []
    assert not list((folder / ".skillgen").glob("drafts/*"))


def test_the_summary_tells_model_cost_delta_and_failures(folder: Path, server: ChatServer) -> None:
    scripted_but(server, "description", completion("no"), completion("no"))
    told = built(server)
    assert told.code == 0
    calls = len(server.asked)
    lines = told.out.splitlines()
    assert all(len(line) <= 80 for line in lines)
    model = next(place for place, line in enumerate(lines) if line.startswith("Model "))
    assert f"openai:tiny at {server.url}" in lines[model]
    assert f"{calls} replies, {150 * calls:,} tokens, {calls * A_REPLY:.4f} USD" in lines[model + 1]
    assert f"sent in this run: {calls + 1} calls" in lines[model + 2]  # with the probe
    flat = " ".join(told.out.split())
    assert "statements go beyond what the model knew" in flat
    assert "1 reply could not be used; the draft says which: description: malformed (1)" in flat
    again = built(server, "--json").json["model"]
    assert (again["this_run"]["sent"], again["cost"]) == (0, round(calls * A_REPLY, 6))
    assert len(asked_for(server, "description")) == 2
