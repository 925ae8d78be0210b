"""Text of the sources is shown as it is: whatever it holds, Markdown sees words and code spans only."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from skillgen.markdown_text import escape_cell, escape_link, escape_markdown
from skillgen.validate.hard import _MARKER

if TYPE_CHECKING:
    from markdown_it.token import Token

PROPERTY = settings(deadline=None, max_examples=100)  # a busy machine takes its time

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
INLINE = {"text", "text_special", "code_inline"}

# Runs of markup characters between words, code, links and tags: far more likely to break something than any text.
PIECES = st.sampled_from(
    [
        *"\\`*_~[]()<>&#+-=|!:.\"'$^{}@;/ \t\n\u00a0\u200b\u202e\ufeff1aé日",
        *("``", "```", "**", "__", "~~", "~~~", "---", "***", "===", "# ", "> ", "- ", "1. ", "2) ", "  \n", "&amp;"),
        *("&#60;", "<b>", "</b>", "<!--", "<https://x.example>", "[a](b)", "![a](b)", "[a]: b", "[S1]", "[^1]", "word"),
        *("snake_case", "`a|b`", "`code`", "javascript:alert(1)", "x", "\\|", "|---|", "\0", "e\u0301", "[ ] "),
    ]
)
TEXTS = st.one_of(st.lists(PIECES, min_size=1, max_size=14).map("".join), st.text(min_size=1, max_size=60)).filter(
    lambda text: text.split()
)


def runs_of_code(text: str) -> list[tuple[str, bool]]:
    """Return the text in pieces, each with whether it is a code span: by CommonMark's rule, a closing run as long."""
    pieces: list[tuple[str, bool]] = []
    ticks = [(found.start(), found.end()) for found in re.finditer("`+", text)]
    cursor = 0
    while ticks:
        start, end = ticks.pop(0)
        closing = next((run for run in ticks if run[1] - run[0] == end - start), None)
        if closing:
            pieces += [(text[cursor:start], False), (text[end : closing[0]], True)]
            cursor = closing[1]
            ticks = [run for run in ticks if run[0] >= cursor]
    return [*pieces, (text[cursor:], False)]


def collapsed(text: str) -> str:
    return " ".join(text.split())


def visible(text: str) -> str:
    """Return what a reader has to see of the text: its words, and code without its backticks."""
    flat = collapsed(text.replace("\0", "\ufffd"))
    return collapsed("".join(f" {piece} " if is_code else piece for piece, is_code in runs_of_code(flat)))


def shown(tokens: list[Token]) -> str:
    """Return what a reader sees of inline tokens, each of which has to be words or code."""
    assert {token.type for token in tokens} <= INLINE, [token.type for token in tokens]
    return collapsed("".join(f" {t.content} " if t.type == "code_inline" else t.content for t in tokens))


def parsed(markdown: str) -> tuple[list[str], list[Token]]:
    """Return the types of the blocks and the inline tokens of the one block that holds any."""
    tokens = PARSER.parse(markdown)
    (inline,) = [token for token in tokens if token.type == "inline"]
    return [token.type for token in tokens if token.type != "inline"], inline.children or []


BLOCKS = {
    "- {}": ["bullet_list_open", "list_item_open", "paragraph_open"],
    "{}": ["paragraph_open"],
    "## {}": ["heading_open"],
}


@pytest.mark.parametrize("frame", BLOCKS)
@PROPERTY
@given(text=TEXTS)
@example(text="__init__ and __main__")
@example(text="Learn C #")
@example(text="ends in a backslash \\")
def test_a_block_shows_the_text_and_nothing_of_it_is_markup(frame: str, text: str) -> None:
    opened = BLOCKS[frame]
    blocks, inline = parsed(frame.format(escape_markdown(text)))
    assert blocks == [*opened, *(name.replace("_open", "_close") for name in reversed(opened))]
    assert shown(inline) == visible(text)


@PROPERTY
@given(text=TEXTS)
@example(text="a *")
@example(text="* b")
@example(text="~x~")
def test_bold_text_is_bold_from_end_to_end(text: str) -> None:
    blocks, inline = parsed(f"- **{escape_markdown(text)}** after")
    assert blocks[:3] == ["bullet_list_open", "list_item_open", "paragraph_open"]
    types = [token.type for token in inline]
    opened, closed = types.index("strong_open"), types.index("strong_close")
    assert shown(inline[:opened]) == ""
    assert shown(inline[opened + 1 : closed]) == visible(text)
    assert shown(inline[closed + 1 :]) == "after"


@PROPERTY
@given(text=TEXTS)
@example(text="`a|b` | c \\| d")
def test_a_table_cell_holds_the_whole_text(text: str) -> None:
    tokens = PARSER.parse(f"| Head | Next |\n|---|---|\n| {escape_cell(text)} | after |\n")
    assert [token.type for token in tokens].count("tr_open") == 2
    cells = [token.children or [] for token in tokens if token.type == "inline"]
    assert [shown(cell) for cell in cells] == ["Head", "Next", visible(text), "after"]


@PROPERTY
@given(text=TEXTS)
def test_the_words_of_a_link_are_the_text(text: str) -> None:
    _, inline = parsed(f"- [{escape_link(text)}](references/x.md): after")
    types = [token.type for token in inline]
    opened, closed = types.index("link_open"), types.index("link_close")
    assert inline[opened].attrs == {"href": "references/x.md"}
    assert shown(inline[opened + 1 : closed]) == visible(text)


@PROPERTY
@given(text=TEXTS)
def test_no_text_outside_code_passes_for_a_citation_marker(text: str) -> None:
    markdown = "".join(piece for piece, is_code in runs_of_code(escape_markdown(f"{text} [S12] {text}")) if not is_code)
    assert not re.search(r"(?<!\\)\[", markdown)
    assert not re.search(r"\[S\d+\]", markdown)
    assert not _MARKER.search(markdown)


@PROPERTY
@given(text=TEXTS)
def test_a_text_grows_to_twice_its_length_at_most(text: str) -> None:
    assert len(escape_markdown(text)) <= 2 * len(text)
    assert len(escape_cell(text)) <= 3 * len(text)


@PROPERTY
@given(text=TEXTS)
def test_a_reader_of_the_raw_markdown_finds_the_same_letters_and_digits(text: str) -> None:
    def squeezed(value: str) -> str:
        return re.sub(r"[\W_]+", "", html.unescape(value).casefold())

    assert squeezed(escape_markdown(text)) == squeezed(text.replace("\0", ""))


ORDINARY = [
    "Run `make deploy ENV=prod` and wait 5-10 minutes (~3 % of runs take longer).",
    "The dag raw_tidebook starts at 01:30; see #data-nightly & page Quayside-Data.",
    "`wait_for_loads` has `poke_interval=300`, i.e. 5 * 60 seconds.",
    "If lag > 60 s or load < 5, stop. Don't retry!",
    "Open https://airflow.harbourline.example/dags?state=failed&limit=10 first.",
    "Copy C:\\ops\\keys to ~/keys.",
    "1.5 GB of memory, v2.9.3, a + b = c, 50% off: yes/no?",
    "#data-nightly gets one message per night; -v prints more, --force skips it.",
    "Ask: Data platform lead; About: the night run | timetable.",
    "\u201cQuiet\u201d is fine \u2014 too: caf\u00e9 \u2192 na\u00efve \u65e5\u672c\u8a9e \U0001f692.",
    "~5 minutes, ~/bin/x and ~/bin/y.",
    "AT&T, the &c. of it; a&b",
]


@pytest.mark.parametrize("sentence", ORDINARY)
def test_ordinary_sentences_come_out_unchanged(sentence: str) -> None:
    assert escape_markdown(sentence) == sentence


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("# not a heading", "\\# not a heading"),
        ("> said", "\\> said"),
        ("- item", "\\- item"),
        ("1. step", "1\\. step"),
        ("12) step", "12\\) step"),
        ("---", "\\---"),
        ("- - -", "\\- - -"),
        ("*bold*", "\\*bold\\*"),
        ("a * b", "a * b"),
        ("__init__", "\\_\\_init\\_\\_"),
        ("_x", "\\_x"),
        ("two__parts", "two__parts"),
        ("~~gone~~", "\\~\\~gone\\~\\~"),
        ("see [S12]", "see \\[S12\\]"),
        ("![x](y)", "!\\[x](y)"),
        ("list[0] and [^S1]", "list\\[0] and \\[^S1\\]"),
        ("<b>x</b>", "\\<b>x\\</b>"),
        ("<javascript:alert(1)>", "\\<javascript:alert(1)>"),
        ("&lt;", "\\&lt;"),
        ("one ` tick", "one \\` tick"),
        ("``a ` b``", "``a ` b``"),
        ("\\*", "\\\\\\*"),
        ("C:\\new", "C:\\new"),
        ("two\nlines\tand  spaces", "two lines and spaces"),
        ("", ""),
    ],
)
def test_only_what_would_be_markup_is_escaped(text: str, markdown: str) -> None:
    assert escape_markdown(text) == markdown


@pytest.mark.parametrize(
    "text", ["javascript:alert(1)", "<javascript:alert(1)>", "[x](javascript:alert(1))", "[x]: javascript:y"]
)
def test_no_link_is_made_of_a_script(text: str) -> None:
    assert "<a" not in PARSER.render(f"- {escape_markdown(text)}")


@pytest.mark.parametrize("character", ["\u200b", "\u200d", "\u202e", "\u2066", "\ufeff"])
def test_characters_without_a_width_are_kept_and_are_no_markup(character: str) -> None:
    text = f"a{character}b *{character}c*"
    assert escape_markdown(text).replace("\\", "") == text
    _, inline = parsed(f"- {escape_markdown(text)}")
    assert shown(inline) == text


def test_a_long_text_of_backticks_is_escaped_in_no_time() -> None:
    text = " ".join("`" * count for count in range(1, 200))
    assert escape_markdown(text).count("\\`") == 199 * 100
