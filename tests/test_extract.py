"""Candidates: what becomes a claim, in whose words, and what does not."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from skillgen.extract import extract_candidates
from skillgen.model.corpus import Page, SourceFile
from skillgen.model.research import Candidate
from skillgen.parse import parse_markdown
from skillgen.verify import verify_claim


def _page(text: str) -> Page:
    return parse_markdown(SourceFile(source="a.md", text=text, sha256="0"))[0]


def _candidates(text: str) -> tuple[Candidate, ...]:
    return extract_candidates(_page(text))


def _texts(text: str) -> list[str]:
    return [candidate.claim_text for candidate in _candidates(text)]


def test_neighbouring_sentences_are_one_claim_under_title_and_heading() -> None:
    text = "# Night run\n\n## Start\n\nThe worker starts at 02:15. It reads the queue.\n"
    assert _texts(text) == ["Night run > Start: The worker starts at 02:15. It reads the queue."]


def test_a_lead_in_and_its_steps_are_one_claim_and_one_quote() -> None:
    text = "# Run\n\nTo start the worker:\n\n1. Open the console\n2. Press start:\n\n   ```\n   worker start\n   ```\n"
    (candidate,) = _candidates(text)
    assert candidate.text == "To start the worker: Open the console; Press start: `worker start`"
    assert len(candidate.citations) == 1


def test_a_sentence_that_ends_in_its_list_is_one_claim_with_it_and_with_what_goes_on_behind() -> None:
    (found,) = _candidates(
        "# Gate\n\nThe gate wants today's part of\n\n1. `raw.meters`\n2. `raw.tariffs`\n\n"
        "and looks every 90 seconds. Then:\n\n- one is missing → it waits.\n"
    )
    assert found.text == (
        "The gate wants today's part of `raw.meters`; `raw.tariffs`; and looks every 90 seconds. Then: "
        "one is missing → it waits."
    )


@pytest.mark.parametrize(
    "top",
    [
        "accepted, 2025-01-22 (Data, Platform)",
        "*Written by the storage team, last change 3 March 2024*",
        "Platform, 2026-07-07",
        "- Status: accepted (2024-06)",
    ],
)
def test_what_a_page_says_of_itself_at_its_top_is_no_claim(top: str) -> None:
    (found,) = _candidates(f"# Queue\n\n{top}\n\nThe queue `orders` is emptied at night.\n")
    assert found.text == "The queue `orders` is emptied at night."


@pytest.mark.parametrize(
    "top",
    [
        "Nothing is released from 2025-12-18 to 2026-01-05.",
        "The old certificates expire 2026-03-01.",
        "The licence of the scanner ends on 31 March 2026.",
        "`orders-v1` was accepted for the last time 2025-01-22.",
    ],
)
def test_a_dated_fact_at_the_top_of_a_page_is_a_claim(top: str) -> None:
    assert _candidates(f"# Old\n\n{top}\n")[0].text == top


def test_breaks_are_where_steps_and_paragraphs_begin() -> None:
    (found,) = _candidates(
        "# Keys\n\nDo this:\n\n- Stop `worker`. Wait.\n- Start it:\n\n      run it now\n\n- Look at `log`.\n"
    )
    starts = (0, *(one.at for one in found.breaks), len(found.text))
    pieces = [found.text[a:b].strip("; ") for a, b in itertools.pairwise(starts)]
    assert pieces == ["Do this:", "Stop `worker`. Wait.", "Start it: `run it now`", "Look at `log`."]
    assert [one.depth for one in found.breaks] == [1, 1, 1]


LONG = [f"change number {n} of the route of an alert in the file `alerts-{n}.yml`" for n in range(1, 9)]


@pytest.mark.parametrize(
    "opening", ["During a freeze, never do any of the following:", "No approval is needed for these"]
)
def test_no_item_stands_without_the_lead_in_that_it_needs(opening: str) -> None:
    page = _page(f"# Freeze\n\n{opening}\n\n" + "".join(f"- {one}\n" for one in LONG))
    found = extract_candidates(page)
    assert len(found) > 1
    for one in found:
        assert one.text.startswith(opening)
        assert one.citations[0].quote.startswith(opening)
        assert verify_claim(one.claim_text, one.citations, {"a.md": page}).support == "supported"
    assert sum(one.text.count("change number") for one in found) == len(LONG)


def test_an_item_is_not_supported_without_the_prohibition_that_it_stands_under() -> None:
    page = _page("# Freeze\n\nDuring a freeze, never do any of these:\n\n" + "".join(f"- {one}\n" for one in LONG))
    (citation, *_) = extract_candidates(page)[0].citations
    at = page.text.index(LONG[1])
    alone = replace(citation, start=at, end=at + len(LONG[1]), quote=LONG[1])
    assert verify_claim(LONG[1], (alone,), {"a.md": page}).support == "partial"


def test_items_of_a_short_prohibition_that_cannot_be_cited_again_are_left_out() -> None:
    found = _candidates("# Freeze\n\nNever:\n\n" + "".join(f"- {one}\n" for one in LONG))
    assert [one.text.startswith("Never: change") for one in found] == [True]


def test_a_list_in_a_list_keeps_both_lead_ins() -> None:
    inner = "".join(f"  - {one}\n" for one in LONG)
    found = _candidates(
        f"# Freeze\n\nThese are never allowed:\n\n- only at the end of a month:\n{inner}- anything on Fridays\n"
    )
    assert all(one.text.startswith("These are never allowed: ") for one in found)
    assert all("only at the end of a month: change" in one.text for one in found if "change number" in one.text)
    assert {one.depth for one in found[0].breaks} == {1, 2}


def test_a_command_over_several_lines_is_one_that_can_be_pasted() -> None:
    page = _page("# Ship\n\nShip it:\n\n```sh\nship --env prod \\\n  --commit abc \\\n  now\nship --done it\n```\n")
    (found,) = extract_candidates(page)
    assert found.text == "Ship it: `ship --env prod --commit abc now` `ship --done it`"
    assert verify_claim(found.claim_text, found.citations, {"a.md": page}).support == "supported"


def test_a_short_title_is_quoted_with_what_follows_it() -> None:
    (found,) = _candidates('# Days\n\n"Older":\n\n- run `backfill --day` for the day\n')
    assert found.citations[0].quote.startswith('"Older')


def test_a_question_is_the_lead_in_of_the_list_that_answers_it() -> None:
    (found,) = _candidates("# Access\n\n**Who may do it?**\n\n- Jo and Aylin\n- nobody else at all\n")
    assert found.text == "Who may do it? Jo and Aylin; nobody else at all"


def test_a_lead_in_moves_to_what_it_introduces() -> None:
    steps = (
        "- "
        + "Read the queue and note how many entries wait in it today. " * 5
        + "Then run:\n\n  ```\n  worker drain\n  ```\n"
    )
    assert _texts(f"# Run\n\n{steps}")[-1] == "Run: Then run: `worker drain`"


def test_a_table_row_cites_its_header() -> None:
    (candidate,) = _candidates("# Roles\n\n| Role | May read |\n|---|---|\n| `reader` | the queue |\n")
    assert candidate.claim_text == "Roles: Role: `reader`; May read: the queue"
    assert [c.quote for c in candidate.citations] == ["| Role | May read |\n|---|---|", "| `reader` | the queue |"]


@pytest.mark.parametrize(
    "body",
    [
        "Why does the worker stop at night?",
        "See the [worker page](worker.md) for more.",
        "For more information, see the worker page.",
        "Here is a list of the checks that are there:",
        "- [The worker page](a.md)\n- [The queue page](b.md)\n- [The other page](c.md)",
        "[![build](https://x.example/badge.svg)](https://x.example)",
        "![A picture of the worker and its queue](worker.png)",
        "The worker reads {{ variables.queue }} at night.",
        "(worker-target-label)=",
        "```\n+------+      +-----+\n| work | ---> | end |\n+------+      +-----+\n```",
        "```mermaid\nflowchart TD\nA[Worker reads] --> B[Queue ends]\n```",
        "```\n{\n}\n```",
        "```\n}}}} {{{{ ]]]] [[[[ ((( ))) ;;; xx\n```",
        "## Table of contents\n\n- The worker and its queue\n- The alert and its route",
        "<!-- a comment that nobody should see -->",
        "Maybe.",
    ],
)
def test_what_states_nothing_is_no_claim(body: str) -> None:
    assert _texts(f"# Worker guide\n\n{body}\n") == []


def test_a_pointer_with_a_statement_stays() -> None:
    text = "The worker stops at night. See the alert page for more."
    assert _texts(f"# G\n\n{text}\n") == [f"G: {text}"]


def test_a_sentence_that_cannot_be_cut_to_size_is_left_out() -> None:
    assert _texts("# G\n\n" + "word " * 61 + "end.\n") == []


def test_a_giant_heading_is_no_lead() -> None:
    (candidate,) = _candidates("# " + "a" * 5000 + "\n\nThe worker reads the queue every minute.\n")
    assert candidate.lead == ""


def test_a_quote_never_begins_or_ends_inside_markup() -> None:
    (candidate,) = _candidates("# G\n\n**[The worker](a.md)** reads the queue of *every **other*** worker\n")
    assert candidate.citations[0].quote == "**[The worker](a.md)** reads the queue of *every **other*** worker"
    assert candidate.text == "The worker reads the queue of every other worker"


def test_a_long_sentence_is_quoted_in_pieces_and_still_supported() -> None:
    page = _page("# G\n\nThe list is " + ", ".join(f"`{'name' * 3} part{i} {'x' * 12}`" for i in range(13)) + ".\n")
    (candidate,) = extract_candidates(page)
    assert len(candidate.citations) > 1
    assert verify_claim(candidate.claim_text, candidate.citations, {"a.md": page}).support == "supported"
