"""Planning: questions of many shapes to facets, and every target and question served."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from corpus_builder import BRIEF
from hypothesis import example, given
from hypothesis import strategies as st

from skillgen.brief import builtin_briefs, load_brief
from skillgen.brief.parse import parse_brief
from skillgen.embed import HashEmbedder
from skillgen.model.brief import Brief, Question
from skillgen.plan import plan_research, split_facets


def brief(text: str = BRIEF, name: str = "releases") -> Brief:
    return parse_brief(text, path=f"{name}.md", sha256="0" * 64)


@pytest.mark.parametrize(
    ("question", "facets"),
    [
        ("What starts a deploy?", ["What starts a deploy"]),
        ("What starts a deploy", ["What starts a deploy"]),
        ("What starts a deploy, and who approves it?", ["What starts a deploy", "who approves it"]),
        ("What starts a deploy and who approves it?", ["What starts a deploy", "who approves it"]),
        ("When does the ferry leave or where does it wait?", ["When does the ferry leave", "where does it wait"]),
        ("Who may deploy, when may they, how is it done?", ["Who may deploy", "when may they", "how is it done"]),
        (
            "Which token is used, where is it kept, how long does it live?",
            ["Which token is used", "where is it kept", "how long does it live"],
        ),
        ("How do jobs start \u2014 what triggers them?", ["How do jobs start", "what triggers them"]),
        ("How do jobs start \u2013 what triggers them?", ["How do jobs start", "what triggers them"]),
        ("How do jobs start - what triggers them?", ["How do jobs start", "what triggers them"]),
        ("How do jobs start; what triggers them?", ["How do jobs start", "what triggers them"]),
        ("For each job: what does it wait for?", ["For each job", "what does it wait for"]),
        ("Name the roles: owner, deputy and auditor.", ["Name the roles: owner, deputy and auditor."]),
        (
            "Which checks run (lint, tests, and what else), and who reads them?",
            ["Which checks run (lint, tests, and what else)", "who reads them"],
        ),
        ("Are builds signed (e.g. by a key; which one?)?", ["Are builds signed (e.g. by a key; which one?)"]),
        ("Who is told, and how?", ["Who is told, and how"]),
        ("Where is it kept, and who or what rotates it?", ["Where is it kept", "who or what rotates it"]),
        ("How long is it valid, and during which hours?", ["How long is it valid", "during which hours"]),
        ("Is write-access needed for eu-west-1?", ["Is write-access needed for eu-west-1"]),
        ("What is known about bread and butter?", ["What is known about bread and butter"]),
        ("Whose keys, and whose tokens, must expire?", ["Whose keys", "whose tokens", "must expire"]),
        ("?", []),
    ],
)
def test_a_question_is_split_where_it_asks_one_thing_more(question: str, facets: list[str]) -> None:
    assert list(split_facets(question)) == facets


PIECES = [*"what who how and or , ; - ( ) ? 0 1 \0 deploy token is \u2014 : .".split(" "), " "]


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
@example("\x000\0")
@example("what (a) \x001\0")
def test_no_question_breaks_it_and_every_word_stays(question: str) -> None:
    facets = split_facets(question)
    assert all(facet.strip() for facet in facets)
    joining = {"and", "or"}

    def words(text: str) -> list[str]:
        return [word for word in re.findall(r"[a-z0-9]+", text.lower()) if word not in joining]

    assert words(" ".join(facets)) == words(question)


@pytest.mark.parametrize("name", builtin_briefs())
def test_every_target_and_every_question_of_a_built_in_brief_has_a_facet(name: str) -> None:
    check_served([load_brief(name)])


def check_served(briefs: list[Brief]) -> None:
    plan = plan_research(briefs, embedder=HashEmbedder())
    targets = {target.id for each in briefs for target in each.targets}
    questions = {question.id for each in briefs for question in each.questions}
    assert {target for facet in plan.facets for target in facet.targets} == targets
    assert {facet.question_id for facet in plan.facets} == questions
    assert all(facet.targets for facet in plan.facets)
    assert len({facet.id for facet in plan.facets}) == len(plan.facets)


def test_a_brief_with_more_targets_than_questions_serves_them_all() -> None:
    targets = "".join(f"- Target number {n} about the harbour\n" for n in range(12))
    check_served([brief(re.sub(r"(?<=## Coverage Targets\n).*?(?=\n## )", targets, BRIEF, flags=re.DOTALL))])


def test_a_quality_check_is_a_facet_of_the_question_nearest_to_it() -> None:
    plan = plan_research([brief()], embedder=HashEmbedder())
    (check,) = [facet for facet in plan.facets if facet.text == "every deploy step names its command"]
    questions = {question.id: question.text for question in plan.briefs[0].questions}
    assert questions[check.question_id].startswith("Which command starts a deploy")


def test_ids_are_stable_and_of_one_shape() -> None:
    first = plan_research([brief()], embedder=HashEmbedder())
    assert plan_research([brief()], embedder=HashEmbedder()) == first
    assert all(re.fullmatch(r"fct-[0-9a-f]{8}", facet.id) for facet in first.facets)
    turned = plan_research([replace(brief(), questions=brief().questions[::-1])], embedder=HashEmbedder())
    assert {facet.id for facet in turned.facets} == {facet.id for facet in first.facets}


def test_two_briefs_are_planned_together_each_with_its_own_targets() -> None:
    one, other = brief(), brief(BRIEF.replace("# Releases", "# More releases"), "more")
    check_served([one, other])
    plan = plan_research([one, other], embedder=HashEmbedder())
    for each in (one, other):
        own = {question.id for question in each.questions}
        targets = {target.id for target in each.targets}
        assert {t for facet in plan.facets if facet.question_id in own for t in facet.targets} == targets
    assert [f for f in plan.facets if f.question_id in {q.id for q in one.questions}] == list(
        plan_research([one], embedder=HashEmbedder()).facets
    )


def test_a_thing_that_a_question_asks_twice_is_one_facet() -> None:
    twice = Question(id="qst-9", number="9", text="Who may deploy on Friday; who may deploy on Friday?")
    plan = plan_research([replace(brief(), questions=(twice,), quality_checks=())], embedder=HashEmbedder())
    assert len({facet.id for facet in plan.facets}) == len(plan.facets) == 1


def test_a_question_of_punctuation_still_has_a_facet() -> None:
    odd = Question(id="qst-9", number="9", text="?")
    plan = plan_research([replace(brief(), questions=(*brief().questions, odd))], embedder=HashEmbedder())
    assert [facet.text for facet in plan.facets if facet.question_id == "qst-9"] == ["?"]
