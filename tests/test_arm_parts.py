"""The parts of the arms: texts of equal length, ablation, judging, statistics, comparisons, a shared limit."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest
from chat_server import request
from hypothesis import given
from hypothesis import strategies as st

from skillgen.chat import Budget, load_prompt
from skillgen.errors import UserError
from skillgen.evaluate.arm_texts import (
    ShownPassage,
    fitted,
    most_important,
    passages_text,
    passages_within,
    placebo_text,
    shown_files,
    text_tokens,
    without_claims,
)
from skillgen.evaluate.arms import answer_request, chosen_files
from skillgen.evaluate.behaviour import arm_result, claim_effects, compared, spread_tasks
from skillgen.evaluate.judge import graded, judged, speaks_of
from skillgen.evaluate.statistics import mcnemar_exact
from skillgen.model.behaviour import Arm, ArmPlan, ArmResult, Given, Mark, MarkedExpectation, Trial
from skillgen.model.chat import ChatFailure, ChatReply, ChatRequest, Price, RawReply
from skillgen.model.draft import Citation, Claim, Verdict
from skillgen.model.evaluation import Expected, ExpectedForm, Task, TaskCitation, TaskSource
from skillgen.pipeline.arm_plans import _built_in
from skillgen.pipeline.behaviour_asking import Waited

WORDS = st.text("abc d\n", min_size=1, max_size=400).filter(lambda text: bool(text.strip()))


def replied(value: Any, text: str = "") -> ChatReply:  # noqa: ANN401 - any JSON
    return ChatReply(
        text=text or json.dumps(value),
        parsed=value,
        finish="stop",
        model="m",
        tokens_in=1,
        tokens_out=1,
        from_store=False,
    )


# -- texts -------------------------------------------------------------------------------------------------------------


@given(WORDS, st.integers(60, 2000))
def test_a_placebo_has_the_length_of_the_skill_within_two_percent(text: str, tokens: int) -> None:
    assert abs(text_tokens(fitted(text, tokens)) - tokens) <= 0.02 * tokens + 1


def test_a_long_word_is_cut_before_the_length_is_missed() -> None:
    assert fitted(f"a {'b' * 1000}", 100) == f"a {'b' * 398}"
    assert fitted("word " * 1000, 100).split() == ["word"] * 80


def test_an_empty_text_is_no_placebo() -> None:
    with pytest.raises(ValueError, match="empty"):
        fitted(" \n", 10)


def test_the_built_in_placebos_name_no_files_that_they_do_not_have() -> None:
    for text in _built_in():
        assert text_tokens(text) > 1000
        assert "## References" not in text
        assert not text.startswith("---")


def test_a_placebo_loses_front_matter_and_references_and_nothing_else() -> None:
    skill = (
        '---\nname: "a"\n---\n\n# A\n\n- b\n\n## References\n\nRead on\n\n- [x](references/x.md)\n\n## Unknown\n\n- c\n'
    )
    assert placebo_text(skill) == "# A\n\n- b\n\n## Unknown\n\n- c\n"


PASSAGES = st.lists(
    st.builds(
        ShownPassage,
        source=st.sampled_from(["a.md", "b/c.md"]),
        heading_path=st.just(("Deploys",)),
        text=st.text("xy z", max_size=300),
    ),
    max_size=12,
)


@given(PASSAGES, st.integers(1, 300))
def test_passages_stay_within_their_tokens_best_first(passages: list[ShownPassage], tokens: int) -> None:
    taken = passages_within(passages, tokens)
    assert text_tokens(passages_text(taken)) <= tokens
    places = iter(passages)
    assert all(any(one is other for other in places) for one in taken)
    first_fitting = next((one for one in passages if len(one.shown) + 2 <= 4 * tokens), None)
    assert (taken[0] if taken else None) is first_fitting


def test_what_stands_between_passages_counts() -> None:
    passages = [ShownPassage(source="a.md", heading_path=(), text="x" * 93)] * 3
    assert len(passages[0].shown) == 100
    assert len(passages_within(passages, 75)) == 2
    assert len(passages_within(passages, 77)) == 3


@given(st.lists(st.tuples(st.sampled_from("abc"), WORDS), max_size=2), st.integers(0, 500))
def test_files_that_are_read_are_cut_to_their_room_and_say_so(files: list[tuple[str, str]], chars: int) -> None:
    note = "\n(cut here: the file is longer)\n"
    for (name, text), (shown_name, shown) in zip(files, shown_files(files, chars), strict=True):
        assert shown_name == name
        assert shown == text or (shown.endswith(note) and text.startswith(shown.removesuffix(note)))
        assert len(shown) <= max(chars, len(text) if sum(len(one) for _, one in files) <= chars else 0) + len(note)


def test_a_request_with_files_fits_the_context() -> None:
    plan = ArmPlan(arm="with_skill", always=Given(text="s" * 4000), references={"a.md": "word\n" * 9000})
    asked = answer_request(plan, task("one"), ["a.md"], (), context=4096)
    chars = sum(len(message.text) for message in asked.messages)
    assert chars / 3 + asked.max_tokens <= 4096
    assert "cut here" in asked.messages[1].text


def test_both_prompts_of_an_arm_begin_alike() -> None:
    first, second = (load_prompt(name).parts[0] for name in ("task-files", "task-answer"))
    assert first == second


@pytest.mark.parametrize(
    ("named", "read"),
    [
        (["a.md", "b.md"], ("a.md", "b.md")),
        (["references/a.md", "a.md"], ("a.md",)),
        (["../../etc/passwd", "c.md"], ()),
        ([], ()),
    ],
)
def test_only_files_of_the_skill_are_read(named: list[str], read: tuple[str, ...]) -> None:
    assert chosen_files(replied({"files": named}), {"a.md": "", "b.md": ""}) == read


def test_a_choice_of_files_that_cannot_be_used_reads_none() -> None:
    assert chosen_files(ChatFailure(reason="malformed", detail="no JSON"), {"a.md": ""}) == ()


# -- ablation ----------------------------------------------------------------------------------------------------------


def claim(id_: str, text: str, *, at: int, facets: int = 1, in_body: bool = True, source: str = "a.md") -> Claim:
    cited = Citation(
        source=source,
        start=at,
        end=at + 10,
        lines=(at, at),
        heading_path=("H",),
        quote="q" * 10,
        source_sha256="0" * 64,
    )
    return Claim(
        id=id_,
        text=text,
        lead="",
        facets=tuple(f"fct-{number}" for number in range(facets)),
        also_answers=(),
        in_body=in_body,
        delta=0.5,
        verdict=Verdict(support="supported", reason="", checker="rules"),
        citations=(cited,),
    )


FILES = {
    "SKILL.md": "# S\n\n- The load begins at 02:15. [S1]\n- Ask the desk before noon. [S2]\n- **Night:**\n"
    "  - The load waits for the ledger file. [S3] [S4]\n",
    "references/more.md": "# M\n\n- The load starts at a quarter past two. [S1]\n- Nobody deploys on Fridays. [S4]\n",
    "references/map.md": "| From | What |\n|---|---|\n| a | the load begins [S1] |\n"
    "| b | the desk [S2] [S1] |\n| c | Fridays [S4] |\n",
}
CLAIMS = (
    claim("clm-1", "The load begins at 02:15.", at=10, facets=3),
    claim("clm-2", "Ask the desk before noon.", at=100),
    claim("clm-3", "The load waits for the ledger file.", at=200, facets=2),
    claim("clm-4", "The load starts at a quarter past two.", at=15, in_body=False),
    claim("clm-5", "Nobody deploys on Fridays.", at=300, in_body=False),
)


def test_the_most_important_claims_are_those_that_answer_most() -> None:
    assert [one.id for one in most_important(CLAIMS, 0.5)] == ["clm-1", "clm-3"]
    assert len(most_important(CLAIMS, 1.0)) == 3


def test_removed_claims_are_gone_with_their_copies_and_no_other_line_is() -> None:
    left = without_claims(FILES, CLAIMS, [CLAIMS[0], CLAIMS[2]])
    assert left["SKILL.md"] == "# S\n\n- Ask the desk before noon. [S2]\n"
    assert left["references/more.md"] == "# M\n\n- Nobody deploys on Fridays. [S4]\n"
    assert "| a |" not in left["references/map.md"]
    assert "| b |" in left["references/map.md"]
    assert "| c |" in left["references/map.md"]


def test_without_anything_removed_the_files_stay_as_they_are() -> None:
    assert without_claims(FILES, CLAIMS, []) == FILES


# -- judging -----------------------------------------------------------------------------------------------------------


def task(id_: str, *, source: TaskSource = "body", form: ExpectedForm = "text", line: int = 10) -> Task:
    return Task(
        id=id_,
        kind="owner",
        source=source,
        question=f"Who owns {id_}?",
        expected=(Expected(value="platform team", form=form),),
        citation=TaskCitation(source="a.md", lines=(line, line), heading_path=(), quote="platform team"),
    )


STATEMENT = Expected(value="It says so.", form="judged")
TEAM = Expected(value="platform team", form="text")


def verdict(verdict: str, evidence: str, answer: str = "The platform people.") -> Mark:
    return judged(TEAM, replied({"verdict": verdict, "evidence": evidence}), answer, "j").mark


def test_a_judge_passes_by_words_of_the_answer_only() -> None:
    assert verdict("pass", "platform people") == "passed"
    assert verdict("pass", "platform  people") == "passed"
    assert verdict("pass", "the platform team") == "ungraded"
    assert verdict("pass", "Platform people") == "ungraded"
    assert verdict("pass", "") == "ungraded"
    assert verdict("pass", "e.") == "ungraded"
    assert verdict("fail", "") == "failed"


def test_a_judge_passes_by_words_that_have_something_of_what_is_expected() -> None:
    answer = "Snowflake renews it, and the platform people watch."
    assert verdict("pass", "Snowflake renews it", answer) == "ungraded"
    assert verdict("pass", "the platform people watch", answer) == "passed"


@given(st.text(max_size=60), st.text(max_size=60), st.sampled_from(["pass", "fail"]))
def test_whatever_a_judge_says_a_pass_has_its_words_in_the_answer(answer: str, evidence: str, said: str) -> None:
    found = judged(STATEMENT, replied({"verdict": said, "evidence": evidence}), answer, "j")
    if found.mark == "passed":
        assert said == "pass"
        assert found.evidence
        assert found.evidence in " ".join(answer.split())


def test_a_judge_without_a_usable_reply_decides_nothing() -> None:
    found = judged(STATEMENT, ChatFailure(reason="malformed", detail="The reply holds no JSON."), "answer", "j")
    assert found.mark == "ungraded"
    assert "no usable verdict" in found.evidence


@pytest.mark.parametrize(
    ("form", "answer", "asks"),
    [
        ("text", "The platform team does.", False),
        ("text", "The people of the platform.", True),
        ("text", "Its owner does.", False),
        ("text", "It is not the platform team.", False),
        ("text", "I don't know.", False),
        ("text", "", False),
        ("code", "The people of the platform.", False),
        ("judged", "The people of the platform.", True),
        ("judged", "It is not specified.", False),
    ],
)
def test_only_what_rules_cannot_decide_goes_to_the_judge(form: ExpectedForm, answer: str, asks: bool) -> None:  # noqa: FBT001
    asked: list[ChatRequest] = []

    async def ask(one: ChatRequest) -> ChatReply | ChatFailure:
        asked.append(one)
        return replied({"verdict": "pass", "evidence": answer})

    (mark,) = asyncio.run(graded(task("t", form=form), answer, (), ask, "j"))
    assert bool(asked) == asks
    assert mark.grader == ("judge/2 j" if asks else "rules/1")
    assert mark.evidence


@pytest.mark.parametrize(
    ("text", "speaks"),
    [
        ("First linting, the tests next, and it is shipped.", True),
        ("Tests, then it ships.", False),
        ("Fetch, merge, push.", False),
    ],
)
def test_words_of_an_order_have_each_of_its_items(text: str, speaks: bool) -> None:  # noqa: FBT001
    assert speaks_of(Expected(value="lint > test > ship", form="order"), text) == speaks


# -- statistics --------------------------------------------------------------------------------------------------------


@given(st.integers(0, 9), st.integers(0, 9))
def test_the_exact_test_is_what_counting_every_outcome_gives(won: int, lost: int) -> None:
    pairs = won + lost
    distance = abs(won - lost)
    outcomes = [abs(2 * sum(coins) - pairs) for coins in itertools.product((0, 1), repeat=pairs)]
    counted = sum(one >= distance for one in outcomes) / len(outcomes)
    assert mcnemar_exact(won, lost) == pytest.approx(counted)


def test_the_exact_test_has_the_values_of_the_binomial_distribution() -> None:
    assert mcnemar_exact(0, 5) == pytest.approx(0.0625)
    assert mcnemar_exact(1, 9) == pytest.approx(22 / 1024)
    with pytest.raises(ValueError, match="no counts"):
        mcnemar_exact(-1, 2)


def trial(arm: Arm, task_id: str, mark: Mark) -> Trial:
    expectation = MarkedExpectation(text="It says so.", mark=mark, evidence="words", grader="rules/1")
    return Trial(task=task_id, arm=arm, answer="a", expectations=(expectation,), cost=0.5, calls=1)


def result(arm: Arm, tasks: list[Task], marks: list[Mark]) -> ArmResult:
    trials = {one.id: trial(arm, one.id, mark) for one, mark in zip(tasks, marks, strict=False)}
    return arm_result(ArmPlan(arm=arm), tasks, trials)


MARKS = st.lists(st.sampled_from(["passed", "failed", "ungraded"]), min_size=8, max_size=8)


@given(MARKS, MARKS)
def test_a_comparison_counts_every_pair_once_and_mirrors(mine: list[Mark], theirs: list[Mark]) -> None:
    tasks = [task(f"t{number}") for number in range(8)]
    one, two = result("with_skill", tasks, mine), result("without_skill", tasks, theirs)
    here, there = compared(one, two), compared(two, one)
    assert here.pairs == here.both + here.neither + len(here.won) + len(here.lost)
    assert here.pairs == sum("ungraded" not in pair for pair in zip(mine, theirs, strict=True))
    assert (here.won, here.lost, here.p) == (there.lost, there.won, there.p)
    assert one.rate.passed + mine.count("failed") + one.rate.ungraded == 8


def test_an_arm_counts_what_is_missing_and_splits_what_is_there() -> None:
    tasks = [task("t1"), task("t2", source="reference"), task("t3")]
    found = result("with_skill", tasks, ["passed", "failed"])
    assert found.missing == ("t3",)
    assert {name: (rate.passed, rate.graded) for name, rate in found.by_source.items()} == {
        "body": (1, 1),
        "reference": (0, 1),
    }
    assert (found.calls, found.cost) == (2, 1.0)


def test_the_claims_that_cite_a_task_that_was_won_helped() -> None:
    tasks = [task("t1", line=10), task("t2", line=100), task("t3", line=300)]
    beside = compared(
        result("with_skill", tasks, ["passed", "failed", "passed"]),
        result("without_skill", tasks, ["failed", "passed", "passed"]),
    )
    effects = {one.claim: (one.won, one.lost) for one in claim_effects(CLAIMS, tasks, beside)}
    assert effects == {"clm-1": (("t1",), ()), "clm-2": ((), ("t2",))}


@given(st.lists(st.sampled_from(["body", "reference", "uncited-page"]), max_size=40), st.integers(1, 40))
def test_few_tasks_are_of_every_source(sources: list[TaskSource], limit: int) -> None:
    tasks = [task(f"t{number}", source=source) for number, source in enumerate(sources)]
    taken = spread_tasks(tasks, limit)
    assert len(taken) == min(limit, len(tasks))
    assert [one for one in tasks if one in taken] == list(taken)
    counts = {source: sum(one.source == source for one in taken) for source in set(sources)}
    for source, count in counts.items():
        if count < sources.count(source):
            assert count >= max(counts.values()) - 1


# -- money and time ----------------------------------------------------------------------------------------------------


def test_one_limit_is_for_model_and_judge_together() -> None:
    price = Price(input=0, output=1000)
    model = Budget(price, limit=0.25, model="m", price_key="m")
    judge = Budget(price, limit=0.25, model="j", price_key="j", beside=model)
    first = model.reserve(request(1))
    assert first is not None
    assert judge.reserve(request(2)) is not None
    assert judge.reserve(request(3)) is None
    assert model.reserve(request(3)) is None
    model.pay(first, RawReply(text="", finish="stop", model="m", tokens_in=0, tokens_out=50))
    assert model.reserve(request(3)) is not None


def test_seconds_survive_a_kill_in_the_middle_of_a_line(tmp_path: Any) -> None:  # noqa: ANN401 - a path
    file = tmp_path / "seconds.jsonl"
    Waited(file).note("m", request(1), 2.5)
    with file.open("a", encoding="utf-8") as open_file:
        open_file.write('["abc", 1')
    assert Waited(file).of("m", [request(1), request(2)]) == 2.5
    assert Waited(file).of("other", [request(1)]) == 0.0


def test_an_arm_that_is_no_arm_is_refused() -> None:
    from skillgen.cli.behaviour_commands import chosen_arms

    refused: Callable[[str], object] = chosen_arms
    with pytest.raises(UserError, match="no arm"):
        refused("skillful")
    assert chosen_arms(" ablated_skill ,with_skill,with_skill") == ("with_skill", "ablated_skill")
