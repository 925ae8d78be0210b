"""Builds whose model fails, one fault at a time: what the draft contains afterwards, and what is asked again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from chat_server import Answer, ChatServer, Heard, completion, refusal, running
from corpus_builder import Site, file_bytes
from model_site import assert_quotes_are_exact, draft_of, drafts_of, model_site, only, texts_of
from scripted_model import asked_for, scripted, scripted_but

from skillgen.errors import IncompleteError
from skillgen.model.draft import Draft

STARTS = "deploy starts with `ship deploy orders --env prod`."
FRIDAY = "Ask in #releases before you deploy on a Friday."
STOP = "Stop the deploy with `ship stop`."
NIGHT = "nightly job starts at 02:15 UTC and waits for the export file of the billing system."
# What the script writes of both questions: the second time the same, so that each claim stands once.
WHOLE = {STARTS, FRIDAY, STOP, NIGHT}
STAGING = "A merge to `main` triggers a deploy of the service to staging within 4 minutes."
Turn = Answer | Callable[[Heard], Answer]


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with running() as fake:
        fake.answer = scripted
        yield fake


@pytest.fixture
def site(tmp_path: Path, server: ChatServer) -> Site:
    """Return a site whose claims are the model's alone, asked for one after the other."""
    return model_site(tmp_path, server, engine="alone", off=only("answer", "requote", "support"), concurrency=1)


def nonsense(_heard: Heard) -> Answer:
    return completion("I would rather talk about something else.")


def slowly(heard: Heard) -> Answer:
    answer = scripted(heard)
    answer.drip = 0.05
    return answer


def question(draft: Draft, number: str) -> str:
    return next(answer.question_id for answer in draft.answers if answer.number == number)


def of_question(draft: Draft, number: str) -> set[str]:
    return {claim.text for answer in draft.answers if answer.number == number for claim in answer.claims}


# -- faults that another try or a repair overcomes ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("turn", "timeout"),
    [
        pytest.param(refusal(429, "slow down", retry_after_ms="20"), 10, id="429 with Retry-After"),
        pytest.param(refusal(500, "broken"), 10, id="500"),
        pytest.param(Answer(seconds=3), 0.4, id="time-out"),
        pytest.param(Answer(body={}, cut=True), 10, id="cut connection"),
        pytest.param(slowly, 0.4, id="slow stream"),
        pytest.param(nonsense, 10, id="invalid JSON"),
        pytest.param(completion('{"claims": 3}'), 10, id="wrong schema"),
        pytest.param(completion('{"claims": [], "notes": "x"}'), 10, id="unknown keys"),
        pytest.param(completion(""), 10, id="empty reply"),
    ],
)
def test_a_fault_that_is_overcome_costs_no_claim(site: Site, server: ChatServer, turn: Turn, timeout: float) -> None:
    site.options["model.timeout"] = timeout
    scripted_but(server, "answer", turn)
    draft = site.build().draft
    assert draft.run.complete
    assert draft.run.failures == ()
    assert set(texts_of(draft)) == WHOLE
    assert_quotes_are_exact(site, draft.claims)
    assert (site.out / "releases" / "SKILL.md").is_file()


# -- replies that cannot be used ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("turns", "reason"),
    [
        pytest.param((nonsense, nonsense), "malformed", id="invalid JSON twice"),
        pytest.param((completion('{"claims": 3}'), completion('{"claim": []}')), "schema", id="wrong schema twice"),
        pytest.param((completion(""), completion("")), "empty", id="empty twice"),
        pytest.param((completion(None, refusal="I cannot help with that."),), "refused", id="refusal"),
        pytest.param((completion('{"claims": [{"quo', finish="length"),), "cut", id="cut by length"),
    ],
)
def test_a_reply_that_cannot_be_used_costs_its_own_request_and_is_recorded(
    site: Site, server: ChatServer, turns: tuple[Turn, ...], reason: str
) -> None:
    scripted_but(server, "answer", *turns)
    draft = site.build().draft
    assert draft.run.complete
    assert [(one.use, one.about, one.reason) for one in draft.run.failures] == [
        ("answer", (question(draft, "1"),), reason)
    ]
    assert of_question(draft, "1") == set()
    assert of_question(draft, "2") == WHOLE


def test_a_reply_that_cannot_be_used_was_paid_for_and_is_not_asked_for_again(site: Site, server: ChatServer) -> None:
    scripted_but(server, "answer", nonsense, nonsense)
    site.build()
    asked = len(server.heard)
    before = file_bytes(site.workspace / "drafts")
    assert site.build().changed == ()
    assert len(server.heard) == asked
    assert file_bytes(site.workspace / "drafts") == before


# -- requests without a reply ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("turn", "timeout", "reason"),
    [
        pytest.param(refusal(500, "broken"), 10, "http", id="500"),
        pytest.param(refusal(400, "too many tokens"), 10, "http", id="400"),
        pytest.param(slowly, 0.4, "timeout", id="slow stream"),
        pytest.param(Answer(body={}, cut=True), 10, "connection", id="cut connection"),
        pytest.param(Answer(body=["no completion"]), 10, "answer", id="no chat completion"),
    ],
)
def test_without_a_reply_the_draft_is_incomplete_and_the_next_build_asks_for_that_alone(
    site: Site, server: ChatServer, turn: Turn, timeout: float, reason: str
) -> None:
    site.options |= {"model.timeout": timeout, "model.retries": 0}
    scripted_but(server, "answer", turn)
    with pytest.raises(IncompleteError) as caught:
        site.build()
    assert caught.value.exit_code == 1
    assert "1 request to the model got no reply" in caught.value.message
    assert ("model.context" in str(caught.value.hint)) == (reason == "http" and "400" in caught.value.message)
    draft = draft_of(site)
    assert not draft.run.complete
    assert (draft.run.failures[0].use, draft.run.failures[0].reason) == ("answer", reason)
    assert (of_question(draft, "1"), of_question(draft, "2")) == (set(), WHOLE)
    assert not site.out.exists()
    assert len(asked_for(server, "support")) == 0  # what it would judge is not complete yet
    asked = len(asked_for(server, "answer"))
    finished = site.build().draft
    assert len(asked_for(server, "answer")) == asked + 1
    assert finished.run.complete
    assert set(texts_of(finished)) == WHOLE


@pytest.mark.parametrize("engine", ["together", "alone"])
def test_a_dead_server_ends_in_one_message_and_no_package(tmp_path: Path, server: ChatServer, engine: str) -> None:
    with running() as gone:
        pass
    site = model_site(tmp_path, gone, engine=engine, retries=0)
    with pytest.raises(IncompleteError, match="cannot be reached") as caught:
        site.build()
    assert caught.value.message.count("reached") == 1
    assert not site.out.exists()
    draft = draft_of(site)
    assert (draft.run.complete, draft.run.engine) == (False, f"{engine}/1")
    assert bool(draft.claims) == (engine == "together")


def test_a_good_draft_and_its_package_stay_when_the_model_dies(site: Site, server: ChatServer) -> None:
    site.build()
    good = (site.workspace / "drafts" / "releases.json").read_bytes()
    package = file_bytes(site.out)
    page = site.pages() / "deploy.md"
    page.write_text(page.read_text().replace("4 minutes", "5 minutes"))
    server.answer = lambda _: refusal(401, "who are you?")
    with pytest.raises(IncompleteError, match="refused the key"):
        site.build()
    assert (site.workspace / "drafts" / "releases.json").read_bytes() == good
    assert file_bytes(site.out) == package
    assert not draft_of(site, "releases.incomplete.json").run.complete
    server.answer = scripted
    assert site.build().draft.run.complete
    assert drafts_of(site) == {"releases.json"}


def test_what_was_answered_before_the_model_died_is_in_the_incomplete_draft(site: Site, server: ChatServer) -> None:
    site.options["model.off"] = only("answer", "support", "description")
    scripted_but(server, "description", refusal(403, "no"))
    with pytest.raises(IncompleteError):
        site.build()
    draft = draft_of(site)
    assert set(texts_of(draft)) == WHOLE
    assert any(claim.in_body for claim in draft.claims)
    counted = {use.use: (use.calls, use.failed) for use in draft.run.uses}
    assert counted == {"answer": (2, 0), "support": (len(asked_for(server, "support")), 0), "description": (0, 1)}


# -- replies that say something wrong ----------------------------------------------------------------------------------


def says(*claims: dict[str, Any]) -> Answer:
    return completion(json.dumps({"claims": claims}))


def claim(text: str, quote: str, passage: str) -> dict[str, Any]:
    return {"quotes": [{"passage": passage, "quote": quote}], "claim": text, "parts": [1]}


def staged(text: str, quote: str) -> Callable[[Heard], Answer]:
    """Return an answer that cites the passage about staging, whichever key that has, and a good claim after it."""

    def answer(heard: Heard) -> Answer:
        shown = heard.text
        key = shown[: shown.index(STAGING)].rpartition("\n[p")[2].partition("]")[0]
        friday = shown[: shown.index(FRIDAY)].rpartition("\n[p")[2].partition("]")[0]
        return says(claim(text, quote, f"p{key}"), claim(FRIDAY, FRIDAY, f"p{friday}"))

    return answer


def test_a_claim_with_an_unknown_passage_costs_only_itself(site: Site, server: ChatServer) -> None:
    scripted_but(server, "answer", says(claim("Nobody knows whose words these are.", STAGING, "p99")), says())
    draft = site.build().draft
    assert draft.claims == ()
    assert [one.reason for one in draft.run.dropped if "'p99'" in one.reason]


def test_a_quote_that_is_almost_right_is_asked_for_once_more(site: Site, server: ChatServer) -> None:
    almost = STAGING.replace("triggers a deploy", "triggers the deploy")
    scripted_but(server, "answer", staged("A merge to `main` deploys to staging.", almost), says())
    scripted_but_requote(server, [2])
    draft = site.build().draft
    assert len(asked_for(server, "requote")) == 1
    (staging,) = (one for one in draft.claims if one.text.startswith("A merge"))
    assert STAGING in staging.citations[0].quote
    assert_quotes_are_exact(site, draft.claims)


def scripted_but_requote(server: ChatServer, sentences: list[int]) -> None:
    """Let the server name these sentences; everything else stays as it was set up."""
    before = server.answer

    def answer(heard: Heard) -> Answer:
        return completion(json.dumps({"sentences": sentences})) if heard.use == "requote" else before(heard)

    server.answer = answer


@pytest.mark.parametrize("off", [False, True], ids=["asked", "switched off"])
def test_a_quote_that_stands_nowhere_is_dropped_with_its_claim(site: Site, server: ChatServer, *, off: bool) -> None:
    site.options["model.off"] = only("answer", "support", *(() if off else ("requote",)))
    scripted_but(
        server, "answer", staged("A merge deploys in 9 minutes.", STAGING.replace("4 minutes", "9 minutes")), says()
    )
    scripted_but_requote(server, [])
    draft = site.build().draft
    assert texts_of(draft) == [FRIDAY]
    assert [one.reason for one in draft.run.dropped if "does not stand in the passage" in one.reason]
    assert draft.run.failures == ()
    assert len(asked_for(server, "requote")) == (0 if off else 1)


def test_a_claim_that_says_more_than_its_quote_never_gets_into_the_draft(site: Site, server: ChatServer) -> None:
    scripted_but(server, "answer", staged("A merge to `main` always deploys within 4 minutes.", STAGING), says())
    draft = site.build().draft
    assert texts_of(draft) == [FRIDAY]
    assert [one.reason for one in draft.run.dropped if "always" in one.reason]


def test_a_paraphrase_that_the_judge_doubts_stays_out_of_the_body_for_both_reasons(
    site: Site, server: ChatServer
) -> None:
    scripted_but(server, "answer", staged("A deploy to staging follows a merge to `main`.", STAGING), says())
    judged = {"judgements": [{"key": "s1", "supported": False, "missing": "the time"}]}
    before = server.answer
    server.answer = lambda heard: completion(json.dumps(judged)) if heard.use == "support" else before(heard)
    draft = site.build().draft
    (doubted,) = (one for one in draft.claims if one.text.startswith("A deploy"))
    assert (doubted.verdict.support, doubted.in_body) == ("partial", False)
    assert "the time" in doubted.verdict.reason
    assert "follow" in doubted.verdict.reason
