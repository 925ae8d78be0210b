"""Claims that say the same become one; claims that differ in a number, a name, a negation or a duty never do."""

from __future__ import annotations

import pytest
from answering import citation_of, claim_of, page_of
from hypothesis import given
from hypothesis import strategies as st
from strategies import EVIDENCE

from skillgen.answer.merge import merge_claims
from skillgen.model.draft import Claim, Nearness

PAGE = page_of(
    "# Night run\n\n## Start\n\nThe night run starts at 02:15 UTC and waits for `orders.csv` from the billing export."
    "\n\n"
    "## Again\n\nThe billing export writes `orders.csv`, and the night run waits for it.\n"
)
FIRST = citation_of(PAGE, "The night run starts at 02:15 UTC and waits for `orders.csv` from the billing export.")
AGAIN = citation_of(PAGE, "The billing export writes `orders.csv`, and the night run waits for it.")
LONG = "The night run starts at 02:15 UTC and waits for `orders.csv` from the billing export."
DENSE = "Night run: starts 02:15 UTC, waits for the billing export's `orders.csv`."


def merged(*claims: Claim, closed: tuple[str, ...] = ()) -> tuple[Claim, ...]:
    return merge_claims({"q1": claims}, closed=closed).claims["q1"]


def test_the_dense_supported_claim_stays_and_the_others_places_go_to_it() -> None:
    local = claim_of("a", LONG, FIRST, lead="Night run > Start:")
    model = claim_of("b", DENSE, AGAIN)
    result = merge_claims({"q1": [local], "q2": [model]})
    assert result.claims["q1"] == ()
    (kept,) = result.claims["q2"]
    assert (kept.id, kept.text, kept.citations, kept.also_cited) == ("b", DENSE, (AGAIN,), (FIRST,))
    assert kept.also_answers == ("q1",)
    assert result.into == {"a": "b"}


def test_a_partial_claim_never_takes_the_place_of_a_supported_one() -> None:
    (kept,) = merged(claim_of("a", DENSE, FIRST, support="partial"), claim_of("b", LONG, FIRST))
    assert kept.id == "b"
    assert kept.also_cited == ()


def test_what_a_person_decided_about_stays_as_it_is() -> None:
    decided = claim_of("a", LONG, FIRST)
    assert [one.id for one in merged(claim_of("b", DENSE, FIRST), decided, closed=("a",))] == ["a"]
    both = merged(claim_of("b", DENSE, FIRST), decided, closed=("a", "b"))
    assert [one.id for one in both] == ["b", "a"]


@pytest.mark.parametrize(
    "other",
    [
        "The night run starts at 03:15 UTC and waits for `orders.csv` from the billing export.",
        "The night run starts at 02:15 UTC and waits for `refunds.csv` from the billing export.",
        "The night run does not start at 02:15 UTC and waits for `orders.csv` from the billing export.",
        "The night run must start at 02:15 UTC and waits for `orders.csv` from the billing export.",
        "The night run starts at 02:15 UTC and waits only for `orders.csv` from the billing export.",
        "The deploy of the service needs an approval of its owner in the change tool.",
    ],
)
def test_claims_that_differ_in_what_counts_stay_two(other: str) -> None:
    assert len(merged(claim_of("a", LONG, FIRST), claim_of("b", other, FIRST))) == 2


def test_a_claim_that_says_more_does_not_go() -> None:
    more = f"{LONG[:-1]}, and pages #night-watch after 30 minutes."
    assert len(merged(claim_of("a", LONG, FIRST), claim_of("b", more, FIRST))) == 2


def test_claims_with_equal_ids_and_words_are_one() -> None:
    (kept,) = merged(claim_of("a", LONG, FIRST), claim_of("a", LONG, FIRST))
    assert kept.id == "a"


def test_the_nearest_facets_of_all_count() -> None:
    from dataclasses import replace

    one = replace(claim_of("a", LONG, FIRST), near=(Nearness(facet="f1", cosine=0.4), Nearness(facet="f2", cosine=0.3)))
    two = replace(claim_of("b", DENSE, FIRST), near=(Nearness(facet="f2", cosine=0.6),), facets=("f2",))
    (kept,) = merged(one, two)
    assert [(near.facet, near.cosine) for near in kept.near] == [("f2", 0.6), ("f1", 0.4)]
    assert kept.facets == ("f2", "f1")


@EVIDENCE
@given(
    st.lists(st.sampled_from([LONG, DENSE, LONG.upper(), "The crane is green.", "The crane is not green."]), max_size=8)
)
def test_nothing_is_lost_and_merging_again_changes_nothing(texts: list[str]) -> None:
    claims = [claim_of(f"c{number}", text, FIRST if number % 2 else AGAIN) for number, text in enumerate(texts)]
    result = merge_claims({"q1": claims})
    kept = result.claims["q1"]
    assert {one.id for one in kept} | set(result.into) == {one.id for one in claims}
    assert set(result.into.values()) <= {one.id for one in kept}
    assert merge_claims(result.claims).claims == result.claims
    cited = {place for one in kept for place in (*one.citations, *one.also_cited)}
    assert cited == {place for one in claims for place in one.citations}
