"""Retrieval: shares of the best score by hand, ties by id, and pages that are out of date."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillgen.model.corpus import Chunk
from skillgen.model.research import Passage
from skillgen.retrieve import DEPRECATED_COST, MIN_DEPTH, fuse, retrieve

Results = list[tuple[str, float]]


class Fixed:
    """Gives the same results to any query and remembers how many were asked for."""

    def __init__(self, *results: tuple[str, float]) -> None:
        self.results = results
        self.limits: list[int] = []

    def search(self, query: str, *, limit: int) -> Results:
        assert query == "q"
        self.limits.append(limit)
        return list(self.results[:limit])


def chunk(id_: str) -> Chunk:
    return Chunk(
        chunk_id=id_,
        source=f"{id_}.md",
        start=0,
        end=1,
        lines=(1, 1),
        heading_path=(),
        text="x",
        first_block=0,
        last_block=0,
    )


CHUNKS = {id_: chunk(id_) for id_ in "abcdefgh"}


def found(*searches: tuple[Fixed, float], limit: int = 10, deprecated: Sequence[str] = ()) -> tuple[Passage, ...]:
    return retrieve("q", searches=searches, chunks=CHUNKS, limit=limit, deprecated=deprecated)


def ids(passages: Sequence[Passage]) -> str:
    return "".join(passage.chunk.chunk_id for passage in passages)


# Fusing


def test_a_score_is_the_weighted_sum_of_shares_of_each_searchs_best() -> None:
    meaning, words = [("a", 0.8), ("b", 0.4)], [("c", 20.0), ("a", 5.0)]
    assert fuse([(meaning, 1.0), (words, 0.4)], depth=50) == {"a": 1.1, "b": 0.5, "c": 0.4}


def test_another_scale_of_a_search_changes_nothing() -> None:
    other = [("b", 3.0), ("c", 1.0)]
    for scale in (0.001, 1.0, 1000.0):
        scaled = [("a", 4 * scale), ("b", 2 * scale)]
        assert fuse([(scaled, 1.0), (other, 1.0)], depth=50) == {"a": 1.0, "b": 1.5, "c": 0.333333333}


def test_what_a_full_list_does_not_hold_counts_as_its_last_result() -> None:
    full, other = [("a", 1.0), ("b", 0.6)], [("c", 1.0)]
    assert fuse([(full, 1.0), (other, 1.0)], depth=2) == {"a": 1.0, "b": 0.6, "c": 1.6}
    assert fuse([(full, 1.0), (other, 1.0)], depth=3) == {"a": 1.0, "b": 0.6, "c": 1.0}


def test_scores_under_nothing_count_as_nothing() -> None:
    assert fuse([([("a", 0.5), ("b", -0.5)], 1.0)], depth=50) == {"a": 1.0, "b": 0.0}
    assert fuse([([("a", 0.0), ("b", -0.5)], 1.0), ([("b", 2.0)], 0.4)], depth=1) == {"a": 0.4, "b": 0.4}


def test_nothing_found_gives_nothing() -> None:
    assert fuse([], depth=50) == {}
    assert fuse([([], 1.0), ([], 0.4)], depth=50) == {}
    assert found((Fixed(), 1.0)) == found() == ()


# Retrieving


def test_equal_scores_stand_in_the_order_of_the_ids() -> None:
    passages = found((Fixed(("b", 1.0), ("a", 1.0)), 1.0), (Fixed(("d", 2.0), ("c", 2.0)), 1.0))
    assert ids(passages) == "abcd"
    assert [passage.rank for passage in passages] == [1, 2, 3, 4]
    assert {passage.score for passage in passages} == {1.0}


def test_what_both_searches_found_stands_before_what_one_found_first() -> None:
    meaning, words = Fixed(("h", 1.0), ("a", 0.9), ("b", 0.1)), Fixed(("g", 9.0), ("a", 8.0))
    assert ids(found((meaning, 1.0), (words, 0.4))) == "ahgb"


def test_the_heavier_search_decides() -> None:
    one, other = Fixed(("a", 1.0), ("b", 0.8)), Fixed(("b", 1.0), ("a", 0.8))
    assert ids(found((one, 1.0), (other, 0.4))) == "ab"
    assert ids(found((one, 0.4), (other, 1.0))) == "ba"


def test_a_page_that_is_out_of_date_comes_after_its_equals_and_is_still_found() -> None:
    search = Fixed(("a", 1.0), ("b", 1.0), ("c", 0.8))
    passages = found((search, 1.0), deprecated=["a.md"])
    assert ids(passages) == "bac"
    assert [passage.score for passage in passages] == [1.0, 1.0 - DEPRECATED_COST, 0.8]
    assert ids(found((search, 1.0), deprecated=["a.md", "b.md", "c.md"])) == "abc"


@pytest.mark.parametrize(("limit", "depth"), [(1, MIN_DEPTH), (10, MIN_DEPTH), (40, 160)])
def test_searches_are_read_deeper_than_the_list_is_long(limit: int, depth: int) -> None:
    search = Fixed(("a", 1.0))
    found((search, 1.0), limit=limit)
    assert search.limits == [depth]


RESULTS = st.dictionaries(st.sampled_from(sorted(CHUNKS)), st.floats(0.01, 50)).map(
    lambda scores: sorted(scores.items(), key=lambda item: -item[1])
)


@given(st.lists(st.tuples(RESULTS, st.sampled_from([0.4, 1.0])), max_size=4), st.integers(1, 9))
def test_the_list_is_sorted_ends_at_its_limit_and_no_chunk_stands_twice(
    searches: list[tuple[Results, float]], limit: int
) -> None:
    passages = found(*((Fixed(*results), weight) for results, weight in searches), limit=limit)
    assert (
        len(set(ids(passages))) == len(passages) == min(limit, len({id_ for found, _ in searches for id_, _ in found}))
    )
    assert [(passage.score, passage.rank) for passage in passages] == sorted(
        ((passage.score, passage.rank) for passage in passages), key=lambda item: (-item[0], item[1])
    )
    assert all(0 <= passage.score <= sum(weight for _, weight in searches) + 1e-9 for passage in passages)


@given(st.lists(st.tuples(RESULTS, st.sampled_from([0.5, 1.0])), max_size=4), st.integers(1, 9))
def test_the_order_of_the_searches_does_not_matter(searches: list[tuple[Results, float]], depth: int) -> None:
    one, other = fuse(searches, depth=depth), fuse(searches[::-1], depth=depth)
    assert one.keys() == other.keys()
    assert all(one[id_] == pytest.approx(other[id_], abs=2e-9) for id_ in one)
