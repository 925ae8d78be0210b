"""Pages: blocks, their kinds, headings and raw spans."""

from __future__ import annotations

import pytest

from skillgen.model.corpus import Block, Page, SourceFile
from skillgen.parse import parse_markdown


def _page(text: str, source: str = "ops/night-run.md") -> Page:
    return parse_markdown(SourceFile(source=source, text=text, sha256="0"))[0]


def _shown(block: Block) -> tuple[str, list[str]]:
    return block.kind, [span.text for span in block.spans]


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("---\ntitle: From front matter\n---\n# Heading\n", "From front matter"),
        ("## The *first* heading {#x}\n\n### Second\n", "The first heading"),
        ("Owner: the quay\n\n<!-- a note -->\n\n# After metadata\n", "After metadata"),
        ("Text\n\n# Of a part\n", "night-run"),
        ("### One\n\na\n\n### Two\n", "night-run"),
        ("## Low\n\na\n\n# High\n", "night-run"),
        ("Setext\n======\n", "Setext"),
        ("Text only\n", "night-run"),
        ("", "night-run"),
        ("# ![logo](a.png)\n\n# Named\n", "Named"),
        ("\ufeff# Marked\n", "Marked"),
    ],
)
def test_the_title_is_of_front_matter_heading_or_file(text: str, title: str) -> None:
    assert _page(text).title == title


def test_headings_form_the_path_and_the_title_stands_in_it_once() -> None:
    page = _page("# Guide\n\na\n\n## Part\n\n### Deep\n\nb\n\n## Other\n\nc\n")
    paths = [b.heading_path for b in page.blocks if b.kind == "paragraph"]
    assert paths == [("Guide",), ("Guide", "Part", "Deep"), ("Guide", "Other")]


def test_headings_of_one_level_are_siblings_and_text_above_them_stands_under_none() -> None:
    page = _page("Ferries\n\n### Night\n\na\n\n### Day\n\nb\n")
    paths = [b.heading_path for b in page.blocks if b.kind == "paragraph"]
    assert paths == [("night-run",), ("night-run", "Night"), ("night-run", "Day")]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_blocks_of_every_kind_with_any_line_end(newline: str) -> None:
    lines = [
        "# G",
        "",
        "One. Two",
        "lines.",
        "",
        "- [x] item",
        "  more",
        "  - inner",
        "",
        "```sh",
        "run `it`",
        "```",
        "",
    ]
    lines += ["| A | B |", "|---|---|", "| 1 | x\\|y |", "", "<div>seen</div>", "", "> quoted", "lazy", ""]
    page = _page(newline.join(lines))
    assert [_shown(block) for block in page.blocks] == [
        ("heading", ["G"]),
        ("paragraph", ["One.", "Two lines."]),
        ("list_item", ["item more"]),
        ("list_item", ["inner"]),
        ("code", ["run `it`"]),
        ("table_row", ["A: 1; B: x|y"]),
        ("html", ["seen"]),
        ("paragraph", ["quoted lazy"]),
    ]
    row = page.blocks[5]
    assert row.header is not None
    assert page.text[row.header.start : row.header.end].splitlines() == ["| A | B |", "|---|---|"]


@pytest.mark.parametrize("newline", ["\n", "  \n", "\\\n", "\r\n"])
def test_lines_with_a_bold_label_say_something_of_their_own(newline: str) -> None:
    lines = ["**Owner:** the quay team", "**Runs**: daily. Never on Sunday,", "never in May", "__See also:__ `notes`"]
    (block,) = _page(newline.join(lines)).blocks
    assert [span.text.rstrip("\\") for span in block.spans] == [
        "Owner: the quay team",
        "Runs: daily.",
        "Never on Sunday, never in May",
        "See also: `notes`",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Owner: the quay\nChat: #quay\nPager: rings\n", ["Owner: the quay", "Chat: #quay", "Pager: rings"]),
        ("- Owner: the quay\n  Chat: #quay\n", ["Owner: the quay", "Chat: #quay"]),
        ("wharf - for tests\npier 2 - a copy\n", ["wharf - for tests", "pier 2 - a copy"]),
        ("course\n09:12 it stopped\n09:20 - 09:40 it ran\n", ["course", "09:12 it stopped", "09:20 - 09:40 it ran"]),
        ("Key: a long\nvalue of it\nTide: low. Wait\n", ["Key: a long value of it", "Tide: low.", "Wait"]),
    ],
)
def test_one_fact_per_line_is_one_sentence_per_line(text: str, said: list[str]) -> None:
    (spans,) = ([s.text for b in page.blocks for s in b.spans] for page in [_page(text)])
    assert spans == said


@pytest.mark.parametrize(
    "text",
    [
        "It is kept by the quay and\nOwner: is what they say\nof it",
        "The ferry leaves at\n09:12 each day",
        "Wait for the tide and the\nharbour master - he knows",
        "See https://quay.example/\nftp://b.example/ and\nmore:that",
    ],
)
def test_wrapped_prose_stays_one_sentence(text: str) -> None:
    (block,) = _page(text).blocks
    assert [span.text for span in block.spans] == [" ".join(text.split())]


@pytest.mark.parametrize("line", ["**Owner** of the page", "**a:b** is a pair", "Owner: we", "**Owner:**the team"])
def test_other_bold_beginnings_of_lines_end_no_sentence(line: str) -> None:
    (block,) = _page(f"It is kept by\n{line}").blocks
    assert len(block.spans) == 1


def test_a_table_in_a_list_or_quote_has_clean_cells() -> None:
    page = _page("- | A | B |\n  |---|---|\n  | 1 | 2 |\n\n> | A | B |\n> |---|---|\n> | 3 | 4 |\n")
    rows = [block for block in page.blocks if block.kind == "table_row"]
    assert [row.spans[0].text for row in rows] == ["A: 1; B: 2", "A: 3; B: 4"]
    assert [page.text[row.start : row.end] for row in rows] == ["| 1 | 2 |", "| 3 | 4 |"]


@pytest.mark.parametrize(
    ("row", "text"),
    [
        ("| one | two | three |", "Name: one; Use: two; three"),
        ("| one |  |", ""),
        ("| Name | Use |", ""),
        ("| one | - |", ""),
        ("| `a` | x<br>y<br>z |", "Name: `a`; Use: x, y, z"),
        ("| a | first line<br>second |", "Name: a; Use: first line second"),
        ("| **a** | [b](c) |", "Name: a; Use: b"),
    ],
)
def test_a_row_is_pairs_of_header_and_cell_or_nothing(row: str, text: str) -> None:
    page = _page(f"| Name | Use |\n|---|---|\n{row}\n")
    assert [span.text for block in page.blocks for span in block.spans] == ([text] if text else [])


def test_an_empty_first_cell_is_that_of_the_row_above_and_is_quoted_with_the_header() -> None:
    rows = "| *Night* ferry | `a` | 1 |\n|  | `b` | 2 |\n| | `c` | - |\n|  |  |  |\n| | all | 3 |\n"
    page = _page(f"| Ferry | Pier | Crew |\n|---|---|---|\n{rows}")
    found = [block for block in page.blocks if block.spans]
    assert [block.spans[0].text for block in found] == [
        "Ferry: Night ferry; Pier: `a`; Crew: 1",
        "Ferry: Night ferry; Pier: `b`; Crew: 2",
        "Ferry: Night ferry; Pier: `c`",
        "Pier: all; Crew: 3",
    ]
    headers = [page.text[b.header.start : b.header.end] for b in found if b.header]
    assert headers[1] == headers[2] == headers[0] + "\n| *Night* ferry"
    assert headers[3] == headers[0]


def test_a_first_cell_too_far_above_is_not_carried_down() -> None:
    filler = "".join(f"| f{i} | {'x' * 40} | 1 |\n" for i in range(20))
    page = _page(f"| Ferry | Pier | Crew |\n|---|---|---|\n{filler}| | p | 2 |\n")
    assert page.blocks[-1].spans[0].text == "Pier: p; Crew: 2"


def test_a_fence_that_never_closes_and_a_fence_in_a_list_are_code() -> None:
    page = _page("- step\n\n  ```\n  run\n  ```\n\n```\nlast\n\nline")
    assert [_shown(b) for b in page.blocks] == [("list_item", ["step"]), ("code", ["run"]), ("code", ["last\nline"])]
    assert page.text[page.blocks[-1].start : page.blocks[-1].end] == "last\n\nline"


def test_definitions_resolve_links_and_do_not_show() -> None:
    page = _page("See [the guide][g] and [g].\n\n[g]: https://wiki.example 'Guide'\n")
    assert [_shown(b) for b in page.blocks] == [("paragraph", ["See the guide and g."])]


def test_odd_characters_keep_their_places() -> None:
    text = "\ufeffA\0B 🚀 **שלום**.\u200b\n\n\tcode\n"
    page = _page(text)
    spans = [span for block in page.blocks for span in block.spans]
    assert [text[s.start : s.end] for s in spans] == ["A\0B 🚀 **שלום**.\u200b", "code"]


def test_what_is_odd_about_a_page_is_told() -> None:
    findings = parse_markdown(SourceFile(source="a.md", text="---\na: [\n---\n# Only a heading\n", sha256="0"))[1]
    assert [finding.kind for finding in findings] == ["front-matter", "no-text"]


def test_a_line_too_long_for_a_row_is_running_text() -> None:
    page = _page("| a | b |\n|---|---|\n| " + "x | y " * 5_000 + "|\n")
    assert {block.kind for block in page.blocks} == {"paragraph"}
    assert len(page.blocks[-1].spans) > 10
