"""Builds with a chat model: what it writes, what is kept of it, and what a second build asks."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from chat_server import ChatServer, running
from cli_runner import run
from corpus_builder import Site, file_bytes, make_site
from model_site import TWO_QUESTIONS, USES, assert_quotes_are_exact, draft_of, drafts_of, model_site, only, texts_of
from scripted_model import DESCRIPTION, asked_for, scripted

from skillgen.decisions import decision_about, record
from skillgen.draft import claim_id
from skillgen.model.chat import Use
from skillgen.model.draft import Claim, Draft
from skillgen.pipeline.explain import explain_claim, explain_line
from skillgen.pipeline.forget import forget
from skillgen.workspace import open_workspace

STARTS = "deploy starts with `ship deploy orders --env prod`."


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with running() as fake:
        fake.answer = scripted
        yield fake


@pytest.fixture
def site(tmp_path: Path, server: ChatServer) -> Site:
    return model_site(tmp_path, server)


def claim_of(draft: Draft, text: str) -> Claim:
    return next(claim for claim in draft.claims if claim.text == text)


# -- what is in the draft ----------------------------------------------------------------------------------------------


def test_the_models_claims_stand_beside_the_local_ones_and_get_the_same_treatment(site: Site) -> None:
    draft = site.build().draft
    assert (draft.run.engine, draft.run.model, draft.run.complete) == ("together/1", "openai:tiny", True)
    assert_quotes_are_exact(site, draft.claims)
    written = claim_of(draft, STARTS)
    assert written.id == claim_id(written.text, written.citations)
    assert written.verdict.support == "supported"
    assert "judge" in written.verdict.checker
    assert written.belief is not None
    assert written.facets
    assert len(texts_of(draft)) == len(set(texts_of(draft)))
    assert any(claim.text.startswith("Tokens: Token:") for claim in draft.claims)  # the local engine's
    assert draft.skill.description == DESCRIPTION
    assert draft.run.delta is not None
    assert draft.run.delta.conflict >= 1


def test_a_dense_statement_stands_in_the_body_for_the_claims_that_it_holds(site: Site) -> None:
    draft = site.build().draft
    by_text = {claim.text: claim for claim in draft.claims}
    pairs = [(text, f"Deploys: {text}") for text in by_text if f"Deploys: {text}" in by_text]
    assert pairs
    for dense, original in pairs:
        assert by_text[dense].in_body
        assert not by_text[original].in_body
        assert by_text[dense].belief == by_text[original].belief


def test_alone_the_draft_has_the_models_claims_only(tmp_path: Path, server: ChatServer) -> None:
    draft = model_site(tmp_path, server, engine="alone").build().draft
    assert draft.run.engine == "alone/1"
    assert draft.claims
    assert not [claim for claim in draft.claims if claim.lead]


def test_without_a_model_nothing_of_it_is_in_the_draft(tmp_path: Path) -> None:
    site = make_site(tmp_path / "site")
    (tmp_path / "releases.md").write_text(TWO_QUESTIONS, encoding="utf-8")
    result = site.build()
    run = result.draft.run
    assert (run.engine, run.model, run.complete, run.uses, run.failures) == ("local/1", None, True, (), ())
    assert (run.endpoints, run.tokens, run.cost, run.delta) == ((), 0, 0.0, None)
    assert not [name for name in run.prompts if name.startswith("prompts/chat/")]
    assert all(claim.belief is None for claim in result.draft.claims)
    assert result.spent is None


def test_the_run_tells_each_use_and_every_endpoint(site: Site, server: ChatServer) -> None:
    run = site.build().draft.run
    counted = {use.use: (use.calls, use.failed, use.tokens_in, use.tokens_out) for use in run.uses}
    asked = {use: len(asked_for(server, use)) for use in USES if asked_for(server, use)}
    assert counted == {use: (calls, 0, 100 * calls, 50 * calls) for use, calls in asked.items()}
    assert set(asked) >= {"expand", "answer", "support", "condense", "choose", "belief", "compare", "description"}
    assert "relevance" not in asked  # left out unless the settings say otherwise
    assert run.tokens == 150 * sum(asked.values())
    assert run.endpoints == (server.url,)
    assert {f"prompts/chat/{use}" for use in asked} <= set(run.prompts)


@pytest.mark.parametrize("off", [USES[at::4] for at in range(4)], ids=" ".join)
def test_every_use_can_be_switched_off(tmp_path: Path, server: ChatServer, off: tuple[Use, ...]) -> None:
    draft = model_site(tmp_path, server, off=off).build().draft
    assert draft.run.complete
    assert draft.claims
    assert {heard.use for heard in server.asked}.isdisjoint(off)
    assert {use.use for use in draft.run.uses}.isdisjoint(off)
    assert {one.use for one in draft.run.failures}.isdisjoint(off)


def test_with_answers_alone_no_paraphrase_reaches_the_body(tmp_path: Path, server: ChatServer) -> None:
    draft = model_site(tmp_path, server, off=only("answer")).build().draft
    assert {heard.use for heard in server.asked} == {"answer"}
    assert (claim_of(draft, STARTS).verdict.support, claim_of(draft, STARTS).in_body) == ("partial", False)


def test_what_is_outdated_or_disputed_stays_out_of_the_body_by_whoever(tmp_path: Path, server: ChatServer) -> None:
    pages = {
        "old.md": "# Past\n\n> This page is deprecated.\n\nA deploy of the service starts with `old-ship go now`.\n",
        "a.md": "# Deploys\n\nThe key of `ship-push`, which starts a deploy, is valid for 24 hours.\n",
        "b.md": "# Limits\n\nThe key of `ship-push`, which starts a deploy, is valid for 90 minutes.\n",
        "c.md": "# Service\n\nA deploy of the service triggers the job `warm-cache` on every node.\n",
    }
    draft = model_site(tmp_path, server, pages=pages, engine="alone", off=only("answer", "support")).build().draft
    assert draft.contradictions
    placed = {claim.citations[0].source: claim.in_body for claim in draft.claims}
    assert placed == {"old.md": False, "a.md": False, "b.md": False, "c.md": True}


# -- builds that follow ------------------------------------------------------------------------------------------------


def test_a_second_build_sends_nothing_and_changes_no_byte(site: Site, server: ChatServer) -> None:
    first = site.build()
    before, asked = {**file_bytes(site.out), **file_bytes(site.workspace / "drafts")}, len(server.heard)
    second = site.build()
    assert len(server.heard) == asked
    assert {**file_bytes(site.out), **file_bytes(site.workspace / "drafts")} == before
    assert second.changed == ()
    assert first.spent is not None
    assert second.spent is not None
    assert (first.spent.sent, second.spent.sent) == (asked, 0)
    calls = {use.use: use.calls for use in second.draft.run.uses}
    assert second.spent.stored == calls
    assert calls == {use: len(asked_for(server, use)) for use in calls}
    assert sum(calls.values()) == asked - 1  # the probe is no reply of a build


def test_recorded_replies_build_the_same_with_the_network_off(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.build()
    replay = Site(root=tmp_path / "replay", options=site.options)
    shutil.copytree(site.pages(), replay.pages())
    replay.workspace.mkdir()
    for name in (".skillgen-workspace", "truth.sqlite3"):
        shutil.copy(site.workspace / name, replay.workspace / name)

    def refuse(*_: object) -> None:
        raise AssertionError("the network is off")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert replay.build().draft == draft_of(site)
    assert file_bytes(replay.out) == file_bytes(site.out)


def test_after_a_change_of_a_page_only_requests_with_other_words_are_sent(tmp_path: Path, server: ChatServer) -> None:
    site = model_site(tmp_path, server, passages=2, off=only("answer", "support"))
    site.build()
    before = {heard.text for heard in server.asked}
    server.heard.clear()
    page = site.pages() / "ops/nightly.md"
    page.write_text(page.read_text().replace("02:15", "03:45"))
    draft = site.build().draft
    assert server.asked
    assert not before & {heard.text for heard in server.asked}
    assert all("03:45" in heard.text for heard in asked_for(server, "answer"))
    assert len(asked_for(server, "answer")) < 2
    assert any("03:45" in text for text in texts_of(draft))
    assert not any("02:15" in text for text in texts_of(draft))


def test_what_a_model_was_shown_of_a_forgotten_page_is_asked_again_without_it(site: Site, server: ChatServer) -> None:
    site.build()
    with open_workspace(site.workspace) as workspace:
        forget(workspace, ["people.md"])
    assert drafts_of(site) == set()
    (site.pages() / "people.md").unlink()
    server.heard.clear()
    site.build()
    assert len(asked_for(server, "answer")) == 2
    assert not any("Friday" in heard.text for heard in server.heard)


# -- what reviewers and readers do with such claims --------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["accepted", "rejected", "edited"])
def test_decisions_hold_for_claims_of_the_model(site: Site, tmp_path: Path, kind: str) -> None:
    site.options["review.decisions"] = tmp_path / "decisions"
    claim = claim_of(site.build().draft, STARTS)
    said = {"accepted": {}, "rejected": {"reason": "old"}, "edited": {"edited": f"Deploys: A {STARTS}"}}[kind]
    decision = decision_about(claim, kind, by="Ann", **said)  # type: ignore[arg-type]
    record(tmp_path / "decisions" / "releases.yaml", [decision])
    result = site.build()
    assert result.review.orphaned == ()
    found = {one.id: one for one in result.draft.claims}
    if kind == "rejected":
        assert claim.id not in found
        assert [one.claim.id for one in result.draft.withheld] == [claim.id]
    else:
        assert found[claim.id].in_body
        assert found[claim.id].text == (f"Deploys: A {STARTS}" if kind == "edited" else STARTS)


def test_a_claim_that_is_vouched_for_is_not_merged_into_the_models(tmp_path: Path, server: ChatServer) -> None:
    page = "# Deploys\n\nA deploy of the service starts with `ship deploy orders --env prod` and triggers the job.\n"
    site = model_site(tmp_path, server, pages={"deploy.md": page}, off=only("answer", "support"))
    site.options["review.decisions"] = tmp_path / "decisions"
    merged = site.build().draft.claims
    assert len(merged) == 1
    assert merged[0].lead == ""  # the model's, which is shorter
    (local,) = Site(root=site.root, options={"review.decisions": tmp_path / "decisions"}).build().draft.claims
    record(tmp_path / "decisions" / "releases.yaml", [decision_about(local, "accepted", by="Ann")])
    for engine in ("together", "alone"):
        site.options["model.engine"] = engine
        result = site.build()
        kept = next(one for one in result.draft.claims if one.id == local.id)
        assert (kept.text, kept.in_body) == (local.text, True)
        assert result.review.orphaned == ()


def test_explain_tells_what_a_model_made_of_a_line(tmp_path: Path, server: ChatServer) -> None:
    site = model_site(tmp_path, server, engine="alone")
    claim = claim_of(site.build().draft, STARTS)
    with open_workspace(site.workspace) as workspace:
        line = explain_line(workspace, "deploy.md", 3)
        (story,) = explain_claim(workspace, claim.id)
    assert {(one.traced.outcome, one.traced.claim) for one in line.statements} >= {("quoted", claim.id)}
    assert story.claim.text == STARTS


# -- one question ------------------------------------------------------------------------------------------------------


def test_ask_answers_by_the_model_alone_with_its_quotes_locked(site: Site, server: ChatServer) -> None:
    options = ("--corpus", site.pages(), "--workspace", site.workspace, "--model", "tiny", "--base-url", server.url)
    asked = run("ask", "what starts a deploy of the service?", *options, "--json")
    assert asked.code == 0
    claims = asked.json["answer"]["claims"]
    assert STARTS in [claim["text"] for claim in claims]
    assert all(claim["verdict"]["support"] == "supported" and not claim["lead"] for claim in claims)
    assert asked.json["model"] == "openai:tiny"
    assert {heard.use for heard in server.asked} == {"answer", "support"}
    told = run("ask", "what starts a deploy of the service?", *options)
    assert "Answered by openai:tiny." in told.out
    assert STARTS in told.out


def test_ask_gives_no_local_answer_in_place_of_a_dead_model(site: Site) -> None:
    with running() as gone:
        pass
    options = ("--corpus", site.pages(), "--workspace", site.workspace, "--model", "tiny", "--base-url", gone.url)
    asked = run("ask", "what starts a deploy of the service?", *options)
    assert (asked.code, asked.out.strip()) == (1, "")
    assert "cannot be reached" in asked.err
    assert "is not answered" in asked.err
