"""Retrieval: reciprocal ranks by hand, and ties by id."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillgen.model.corpus import Chunk
from skillgen.retrieve import MIN_DEPTH, fuse, retrieve


class Fixed:
    """Gives the same ids to any query and remembers how many were asked for."""

    def __init__(self, ids: Sequence[str]) -> None:
        self.ids = ids
        self.limits: list[int] = []

    def search(self, query: str, *, limit: int) -> list[tuple[str, float]]:
        assert query == "q"
        self.limits.append(limit)
        return [(each, 1.0 / place) for place, each in enumerate(self.ids[:limit], start=1)]


def chunk(id_: str) -> Chunk:
    return Chunk(
        chunk_id=id_,
        source="a.md",
        start=0,
        end=1,
        lines=(1, 1),
        heading_path=(),
        text="x",
        first_block=0,
        last_block=0,
    )


CHUNKS = {id_: chunk(id_) for id_ in "abcdefgh"}


def test_a_score_is_the_sum_of_reciprocal_ranks() -> None:
    assert fuse([["a", "b", "c"], ["c", "a"]]) == {
        "a": round(1 / 61 + 1 / 62, 9),
        "b": round(1 / 62, 9),
        "c": round(1 / 63 + 1 / 61, 9),
    }
    assert fuse([["a", "b", "c"], ["c", "a"]])["a"] == 0.032522475


def test_another_constant_is_taken_at_its_word() -> None:
    assert fuse([["a", "b"]], k=1) == {"a": 0.5, "b": round(1 / 3, 9)}


def test_nothing_found_gives_nothing() -> None:
    assert fuse([]) == {}
    assert fuse([[], []]) == {}
    assert retrieve("q", searches=[Fixed("")], chunks={}, limit=5) == ()


def test_equal_scores_stand_in_the_order_of_the_ids() -> None:
    found = retrieve("q", searches=[Fixed("ba"), Fixed("ab"), Fixed("dc"), Fixed("cd")], chunks=CHUNKS, limit=10)
    assert [passage.chunk.chunk_id for passage in found] == ["a", "b", "c", "d"]
    assert [passage.rank for passage in found] == [1, 2, 3, 4]
    assert found[0].score == found[1].score


def test_what_both_searches_found_stands_before_what_one_found_first() -> None:
    found = retrieve("q", searches=[Fixed("xab".replace("x", "h")), Fixed("gab")], chunks=CHUNKS, limit=2)
    assert [passage.chunk.chunk_id for passage in found] == ["a", "b"]


@pytest.mark.parametrize(("limit", "depth"), [(1, MIN_DEPTH), (10, MIN_DEPTH), (40, 160)])
def test_searches_are_read_deeper_than_the_list_is_long(limit: int, depth: int) -> None:
    search = Fixed("abc")
    retrieve("q", searches=[search], chunks=CHUNKS, limit=limit)
    assert search.limits == [depth]


@given(st.lists(st.lists(st.sampled_from(sorted(CHUNKS)), unique=True), max_size=4), st.integers(1, 9))
def test_the_order_of_the_searches_does_not_matter(rankings: list[list[str]], limit: int) -> None:
    one = retrieve("q", searches=[Fixed(each) for each in rankings], chunks=CHUNKS, limit=limit)
    other = retrieve("q", searches=[Fixed(each) for each in reversed(rankings)], chunks=CHUNKS, limit=limit)
    assert one == other
    assert len(one) == min(limit, len({id_ for ranking in rankings for id_ in ranking}))
    assert [passage.score for passage in one] == sorted((passage.score for passage in one), reverse=True)
