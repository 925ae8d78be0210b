"""Very large inputs: a clear finding or an answer, in bounded memory."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest
from corpus_builder import make_site

MEGABYTE = 1_000_000


def _peak() -> int:
    """Return the largest memory that this process has held, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def test_a_file_of_two_gigabytes_is_a_finding_and_is_not_read(tmp_path: Path) -> None:
    site = make_site(tmp_path / "a")
    site.ingest()
    before = _peak()
    with (site.pages() / "dump.md").open("wb") as file:
        file.truncate(2_000 * MEGABYTE)  # it takes no room on the disk
    report = site.ingest()
    assert [finding.kind for finding in report.findings if finding.source == "dump.md"] == ["huge"]
    assert _peak() - before < 200 * MEGABYTE


@pytest.mark.long
def test_a_hundred_thousand_files_are_read_in_bounded_memory(tmp_path: Path) -> None:
    site = make_site(tmp_path / "a")
    for number in range(100_000):
        path = site.pages() / f"f{number % 300}" / f"page-{number}.md"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"# Page {number}\n\nThe crane of quay {number} is checked.\n", encoding="utf-8")
    before = _peak()
    report = site.ingest()
    assert report.pages == 100_004
    again = site.ingest()
    assert (again.parsed, again.embedded) == (0, 0)
    assert _peak() - before < 2_500 * MEGABYTE
