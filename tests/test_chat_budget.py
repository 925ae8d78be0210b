"""Money: nothing is sent that could cost more than is left, whatever runs at the same time."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from chat_server import Answer, ChatServer, Heard, client_of, completion, obedient, request, running
from hypothesis import given
from hypothesis import strategies as st

from skillgen.chat import Budget, open_client
from skillgen.chat.budget import likely_tokens, most_tokens
from skillgen.chat.memory import MemoryReplies
from skillgen.chat.prices import FILE_NAME, PriceFile, price_of
from skillgen.chat.spec import model_spec
from skillgen.errors import PrerequisiteError, UserError
from skillgen.model.chat import ChatFailure, ChatReply, Price, RawReply
from skillgen.resources import data_dir
from skillgen.settings import ModelSettings
from skillgen.store import Store

PRICE = Price(input=1000, output=1000)  # a tenth of a cent a token, so that small numbers count


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with running() as fake:
        yield fake


def test_the_stop_holds_under_concurrency_and_keeps_what_was_paid_for(server: ChatServer, tmp_path: Path) -> None:
    store = Store(tmp_path / "truth.sqlite3")
    with client_of(server.url, store) as client:
        client.probe()  # is remembered, so that the runs below pay for requests only
    dice = random.Random(7)
    limit = 3.0

    def any_length(heard: Heard) -> Answer:
        answer = obedient(heard)
        assert isinstance(answer.body, dict)
        answer.body["usage"] = {"prompt_tokens": 40, "completion_tokens": dice.randint(1, 100), "total_tokens": 0}
        answer.seconds = dice.random() / 50
        return answer

    server.answer = any_length
    with client_of(server.url, store, price=PRICE, limit=limit, concurrency=8) as client:
        told = [outcome for _request, outcome in client.ask_all(map(request, range(100)))]
        spent = client.usage().cost
    answered = [one for one in told if isinstance(one, ChatReply)]
    stopped = [one for one in told if isinstance(one, ChatFailure)]
    assert {one.reason for one in stopped} == {"budget"}
    assert spent is not None
    assert len(answered) == len(server.asked) == len(store.reply_keys()) > 5
    assert spent == pytest.approx(sum((one.tokens_in or 0) + (one.tokens_out or 0) for one in answered) / 1000)
    # Within the limit, and stopped only when no further call was sure to fit.
    worst = Budget(PRICE, limit=None, model="", price_key="").worst(request(50))
    assert limit - worst < spent <= limit
    # The next run pays for the next ones only.
    with client_of(server.url, store, price=PRICE, limit=limit) as client:
        more = [outcome for _request, outcome in client.ask_all(map(request, range(100)))]
    assert sum(isinstance(one, ChatReply) for one in more) > len(answered)
    assert len({heard.number for heard in server.asked}) == len(server.asked)
    store.close()


def test_a_call_that_broke_off_is_counted_as_if_it_had_been_charged(server: ChatServer) -> None:
    def cut(heard: Heard) -> Answer:
        answer = obedient(heard)
        answer.cut = True
        return answer

    server.says_in_turn(cut)
    with client_of(server.url, price=PRICE, concurrency=1) as client:
        list(client.ask_all([request(1)]))
        spent = client.usage().cost
    worst = Budget(PRICE, limit=None, model="", price_key="").worst(request(1))
    assert spent == pytest.approx(0.15 + 0.15 + worst)  # the probe, the second try, and the first one at its most


def test_a_reply_without_stated_tokens_is_counted_at_its_most(server: ChatServer) -> None:
    server.answer = lambda _: completion('{"number": 1}', usage=None)
    with client_of(server.url, price=PRICE) as client:
        ((_request, told),) = client.ask_all([request(1)])
        spent = client.usage().cost
    assert isinstance(told, ChatReply)
    assert told.tokens_in is None
    assert spent == pytest.approx(0.15 + Budget(PRICE, limit=None, model="", price_key="").worst(request(1)))


@given(
    st.lists(st.tuples(st.sampled_from(["reserve", "pay", "lose", "release"]), st.integers(0, 400)), max_size=40),
    st.floats(0, 3),
)
def test_no_order_of_calls_can_spend_more_than_the_limit(steps: list[tuple[str, int]], limit: float) -> None:
    budget = Budget(PRICE, limit=limit, model="", price_key="")
    held: list[int] = []
    one = request(1)
    for what, size in steps:
        if what == "reserve":
            number = budget.reserve(one)
            held += [number] if number is not None else []
        elif held:
            number = held.pop()
            if what == "pay":
                tokens = min(size, most_tokens(one))
                reply = RawReply(text="", finish="", model="", tokens_in=tokens, tokens_out=min(size, one.max_tokens))
                budget.pay(number, reply)
            else:
                getattr(budget, what)(number)
        assert budget.spent <= limit + 1e-6
    assert len(budget._reserved) == len(held)


@given(st.text(max_size=300))
def test_the_most_tokens_are_never_fewer_than_the_likely_ones(words: str) -> None:
    one = request(1, words=words)
    assert most_tokens(one) >= likely_tokens(one)
    assert most_tokens(one) >= len(words.encode("utf-8", "surrogatepass"))


def test_an_estimate_is_made_without_sending_anything(server: ChatServer) -> None:
    store = MemoryReplies()
    with client_of(server.url, store) as client:
        list(client.ask_all([request(0)]))
    count = len(server.heard)
    with client_of(server.url, store, price=PRICE) as client:
        told = client.estimate([*map(request, range(10)), request(3)])
        assert client.usage().sent == 0
    assert len(server.heard) == count
    assert (told.calls, told.stored) == (9, 1)
    assert told.tokens_out == 900
    assert told.tokens_in == sum(likely_tokens(request(number)) for number in range(1, 10))
    assert told.cost == pytest.approx((told.tokens_in + told.tokens_out) / 1000)
    assert told.most is not None
    assert told.cost is not None
    assert told.most > told.cost
    with client_of(server.url) as client:
        assert client.estimate([request(1)]).cost is None


# -- prices ------------------------------------------------------------------------------------------------------------


def test_an_unknown_price_refuses_a_limit_and_says_what_to_write(server: ChatServer, tmp_path: Path) -> None:
    settings = ModelSettings(name="tiny", base_url=server.url, max_cost=1)
    with pytest.raises(UserError, match="max_cost cannot be kept") as caught:
        open_client(settings, MemoryReplies(), environ={})
    assert f'"{server.url} tiny"' in str(caught.value.hint)
    file = tmp_path / "prices.yaml"
    file.write_text(f'as_of: 2026-01-01\nmodels:\n  "{server.url} *": {{input: 0, output: 0}}\n', encoding="utf-8")
    with open_client(settings.model_copy(update={"prices": file}), MemoryReplies(), environ={}) as client:
        ((_request, told),) = client.ask_all([request(1)])
        assert client.usage().cost == 0
    assert isinstance(told, ChatReply)


def test_an_own_server_never_has_the_price_of_openai() -> None:
    assert price_of(model_spec("openai:gpt-4o")) == Price(input=2.5, output=10)
    assert price_of(model_spec("openai:gpt-4o", "http://127.0.0.1:1/v1")) is None


def test_the_users_prices_go_before_ours(tmp_path: Path) -> None:
    file = tmp_path / "prices.yaml"
    file.write_text('as_of: 2026-01-01\nmodels:\n  "openai:gpt-4o": {input: 1, output: 2}\n', encoding="utf-8")
    assert price_of(model_spec("openai:gpt-4o"), file) == Price(input=1, output=2)
    assert price_of(model_spec("openai:gpt-4o-mini"), file) == Price(input=0.15, output=0.6)
    assert price_of(model_spec("ollama:any")) == Price(input=0, output=0)


@pytest.mark.parametrize(
    "text", ["", "models: {}", "as_of: 2026-01-01\nmodels: {m: {input: -1, output: 0}}", "[", "as_of: 2026-01-01\nx: 1"]
)
def test_a_price_file_in_another_form_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "prices.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(PrerequisiteError, match=r"price file .* cannot be read") as caught:
        price_of(model_spec("openai:gpt-4o"), file)
    assert caught.value.hint


def test_our_prices_are_dated_and_ask_to_be_edited() -> None:
    import yaml

    text = (data_dir("prompts") / FILE_NAME).read_text(encoding="utf-8")
    prices = PriceFile.model_validate(yaml.safe_load(text))
    assert prices.as_of < date(2100, 1, 1)
    assert "Edit me" in text
    assert all(model_spec(key).price_key == key for key in prices.models)
