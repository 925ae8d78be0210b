"""What holds for every HTML page, however odd its markup is."""

from __future__ import annotations

import html
import itertools
import re

import html_pages
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from skillgen.chunk import chunk_page
from skillgen.extract import extract_candidates
from skillgen.model.corpus import Block, Page, SourceFile
from skillgen.parse.html import parse_html
from skillgen.verify import verify_claim

TAGS = """
    <p> </p> <P\tCLASS="a>b"> <div> </div> <b> </b> <I> </i> <code> </code> <a\thref='x>y'> </a> <br> <BR/> <hr>
    <ul> <ol> </ul> <li> </li> <dl> <dt> <dd> </dl> <h1> </h1> <H2> </h2> <h3 id=h> </h3>
    <table> </table> <tr> <td> <td\trowspan=2> <td\tcolspan=3> <th> </td> </tr> <thead> <tbody> <caption>
    <pre> </pre> <blockquote> </blockquote> <section> </section> <main> </main> <article> <details> <summary> </summary>
    <body> <html> <head> <span/> <p/> </bogus> <x-y> </x-y> <!doctype\thtml>
    &amp; &amp &#x2013; &nbsp; &nbsp &copy &notit; &bogus; &#0; &#999999999; & && &; &# &#x &lt;b&gt; &shy; \u00ad
    <!-- --> <!--x--> <!-- a>b --> <!---> --!> <![CDATA[ ]]> <![CDATA[a&b]]> <? > <! < << </ </> " ' = `
    One two three. Four 42 90 kv/app \u00fcber de<!--x-->ploy 1<b>2</b>3 a_b Run must not never only
"""
WHITE = [" ", "\n", "\r\n", "\r", "\t", "\f", "\0", "\ufeff", "\u2028", "\u200b", "\xa0", "\x1c", ". ", ": "]
BITS = st.sampled_from([*TAGS.split(), *WHITE])
soup = st.lists(BITS, max_size=60).map("".join)
spaced_soup = st.lists(BITS, max_size=60).map(" ".join)
anything = soup | spaced_soup | st.text(max_size=200)

_MARKUP = re.compile(
    r"""<!-->|<!--->|<!--.*?--!?>|<!\[CDATA\[(?P<literal>.*?)\]\]>
    |</?[A-Za-z][^ \t\n\r\f/>]*(?:[^>=]|=[ \t\n\r\f]*(?:"[^"]*"|'[^']*')?)*>
    |<[!?][^>]*>|</(?=.)[^>]*>|(?P<text>[^<]+|<)""",
    re.VERBOSE | re.DOTALL,
)


def visible(text: str, start: int, end: int) -> str:
    """Return what a reader sees of a part of raw HTML without scripts, without white space: an oracle of its own."""
    parts = []
    for match in _MARKUP.finditer(text):
        for group, decode in (("literal", str), ("text", html.unescape)):
            if match[group] is not None:
                parts.append(decode(text[max(start, match.start(group)) : max(start, min(end, match.end(group)))]))
    return squeezed("".join(parts))


def squeezed(text: str) -> str:
    return "".join(text.split())


def without_marks(text: str) -> str:
    """Return the text without what a parser may add: backticks, and colons or commas of lead-ins."""
    return re.sub(r"[`:,]", "", squeezed(text))


def parse(text: str) -> Page:
    return parse_html(SourceFile(source="folder/page.html", text=text, sha256="0" * 64))[0]


def check_structure(page: Page) -> None:
    headings = {block.spans[0].text for block in page.blocks if block.kind == "heading"} | {page.title}
    for block in page.blocks:
        assert 0 <= block.start < block.end <= len(page.text)
        assert block.spans
        assert block.spans[0].start >= block.start
        assert block.spans[-1].end <= block.end
        assert all(span.start < span.end for span in block.spans)
        assert all(a.end <= b.start for a, b in itertools.pairwise(block.spans))
        assert block.heading_path[0] == page.title
        assert set(block.heading_path) <= headings
        assert block.kind not in ("heading", "table_row", "code") or len(block.spans) == 1
        assert block.header is None or 0 <= block.header.start < block.header.end <= block.start
    assert all(a.end <= b.start for a, b in itertools.pairwise(page.blocks))


def check_texts(page: Page) -> None:
    for block in page.blocks:
        for span in block.spans:
            raw = page.text[span.start : span.end]
            assert re.sub(r"\s", "", raw)
            if block.kind != "table_row":
                assert without_marks(span.text) == without_marks(visible(page.text, span.start, span.end))


def check_use(page: Page) -> None:
    chunks = chunk_page(page)
    held = [block for block in page.blocks if block.kind != "heading"]
    assert all(any(c.start <= block.start < c.end for c in chunks) for block in held)
    for candidate in extract_candidates(page):
        for citation in candidate.citations:
            assert page.text[citation.start : citation.end] == citation.quote
        verdict = verify_claim(candidate.claim_text, candidate.citations, {page.source: page})
        assert verdict.support != "unsupported", (candidate, verdict)


@settings(deadline=None, max_examples=300)
@given(text=anything)
@example(text="<p>a<!--")
@example(text="&#0;&#x110000;&#xD800;&#;&#x;")
@example(text="<table><tr><td>a<table><tr><th>b<th>c<tr><td>d<td>e</table>f<td>g")
def test_blocks_and_spans_stand_in_order_and_in_the_text(text: str) -> None:
    check_structure(parse(text))


@settings(deadline=None, max_examples=300)
@given(text=soup | spaced_soup)
@example(text="<p>de<!--x-->ploy &amp<b>more</b>&#x2013;</p>")
@example(text="<p>One <code>two</p><p>three</code> four")
@example(text="<code> <code>a`b</code> ")
def test_a_spans_text_is_what_a_reader_sees_of_its_raw_text(text: str) -> None:
    check_texts(parse(text))


@settings(deadline=None, max_examples=150)
@given(text=anything)
def test_claims_of_any_page_stand_on_their_quotes(text: str) -> None:
    check_use(parse(text))


@pytest.mark.parametrize("name", sorted(html_pages.ALL))
def test_saved_pages_keep_every_promise(name: str) -> None:
    page = parse(html_pages.ALL[name])
    check_structure(page)
    if "<script" not in page.text:
        check_texts(page)
    check_use(page)


@pytest.mark.parametrize("newline", ["\r\n", "\r", "\n\n", " \n"])
@pytest.mark.parametrize("name", sorted(html_pages.ALL))
def test_line_ends_change_offsets_but_no_words(name: str, newline: str) -> None:
    page, changed = parse(html_pages.ALL[name]), parse("\ufeff" + html_pages.ALL[name].replace("\n", newline))
    texts = [[squeezed(span.text) for span in block.spans] for block in page.blocks]
    assert [[squeezed(span.text) for span in block.spans] for block in changed.blocks] == texts
    check_structure(changed)


# -- pages whose words are known ---------------------------------------------------------------------------------------


def _entities(word: str) -> str:
    return "".join(f"&#{ord(c)};" if i % 2 else f"&#x{ord(c):X};" for i, c in enumerate(word))


_DRESSES = (
    str,
    _entities,
    lambda word: f"{word[:1]}<!-- no -- words > here -->{word[1:]}",
    lambda word: f"<b>{word}</b>",
    lambda word: f"{word[:1]}<SPAN\ttitle='>'>{word[1:]}</SPAN\t>",
    lambda word: f"<![CDATA[{word}]]>",
    lambda word: f"{word}<!---->",
    lambda word: f"<i>{word}",
)
words = st.text("abcdefghij\u00e9\u00df", min_size=2, max_size=6)


@st.composite
def dressed(draw: st.DrawFn) -> tuple[str, list[str]]:
    """Return words as odd HTML, and the words."""
    plain = draw(st.lists(words, min_size=1, max_size=5))
    gaps = st.sampled_from([" ", "\n", "\r\n", "\t", "&nbsp;", "<br>", " <!-- x --> ", "&#32;", "\u2028"])
    raw = "".join(draw(gaps) + draw(st.sampled_from(_DRESSES))(word) for word in plain)
    return raw, plain


@st.composite
def documents(draw: st.DrawFn) -> tuple[str, list[str]]:
    """Return a page and the words of it that a reader sees, in order."""
    frames = (
        "<p>{}</p>",
        "<P>{}",
        "<div>{}</div>",
        "<ul><li>{}<li>{}</ul>",
        "<ol><li>{}<ul><li>{}</ul></ol>",
        "<pre>{}</pre>",
        "<PRE>\n{}\n{}</PRE>",
        "<h2>{}</h2>",
        "<blockquote>{}<p>{}</blockquote>",
        "<dl><dt>{}<dd>{}</dl>",
        "<section>{}<p>{}</p></section>",
        "<table role=presentation><tr><td>{}<td><p>{}</table>",
        "<nav>no</nav>{}<script>no <p> no</script>",
        "<details><summary>{}</summary>{}</details>",
        "<p hidden>no</p>{}<style>p > b</style>",
    )
    body: list[str] = []
    seen: list[str] = []
    for frame in draw(st.lists(st.sampled_from(frames), max_size=8)):
        parts = [draw(dressed()) for _ in range(frame.count("{}"))]
        body.append(frame.format(*(raw for raw, _ in parts)))
        seen.extend(word for _, plain in parts for word in plain)
    return f"<!DOCTYPE html><title>t</title><body><main>{draw(st.sampled_from(['', chr(10)])).join(body)}</main>", seen


@settings(deadline=None, max_examples=200)
@given(document=documents())
def test_every_visible_word_is_read_once_and_in_order(document: tuple[str, list[str]]) -> None:
    text, expected = document
    page = parse(text)
    read = " ".join(span.text for block in page.blocks for span in block.spans)
    assert re.findall(r"\w+", read) == expected
    check_structure(page)


@settings(deadline=None, max_examples=100)
@given(rows=st.lists(st.lists(dressed(), min_size=2, max_size=3), min_size=2, max_size=5))
def test_every_cell_of_a_table_is_read(rows: list[list[tuple[str, list[str]]]]) -> None:
    head = "".join(f"<th>{raw}" for raw, _ in rows[0])
    body = "".join("<tr>" + "".join(f"<td>{raw}" for raw, _ in row) for row in rows[1:])
    page = parse(f"<table><tr>{head}{body}</table>")
    assert len(page.blocks) == len(rows) - 1
    for block, row in zip(page.blocks, rows[1:], strict=True):
        _row_is_read(block, rows[0], row)


def _row_is_read(block: Block, head: list[tuple[str, list[str]]], row: list[tuple[str, list[str]]]) -> None:
    assert block.kind == "table_row"
    assert block.header is not None
    said = re.findall(r"\w+", block.spans[0].text)
    assert [word for _, plain in row for word in plain if word not in said] == []
    named = re.findall(r"\w+", block.header.text)
    assert [word for _, plain in head for word in plain if word not in named] == []
