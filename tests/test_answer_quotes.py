"""Quotes of a model: found where they stand, whatever is around the words, and never where other words stand."""

from __future__ import annotations

import random
import re

import pytest
from answering import page_of, passages_of
from hypothesis import given
from hypothesis import strategies as st
from strategies import EVIDENCE, PAGES, source

from skillgen.answer.quote import Quotes
from skillgen.model.corpus import FILLER, Page
from skillgen.model.draft import Citation
from skillgen.model.research import Passage
from skillgen.parse import parse_markdown
from skillgen.quotes import MAX_CITATIONS, MAX_CITED_CHARS
from skillgen.screen import screen_page
from skillgen.verify import check_citation

NIGHT = """\
# Night run

The **night run** starts at 02:15 UTC, and waits for `orders.csv` from the [billing export](billing.md#export).
It must not be started by hand before 04:30 UTC \u2014 ask the *platform team*.

## Steps

1. Stop the worker with `ship stop --env prod`.
2. Run `ship rollback orders` on the \u201cold\u201d host.
   - [ ] Tell #releases.

> Retries: 3 times, 5 minutes apart. The night run doesn't page anybody.

| Token | Used by | Rotated |
|---|---|---|
| `NIGHT_TOKEN` | night run | every 90 days, by the platform team |
| `DEPLOY_TOKEN` | deploys | by `keyring-bot` |

```sh
ship export \\
  --from orders --to /srv/night/orders.csv
ship verify --max-age 15m
```
"""


def quoted(quote: str, page: Page, passages: tuple[Passage, ...] | None = None) -> list[Citation]:
    """Return the citations of a quote in any passage of a page, each checked."""
    quotes = Quotes({page.source: page})
    found = [one for passage in passages or passages_of(page) for one in quotes.located(quote, passage)]
    for citation in found:
        check_citation(citation, {page.source: page})
    return found


@pytest.mark.parametrize(
    ("quote", "held"),
    [
        ("The **night run** starts at 02:15 UTC", "The **night run** starts at 02:15 UTC, and waits for"),
        ("the night run starts at 02:15 UTC", None),
        ("The night run starts at 02:15 UTC, and waits for orders.csv", "The **night run** starts at 02:15 UTC, and"),
        ("waits for `orders.csv` from the billing export.", "from the [billing export](billing.md#export)."),
        ("\u2026waits for 'orders.csv' from the billing export...", "from the [billing export](billing.md#export)."),
        ("started by hand before 04:30 UTC - ask the platform team", "It must not be started by hand before 04:30"),
        ("started by hand before 04:30 UTC\u2014ask the\nplatform\u00a0team", "It must not be started by hand"),
        ('Run ship rollback orders on the "old" host.', "Run `ship rollback orders` on the"),
        ("Stop the worker with `ship stop --env prod`. Run `ship rollback orders`", "prod`.\n2. Run `ship"),
        ("1. Stop the worker with `ship stop --env prod`.\n2. Run `ship rollback orders`", "prod`.\n2. Run `ship"),
        ("The night run doesn\u2019t page anybody", "The night run doesn't page anybody."),
        ("| `NIGHT_TOKEN` | night run | every 90 days, by the platform team |", "| night run | every 90 days"),
        ("NIGHT_TOKEN night run every 90 days", "| night run | every 90 days"),
        ("ship verify --max-age 15m", "ship verify --max-age 15m"),
        ("Retries: 3 times ... doesn't page anybody", "The night run doesn't page anybody."),
        # other words, numbers or signs
        ("The night run starts at 02:16 UTC", None),
        ("starts at 2:15 UTC", None),
        ("Retries: 13 times, 5 minutes apart.", None),
        ("5 minutes apart. The day run", None),
        ("15 UTC, and waits for orders.csv", None),
        ("max-age 15", None),
        ("every 9 days", None),
        ("", None),
        ("...", None),
        ("|---|---|", None),
    ],
)
def test_a_quote_is_found_whatever_markup_is_around_its_words(quote: str, held: str | None) -> None:
    page = page_of(NIGHT)
    found = quoted(quote, page)
    if held is None:
        assert found == []
    else:
        assert any(held in citation.quote for citation in found), [citation.quote for citation in found]


def test_a_cut_out_becomes_the_whole_sentence_and_a_row_brings_its_header() -> None:
    page = page_of(NIGHT)
    (sentence,) = quoted("started by hand before 04:30 UTC", page)
    assert sentence.quote.startswith("It must not be")
    assert sentence.quote.endswith("*platform team*.")
    assert sentence.heading_path == ("Night run",)
    header, row = quoted("every 90 days, by the platform team", page)
    assert "Used by" in header.quote
    assert row.quote.startswith("| `NIGHT_TOKEN`")
    assert row.heading_path == ("Night run", "Steps")


def test_a_row_can_be_quoted_with_the_header_that_stands_far_above_it() -> None:
    rows = "".join(f"| `token_{n}` | the job number {n} of the night | every {n}0 days |\n" for n in range(1, 30))
    page = page_of(f"# Tokens\n\n| Token | Used by it | Rotated when |\n|---|---|---|\n{rows}")
    last = passages_of(page)[-1]
    assert last.chunk.start > 800
    token = re.findall(r"`(token_\d+)`", page.text[last.chunk.start :])[0]
    for quote in (f"Token Used by it Rotated when {token}", f"Used by it | Rotated when |\n| `{token}` | the job"):
        header, row = quoted(quote, page, (last,))
        assert header.quote.startswith("| Token")
        assert token in row.quote
    assert quoted("| Token | Used by it | Rotated when | token_1 | the job", page, (last,)) == []


def test_a_quote_that_stands_twice_is_found_in_the_passage_that_was_named() -> None:
    page = page_of("# A\n\n## One\n\nThe job runs at night, always.\n\n## Two\n\nThe job runs at night, always.\n")
    first, second = passages_of(page)
    quotes = Quotes({page.source: page})
    assert quotes.located("The job runs at night", first)[0].heading_path == ("A", "One")
    assert quotes.located("The job runs at night", second)[0].heading_path == ("A", "Two")


def test_a_short_step_is_widened_by_its_neighbour_and_a_long_sentence_stays_cut_out() -> None:
    page = page_of("# A\n\n- Stop it.\n- Start the worker again with care.\n")
    (citation,) = quoted("Stop it.", page)
    assert citation.quote == "Stop it.\n- Start the worker again with care."
    alone = page_of("# A\n\nStop it.\n\n## B\n\nMore of it stands here.\n")
    assert quoted("Stop it.", alone) == []


@pytest.mark.parametrize("tables", [28, 60])
def test_a_sentence_that_is_too_long_stays_cut_out(tables: int) -> None:
    page = page_of("# A\n\nThe job " + ", ".join(f"reads table number {n}" for n in range(tables)) + " and ends.\n")
    whole = passages_of(page, max_chars=9000)
    for quote in ("reads table number 7, reads table number 8", "number 26", "and ends", "The job"):
        (cut,) = quoted(quote, page, whole)
        assert quote in cut.quote
    (exact,) = quoted("reads table number 7, reads table number 8", page_of(page.text[:660]), None)
    assert exact.quote == "reads table number 7, reads table number 8"
    pieces = quoted(", ".join(f"reads table number {n}" for n in range(27)), page, whole)
    assert len(pieces) > 1
    assert all(20 <= len(one.quote) <= 400 for one in pieces)


@pytest.mark.parametrize("lines", [18, 60])
def test_a_line_of_a_long_code_block_is_cited_whole(lines: int) -> None:
    page = page_of(
        "# A\n\n```sh\n" + "\n".join(f"ship copy --table t{n} --to /srv/{n}" for n in range(lines)) + "\n```\n"
    )
    for number in (0, 17):
        (citation,) = quoted(f"copy --table t{number} --to", page)
        assert citation.quote == f"ship copy --table t{number} --to /srv/{number}"


def test_a_part_of_a_number_is_no_number() -> None:
    page = page_of("# A\n\nVersion 1.5 of the worker reads 1,000 rows, -1 meaning all, 5% of them at 12:30.\n")
    assert quoted("Version 1.5 of the worker", page)
    assert quoted("reads 1,000 rows, -1 meaning all", page)
    wrong = (
        *("Version 5 of the worker", "Version 15 of the", "5 of the worker", "12:3", "at 12", "30", "at 1230"),
        *("000 rows", "reads 1000 rows", "reads 1 000 rows", "rows, 1 meaning all", "1 meaning all", "all, 5 of them"),
    )
    assert [quote for quote in wrong if quoted(quote, page)] == []


def test_html_is_quoted_as_it_is_read() -> None:
    text = (
        "<html><body><h1>Night run</h1><p>The <b>night&nbsp;run</b> starts at 02:15 &amp; waits for "
        "<code>orders.csv</code>.</p><ul><li>Stop the worker <i>at once</i>, please.</li></ul></body></html>"
    )
    page = page_of(text, "night.html")
    assert page.media == "html"
    (citation,) = quoted("The night run starts at 02:15 & waits for orders.csv.", page)
    assert citation.quote == "The <b>night&nbsp;run</b> starts at 02:15 &amp; waits for <code>orders.csv</code>."
    assert quoted("Stop the worker at once, please.", page)
    assert quoted("The night run starts at 03:15 & waits", page) == []


def test_no_quote_reaches_over_a_removed_secret() -> None:
    text = "# A\n\nSign in as the deployer.\nThe password is `hunter2-Zx81kQpa-99`, then run the export job again.\n"
    page = screen_page(page_of(text)).page
    assert page.removed
    for passage in passages_of(page):
        for quote in (
            passage.chunk.text,
            page.text[passage.chunk.start : passage.chunk.end],
            "Sign in as the deployer. The password is",
            "then run the export job again.",
        ):
            for citation in quoted(quote, page):
                assert FILLER not in citation.quote
                assert "hunter2" not in citation.quote
    assert quoted("Sign in as the deployer.", page)
    assert quoted(page.text[page.text.index("Sign") :], page) == []


def test_sentences_can_be_cited_by_their_numbers() -> None:
    page = page_of(NIGHT)
    quotes = Quotes({page.source: page})
    first = passages_of(page)[0]
    assert quotes.sentences(first)[1].startswith("It must not be started")
    (citation,) = quotes.numbered([2, 99, 0, -1], first)
    assert citation.quote.startswith("It must not be started")
    assert quotes.numbered([], first) == ()


def test_a_claim_has_no_more_quotes_than_it_may() -> None:
    page = page_of("# A\n\n" + "\n\n".join(f"Sentence number {n} says {'something ' * 25}of it." for n in range(12)))
    quotes = Quotes({page.source: page})
    every = [one for passage in passages_of(page) for one in quotes.numbered([1, 2, 3], passage)]
    kept = quotes.together([*every, *every])
    assert 1 < len(kept) <= MAX_CITATIONS
    assert sum(len(one.quote) for one in kept) <= MAX_CITED_CHARS
    assert kept[0] == every[0]


# -- for any page ------------------------------------------------------------------------------------------------------

_SPACES = (" ", "  ", "\n", "\u00a0", "\t", " \n ")
_DASHES = ("-", "\u2013", "\u2014", "\u2010", "\u2212")


def mangled(words: list[str], chance: random.Random) -> str:
    """Return words with other white space between them, and with other dashes between letters."""
    plain = [
        re.sub(r"(?<=[^\W\d])[-\u2014\u2013](?=[^\W\d])", lambda _: chance.choice(_DASHES), word) for word in words
    ]
    return "".join(chance.choice(_SPACES) + word for word in plain)


@EVIDENCE
@given(st.randoms(use_true_random=False))
def test_any_words_of_a_passage_are_found_at_their_place(chance: random.Random) -> None:
    page = page_of(NIGHT)
    passage = chance.choice(passages_of(page))
    words = [(m.group(), m.start()) for m in re.finditer(r"\S+", page.text[passage.chunk.start : passage.chunk.end])]
    first = chance.randrange(len(words))
    picked = words[first : first + chance.randrange(4, 20)]
    said = [word for word, _ in picked if any(char.isalnum() for char in word)]
    if len(said) < 4:
        return
    start = passage.chunk.start + next(at for word, at in picked if word == said[0])
    end = passage.chunk.start + picked[-1][1]
    found = Quotes({page.source: page}).located(mangled([word for word, _ in picked], chance), passage)
    assert found, (passage.chunk.text, picked)
    for citation in found:
        check_citation(citation, {page.source: page})
    assert any(citation.start < end and start < citation.end for citation in found)


@EVIDENCE
@given(st.randoms(use_true_random=False))
def test_words_with_another_number_are_never_found(chance: random.Random) -> None:
    page = page_of(NIGHT)
    numbers = list(re.finditer(r"\d+", page.text))
    number = chance.choice(numbers)
    other = str(chance.choice([int(number.group()) + 1, int(number.group()) * 10, 77]))
    before = page.text[: number.start()].split(" ")[-chance.randrange(1, 4) :]
    after = page.text[number.end() :].split(" ")[: chance.randrange(1, 4)]
    quote = f"{' '.join(before)}{other}{' '.join(after)}"
    if other == number.group() or re.fullmatch(r"\W*\d+[.)]?\W*", quote):
        return
    step = re.search(rf"(?:^|\s){other}[.)](?:\s|$)", quote)
    assert step or quoted(quote, page) == []


@EVIDENCE
@given(PAGES, st.randoms(use_true_random=False))
def test_whatever_is_found_on_any_page_is_a_true_citation(text: str, chance: random.Random) -> None:
    page = parse_markdown(source(text))[0]
    for passage in passages_of(page)[:4]:
        words = passage.chunk.text.split()
        first = chance.randrange(len(words))
        quote = mangled(words[first : first + chance.randrange(1, 15)], chance)
        for citation in Quotes({page.source: page}).located(quote, passage):
            check_citation(citation, {page.source: page})
            assert 20 <= len(citation.quote) <= MAX_CITED_CHARS
