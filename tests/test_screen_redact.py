"""A screened page holds nothing of what was removed, and its offsets are those of the raw page."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from screening.fixtures import InjectionCase, injection_cases_of, secret_cases_of

from skillgen.model.corpus import Page, SourceFile
from skillgen.parse import parse_markdown
from skillgen.screen import FILLER, screen_page
from skillgen.screen.records import Removal, merged
from skillgen.screen.secrets import find_secrets

SECRET = "Granite" + "4711" + "falcon"


def page(text: str, **changes: str) -> Page:
    file = SourceFile(source="a/page.md", text=text, sha256="0" * 64, url="https://wiki.acme.example/a/page.md")
    return replace(parse_markdown(file)[0], **changes)  # type: ignore[arg-type]


def texts(page: Page) -> list[str]:
    spans = [span for block in page.blocks for span in (*block.spans, *((block.header,) if block.header else ()))]
    paths = [heading for block in page.blocks for heading in block.heading_path]
    shown = [page.shown(block.start, block.end) for block in page.blocks]
    meta = [value for _, value in page.meta]
    return [page.title, page.text, page.url or "", *paths, *shown, *meta, *(span.text for span in spans)]


def assert_offsets(raw: Page, screened: Page) -> None:
    assert len(screened.text) == len(raw.text)
    assert all(new in (old, FILLER) for new, old in zip(screened.text, raw.text, strict=True))
    for block in screened.blocks:
        for span in block.spans:
            if block.kind != "heading":
                assert screened.text[span.start : span.end] == raw.text[span.start : span.end]


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_no_removed_value_stands_in_any_field(seed: int) -> None:
    rng = random.Random(seed)
    case = rng.choice(secret_cases_of(seed))
    assume(any(case.value in case.text[r.start : r.end] for r in find_secrets(case.text)))  # the evals say how many are
    raw = page(case.text)
    screened = screen_page(raw)
    assert all(case.value not in text for text in texts(screened.page))
    assert_offsets(raw, screened.page)
    assert all(case.value not in repr(finding) for finding in screened.findings)
    assert screened.findings


@pytest.mark.parametrize("case", injection_cases_of(5), ids=lambda case: case.kind)
def test_no_injected_text_stands_in_any_field(case: InjectionCase) -> None:
    raw = page(case.text)
    screened = screen_page(raw)
    for removal in screened.removals:
        gone = raw.text[removal.start : removal.end]
        assert all(gone not in text for text in texts(screened.page))
    assert_offsets(raw, screened.page)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_a_screened_page_has_nothing_to_screen(seed: int) -> None:
    rng = random.Random(seed)
    pages = [case.text for case in secret_cases_of(seed)] + [case.text for case in injection_cases_of(seed)]
    text = rng.choice(pages)
    once = screen_page(page(text)).page
    twice = screen_page(once)
    assert twice.removals == ()
    assert twice.page == once


def test_a_heading_title_and_path_show_a_mark() -> None:
    screened = screen_page(page(f"# Jump host, password: {SECRET}\n\nUse it with care.\n"))
    mark = "Jump host, password: [removed: password]"
    assert screened.page.title == mark
    assert [block.heading_path for block in screened.page.blocks] == [(mark,), (mark,)]
    assert screened.page.blocks[0].spans[0].text == mark


def test_a_code_block_is_cut_around_the_line() -> None:
    text = f"# Page\n\n```bash\nset -e\nmake\nexport DB_PASSWORD={SECRET}\n  make run\n```\n"
    screened = screen_page(page(text)).page
    code = next(block for block in screened.blocks if block.kind == "code")
    assert [span.text for span in code.spans] == ["set -e\nmake", "make run"]
    assert "export DB_PASSWORD=[removed: password]" in screened.shown(code.start, code.end)


def test_a_row_with_a_secret_is_not_citable_and_its_neighbours_are() -> None:
    text = f"# Page\n\n| User | Password |\n|---|---|\n| root | {SECRET} |\n| app | see Vault |\n"
    rows = [block for block in screen_page(page(text)).page.blocks if block.kind == "table_row"]
    assert [[span.text for span in row.spans] for row in rows] == [[], ["User: app; Password: see Vault"]]


def test_a_table_header_with_a_secret_is_not_kept() -> None:
    text = f"# Page\n\n| Host | password: {SECRET} |\n|---|---|\n| a | b |\n"
    screened = screen_page(page(text)).page
    assert all(block.header is None for block in screened.blocks)
    assert all(SECRET not in value for value in texts(screened))


def test_the_sentence_around_a_secret_is_not_quoted_and_the_next_is() -> None:
    text = f"# Page\n\nThe password is {SECRET} on all nodes. Restart it.\n"
    screened = screen_page(page(text))
    assert [span.text for span in screened.page.blocks[1].spans] == ["Restart it."]
    assert screened.findings[0].message == "A password was removed."
    assert screened.findings[0].line == 3


def test_shown_text_of_a_part() -> None:
    text = f"# Page\n\npassword: {SECRET} end\n"
    screened = screen_page(page(text)).page
    start = text.index("password")
    assert screened.shown(start, len(text)) == "password: [removed: password] end\n"
    assert screened.shown(0, 6) == "# Page"


def test_an_address_that_holds_a_secret_is_dropped() -> None:
    raw = page("# Page\n\nText.\n", url=f"https://wiki.acme.example/x?password={SECRET}")
    assert screen_page(raw).page.url is None


def test_a_clean_page_comes_back_equal() -> None:
    raw = page("# Page\n\nRestart the relay. Then wait.\n\n| A | B |\n|---|---|\n| 1 | 2 |\n")
    assert screen_page(raw).page == raw


def test_removals_that_touch_become_one() -> None:
    def removal(start: int, end: int) -> Removal:
        return Removal(start=start, end=end, kind="password", family="secret")

    assert merged([removal(4, 6), removal(0, 2), removal(2, 3)]) == (removal(0, 3), removal(4, 6))
