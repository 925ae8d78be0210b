"""A model condenses an answer, chooses over all answers and judges passages; what it does not say stays as it is."""

from __future__ import annotations

import re

import pytest
from answering import FAILED, Answer, ScriptedAsker, citation_of, claim_of, key_of, page_of, passages_of, task_of

from skillgen.answer.choosing import choose_body
from skillgen.answer.condense import condense_answers
from skillgen.answer.relevance import judge_passages
from skillgen.model.answer import Condensed, QuestionClaims
from skillgen.model.brief import Question
from skillgen.model.draft import Claim
from skillgen.quotes import MAX_CITATIONS
from skillgen.verify import verify_claim

SENTENCES = [f"Job number {n} starts at 0{n}:15 UTC and waits for `table_{n}` of the export." for n in range(9)]
PAGE = page_of("# Jobs\n\n" + "\n\n".join(SENTENCES) + "\n", "jobs.md")
PAGES = {PAGE.source: PAGE}
CLAIMS = [claim_of(f"id{n}", text, citation_of(PAGE, text)) for n, text in enumerate(SENTENCES)]
COSTS = {claim.id: 20 for claim in CLAIMS}


def answer_of(*claims: Claim, number: int = 1) -> QuestionClaims:
    question = Question(id=f"q{number}", number=str(number), text=f"When do the jobs of night {number} start?")
    return QuestionClaims(question=question, claims=claims)


def condensed(reply: Answer, *claims: Claim) -> Condensed:
    asker = ScriptedAsker({"condense": lambda _: reply})
    return condense_answers(asker, [answer_of(*(claims or CLAIMS[:4]))], PAGES, chars=4000)


def statement(text: str, *keys: str) -> dict[str, object]:
    return {"claims": list(keys), "text": text}


# -- condense ----------------------------------------------------------------------------------------------------------


def test_a_statement_cites_what_its_claims_cite_and_can_be_verified() -> None:
    text = "Job number 1 starts at 01:15 UTC and job number 2 at 02:15 UTC [c2, c3]."
    (found,) = condensed({"statements": [statement(text, "c2", "[c3]", "c2")]}).statements
    assert found.made_from == ("id1", "id2")
    assert found.claim.text == "Job number 1 starts at 01:15 UTC and job number 2 at 02:15 UTC."
    assert found.claim.question_id == "q1"
    cited = " ".join(citation.quote for citation in found.claim.citations)
    assert "01:15" in cited
    assert "02:15" in cited
    assert verify_claim(found.claim.text, found.claim.citations, PAGES).support == "partial"
    wrong = verify_claim("Job number 1 starts at 05:15 UTC.", found.claim.citations, PAGES)
    assert wrong.support == "unsupported"


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (statement("Job number 1 starts at 01:15 UTC.", "c9"), "names no claim"),
        (statement("Job number 1 starts at 01:15 UTC."), "names no claim"),
        (statement("Yes.", "c1"), "has 1 words"),
        (statement("word " * 61, "c1"), "has 61 words"),
    ],
)
def test_a_bad_statement_is_recorded_and_costs_no_other(bad: dict[str, object], reason: str) -> None:
    good = statement("Job number 0 starts at 00:15 UTC.", "c1", "c77")
    result = condensed({"statements": [bad, good]})
    assert [one.made_from for one in result.statements] == [("id0",)]
    (dropped,) = result.dropped
    assert reason in dropped.reason


def test_the_quotes_that_tell_most_stay_where_there_are_too_many() -> None:
    page = page_of("# Jobs\n\n" + "".join(f"## Job {n}\n\n{text}\n\n" for n, text in enumerate(SENTENCES)), "wide.md")
    wide = claim_of("wide", "All jobs have times of their own.", *(citation_of(page, text) for text in SENTENCES))
    text = "Job number 8 starts at 08:15 UTC and waits for `table_8` of the export."
    asker = ScriptedAsker({"condense": lambda _: {"statements": [statement(text, "c1")]}})
    pages = {page.source: page, **PAGES}
    (found,) = condense_answers(asker, [answer_of(wide, CLAIMS[8])], pages, chars=4000).statements
    assert len(found.claim.citations) == MAX_CITATIONS
    assert any("08:15" in citation.quote for citation in found.claim.citations)


def test_a_failed_request_leaves_the_claims_as_they_are_and_one_claim_is_not_asked_about() -> None:
    result = condensed(FAILED)
    assert result.statements == ()
    assert [(one.use, one.about) for one in result.unanswered] == [("condense", ("q1",))]
    assert condense_answers(ScriptedAsker({}), [answer_of(CLAIMS[0])], PAGES, chars=4000) == Condensed(statements=())


def test_a_small_context_condenses_in_parts() -> None:
    asker = ScriptedAsker({"condense": lambda _: {"statements": [statement("A job starts at 00:15 UTC.", "c1")]}})
    result = condense_answers(asker, [answer_of(*CLAIMS)], PAGES, chars=250, most=1)
    assert len(asker.asked) == 3 + (len(CLAIMS) % 3 > 1)
    assert [one.made_from for one in result.statements] == [("id0",), ("id3",), ("id6",)]
    assert all("at most 1 dense" in text for text in asker.texts("condense"))


# -- choose ------------------------------------------------------------------------------------------------------------


def chooses(*wanted: int) -> ScriptedAsker:
    """Return a model that wants these claims in this order wherever they are offered."""

    def answer(text: str) -> Answer:
        offered = [SENTENCES[n] for n in wanted if SENTENCES[n] in text]
        return {"keys": [key_of(text, sentence) for sentence in offered]}

    return ScriptedAsker({"choose": answer})


def test_the_model_chooses_over_all_answers_within_the_budget() -> None:
    asker = chooses(5, 0, 7, 2)
    answers = [answer_of(*CLAIMS[:4]), answer_of(*CLAIMS[4:], number=2)]
    assert choose_body(asker, answers, COSTS, budget=60, chars=9000).ids == ("id5", "id0", "id7")
    (text,) = asker.texts("choose")
    assert "at most 60 tokens" in text
    assert "(20 tokens) Job number 3" in text
    assert re.findall(r"^Question: .*night (\d)", text, re.MULTILINE) == ["1", "2"]


def test_a_small_context_chooses_in_parts_and_then_once_more() -> None:
    asker = chooses(8, 1, 4)
    result = choose_body(asker, [answer_of(*CLAIMS)], COSTS, budget=180, chars=480)
    assert len(asker.asked) == 4
    assert result.ids == ("id8", "id1", "id4")


def test_the_last_choice_sees_the_claims_of_a_question_together() -> None:
    asker = chooses(0, 5, 1, 8)
    answers = [answer_of(*CLAIMS[:2], *CLAIMS[6:]), answer_of(*CLAIMS[2:6], number=2)]
    result = choose_body(asker, answers, COSTS, budget=180, chars=620)
    assert len(asker.asked) == 4
    assert re.findall(r"^Question: .*night (\d)", asker.texts("choose")[-1], re.MULTILINE) == ["1", "2"]
    assert set(result.ids) == {"id0", "id5", "id1", "id8"}


def test_parts_take_turns_where_their_choices_do_not_fit_in_one_request() -> None:
    asker = chooses(*range(9))
    result = choose_body(asker, [answer_of(*CLAIMS)], COSTS, budget=180, chars=480)
    assert len(asker.asked) == 3
    assert result.ids == ("id0", "id3", "id6", "id1", "id4", "id7", "id2", "id5", "id8")


def test_unknown_and_repeated_keys_are_nothing_and_a_failure_is_recorded() -> None:
    odd = ScriptedAsker({"choose": lambda _: {"keys": ["c99", "c2", "c2", "x", "[c1]"]}})
    assert choose_body(odd, [answer_of(*CLAIMS)], COSTS, budget=500, chars=9000).ids == ("id1", "id0")
    failing = ScriptedAsker({"choose": lambda _: FAILED})
    result = choose_body(failing, [answer_of(*CLAIMS[:2])], COSTS, budget=500, chars=9000)
    assert result.ids == ()
    assert [(one.use, one.about) for one in result.unanswered] == [("choose", ("id0", "id1"))]
    assert choose_body(ScriptedAsker({}), [], {}, budget=5, chars=100).ids == ()


def test_a_last_choice_that_fails_leaves_the_choices_of_the_parts() -> None:
    calls = []

    def answer(text: str) -> Answer:
        calls.append(text)
        return FAILED if len(calls) > 3 else {"keys": ["c1"]}

    result = choose_body(ScriptedAsker({"choose": answer}), [answer_of(*CLAIMS)], COSTS, budget=180, chars=480)
    assert result.ids == ("id0", "id3", "id6")
    assert len(result.unanswered) == 1


# -- relevance ---------------------------------------------------------------------------------------------------------


def test_passages_that_help_come_first_and_the_best_by_retrieval_stay() -> None:
    page = page_of("# A\n\n" + "\n".join(f"## Part {n}\n\nSentence {n} of the page is here.\n" for n in range(8)))
    passages = passages_of(page)

    def answer(text: str) -> Answer:
        return {"keys": ["p99", *(key_of(text, f"Sentence {n}") for n in (6, 4) if f"Sentence {n}" in text)]}

    for chars, requests in ((4000, 1), (210, 2)):
        asker = ScriptedAsker({"relevance": answer})
        (task,) = judge_passages(asker, [task_of(passages)], {page.source: page}, chars=chars, keep=2).tasks
        assert len(asker.asked) >= requests
        assert task.passages == (passages[6], passages[4], passages[0], passages[1])


def test_passages_that_nobody_judged_stay() -> None:
    page = page_of("# A\n\n" + "\n".join(f"## Part {n}\n\nSentence {n} of the page is here.\n" for n in range(5)))
    passages = passages_of(page)
    result = judge_passages(
        ScriptedAsker({"relevance": lambda _: FAILED}), [task_of(passages)], {page.source: page}, chars=4000
    )
    assert result.tasks[0].passages == passages
    assert [(one.use, one.about) for one in result.unanswered] == [("relevance", ("q1",))]
