"""Choosing: each statement once, questions in turns, and nothing depends on the order in which pages came."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from plans import brief_of

from skillgen.choose import choose_claims
from skillgen.coverage import ASKING, speaks_of
from skillgen.model.brief import Facet, Plan, Question
from skillgen.model.draft import Citation
from skillgen.model.research import Candidate, Choice, Expansion, Ranking
from skillgen.rank import Likeness, rank_candidates

QUESTIONS = (
    Question(id="q-deploy", number="1", text="What triggers a deploy?"),
    Question(id="q-token", number="2", text="Who rotates the token?"),
)
FACETS = (
    Facet(id="f-deploy", question_id="q-deploy", text="What triggers a deploy", targets=("t",)),
    Facet(id="f-token", question_id="q-token", text="Who rotates the token", targets=("t",)),
)
PLAN = Plan(
    briefs=(brief_of(QUESTIONS),),
    facets=FACETS,
)
LONG = "A merge to the main branch of orders triggers a deploy of the service to staging within four minutes."


def candidate(source: str, text: str, *, start: int = 0, lead: str = "") -> Candidate:
    cited = Citation(
        source=source,
        start=start,
        end=start + len(text),
        lines=(1, 1),
        heading_path=(source,),
        quote=text,
        source_sha256="",
    )
    return Candidate(
        source=source, start=start, end=start + len(text), kind="paragraph", lead=lead, text=text, citations=(cited,)
    )


def ranked(candidates: Sequence[Candidate]) -> Ranking:
    """Rank by the words of the questions alone: no concern, no likeness."""
    count = len(candidates)
    return rank_candidates(
        candidates,
        plan=PLAN,
        expansions={question.id: Expansion() for question in QUESTIONS},
        concerns=(),
        likeness=Likeness(facets=np.zeros((count, len(FACETS))), ideals=np.zeros((count, 0))),
        tools=[0] * count,
        deprecated=[False] * count,
        asking=ASKING,
    )


def by_hand(
    candidates: Sequence[Candidate], deploy: Sequence[float], token: Sequence[float], *, pattern: Sequence[float] = ()
) -> Ranking:
    """Return a ranking with these scores for the two questions, and for their facets the same."""
    hits = np.array(pattern or [0.0] * len(candidates))
    return Ranking(
        scores={"q-deploy": np.array(deploy), "q-token": np.array(token)},
        facets=np.array([deploy, token]).T.reshape(len(candidates), 2),
        signals={question.id: {"pattern": hits} for question in QUESTIONS},
    )


def chosen(
    candidates: Sequence[Candidate],
    ranking: Ranking | None = None,
    *,
    near: Sequence[Sequence[bool]] | None = None,
    limit: int = 100,
) -> tuple[Choice, ...]:
    everything = np.ones((len(candidates), len(FACETS)), dtype=bool)
    return choose_claims(
        PLAN,
        candidates,
        ranking or ranked(candidates),
        near=everything if near is None else np.array(near),
        speaks_of=speaks_of,
        asking=ASKING,
        limit=limit,
    )


def texts(choices: Sequence[Choice]) -> list[str]:
    return [choice.candidate.text for choice in choices]


def test_the_same_statement_is_chosen_once_with_its_other_places() -> None:
    places = [candidate(source, LONG, lead=f"{source}:") for source in ("a", "b", "c")]
    (choice,) = chosen(places)
    assert choice.candidate == places[0]
    assert choice.repeated == (places[1], places[2])


def test_markup_and_case_make_no_other_statement() -> None:
    (choice,) = chosen([candidate("a", LONG), candidate("b", LONG.upper().replace("MAIN", "`main`"))])
    assert len(choice.repeated) == 1


def test_a_short_statement_says_something_else_under_another_heading() -> None:
    choices = chosen(
        [
            candidate("a", "Triggers a deploy daily.", lead="Orders:"),
            candidate("b", "Triggers a deploy daily.", lead="Ledger:"),
            candidate("c", "Triggers a deploy daily.", lead="Ledger:"),
        ]
    )
    assert {c.candidate.lead: len(c.repeated) for c in choices} == {"Orders:": 0, "Ledger:": 1}


def test_questions_take_turns() -> None:
    deploys = [candidate("a", f"Event {name} triggers a deploy.", start=n) for n, name in enumerate("ABCDE")]
    tokens = [candidate("b", f"Robot {name} rotates the token.", start=n) for n, name in enumerate("FG")]
    choices = chosen([*deploys, *tokens])
    assert [choice.question_id for choice in choices][:4] == ["q-deploy", "q-token", "q-deploy", "q-token"]
    assert len(choices) == 7


@pytest.mark.parametrize("limit", [1, 2, 3, 6, 7, 8])
def test_no_more_than_the_limit_are_chosen_and_they_are_the_first(limit: int) -> None:
    candidates = [candidate("a", f"Event {name} triggers a deploy.", start=n) for n, name in enumerate("ABCDEFG")]
    choices = chosen(candidates, limit=limit)
    assert choices == chosen(candidates)[:limit]
    assert len(choices) == min(limit, 7)


def test_a_statement_that_serves_two_questions_is_chosen_once_and_names_the_other() -> None:
    (choice,) = chosen([candidate("a", "A deploy triggers the robot that rotates the token.")])
    assert {choice.question_id, *choice.also_answers} == {"q-deploy", "q-token"}
    assert len(choice.also_answers) == 1
    assert set(choice.facets) == {"f-deploy", "f-token"}


def test_a_statement_about_other_things_is_not_chosen_for_want_of_better() -> None:
    assert (
        chosen([candidate("a", "The dough rests for 40 minutes."), candidate("b", "What is used and needed here?")])
        == ()
    )


def test_no_candidates_give_no_choices() -> None:
    assert chosen([]) == ()


@pytest.mark.parametrize("seed", range(5))
def test_the_order_in_which_pages_and_candidates_come_does_not_matter(seed: int) -> None:
    chance = random.Random(seed)
    verbs = ("triggers a deploy", "rotates the token", "rotates the token and triggers a deploy", "is painted")
    candidates = [
        candidate(f"p{chance.randrange(5)}", f"Robot {chance.randrange(6)} {chance.choice(verbs)}.", start=10 * n)
        for n in range(40)
    ]
    expected = [replace(choice, index=0) for choice in chosen(candidates)]
    chance.shuffle(candidates)
    found = chosen(candidates)
    assert [replace(choice, index=0) for choice in found] == expected
    assert [candidates[choice.index] for choice in found] == [choice.candidate for choice in found]


# What may answer at all


DEPLOYS = [candidate(source, f"Event {source} triggers a deploy.") for source in "abc"]


def test_the_best_comes_first_and_has_the_score_it_was_given() -> None:
    choices = chosen(DEPLOYS, by_hand(DEPLOYS, [0.5, 1.5, 1.0], [0, 0, 0]))
    assert [(choice.index, choice.score) for choice in choices] == [(1, 1.5), (2, 1.0), (0, 0.5)]
    assert [choice.candidate for choice in choices] == [DEPLOYS[1], DEPLOYS[2], DEPLOYS[0]]


def test_equal_scores_stand_in_the_order_of_the_pages() -> None:
    places = [candidate("b", "B triggers a deploy."), candidate("a", "A triggers a deploy.", start=9)]
    places.append(candidate("a", "C triggers a deploy.", start=3))
    choices = chosen(places, by_hand(places, [1, 1, 1], [0, 0, 0]))
    assert [choice.index for choice in choices] == [2, 1, 0]


def test_what_is_not_near_is_never_chosen_however_it_ranks() -> None:
    ranking = by_hand(DEPLOYS, [9, 1, 2], [9, 1, 2], pattern=[9, 9, 9])
    choices = chosen(DEPLOYS, ranking, near=[[False, False], [True, True], [True, True]])
    assert sorted(choice.index for choice in choices) == [1, 2]
    assert chosen(DEPLOYS, ranking, near=[[False, False]] * 3) == ()


def test_what_is_near_to_one_facet_answers_that_one_only() -> None:
    both = [candidate("a", "A deploy triggers the robot that rotates the token.")]
    (choice,) = chosen(both, by_hand(both, [1], [2]), near=[[True, False]])
    assert (choice.question_id, choice.facets, choice.also_answers) == ("q-deploy", ("f-deploy",), ())


def test_without_a_shared_word_only_a_thing_with_an_action_is_chosen() -> None:
    others = [candidate("a", "The merge begins the roll-out."), candidate("b", "The dough rests for 40 minutes.")]
    assert chosen(others, by_hand(others, [9, 9], [9, 9])) == ()
    (choice,) = chosen(others, by_hand(others, [9, 9], [9, 8], pattern=[0.1, 0]))
    assert (choice.index, set(choice.facets)) == (0, {"f-deploy", "f-token"})
    assert chosen(others, by_hand(others, [9, 9], [9, 9], pattern=[1, 1]), near=[[False, False]] * 2) == ()


def test_facets_stand_by_how_well_they_are_answered() -> None:
    both = [candidate("a", "A deploy triggers the robot that rotates the token.")]
    for deploy, token, facets in ((1.0, 2.0, ("f-token", "f-deploy")), (2.0, 1.0, ("f-deploy", "f-token"))):
        (choice,) = chosen(both, by_hand(both, [deploy], [token]))
        assert choice.facets == facets
        assert (choice.question_id, choice.also_answers) == ("q-deploy", ("q-token",))


def test_of_the_same_statement_the_best_place_is_chosen() -> None:
    places = [candidate(source, LONG, lead=f"{source}:") for source in ("a", "b", "c")]
    (choice,) = chosen(places, by_hand(places, [1, 3, 2], [0, 0, 0]))
    assert (choice.index, choice.repeated) == (1, (places[0], places[2]))


def test_a_place_that_is_not_near_is_no_other_place_of_a_statement() -> None:
    places = [candidate(source, LONG, lead=f"{source}:") for source in ("a", "b", "c")]
    (choice,) = chosen(places, near=[[True, True], [False, False], [True, True]])
    assert (choice.index, choice.repeated) == (0, (places[2],))


SCORES = st.floats(-2, 5, allow_nan=False, width=16)
POOL = [candidate("ab"[n % 2], text, start=n) for n, text in enumerate((LONG, LONG, "Dough rests.", "Dough rests."))]
POOL += [candidate("c", f"Robot {n} rotates the token for a deploy.", start=n) for n in range(4)]


@given(st.data(), st.integers(0, 9))
def test_every_choice_is_near_states_something_new_and_is_the_best_that_was_left(
    data: st.DataObject, limit: int
) -> None:
    def rows(values: st.SearchStrategy[Any], width: int) -> list[Any]:
        return data.draw(st.lists(st.lists(values, min_size=width, max_size=width), min_size=8, max_size=8))

    near, scores = rows(st.booleans(), 2), rows(SCORES, 2)
    pattern = [row[0] for row in rows(st.sampled_from([0.0, 1.0]), 1)]
    choices = chosen(POOL, by_hand(POOL, *zip(*scores, strict=True), pattern=pattern), near=near, limit=limit)
    assert len(choices) <= limit
    statements = [choice.candidate.text for choice in choices]
    assert len(set(statements)) == len(statements)
    for column, question in enumerate(QUESTIONS):
        own = [choice for choice in choices if choice.question_id == question.id]
        assert all(near[choice.index][column] for choice in own)
        assert [choice.score for choice in own] == sorted((scores[c.index][column] for c in own), reverse=True)
    for choice in choices:
        assert choice.candidate == POOL[choice.index]
        assert "token" in choice.candidate.text or "deploy" in choice.candidate.text or pattern[choice.index]
