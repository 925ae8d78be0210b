"""What holds for every brief, whatever its words are."""

from __future__ import annotations

import contextlib
import string

from hypothesis import example, given
from hypothesis import strategies as st

from skillgen.brief import lint_brief, parse_brief
from skillgen.brief.targets import sentences_of, targets_of_list, trimmed
from skillgen.errors import BriefError
from skillgen.model.brief import Brief

NEEDED = ("Focus", "Delta Principle", "Coverage Targets", "Questions to Research", "Quality checks", "Success Criteria")
GLUE = {"and", "or", "as", "such", "including", "for", "eg", "ie", "etc", "between", "both", "either"}
ABBREVIATIONS = {"cf", "vs", "approx", "incl", "excl", "resp", "esp", "fig", "dr", "mr", "mrs"}

words = st.text(string.ascii_lowercase + "é", min_size=1, max_size=9).filter(
    lambda word: word not in GLUE | ABBREVIATIONS
)
items = st.lists(words, min_size=1, max_size=5).map(" ".join)
item_lists = st.lists(items, min_size=3, max_size=6, unique=True)
brackets = st.sampled_from([("(", ")"), ("[", "]"), ("{", "}"), ("“", "”"), ('"', '"'), ("`", "`")])


@st.composite
def grouped_items(draw: st.DrawFn) -> str:
    """Return an item that ends in a group with commas, semicolons and perhaps a group inside it."""
    inside = draw(st.lists(items, min_size=1, max_size=3).map(draw(st.sampled_from([", ", "; ", ". "])).join))
    if draw(st.booleans()):
        inside += f" (or {draw(items)}, {draw(items)})"
    opening, closing = draw(brackets)
    return f"{draw(items)} {opening}{inside}{closing}"


@st.composite
def markdown(draw: st.DrawFn) -> str:
    """Return a text that looks a good deal like a brief, with every kind of slip."""
    bits = st.sampled_from(
        [
            "1. ",
            "- ",
            "   ",
            "\n",
            "\r\n",
            "\n\n",
            ", ",
            "; ",
            ": ",
            ". ",
            "(",
            ")",
            '"',
            "`",
            "```\n",
            "<!--",
            "-->",
            "> ",
        ]
    )
    bodies = st.lists(st.one_of(bits, words, st.text(max_size=8)), max_size=20).map("".join)
    headings = st.sampled_from(NEEDED).map(lambda heading: f"\n## {heading}\n")
    return "".join(draw(st.lists(st.one_of(headings, bodies), max_size=14)))


def parse(text: str) -> Brief:
    return parse_brief(text, path="made-up.md", sha256="")


def brief_text(targets: str, questions: str) -> str:
    return (
        f"# T\n## Focus\nf\n## Delta Principle\nd\n## Coverage Targets\n{targets}\n"
        f"## Questions to Research\n{questions}\n"
    )


def sentence(parts: list[str], conjunction: str) -> str:
    return f"Research should surface: {', '.join(parts[:-1])}{conjunction}{parts[-1]}. Focus on what matters."


@given(parts=item_lists, conjunction=st.sampled_from([", and ", ", or ", ", ", " and ", " or "]))
def test_a_sentence_made_of_items_gives_the_items_back(parts: list[str], conjunction: str) -> None:
    assert targets_of_list([sentence(parts, conjunction)]) == tuple(parts)


@given(parts=st.lists(grouped_items(), min_size=3, max_size=5, unique=True))
def test_groups_with_separators_inside_stay_whole(parts: list[str]) -> None:
    assert targets_of_list([sentence(parts, ", and ")]) == tuple(parts)


@given(parts=item_lists)
def test_semicolons_leave_commas_alone(parts: list[str]) -> None:
    pairs = [f"{part}, with more" for part in parts]
    assert targets_of_list([f"Surface: {'; '.join(pairs)}."]) == tuple(pairs)


@given(first=items, second=items)
def test_a_pair_without_a_comma_stays_one_target(first: str, second: str) -> None:
    assert targets_of_list([f"{first} and {second}."]) == (f"{first} and {second}",)


@given(text=st.text())
@example(text="((((]]]])")
@example(text="“a, \u2018b\u2019, \"c, 'd")
def test_splitting_loses_only_separators_conjunctions_and_white_space(text: str) -> None:
    assert "".join("".join(sentences_of(text)).split()) == "".join(text.split())
    for target in targets_of_list([text]):
        assert target in text
        assert target == target.strip() != ""


@given(text=st.text(), path=st.text(max_size=20))
def test_any_text_is_parsed_or_refused(text: str, path: str) -> None:
    with contextlib.suppress(BriefError):
        parse_brief(text, path=path, sha256="")


@given(text=markdown())
def test_anything_like_a_brief_is_parsed_or_refused(text: str) -> None:
    with contextlib.suppress(BriefError):
        lint_brief(parse(text))


@given(targets=st.text(max_size=60), questions=st.text(max_size=60))
def test_what_is_parsed_has_targets_questions_and_different_ids(targets: str, questions: str) -> None:
    with contextlib.suppress(BriefError):
        brief = parse(brief_text(targets, questions))
        ids = [target.id for target in brief.targets] + [question.id for question in brief.questions]
        assert brief.targets
        assert brief.questions
        assert len(set(ids)) == len(ids)


@given(
    parts=item_lists,
    marker=st.sampled_from(["-", "*", "+", "1.", "1)"]),
    newline=st.sampled_from(["\n", "\r\n", "\r"]),
    wrapped=st.booleans(),
)
def test_a_list_gives_its_items_back(parts: list[str], marker: str, newline: str, *, wrapped: bool) -> None:
    indent = " " * (len(marker) + 1)
    shown = [part.replace(" ", f"\n{indent}") if wrapped else part for part in parts]
    listed = "\n".join(f"{marker} {part}" for part in shown)
    brief = parse(brief_text(listed, listed).replace("\n", newline))
    assert [target.text for target in brief.targets] == parts
    assert [question.text for question in brief.questions] == parts


@given(
    parts=item_lists,
    numbers=st.lists(st.integers(min_value=0, max_value=10**8), min_size=6, max_size=6),
    close=st.booleans(),
)
def test_numbers_are_kept_as_written(parts: list[str], numbers: list[int], *, close: bool) -> None:
    mark = ")" if close else "."
    listed = "\n".join(f"{number}{mark} {part}" for number, part in zip(numbers, parts, strict=False))
    brief = parse(brief_text("a, b", listed))
    assert [question.number for question in brief.questions] == [str(number) for number in numbers[: len(parts)]]


@given(part=items)
def test_trimming_twice_is_trimming_once(part: str) -> None:
    assert trimmed(f"{part}.") == trimmed(part) == part
