"""Composing: rules and joined claims first, and no page or question that takes all the room."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillgen import compose
from skillgen.model.draft import Citation
from skillgen.model.research import Candidate, Choice, Ranking

QUESTIONS = ("q-1", "q-2")
CITED = Citation(source="a.md", start=0, end=1, lines=(1, 1), heading_path=(), quote="x", source_sha256="")


def choice(index: int, *, length: int = 60, source: str = "", question: str = "q-1") -> Choice:
    """Return a choice of this length, on a page of its own unless a page is named."""
    made = Candidate(
        source=source or f"{index}.md",
        start=0,
        end=length,
        kind="paragraph",
        lead="",
        text="x" * length,
        citations=(CITED,),
    )
    return Choice(
        candidate=made, index=index, question_id=question, also_answers=(), facets=("f",), score=0.0, repeated=()
    )


def ranking(
    scores: Sequence[float], other: Sequence[float] | None = None, **signals: Sequence[float] | Mapping[str, object]
) -> Ranking:
    """Return a ranking with these scores for the first question."""
    count = len(scores)
    plain = {"constraint": np.zeros(count), "specifics": np.zeros(count)}
    known = {**plain, **{name: np.array(values, dtype=float) for name, values in signals.items()}}
    return Ranking(
        scores={
            "q-1": np.array(scores, dtype=float),
            "q-2": np.array(other or [-9.0] * count, dtype=float),
        },
        facets=np.zeros((count, 1)),
        signals=dict.fromkeys(QUESTIONS, known),
    )


def body_order(choices: Sequence[Choice], known: Ranking, deltas: Sequence[float] | None = None) -> tuple[int, ...]:
    """Return the order; every choice is as much the organisation's own as any other unless told."""
    return compose.body_order(choices, known, [0.5] * len(choices) if deltas is None else deltas)


def test_nothing_chosen_gives_no_order() -> None:
    assert body_order([], ranking([])) == ()


def test_what_answers_better_comes_first() -> None:
    assert body_order([choice(0), choice(1), choice(2)], ranking([1.0, 3.0, 2.0])) == (1, 2, 0)


def test_positions_are_those_of_the_choices_not_of_the_candidates() -> None:
    assert body_order([choice(3), choice(1)], ranking([9, 1, 9, 2])) == (0, 1)
    assert body_order([choice(3), choice(1)], ranking([9, 2, 9, 1])) == (1, 0)


def test_equal_claims_stay_in_the_order_in_which_they_were_chosen() -> None:
    assert body_order([choice(2), choice(0), choice(1)], ranking([1, 1, 1])) == (0, 1, 2)


@pytest.mark.parametrize("name", ["constraint", "specifics"])
def test_a_rule_or_a_number_puts_a_claim_first(name: str) -> None:
    choices = [choice(0), choice(1), choice(2)]
    assert body_order(choices, ranking([1, 1, 1], **{name: [0, 1, 0]})) == (1, 0, 2)


def test_a_rule_outweighs_a_somewhat_better_answer_but_not_any_answer() -> None:
    choices = [choice(0), choice(1), choice(2)]
    assert body_order(choices, ranking([1.0, 1.5, 0.0], constraint=[1, 0, 0]))[0] == 0
    assert body_order(choices, ranking([1.0, 9.0, 0.0], constraint=[1, 0, 0]))[0] == 1


def test_a_rule_outweighs_what_is_specific() -> None:
    choices = [choice(0), choice(1), choice(2)]
    found = body_order(choices, ranking([1, 1, 0], constraint=[2.4, 0, 0], specifics=[0, 1, 0]))
    assert found[0] == 0


def test_of_equal_answers_the_one_that_joins_several_statements_comes_first() -> None:
    several = replace(choice(2), parts=(choice(2).candidate, choice(3).candidate))
    assert body_order([choice(0), choice(1), several], ranking([1, 1, 1])) == (2, 0, 1)
    assert body_order([choice(0), choice(1), several], ranking([2, 1, 0]))[0] == 0


def test_of_equal_answers_the_one_that_is_more_the_organisations_own_comes_first() -> None:
    choices = [choice(0), choice(1), choice(2)]
    assert body_order(choices, ranking([1, 1, 1]), [0.3, 1.0, 0.6]) == (1, 2, 0)
    assert body_order(choices, ranking([9, 1, 1]), [0.3, 1.0, 0.6])[0] == 0


def test_how_long_a_claim_is_does_not_count() -> None:
    assert body_order([choice(0, length=400), choice(1, length=60)], ranking([1, 1])) == (0, 1)
    assert body_order([choice(0, length=60), choice(1, length=400)], ranking([1, 1])) == (0, 1)


def test_a_claim_is_worth_what_it_is_to_the_question_it_answers_best() -> None:
    choices = [choice(0), choice(1), choice(2)]
    assert body_order(choices, ranking([1, 2, 0], other=[3, 1, 0])) == (0, 1, 2)


@pytest.mark.parametrize("same", [{"source": "same.md"}, {"question": "q-2"}])
def test_another_page_or_question_goes_before_one_more_of_the_same(same: Mapping[str, str]) -> None:
    scores = [2.0, 1.99, 1.98, 0.0]
    alone = [choice(0), choice(1), choice(2), choice(3)]
    spread = [choice(0, **same), choice(1, **same), choice(2), choice(3)]  # type: ignore[arg-type]
    known = ranking(scores)
    assert body_order([choice(n, question="q-1") for n in range(4)], known) == body_order(alone, known) == (0, 1, 2, 3)
    assert body_order(spread, known) == (0, 2, 1, 3)


def test_a_page_that_is_much_better_still_takes_the_first_places() -> None:
    choices = [choice(0, source="same.md"), choice(1, source="same.md"), choice(2, source="same.md"), choice(3)]
    assert body_order(choices, ranking([9, 8, 7, 1])) == (0, 1, 2, 3)


SHAPES = st.lists(
    st.tuples(
        st.integers(0, 500), st.integers(30, 300), st.sampled_from(["a.md", "b.md", ""]), st.sampled_from(QUESTIONS)
    ),
    max_size=8,
    unique_by=lambda shape: shape[0],
)


@given(SHAPES, st.randoms())
def test_every_claim_has_one_place_wherever_it_stood(
    shapes: list[tuple[int, int, str, str]], chance: random.Random
) -> None:
    known = ranking([shape[0] / 100 for shape in shapes])
    choices = [
        choice(index, length=length, source=source, question=question)
        for index, (_, length, source, question) in enumerate(shapes)
    ]
    found = body_order(choices, known)
    assert sorted(found) == list(range(len(choices)))
    shuffled = list(choices)
    chance.shuffle(shuffled)
    assert [shuffled[at].index for at in body_order(shuffled, known)] == [choices[at].index for at in found]
