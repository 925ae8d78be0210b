"""Chunks: runs of blocks under one heading path."""

from __future__ import annotations

from skillgen.chunk import chunk_page
from skillgen.model.corpus import Page, SourceFile
from skillgen.parse import parse_markdown


def _page(text: str) -> Page:
    return parse_markdown(SourceFile(source="a.md", text=text, sha256="0"))[0]


def test_blocks_stay_together_while_they_fit_and_never_cross_a_heading() -> None:
    page = _page("# Guide\n\nOne.\n\nTwo.\n\n## Part\n\nThree.\n")
    assert [(c.heading_path, c.text, c.lines) for c in chunk_page(page)] == [
        (("Guide",), "One.\n\nTwo.", (3, 5)),
        (("Guide", "Part"), "Three.", (9, 9)),
    ]


def test_a_long_paragraph_is_cut_between_sentences() -> None:
    page = _page("# G\n\n" + "The worker reads the queue. " * 10)
    chunks = chunk_page(page, max_chars=60)
    assert len(chunks) == 5
    assert all(len(c.text) <= 60 and c.text.strip().endswith(".") for c in chunks)


def test_a_long_code_block_is_cut_between_lines_with_any_line_end() -> None:
    for newline in ("\n", "\r\n", "\r"):
        page = _page(newline.join(["```", *[f"run step number {i}" for i in range(10)], "```"]))
        for chunk in chunk_page(page, max_chars=50):
            assert len(chunk.text) <= 50
            assert chunk.text.strip().startswith("run step")


def test_the_same_text_twice_has_two_ids_and_a_page_of_images_none() -> None:
    page = _page("# G\n\n## A\n\nSame.\n\n## A\n\nSame.\n")
    assert len({c.chunk_id for c in chunk_page(page)}) == 2
    assert chunk_page(_page("![a](b.png)\n\n<!-- nothing -->\n")) == ()
    assert chunk_page(_page("")) == ()


def test_an_id_stays_when_text_is_added_under_another_heading() -> None:
    before = chunk_page(_page("# G\n\n## A\n\nFirst.\n"))
    after = chunk_page(_page("# G\n\n## New\n\nOther.\n\n## A\n\nFirst.\n"))
    assert before[0].chunk_id in {c.chunk_id for c in after}
    assert before[0].start != after[-1].start
