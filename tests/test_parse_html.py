"""What is read of HTML pages as people save and export them."""

from __future__ import annotations

import html_pages
import pytest
from bs4 import BeautifulSoup
from bs4.element import Tag
from growth import assert_time_follows_length

from skillgen.extract import extract_candidates
from skillgen.model.corpus import Block, Finding, Page, SourceFile
from skillgen.parse.html import parse_html
from skillgen.parse.html.names import BLOCKS, VOID
from skillgen.parse.html.tree import MAX_DEPTH, read_tree
from skillgen.verify import verify_claim


def parse(text: str, source: str = "folder/page.html") -> Page:
    return parse_html(SourceFile(source=source, text=text, sha256="0" * 64))[0]


def findings(text: str) -> dict[str, Finding]:
    found = parse_html(SourceFile(source="page.html", text=text, sha256="0" * 64))[1]
    return {finding.kind: finding for finding in found}


def texts(page: Page) -> list[str]:
    return [" ".join(span.text for span in block.spans) for block in page.blocks]


def kinds(page: Page) -> list[tuple[str, int, str]]:
    return [(block.kind, block.depth, " ".join(span.text for span in block.spans)) for block in page.blocks]


def body(text: str) -> list[str]:
    return texts(parse(f"<main>{text}</main>"))


def quotes(page: Page, block: Block) -> list[str]:
    return [page.text[span.start : span.end] for span in block.spans]


# -- positions ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "text", "quote"),
    [
        ("<p>A &amp; B</p>", "A & B", "A &amp; B"),
        ("<p>A &amp B</p>", "A & B", "A &amp B"),
        ("<p>&copyright</p>", "\u00a9right", "&copyright"),
        ("<p>2020&#x2013;2021</p>", "2020\u20132021", "2020&#x2013;2021"),
        ("<p>a&nbsp;b &bogus; &</p>", "a b &bogus; &", "a&nbsp;b &bogus; &"),
        ("<p>de<!-- > -->ploy now</p>", "deploy now", "de<!-- > -->ploy now"),
        ("<p>a <b>bold</b> start</p>", "a bold start", "a <b>bold</b> start"),
        ("<p><b>Bold</b> start</p>", "Bold start", "<b>Bold</b> start"),
        ("<p>It ends <i><b>bold.</b></i> </p>", "It ends bold.", "It ends <i><b>bold.</b></i>"),
        ("<P TITLE='a>b' data-x=\"</p>\">Quoted</P>", "Quoted", "Quoted"),
        ("<p>Line one\r\n\tline two</p>", "Line one line two", "Line one\r\n\tline two"),
        ("<p>a\u2028b</p>", "a b", "a\u2028b"),
        ("<p>soft\u00adhyphen &shy;x</p>", "soft\u00adhyphen \u00adx", "soft\u00adhyphen &shy;x"),
        ("\ufeff<p>After a mark</p>", "After a mark", "After a mark"),
        ("<p>one<br/>two<BR>three</p>", "one two three", "one<br/>two<BR>three"),
        ("<p><![CDATA[a < b & c]]></p>", "a < b & c", "<![CDATA[a < b & c]]>"),
        ("<p>x < y, 1 <2 and <3</p>", "x < y, 1 <2 and <3", "x < y, 1 <2 and <3"),
        ("<p>Use <CODE class=k>rm -r</CODE>.</p>", "Use `rm -r`.", "Use <CODE class=k>rm -r</CODE>."),
        ("<p>Use <code> a`b </code></p>", "Use `` a`b ``", "Use <code> a`b </code>"),
        ("<p><kbd>Ctrl</kbd>+<kbd></kbd><tt>C</tt></p>", "`Ctrl`+`C`", "<kbd>Ctrl</kbd>+<kbd></kbd><tt>C</tt>"),
        ("<p>never closed", "never closed", "never closed"),
        ("<p>never <b>closed \n", "never closed", "never <b>closed"),
    ],
)
def test_a_quote_is_the_raw_text_of_what_is_read(raw: str, text: str, quote: str) -> None:
    page = parse(raw)
    assert texts(page) == [text]
    assert quotes(page, page.blocks[0]) == [quote]


def test_each_sentence_has_its_own_quote_that_keeps_tags_whole() -> None:
    page = parse("<p>First <b>one.</b> <i>Second</i> one. Third &amp; last.</p>")
    assert quotes(page, page.blocks[0]) == ["First <b>one.</b>", "<i>Second</i> one.", "Third &amp; last."]


def test_the_tree_is_beautiful_soups_own_for_tidy_markup() -> None:
    def shape(soup: BeautifulSoup) -> list[tuple[str, str, object]]:
        tags = (tag for tag in soup.descendants if isinstance(tag, Tag))
        return [(tag.name, tag.parent.name if tag.parent else "", tag.attrs) for tag in tags]

    for text in (html_pages.WIKI_EXPORT, html_pages.ENCYCLOPEDIA, html_pages.DOCS_SITE):
        ours, theirs = read_tree(text).soup, BeautifulSoup(text, "html.parser")
        assert shape(ours) == shape(theirs)
        assert ours.get_text() == theirs.get_text()


def test_every_text_of_the_tree_stands_at_its_offsets() -> None:
    for text in html_pages.ALL.values():
        tree = read_tree(text)
        for node in tree.soup.descendants:
            run = tree.run(node)
            if run is not None and str(node).strip() and "&" not in str(node):
                assert str(node) == text[run.start : run.end] or "&" in text[run.start : run.end]


# -- blocks ------------------------------------------------------------------------------------------------------------


def test_end_tags_may_be_left_out() -> None:
    assert body("<p>one<p>two<ul><li>a<li>b</ul><dl><dt>t<dd>d<dt>u<dd>e</dl>") == [
        "one",
        "two",
        "a",
        "b",
        "t: d",
        "u: e",
    ]


def test_a_stray_end_tag_closes_nothing_around_a_table() -> None:
    page = parse("<main><p>before</p><table><tr><th>A<th>B<tr><td>1</div></p><td>2</table></main><p>outside</p>")
    assert texts(page) == ["before", "A: 1; B: 2"]


def test_list_items_know_their_depth_and_later_paragraphs_are_paragraphs() -> None:
    page = parse("<ul><li><p>a</p><p>more</p><ol><li>b</ol>rest</li></ul>")
    assert kinds(page) == [
        ("list_item", 1, "a"),
        ("paragraph", 1, "more"),
        ("list_item", 2, "b"),
        ("paragraph", 1, "rest"),
    ]


def test_loose_text_is_cut_at_blocks_and_double_breaks() -> None:
    assert body("one <b>x</b><div>two</div>three<br>four<br>\n<br>five") == ["one x", "two", "three four", "five"]


def test_several_terms_share_a_definition_and_a_second_definition_stands_alone() -> None:
    assert body("<dl><dt>a<dt>b<dd>c. D.<dd>e</dl>") == ["a, b: c. D.", "e"]


def test_code_keeps_its_lines_and_drops_line_numbers() -> None:
    page = parse(
        "<pre>\n<span class=lineno>1</span>git  push\n<span class=lineno>2</span>  <b>x</b>&lt;\n\n</pre>"
        "<pre>a<br>b<div>c</div></pre>"
    )
    assert kinds(page) == [("code", 0, "git  push\nx<"), ("code", 0, "a\nb\nc")]


def test_a_code_block_of_highlighted_spans_can_be_cited_and_is_supported() -> None:
    page = parse(
        "<h1>Deploy</h1><p>Run this on the host:</p>"
        "<pre><code><span class=nb>gantry</span> apply <span class=s>--env</span> prod-1</code></pre>"
    )
    (candidate,) = extract_candidates(page)
    assert candidate.text == "Run this on the host: `gantry apply --env prod-1`"
    assert verify_claim(candidate.claim_text, candidate.citations, {page.source: page}).support == "supported"


def test_code_in_a_cell_is_a_code_span_and_blocks_in_a_heading_are_spaces() -> None:
    assert body("<table><tr><th>Do<th>How<tr><td>a<td><pre>x\n y</pre></table>") == ["Do: a; How: `x y`"]
    assert body("<h2>One<div>two</div></h2>") == ["One two"]


def test_code_rendered_line_by_line_is_one_block() -> None:
    lines = "<div class=line><code>a</code> <code>b</code></div><div class=line><code>c</code></div>"
    page = parse(f"<div class=syntaxhighlighter><table><tr><td class=gutter>1 2<td class=code>{lines}</table></div>")
    assert kinds(page) == [("code", 0, "a b\nc")]


def test_a_page_of_very_much_prose_is_still_cut_into_sentences() -> None:
    paragraph = "The `a. B` job runs. It ends.\n" * 100
    page = parse("".join(f"<p>{paragraph}</p>" for _ in range(120)))
    assert {span.text for block in page.blocks for span in block.spans} == {"The `a. B` job runs.", "It ends."}


def test_role_heading_counts_and_a_heading_of_many_words_is_a_paragraph() -> None:
    page = parse(f"<div role=heading aria-level=3>Deep</div><h2>{'word ' * 100}</h2>")
    assert [block.kind for block in page.blocks] == ["heading", "paragraph"]
    assert page.blocks[0].depth == 3


def test_footnote_marks_struck_text_and_image_texts_are_dropped() -> None:
    assert body(
        "<p>Kept<sup class=reference><a>[1]</a></sup> <del>old</del> <s>old</s> <img alt=no>5<sup>th</sup></p>"
    ) == ["Kept 5th"]


@pytest.mark.parametrize(
    "hidden",
    [
        "<p hidden>no</p>",
        "<p style='color: red; DISPLAY : none'>no</p>",
        "<span aria-hidden=true>no</span>",
        "<script>no</script>",
        "<style>no</style>",
        "<template><p>no</p></template>",
        "<noscript><p>no</p></noscript>",
        "<svg><title>no</title><text>no</text></svg>",
        "<button>no</button>",
        "<select><option>no</select>",
        "<textarea>no <p> no</textarea>",
        "<nav>no</nav>",
        "<footer>no</footer>",
        "<aside>no</aside>",
        "<div class='toc'>no</div>",
        "<div id='breadcrumbs'>no</div>",
        "<div class='cookie-consent-banner'>no</div>",
        "<form role=search>no</form>",
    ],
)
def test_what_is_no_content_is_dropped(hidden: str) -> None:
    assert body(f"<p>one</p>{hidden}<p>two</p>") == ["one", "two"]


def test_slugs_of_headings_and_sections_drop_nothing() -> None:
    assert body("<h2 id=comments>Comments</h2><section id=navigation><p>Kept.</p></section>") == ["Comments", "Kept."]


def test_a_folded_part_is_content_though_it_is_hidden() -> None:
    assert body(
        "<div class=expand-content style='display:none'><p>Kept.</p></div><div role=tabpanel hidden>Tab.</div>"
    ) == [
        "Kept.",
        "Tab.",
    ]


# -- tables ------------------------------------------------------------------------------------------------------------


def rows(text: str) -> list[str]:
    page = parse(text)
    assert {block.kind for block in page.blocks} <= {"table_row"}
    return texts(page)


def test_a_row_is_header_and_cell_pairs_and_knows_its_header() -> None:
    page = parse("<table><thead><tr><td>Name<td>Port</thead><tr><td>api<td><code>80</code><tr><td>db<td>-</table>")
    assert texts(page) == ["Name: api; Port: `80`", "Name: db"]
    header = page.blocks[0].header
    assert header is not None
    assert (header.text, page.text[header.start : header.end]) == ("Name | Port", "Name<td>Port</thead>")


def test_merged_cells_are_said_again_and_quoted_from_where_they_stand() -> None:
    page = parse("<table><tr><th>A<th>B<th>C<tr><td rowspan=2>x<td>1<td>2<tr><td colspan=2>both</table>")
    assert texts(page) == ["A: x; B: 1; C: 2", "A: x; B: both; C: both"]
    header = page.blocks[1].header
    assert header is not None
    assert page.text[header.start : header.end] == "A<th>B<th>C<tr><td rowspan=2>x"


def test_far_from_its_header_a_merged_cell_is_quoted_alone_and_columns_stay_unnamed() -> None:
    filler = "".join(f"<tr><td>svc-{i}<td>port {i}" for i in range(60))
    page = parse(f"<table><tr><th>A<th>B{filler}<tr><td rowspan=2>last<td>1<tr><td>2</table>")
    assert texts(page)[-1] == "last; 2"
    header = page.blocks[-1].header
    assert header is not None
    assert page.text[header.start : header.end] == "<td rowspan=2>last<td>"


def test_row_headers_name_their_cells_where_no_row_names_columns() -> None:
    assert rows("<table><tr><th colspan=2>Gantry<tr><th>Owner:<td>Bollard<tr><th>Users<td>a</table>") == [
        "Gantry",
        "Owner: Bollard",
        "Users: a",
    ]


def test_two_header_rows_name_a_column_together() -> None:
    table = (
        "<table><thead><tr><th rowspan=2>Env<th colspan=2>Limit<tr><th>CPU<th>RAM</thead><tr><td>p<td>1<td>2</table>"
    )
    assert rows(table) == ["Env: p; Limit / CPU: 1; Limit / RAM: 2"]


def test_blocks_in_a_cell_are_parted_by_commas() -> None:
    assert rows("<table><tr><th>A<th>B<tr><td><p>One.</p><p>Two</p><td><ul><li>x<li>y</ul>z</table>") == [
        "A: One. Two; B: x, y, z"
    ]


@pytest.mark.parametrize(
    "names",
    [
        "<tr><td><strong>Role</strong><td><p><b>Approver</b></p>",
        "<tr><td><b><i>Role</i>:</b><td><span style='color: red; font-weight: 700'>Approver</span>",
        "<thead><tr><td>Role<td>Approver</thead>",
    ],
)
def test_a_first_row_in_bold_type_or_a_table_head_names_the_columns(names: str) -> None:
    page = parse(f"<table>{names}<tr><td><b>READ</b><td>line lead<tr><td>ADMIN<td><pre>ask desk</pre></table>")
    assert texts(page) == ["Role: READ; Approver: line lead", "Role: ADMIN; Approver: `ask desk`"]
    header = page.blocks[0].header
    assert header is not None
    assert header.text.replace(":", "") == "Role | Approver"


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("<td><b>A</b><td>not <b>B</b><tr><td>1<td>2", ["A; not B", "1; 2"]),
        ("<td><b>A</b><td><b>B</b><tr><td><b>C</b><td><b>D</b><tr><td>1<td>2", ["A; B", "C; D", "1; 2"]),
        (f"<td><b>{'long ' * 20}</b><td><b>B</b><tr><td>1<td>2", [f"{'long ' * 20}; B".replace(" ;", ";"), "1; 2"]),
        ("<td><td><b>B</b><tr><td>1<td>2", ["B", "1; 2"]),
    ],
)
def test_bold_type_elsewhere_names_no_columns(table: str, expected: list[str]) -> None:
    assert rows(f"<table><tr>{table}</table>") == expected


def test_an_empty_corner_and_a_bold_last_row_leave_the_columns_their_names() -> None:
    assert rows("<table><tr><td><td><b>Test</b><td><b>Prod</b><tr><td>Port<td>1<td>2</table>") == [
        "Port; Test: 1; Prod: 2"
    ]
    assert rows("<table><tr><td><b>Tool</b><td><b>Seats</b><tr><td>a<td>3<tr><td><b>All</b><td><b>3</b></table>") == [
        "Tool: a; Seats: 3",
        "Tool: All; Seats: 3",
    ]


@pytest.mark.parametrize(
    "table",
    [
        "<tr><td><b>Owner</b><td>Team Tern<tr><td><strong>Review:</strong><td>each <b>May</b>",
        "<tr><th>Owner<td>Team Tern<tr><td><b>Review</b><td>each May",
        "<thead><tr><th><th></thead><tr><td><b>Owner</b><td>Team Tern<tr><td><b>Review</b><td>each May",
    ],
)
def test_a_first_column_in_bold_type_names_the_rows_of_two_columns(table: str) -> None:
    assert rows(f"<table>{table}</table>") == ["Owner: Team Tern", "Review: each May"]


def test_a_single_pair_with_a_bold_name_is_a_row() -> None:
    assert rows("<table><tr><td><b>Owner</b><td>Team Tern</table>") == ["Owner: Team Tern"]


def test_a_bold_first_row_over_parts_of_a_page_is_no_header() -> None:
    page = parse("<table><tr><td><b>News</b><td><b>Dates</b><tr><td><h3>One</h3>text<td>two</table>")
    assert texts(page) == ["News", "Dates", "One", "text", "two"]


def test_a_row_and_a_header_too_short_for_a_quote_are_quoted_with_their_tags() -> None:
    page = parse(
        "<h1>Ports of the relay</h1><p>They are open.</p><table><tr><th>Env</th><th>Port</th></tr>\n"
        "<tr><td>test</td><td>80</td></tr>\n<tr><td>live</td><td>81</td></tr></table>"
    )
    row, header = page.blocks[-1], page.blocks[-1].header
    assert header is not None
    assert quotes(page, row) == ["live</td><td>81</td>"]
    assert page.text[header.start : header.end] == "Env</th><th>Port</th>"
    candidate = extract_candidates(page)[-1]
    assert candidate.text == "Env: live; Port: 81"
    assert verify_claim(candidate.claim_text, candidate.citations, {page.source: page}).support == "supported"


@pytest.mark.parametrize(
    "table",
    [
        "<table><tr><td><p>one</p></td><td>two</td></tr></table>",
        "<table><tr><td>one<tr><td>two</table>",
        "<table role=presentation><tr><td>one</td></tr><tr><td>two</td></tr></table>",
        "<table><tr><td><h3>one</h3><td><tr><td>two<td></table>",
    ],
)
def test_a_table_that_lays_the_page_out_is_read_as_blocks(table: str) -> None:
    page = parse(table)
    assert texts(page) == ["one", "two"]
    assert "table_row" not in {block.kind for block in page.blocks}


def test_a_table_of_headers_alone_is_a_row() -> None:
    assert rows("<table><tr><th>One<th>Two</table>") == ["One | Two"]


def test_text_between_the_rows_of_a_broken_table_keeps_the_order_of_the_page() -> None:
    page = parse("<table><tr><th>A<td>one</td> loose </tr><tr><th>B<td>two</table>")
    assert texts(page) == ["A: one", "loose", "B: two"]


def test_a_pages_own_properties_stay_statements() -> None:
    page = parse("<div class=plugin-tabmeta-details><table><tr><th>Owner<td>Team Kelp<tr><th>Tier<td>2</table></div>")
    assert texts(page) == ["Owner: Team Kelp", "Tier: 2"]


# -- title and headings ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("<title>Site - x</title><main><h1>Own <b>title</b></h1><p>a", "Own title"),
        ("<title>Rotate keys - Wiki</title><ol class=breadcrumb><li>Wiki<li>Ops</ol><main><p>a", "Rotate keys"),
        ("<title>Rotate keys | Wiki</title><main><h2>a</h2><p>a", "Rotate keys | Wiki"),
        ("<title>Rotate keys \u2013 Confluence</title><h1 id=title-text>Rotate keys</h1><main><p>a", "Rotate keys"),
        ("<title>Runbook - Ops</title><main><h1>One</h1><p>a<h1>Two</h1><p>b", "Runbook - Ops"),
        ("<title>One - Ops</title><main><h1>One</h1><p>a<h1>Two</h1><p>b", "One"),
        ("<meta property='og:title' content='Shared &amp; told'><p>a", "Shared & told"),
        ("<p>a", "page"),
    ],
)
def test_the_title_comes_from_heading_title_element_or_file_name(text: str, title: str) -> None:
    page = parse(text)
    assert page.title == title
    assert all(block.heading_path[0] == title for block in page.blocks)


def test_headings_nest_by_level_below_the_title() -> None:
    page = parse("<main><h1>T</h1><p>a</p><h2>U</h2><p>b</p><h4>V</h4><p>c</p><h3>W</h3><p>d</p></main>")
    paths = [block.heading_path for block in page.blocks if block.kind == "paragraph"]
    assert paths == [("T",), ("T", "U"), ("T", "U", "V"), ("T", "U", "W")]


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        (html_pages.WIKI_EXPORT, {"author": "Ilse Brandvik", "modified": "Mar 03, 2026"}),
        (html_pages.ENCYCLOPEDIA, {"modified": "2 May 2026"}),
        (html_pages.DOCS_SITE, {"modified": "2 January 2026"}),
        (
            "<div class=page-metadata>Created by A B on 1 May 2024, last modified by C on May 2, 2026</div>",
            {"author": "A B", "editor": "C", "modified": "May 2, 2026"},
        ),
        (
            "<meta name=author content='A &amp; B'><meta property='article:modified_time' content=2026-01-02>",
            {"author": "A & B", "modified": "2026-01-02"},
        ),
        ("<p>Last updated on 3 May", {}),
        ("<table><tr><th>Owner<td>A<tr><th>Status<td>b</table>", {}),
        ("<div class=plugin-tabmeta-details><table><tr><th>Status<td>RETIRED<tr><th>a<td>b</table></div>", {}),
        (
            "<div class=plugin-tabmeta-details><table><tr><th>Owner:<td>A <a>B</a><tr><td>Reviewed<td>1 May 2026",
            {"owner": "A B", "last_reviewed": "1 May 2026"},
        ),
    ],
)
def test_who_wrote_a_page_and_when_is_kept_beside_it(text: str, facts: dict[str, str]) -> None:
    assert dict(parse(text).meta) == facts


# -- main content ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "container",
    [
        "<main>{}</main>",
        "<div role=main>{}</div>",
        "<article>{}</article>",
        "<div id=main-content class='wiki-content'>{}</div>",
        "<div id=mw-content-text><div class=mw-parser-output>{}</div></div>",
        "<div class='markdown-body'>{}</div>",
        "<div class=rst-content><div itemprop=articleBody>{}</div></div>",
        "<div class=md-content>{}</div>",
        "<div class=document>{}</div>",
        "<div id=content>{}</div>",
        "<div><div><h2>How</h2>{}</div></div>",
    ],
)
def test_the_main_content_is_found(container: str) -> None:
    prose = "<p>The job runs at night and tells the channel what it did. It needs no hand.</p>" * 3
    menu = "<div><a href=a>Home</a> <a href=b>All pages</a></div>"
    page = parse(f"<body>{menu}{container.format(prose)}<div>Imprint</div></body>")
    assert {text for text in texts(page) if text != "How"} == {
        "The job runs at night and tells the channel what it did. It needs no hand."
    }


def test_an_empty_main_element_is_not_the_main_content() -> None:
    assert texts(parse("<main></main><div><p>The app puts its text here.</p></div>")) == ["The app puts its text here."]


def test_several_bodies_of_equal_rank_are_all_read() -> None:
    assert texts(parse("<div class=markdown-body>One.</div><p>x</p><div class=markdown-body>Two.</div>")) == [
        "One.",
        "Two.",
    ]


def test_what_share_was_left_out_is_told() -> None:
    finding = findings("<nav>12345</nav><main><p>67890</p></main>")["boilerplate"]
    assert finding.severity == "info"
    assert finding.message.startswith("50%")


def test_a_page_of_links_alone_is_doubted() -> None:
    assert findings("<div><a href=a>One</a><a href=b>Two</a></div>")["no-main-content"].severity == "warning"


def test_a_page_without_text_is_told() -> None:
    assert "no-text" in findings("<html><body><script>x</script></body></html>")
    assert "no-text" in findings("")


# -- saved pages -------------------------------------------------------------------------------------------------------


def test_a_wiki_export_gives_its_content_and_nothing_around_it() -> None:
    page = parse(html_pages.WIKI_EXPORT)
    assert page.title == "Nightly ledger load"
    assert texts(page) == [
        "Before you start",
        "The load runs in Cirrus at 02:30 UTC. Its service account is `svc-ledger` & its key is rotated every 90 days.",
        "Month end: Never restart the load between 23:00 and 01:00.",
        "Steps",
        "Open the run in Cirrus.",
        "Choose Rerun from failed.",
        "Wait for the `ledger_ready` event.",
        "It takes 12 minutes.",
        "Tell the finance channel.",
        "Close the incident.",
        "rerun.sh:",
        'cirrus login --role loader\ncirrus rerun ledger --from failed && echo "done"',
        "Owner: Team Tallow owns this load.",
        "Old runs are kept 30 days.",
        "Stage: Extract; Trigger: cron; Limit: 20 min",
        "Stage: Extract; Trigger: webhook; Limit: 5 min",
        "Stage: Publish; Trigger: by hand, after review; Limit: by hand, after review",
        "LIVE",
    ]
    assert {block.heading_path for block in page.blocks} == {
        ("Nightly ledger load", "Before you start"),
        ("Nightly ledger load", "Steps"),
    }


def test_an_encyclopedia_page_keeps_notice_box_and_infobox() -> None:
    page = parse(html_pages.ENCYCLOPEDIA)
    assert page.title == "Gantry (deploy tool)"
    assert texts(page) == [
        "This page is deprecated. Use Derrick for new services.",
        "Gantry",
        "Owner: Team Bollard",
        "Credentials: Vault path `kv/gantry`",
        "Gantry deploys services from the main branch. It asks Lantern for approval.",
        "Use",
        "gantry plan --env staging\ngantry apply",
        "plan: Shows what would change. It needs no rights.",
        "apply: Changes it.",
        "References",
        "Deploy handbook, chapter 4.",
    ]


def test_an_intranet_page_in_capitals_is_read_without_its_furniture() -> None:
    page = parse(html_pages.INTRANET)
    assert page.title == "Access requests"
    assert texts(page) == [
        "Access requests",
        "Ask for access in Turnstile. A manager approves it within 2 working days.",
        "Access ends after 180 days unless it is renewed.",
        "Roles",
        "Reader: Sees dashboards.",
        "Writer: Changes pipelines.",
        "Contractors need a sponsor.",
        "The approval path.",
        "What if nobody approves? Write to the access desk.",
        "Use the web form.",
    ]


def test_a_documentation_site_keeps_code_without_line_numbers_and_admonitions() -> None:
    page = parse(html_pages.DOCS_SITE)
    assert page.title == "Back up the registry"
    assert texts(page)[1:] == [
        "The registry is backed up to Kelp each night.",
        "Warning: Stop the mirror first.",
        "Feedback",
        "Send feedback to the platform team:",
        'kelp push --bucket "reg"\nkelp verify',
        "Bucket: `reg`; Days: 35",
        "Check the size.",
    ]


def test_a_page_saved_by_a_browser_is_read_without_scripts_and_styles() -> None:
    page = parse(html_pages.SAVED_COMPLETE)
    assert texts(page) == [
        "On-call rota",
        "The rota changes on Monday at 09:00. Hand over in the #harbour channel.",
        "Page the second line after 15 minutes.",
        "Escalate to the duty manager after 45 minutes.",
        "Holidays",
        "Swap shifts two weeks ahead.",
    ]


def test_a_page_without_a_container_loses_only_its_links() -> None:
    page = parse(html_pages.NO_CONTAINER)
    assert texts(page) == [
        "Rotate the signing key",
        "The key signs every release. Rotate it in March and in September.",
        "Stop the `signer` job.",
        "Run `sign-ctl rotate`.",
        "Start the job.",
    ]


def test_broken_markup_loses_no_words() -> None:
    page = parse(html_pages.BROKEN)
    assert texts(page) == [
        "One < line and a half word &\u00a9 end.",
        "cell",
        "A: 1; B: 2",
        "rest",
        "x",
        "After \u2013 all & sundry <3 &bogus; link",
        "tail of the text. raw & <b>",
    ]


@pytest.mark.parametrize("name", sorted(html_pages.ALL))
def test_claims_of_saved_pages_are_supported_word_for_word(name: str) -> None:
    page = parse(html_pages.ALL[name])
    candidates = extract_candidates(page)
    assert len(candidates) >= min(3, len(page.blocks) // 3)
    for candidate in candidates:
        verdict = verify_claim(candidate.claim_text, candidate.citations, {page.source: page})
        assert verdict.support == "supported", (candidate, verdict)


# -- limits ------------------------------------------------------------------------------------------------------------


def test_what_follows_unclosed_markup_is_told() -> None:
    finding = findings("<p>one</p>\n<p>two</p>\n<!-- no end <p>three</p>")["cut-markup"]
    assert finding.line == 3
    assert texts(parse("<p>one</p>\n<p>two</p>\n<!-- no end <p>three</p>")) == ["one", "two"]


def test_deep_nesting_is_read_and_told() -> None:
    text = "<div>" * 20_000 + "<p>deep inside the page</p>" + "</div>" * 20_000
    page, found = parse_html(SourceFile(source="page.html", text=text, sha256="0" * 64))
    assert texts(page) == ["deep inside the page"]
    assert str(MAX_DEPTH) in found[0].message


def test_a_page_of_too_many_elements_is_read_up_to_the_limit() -> None:
    tree = read_tree("<p>one</p><p>two</p><p>three</p>", max_elements=2)
    assert tree.too_large == len("<p>one</p><p>two</p>")
    assert tree.soup.get_text() == "onetwo"


@pytest.mark.parametrize(
    "trap",
    [
        "<!--" * 50_000,
        "<!-- " * 50_000 + "-->",
        "<a " * 50_000,
        "<a b='" * 50_000,
        "<a b=\"'" * 50_000,
        "&" * 100_000,
        "&#" * 100_000,
        "<p>" + "&ampx" * 40_000,
        "<![CDATA[" * 50_000,
        "<?" * 50_000,
        "</" * 50_000,
        "<script>" * 50_000,
        "<title>" * 5_000,
        "<br>" * 5_000 + "</p>" * 5_000,
        "<p title='" + "x" * 1_000_000 + "'>y",
        "<p " + "a=b " * 200_000 + ">y",
        "<table>" + "<tr><td rowspan=60000>a" * 1_000,
        "<table>" + "<tr><td colspan=60000>a<td>b" * 1_000,
        "<table><tr><td>a<td>" * 1_000,
        "<table><tr><th>a<td>b" * 1_000,
        "<table><tr><th>a<td>" + "<td><table><tr><th>b<td>c<tr><th>d<td>e</table>" * 4_000,
        "<table><tr><th>a<td>" + "<table><tr><th>b<td>c<tr><th>d<td>e</table>" * 4_000,
        "<table><tr><td><b>" + "<i></i>" * 100_000 + "a</b><td><b>b</b><tr><td>1<td>2</table>",
        "<p>" + "x" * 1_000_000,
        "<h1>" + "x " * 200_000,
        "<p>" + "<code>`" * 5_000,
        "<dl>" + "<dt>a" * 5_000,
    ],
    ids=lambda trap: trap[:24],
)
def test_odd_pages_are_read_in_bounded_time(trap: str) -> None:
    assert_time_follows_length(parse, trap)


# -- what is shown -----------------------------------------------------------------------------------------------------


def shown(text: str) -> str:
    return parse(text).shown(0, len(text))


@pytest.mark.parametrize("name", sorted(BLOCKS - VOID - {"[document]", "xmp"}))
def test_tags_that_part_words_part_them_in_what_is_shown(name: str) -> None:
    assert shown(f"one<{name}>two</{name} >three<{name.upper()} title='a'>four").split() == [
        "one",
        "two",
        "three",
        "four",
    ]


def test_cells_stand_in_one_line_and_inline_tags_part_nothing() -> None:
    assert shown("<table><tr><td>READ</td><td>line lead</td></tr>\n<tr><td>x<td>1<br>2</table>") == (
        "READ line lead\nx 1\n2"
    )
    assert (
        shown("de<b>plo</b>y<code>-a</code><td-x>b</td-x><p-x>c</p-x><span>d</span><a href=x>e</a>") == "deploy-abcde"
    )
