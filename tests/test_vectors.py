"""The vector index, against a real Chroma: what a sync leaves, what a search finds, what damage says."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from skillgen import vectors
from skillgen.errors import PrerequisiteError
from skillgen.vectors import SyncCounts, VectorIndex

if TYPE_CHECKING:
    from numpy.typing import NDArray

IDS = [f"chk-{number:02d}" for number in range(12)]
few_ids = st.sets(st.sampled_from(IDS))
slow = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def vectors_of(ids: Sequence[str], dimension: int = 8) -> NDArray[np.float32]:
    """Return unit vectors that depend on nothing but the ids; every third id shares its vector with others."""
    rows = []
    for each in ids:
        number = int(each.split("-")[1])
        row = np.random.default_rng(0 if number % 3 == 0 else number).standard_normal(dimension)
        rows.append(row / np.linalg.norm(row))
    return np.array(rows, dtype=np.float32).reshape(len(ids), dimension)


def by_comparing_all(ids: Sequence[str], query: NDArray[np.float32], limit: int) -> list[tuple[str, float]]:
    pairs = [(each, round(float(vectors_of([each])[0].astype(float) @ query.astype(float)), 6)) for each in ids]
    return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))[:limit]


QUERY = vectors_of(["q-99"])[0]


@pytest.fixture
def index(tmp_path: Path) -> Iterator[VectorIndex]:
    with VectorIndex(tmp_path / "chroma", embedder_id="a") as opened:
        yield opened


@pytest.fixture
def recorded() -> tuple[list[list[str]], Callable[[Sequence[str]], NDArray[np.float32]]]:
    """Return a list of what was asked for, and the function that is asked."""
    asked: list[list[str]] = []

    def vector_of(ids: Sequence[str]) -> NDArray[np.float32]:
        asked.append(list(ids))
        return vectors_of(ids)

    return asked, vector_of


def test_importing_the_module_imports_neither_chroma_nor_numpy() -> None:
    code = "import sys, skillgen.vectors; sys.exit(bool({'chromadb', 'numpy'} & sys.modules.keys()))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_an_index_that_was_never_synced_is_empty_and_makes_no_folder(index: VectorIndex, tmp_path: Path) -> None:
    assert index.count() == 0
    assert index.ids() == set()
    assert index.search(QUERY, limit=5) == []
    assert not list(tmp_path.iterdir())


def test_a_sync_adds_what_is_missing_and_removes_what_is_not_wanted(
    index: VectorIndex, recorded: tuple[list[list[str]], Callable[[Sequence[str]], NDArray[np.float32]]]
) -> None:
    asked, vector_of = recorded
    assert index.sync(IDS[:5], vector_of) == SyncCounts(added=5, removed=0)
    assert index.sync(IDS[3:7], vector_of) == SyncCounts(added=2, removed=3)
    assert index.sync(IDS[3:7], vector_of) == SyncCounts(added=0, removed=0)
    assert asked == [IDS[:5], IDS[5:7]]
    assert index.ids() == set(IDS[3:7])
    assert index.count() == 4


def test_rows_are_kept_when_the_folder_is_opened_again(tmp_path: Path) -> None:
    with VectorIndex(tmp_path, embedder_id="a") as first:
        first.sync(IDS, vectors_of)
        found = first.search(QUERY, limit=4)
    with VectorIndex(tmp_path, embedder_id="a") as second:
        assert second.sync(IDS, vectors_of) == SyncCounts(added=0, removed=0)
        assert second.search(QUERY, limit=4) == found


def test_a_closed_index_opens_again_by_itself(index: VectorIndex) -> None:
    index.sync(IDS, vectors_of)
    index.close()
    index.close()
    assert index.count() == len(IDS)


def test_missing_vectors_are_asked_for_in_sorted_batches_that_chroma_accepts(
    index: VectorIndex,
    recorded: tuple[list[list[str]], Callable[[Sequence[str]], NDArray[np.float32]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked, vector_of = recorded
    monkeypatch.setattr(type(index._opened()), "get_max_batch_size", lambda _: 5)
    index.sync(reversed(IDS), vector_of)  # type: ignore[arg-type] # any collection of ids
    assert asked == [IDS[:5], IDS[5:10], IDS[10:]]
    index.sync([], vector_of)
    assert index.count() == 0
    assert index.search(QUERY, limit=3) == []


def test_an_interrupted_sync_is_completed_by_the_next(index: VectorIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails_late(ids: Sequence[str]) -> NDArray[np.float32]:
        if ids[0] != IDS[0]:
            raise KeyboardInterrupt
        return vectors_of(ids)

    monkeypatch.setattr(type(index._opened()), "get_max_batch_size", lambda _: 4)
    with pytest.raises(KeyboardInterrupt):
        index.sync(IDS, fails_late)
    assert index.ids() == set(IDS[:4])
    assert index.sync(IDS, vectors_of) == SyncCounts(added=8, removed=0)
    assert index.search(QUERY, limit=12) == by_comparing_all(IDS, QUERY, 12)


@slow
@given(st.lists(few_ids, min_size=1, max_size=5), st.integers(1, 13))
def test_any_sequence_of_syncs_ends_like_a_fresh_one(wanted: list[set[str]], limit: int) -> None:
    with tempfile.TemporaryDirectory() as folder, VectorIndex(Path(folder), embedder_id="a") as index:
        for ids in wanted:
            index.sync(ids, vectors_of)
            index.search(QUERY, limit=limit)
        assert index.ids() == wanted[-1]
        assert index.search(QUERY, limit=limit) == by_comparing_all(sorted(wanted[-1]), QUERY, limit)


def test_exact_search_gives_rounded_cosines_and_breaks_ties_by_id(index: VectorIndex) -> None:
    index.sync(IDS, vectors_of)
    query = vectors_of(["chk-00"])[0]
    found = index.search(query, limit=3)
    assert found == [("chk-00", 1.0), ("chk-03", 1.0), ("chk-06", 1.0)]
    assert all(type(score) is float for _, score in found)
    assert index.search(query, limit=0) == []
    assert len(index.search(query, limit=100)) == len(IDS)


def test_a_search_sees_what_the_last_sync_left(index: VectorIndex) -> None:
    index.sync(IDS, vectors_of)
    before = index.search(QUERY, limit=1)
    index.sync([each for each in IDS if each != before[0][0]], vectors_of)
    assert index.search(QUERY, limit=1) != before


def test_a_similarity_does_not_depend_on_the_other_rows(tmp_path: Path) -> None:
    random = np.random.default_rng(7)
    rows = random.standard_normal((400, 384))
    table = dict(zip((f"c{n:03d}" for n in range(400)), (rows / np.linalg.norm(rows, axis=1)[:, None]), strict=True))
    query = table["c000"].astype(np.float32)

    def vector_of(ids: Sequence[str]) -> NDArray[np.float32]:
        return np.array([table[each] for each in ids], dtype=np.float32)

    with VectorIndex(tmp_path, embedder_id="a") as index:
        index.sync(table.keys(), vector_of)
        everything = dict(index.search(query, limit=400))
        index.sync(sorted(table)[::7], vector_of)
        some = dict(index.search(query, limit=400))
    assert some == {each: everything[each] for each in sorted(table)[::7]}


def test_beyond_the_exact_limit_the_graph_answers_in_the_same_form(
    index: VectorIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.sync(IDS, vectors_of)
    exact = index.search(QUERY, limit=5)
    index.close()
    monkeypatch.setattr(vectors, "EXACT_LIMIT", 3)
    monkeypatch.setattr(vectors, "_read", None)
    assert [each for each, _ in index.search(QUERY, limit=5)] == [each for each, _ in exact]
    assert dict(index.search(QUERY, limit=5)) == pytest.approx(dict(exact), abs=2e-6)
    assert len(index.search(QUERY, limit=100)) == len(IDS)


def test_a_graph_that_finds_too_few_is_replaced_by_the_exact_search(
    index: VectorIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.sync(IDS, vectors_of)
    monkeypatch.setattr(vectors, "EXACT_LIMIT", 3)
    monkeypatch.setattr(index, "_approximate", lambda *_: [("chk-00", 0.5)])
    assert index.search(QUERY, limit=5) == by_comparing_all(IDS, QUERY, 5)


def test_another_embedders_rows_are_never_seen_and_go_at_the_next_sync(tmp_path: Path) -> None:
    with VectorIndex(tmp_path, embedder_id="a") as old:
        old.sync(IDS, vectors_of)
    with VectorIndex(tmp_path, embedder_id="b") as new:
        assert new.count() == 0
        assert new.sync(IDS[:3], vectors_of) == SyncCounts(added=3, removed=0)
    with VectorIndex(tmp_path, embedder_id="a") as old:
        assert old.count() == 0


def test_vectors_of_another_length_rebuild_the_index(index: VectorIndex) -> None:
    index.sync(IDS[:4], vectors_of)
    counts = index.sync(IDS[:6], lambda ids: vectors_of(ids, 5))
    assert counts == SyncCounts(added=6, removed=4)
    assert len(index.search(vectors_of(IDS[:1], 5)[0], limit=10)) == 6


def test_a_query_of_another_length_is_refused(index: VectorIndex) -> None:
    index.sync(IDS, vectors_of)
    with pytest.raises(PrerequisiteError, match="length 8") as caught:
        index.search(vectors_of(IDS[:1], 5)[0], limit=3)
    assert caught.value.hint == "Run `skillgen doctor --rebuild`."


def test_a_collection_that_says_it_is_something_else_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with VectorIndex(tmp_path, embedder_id="a") as index:
        index.sync(IDS, vectors_of)
    monkeypatch.setattr(vectors, "_LAYOUT", 2)
    with VectorIndex(tmp_path, embedder_id="a") as index:
        assert index.sync(IDS[:2], vectors_of) == SyncCounts(added=2, removed=0)
        assert index.count() == 2


@pytest.mark.parametrize(
    "wrong",
    [
        lambda ids: vectors_of(ids)[1:],
        lambda ids: vectors_of(ids)[0],
        lambda ids: vectors_of(ids) * 2,
        lambda ids: vectors_of(ids) * np.float32(np.nan),
    ],
    ids=["too few", "one row", "too long", "not finite"],
)
def test_anything_but_unit_vectors_is_refused(
    index: VectorIndex, wrong: Callable[[Sequence[str]], NDArray[np.float32]]
) -> None:
    with pytest.raises(ValueError, match="unit vectors"):
        index.sync(IDS, wrong)
    assert index.count() == 0


def test_an_error_of_the_embedder_passes_through(index: VectorIndex) -> None:
    def unreachable(_: Sequence[str]) -> NDArray[np.float32]:
        raise PrerequisiteError("no server")

    with pytest.raises(PrerequisiteError, match="no server"):
        index.sync(IDS, unreachable)


def rows_in_the_graph(index: VectorIndex) -> None:
    """Fill the index with more rows than Chroma keeps in its journal alone."""
    index.sync([f"c-{number:04d}" for number in range(1500)], vectors_of)
    index.close()


def garbage_database(folder: Path) -> None:
    (folder / "chroma.sqlite3").write_bytes(b"garbage" * 1000)


def half_a_database(folder: Path) -> None:
    os.truncate(folder / "chroma.sqlite3", (folder / "chroma.sqlite3").stat().st_size // 2)


def no_graph(folder: Path) -> None:
    for each in folder.iterdir():
        if each.is_dir():
            shutil.rmtree(each)


def garbage_graph(folder: Path) -> None:
    for path in folder.glob("*/*"):
        path.write_bytes(b"xx" * 50)


@pytest.mark.parametrize("damage", [garbage_database, half_a_database, no_graph, garbage_graph])
def test_a_damaged_folder_says_how_to_rebuild_it(
    index: VectorIndex, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    rows_in_the_graph(index)
    damage(tmp_path / "chroma")
    with pytest.raises(PrerequisiteError, match="vector index in") as caught:
        index.search(QUERY, limit=5)
    assert caught.value.hint == "Run `skillgen doctor --rebuild`."
    index.close()
    shutil.rmtree(tmp_path / "chroma")
    assert index.sync(IDS, vectors_of).added == len(IDS)


def test_a_lost_graph_is_noticed_beyond_the_exact_limit_too(
    index: VectorIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows_in_the_graph(index)
    no_graph(tmp_path / "chroma")
    monkeypatch.setattr(vectors, "EXACT_LIMIT", 100)
    with pytest.raises(PrerequisiteError, match="vector index in"):
        index.search(QUERY, limit=5)


def test_rows_that_cannot_all_be_read_are_noticed(index: VectorIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    index.sync(IDS, vectors_of)
    monkeypatch.setattr(vectors, "_read", lambda _: vectors._Matrix(("chk-00",), np.zeros((1, 8))))
    with pytest.raises(PrerequisiteError, match="counts 12 rows and gives 1"):
        index.search(QUERY, limit=5)


def test_a_file_where_the_folder_should_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "chroma").write_text("x")
    with VectorIndex(tmp_path / "chroma", embedder_id="a") as index, pytest.raises(PrerequisiteError):
        index.sync(IDS, vectors_of)


def test_neither_the_environment_nor_an_env_file_change_chroma(
    index: VectorIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("CHROMA_OTEL_COLLECTION_ENDPOINT=http://127.0.0.1:9\nALLOW_RESET=true\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ANONYMIZED_TELEMETRY", "true")
    monkeypatch.setenv("MIGRATIONS", "none")
    index.sync(IDS, vectors_of)
    used = index._opened().get_settings()
    assert not used.anonymized_telemetry
    assert not used.allow_reset
    assert not used.chroma_otel_collection_endpoint
