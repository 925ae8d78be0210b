"""The truth file: what goes in comes out, whole changes or none, and what damage and other versions say."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from skillgen.chunk import chunk_page
from skillgen.errors import PrerequisiteError, UserError
from skillgen.model.corpus import Block, Chunk, Finding, Page, SourceFile, Span
from skillgen.parse import parse_markdown
from skillgen.store import SCHEMA_VERSION, PageState, Store, text_digest

slow = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
numbers = st.integers(0, 2**40)
spans = st.builds(Span, start=numbers, end=numbers, text=texts)
blocks = st.builds(
    Block,
    kind=st.sampled_from(["heading", "paragraph", "list_item", "table_row", "code", "html"]),
    start=numbers,
    end=numbers,
    heading_path=st.lists(texts, max_size=4).map(tuple),
    depth=st.integers(0, 9),
    spans=st.lists(spans, max_size=3).map(tuple),
    header=st.none() | spans,
)
pages = st.builds(
    Page,
    source=texts.filter(bool),
    title=texts,
    text=texts,
    sha256=texts,
    blocks=st.lists(blocks, max_size=4).map(tuple),
    url=st.none() | texts,
    meta=st.lists(st.tuples(texts, texts), max_size=2).map(tuple),
    removed=st.lists(st.tuples(numbers, numbers, texts), max_size=2).map(tuple),
)
ODD = "nul \0, bell \a, emoji 🚢, combining e\u0301, right-to-left \u202e, line \u2028, private \ue000, \U0010ffff"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "truth.sqlite3")
    yield opened
    opened.close()


def page_of(source: str, text: str) -> tuple[Page, tuple[Chunk, ...]]:
    page, _ = parse_markdown(SourceFile(source=source, text=text, sha256="0" * 64, url=None))
    return page, chunk_page(page)


def put(store: Store, source: str, text: str, *, recipe: str = "r") -> tuple[Chunk, ...]:
    page, chunks = page_of(source, text)
    store.put_page(page, chunks, [Finding(kind="note", source=source, message="m", line=1)], recipe=recipe)
    return chunks


# -- round trips -------------------------------------------------------------------------------------------------------


@slow
@given(st.lists(pages, max_size=3, unique_by=lambda page: page.source))
def test_any_pages_come_back_equal_and_in_the_order_of_their_sources(tmp_path: Path, given_pages: list[Page]) -> None:
    path = tmp_path / "any.sqlite3"
    path.unlink(missing_ok=True)
    store = Store(path)
    for page in given_pages:
        store.put_page(page, (), (), recipe="r")
    assert list(store.pages()) == sorted(given_pages, key=lambda page: page.source)
    store.close()


def test_odd_characters_survive_in_pages_chunks_and_findings(store: Store) -> None:
    finding = Finding(kind="k", source="a.md", message=ODD, severity="info", line=None)
    page, chunks = page_of("a.md", f"# Head {ODD}\n\nText {ODD} of the page.\n")
    store.put_page(page, chunks, [finding], recipe="r")
    assert next(store.pages()) == page
    assert store.chunks() == chunks
    assert store.findings() == (finding,)
    ((digest, text),) = store.unembedded("e")
    assert text == chunks[0].indexed_text
    assert digest == text_digest(chunks[0])


def test_chunks_come_back_by_source_and_place(store: Store) -> None:
    second = put(store, "b.md", "# B\n\none\n\n## C\n\ntwo\n\n## D\n\nthree\n")
    first = put(store, "a.md", "# A\n\nfour\n")
    assert store.chunks() == first + second


def test_a_page_is_replaced_with_everything_made_from_it(store: Store) -> None:
    put(store, "a.md", "# A\n\none\n\n## B\n\ntwo\n")
    kept = put(store, "a.md", "# A\n\nthree\n", recipe="s")
    assert store.chunks() == kept
    assert len(store.findings()) == 1
    assert store.page_states() == {"a.md": PageState(sha256="0" * 64, recipe="s", url=None)}


def test_removed_pages_leave_nothing_behind(store: Store, tmp_path: Path) -> None:
    put(store, "a.md", "# A\n\n| x | y |\n|---|---|\n| one | two |\n")
    store.put_scan_findings([Finding(kind="huge", source="b.md", message="big")])
    store.remove_pages(["a.md", "never.md"])
    assert list(store.pages()) == []
    assert store.chunks() == ()
    assert [finding.source for finding in store.findings()] == ["b.md"]
    with sqlite3.connect(tmp_path / "truth.sqlite3") as db:
        for table in ("page", "block", "span", "chunk"):
            assert db.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)  # noqa: S608 - a name of ours
    db.close()


def test_findings_of_a_scan_replace_those_of_the_one_before(store: Store) -> None:
    store.put_scan_findings([Finding(kind="huge", source="b.md", message="big")])
    store.put_scan_findings([])
    assert store.findings() == ()


def test_asked_for_pages_come_once_each_and_unknown_ones_not_at_all(store: Store) -> None:
    put(store, "b.md", "# B\n\ntext\n")
    put(store, "a.md", "# A\n\ntext\n")
    assert [page.source for page in store.pages({"b.md", "x.md", "a.md"})] == ["a.md", "b.md"]


# -- embeddings --------------------------------------------------------------------------------------------------------


def test_vectors_come_back_in_the_order_of_the_chunks_that_were_asked_for(store: Store) -> None:
    chunks = put(store, "a.md", "# A\n\none\n\n## B\n\ntwo\n")
    vectors = {text_digest(chunk): np.array([n, 0.1], dtype=np.float32) for n, chunk in enumerate(chunks)}
    store.put_embeddings("e", vectors)
    found = store.vectors("e", [chunk.chunk_id for chunk in reversed(chunks)])
    assert found.dtype == np.float32
    assert found.tolist() == np.array([[1, 0.1], [0, 0.1]], dtype=np.float32).tolist()
    assert store.unembedded("e") == []
    assert len(store.unembedded("other")) == 2


def test_a_chunk_without_a_vector_is_an_error(store: Store) -> None:
    (chunk,) = put(store, "a.md", "# A\n\none\n")
    with pytest.raises(KeyError):
        store.vectors("e", [chunk.chunk_id])
    assert store.vectors("e", []).shape == (0, 0)


def test_vectors_stay_while_any_chunk_has_their_text(store: Store) -> None:
    (chunk,) = put(store, "a.md", "# A\n\none\n")
    put(store, "b.md", "# A\n\none\n")
    store.put_embeddings("e", {text_digest(chunk): np.array([1.0], dtype=np.float32)})
    store.remove_pages(["a.md"])
    store.drop_orphans()
    assert store.unembedded("e") == []
    store.remove_pages(["b.md"])
    store.drop_orphans()
    put(store, "a.md", "# A\n\none\n")
    assert len(store.unembedded("e")) == 1


# -- transactions ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_a_transaction_that_fails_changes_nothing(store: Store, error: type[BaseException]) -> None:
    put(store, "a.md", "# A\n\none\n")
    store.set_meta("key", "old")

    def change() -> None:
        with store.transaction():
            store.set_meta("key", "new")
            raise error

    with pytest.raises(error):
        change()
    assert store.meta("key") == "old"
    store.set_meta("key", "newer")
    assert store.meta("key") == "newer"


def test_a_page_whose_chunks_cannot_be_stored_stays_as_it_was(store: Store) -> None:
    before = put(store, "a.md", "# A\n\none\n")
    page, chunks = page_of("a.md", "# A\n\ntwo\n")
    with pytest.raises(PrerequisiteError):
        store.put_page(page, [*chunks, *chunks], (), recipe="r")
    assert store.chunks() == before


def test_what_another_connection_sees_is_whole(store: Store, tmp_path: Path) -> None:
    put(store, "a.md", "# A\n\none\n")
    db = sqlite3.connect(tmp_path / "truth.sqlite3")
    with store.transaction():
        store.set_meta("key", "new")
        assert db.execute("SELECT value FROM meta WHERE key = 'key'").fetchall() == []
    assert db.execute("SELECT value FROM meta WHERE key = 'key'").fetchall() == [("new",)]
    db.close()


# -- files that cannot be used -----------------------------------------------------------------------------------------


def test_a_file_of_another_version_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "truth.sqlite3"
    store = Store(path)
    store.set_meta("schema_version", "999")
    store.close()
    before = path.read_bytes()
    with pytest.raises(UserError, match=f"format 999.*{SCHEMA_VERSION}") as caught:
        Store(path)
    assert "Move it away" in str(caught.value.hint)
    assert path.read_bytes() == before


def _as_format_3(path: Path) -> None:
    """Make the file look as the version before left it."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("CREATE TABLE older (x)")
        db.execute("UPDATE meta SET value = '3' WHERE key = 'schema_version'")


def test_a_file_of_an_older_version_is_made_anew_and_keeps_its_vectors(tmp_path: Path) -> None:
    path = tmp_path / "truth.sqlite3"
    store = Store(path)
    put(store, "a.md", "# A\n\nThe crane is red.\n")
    store.put_embeddings("e", {"digest": np.ones(3, dtype=np.float32)})
    assert store.rebuilt_from is None
    store.close()
    _as_format_3(path)
    store = Store(path)
    assert store.rebuilt_from == "3"
    assert store.page_states() == {}
    assert store.meta("schema_version") == SCHEMA_VERSION
    store.close()
    with contextlib.closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT count(*) FROM embedding").fetchone() == (1,)
        assert not db.execute("SELECT name FROM sqlite_master WHERE name = 'older'").fetchall()
    assert Store(path).rebuilt_from is None


def test_vectors_in_an_older_form_are_not_kept(tmp_path: Path) -> None:
    path = tmp_path / "truth.sqlite3"
    Store(path).close()
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("ALTER TABLE embedding ADD COLUMN norm")
    _as_format_3(path)
    store = Store(path)
    store.put_embeddings("e", {"digest": np.ones(3, dtype=np.float32)})
    store.close()


@pytest.mark.parametrize("content", [b"no database at all, " * 100, b"SQLite format 3\0" + b"\xff" * 4000])
def test_a_file_that_is_no_database_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "truth.sqlite3"
    path.write_bytes(content)
    with pytest.raises(PrerequisiteError, match=r"truth\.sqlite3") as caught:
        Store(path)
    assert "Move it away" in str(caught.value.hint)
    assert path.read_bytes() == content


def test_a_database_of_somebody_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "truth.sqlite3"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE theirs (x)")
    db.close()
    with pytest.raises(PrerequisiteError, match="meta"):
        Store(path)


def test_damage_inside_the_file_is_told_when_it_is_met(tmp_path: Path) -> None:
    path = tmp_path / "truth.sqlite3"
    store = Store(path)
    for number in range(60):
        put(store, f"p{number}.md", f"# Page {number}\n\n" + f"Sentence {number}. " * 30)
    store.close()
    data = bytearray(path.read_bytes())
    for at in range(8 * 4096, len(data), 4096):
        data[at : at + 2000] = b"\xaa" * 2000
    path.write_bytes(data)
    with pytest.raises(PrerequisiteError, match=r"truth\.sqlite3") as caught:
        read_all(path)
    assert "Move it away" in str(caught.value.hint)


def read_all(path: Path) -> None:
    store = Store(path)
    try:
        list(store.pages())
        store.chunks()
        store.unembedded("e")
    finally:
        store.close()


def test_a_folder_in_the_place_of_the_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "truth.sqlite3").mkdir()
    with pytest.raises(PrerequisiteError, match="cannot be used") as caught:
        Store(tmp_path / "truth.sqlite3")
    assert "permissions" in str(caught.value.hint)


READ_ONLY = """
import os, sys
from pathlib import Path
from skillgen.errors import PrerequisiteError
from skillgen.store import Store
if os.geteuid() == 0:  # nothing is closed to root
    os.setgroups([]), os.setgid(65534), os.setuid(65534)
try:
    Store(Path(sys.argv[1])).set_meta("a", "b")
except PrerequisiteError as error:
    print(error.message, error.hint)
"""


@pytest.mark.parametrize("there", [True, False])
def test_a_folder_that_may_not_be_written_is_told_and_not_called_damage(there: bool) -> None:  # noqa: FBT001
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "truth.sqlite3"
        if there:
            Store(path).close()
            path.chmod(0o444)
        path.parent.chmod(0o555)
        done = subprocess.run([sys.executable, "-c", READ_ONLY, str(path)], capture_output=True, text=True, check=False)
        path.parent.chmod(0o755)
    assert "permissions" in done.stdout, done.stderr
    assert str(path) in done.stdout


def test_a_full_disk_keeps_what_was_there(store: Store) -> None:
    before = put(store, "a.md", "# A\n\none\n")
    pages = store._rows("PRAGMA page_count")[0][0]
    store._rows(f"PRAGMA max_page_count = {pages}")
    page, chunks = page_of("b.md", "# B\n\n" + "A long page. " * 3000)
    with pytest.raises(PrerequisiteError, match="full") as caught:
        store.put_page(page, chunks, (), recipe="r")
    assert "space" in str(caught.value.hint)
    assert store.chunks() == before
    store._rows("PRAGMA max_page_count = 100000")
    store.put_page(page, chunks, (), recipe="r")
    assert len(store.chunks()) > len(before)


def test_a_copy_of_the_file_is_the_same_store(store: Store, tmp_path: Path) -> None:
    chunks = put(store, "a.md", "# A\n\none\n")
    store.close()
    shutil.copy(tmp_path / "truth.sqlite3", tmp_path / "copy.sqlite3")
    copy = Store(tmp_path / "copy.sqlite3")
    assert copy.chunks() == chunks
    copy.close()
