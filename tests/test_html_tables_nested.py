"""What the rows of a table inside a cell of another table say: they keep the row that they belong to."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skillgen.chunk import chunk_page
from skillgen.extract import extract_candidates
from skillgen.model.corpus import Block, Page, SourceFile
from skillgen.parse.html import parse_html
from skillgen.verify import verify_claim

ACCOUNTS = (
    "<table><tbody><tr><th>Account</th><th>Used by</th><th>Details</th></tr>"
    "<tr><td><code>svc_tern</code></td><td>Moor</td><td><table><tr><th>Rights</th><td>read the ledger</td></tr>"
    "<tr><th>Owner</th><td>Team Kelp</td></tr></table></td></tr>"
    "<tr><td><code>svc_gull</code></td><td>Skiff</td><td><table><tr><th>Rights</th><td>write the ledger</td></tr>"
    "<tr><th>Owner</th><td>nobody knows</td></tr></table></td></tr></tbody></table>"
)
FILLER = "The crew writes here what it knows about the thing at hand. " * 12


def parse(text: str) -> Page:
    return parse_html(SourceFile(source="folder/page.html", text=text, sha256="0" * 64))[0]


def texts(page: Page) -> list[str]:
    return [span.text for block in page.blocks for span in block.spans]


def rows(text: str) -> list[str]:
    return texts(parse(f"<table>{text}</table>"))


def header_quote(page: Page, block: Block) -> str:
    assert block.header is not None
    return page.text[block.header.start : block.header.end]


def test_an_inner_row_stands_under_the_first_cell_of_the_row_around_it() -> None:
    page = parse(ACCOUNTS)
    assert texts(page) == [
        "Account: `svc_tern`; Used by: Moor",
        "`svc_tern`; Rights: read the ledger",
        "`svc_tern`; Owner: Team Kelp",
        "Account: `svc_gull`; Used by: Skiff",
        "`svc_gull`; Rights: write the ledger",
        "`svc_gull`; Owner: nobody knows",
    ]
    assert header_quote(page, page.blocks[-1]) == "<code>svc_gull</code>"


def test_a_claim_of_an_inner_row_quotes_what_it_belongs_to() -> None:
    page = parse(f"<h1>Accounts</h1><p>These are the accounts.</p>{ACCOUNTS}")
    claims = {candidate.text: candidate for candidate in extract_candidates(page)}
    claim = claims["`svc_gull`; Owner: nobody knows"]
    assert "svc_gull" in claim.citations[0].quote
    assert not any("svc_tern" in citation.quote or "Kelp" in citation.quote for citation in claim.citations)
    assert verify_claim(claim.claim_text, claim.citations, {page.source: page}).support == "supported"


def test_a_chunk_that_begins_with_an_inner_row_shows_what_it_belongs_to() -> None:
    inner = "".join(f"<tr><th>Right {number}</th><td>{FILLER[:200]}</td></tr>" for number in range(8))
    page = parse(f"<table><tr><th>Account<th>Rights<tr><td>svc_tern<td><table>{inner}</table></table>")
    chunks = chunk_page(page)
    assert len(chunks) > 1
    assert all("svc_tern" in chunk.text for chunk in chunks)


@pytest.mark.parametrize(
    ("cells", "quote"),
    [
        ("<td>T<td>", "T<td><table><tr><th>"),
        ("<td>T</td><td>Moor</td><td>", "T</td><td>Moor</td><td>"),
        ("<td>T<td>Moor and all its parts<td>", "T<td>Moor and all its parts"),
    ],
)
def test_a_short_key_is_quoted_with_what_stands_beside_it_in_its_row(cells: str, quote: str) -> None:
    table = f"<tr><th>E<th>D<tr>{cells}<table><tr><th>Owner<td>A<tr><th>Port<td>80</table>"
    page = parse(f"<table>{table}</table>")
    assert texts(page)[1:] == ["T; Owner: A", "T; Port: 80"]
    assert header_quote(page, page.blocks[1]) == quote


def test_what_follows_an_inner_table_keeps_key_and_columns() -> None:
    inner = "<table><tr><th>C<th>D<tr><td>3<td>4</table>"
    assert rows(f"<tr><th>A<th>B<th>Owner<tr><td>one<td>in{inner}after<td>Team Kelp<tr><td>5<td>6<td>7") == [
        "A: one; B: in",
        "one; in; C: 3; D: 4",
        "A: one; B: after; Owner: Team Kelp",
        "A: 5; B: 6; Owner: 7",
    ]
    assert rows(f"<tr><th>A<th>B<tr><td>one{inner}after<td>x") == ["A: one", "one; C: 3; D: 4", "A: one, after; B: x"]


def test_a_merged_cell_behind_an_inner_table_is_said_once_in_each_row() -> None:
    inner = "<table><tr><th>x<td>1<tr><th>y<td>2</table>"
    assert rows(f"<tr><th>A<th>B<th>C<tr><td>p<td>q<td rowspan=2>both<tr><td>r<td>{inner}") == [
        "A: p; B: q; C: both",
        "A: r",
        "r; x: 1",
        "r; y: 2",
    ]
    assert rows(f"<tr><th>A<th>B<th>C<tr><td rowspan=2>p<td>q<td>{inner}<tr><td>r<td>s") == [
        "A: p; B: q",
        "p; x: 1",
        "p; y: 2",
        "A: p; B: r; C: s",
    ]


def test_inner_tables_of_several_columns_are_told_apart_by_the_columns_names() -> None:
    test, live = ("<table><tr><th>Owner<td>{}<tr><th>Port<td>{}</table>".format(*pair) for pair in ("A1", "B2"))
    assert rows(f"<tr><th>Tool<th>Test<th>Live<tr><td>Moor<td>{test}<td>{live}") == [
        "Tool: Moor",
        "Test; Moor; Owner: A",
        "Test; Moor; Port: 1",
        "Live; Moor; Owner: B",
        "Live; Moor; Port: 2",
    ]
    assert rows(f"<tr><th>Test<th>Live<tr><td>{test}<td>{live}") == [
        "Test | Live",
        "Test; Owner: A",
        "Test; Port: 1",
        "Live; Owner: B",
        "Live; Port: 2",
    ]


def test_inner_tables_of_one_cell_are_told_apart_by_what_introduces_them() -> None:
    inner = "<table><tr><th>Port<td>{}<tr><th>User<td>u</table>"
    cell = f"<p>Test</p>{inner.format(1)}<p>Live</p>{inner.format(2)}"
    assert rows(f"<tr><th>Tool<th>Where<tr><td>Moor<td>{cell}") == [
        "Tool: Moor; Where: Test",
        "Moor; Test; Port: 1",
        "Moor; Test; User: u",
        "Tool: Moor; Where: Live",
        "Moor; Live; Port: 2",
        "Moor; Live; User: u",
    ]


def test_where_the_first_cell_is_a_number_the_next_one_stands_beside_it() -> None:
    inner = "<table><tr><th>Port<td>1<tr><th>User<td>u</table>"
    assert rows(f"<tr><th>No<th>Tool<th>Facts<tr><td>1<td>Moor<td>{inner}")[1:] == [
        "1; Moor; Port: 1",
        "1; Moor; User: u",
    ]


def test_a_table_in_a_table_in_a_table_keeps_both_keys() -> None:
    inner = "<table><tr><th>Port<td>1<tr><th>User<td>u</table>"
    middle = f"<table><tr><th>Env<th>Facts<tr><td>live<td>{inner}</table>"
    assert rows(f"<tr><th>Tool<th>More<tr><td>Moor<td>{middle}") == [
        "Tool: Moor",
        "Moor; Env: live",
        "Moor; live; Port: 1",
        "Moor; live; User: u",
    ]


def test_far_from_the_key_the_inner_columns_stay_unnamed_and_the_key_is_said() -> None:
    inner = "<table><tr><th>Port<th>User<tr><td>80<td>root</table>"
    assert rows(f"<tr><th>Tool<th>Notes<th>Facts<tr><td>Moor<td>{FILLER}<td>{inner}")[-1] == "Moor; 80; root"


def test_a_header_row_that_holds_a_table_stands_before_it() -> None:
    inner = "<table><tr><th>x<td>1<tr><th>y<td>2</table>"
    assert rows(f"<thead><tr><th>A{inner}<th>B</thead><tr><td>1<td>2") == ["A", "A; x: 1", "A; y: 2", "A: B", "1; 2"]


def test_rows_under_row_names_keep_them() -> None:
    inner = "<table><tr><td><b>Owner</b><td><b>Port</b><tr><td>Team Kelp<td>80</table>"
    assert rows(f"<tr><th>Test<td>{inner}<tr><th>Live<td>none") == [
        "Test",
        "Test; Owner: Team Kelp; Port: 80",
        "Live: none",
    ]


words = st.text("abcdefghij", min_size=2, max_size=7)
cells = st.lists(words, min_size=2, max_size=3)


@st.composite
def nested(draw: st.DrawFn) -> tuple[str, list[tuple[str, list[str]]]]:
    """Return a page with a table whose rows hold tables, and each inner cell's words after their row's key."""
    expected: list[tuple[str, list[str]]] = []
    body = ""
    for number in range(draw(st.integers(1, 4))):
        key = f"key{number}x"
        before, after = draw(st.lists(words, max_size=2)), draw(st.sampled_from(["", " tail", "<td>tail"]))
        inner = draw(st.lists(cells, min_size=2, max_size=4))
        head = draw(st.sampled_from(["th", "td"]))
        table = "".join(
            "<tr>" + "".join(f"<{'th' if at == 0 else head}>{word}" for at, word in enumerate(row)) for row in inner
        )
        body += f"<tr><td>{key}" + "".join(f"<td>{word}" for word in before) + f"<td><table>{table}</table>{after}"
        expected += [(key, row) for row in inner]
    return f"<h1>Page</h1><p>Words first.</p><table><tr><th>Name<th>One<th>Two{body}</table>", expected


@settings(deadline=None, max_examples=150)
@given(page_and_rows=nested())
def test_no_inner_row_loses_its_key_or_a_word(page_and_rows: tuple[str, list[tuple[str, list[str]]]]) -> None:
    page = parse(page_and_rows[0])
    assert all(a.end <= b.start for a, b in itertools.pairwise(page.blocks))
    shown = ((block.header.text if block.header else "", block.spans[0].text) for block in page.blocks)
    said = [re.findall(r"\w+", " ".join(pair)) for pair in shown]
    for key, row in page_and_rows[1]:
        holders = [one for one in said if key in one]
        assert all(any(word in one for one in holders) for word in row), (key, row)
    for block in page.blocks:
        if block.kind == "table_row" and block.header:
            raw = page.text[block.header.start : block.end]
            assert all(word in raw for word in re.findall(r"key\d+x", block.spans[0].text))


@settings(deadline=None, max_examples=100)
@given(page_and_rows=nested())
def test_claims_of_nested_tables_are_supported(page_and_rows: tuple[str, list[tuple[str, list[str]]]]) -> None:
    page = parse(page_and_rows[0])
    for candidate in extract_candidates(page):
        verdict = verify_claim(candidate.claim_text, candidate.citations, {page.source: page})
        assert verdict.support == "supported", (candidate.text, verdict)


@pytest.mark.parametrize("table", ["<table role=presentation>", "<table>"])
def test_a_table_that_only_lays_out_a_cell_stays_in_its_cell(table: str) -> None:
    assert rows(f"<tr><th>A<th>B<tr><td>1<td>{table}<tr><td>x</table>y") == ["A: 1; B: x, y"]
