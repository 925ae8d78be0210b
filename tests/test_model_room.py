"""What fits into a model's context, and which passages are shown."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from skillgen.pipeline.passages import _fused
from skillgen.pipeline.room import Room

LISTS = st.lists(st.lists(st.sampled_from("abcdef"), unique=True, max_size=6), min_size=1, max_size=4)


@given(st.integers(2048, 1_000_000))
def test_passages_prompt_and_reply_fit_into_the_context(context: int) -> None:
    room = Room.of(context)
    assert room.chars / 2.75 + room.reply + 800 <= context
    assert 200 + 165 * room.claims <= room.reply
    assert room.judgements >= 1
    assert 100 + 100 * room.statements <= room.reply


@given(st.lists(LISTS, min_size=1, max_size=3))
def test_every_passage_that_was_found_is_there_once_best_first(ways: list[list[list[str]]]) -> None:
    found = _fused(ways)
    assert {id_ for id_, _ in found} == {id_ for lists in ways for ids in lists for id_ in ids}
    assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)


def test_a_way_with_many_lists_has_no_more_votes_than_one_with_a_single_list() -> None:
    many, single = [["a", "b"]] * 9, [["b", "a"]]
    scores = dict(_fused([many, single]))
    assert scores["a"] == scores["b"]
