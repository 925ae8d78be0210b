"""A workspace after any changes is the workspace of a first build, and does only the work that a change asks for."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from corpus_builder import (
    PAGES,
    CountingEmbedder,
    Site,
    file_bytes,
    file_times,
    fresh_state,
    make_site,
    random_page,
    random_sentence,
    state_of,
    write_pages,
)

from skillgen.lexical import LexicalIndex
from skillgen.vectors import VectorIndex


@pytest.fixture
def no_index_work(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    def arm() -> None:
        def refuse(*_: object, **__: object) -> None:
            pytest.fail("an index was made again")

        monkeypatch.setattr(LexicalIndex, "rebuild", refuse)
        monkeypatch.setattr(VectorIndex, "sync", refuse)

    return arm


# -- nothing changed ---------------------------------------------------------------------------------------------------


def test_a_second_ingest_parses_embeds_and_indexes_nothing(tmp_path: Path, no_index_work: Callable[[], None]) -> None:
    site = make_site(tmp_path / "a")
    first = site.ingest()
    assert (first.parsed, first.unchanged) == (4, 0)
    assert first.embedded == first.chunks > 4
    no_index_work()
    embedder = CountingEmbedder()
    again = site.ingest(embedder)
    assert (again.parsed, again.unchanged, again.removed, again.embedded) == (0, 4, 0, 0)
    assert embedder.calls == 0
    assert (again.pages, again.chunks, again.corpus_sha256) == (first.pages, first.chunks, first.corpus_sha256)


def test_a_second_build_rewrites_no_file(tmp_path: Path) -> None:
    site = make_site(tmp_path / "a")
    first = site.build()
    assert set(first.changed) == set(file_bytes(first.package))
    package, times = file_bytes(site.out), file_times(site.out)
    drafts, draft_times = file_bytes(site.workspace / "drafts"), file_times(site.workspace / "drafts")
    second = site.build()
    assert second.changed == ()
    assert file_bytes(site.out) == package
    assert file_times(site.out) == times
    assert file_bytes(site.workspace / "drafts") == drafts
    assert file_times(site.workspace / "drafts") == draft_times


def test_touching_a_file_is_no_change(tmp_path: Path) -> None:
    site = make_site(tmp_path / "a")
    site.ingest()
    write_pages(site.pages(), PAGES)
    assert site.ingest().parsed == 0


# -- one change --------------------------------------------------------------------------------------------------------


def test_of_an_edited_page_only_the_changed_chunks_are_embedded(tmp_path: Path) -> None:
    site = make_site(tmp_path / "a")
    site.ingest()
    text = PAGES["deploy.md"].replace("Tell #releases.", "Tell #releases and wait for 10 minutes.")
    write_pages(site.pages(), {"deploy.md": text})
    embedder = CountingEmbedder()
    report = site.ingest(embedder)
    assert (report.parsed, report.unchanged, report.embedded) == (1, 3, 1)
    assert len(embedder.texts) == 1
    assert "wait for 10 minutes" in embedder.texts[0]


def test_a_moved_page_is_parsed_and_nothing_is_embedded(tmp_path: Path) -> None:
    site = make_site(tmp_path / "a")
    before = site.ingest()
    (site.pages() / "archive").mkdir()
    (site.pages() / "people.md").rename(site.pages() / "archive" / "staff.md")
    report = site.ingest()
    assert (report.parsed, report.removed, report.embedded) == (1, 1, 0)
    assert report.chunks == before.chunks


def test_a_deleted_page_is_forgotten_everywhere(tmp_path: Path) -> None:
    site = make_site(tmp_path / "a")
    site.build()
    (site.pages() / "ops" / "nightly.md").unlink()
    report = site.ingest()
    assert (report.parsed, report.removed, report.embedded) == (0, 1, 0)
    site.build()
    assert "nightly.md" not in str(state_of(site))
    assert state_of(site) == fresh_state(site, tmp_path / "b")


def test_equal_texts_are_embedded_once(tmp_path: Path) -> None:
    text = PAGES["people.md"]
    site = make_site(
        tmp_path / "a", {"one.md": text, "two.md": text, "three.md": text + "\n## More\n\nNothing else.\n"}
    )
    report = site.ingest()
    assert (report.pages, report.chunks, report.embedded) == (3, 4, 2)


@pytest.mark.parametrize("size", [200, 1200])
def test_another_chunk_size_parses_all_pages_again(tmp_path: Path, size: int) -> None:
    site = make_site(tmp_path / "a")
    site.build()
    site.options["chunk.max_chars"] = size
    assert site.ingest().parsed == 4
    assert site.ingest().parsed == 0
    site.build()
    assert state_of(site) == fresh_state(site, tmp_path / "b")


def test_from_one_corpus_to_two_and_back_all_sources_change_their_names(tmp_path: Path) -> None:
    site = make_site(tmp_path / "a")
    site.build()
    first = state_of(site)
    site.corpora = ("wiki", "runbooks")
    write_pages(site.pages("runbooks"), {"deploy.md": PAGES["deploy.md"], "extra.md": "# Extra\n\nThe crane is red.\n"})
    report = site.ingest()
    assert (report.pages, report.parsed, report.removed) == (6, 6, 4)
    assert report.embedded == 1
    site.build()
    assert state_of(site) == fresh_state(site, tmp_path / "b")
    site.corpora = ("wiki",)
    assert site.ingest().removed == 6
    site.build()
    assert state_of(site) == first


def test_another_embedder_embeds_all_and_the_first_one_comes_back(tmp_path: Path) -> None:
    from skillgen.embed import HashEmbedder

    site = make_site(tmp_path / "a")
    first = site.ingest()
    other = HashEmbedder(32)
    assert site.ingest(other).embedded == first.embedded
    assert site.ingest().embedded == 0
    site.build()
    assert state_of(site) == fresh_state(site, tmp_path / "b")


def test_a_corpus_that_was_empty_for_once_costs_no_embedding(tmp_path: Path) -> None:
    from skillgen.errors import CorpusError

    site = make_site(tmp_path / "a")
    site.build()
    site.pages().rename(tmp_path / "a" / "away")
    site.pages().mkdir()
    with pytest.raises(CorpusError):
        site.ingest()
    site.pages().rmdir()
    (tmp_path / "a" / "away").rename(site.pages())
    assert site.ingest().embedded == 0
    site.build()
    assert state_of(site) == fresh_state(site, tmp_path / "b")


def test_a_name_in_two_unicode_forms_is_two_pages(tmp_path: Path) -> None:
    names = {
        unicodedata.normalize(form, "Übergabe.md"): f"# Page {form}\n\nThe crane is {form}.\n"
        for form in ("NFC", "NFD")
    }
    site = make_site(tmp_path / "a", names)
    if len(file_bytes(site.pages())) == 2:
        assert site.ingest().pages == 2
        assert site.ingest().parsed == 0


# -- any changes -------------------------------------------------------------------------------------------------------


class RandomEdits:
    """Edits, adds, moves, copies, empties and deletes pages at random; at least one page with words is left."""

    def __init__(self, site: Site, seed: int) -> None:
        self._site = site
        self._chance = random.Random(seed)

    def step(self) -> None:
        moves = (self._add, self._add, self._edit, self._edit, self._move, self._copy, self._empty, self._delete)
        self._chance.choice(moves)()
        write_pages(self._site.pages(), {"always.md": PAGES["deploy.md"]})

    def _some(self) -> Path:
        return self._chance.choice(sorted(p for p in self._site.pages().rglob("*.md") if p.is_file()))

    def _name(self) -> Path:
        folder = self._chance.choice(("", "a", "a/b", "ü x"))
        path = self._site.pages() / folder / f"p{self._chance.randrange(6)}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def _add(self) -> None:
        self._name().write_text(random_page(self._chance), encoding="utf-8")

    def _edit(self) -> None:
        path = self._some()
        lines = path.read_text(encoding="utf-8").split("\n")
        lines.insert(self._chance.randrange(len(lines) + 1), f"\n{random_sentence(self._chance)}\n")
        path.write_text("\n".join(lines), encoding="utf-8")

    def _move(self) -> None:
        self._some().replace(self._name())

    def _copy(self) -> None:
        text = self._some().read_bytes()
        self._name().write_bytes(text)

    def _empty(self) -> None:
        self._some().write_bytes(self._chance.choice((b"", b"\n \n", b"# Title only\n")))

    def _delete(self) -> None:
        self._some().unlink()


def check_random_sequence(tmp_path: Path, seed: int) -> None:
    chance = random.Random(-1 - seed)
    site = make_site(tmp_path / "a")
    edits = RandomEdits(site, seed)
    for _ in range(chance.randrange(1, 4)):
        for _ in range(chance.randrange(1, 5)):
            edits.step()
        if chance.random() < 0.2:
            site.options["chunk.max_chars"] = chance.choice((200, 400, 600))
        if chance.random() < 0.7:
            site.ingest()
        else:
            site.build()
    site.build()
    assert site.build().changed == ()
    assert state_of(site) == fresh_state(site, tmp_path / "b")


@pytest.mark.parametrize("seed", range(20))
def test_any_changes_end_where_a_first_build_ends(tmp_path: Path, seed: int) -> None:
    check_random_sequence(tmp_path, seed)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(1000, 1200))
def test_any_changes_end_where_a_first_build_ends_200_times(tmp_path: Path, seed: int) -> None:
    check_random_sequence(tmp_path, seed)


def test_another_version_of_skillgen_parses_all_pages_again_and_embeds_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = make_site(tmp_path / "a")
    site.ingest()
    monkeypatch.setattr("skillgen.pipeline.ingest.__version__", "999")
    report = site.ingest()
    assert (report.parsed, report.embedded) == (4, 0)
