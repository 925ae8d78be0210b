"""What holds for every page: offsets, order, chunks, quotes and verdicts; and no shape of page takes for ever."""

from __future__ import annotations

import html
import importlib.util
import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pytest
from growth import assert_time_follows_length
from hypothesis import given
from hypothesis import strategies as st

from skillgen.chunk import chunk_page
from skillgen.extract import extract_candidates
from skillgen.model.corpus import Block, Page, Span
from skillgen.parse import parse_markdown
from skillgen.verify import verify_claim
from skillgen.words import hard_tokens


def _load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, Path(__file__).parent / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


if TYPE_CHECKING:
    import strategies
else:
    strategies = _load("strategies")


def _parsed(text: str) -> Page:
    page, _ = parse_markdown(strategies.source(text))
    return page


def _is_subsequence(small: str, large: str) -> bool:
    rest = iter(large)
    return all(char in rest for char in small)


def _visible(text: str) -> str:
    return re.sub(r"\s+|[\ufffd\0]", "", text)


@strategies.EVIDENCE
@given(strategies.PAGES)
def test_blocks_and_spans_lie_in_the_text_in_order_and_apart(text: str) -> None:
    page = _parsed(text)
    assert page.text == text
    cursor = 0
    for block in page.blocks:
        assert cursor <= block.start < block.end <= len(text)
        inner = block.start
        for span in block.spans:
            assert inner <= span.start < span.end <= block.end
            assert span.text == span.text.strip() != ""
            inner = span.end
        cursor = block.end


@strategies.EVIDENCE
@given(strategies.PAGES)
def test_what_a_span_shows_stands_in_its_raw_slice(text: str) -> None:
    page = _parsed(text)
    for block in page.blocks:
        for span in block.spans:
            raw = text[span.start : span.end]
            if block.header:
                continue  # the names of the columns stand in the header, which a row cites as well
            assert _is_subsequence(_visible(span.text), _visible(html.unescape(raw)) + _visible(raw)), (span, raw)


@strategies.EVIDENCE
@given(strategies.PAGES)
def test_a_heading_path_is_the_title_and_headings_above(text: str) -> None:
    page = _parsed(text)
    above: list[str] = []
    for block in page.blocks:
        if block.kind == "heading" and block.spans:
            above.append(block.spans[0].text)
        assert block.heading_path[0] == page.title
        assert all(part in above for part in block.heading_path[1:])


@strategies.EVIDENCE
@given(strategies.PAGES)
def test_parsing_twice_gives_the_same(text: str) -> None:
    assert _parsed(text) == _parsed(text)


@strategies.EVIDENCE
@given(strategies.odd_markdown(newlines=st.just("\n")))
def test_line_ends_change_no_block(text: str) -> None:
    text = text.replace("\r\n", "\n").replace("\r", "\n")

    def shapes(page: Page) -> list[tuple[str, tuple[str, ...], list[str]]]:
        return [(b.kind, b.heading_path, [span.text for span in b.spans]) for b in page.blocks]

    expected = shapes(_parsed(text))
    assert shapes(_parsed(text.replace("\n", "\r\n"))) == expected
    assert shapes(_parsed(text.replace("\n", "\r"))) == expected


def _lines_of(text: str, start: int, end: int) -> tuple[int, int]:
    def line(offset: int) -> int:
        return len(re.findall(r"\r\n|\r(?!\n)|(?<!\r)\n", text[:offset])) + 1

    return line(start), line(end - 1)


@strategies.EVIDENCE
@given(strategies.PAGES)
def test_chunks_hold_every_span_once_and_know_where_they_are(text: str) -> None:
    page = _parsed(text)
    chunks = chunk_page(page, max_chars=80)
    cursor = 0
    for chunk in chunks:
        assert cursor <= chunk.start < chunk.end
        assert chunk.text.endswith(text[chunk.start : chunk.end])  # a chunk of rows has its header before it
        if "\r\n" not in text:
            assert chunk.lines == _lines_of(text, chunk.start, chunk.end)
        assert {b.heading_path for b in page.blocks[chunk.first_block : chunk.last_block + 1]} == {chunk.heading_path}
        cursor = chunk.end
    assert len({chunk.chunk_id for chunk in chunks}) == len(chunks)
    for block in page.blocks:
        if block.kind not in ("heading", "code"):
            for span in block.spans:
                assert sum(c.start <= span.start and span.end <= c.end for c in chunks) == 1


@strategies.EVIDENCE
@given(strategies.PAGES)
def test_a_chunk_is_too_long_only_where_one_span_is(text: str) -> None:
    page = _parsed(text)
    for chunk in chunk_page(page, max_chars=80):
        if len(chunk.text) > 80:
            blocks = page.blocks[chunk.first_block : chunk.last_block + 1]
            spans = [s for b in blocks for s in b.spans if chunk.start <= s.start < chunk.end]
            assert len(blocks) == 1
            assert len(spans) == 1


@strategies.EVIDENCE
@given(strategies.PAGES)
def test_text_under_another_heading_changes_no_chunk_id(text: str) -> None:
    before = {c.chunk_id for c in chunk_page(_parsed("# Guide\n\nFirst words.\n\n# Two\n\nOther words.\n"))}
    added = "# Guide\n\nFirst words.\n\n# Two\n\nOther words.\n\n# Appended\n\n" + text.replace("\0", "")
    page = _parsed(added)
    if page.title == "Guide":
        assert before <= {c.chunk_id for c in chunk_page(page)}


@strategies.EVIDENCE
@given(strategies.PAGES)
def test_every_candidate_is_within_bounds_quoted_and_supported(text: str) -> None:
    page = _parsed(text)
    for candidate in extract_candidates(page):
        assert candidate.text
        assert len(candidate.claim_text.split()) <= 60
        assert 1 <= len(candidate.citations) <= 6
        assert sum(len(citation.quote) for citation in candidate.citations) <= 1600
        for citation in candidate.citations:
            assert text[citation.start : citation.end] == citation.quote
            assert citation.quote == citation.quote.strip()
            may_be_long = candidate.kind in ("table_row", "code") or "`" in candidate.text
            assert 20 <= len(citation.quote) <= (1600 if may_be_long else 400)
        verdict = verify_claim(candidate.claim_text, candidate.citations, {page.source: page})
        assert verdict.support in ("supported", "partial"), (candidate, verdict)


# -- time --------------------------------------------------------------------------------------------------------------


def _fill(piece: str, size: int) -> str:
    return (piece * (size // len(piece) + 1))[:size]


def _blocks_of(piece: str, block: int, size: int) -> str:
    return "\n\n".join([_fill(piece, block)] * (size // block))


SHAPES: dict[str, Callable[[int], str]] = {
    "prose": lambda n: _fill("The worker reads the queue every five minutes and stores it. ", n),
    "abbreviations": lambda n: _fill("e.g. ", n),
    "one word": lambda n: "a" * n,
    "asterisks": lambda n: _fill("*a ", n),
    "brackets": lambda n: _fill("[a ", n),
    "links": lambda n: _fill("[a](b) ", n),
    "backticks": lambda n: _fill("``a` ", n),
    "angle brackets": lambda n: _fill("<a ", n),
    "comments": lambda n: _fill("x <!-- ", n),
    "scripts": lambda n: _fill("<script>x", n),
    "table row": lambda n: "| a | b |\n|---|---|\n" + _fill("| x y ", n),
    "wide table": lambda n: _fill("| a ", n // 3) + "|\n" + _fill("|---", n // 3) + "|\n" + _fill("| x ", n // 3) + "|",
    "table rows": lambda n: "| a | b |\n|---|---|\n" + _fill("| x one | y two |\n", n),
    "code block": lambda n: "```\n" + _fill("x = y + 1\n", n) + "```\n",
    "code line": lambda n: "```\n" + "x" * n + "\n```\n",
    "html block": lambda n: "<div>" + _fill("<p>The worker reads it.</p>", n) + "</div>",
    "block quotes": lambda n: _fill("> " * 200 + "a\n\n", n),
    "nested lists": lambda n: _fill("- " * 200 + "a\n\n", n),
    "list items": lambda n: "- do step one and wait\n" * min(n // 23, 200_000),
    "headings": lambda n: "".join(f"# Heading {i}\n\nText {i} stands here.\n\n" for i in range(min(n // 35, 100_000))),
    "long lines": lambda n: _fill("The worker reads the queue\n", n),
    "paragraphs": lambda n: _fill("The worker reads the queue. It writes to the store.\n\n", n),
    "lead-ins": lambda n: _fill("Do this:\n\n- step one\n\n", n),
    "marked paragraphs": lambda n: _blocks_of("*a [b `c ", 20_000, n),
    "heading word": lambda n: "# " + "a" * n + "\n\nThe worker reads the queue every minute.\n",
    "front matter": lambda n: "---\n" + _fill("a: b\n", n),
    "front matter depth": lambda n: "---\n" + "[" * 49_000 + "\n---\n" + _fill("The worker. ", n),
}
QUICK = ("prose", "asterisks", "brackets", "one word", "comments", "scripts", "table row", "html block", "block quotes")


def _whole(text: str) -> None:
    page = _parsed(text)
    chunk_page(page)
    extract_candidates(page)


@pytest.mark.parametrize("shape", QUICK)
def test_time_to_read_any_shape_follows_the_length(shape: str) -> None:
    assert_time_follows_length(_whole, SHAPES[shape](1_000_000))


@pytest.mark.long
@pytest.mark.parametrize("shape", SHAPES)
def test_time_to_read_five_megabytes_of_any_shape_follows_the_length(shape: str) -> None:
    assert_time_follows_length(_whole, SHAPES[shape](5_000_000))


@strategies.EVIDENCE
@given(strategies.PAGES)
def test_hard_tokens_of_a_candidate_stand_in_its_quotes_or_headings(text: str) -> None:
    page = _parsed(text)

    def letters(piece: str) -> str:
        return re.sub(r"[\W_]+", "", piece.casefold())

    for candidate in extract_candidates(page):
        parts = [part for c in candidate.citations for part in (*c.heading_path, c.quote)]
        ground = letters(" ".join(parts)) + letters(html.unescape(" ".join(parts)))
        shown = letters(
            " ".join(span.text for block in page.blocks for span in _cited(block, candidate.start, candidate.end))
        )
        tokens = [*hard_tokens(candidate.lead), *hard_tokens(candidate.text)]  # a lone backtick may stand in either
        assert all(letters(token) in ground or letters(token) in shown for token in tokens)


def _cited(block: Block, start: int, end: int) -> list[Span]:
    return [span for span in block.spans if start <= span.start and span.end <= end]
