"""Expansion: which concerns a question brings in, and how much each weighs."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plans import brief_of

from skillgen.catalogue import load_catalogue
from skillgen.expand import expand_questions, phrases_of
from skillgen.model.brief import Facet, Plan, Question
from skillgen.model.catalogue import Catalogue, Concern

SMALL = Catalogue(
    concerns=(
        Concern(concern="rise", label="", asks=("rise", "how it proves")),
        Concern(concern="bake", label="", asks=("bake", "baking", "in the oven")),
        Concern(concern="mute", label="", objects=("crumb",), actions=("rest",), cues=("rise and bake",)),
    )
)


@functools.cache
def built_in() -> Catalogue:
    return load_catalogue()


def plan_of(*questions: tuple[str, Sequence[str]]) -> Plan:
    """Return a plan of questions, each with the texts of its facets."""
    brief = brief_of(Question(id=f"q{n}", number=str(n), text=text) for n, (text, _) in enumerate(questions))
    facets = (
        Facet(id=f"f{n}-{m}", question_id=f"q{n}", text=text, targets=("t",))
        for n, (_, texts) in enumerate(questions)
        for m, text in enumerate(texts)
    )
    return Plan(briefs=(brief,), facets=tuple(facets))


def concerns(question: str, *facets: str, catalogue: Catalogue = SMALL) -> dict[str, float]:
    return dict(expand_questions(plan_of((question, facets)), catalogue)["q0"].concerns)


@pytest.mark.parametrize(
    ("question", "brought"),
    [
        ("What triggers a deployment, and who approves it?", {"trigger", "approval"}),
        ("Who has to sign off before it may go live?", {"approval", "promotion"}),
        ("How are releases rolled back?", {"rollback"}),
        ("When may nothing be changed: are there freezes?", {"freeze-and-windows"}),
        ("How often are tokens rotated, and when do they expire?", {"credential", "rotation", "expiry-and-lifetime"}),
        ("Which identity does each job act as?", {"identity-and-roles"}),
        ("At what time does the nightly load run?", {"schedule"}),
        ("What does the job wait for upstream?", {"dependency-and-waiting"}),
        ("What happens on a time-out: how many attempts?", {"retry-and-timeout"}),
        ("How is a missed run backfilled?", {"backfill-and-rerun"}),
        ("Which alerts exist, and which channel do they go to?", {"alert-route"}),
        ("Who is on call, and to whom is it escalated?", {"escalation-and-on-call"}),
        ("What fails most, and how is it repaired?", {"failure-and-known-fault", "repair-step"}),
        ("Which steps are manual?", {"manual-step", "stages-and-order"}),
        ("How long are backups retained?", {"backup-and-restore", "retention-and-deletion"}),
        ("Who owns the pipeline?", {"ownership"}),
    ],
)
def test_a_question_brings_in_what_it_asks_about(question: str, brought: set[str]) -> None:
    found = concerns(question, catalogue=built_in())
    assert brought <= found.keys()
    assert len(found) <= len(brought) + 3


@pytest.mark.parametrize("question", ["Why is the sky above Bergen so grey?", "How do you do?", "", "?!", "Für 日本?"])
def test_a_question_about_other_things_brings_in_nothing(question: str) -> None:
    assert concerns(question, question, catalogue=built_in()) == {}


def test_every_concern_is_brought_in_by_a_word_of_its_own() -> None:
    questions = [(concern.concern, concern.asks[0]) for concern in built_in().concerns]
    for name, asks in questions:
        assert name in concerns(f"Tell us, please: {asks}?", catalogue=built_in())


@pytest.mark.parametrize(
    ("question", "facets", "weight"),
    [
        ("Does it rise?", [], 1.0),
        ("Does it rise, and rise again? Rising!", [], 1.0),
        ("Does it rise, and how does it, how it proves?", [], 1.0),
        ("Does it rise?", ["what it weighs"], 1.0),
        ("Does it rise?", ["that it rises"], 1.5),
        ("Does it rise?", ["that it rises", "when it rose or rises", "rise"], 1.5),
        ("What does it weigh?", ["that it rises"], 0.5),
        ("What does it weigh?", ["that it rises", "its weight", "when it rises"], 1.0),
        ("What does it weigh?", ["rise"] * 4, 1.5),
        ("What does it weigh?", ["its weight"], None),
    ],
)
def test_the_question_counts_once_and_each_of_its_facets_half(
    question: str, facets: list[str], weight: float | None
) -> None:
    assert concerns(question, *facets).get("rise") == weight


@pytest.mark.parametrize(
    ("question", "brought"),
    [
        ("HOW IT PROVES", {"rise"}),
        ("How-it-proved?", {"rise"}),
        ("How well it proves", set()),
        ("it proves how", set()),
        ("Is it in the ovens?", {"bake"}),
        ("Is it in ovens?", set()),
        ("Baked or risen, rising?", {"bake", "rise"}),
        ("Does the crumb rest?", set()),
    ],
)
def test_words_count_in_any_form_and_phrases_in_one_piece(question: str, brought: set[str]) -> None:
    assert concerns(question).keys() == brought


def test_the_words_of_pages_bring_nothing_in() -> None:
    assert "mute" not in concerns("Does the crumb rest, rise and bake?")


def test_each_question_is_read_with_its_own_facets_and_concerns_stand_by_name() -> None:
    plan = plan_of(("Does it rise?", ["in the oven"]), ("How is it baked?", ["baking"]), ("What is it?", []))
    found = expand_questions(plan, SMALL)
    assert {id_: expansion.concerns for id_, expansion in found.items()} == {
        "q0": (("bake", 0.5), ("rise", 1.0)),
        "q1": (("bake", 1.5),),
        "q2": (),
    }


def test_nothing_asked_or_known_gives_nothing() -> None:
    assert expand_questions(plan_of(), SMALL) == {}
    assert concerns("Does it rise?", catalogue=Catalogue()) == {}


@given(st.lists(st.sampled_from("rise bake how it proves in the oven crumb".split()), max_size=8), st.integers(0, 4))
def test_weights_lie_between_a_half_and_one_and_a_half(words: list[str], facets: int) -> None:
    found = concerns(" ".join(words), *[" ".join(words[n:]) for n in range(facets)])
    assert all(0.5 <= weight <= 1.5 for weight in found.values())
    assert ("bake" in found) == ("bake" in words or " in the oven " in f" {' '.join(words)} ")


@given(st.lists(st.sampled_from("abc"), max_size=9), st.integers(0, 5))
def test_phrases_are_all_the_runs_of_words_as_often_as_they_stand(stems: list[str], longest: int) -> None:
    found = phrases_of(stems, longest)
    for length in range(1, longest + 1):
        runs = Counter(tuple(stems[at : at + length]) for at in range(len(stems)) if at + length <= len(stems))
        assert {phrase: count for phrase, count in found.items() if len(phrase) == length} == runs
    assert all(1 <= len(phrase) <= longest for phrase in found)
