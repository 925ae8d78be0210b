"""A full disk is a clear error, and with more room the same command goes on and ends where an undisturbed one does.

The disk is a real one of a few kilobytes, in memory; where the system lets nobody but its owner mount one, the same is
tried with the database's own limit.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from corpus_builder import Site, fresh_state, make_site, state_of

from skillgen import lexical
from skillgen.errors import PrerequisiteError
from skillgen.store import Store

SIZES_KB = (40, 150, 400, 700, 1_000)


def mount(*arguments: str) -> bool:
    return subprocess.run(["mount", *arguments], capture_output=True, check=False).returncode == 0


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "a" / "workspace"
    folder.mkdir(parents=True)
    if not mount("-t", "tmpfs", "-o", "size=40k", "tmpfs", str(folder)):
        pytest.skip("this user may not mount a disk")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_on_a_disk_that_grows_every_command_says_that_it_is_full_until_one_ends(disk: Path, tmp_path: Path) -> None:
    site = make_site(tmp_path / "a")
    failed = 0
    for size in SIZES_KB:
        assert mount("-o", f"remount,size={size}k", str(disk))
        said = _said(site)
        failed += bool(said)
        assert "Move it away" not in said
        assert not said or any(words in said for words in ("disk is full", "disk I/O error", "No space left")), said
    assert failed
    assert mount("-o", "remount,size=40m", str(disk))
    site.build()
    assert state_of(site) == fresh_state(site, tmp_path / "b")


def _said(site: Site) -> str:
    """Build, and return what the error says that ends it, with its hint, or nothing."""
    try:
        site.build()
    except PrerequisiteError as error:
        return f"{error} {error.hint}"
    except OSError as error:
        return str(error)
    return ""


def test_a_full_database_keeps_what_was_stored_and_goes_on_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = make_site(tmp_path / "a", {f"p{i}.md": f"# Page {i}\n\n" + "The crane is red. " * 200 for i in range(9)})
    whole = Store._prepare

    def small(store: Store) -> None:
        whole(store)
        (pages,) = store._rows("PRAGMA page_count")[0]
        store._rows(f"PRAGMA max_page_count = {pages + 3}")

    with monkeypatch.context() as patch:
        patch.setattr(Store, "_prepare", small)
        with pytest.raises(PrerequisiteError, match="full") as caught:
            site.ingest()
        assert "free space" in str(caught.value.hint)
    stored = len(_states(site))
    report = site.ingest()
    assert report.parsed == report.pages - stored
    site.build()
    assert state_of(site) == fresh_state(site, tmp_path / "b")


def _states(site: Site) -> dict[str, object]:
    from skillgen.workspace import open_workspace

    with open_workspace(site.workspace) as workspace:
        return dict(workspace.store.page_states())


def test_a_word_index_that_cannot_be_written_leaves_the_one_that_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import tantivy

    index = lexical.LexicalIndex(tmp_path / "words")
    index.rebuild([lexical.LexicalRow(id="a", headings="", text="crane")], digest="d1")

    class Refusing:
        def add_document(self, _: object) -> None: ...

        def commit(self) -> None:
            raise ValueError("An IO error occurred: 'No space left on device (os error 28)'")

    class Broken:
        def __init__(self, *_: object, **__: object) -> None: ...

        def writer(self, **_: object) -> Refusing:
            return Refusing()

    with monkeypatch.context() as patch:
        patch.setattr(tantivy, "Index", Broken)
        with pytest.raises(PrerequisiteError, match="No space left"):
            index.rebuild([lexical.LexicalRow(id="b", headings="", text="dock")], digest="d2")
    assert index.digest == "d1"
    assert index.search("crane", limit=5)
