"""Ranking: what each signal sees on tiny corpora, and that nothing depends on the order in which candidates come."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from plans import brief_of

from skillgen.coverage import ASKING
from skillgen.model.brief import Facet, Plan, Question
from skillgen.model.catalogue import Concern
from skillgen.model.corpus import BlockKind
from skillgen.model.research import Candidate, Expansion, Ranking
from skillgen.rank import MEAN_WEIGHT, WEIGHTS, Likeness, constraint, rank_candidates

if TYPE_CHECKING:
    from numpy.typing import NDArray

QUESTIONS = (
    Question(id="q-start", number="1", text="What triggers the ledger?"),
    Question(id="q-key", number="2", text="Who rotates the key?"),
)
PLAN = Plan(
    briefs=(brief_of(QUESTIONS),),
    facets=(
        Facet(id="f-start", question_id="q-start", text="What triggers the ledger", targets=("t",)),
        Facet(id="f-key", question_id="q-key", text="Who rotates the key", targets=("t",)),
        Facet(id="f-when", question_id="q-key", text="at what hour", targets=("t",)),
    ),
)
CONCERNS = (
    Concern(concern="set-off", label="", objects=("merge", "version tag"), actions=("begin",), cues=("as soon as",)),
    Concern(concern="renewal", label="", objects=("secret",), actions=("renew",), cues=("must not", "only")),
    Concern(concern="unasked", label="", objects=("garden",), actions=("grow",), cues=("in the sun",)),
)
EXPANSIONS = {
    "q-start": Expansion(concerns=(("set-off", 1.0),)),
    "q-key": Expansion(concerns=(("renewal", 1.5), ("set-off", 0.5))),
}


def candidate(text: str, source: str = "a.md", *, kind: BlockKind = "paragraph", lead: str = "") -> Candidate:
    return Candidate(source=source, start=0, end=len(text), kind=kind, lead=lead, text=text, citations=())


def ranked(candidates: Sequence[Candidate], **values: Any) -> Ranking:  # noqa: ANN401 - any of the arguments
    """Rank with nothing known of the candidates but what a test says."""
    count = len(candidates)
    likeness = Likeness(
        facets=values.pop("facets", np.zeros((count, len(PLAN.facets)))),
        ideals=values.pop("ideals", np.zeros((count, len(CONCERNS)))),
    )
    given: dict[str, Any] = {
        "plan": PLAN,
        "expansions": EXPANSIONS,
        "concerns": CONCERNS,
        "likeness": likeness,
        "tools": [0] * count,
        "deprecated": [False] * count,
        "asking": ASKING,
    }
    return rank_candidates(candidates, **{**given, **values})


def texts(*texts: str) -> list[Candidate]:
    return [candidate(text, f"{number}.md") for number, text in enumerate(texts)]


def signal(name: str, *candidates: str, question: str = "q-start") -> list[float]:
    return [float(value) for value in ranked(texts(*candidates)).signals[question][name]]


# What of a rule a candidate is


@pytest.mark.parametrize(
    ("text", "worth"),
    [
        ("The worker reads the queue.", 0.0),
        ("The worker must read the queue.", 0.5),
        ("MUST it? It is not so.", 1.0),
        ("It must, only, never, always not do this again.", 1.0 + 0.7),
        ("A reviewer looks at it.", 0.7),
        ("It needs a sign-off before you merge.", 0.7),
        ("The load fails and is deleted, it hangs.", 0.7),
        ("It must be approved by the team, not by you.", 1.0 + 0.7),
        ("It must be approved, else the load is not run and fails.", 1.0 + 0.7 + 0.7),
        ("Mustard and notes, onlyness, failsafe.", 0.0),
        ("", 0.0),
    ],
)
def test_obligation_gate_and_failure_make_a_rule(text: str, worth: float) -> None:
    assert constraint(candidate(text)) == pytest.approx(worth)


@pytest.mark.parametrize(("kind", "loss"), [("code", 0.5), ("table_row", 0.5), ("paragraph", 0.0), ("list_item", 0.0)])
def test_code_and_table_rows_are_less_of_a_rule(kind: BlockKind, loss: float) -> None:
    assert constraint(candidate("It must start.", kind=kind)) == 0.5 - loss


def test_the_heading_makes_no_rule() -> None:
    assert constraint(candidate("It starts.", lead="What must not fail:")) == 0.0


@given(st.text() | st.lists(st.sampled_from("must not only fails approved before it be first".split())).map(" ".join))
def test_a_rule_is_worth_what_is_promised(text: str) -> None:
    for kind in ("paragraph", "code"):
        assert -0.5 <= constraint(candidate(text, kind=kind)) <= 2.4


# Each signal. The second candidate of each corpus has it and the others have not.

SAME = ("The worker sleeps.", "The worker sleeps.", "The worker sleeps.")
SECOND = np.array([[0.2], [0.7], [0.2]])
Corpus = tuple[Sequence[str], Mapping[str, Any]]
CORPORA: Mapping[str, Corpus] = {
    "question": (SAME, {"facets": np.hstack([SECOND, SECOND * 0, SECOND * 0])}),
    "overlap": (("The garden sleeps.", "The ledger sleeps.", "The window sleeps."), {}),
    "vocabulary": (("It sleeps now as it will.", "It sleeps as soon as.", "It sleeps, as it did."), {}),
    "pattern": (("A merge.", "A merge begins.", "It begins."), {}),
    "ideal": (SAME, {"ideals": np.hstack([SECOND, SECOND * 0, SECOND * 0])}),
    "tools": (SAME, {"tools": [0, 1, 0]}),
    "specifics": (("The worker sleeps.", "The worker `sleeps`.", "The worker sleeps."), {}),
    "constraint": (("It sleeps.", "It never sleeps.", "It sleeps."), {}),
    "deprecated": (SAME, {"deprecated": [False, True, False]}),
}


@pytest.mark.parametrize("name", CORPORA)
def test_what_has_a_signal_is_ranked_before_what_has_it_not_and_what_is_out_of_date_behind(name: str) -> None:
    corpus, values = CORPORA[name]
    ranking = ranked(texts(*corpus), **values)
    without, has, other = ranking.signals["q-start"][name]
    assert has > max(without, other)
    assert (without, other) == (0.0, 0.0)
    before, score, after = ranking.scores["q-start"]
    if name == "deprecated":
        assert score < min(before, after)
    else:
        assert score > max(before, after)


def test_a_page_that_speaks_of_the_matter_lifts_all_that_stands_on_it() -> None:
    near, far = candidate("The worker sleeps.", "merges.md"), candidate("The worker sleeps.", "other.md")
    ranking = ranked([far, candidate("A merge, as soon as it begins.", "merges.md"), near])
    page, vocabulary = ranking.signals["q-start"]["page"], ranking.signals["q-start"]["vocabulary"]
    assert page[2] == page[1] > page[0] == 0
    assert (vocabulary[0], vocabulary[2]) == (0, 0)
    assert ranking.scores["q-start"][2] > ranking.scores["q-start"][0]


def test_what_stands_on_a_page_near_to_the_question_is_lifted_by_the_rest_of_the_page() -> None:
    candidates = [candidate("The worker sleeps.", source) for source in ("far.md", "near.md", "near.md", "far.md")]
    facets = np.array([[0.1] * 3, [0.1] * 3, [0.9] * 3, [0.1] * 3])
    ranking = ranked(candidates, facets=facets)
    page = ranking.signals["q-start"]["near_page"]
    assert page[1] == page[2] > page[0] == page[3] == 0
    assert ranking.scores["q-start"][1] > ranking.scores["q-start"][0]


def test_only_the_best_five_of_a_page_say_how_near_it_is() -> None:
    sources = ["long.md"] * 9 + ["short.md"] * 5 + ["other.md"] * 9
    facets = np.array([[0.9] * 3] * 5 + [[0.1] * 3] * 4 + [[0.9] * 3] * 5 + [[0.1] * 3] * 9)
    page = ranked([candidate("It sleeps.", one) for one in sources], facets=facets).signals["q-start"]["near_page"]
    assert page[0] == page[8] == page[9] > 0


def test_names_that_other_pages_hold_too_count_and_those_of_one_page_alone_do_not() -> None:
    corpus = texts("It starts `night_sync`.", "It waits for `night_sync`.", "It starts `day_sync`.", "It starts at 3.")
    names = ranked(corpus).signals["q-start"]["names"]
    assert names[0] == names[1] > names[2] == names[3] == 0
    same_page = [candidate("It starts `night_sync`."), candidate("It waits for `night_sync`.")]
    assert not ranked(same_page).signals["q-start"]["names"].any()


def test_words_that_the_best_candidates_share_lift_whatever_else_holds_them() -> None:
    corpus = texts(
        "A merge begins, as soon as the bellows open.",
        "The version tag begins the bellows.",
        "The bellows hang on the wall.",
        *(f"The garden number {n} sleeps." for n in range(40)),
    )
    feedback = ranked(corpus).signals["q-start"]["feedback"]
    assert feedback[2] > 0
    assert feedback[2] > feedback[3]


def test_every_signal_has_a_weight_and_every_weight_a_signal() -> None:
    ranking = ranked(texts("A merge begins."))
    assert {*CORPORA, "page", "near_page", "names", "feedback"} == set(WEIGHTS)
    assert all(signals.keys() == WEIGHTS.keys() for signals in ranking.signals.values())
    assert ranking.signals.keys() == ranking.scores.keys() == EXPANSIONS.keys()


def test_a_score_is_the_weighted_sum_of_the_signals_and_a_share_of_the_mean_of_all_questions() -> None:
    chance = np.random.default_rng(7)
    candidates = texts("A merge begins at 02:15.", "The secret is renewed, as soon as it fails.", "It must not grow.")
    ranking = ranked(
        candidates, facets=chance.random((3, 3)), ideals=chance.random((3, 3)), tools=[0, 5, 1], deprecated=[1, 0, 0]
    )
    own = {id_: sum(WEIGHTS[name] * values for name, values in parts.items()) for id_, parts in ranking.signals.items()}
    for id_, scores in ranking.scores.items():
        mean = (own["q-start"] + own["q-key"]) / 2
        np.testing.assert_allclose(scores, own[id_] + MEAN_WEIGHT * mean, atol=1e-6)
    assert not np.allclose(ranking.scores["q-start"], ranking.scores["q-key"])


def test_what_serves_two_questions_is_ranked_before_what_serves_one() -> None:
    facets = np.array([[0.1, 0.1, 0.1], [0.9, 0.1, 0.1], [0.9, 0.9, 0.1], [0.1, 0.1, 0.1], [0.1, 0.9, 0.1]])
    scores = ranked(texts(*SAME, "The worker sleeps.", "The worker sleeps."), facets=facets).scores
    assert scores["q-start"][2] > scores["q-start"][1] > scores["q-start"][4] > scores["q-start"][0]
    assert scores["q-key"][2] > scores["q-key"][4] > scores["q-key"][1] > scores["q-key"][0]


def test_a_question_is_as_near_as_the_nearest_of_its_facets() -> None:
    facets = np.array([[0.1, 0.1, 0.1], [0.1, 0.1, 0.8], [0.1, 0.1, 0.1]])
    ranking = ranked(texts(*SAME), facets=facets)
    assert ranking.signals["q-key"]["question"].argmax() == 1
    assert not ranking.signals["q-start"]["question"].any()
    assert ranking.facets.shape == (3, 3)
    assert ranking.facets[:, 2].argmax() == 1
    assert ranking.facets[1, 2] > ranking.facets[1, 1]


def test_a_facet_prefers_what_shares_its_words() -> None:
    facets = ranked(texts("The key is rotated.", "The ledger is triggered.", "The hour strikes.")).facets
    assert [int(column.argmax()) for column in facets.T] == [1, 0, 0]  # the third is read with its question
    assert facets[2, 2] > 0 == facets[2, 0]


def test_likeness_to_concerns_that_the_question_is_not_about_counts_for_nothing() -> None:
    ranking = ranked(texts(*SAME), ideals=np.hstack([SECOND * 0, SECOND * 0, SECOND]))
    assert not any(signals["ideal"].any() for signals in ranking.signals.values())
    assert ranking.scores["q-start"].tolist() == ranked(texts(*SAME)).scores["q-start"].tolist()


# Words


def test_a_rare_word_counts_more_than_a_frequent_one() -> None:
    rare, frequent, *_ = signal("vocabulary", "a merge here", "it begins here", "it begins there", "it began, begins")
    assert rare > frequent > 0


def test_a_word_counts_more_in_a_short_text_and_more_often_more() -> None:
    short, long, twice = signal(
        "vocabulary", "a merge now", "a merge among many a word of other things", "merge, merge now"
    )
    assert twice > short > long > 0


def test_a_word_that_all_hold_counts_a_little() -> None:
    assert all(0 < value <= 1 for value in signal("vocabulary", "merge a", "merge b", "merge c"))


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("It is MERGED.", True),
        ("The version-tag is there.", True),
        ("A version of the tag.", False),
        ("As soon as that.", True),
        ("As soon, as that.", True),
        ("soon as", False),
        ("emerge", False),
        ("A secret, renewed: must not, only.", False),  # another question's
        ("A garden grows in the sun.", False),  # nobody's
    ],
)
def test_the_words_of_the_questions_concerns_count_in_any_form(text: str, counts: bool) -> None:  # noqa: FBT001
    assert (signal("vocabulary", text, "The worker sleeps.")[0] > 0) == counts


def test_a_small_word_counts_in_a_phrase_only() -> None:
    alone, phrase = signal("vocabulary", "It is only here, it must.", "It must not be.", question="q-key")
    assert alone == 0 < phrase


def test_the_heavier_concern_of_a_question_counts_more() -> None:
    secret, merge = signal("vocabulary", "The secret sleeps.", "The merge sleeps.", question="q-key")
    assert secret > merge > 0


def test_a_phrase_that_nearly_always_tells_counts_more_than_a_thing() -> None:
    cue, thing = signal("vocabulary", "It must not sleep.", "The secret will sleep.", question="q-key")
    assert cue > thing > 0


def test_a_heading_is_read_with_its_text() -> None:
    under = candidate("The worker begins.", "a.md", lead="On merge:")
    ranking = ranked([candidate("The worker begins.", "b.md"), under])
    assert ranking.signals["q-start"]["pattern"].tolist()[0] == 0
    assert ranking.signals["q-start"]["pattern"][1] > 0


def test_a_thing_and_an_action_must_be_of_one_concern() -> None:
    assert signal("pattern", "A merge is renewed.", "A secret begins.", question="q-key") == [0, 0]


def test_words_that_only_ask_are_no_overlap() -> None:
    values: dict[str, Any] = {"asking": {"ledger"}}
    ranking = ranked(texts("The ledger sleeps.", "It triggers."), **values)
    assert ranking.signals["q-start"]["overlap"][0] == 0 < ranking.signals["q-start"]["overlap"][1]


def test_tools_and_specifics_count_up_to_a_number() -> None:
    ranking = ranked(texts(*[" ".join(f"n{n}" for n in range(count)) for count in (0, 3, 6, 9)]), tools=[0, 1, 3, 9])
    assert ranking.signals["q-key"]["tools"].tolist() == [0, 1 / 3, 1, 1]
    assert ranking.signals["q-key"]["specifics"].tolist() == [0, 0.5, 1, 1]
    assert signal("specifics", "n1 n1 n1", "n1") == [1 / 6, 1 / 6]


# What may come


def test_no_candidates_give_empty_scores() -> None:
    ranking = ranked([])
    assert ranking.facets.shape == (0, 3)
    for id_ in EXPANSIONS:
        assert ranking.scores[id_].shape == (0,)
        assert {values.shape for values in ranking.signals[id_].values()} == {(0,)}


def test_no_questions_give_no_scores() -> None:
    plan = Plan(briefs=PLAN.briefs, facets=())
    ranking = ranked(texts("A merge."), plan=plan, expansions={}, facets=np.zeros((1, 0)))
    assert (dict(ranking.scores), dict(ranking.signals), ranking.facets.shape) == ({}, {}, (1, 0))


def test_a_question_without_facets_and_concerns_still_has_a_score() -> None:
    values: dict[str, Any] = {"expansions": {**EXPANSIONS, "q-none": Expansion()}}
    ranking = ranked(texts("A merge begins at 02:15.", "It must not."), **values)
    silent = {"question", "overlap", "vocabulary", "page", "pattern", "ideal"}
    assert not any(ranking.signals["q-none"][name].any() for name in silent)
    assert (ranking.scores["q-none"] > 0).all()


WORDS = st.lists(
    st.sampled_from("a merge begins as soon only must not secret renewed ledger key hour `x` 02:15 fails".split()),
    max_size=12,
).map(" ".join)
SOURCES = st.sampled_from(["a.md", "b.md", "c.md"])
ANY = st.builds(candidate, st.text(max_size=40) | WORDS, SOURCES, lead=st.text(max_size=5) | WORDS)
COSINES = st.floats(-1, 1, width=32)


@st.composite
def inputs(draw: st.DrawFn) -> tuple[list[Candidate], dict[str, Any]]:
    candidates = draw(st.lists(ANY, max_size=9))
    count = len(candidates)

    def matrix() -> NDArray[np.float64]:
        rows = st.lists(COSINES, min_size=3, max_size=3)
        return np.array(draw(st.lists(rows, min_size=count, max_size=count)), dtype=float).reshape(count, 3)

    return candidates, {
        "facets": matrix(),
        "ideals": matrix(),
        "tools": draw(st.lists(st.integers(0, 9), min_size=count, max_size=count)),
        "deprecated": draw(st.lists(st.booleans(), min_size=count, max_size=count)),
    }


@given(inputs())
def test_whatever_comes_scores_are_numbers(drawn: tuple[list[Candidate], dict[str, Any]]) -> None:
    candidates, values = drawn
    ranking = ranked(candidates, **values)
    arrays = [*ranking.scores.values(), *(each for parts in ranking.signals.values() for each in parts.values())]
    assert all(np.isfinite(array).all() and array.shape == (len(candidates),) for array in arrays)
    assert np.isfinite(ranking.facets).all()
    assert ranking.facets.shape == (len(candidates), 3)
    for parts in ranking.signals.values():
        assert all((values >= 0).all() for name, values in parts.items() if name != "constraint")


@given(inputs(), st.randoms())
def test_the_order_in_which_candidates_come_does_not_matter(
    drawn: tuple[list[Candidate], dict[str, Any]], chance: random.Random
) -> None:
    candidates, values = drawn
    order = list(range(len(candidates)))
    chance.shuffle(order)
    expected = ranked(candidates, **values)
    moved = {
        name: value[order] if name in ("facets", "ideals") else [value[i] for i in order]
        for name, value in values.items()
    }
    found = ranked([candidates[i] for i in order], **moved)
    assert np.array_equal(found.facets, expected.facets[order])
    for id_, scores in expected.scores.items():
        assert np.array_equal(found.scores[id_], scores[order])


def test_likeness_is_counted_from_the_median_in_units_of_what_the_best_half_per_cent_have() -> None:
    count = 1001
    facets = np.full((count, 3), 0.1)
    facets[1:101] = 0.3
    facets[0] = 0.9
    ranking = ranked([candidate("It sleeps.", f"{n}.md") for n in range(count)], facets=facets)
    values = ranking.signals["q-start"]["question"]
    assert values[:3] == pytest.approx([4, 1, 1])
    assert not values[101:].any()


@pytest.mark.parametrize("holders", [1, 4, 5])
def test_what_few_candidates_have_counts_no_more_than_what_many_have(holders: int) -> None:
    def best(count: int) -> float:
        words = ("A merge sleeps.", "A worker sleeps.")
        candidates = [candidate(words[n >= count], f"{n}.md") for n in range(1000)]
        return float(ranked(candidates).scores["q-start"].max())

    assert best(holders) < 2 * best(20)
