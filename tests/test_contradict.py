"""Contradictions: what two pages cannot both be right about, and what only looks like that."""

from __future__ import annotations

import random
from collections.abc import Mapping

import pytest
from growth import assert_time_follows_length

from skillgen.contradict import find_contradictions
from skillgen.model.corpus import Page, SourceFile
from skillgen.model.draft import Contradiction
from skillgen.model.facts import DeprecationMark, PageFacts
from skillgen.parse import parse_markdown


def _pages(texts: Mapping[str, str]) -> list[Page]:
    return [
        parse_markdown(
            SourceFile(source=source, text=text, sha256=f"sha of {source}", url=f"https://w.example/{source}")
        )[0]
        for source, text in texts.items()
    ]


def _found(*texts: str, facts: Mapping[str, PageFacts] | None = None) -> tuple[Contradiction, ...]:
    named = {f"{letter}.md": text for letter, text in zip("abcdef", texts, strict=False)}
    return find_contradictions(_pages(named), facts or {})


def _prose(sentence: str) -> str:
    return f"# The mill\n\n{sentence}\n"


TIMETABLE = "# Timetable\n\n| Job | Start (UTC) | Start | Waits for |\n|---|---|---|---|\n"
KEYS = "# Keys\n\n| Used by | Account | Lifetime |\n|---|---|---|\n| Oven | `oven-push` | 30 days |\n"


@pytest.mark.parametrize(
    ("one", "two", "kind", "topic"),
    [
        (
            "# Timetable\n\n| Job | Start | Waits for |\n|---|---|---|\n| `bake_all` | 02:10 | `mill_all` |\n",
            "# Nights\n\nThe job `bake_all` starts at 03:25 and feeds the shop.\n",
            "schedule",
            "schedule of bake_all: 02:10 or 03:25",
        ),
        (
            "# Flow\n\n**Job:** `bake_all`\\\n**Schedule:** hourly\\\n**Code:** `jobs/bake`\n",
            "# Jobs\n\n| Time (UTC) | Job | Schedule |\n|---|---|---|\n| 11:00 | [bake_all](bake_all) | every day |\n",
            "schedule",
            "schedule of bake_all: hourly or every day",
        ),
        (
            "# Jobs\n\nThe job `bake_all` runs on Mondays.\n",
            "# Ovens\n\nThe job `bake_all` runs on Fridays.\n",
            "schedule",
            "schedule of bake_all: Mondays or Fridays",
        ),
        (
            "# Jobs\n\nThe job `bake_all` runs with the cron expression 15 3 * * * each night.\n",
            "# Ovens\n\nThe job `bake_all` starts at 04:20 UTC.\n",
            "schedule",
            "schedule of bake_all: 15 3 * * * or 04:20 UTC",
        ),
        (
            KEYS,
            "# Oven\n\nIt pushes as `oven-push` to the shelf. The key is good for 60 days.\n",
            "value",
            "lifetime of oven-push: 30 days or 60 days",
        ),
        (
            "# Oven tokens\n\nOven tokens live for 5 minutes.\n",
            "# Words\n\nThe word *oven* is short for oven service. Tokens are valid for 15 minutes.\n",
            "value",
            "lifetime of token: 5 minutes or 15 minutes",
        ),
        (
            "# Sets\n\n| Set | Kept |\n|---|---|\n| `core` | orders 36 months |\n",
            "# Questions\n\nHow long is the orders data kept? 25 months in core.\n",
            "value",
            "retention of core: 25 months or 36 months",
        ),
        (
            "# Sets\n\nLines of `crumb_log` are deleted after 7 days.\n",
            "# Disk\n\nWe keep `crumb_log` for two weeks.\n",
            "value",
            "retention of crumb_log: 7 days or two weeks",
        ),
        (
            "# Sets\n\nThe timeout of `bake_all` is 30 seconds.\n",
            "# Disk\n\nThe timeout of `bake_all` is 5 minutes.\n",
            "value",
            "timeout of bake_all: 30 seconds or 5 minutes",
        ),
        (
            "# Jobs\n\n| Job | Retries |\n|---|---|\n| `bake_all` | 3, 5 min apart |\n",
            "# Ovens\n\nThe job `bake_all` has two retries.\n",
            "value",
            "retries of bake_all: 3 or two",
        ),
        (
            "# Keys\n\nThe password of `oven-db` is rotated every 30 days.\n",
            "# Ovens\n\nThe password of `oven-db` is rotated every 90 days.\n",
            "value",
            "rotation of oven-db: 30 days or 90 days",
        ),
        (
            "# Rules\n\nA change in `oven-config` needs two approvals.\n",
            "# Ovens\n\nIn `oven-config` one approval is enough.\n",
            "permission",
            "approvals of oven-config: two or one",
        ),
        (
            "# Who\n\n| Thing | Owner |\n|---|---|\n| Flour scales | Millers |\n",
            "# Flour\n\nOwner of the scales: Bakers squad.\n",
            "owner",
            "owner of scale: Millers or Bakers squad",
        ),
    ],
)
def test_two_pages_that_cannot_both_be_right_are_found(one: str, two: str, kind: str, topic: str) -> None:
    (found,) = _found(one, two)
    assert (found.kind, set(found.topic.split())) == (kind, set(topic.split()))
    assert [citation.source for citation in found.citations] == ["a.md", "b.md"]


ORDER = (
    "# Recipes\n\n## A new grain in the mill\n\n1. The farmer sends a sample sack.\n2. Somebody looks at it.\n"
    "3. Add the grain to the recipe book.\n4. Bake.\n"
)
BOOK_FIRST = ("Add it to the recipe book at last", "Tell the shop about it", "Only now the farmer sends the sample")


def _steps(heading: str, line: str, *, above: str = "") -> str:
    """A page whose section does the steps of ORDER the other way round, each step written as a line says."""
    steps = "".join(line.format(number, step) for number, step in enumerate(BOOK_FIRST, 1))
    return f"# Grains\n\n## {heading}\n\n{above}{steps}"


@pytest.mark.parametrize(
    "other",
    [
        _steps("New grain (mill, farm)", "{}. {}\n"),
        _steps("New grain (mill, farm)", "| {} | {} | us |\n", above="| # | Step | Who |\n|---|---|---|\n"),
    ],
)
def test_steps_the_other_way_round_are_found(other: str) -> None:
    (found,) = _found(ORDER, other)
    assert (found.kind, found.topic) == ("order", "order of steps: A new grain in the mill")
    assert [citation.source for citation in found.citations] == ["a.md", "a.md", "b.md", "b.md"]


@pytest.mark.parametrize(
    "other",
    [
        ORDER.replace("Recipes", "Grains"),
        _steps("An oven that is worn out", "{}. {}\n"),
        _steps("New grain on staging", "{}. {}\n"),
        _steps("New grain", "- {1}\n"),
    ],
)
def test_the_same_order_another_task_or_a_list_without_order_is_none(other: str) -> None:
    assert _found(ORDER, other) == ()


@pytest.mark.parametrize(
    ("one", "two"),
    [
        # the same value in other words
        ("The key of `oven-push` is valid for 24 hours.", "The key of `oven-push` expires after one day."),
        ("The key of `oven-push` is valid for 30 days.", "The key of `oven-push` expires after a month."),
        ("The key of `oven-push` is valid for 12 months.", "The key of `oven-push` expires after 365 days."),
        ("The key of `oven-push` is valid for 90 minutes.", "The key of `oven-push` expires after 1.5 hours."),
        ("The job `bake_all` runs every 60 minutes.", "The job `bake_all` runs hourly."),
        ("The job `bake_all` starts at 3 pm.", "The job `bake_all` starts at 15:00."),
        ("The job `bake_all` runs nightly at 02:10.", "The job `bake-all` starts at 02:10 on working days."),
        ("A change in `oven-config` needs 2 approvals.", "A change in `oven-config` needs two approvals."),
        # bounds and estimates that leave room for the other
        ("The key of `oven-push` is valid for at most 8 hours.", "The key of `oven-push` is valid for 6 hours."),
        ("The key of `oven-push` is valid for 5 to 10 minutes.", "The key of `oven-push` is valid for 7 minutes."),
        ("A change in `oven-config` needs at least one approval.", "A change in `oven-config` needs two approvals."),
        # time zones
        ("The job `bake_all` starts at 02:00 UTC.", "The job `bake_all` starts at 9 pm EST."),
        ("The job `bake_all` starts at 02:00 UTC.", "The job `bake_all` starts at 03:00."),
        ("The job `bake_all` starts at 02:00 UTC.", "The job `bake_all` starts at 04:00 local."),
        # another environment
        (
            "In production the key of `oven-push` is valid for 6 hours.",
            "On staging a key of `oven-push` lasts 12 hours.",
        ),
        ("The key of `oven-push` is valid for 6 hours.", "On staging the key of `oven-push` is valid for 12 hours."),
        # another time
        (
            "The key of `oven-push` is valid for 6 hours.",
            "Previously the key of `oven-push` lasted, it is valid for 9 hours.",
        ),
        ("The key of `oven-push` is valid for 6 hours.", "The key of `oven-push` was good for 12 hours."),
        ("The key of `oven-push` is valid for 6 hours.", "Until March the key of `oven-push` is valid for 12 hours."),
        ("The key of `oven-push` is valid for 6 hours.", "The key of `oven-push` will be valid for 12 hours."),
        # a case, an exception, an example
        ("The key of `oven-push` is valid for 6 hours.", "If it is a holiday, the key of `oven-push` lasts 12 hours."),
        (
            "The key of `oven-push` is valid for 6 hours.",
            "The key of `oven-push` is valid for 12 hours when it is hot.",
        ),
        ("The key of `oven-push` is valid for 6 hours.", "For example, the key of `oven-push` is valid for 12 hours."),
        ("A change in `oven-config` needs one approval.", "An emergency change in `oven-config` needs two approvals."),
        # another thing, part, kind or place
        ("The key of `oven-push` is valid for 6 hours.", "The key of `oven-pull` is valid for 12 hours."),
        ("A token of `oven` is valid for 6 hours.", "A session of `oven` lasts 12 hours."),
        ("The refresh token of `oven` is valid for 6 hours.", "The token of `oven` is valid for 12 hours."),
        ("The logs of `oven` are kept for 6 days.", "The backups of `oven` are kept for 12 days."),
        ("The rows of `oven` are kept for 6 days in Kafka.", "The rows of `oven` are kept for 12 days in the lake."),
        ("The backup of `oven` starts at 02:10.", "The cleanup of `oven` starts at 04:20."),
        ("The idle timeout of `oven` is 6 s.", "The connect timeout of `oven` is 12 s."),
        ("The key is valid for 6 hours.", "The key is valid for 12 hours."),
        ("A half-baked loaf is valid for 6 hours.", "A half-baked cake is valid for 12 hours."),
        # another attribute
        ("The key of `oven-push` is valid for 90 days.", "We are told 14 days before the key of `oven-push` expires."),
        (
            "The key of `oven-push` is valid for 90 days.",
            "Every 10 minutes somebody looks whether `oven-push` expires.",
        ),
        ("The key of `oven-push` is valid for 90 days.", "The password of `oven-push` is rotated every 30 days."),
        ("The job `bake_all` starts at 02:10.", "The job `bake_all` starts after the mill and ends by 04:20."),
        ("The job `bake_all` starts at 02:10.", "The shop opens at 04:20, after `bake_all`."),
        ("The job `bake_all` runs daily.", "The job `bake_all` may be run by hand."),
        ("The job `bake_all` runs on Mondays at 02:10.", "The job `bake_all` runs on Fridays at 04:20."),
        ("The job `bake_all` retries 3 times.", "The job `bake_all` retries after 5 minutes."),
        # questions and doubt
        ("The key of `oven-push` is valid for 6 hours.", "Is the key of `oven-push` valid for 12 hours?"),
        ("The key of `oven-push` is valid for 6 hours.", "Maybe the key of `oven-push` is valid for 12 hours."),
        # another owner
        ("The scales are owned by the Millers team.", "The scales are owned by Millers."),
        ("The scales are owned by the Millers.", "The ovens are owned by the Bakers."),
    ],
)
def test_what_may_both_be_right_is_no_contradiction(one: str, two: str) -> None:
    assert _found(_prose(one), _prose(two).replace("The mill", "The ovens")) == ()


def test_time_zones_that_explain_nothing_do_not_hide_a_difference() -> None:
    (found,) = _found(
        _prose("The job `bake_all` starts at 02:00 UTC."), _prose("The job `bake_all` starts at 11 pm EST.")
    )
    assert found.kind == "schedule"


def test_headings_name_the_thing_and_the_environment() -> None:
    assert len(_found("# `bake_all`\n\nIt starts at 02:10 UTC.\n", "# Jobs\n\n`bake_all` starts at 04:25 UTC.\n")) == 1
    staging = "# Jobs\n\n## Staging\n\n`bake_all` starts at 04:25 UTC.\n"
    assert _found("# `bake_all`\n\nIt starts at 02:10 UTC.\n", staging) == ()


def test_a_list_goes_on_from_its_lead_in() -> None:
    rules = (
        "# Rules\n\nThe label `ship` on a request of the Bread Desk wants\n\n- **two approvals** from the Bread Desk.\n"
    )
    path = "# Path\n\n- `ship` is a label\n\nThe Bread Desk approves that one; one approval is enough.\n"
    (found,) = _found(rules, path)
    assert found.kind == "permission"


@pytest.mark.parametrize("page", ["```\n`bake_all` starts at 04:25\n```\n", "    bake_all starts at 04:25\n"])
def test_code_states_nothing(page: str) -> None:
    assert _found(_prose("The job `bake_all` starts at 02:10."), f"# Jobs\n\n{page}") == ()


ONE, TWO = _prose("The job `bake_all` starts at 02:10."), "# Nights\n\nThe job `bake_all` starts at 03:25.\n"


def test_one_page_contradicts_nothing() -> None:
    assert _found(f"{ONE}\n\n{TWO}") == ()


def test_a_deprecated_page_is_not_read() -> None:
    mark = DeprecationMark(kind="deprecated", line=1)
    assert len(_found(ONE, TWO)) == 1
    assert _found(ONE, TWO, facts={"b.md": PageFacts(deprecation=mark)}) == ()


@pytest.mark.parametrize(
    "source",
    ["adr/0004.md", "meetings/monday.md", "post-mortem.md", "2025-03-fire.md", "plans/goals.md", "changelog.md"],
)
def test_a_page_about_the_past_or_a_plan_is_not_read(source: str) -> None:
    assert find_contradictions(_pages({"a.md": ONE, source: TWO}), {}) == ()


def test_pages_of_different_versions_are_not_compared() -> None:
    assert find_contradictions(_pages({"v1.2/a.md": ONE, "v1.3/a.md": TWO}), {}) == ()


def test_the_later_page_is_named() -> None:
    def page(changed: str, source: str = "page") -> PageFacts:
        return PageFacts(changed=changed, changed_from=source)

    (found,) = _found(ONE, TWO, facts={"a.md": page("2024-01-02"), "b.md": page("2025-06-07")})
    assert found.hint == "b.md was changed last (2025-06-07; before it a.md, 2024-01-02)"
    for other in (page("2024-01-02"), page("2025-06-07", "git"), page("June"), PageFacts()):
        assert _found(ONE, TWO, facts={"a.md": page("2024-01-02"), "b.md": other})[0].hint == ""


def test_the_page_with_a_table_is_named() -> None:
    (found,) = _found(KEYS, "# Oven\n\nThe key of `oven-push` is good for 60 days.\n")
    assert found.hint == "a.md gives it in a table"


def test_further_pages_are_cited_with_the_first_two() -> None:
    texts = [_prose(f"The job `bake_all` starts at 0{hour}:10.") for hour in range(1, 7)]
    (found,) = _found(*texts)
    assert [citation.source for citation in found.citations] == ["a.md", "b.md", "c.md", "d.md"]


def _many(count: int) -> dict[str, str]:
    """Two pages about each of many jobs, which disagree, in tables and in prose."""
    texts = {}
    for job in range(count):
        texts[f"table/{job}.md"] = f"# T\n\n| Job | Start |\n|---|---|\n| `bake_{job}_all` | 02:10 |\n"
        texts[f"prose/{job}.md"] = (
            f"# Ovens\n\nÄ first sentence. The job `bake_{job}_all` starts at 03:25 and *ends*.\n"
        )
    return texts


def test_the_limit_is_kept() -> None:
    pages = _pages(_many(12))
    assert len(find_contradictions(pages, {})) == 8
    assert len(find_contradictions(pages, {}, limit=3)) == 3
    assert find_contradictions(pages, {}, limit=0) == ()


def test_every_quote_stands_at_its_offsets() -> None:
    pages = {page.source: page for page in _pages({**_many(4), "a.md": ORDER, "b.md": KEYS})}
    citations = [citation for found in find_contradictions(pages.values(), {}) for citation in found.citations]
    assert citations
    for citation in citations:
        page = pages[citation.source]
        assert page.text[citation.start : citation.end] == citation.quote
        assert 20 <= len(citation.quote) <= 400
        first, last = citation.lines
        assert citation.quote in "\n".join(page.text.split("\n")[first - 1 : last])
        assert (citation.source_sha256, citation.url) == (page.sha256, page.url)
        assert citation.heading_path == page.blocks[-1].heading_path


def test_the_order_of_the_pages_does_not_matter() -> None:
    pages = _pages({**_many(6), "a.md": ORDER, "b.md": KEYS, "c.md": ONE, "d.md": TWO})
    expected = find_contradictions(pages, {})
    for seed in range(5):
        random.Random(seed).shuffle(pages)
        assert find_contradictions(pages, {}) == expected


def test_a_removed_secret_is_not_quoted() -> None:
    text = TWO.replace("starts", "\ufffc" * 6 + " starts")
    assert _found(ONE, text) == ()


def test_time_follows_the_number_of_pages() -> None:
    line = "The job `bake_{}_all` of the mill starts at 02:10 and its key is valid for 30 days, `oven` says.\n"
    pages = _pages({f"{number}.md": f"# Mill {number}\n\n{line.format(number // 3)}" for number in range(2000)})
    assert_time_follows_length(lambda marks: find_contradictions(pages[: len(marks)], {}), "." * len(pages))


def test_time_follows_the_length_of_a_sentence() -> None:
    words = "`a_b` runs at 02:10, every 5 minutes, valid for 3 days; owner of x: y (retries 3) " * 1500

    def read(text: str) -> object:
        return _found(f"# A\n\n{text}\n")

    assert_time_follows_length(read, words)
