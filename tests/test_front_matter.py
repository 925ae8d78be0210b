"""Front matter: what gives a page its title, and what is no front matter."""

from __future__ import annotations

import pytest

from skillgen.parse.front_matter import read_front_matter


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_yaml_and_toml_are_read_with_any_line_end(newline: str) -> None:
    yaml = newline.join(["---", "title: Worker guide", "---", "Text"])
    toml = newline.join(["+++", "title = 'Worker guide'", "+++", "Text"])
    for text in (yaml, toml, "\ufeff" + yaml):
        front = read_front_matter(text)
        assert front.text("title") == "Worker guide"
        assert text[front.end :].strip() == "Text"


def test_a_number_is_a_title_and_a_truth_value_is_none() -> None:
    assert read_front_matter("---\ntitle: 404\n---\n").text("title") == "404"
    assert read_front_matter("---\ntitle: true\n---\n").text("title") == ""
    assert read_front_matter("---\ntitle: [a, b]\n---\n").text("title") == ""


@pytest.mark.parametrize(
    "content", ["title: [broken", "!!int ''", "!!bool perhaps", "!!timestamp x", "[" * 5000, "? [a]\n: b", "a: \x07"]
)
def test_a_block_that_cannot_be_read_is_passed_over_and_told(content: str) -> None:
    front = read_front_matter(f"---\n{content}\n---\nText")
    assert front.problem is not None
    assert "front matter" in front.problem
    assert front.end > 0


def test_broken_toml_is_told() -> None:
    assert read_front_matter("+++\nbroken\n+++\n").problem is not None


@pytest.mark.parametrize(
    "text", ["", "Text", "---\nno end", "----\na: b\n----\n", "Text\n---\na: b\n---\n", "---\n- a\n---\n"]
)
def test_other_text_is_no_front_matter(text: str) -> None:
    assert read_front_matter(text).end == 0


def test_an_empty_block_is_front_matter_without_values() -> None:
    front = read_front_matter("---\n---\nText")
    assert (front.values, front.end, front.problem) == ({}, 7, None)
