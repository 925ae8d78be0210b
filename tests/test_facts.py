"""Page facts: owner, last change, links and deprecation, from our own made-up pages."""

from __future__ import annotations

import pytest

from skillgen.facts import iso_date, page_facts, with_context
from skillgen.model.corpus import Page, SourceFile
from skillgen.model.facts import PageFacts
from skillgen.parse import parse_markdown


def page(text: str, source: str = "guide/deploys.md", **meta: str) -> Page:
    parsed, _ = parse_markdown(SourceFile(source=source, text=text, sha256="0" * 64))
    return Page(
        source=source,
        title=parsed.title,
        text=text,
        sha256=parsed.sha256,
        blocks=parsed.blocks,
        meta=tuple(meta.items()),
    )


def in_context(page: Page, *, code_owner: str = "", committed: str = "") -> PageFacts:
    return with_context(page_facts(page), code_owner=code_owner, committed=committed, duplicates=())


def test_the_pages_own_owner_comes_before_code_owners() -> None:
    facts = in_context(page("# A\n\nText.\n", owner="payments team"), code_owner="@acme/platform")
    assert (facts.owner, facts.owner_from) == ("payments team", "page")


def test_code_owners_answer_where_the_page_is_silent() -> None:
    facts = in_context(page("# A\n\nText.\n"), code_owner="@acme/platform")
    assert (facts.owner, facts.owner_from) == ("@acme/platform", "CODEOWNERS")


def test_nobody_is_named_where_nothing_says_who() -> None:
    facts = page_facts(page("# A\n\nText.\n"))
    assert (facts.owner, facts.owner_from, facts.changed, facts.changed_from) == ("", "", "", "")


def test_the_pages_own_date_comes_before_git() -> None:
    facts = in_context(page("# A\n\nText.\n", last_reviewed="2025-09-23"), committed="2026-01-01")
    assert (facts.changed, facts.changed_from) == ("2025-09-23", "page")
    facts = in_context(page("# A\n\nText.\n"), committed="2026-01-01")
    assert (facts.changed, facts.changed_from) == ("2026-01-01", "git")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025-03-04", "2025-03-04"),
        ("2025-03-04T10:00:00Z", "2025-03-04"),
        ("4 March 2025", "2025-03-04"),
        ("last modified by A. Person on Mar 04, 2025", "2025-03-04"),
        ("4. Mar 2025, 10:12", "2025-03-04"),
        ("March 4 2025", "2025-03-04"),
        ("2025-13-40", ""),
        ("31 Foober 2025", ""),
        ("tomorrow", ""),
        ("", ""),
    ],
)
def test_dates_are_read_in_the_ways_pages_write_them(text: str, expected: str) -> None:
    assert iso_date(text) == expected


def test_links_are_listed_once_without_images_and_anchors() -> None:
    text = "# A\n\n[one](../a.md) and [two](../a.md 'title'), ![pic](b.png), [here](#x), <https://wiki.example/p>\n"
    assert page_facts(page(text)).links == ("../a.md", "https://wiki.example/p")


@pytest.mark.parametrize(
    ("text", "kind", "by"),
    [
        ("# Deploys\n\n> **Deprecated:** see the new page.\n\nText.\n", "deprecated", ""),
        ("# Deploys\n\nThis page is outdated.\n", "outdated", ""),
        ("# Deploys\n\nThis runbook has been superseded by [the pipeline guide](x.md).\n", "superseded",
         "the pipeline guide"),
        ("# Deploys\n\nThis old document is archived.\n", "archived", ""),
        ("# Deploys\n\nThis page is no longer maintained.\n", "outdated", ""),
        ("# Deploys (deprecated)\n\nText.\n", "deprecated", ""),
        ("# [ARCHIVED] Deploys\n\nText.\n", "archived", ""),
        ("# Deploys\n\nThis guide was replaced by the ledger handbook.\n", "superseded", "the ledger handbook"),
    ],
)  # fmt: skip
def test_a_page_that_calls_itself_out_of_date_is_marked(text: str, kind: str, by: str) -> None:
    mark = page_facts(page(text)).deprecation
    assert mark is not None
    assert (mark.kind, mark.by) == (kind, by)


@pytest.mark.parametrize(
    "text",
    [
        "# Deploys\n\nThe old API is deprecated; use the new one.\n",
        "# Deprecating a model\n\nMark the table as deprecated in its description.\n",
        "# Deploys\n\nArchived logs are kept for 30 days.\n",
        "# Deploys\n\nThe token was replaced by a role in March.\n",
        "# Backups\n\nOutdated snapshots are removed each night.\n",
        "# How pages become outdated\n\nEverybody forgets.\n",
    ],
)
def test_a_page_that_speaks_of_something_out_of_date_is_not_marked(text: str) -> None:
    assert page_facts(page(text)).deprecation is None


def test_the_front_matter_says_that_a_page_is_out_of_date() -> None:
    mark = page_facts(page("# A\n\nText.\n", status="deprecated", superseded_by="../b.md")).deprecation
    assert mark is not None
    assert (mark.kind, mark.by, mark.line) == ("deprecated", "../b.md", 1)
    mark = page_facts(page("# A\n\nText.\n", archived="true")).deprecation
    assert mark is not None
    assert mark.kind == "archived"
    assert page_facts(page("# A\n\nText.\n", status="active")).deprecation is None


def test_an_archive_folder_marks_its_pages() -> None:
    mark = page_facts(page("# A\n\nText.\n", source="wiki/Archive/old.md")).deprecation
    assert mark is not None
    assert mark.kind == "archived"
    assert page_facts(page("# A\n\nText.\n", source="wiki/archive.md")).deprecation is None
