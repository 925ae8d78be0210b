"""Accepted claims of a model: they stay while their evidence stands, whoever writes or answers in the next build."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from chat_server import ChatServer, Heard, completion, obedient, running
from corpus_builder import CORPUS, PAGES, Site, write_pages
from hypothesis import given
from hypothesis import strategies as st
from model_site import assert_quotes_are_exact, draft_of, model_site, only
from scripted_model import scripted, shown

from skillgen.cli.review_summary import build_review, review_json
from skillgen.decisions import StandingQuotes, decision_about, evidence_of, load_decisions, record
from skillgen.extract import extract_candidates
from skillgen.model.corpus import Page, SourceFile
from skillgen.model.decision import Decision, Evidence, Kind
from skillgen.model.draft import Claim, Draft
from skillgen.parse import parse_page
from skillgen.pipeline.build import BuildResult
from skillgen.pipeline.decide import open_desk

# A paraphrase: only a judge calls it supported.
STARTS = "deploy starts with `ship deploy orders --env prod`."
SENTENCE = f"A {STARTS}"
SITE = {
    **PAGES,
    "deploy.md": f"# Deploys\n\n{SENTENCE}\n\n## Triggers\n\n"
    "A merge to `main` triggers a deploy of the service to staging within 4 minutes.\n",
}


@dataclass(frozen=True, slots=True)
class Decided:
    """A site whose model wrote a claim, and the claim as the draft had it then."""

    root: Path
    claim: Claim
    question: str
    server: ChatServer

    @property
    def file(self) -> Path:
        return self.root / "decisions" / "releases.yaml"

    @property
    def decision(self) -> Decision:
        return load_decisions(self.file).claims[0]

    def decide(self, kind: Kind = "accepted", **said: str) -> None:
        record(self.file, [decision_about(self.claim, kind, by="Ann", **said)])

    def site(self, model: str | None = None) -> Site:
        """Return the site, to be built with a model or without one."""
        site = model_site_of(self.root, self.server, model)
        site.options["review.decisions"] = self.root / "decisions"
        return site

    def page(self, old: str, new: str) -> None:
        path = self.site().pages() / "deploy.md"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")


def model_site_of(root: Path, server: ChatServer, model: str | None) -> Site:
    options: dict[str, object] = {"model.name": model, "model.base_url": server.url} if model else {}
    return Site(root=root / "site", options={**options, "model.off": only("answer", "support")})


@pytest.fixture(scope="module")
def server() -> Iterator[ChatServer]:
    with running() as fake:
        yield fake


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, server: ChatServer) -> Decided:
    root = tmp_path_factory.mktemp("built")
    server.answer = scripted
    draft = model_site(root, server, pages=SITE, off=only("answer", "support")).build().draft
    claim = next(one for one in draft.claims if one.text == STARTS)
    return Decided(root, claim, question_of(draft, claim.id), server)


@pytest.fixture
def decided(built: Decided, tmp_path: Path) -> Decided:
    """Return a copy of the site of one's own, with the claim accepted."""
    shutil.copytree(built.root, tmp_path / "own")
    own = replace(built, root=tmp_path / "own")
    own.decide()
    return own


def question_of(draft: Draft, claim_id: str) -> str:
    return next(one.question_id for one in draft.answers if claim_id in {claim.id for claim in one.claims})


def writes(server: ChatServer, claim: str) -> None:
    """Let the model write one claim from the sentence wherever it is shown, and nothing else; it judges all as true."""

    def answer(heard: Heard) -> Any:  # noqa: ANN401
        if heard.is_probe or heard.use != "answer":
            return obedient(heard) if heard.is_probe else scripted(heard)
        said: list[Mapping[str, object]] = []
        if SENTENCE in shown(heard):
            key = next(line for line in shown(heard).splitlines() if line.startswith("[p"))[1:].partition("]")[0]
            said = [{"quotes": [{"passage": key, "quote": SENTENCE}], "claim": claim, "parts": [1]}]
        return completion(json.dumps({"claims": said}))

    server.answer = answer


def kept_in(result: BuildResult, claim: Claim) -> Claim:
    found = [one for one in result.draft.claims if one.id == claim.id]
    assert len(found) == 1
    return found[0]


def assert_is_kept(result: BuildResult, decided: Decided) -> None:
    """Check that the claim stands as it was, in its place, and that nothing beside it says the same."""
    before, now = decided.claim, kept_in(result, decided.claim)
    for name in ("text", "lead", "citations", "verdict", "delta", "delta_reason"):
        assert getattr(now, name) == getattr(before, name), name
    assert set(before.facets) <= set(now.facets)
    assert question_of(result.draft, now.id) == decided.question
    assert now.in_body
    assert [one.text for one in result.draft.claims if "ship deploy orders" in one.text] == [STARTS]
    assert result.review.orphaned == ()
    assert result.lost == ()
    assert [one.state for one in result.review.claims if one.claim.id == now.id] == ["accepted"]
    assert_quotes_are_exact(decided.site(), result.draft.claims)


# -- the evidence stands -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("instead", ["Nothing of it is known here.", SENTENCE, f"Deploys: {SENTENCE}"])
def test_an_accepted_claim_stays_when_another_model_writes_something_else_or_the_same(
    decided: Decided, instead: str
) -> None:
    writes(decided.server, instead)
    site = decided.site("other")
    result = site.build()
    assert_is_kept(result, decided)
    assert site.build().changed == ()


def test_an_accepted_claim_stays_without_a_model_and_counts_as_before(decided: Decided) -> None:
    with_model = draft_of(decided.site()).coverage
    result = decided.site().build()
    assert result.draft.run.model is None
    assert_is_kept(result, decided)
    assert result.draft.coverage.overall >= with_model.overall
    assert STARTS in (decided.site().out / "releases" / "SKILL.md").read_text(encoding="utf-8")


def test_an_accepted_claim_needs_the_decisions_file_only(decided: Decided) -> None:
    before = decided.site().build().draft
    shutil.rmtree(decided.site().workspace)
    result = decided.site().build()
    assert_is_kept(result, decided)
    assert result.draft == before


def test_an_accepted_claim_stays_where_its_sentence_moved_on_its_page(decided: Decided) -> None:
    decided.page("# Deploys\n", "# Deploys\n\nGreen is nice, as is blue.\n")
    claim = kept_in(decided.site().build(), decided.claim)
    assert claim.citations[0].lines == (5, 5)


def test_an_edited_claim_of_a_model_keeps_the_reviewers_words_without_it(decided: Decided) -> None:
    decided.decide("edited", edited=f"Deploys: {SENTENCE}")
    result = decided.site().build()
    claim = kept_in(result, decided.claim)
    assert (claim.text, claim.in_body, claim.verdict.support) == (f"Deploys: {SENTENCE}", True, "supported")
    desk = open_desk(decided.site().settings(), "releases", decided.site().workspace / "drafts" / "releases.json")
    found = next(one for one in desk.review.claims if one.state == "edited")
    assert found.as_found.text == STARTS
    assert decision_about(found.as_found, "accepted", by="Bo", judged=found.judged).judged == decided.decision.judged


def test_a_rejected_claim_of_a_model_stays_away(decided: Decided) -> None:
    decided.decide("rejected", reason="old")
    result = decided.site().build()
    assert decided.claim.id not in {claim.id for claim in result.draft.claims}
    assert [one.decision for one in result.review.claims if one.state == "rejected"] == []
    assert result.lost == ()


def test_an_entry_of_an_earlier_version_stays_under_its_question_as_the_paraphrase_that_it_is(
    decided: Decided,
) -> None:
    record(decided.file, [replace(decided.decision, facets=(), judged="")])
    assert "facets" not in decided.file.read_text(encoding="utf-8")
    result = decided.site().build()
    claim = kept_in(result, decided.claim)
    assert question_of(result.draft, claim.id) == decided.question
    assert (claim.verdict.support, claim.in_body) == ("partial", True)


@pytest.mark.parametrize("known", ["known", ""])
def test_an_accepted_claim_stands_under_its_question_or_where_that_is_gone_under_the_nearest(
    decided: Decided, known: str
) -> None:
    other = next(one for one in draft_of(decided.site()).answers if one.question_id != decided.question)
    facet = other.facets[0].id if known else "fct-00000000"
    record(decided.file, [replace(decided.decision, facets=(facet,))])
    result = decided.site().build()
    assert question_of(result.draft, decided.claim.id) == (other.question_id if known else decided.question)


# -- it does not ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", [None, "other"])
def test_a_claim_whose_evidence_changed_is_for_the_reviewer_again(decided: Decided, model: str | None) -> None:
    decided.page("--env prod", "--env live")
    decided.server.answer = scripted
    result = decided.site(model).build()
    assert decided.claim.id not in {claim.id for claim in result.draft.claims}
    assert "--env prod" not in (decided.site().out / "releases" / "SKILL.md").read_text(encoding="utf-8")
    (found,) = [one for one in result.review.claims if one.decision == decided.decision]
    assert found.state == "evidence changed"
    assert "--env prod" in decided.decision.text
    assert "--env live" in found.claim.citations[-1].quote
    assert [one.claim for one in result.lost] == [decided.claim.id]
    assert 'deploy.md no longer says "A deploy starts with' in result.lost[0].reason


def test_a_sentence_that_goes_on_is_other_evidence(decided: Decided) -> None:
    decided.page("--env prod`.", "--env prod`. and then waits for two approvals.")
    decided.page(". and", " and")
    result = decided.site().build()
    assert [one.claim for one in result.lost] == [decided.claim.id]


def test_a_claim_whose_page_is_gone_is_reported_with_what_to_do(decided: Decided) -> None:
    (decided.site().pages() / "deploy.md").unlink()
    result = decided.site().build()
    assert result.review.orphaned == (decided.decision,)
    assert [(one.claim, one.reason) for one in result.lost] == [(decided.claim.id, "the page deploy.md is gone")]
    told = "\n".join(build_review(result))
    assert f"{decided.claim.id}: the page deploy.md is gone" in told
    assert "skillgen review" in told
    assert review_json(result)["review"]["lost"] == [
        {"claim": decided.claim.id, "reason": "the page deploy.md is gone"}
    ]
    write_pages(decided.site().pages(), {"deploy.md": SITE["deploy.md"]})
    assert_is_kept(decided.site().build(), decided)


def test_an_entry_that_was_changed_by_hand_brings_nothing_back_and_is_reported(decided: Decided) -> None:
    record(decided.file, [replace(decided.decision, text="deploys start with `ship deploy orders --env prod`.")])
    result = decided.site().build()
    assert decided.claim.id not in {claim.id for claim in result.draft.claims}
    assert [one.claim for one in result.lost] == [decided.claim.id]
    assert "another text or evidence" in result.lost[0].reason


def test_a_claim_that_its_headings_carried_is_not_put_under_others(decided: Decided) -> None:
    text = "Deploy 7 starts with `ship deploy orders --env prod`."
    decided.page("# Deploys\n", "# Deploys 7\n")
    writes(decided.server, text)
    site = decided.site("other")
    site.options["model.engine"] = "alone"
    claim = next(one for one in site.build().draft.claims if one.text == text)
    record(decided.file, [decision_about(claim, "accepted", by="Ann")], supersedes=[decided.claim.id])
    assert claim.id in {one.id for one in decided.site().build().draft.claims}
    decided.page("# Deploys 7\n", "# Deploys 9\n")
    result = decided.site().build()
    assert claim.id not in {one.id for one in result.draft.claims}
    assert [one.reason for one in result.lost] == [
        "its quotes do not carry it where they stand now: These are in no quote: 7."
    ]


# -- quotes by their hash ------------------------------------------------------------------------------------------


def page_of(text: str) -> Page:
    page, _ = parse_page(SourceFile(source="a.md", text=text, sha256=hashlib.sha256(text.encode()).hexdigest()))
    return page


def evidence(quote: str) -> Evidence:
    return Evidence(
        source="a.md", begins=" ".join(quote.split()[:8])[:80], quote_sha256=hashlib.sha256(quote.encode()).hexdigest()
    )


def found(quote: str, text: str) -> list[str]:
    return [one.quote for one in StandingQuotes({"a.md": page_of(text)}).places(evidence(quote))]


def test_every_quote_of_a_corpus_is_found_where_it_stands() -> None:
    cited = 0
    for path in sorted(CORPUS.rglob("*.md")):
        page = page_of(path.read_text(encoding="utf-8"))
        quotes = StandingQuotes({"a.md": page})
        for candidate in extract_candidates(page):
            for citation, one in zip(candidate.citations, evidence_of(candidate.citations), strict=True):
                assert citation in quotes.places(one)
                cited += 1
    assert cited > 400


@pytest.mark.parametrize(
    ("quote", "text", "places"),
    [
        ("Run `ship stop` at once", "- Run `ship stop` at once\n- Wait\n", 1),
        ("Run `ship stop` at once", "- Run `ship stop` at once after a call\n- Wait\n", 0),
        ("Run `ship stop` at once", "Never Run `ship stop` at once\n", 0),
        ("Stop it at once.", "Stop it at once.\n\n## Again\n\nStop it at once.\n", 2),
        ("Stop it at once. Then wait.", "Stop it at once. Then wait. Go on.\n", 1),
        ("Stop it at once. Then wait.", "Stop it at once.  Then wait. Go on.\n", 0),
        ("# Stop it at once", "# Stop it at once\n\nText here.\n", 0),
        ("", "Stop it at once.\n", 0),
    ],
)
def test_a_quote_stands_as_whole_sentences_wherever_on_its_page(quote: str, text: str, places: int) -> None:
    assert found(quote, text) == [quote] * places


def test_a_part_of_a_sentence_that_is_too_long_to_quote_stands_where_its_words_do() -> None:
    sentence = (
        "First stop it, " + ", ".join(f"then tell number {i} of the long list of people" for i in range(20)) + "."
    )
    quote = "then tell number 7 of the long list of people"
    assert found(quote, sentence) == [quote]
    assert found(quote, sentence.replace("number 7", "number 77")) == []


@given(st.sampled_from(sorted(PAGES)), st.data())
def test_no_quote_is_found_once_a_character_of_it_changed(source: str, data: st.DataObject) -> None:
    page = page_of(PAGES[source])
    candidate = data.draw(st.sampled_from(extract_candidates(page)))
    cited = data.draw(st.sampled_from(candidate.citations))
    at = data.draw(st.integers(cited.start, cited.end - 1))
    changed = page.text[:at] + ("x" if page.text[at] != "x" else "y") + page.text[at + 1 :]
    (one,) = evidence_of([cited])
    assert cited in StandingQuotes({"a.md": page}).places(one)
    assert all(not (place.start <= at < place.end) for place in StandingQuotes({"a.md": page_of(changed)}).places(one))
