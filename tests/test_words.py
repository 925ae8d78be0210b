"""Words: stems, and the tokens that a claim may not change."""

from __future__ import annotations

import pytest
from growth import assert_time_follows_length

from skillgen.words import content_stems, hard_tokens, squeezed, stem, words


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("see config/prod.yaml and /etc/hosts", ["config/prod.yaml", "/etc/hosts"]),
        ("v2, 1.2.3 and S3.", ["v2", "1.2.3", "S3"]),
        ("at 02:15, 5% of 50,000 rows", ["02:15", "5%", "50,000"]),
        ("`make all` fills my_table", ["`make all`", "my_table"]),
        ("nothing hard here", []),
    ],
)
def test_hard_tokens_are_code_numbers_paths_and_identifiers(text: str, tokens: list[str]) -> None:
    assert hard_tokens(text) == tokens


@pytest.mark.parametrize("piece", ["a", "1", "_", "a_", "a-", "a/", "1.", "`", ".", "1:"])
def test_hard_tokens_take_no_longer_than_the_text(piece: str) -> None:
    assert_time_follows_length(hard_tokens, piece * 200_000)


def test_words_and_stems() -> None:
    assert words("snake_case and naïve-word") == ["snake", "case", "and", "naïve", "word"]
    assert stem("Rotating") == stem("rotates")
    assert content_stems("The 5 workers were rotating a key") == ["5", "worker", "rotat", "key"]
    assert squeezed("`A_b` **c**-1") == "abc1"
