"""Inline markup: what a reader sees, and which raw text that came from."""

from __future__ import annotations

import pytest

from skillgen.parse.inline import join_segments, plain_text, reference_key, without_scripts


def _seen(raw: str, *references: str) -> str:
    return plain_text(join_segments(raw, [(0, len(raw))]), frozenset(map(reference_key, references))).text


@pytest.mark.parametrize(
    ("raw", "seen"),
    [
        ("a **bold** and *slanted* and ***both*** word", "a bold and slanted and both word"),
        ("__bold__ _slanted_ snake_case_name __init__.py", "bold slanted snake_case_name init.py"),
        ("2 * 3 * 4 and a*b*c", "2 * 3 * 4 and abc"),
        ("**not closed and `not closed", "**not closed and `not closed"),
        ("~~gone~~ and ~one~", "gone and ~one~"),
        ("keep `a * b` and ``a ` b``", "keep `a * b` and ``a ` b``"),
        ("[text](url) and [text](<a b> 'title') and [a (b)](x_(y))", "text and text and a (b)"),
        ("[![badge](a.png)](b) text", "text"),
        ("![image with *text*](a.png 'title') after", "after"),
        ("<https://wiki.example/a_b> and <me@wiki.example>", "https://wiki.example/a_b and me@wiki.example"),
        ("a<br>b <b>c</b> <!-- no\nno --> d", "a b c d"),
        ("deploy <service>-<env> now", "deploy <service>-<env> now"),
        ("<Note>take care</Note>", "take care"),
        ("&amp; &lt;x&gt; &#65; &nbsp;b &nosuch;", "& <x> A b &nosuch;"),
        (r"\*no\* \| \\ \a", r"*no* | \ \a"),
        ("[[page]] and [[page|name]]", "page and name"),
        ("a[^1] b", "a b"),
        ("[^1]: The note.", "The note."),
        ("[quayside][prod] and arr[0][1]", "[quayside][prod] and arr[0][1]"),
        ("Title {#anchor}", "Title"),
        ("Text\n{: .note }", "Text"),
        ("(some-target)=", ""),
        (":::{note}\n:class: tip\nText\n:::", "Text"),
        ("{% include x %} a {{< tip >}} b", "a b"),
        ("[!NOTE] Mind this", "Mind this"),
        ("one\ntwo  \nthree\\\nfour", "one two three four"),
        ("a\u00a0b\tc", "a b c"),
        ("", ""),
    ],
)
def test_markup_goes_and_text_stays(raw: str, seen: str) -> None:
    assert _seen(raw) == seen


def test_a_reference_link_needs_its_definition() -> None:
    assert _seen("[Text][One] [one][] [one] [two]", "one") == "Text one one [two]"


@pytest.mark.parametrize(
    ("raw", "word", "quote"),
    [
        ("see **bold** now", "bold", "**bold**"),
        ("see [the **page**](x) now", "the page", "[the **page**](x)"),
        ("a &lt; b", "<", "&lt;"),
        ("a\u00a0b\tc", "b", "b"),
        ("see <https://x.example> now", "https://x.example", "<https://x.example>"),
        ("first `code` last", "`code`", "`code`"),
    ],
)
def test_a_word_maps_to_its_raw_text_with_the_markup_around_it(raw: str, word: str, quote: str) -> None:
    mapped = plain_text(join_segments(raw, [(0, len(raw))]))
    at = mapped.text.index(word)
    start, end = mapped.raw_range(at, at + len(word))
    assert raw[start:end] == quote


def test_lines_map_over_what_stands_between_them() -> None:
    raw = "> one\r\n> two"
    mapped = plain_text(join_segments(raw, [(2, 5), (9, 12)]))
    assert mapped.text == "one two"
    assert mapped.raw_range(0, 7) == (2, 12)


def test_scripts_styles_and_comments_of_a_block_are_left_out() -> None:
    raw = "<p>a</p><script>b</script><style>c</style><!-- d --><p>e</p><script>never closed"
    assert plain_text(without_scripts(join_segments(raw, [(0, len(raw))]))).text == "a e"


def test_markup_beyond_any_prose_is_left_as_it_is() -> None:
    raw = "*a* " * 30_000
    assert _seen(raw).startswith("*a* *a*")
