"""The chat client: what it asks, stores, repairs and gives up, against a real server that does anything wrong."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from chat_server import Answer, ChatServer, Heard, client_of, completion, obedient, refusal, request, running

from skillgen.chat import ChatClient
from skillgen.errors import PrerequisiteError
from skillgen.model.chat import ChatFailure, ChatReply, ChatRequest
from skillgen.store import Store


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with running() as fake:
        yield fake


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "truth.sqlite3")
    yield store
    store.close()


def answers(client: ChatClient, *requests: ChatRequest) -> list[ChatReply | ChatFailure]:
    with client:
        return [outcome for _request, outcome in client.ask_all(requests)]


def only(client: ChatClient) -> ChatReply | ChatFailure:
    (outcome,) = answers(client, request(7))
    return outcome


def reply(client: ChatClient) -> ChatReply:
    outcome = only(client)
    assert isinstance(outcome, ChatReply), outcome
    return outcome


def failure(client: ChatClient) -> ChatFailure:
    outcome = only(client)
    assert isinstance(outcome, ChatFailure), outcome
    return outcome


# -- asking ------------------------------------------------------------------------------------------------------------


def test_replies_come_in_the_order_of_the_requests_whatever_takes_longer(server: ChatServer) -> None:
    def slower_at_first(heard: Heard) -> Answer:
        answer = obedient(heard)
        answer.seconds = 0.3 if heard.number == 0 else 0
        return answer

    server.answer = slower_at_first
    asked = [request(number) for number in range(9)]
    with client_of(server.url) as client:
        told = list(client.ask_all(asked))
    assert [one for one, _ in told] == asked
    assert [outcome.parsed for _, outcome in told if isinstance(outcome, ChatReply)] == [
        {"number": number} for number in range(9)
    ]


def test_a_call_says_only_what_is_needed(server: ChatServer) -> None:
    reply(client_of(server.url, environ={"SKILLGEN_MODEL_API_KEY": "sk-canary-0815"}))
    (heard,) = server.asked
    assert heard.path == "/v1/chat/completions"
    assert set(heard.headers) <= {
        "accept", "accept-encoding", "authorization", "connection", "content-length", "content-type", "host",
        "user-agent", "x-stainless-raw-response",
    }  # fmt: skip
    assert heard.headers["authorization"] == "Bearer sk-canary-0815"
    assert {name: heard.body[name] for name in ("model", "max_tokens", "temperature", "seed")} == {
        "model": "tiny", "max_tokens": 100, "temperature": 0.0, "seed": 0,
    }  # fmt: skip
    assert set(heard.body) <= {"model", "messages", "max_tokens", "temperature", "seed", "response_format", "stream"}


def test_the_second_run_asks_nothing_and_gives_the_same(server: ChatServer, store: Store) -> None:
    def sometimes_wrong(heard: Heard) -> Answer:
        return completion("no JSON") if heard.number == 3 else obedient(heard)

    server.answer = sometimes_wrong
    asked = [request(number) for number in range(5)]
    first = answers(client_of(server.url, store), *asked)
    count = len(server.heard)
    client = client_of(server.url, store)
    second = answers(client, *asked)
    assert len(server.heard) == count
    assert [repr(one).replace("from_store=True", "from_store=False") for one in second] == list(map(repr, first))
    assert all(one.from_store for one in second)
    usage = client.usage()
    assert (usage.sent, usage.from_store, usage.endpoints) == (0, 5, ())


def test_equal_requests_are_sent_once(server: ChatServer) -> None:
    told = answers(client_of(server.url), request(1), request(2), request(1))
    assert len(told) == 3
    assert told[0] == told[2]
    assert len(server.asked) == 2


@pytest.mark.parametrize("what", ["messages", "schema", "max_tokens", "seed", "model"])
def test_whatever_decides_a_reply_asks_anew(server: ChatServer, store: Store, what: str) -> None:
    reply(client_of(server.url, store))
    one = request(7)
    changed: dict[str, ChatRequest] = {
        "messages": request(7, words="Please."),
        "schema": replace(one, schema={**(one.schema or {}), "title": "Other"}),
        "max_tokens": replace(one, max_tokens=101),
        "seed": replace(one, seed=1),
    }
    server.heard.clear()
    if what == "model":
        with running() as other:
            answers(client_of(other.url, store), one)
            assert len(other.asked) == 1
    else:
        answers(client_of(server.url, store), changed[what])
        assert len(server.asked) == 1


def test_calls_at_a_time_and_a_minute_keep_to_the_settings(server: ChatServer) -> None:
    def slow(heard: Heard) -> Answer:
        answer = obedient(heard)
        answer.seconds = 0.05
        return answer

    server.answer = slow
    answers(client_of(server.url, concurrency=3), *map(request, range(12)))
    assert 1 < server.most_at_once <= 3
    server.times.clear()
    answers(client_of(server.url, requests_per_minute=600), *map(request, range(5)))
    starts = sorted(server.times)[1:]  # the probe has its own pace
    assert starts[-1] - starts[0] >= 0.36  # four gaps of a tenth of a second, less what threads take to start


def test_nothing_is_sent_while_nobody_asks_for_the_next_reply(server: ChatServer, store: Store) -> None:
    client = client_of(server.url, store, concurrency=2)
    with client:
        told = client.ask_all([request(number) for number in range(50)])
        next(told)
        time.sleep(0.2)
        assert len(server.asked) <= 4
        told.close()  # type: ignore[attr-defined] # a generator
    assert len(store.reply_keys()) == len(server.asked)  # what was under way is kept


def test_a_stopped_run_does_not_wait_long_for_what_is_under_way(
    server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("skillgen.chat.client._GRACE", 0.1)
    server.answer = lambda heard: Answer(seconds=8) if heard.number else obedient(heard)
    with client_of(server.url) as client:
        told = client.ask_all(map(request, range(3)))
        next(told)
        started = time.monotonic()
        told.close()  # type: ignore[attr-defined] # a generator
    assert time.monotonic() - started < 4


def test_what_is_used_is_counted(server: ChatServer) -> None:
    server.says_in_turn(completion("no JSON"))
    client = client_of(server.url)
    answers(client, request(1), request(2))
    usage = client.usage()
    assert (usage.sent, usage.answered, usage.from_store) == (4, 4, 0)  # the probe, two requests, one repair
    assert (usage.tokens_in, usage.tokens_out, usage.cost) == (400, 200, None)
    assert usage.endpoints == (server.url,)
    assert [name for name, _version, _digest in usage.prompts] == ["count", "probe", "repair"]


# -- faults that another try mends -------------------------------------------------------------------------------------


def test_a_busy_server_is_asked_again_after_the_time_that_it_names(server: ChatServer) -> None:
    server.says_in_turn(refusal(429, "slow down", Retry_After="1"))
    started = time.monotonic()
    assert reply(client_of(server.url)).parsed == {"number": 7}
    assert time.monotonic() - started >= 1
    assert len(server.asked) == 2


def test_the_time_may_be_a_date_and_holds_for_every_call(server: ChatServer) -> None:
    until = datetime.now(UTC) + timedelta(seconds=2)
    server.says_in_turn(refusal(429, "slow down", Retry_After=format_datetime(until, usegmt=True)))
    answers(client_of(server.url, concurrency=1), request(1), request(2))
    whole = until.replace(microsecond=0).timestamp() - time.time() + time.monotonic()
    assert all(at >= whole - 0.05 for at in server.times[2:])


def test_a_server_that_wants_to_be_left_alone_for_long_ends_the_run(server: ChatServer) -> None:
    server.says_in_turn(refusal(429, "come back tomorrow", Retry_After="86400"))
    with pytest.raises(PrerequisiteError, match=r"wants no call for 86400 seconds.*come back tomorrow"):
        only(client_of(server.url))
    assert len(server.asked) == 1


@pytest.mark.parametrize("status", [500, 502, 503, 529, 408])
def test_a_server_error_is_tried_again(server: ChatServer, status: int) -> None:
    server.says_in_turn(refusal(status, "overloaded"), refusal(status, "overloaded"))
    assert reply(client_of(server.url)).parsed == {"number": 7}
    assert len(server.asked) == 3


def test_the_waits_double_and_have_no_chance_in_them(server: ChatServer) -> None:
    server.says_in_turn(*[refusal(500, "no")] * 3)
    reply(client_of(server.url, first_wait=0.1))
    gaps = [later - earlier for earlier, later in zip(server.times[1:], server.times[2:], strict=False)]
    assert len(gaps) == 3
    assert all(gap > wait for gap, wait in zip(gaps, [0.09, 0.19, 0.39], strict=True))


def test_a_call_that_waits_for_another_try_does_not_hold_up_the_others(server: ChatServer) -> None:
    server.says_in_turn(refusal(500, "no"))
    answers(client_of(server.url, concurrency=1, first_wait=0.3), *map(request, range(5)))
    numbers = [heard.number for heard in server.asked]
    assert sorted(numbers) == [0, 0, 1, 2, 3, 4]
    assert numbers[1] == 1


def test_a_connection_that_breaks_is_made_again(server: ChatServer) -> None:
    def cut(heard: Heard) -> Answer:
        answer = obedient(heard)
        answer.cut = True
        return answer

    server.says_in_turn(cut)
    assert reply(client_of(server.url)).parsed == {"number": 7}
    assert len(server.asked) == 2


def test_one_request_that_never_works_does_not_cost_the_others(server: ChatServer, store: Store) -> None:
    server.answer = lambda heard: refusal(500, "it broke") if heard.number == 1 else obedient(heard)
    told = answers(client_of(server.url, store, retries=2), *map(request, range(4)))
    bad = told.pop(1)
    assert bad == ChatFailure(reason="http", status=500, detail="The server answered with HTTP 500 (it broke).")
    assert all(isinstance(one, ChatReply) for one in told)
    server.answer = obedient
    assert reply_of(answers(client_of(server.url, store), request(1))[0]).parsed == {"number": 1}


def reply_of(outcome: ChatReply | ChatFailure) -> ChatReply:
    assert isinstance(outcome, ChatReply), outcome
    return outcome


# -- faults of time ----------------------------------------------------------------------------------------------------


def test_a_server_that_does_not_answer_in_time_is_tried_twice(server: ChatServer) -> None:
    server.answer = lambda _: Answer(seconds=30)
    started = time.monotonic()
    client = client_of(server.url, timeout=0.4)
    server.probe = obedient
    assert failure(client).reason == "timeout"
    assert time.monotonic() - started < 10
    assert len(server.asked) == 2


def test_a_reply_that_trickles_in_is_given_up_in_time(server: ChatServer) -> None:
    def trickle(heard: Heard) -> Answer:
        answer = obedient(heard)
        answer.drip = 0.05  # every byte is within the time-out of a read, all of them take half a minute
        return answer

    server.answer = trickle
    started = time.monotonic()
    told = failure(client_of(server.url, timeout=0.5))
    assert (told.reason, told.unclear) == ("timeout", True)
    assert time.monotonic() - started < 10


def test_a_server_that_is_not_there_ends_in_one_message() -> None:
    with running() as gone:
        url = gone.url
    with pytest.raises(PrerequisiteError, match=f"The model server {url} cannot be reached") as caught:
        answers(client_of(url, retries=1), *map(request, range(20)))
    assert "doctor" in str(caught.value.hint)


def test_a_server_that_dies_keeps_what_it_said_and_the_next_run_goes_on(server: ChatServer, store: Store) -> None:
    server.answer = lambda heard: refusal(503, "dying") if len(server.asked) > 6 else obedient(heard)
    with pytest.raises(PrerequisiteError, match="failed 5 times in a row"):
        answers(client_of(server.url, store, retries=0, concurrency=1), *map(request, range(20)))
    assert len(store.reply_keys()) == 6
    server.heard.clear()
    server.answer = obedient
    told = answers(client_of(server.url, store), *map(request, range(20)))
    assert all(isinstance(one, ChatReply) for one in told)
    assert sorted(heard.number for heard in server.asked) == list(range(6, 20))


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (refusal(401, "bad key"), r"refused the key \(HTTP 401"),
        (refusal(404, "no model tiny"), r"knows no such address or model \(HTTP 404.*no model tiny"),
        (refusal(307, "there", Location="http://203.0.113.9/v1"), "answers with a redirect, which is not followed"),
    ],
    ids=["key", "model", "redirect"],
)
def test_what_would_fail_for_every_call_ends_the_run_at_once(server: ChatServer, answer: Answer, said: str) -> None:
    server.answer = lambda _: answer
    with pytest.raises(PrerequisiteError, match=said):
        answers(client_of(server.url, concurrency=1), *map(request, range(20)))
    assert len(server.asked) == 1


# -- replies that cannot be used ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        'Sure! ```json\n{"number": 7}\n```\nAnything else?',
        '<think>Maybe {"number": 8}?</think>\n{"number": 7}',
        'In short {as asked}: {"number": 7} and {"number": 9}',
    ],
    ids=["fence", "thoughts", "prose"],
)
def test_a_json_object_is_found_in_what_stands_around_it(server: ChatServer, text: str) -> None:
    server.says_in_turn(completion(text))
    assert reply(client_of(server.url)).parsed == {"number": 7}
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"number": 7', "The reply holds no JSON object."),
        ('{"number": NaN}', "The reply holds no JSON object."),
        ('{"number": "seven"}', "The reply.number is not of type integer."),
        ('{"word": "seven"}', "The reply has no key number."),
        ('{"number": 7, "extra": 1}', "The reply has the unknown key 'extra'."),
        ('{"number": 7, "word": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}', "The reply.word has 30 characters, not 0 to 20."),
        ("", "The model answered nothing."),
        ("{" * 5000, "The reply holds no JSON object."),
        ('{"a":' * 5000, "The reply holds no JSON object."),
    ],
    ids=["invalid", "nan", "type", "missing", "unknown", "long", "empty", "braces", "deep"],
)
def test_a_reply_in_another_form_is_repaired_once(server: ChatServer, text: str, problem: str) -> None:
    server.says_in_turn(completion(text))
    told = reply(client_of(server.url))
    assert told.parsed == {"number": 7}
    assert told.repaired
    first, second = server.asked
    assert second.body["messages"][:1] == first.body["messages"]
    assert problem in second.text
    assert "JSON Schema" in second.text


def test_a_second_bad_reply_is_a_failure_and_the_others_are_not_touched(server: ChatServer, store: Store) -> None:
    server.answer = lambda heard: completion("I like {cranes}.") if heard.number == 1 else obedient(heard)
    told = answers(client_of(server.url, store), *map(request, range(3)))
    assert told[1] == ChatFailure(reason="malformed", detail="The reply holds no JSON object.")
    assert [type(one) for one in told] == [ChatReply, ChatFailure, ChatReply]
    assert len(server.asked) == 4
    # Told again from the store, until somebody wants it asked again.
    server.answer = obedient
    assert not reply_or_none(answers(client_of(server.url, store), request(1)))
    assert reply_or_none(answers(client_of(server.url, store, ask_again=True), request(1)))
    assert len(server.asked) == 5


def reply_or_none(told: list[ChatReply | ChatFailure]) -> ChatReply | None:
    return told[0] if isinstance(told[0], ChatReply) else None


def test_a_refusal_is_told_and_not_asked_again(server: ChatServer, store: Store) -> None:
    server.says_in_turn(completion(None, refusal="I can't help with\nthat."))
    told = failure(client_of(server.url, store))
    assert (told.reason, told.detail) == ("refused", "The model refused to answer (I can't help with that.).")
    assert len(server.asked) == 1
    server.says_in_turn(completion("", finish="content_filter"))
    assert answers(client_of(server.url), request(8))[0] == ChatFailure(
        reason="refused", detail="The model refused to answer (content filter)."
    )


def test_a_reply_cut_by_its_length_is_told_and_not_repaired(server: ChatServer) -> None:
    server.says_in_turn(completion('{"number": 7, "wo', finish="length"))
    told = failure(client_of(server.url))
    assert (told.reason, told.detail) == ("cut", "The reply was cut at 100 tokens.")
    assert len(server.asked) == 1


def test_a_whole_object_before_the_cut_is_used(server: ChatServer) -> None:
    server.says_in_turn(completion('{"number": 7}' + " " * 30, finish="length"))
    assert reply(client_of(server.url)).parsed == {"number": 7}


@pytest.mark.parametrize(
    "body",
    [
        b"<html>gateway</html>",
        b"{",
        {"object": "list"},
        {"choices": []},
        {"choices": None},
        {"choices": [{"index": 0, "message": None}]},
        [],
        b"null",
    ],
    ids=["html", "no-json", "other", "none", "null-choices", "no-message", "list", "null"],
)
def test_an_answer_that_is_no_chat_completion_is_one_failure(server: ChatServer, body: object) -> None:
    server.says_in_turn(Answer(body=body))
    told = answers(client_of(server.url, concurrency=1), request(1), request(2))
    assert isinstance(told[0], ChatFailure)
    assert told[0].reason == "answer"
    assert reply_of(told[1]).parsed == {"number": 2}


def test_half_surrogates_in_a_reply_can_be_stored(server: ChatServer, store: Store) -> None:
    server.says_in_turn(completion('{"number": 7, "word": "a\\ud800b"} \ud800'))
    assert reply(client_of(server.url, store)).parsed == {"number": 7, "word": "a\ufffdb"}


def test_a_request_that_the_server_refuses_is_one_failure(server: ChatServer) -> None:
    server.answer = lambda heard: refusal(400, "context length exceeded") if heard.number == 1 else obedient(heard)
    told = answers(client_of(server.url), *map(request, range(3)))
    assert [type(one) for one in told] == [ChatReply, ChatFailure, ChatReply]
    assert isinstance(told[1], ChatFailure)
    assert told[1].status == 400
    assert "context length exceeded" in told[1].detail
    assert [heard.number for heard in server.asked].count(1) == 1
