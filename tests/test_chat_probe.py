"""What a server understands is found out by a few small calls, remembered, and found out again when it changes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from chat_server import PROBED, Answer, ChatServer, Heard, client_of, completion, obedient, refusal, request, running

from skillgen.chat import Budget, MemoryReplies
from skillgen.errors import PrerequisiteError, UserError
from skillgen.model.chat import ChatReply, Price
from skillgen.store import Store


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with running() as fake:
        yield fake


def refusing(*forms: str, status: int = 400) -> Callable[[Heard], Answer]:
    """Return a server's answer that refuses some forms of structured replies."""
    return lambda heard: refusal(status, "unknown response_format") if heard.form in forms else obedient(heard)


def no_lengths(heard: Heard) -> Answer:
    """Refuse schemas with lengths, as some servers do."""
    return refusal(400, "'maxLength' is not permitted") if "maxLength" in json.dumps(heard.body) else obedient(heard)


def only_when_told(heard: Heard) -> Answer:
    """Take every form and heed none: the model answers in JSON only where its prompt tells it how."""
    return obedient(heard) if "JSON Schema" in heard.text else completion("Lindesund, and three cranes.")


@pytest.mark.parametrize(
    ("behaviour", "mode", "calls"),
    [
        (obedient, "schema", 1),
        (no_lengths, "bare_schema", 2),
        (refusing("json_schema"), "json", 3),
        (refusing("json_schema", status=500), "json", 5),
        (refusing("json_schema", "json_object", status=422), "text", 4),
        (only_when_told, "json", 3),
    ],
    ids=["schema", "lengths", "json", "error-500", "text", "ignores"],
)
def test_the_strictest_form_that_works_is_used(
    server: ChatServer, behaviour: Callable[[Heard], Answer], mode: str, calls: int
) -> None:
    server.probe = behaviour
    with client_of(server.url) as client:
        found = client.probe()
        assert (found.capabilities.mode, found.valid) == (mode, True)
        assert len(server.heard) == calls
        ((_request, told),) = client.ask_all([request(7)])
    assert isinstance(told, ChatReply)
    (asked,) = server.asked
    forms = {"schema": "json_schema", "bare_schema": "json_schema", "json": "json_object", "text": "text"}
    assert asked.form == forms[mode]
    assert ("JSON Schema" in asked.text) is (mode in {"json", "text"})
    assert ("maxLength" in json.dumps(asked.body.get("response_format", ""))) is (mode == "schema")


def test_a_model_that_never_gives_the_form_is_told_so(server: ChatServer) -> None:
    server.probe = lambda _: completion("Three, I think.")
    with client_of(server.url) as client:
        found = client.probe()
    assert (found.capabilities.mode, found.valid) == ("text", False)


def test_parameters_that_a_model_refuses_are_left_out(server: ChatServer) -> None:
    def picky(heard: Heard) -> Answer:
        for name, other in (("max_tokens", "max_completion_tokens"), ("temperature", ""), ("seed", "")):
            if name in heard.body:
                return refusal(400, f"Unsupported parameter: '{name}' is not supported. Use '{other or 'none'}'.")
        return obedient(heard)

    server.probe = server.answer = picky
    with client_of(server.url) as client:
        assert set(client.probe().capabilities.leave_out) == {"temperature", "seed", "max_tokens"}
        ((_request, told),) = client.ask_all([request(7)])
    assert isinstance(told, ChatReply)
    body = server.asked[0].body
    assert body["max_completion_tokens"] == 100
    assert not {"max_tokens", "temperature", "seed"} & body.keys()


def test_a_server_that_repeats_the_call_in_its_refusal_costs_no_parameter(server: ChatServer) -> None:
    server.probe = lambda heard: refusal(422, f"bad: {heard.body}"[:400]) if heard.form != "text" else obedient(heard)
    with client_of(server.url) as client:
        found = client.probe().capabilities
    assert (found.mode, found.leave_out) == ("text", ())


def test_what_was_found_is_remembered_for_the_server_and_the_model(server: ChatServer, tmp_path: Path) -> None:
    server.probe = refusing("json_schema")
    store = Store(tmp_path / "truth.sqlite3")
    with client_of(server.url, store) as client:
        found = client.probe()
    count = len(server.heard)
    with client_of(server.url, store) as client:
        again = client.probe()
        assert again.capabilities == found.capabilities
        assert len(server.heard) == count
        client.probe(fresh=True)
    assert len(server.heard) == 2 * count
    with running() as other, client_of(other.url, store) as client:
        assert client.probe().capabilities.mode == "schema"
    store.close()


def test_a_server_that_unlearned_a_form_is_asked_in_another_one(server: ChatServer, tmp_path: Path) -> None:
    store = Store(tmp_path / "truth.sqlite3")
    with client_of(server.url, store) as client:
        client.probe()
    server.probe = server.answer = refusing("json_schema")
    with client_of(server.url, store) as client:
        told = [outcome for _request, outcome in client.ask_all(map(request, range(6)))]
    assert all(isinstance(one, ChatReply) for one in told)
    assert sum(heard.is_probe for heard in server.heard) == 4  # the first, and three to find the other form
    store.close()


def test_a_server_that_answers_nothing_useful_ends_the_probe(server: ChatServer) -> None:
    server.probe = lambda _: refusal(500, "out of memory")
    with pytest.raises(PrerequisiteError, match=r"answers no call\. The server answered with HTTP 500 \(out of memory"):
        client_of(server.url).probe()
    server.probe = lambda _: Answer(seconds=20)
    with pytest.raises(PrerequisiteError, match="did not answer in time"):
        client_of(server.url, timeout=0.2).probe()


def test_a_probe_costs_money_too(server: ChatServer) -> None:
    with pytest.raises(UserError, match=r"Another call could cost more than is left of 0\.001 USD"):
        client_of(server.url, price=Price(input=1, output=10), limit=0.001).probe()
    assert not server.heard


def test_the_packaged_probe_asks_for_what_its_page_says(server: ChatServer) -> None:
    client_of(server.url).probe()
    text = server.heard[0].text
    assert str(PROBED["city"]) in text
    assert "three cranes" in text


def test_a_probe_within_a_run_that_the_budget_cannot_pay_ends_the_run(server: ChatServer) -> None:
    store = MemoryReplies()
    with client_of(server.url, store) as client:
        client.probe()

    def refuses_one_and_is_slow_with_the_others(heard: Heard) -> Answer:
        return refusal(400, "unknown response_format") if heard.number == 0 else Answer(seconds=2)

    server.answer = refuses_one_and_is_slow_with_the_others
    price = Price(input=1000, output=1000)
    limit = 2 * Budget(price, limit=None, model="", price_key="").worst(request(0))
    with (
        client_of(server.url, store, price=price, limit=limit, concurrency=2) as client,
        pytest.raises(UserError, match="Another call could cost more"),
    ):
        list(client.ask_all(map(request, range(3))))
