"""Choosing: each statement once, questions in turns, and nothing depends on the order in which pages came."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

import pytest

from skillgen.choose import choose_claims
from skillgen.coverage import ASKING, speaks_of
from skillgen.model.brief import Brief, Facet, Plan, Question
from skillgen.model.corpus import Chunk
from skillgen.model.draft import Citation
from skillgen.model.research import Candidate, Choice, FacetPassages, Passage

QUESTIONS = (
    Question(id="q-deploy", number="1", text="What triggers a deploy?"),
    Question(id="q-token", number="2", text="Who rotates the token?"),
)
FACETS = (
    Facet(id="f-deploy", question_id="q-deploy", text="What triggers a deploy", targets=("t",)),
    Facet(id="f-token", question_id="q-token", text="Who rotates the token", targets=("t",)),
)
PLAN = Plan(
    briefs=(
        Brief(
            name="b",
            path="b.md",
            title="B",
            sha256="",
            variant="D",
            focus="",
            delta_principle="",
            targets=(),
            questions=QUESTIONS,
        ),
    ),
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


def passage(source: str, rank: int) -> Passage:
    chunk = Chunk(
        chunk_id=f"chk-{source}",
        source=source,
        start=0,
        end=1000,
        lines=(1, 9),
        heading_path=(source,),
        text="",
        first_block=0,
        last_block=0,
    )
    return Passage(chunk=chunk, rank=rank, score=round(1 / (60 + rank), 9))


def chosen(candidates: Sequence[Candidate], *, limit: int = 100) -> tuple[Choice, ...]:
    sources = sorted({each.source for each in candidates})
    passages = tuple(passage(source, rank) for rank, source in enumerate(sources, start=1))
    by_chunk: Mapping[str, Sequence[Candidate]] = {
        f"chk-{source}": [each for each in candidates if each.source == source] for source in sources
    }
    retrieved = [FacetPassages(facet_id=facet.id, query="", passages=passages) for facet in FACETS]
    return choose_claims(PLAN, retrieved, by_chunk, speaks_of=speaks_of, asking=ASKING, limit=limit)


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
    assert [(c.candidate.lead, len(c.repeated)) for c in choices] == [("Orders:", 0), ("Ledger:", 1)]


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


def test_no_passages_give_no_choices() -> None:
    assert choose_claims(PLAN, [], {}, speaks_of=speaks_of, asking=ASKING, limit=5) == ()


@pytest.mark.parametrize("seed", range(5))
def test_the_order_in_which_pages_and_candidates_come_does_not_matter(seed: int) -> None:
    chance = random.Random(seed)
    verbs = ("triggers a deploy", "rotates the token", "rotates the token and triggers a deploy", "is painted")
    candidates = [
        candidate(f"p{chance.randrange(5)}", f"Robot {chance.randrange(6)} {chance.choice(verbs)}.", start=10 * n)
        for n in range(40)
    ]
    expected = chosen(candidates)
    chance.shuffle(candidates)
    assert chosen(candidates) == expected
