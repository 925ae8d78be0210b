"""A sync that would remove much stops before it removes anything."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from corpus_builder import Site, make_site, search_results, state_of, write_pages

from skillgen.errors import CorpusError

PAGES = {f"p{i}.md": f"# Page {i}\n\nThe crane number {i} is checked at 0{i % 9}:15.\n" for i in range(10)}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    site = make_site(tmp_path / "a", PAGES)
    site.options["ingest.allow_prune"] = False
    site.ingest()
    return site


def remove(site: Site, count: int) -> None:
    for i in range(count):
        (site.pages() / f"p{i}.md").unlink()


def test_a_fifth_of_the_pages_goes_without_a_question(site: Site) -> None:
    remove(site, 2)
    assert site.ingest().removed == 2


def test_more_than_a_fifth_stops_and_removes_nothing(site: Site) -> None:
    before = search_results(site)
    remove(site, 3)
    with pytest.raises(
        CorpusError, match=r"3 of the 10 pages .* p0\.md, p1\.md, p2\.md\. Nothing was removed"
    ) as caught:
        site.ingest()
    assert "--allow-prune" in str(caught.value.hint)
    write_pages(site.pages(), PAGES)
    assert site.ingest().parsed == 0
    assert search_results(site) == before


def test_it_goes_on_when_it_is_allowed(site: Site, tmp_path: Path) -> None:
    remove(site, 9)
    site.options["ingest.allow_prune"] = True
    assert site.ingest().removed == 9
    site.build()
    assert state_of(site) == _fresh(site, tmp_path)


def _fresh(site: Site, tmp_path: Path) -> dict[str, object]:
    other = Site(root=tmp_path / "b")
    shutil.copytree(site.pages(), other.pages())
    other.build()
    return state_of(other)


def test_moved_pages_are_not_gone(site: Site) -> None:
    (site.pages() / "archive").mkdir()
    for i in range(8):
        (site.pages() / f"p{i}.md").rename(site.pages() / "archive" / f"q{i}.md")
    assert site.ingest().removed == 8


def test_one_new_copy_stands_for_one_page_only(tmp_path: Path) -> None:
    site = make_site(tmp_path / "a", dict.fromkeys(PAGES, "# Same\n\nThe crane is checked.\n"))
    site.options["ingest.allow_prune"] = False
    site.ingest()
    remove(site, 4)
    write_pages(site.pages(), {"new.md": "# Same\n\nThe crane is checked.\n"})
    with pytest.raises(CorpusError, match="3 of the 10"):
        site.ingest()


def test_the_wrong_folder_brings_nothing_into_the_workspace(site: Site, tmp_path: Path) -> None:
    write_pages(tmp_path / "a" / "other", {f"o{i}.md": f"# Other {i}\n\nThe ferry {i} sails.\n" for i in range(20)})
    wrong = Site(root=site.root, corpora=("other",), options=dict(site.options))
    with pytest.raises(CorpusError, match="10 of the 10"):
        wrong.ingest()
    again = site.ingest()
    assert (again.pages, again.parsed, again.removed) == (10, 0, 0)


def test_pages_that_cannot_be_read_any_more_count_as_gone(site: Site) -> None:
    for i in range(5):
        (site.pages() / f"p{i}.md").write_bytes(b"\xff\xfe\x00 no text")
    with pytest.raises(CorpusError, match="5 of the 10"):
        site.ingest()


def test_an_emptied_corpus_removes_nothing(site: Site) -> None:
    shutil.rmtree(site.pages())
    site.pages().mkdir()
    site.options["ingest.allow_prune"] = True
    with pytest.raises(CorpusError, match="no page to read"):
        site.ingest()
    write_pages(site.pages(), PAGES)
    again = site.ingest()
    assert (again.parsed, again.embedded) == (0, 0)
