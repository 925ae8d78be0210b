"""Joining: what belongs together is one claim, nothing is reworded, and the verifier still finds every word."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillgen.extract import extract_candidates
from skillgen.join import exact_names, join_choices
from skillgen.model.corpus import Page, SourceFile
from skillgen.model.research import Candidate, Choice
from skillgen.parse import parse_markdown
from skillgen.quotes import MAX_CITATIONS, MAX_CITED_CHARS, MAX_CLAIM_WORDS
from skillgen.verify import verify_claim


def page(text: str, source: str = "a.md") -> Page:
    return parse_markdown(SourceFile(source=source, text=text, sha256=source))[0]


def choices_of(*pages: Page, questions: Sequence[str] = ("q",)) -> list[Choice]:
    """Return a choice for each candidate of the pages, in their order, the questions in turns."""
    found = [candidate for one in pages for candidate in extract_candidates(one)]
    return [choice(candidate, at, questions[at % len(questions)]) for at, candidate in enumerate(found)]


def choice(candidate: Candidate, index: int, question: str = "q") -> Choice:
    return Choice(
        candidate=candidate,
        index=index,
        question_id=question,
        also_answers=(),
        facets=(f"f{index}",),
        score=-index,
        repeated=(),
    )


def joined(choices: Sequence[Choice], *pages: Page, limit: int = 100) -> list[str]:
    held = {one.source: one for one in pages}
    return [one.candidate.claim_text for one in join_choices(choices, held, limit=limit)]


NIGHT = page(
    "# Night run\n\n## Start\n\nThe worker starts at 02:15.\n\n- It reads the queue `q-main`\n\n"
    "It stops again at 04:00.\n\n## End\n\nThe report is sent at 05:00.\n"
)


def test_statements_of_one_section_are_one_claim_in_the_order_of_the_page_under_one_lead() -> None:
    choices = choices_of(NIGHT)
    assert joined(list(reversed(choices)), NIGHT) == [
        "Night run > End: The report is sent at 05:00.",
        "Night run > Start: The worker starts at 02:15. It reads the queue `q-main`. It stops again at 04:00.",
    ]


def test_statements_that_only_markup_parts_are_cited_as_one() -> None:
    (start, _) = join_choices(choices_of(NIGHT), {"a.md": NIGHT}, limit=9)
    (citation,) = start.candidate.citations
    assert citation.quote == NIGHT.text[citation.start : citation.end]
    assert citation.quote.startswith("The worker")
    assert citation.quote.endswith("04:00.")
    assert citation.lines == (5, 9)


def pieces_of(candidate: Candidate) -> list[str]:
    starts = (0, *(one.at for one in candidate.breaks), len(candidate.text))
    return [candidate.text[a:b].strip() for a, b in itertools.pairwise(starts)]


def test_a_joined_claim_knows_where_its_items_rows_and_paragraphs_begin() -> None:
    (start, _) = join_choices(choices_of(NIGHT), {"a.md": NIGHT}, limit=9)
    assert pieces_of(start.candidate) == [
        "The worker starts at 02:15.",
        "It reads the queue `q-main`.",
        "It stops again at 04:00.",
    ]
    table = page("# Roles\n\n| Role | May read |\n|---|---|\n| `reader` | the queue |\n| `writer` | the ledger |\n")
    (rows,) = join_choices(choices_of(table), {"a.md": table}, limit=9)
    assert pieces_of(rows.candidate) == ["Role: `reader`; May read: the queue.", "Role: `writer`; May read: the ledger"]


def test_parts_of_one_list_say_its_lead_in_once() -> None:
    items = [f"the alert `disk-{n}` of the storage hosts in every one of the regions" for n in range(1, 7)]
    text = page("# Routes\n\nThese alerts never page anybody at all:\n\n" + "".join(f"- {one}\n" for one in items))
    first, second = choices_of(text)[:2]
    assert second.candidate.opening == "These alerts never page anybody at all: "
    (only,) = join_choices(
        [second, choice(replace(first.candidate, text=first.candidate.text[:112]), 1)], {"a.md": text}, limit=9
    )
    assert only.candidate.text.count("These alerts") == 1
    assert {one.depth for one in only.candidate.breaks} == {1}


def test_sentences_of_one_paragraph_are_one_piece() -> None:
    words = " ".join(["The worker of the night reads the queue in steps of one hundred orders."] * 3)
    text = page(f"# Night\n\n{words} It waits\nfor the lock.\n\nIt always ends at noon sharp.\n")
    (only,) = join_choices(choices_of(text), {"a.md": text}, limit=9)
    assert len(pieces_of(only.candidate)) == 2


def test_rows_of_a_table_cite_its_header_once() -> None:
    table = page("# Roles\n\n| Role | May read |\n|---|---|\n| `reader` | the queue |\n| `writer` | the ledger |\n")
    (only,) = join_choices(choices_of(table), {"a.md": table}, limit=9)
    assert only.candidate.text == "Role: `reader`; May read: the queue. Role: `writer`; May read: the ledger"
    assert [one.quote.count("May read") for one in only.candidate.citations].count(1) == 1
    assert verify_claim(only.candidate.claim_text, only.candidate.citations, {"a.md": table}).support == "supported"


TOKENS = page("# Tokens\n\nThe token `ledger-sync-key` lives for 30 days.\n", "tokens.md")
REPAIR = page("# Repairs\n\nWithout `ledger-sync-key` the export stops in silence.\n", "repairs.md")
OTHER = page("# Exports\n\nThe export leaves at noon.\n", "exports.md")


def test_two_pages_that_name_the_same_thing_exactly_are_one_claim_with_both_cited() -> None:
    pages = {one.source: one for one in (TOKENS, REPAIR, OTHER)}
    both, alone = join_choices(choices_of(TOKENS, OTHER, REPAIR), pages, limit=9)
    assert both.candidate.claim_text == (
        "Tokens: The token `ledger-sync-key` lives for 30 days. "
        "Repairs: Without `ledger-sync-key` the export stops in silence."
    )
    assert [one.source for one in both.candidate.citations] == ["tokens.md", "repairs.md"]
    assert alone.candidate.source == "exports.md"
    assert verify_claim(both.candidate.claim_text, both.candidate.citations, pages).support == "supported"


def test_what_answers_another_question_is_not_joined_across_pages() -> None:
    assert len(joined(choices_of(TOKENS, REPAIR, questions=("q1", "q2")), TOKENS, REPAIR)) == 2


def test_a_name_that_half_of_the_pages_hold_joins_nothing() -> None:
    pages = [page(f"# Page {n}\n\nIt uses `main-cluster` number {n} for work.\n", f"{n}.md") for n in range(6)]
    assert len(joined(choices_of(*pages), *pages)) == 6
    assert len(joined(choices_of(*pages[:2]), *pages)) == 1


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("The `main` branch and `sev2` are re-running, with `two words`.", set()),
        (
            "`ledger-sync-key` and night_sync and `gs://x/y`, in/out, a/b/c, `a.b`",
            {"ledger-sync-key", "night_sync", "gs://x/y", "a/b/c", "a.b"},
        ),
        ("`Ledger_Key`", {"ledger_key"}),
    ],
)
def test_only_what_names_one_thing_is_an_exact_name(text: str, names: set[str]) -> None:
    assert exact_names(text) == names


def test_no_more_than_the_limit_are_kept_but_closed_ones() -> None:
    pages = [page(f"# Page {n}\n\nIt starts at {n} o'clock on the day.\n", f"{n}.md") for n in range(6)]
    held = {one.source: one for one in pages}
    choices = choices_of(*pages)
    assert [one.index for one in join_choices(choices, held, limit=2)] == [0, 1]
    assert [one.index for one in join_choices(choices, held, limit=2, closed={4})] == [0, 1, 4]


def test_closed_choices_are_joined_with_nothing() -> None:
    choices = choices_of(NIGHT)
    found = join_choices(choices, {"a.md": NIGHT}, limit=9, closed={0})
    assert found[0] == choices[0]
    assert "02:15" not in found[1].candidate.text


def test_advice_is_joined_with_nothing_but_counts_as_a_claim() -> None:
    choices = choices_of(NIGHT)
    found = join_choices(choices, {"a.md": NIGHT}, limit=2, general={0})
    assert found[0] == choices[0]
    assert len(found) == 2


SENTENCES = st.lists(
    st.builds(
        lambda words, end: " ".join(words).capitalize() + end,
        st.lists(
            st.sampled_from(["worker", "`q-main`", "must", "not", "02:15", "queue", "runs"]), min_size=4, max_size=30
        ),
        st.sampled_from([".", "", ";", "!"]),
    ),
    min_size=1,
    max_size=8,
)


@given(st.lists(SENTENCES, min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_joined_claims_keep_every_limit_and_are_verified_word_for_word(
    sections: list[list[str]], chance: object
) -> None:
    text = "# Page\n\n" + "".join(
        f"## Part {n}\n\n" + "".join(f"{sentence}\n\n" for sentence in section) for n, section in enumerate(sections)
    )
    pages = {"a.md": page(text)}
    choices = choices_of(pages["a.md"])
    chance.shuffle(choices)  # type: ignore[attr-defined]
    found = join_choices(choices, pages, limit=100)
    for one in found:
        cited = one.candidate.citations
        assert len(one.candidate.claim_text.split()) <= MAX_CLAIM_WORDS
        assert len(cited) <= MAX_CITATIONS
        assert sum(citation.end - citation.start for citation in cited) <= MAX_CITED_CHARS
        for citation in cited:
            assert text[citation.start : citation.end] == citation.quote
        if verify_claim(one.candidate.claim_text, cited, pages).support != "supported":
            parts = one.parts or (one.candidate,)
            assert any(_left_out(part, pages["a.md"], parts) for part in parts)
    held = [part for one in found for part in (one.parts or (one.candidate,))]
    assert sorted(part.start for part in held) == sorted(one.candidate.start for one in choices)


def _left_out(part: Candidate, page: Page, parts: Sequence[Candidate]) -> bool:
    """Tell whether a sentence that negates or limits stands quoted with a part but in none of them."""
    quoted = [span.text for block in page.blocks for span in block.spans if part.start <= span.start < part.end]
    return any(text not in one.text for one in parts for text in quoted)
