"""`skillgen doctor` asks the chat model that is configured, and says how it answers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from chat_server import ChatServer, completion, refusal, running
from cli_runner import run

from skillgen import doctor
from skillgen.settings import Settings


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with running() as fake:
        yield fake


def checked(monkeypatch: pytest.MonkeyPatch, **values: Any) -> doctor.CheckResult | None:  # noqa: ANN401
    settings = Settings().with_values({f"model.{name}": value for name, value in values.items()})
    monkeypatch.delenv("SKILLGEN_MODEL_API_KEY", raising=False)
    found = doctor._guarded("chat model", lambda: doctor._chat_model(settings))
    return found[0] if found else None


def test_without_a_model_nothing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    assert checked(monkeypatch) is None


def test_a_model_that_answers_is_told_with_the_form_of_its_replies(
    server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.probe = lambda heard: (
        refusal(400, "unknown response_format")
        if heard.form == "json_schema"
        else completion('{"city": "L", "cranes": 3, "notes": []}')
    )
    check = checked(monkeypatch, name="tiny", base_url=server.url)
    assert check is not None
    assert check.status == "ok"
    assert f"tiny at {server.url} answers in 0." in check.message
    assert check.message.endswith("structured replies by JSON mode")


def test_a_model_that_cannot_give_the_form_is_a_warning(server: ChatServer, monkeypatch: pytest.MonkeyPatch) -> None:
    server.probe = lambda _: completion("three")
    check = checked(monkeypatch, name="tiny", base_url=server.url)
    assert check is not None
    assert (check.status, "larger model" in str(check.remedy)) == ("warning", True)


def test_a_server_that_is_not_there_an_unknown_price_and_a_missing_key_are_errors(
    server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running() as gone:
        url = gone.url
    for values, said in (
        ({"name": "tiny", "base_url": url}, "cannot be reached"),
        ({"name": "tiny", "base_url": server.url, "max_cost": 1.0}, "no price"),
        ({"name": "openai:gpt-4o"}, "OPENAI_API_KEY"),
        ({"name": "gpt"}, "must name a provider"),
    ):
        check = checked(monkeypatch, **values)
        assert check is not None
        assert check.status == "error"
        assert said in check.message
        assert check.remedy


def test_the_command_shows_it(server: ChatServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "skillgen.toml").write_text(f'[model]\nname = "tiny"\nbase_url = "{server.url}"\n', encoding="utf-8")
    ended = run("doctor")
    assert "structured replies by a JSON Schema" in " ".join(ended.out.split())
    assert len(server.heard) == 1
