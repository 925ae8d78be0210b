"""Sentences: where a text is cut, and where it is not."""

from __future__ import annotations

import itertools

import pytest

from skillgen.parse.sentences import cut_ranges, sentence_ranges


def _sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_ranges(text)]


@pytest.mark.parametrize(
    "sentences",
    [
        ["The worker reads the queue.", "It writes to the store.", "Then it stops."],
        ["Use `a. B` now.", "Then go."],
        ["Run `make all`.", "`make test` comes next."],
        ["Version 1.2.3 is out.", "It works."],
        ["Go to https://wiki.example/a.b?c=1.", "Then stop."],
        ["Ask first, e.g. in the channel, i.e. the one for alerts.", "Then wait."],
        ["Open .profile and data with .data attributes.", "Save it."],
        ["Is it red?", "Stop!", "Call somebody."],
        ["It ran (see the log).", "The rest is noise."],
        ["Meet Dr. Ruiz at 5 p.m. in room No. 5."],
        ["Fill the U.S. form."],
        ["one two three without an end"],
    ],
)
def test_a_text_is_cut_at_its_sentences(sentences: list[str]) -> None:
    assert _sentences(" ".join(sentences)) == sentences


def test_nothing_gives_no_sentence() -> None:
    assert _sentences("") == []
    assert _sentences("   ") == []


def test_ranges_are_cut_at_places_inside_of_them_and_nowhere_else() -> None:
    text = "one two  three four"
    assert cut_ranges(text, [(0, 14), (15, 19)], [0, 9, 15, 19]) == [(0, 7), (9, 14), (15, 19)]


def test_there_is_white_space_between_two_sentences() -> None:
    text = "See foo.bar and x.Y for more.Here it is.And so on. Then . data follows.Done"
    ranges = sentence_ranges(text)
    assert all(text[a[1] : b[0]].isspace() for a, b in itertools.pairwise(ranges))


def test_every_word_is_in_one_sentence() -> None:
    text = "1) do this 2) do that. Why? etc. And (so on. Yes) it went..."
    assert " ".join(_sentences(text)).split() == text.split()


def test_a_giant_text_is_cut_into_windows() -> None:
    pieces = _sentences("word " * 10_000)
    assert max(map(len, pieces)) <= 300
    assert "".join(pieces).replace(" ", "") == "word" * 10_000
    assert max(map(len, _sentences("x" * 10_000))) <= 300
