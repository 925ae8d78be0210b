"""Phrase: a model's wording of gap questions and the description, which brings in nothing of its own."""

from __future__ import annotations

from dataclasses import replace

import pytest
from asides import FAILED, always, background, claim_of, plan_of
from hypothesis import given, settings
from hypothesis import strategies as st

from skillgen.added import added_tokens
from skillgen.model.chat import ChatSource
from skillgen.model.draft import Gap, NearestPage
from skillgen.phrase import MAX_DESCRIPTION, phrase_description, phrase_gaps

PROPERTY = settings(deadline=None, max_examples=100)
PLAN = plan_of("which credentials does Airflow use", "how long they live")
LOCAL = "Local text. Use when nothing else is there."
GOOD = "How night runs are approved and started. Use when a task touches night runs or their approval."


def gap(number: int = 1, *, owner: str = "") -> Gap:
    return Gap(
        facet=f"fct-{number}",
        question="Which credentials does Airflow use to reach 2 stores, and how long do they live?",
        searched="credentials",
        nearest=(NearestPage(source="runs.md", heading_path=("Runs",), owner=owner),),
        ask="Credentials: which credentials does Airflow use? Nothing was found on this.",
    )


def asked(ask: str, key: str = "g1") -> dict[str, object]:
    return {"questions": [{"key": key, "ask": ask}]}


# -- gaps --------------------------------------------------------------------------------------------------------------


def test_a_gap_is_asked_in_the_models_words_with_the_nearest_page_and_its_owner() -> None:
    question = "Which credentials does Airflow use to reach the stores?"
    phrased = phrase_gaps(always(gaps=asked(question)), [gap(owner="Data squad")], PLAN.facets, background())
    assert phrased.gaps[0].ask == f"{question} For Data squad, who answers for the nearest page, runs.md."
    assert phrased.unanswered == ()


@pytest.mark.parametrize(
    ("ask", "why"),
    [
        ("Which credentials does Airflow use for Snowflake?", "Snowflake"),
        ("Which 3 credentials does Airflow use?", "3"),
        ("Which three credentials does Airflow use?", "three"),
        ("Which credentials does Airflow use in `dags/secrets`?", "dags/secrets"),
        ("Which credentials does Airflow use, see https://wiki.example/x?", "https://wiki.example/x"),
        ("Which credentials does Airflow use for svc_loader?", "svc_loader"),
        ("Kestrelline credentials: does Airflow use them?", "Kestrelline"),
        ("Can you ask ops@wiki.example which credentials Airflow uses?", "ops@wiki.example"),
        ("Which credentials does Airflow use on Mondays?", "Mondays"),
        ("Airflow uses credentials to reach the stores.", "no question"),
        ("Credentials?", "no question"),
        ("Where is the lunch menu kept these days?", "shares no word"),
    ],
)
def test_a_question_that_breaks_a_rule_is_not_asked_and_recorded(ask: str, why: str) -> None:
    phrased = phrase_gaps(always(gaps=asked(ask)), [gap()], PLAN.facets, background())
    assert phrased.gaps == (gap(),)
    assert [(one.use, one.about, one.reason) for one in phrased.unanswered] == [("gaps", ("fct-1",), "rules")]
    assert why in phrased.unanswered[0].detail


def test_names_and_numbers_that_the_gap_has_may_be_asked_about() -> None:
    ask = "Which credentials does Airflow use to reach these 2 stores?"
    assert phrase_gaps(always(gaps=asked(ask)), [gap()], PLAN.facets, background()).unanswered == ()


def test_one_bad_question_and_an_unknown_key_cost_the_others_nothing() -> None:
    reply = {
        "questions": [
            {"key": "g9", "ask": "Which credentials does Airflow use?"},
            {"key": "g2", "ask": "How long do the credentials live?"},
        ]
    }
    phrased = phrase_gaps(always(gaps=reply), [gap(), gap(2)], PLAN.facets, background())
    assert [one.ask for one in phrased.gaps] == [
        gap().ask,
        "How long do the credentials live? The nearest page is runs.md.",
    ]
    assert [one.about for one in phrased.unanswered] == [("fct-1",)]


def test_gaps_without_a_reply_keep_their_local_question() -> None:
    phrased = phrase_gaps(always(gaps=FAILED), [gap(), gap(2)], PLAN.facets, background())
    assert phrased.gaps == (gap(), gap(2))
    assert [(one.about, one.reason) for one in phrased.unanswered] == [(("fct-1", "fct-2"), "malformed")]


def test_no_gap_asks_nothing() -> None:
    asker = always()
    assert phrase_gaps(asker, [], PLAN.facets, background()).gaps == ()
    assert not asker.asked


def test_a_request_about_gaps_names_no_page() -> None:
    asker = always(gaps={"questions": []})
    phrase_gaps(asker, [gap(owner="Data squad")], PLAN.facets, background())
    (shown,) = asker.texts("gaps")
    assert "g1: which credentials does Airflow use" in shown
    assert "runs.md" not in shown
    assert asker.asked[0][1].sources == ()


# -- description -------------------------------------------------------------------------------------------------------


def described(text: str) -> str:
    asker = always(description={"description": text})
    return phrase_description(asker, PLAN, [claim_of("It runs.")], LOCAL, background()).text


def test_a_description_of_given_words_is_the_models() -> None:
    assert described(GOOD) == GOOD
    assert described(f"  {GOOD}\n") == GOOD


@pytest.mark.parametrize(
    "text",
    [
        "",
        "How night runs are approved.",
        "Use when you want to know of night runs.",
        "Use when **night runs** fail.",
        "Use when night runs of Snowflake fail.",
        "Use when night runs fail after 3 tries.",
        "Use when night runs in dags/night fail.",
        "Use when night runs fail, see https://wiki.example/x.",
        "Use when baking bread.",
        "Use when <b>night runs</b> fail.",
    ],
)
def test_a_description_that_breaks_a_rule_gives_way_to_the_local_one(text: str) -> None:
    asker = always(description={"description": text})
    phrased = phrase_description(asker, PLAN, [claim_of("It runs.")], LOCAL, background())
    assert phrased.text == LOCAL
    assert [(one.use, one.reason) for one in phrased.unanswered] == [("description", "rules")]


def test_a_description_without_a_reply_is_the_local_one() -> None:
    phrased = phrase_description(always(description=FAILED), PLAN, [], LOCAL, background())
    assert phrased.text == LOCAL
    assert [one.reason for one in phrased.unanswered] == ["malformed"]


@PROPERTY
@given(st.text(max_size=MAX_DESCRIPTION))
def test_whatever_a_model_says_the_description_is_one_line_without_markup(text: str) -> None:
    found = described(text)
    assert 0 < len(found) <= MAX_DESCRIPTION
    assert not set(found) & set("<>\n`")


def test_headings_of_the_cited_pages_are_shown_as_data_with_their_pages() -> None:
    asker = always(description={"description": GOOD})
    claim = claim_of("It runs.", source="a.md")
    phrase_description(asker, PLAN, [claim, replace(claim, id="clm-2")], LOCAL, background())
    (shown,) = asker.texts("description")
    assert shown.count("Runs > Night") == 1
    assert "-----BEGIN subjects" in shown
    assert asker.asked[0][1].sources == (ChatSource(source="a.md", sha256=claim.citations[0].source_sha256),)


# -- what is added -----------------------------------------------------------------------------------------------------


@PROPERTY
@given(st.text(max_size=200))
def test_no_text_adds_anything_to_itself(text: str) -> None:
    assert added_tokens(text, text, background()) == ()


def test_part_of_a_number_or_of_a_name_does_not_count_as_given() -> None:
    assert added_tokens("It takes 3 hours.", "It takes 13 hours or 3.5.", background()) == ("3",)
    assert added_tokens("See silo_a.", "See silo_ab.", background()) == ("silo_a",)


def test_plain_words_of_english_and_of_the_trade_add_nothing() -> None:
    text = "Which pipelines and/or deployments aren't rolled back, and who's on the team's call?"
    assert added_tokens(text, "", background()) == ()
