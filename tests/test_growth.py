"""The measure of growth tells work in proportion from work that is not."""

from __future__ import annotations

import re

import pytest
from growth import assert_time_follows_length


def test_one_pass_over_the_text_is_in_proportion() -> None:
    assert_time_follows_length(lambda text: sum(ord(letter) for letter in text), "a" * 20_000_000)


def test_a_pass_for_every_piece_is_not() -> None:
    with pytest.raises(AssertionError, match="four times"):
        assert_time_follows_length(lambda text: re.findall("a*b", text), "a" * 30_000)
