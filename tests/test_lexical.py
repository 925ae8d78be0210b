"""The word index, against a real tantivy: what is found, in which order, and what a crash or damage leaves."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skillgen import lexical
from skillgen.errors import PrerequisiteError
from skillgen.lexical import LexicalIndex, LexicalRow

slow = settings(max_examples=25, deadline=None)

ROWS = (
    LexicalRow(id="chk-01", headings="Airflow > Deployments", text="A merge to main triggers the deployment of DAGs."),
    LexicalRow(id="chk-02", headings="dbt", text="Airflow starts dbt in region eu-west-1 and waits for it."),
    LexicalRow(id="chk-03", headings="Snowflake", text="Rotate the SNOWFLAKE_PRIVATE_KEY every 90 days. Not in May."),
    LexicalRow(id="chk-04", headings="Über uns", text="Die Überprüfung läuft täglich; naïve cafés and 東京."),
)


def built(folder: Path, rows: tuple[LexicalRow, ...] = ROWS, digest: str = "d1") -> LexicalIndex:
    index = LexicalIndex(folder)
    index.rebuild(rows, digest=digest)
    return index


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> LexicalIndex:
    return built(tmp_path_factory.mktemp("lexical"))


def found(index: LexicalIndex, query: str, limit: int = 10) -> list[str]:
    return [each for each, _ in index.search(query, limit=limit)]


def test_importing_the_module_does_not_import_tantivy() -> None:
    code = "import sys, skillgen.lexical; sys.exit('tantivy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_an_index_that_was_never_built_is_empty_and_makes_no_folder(tmp_path: Path) -> None:
    index = LexicalIndex(tmp_path / "words")
    assert index.search("airflow", limit=3) == []
    assert index.digest is None
    assert not list(tmp_path.iterdir())


def test_an_index_of_no_rows_is_an_index(tmp_path: Path) -> None:
    index = built(tmp_path, ())
    assert index.digest == "d1"
    assert index.search("airflow", limit=3) == []


# What is found


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("dbt", ["chk-02"]),
        ("eu-west-1", ["chk-02"]),
        ("EU West", ["chk-02"]),
        ("triggering deployed", ["chk-01"]),
        ("snowflake_private_key", ["chk-03"]),
        ("private", ["chk-03"]),
        ("überprüfung", ["chk-04"]),
        ("NAÏVE", ["chk-04"]),
        ("東京", ["chk-04"]),
        ("kubernetes", []),
        ("", []),
        (" \n\t", []),
        ("?!... --- * () \"'", []),
        ("_", []),
    ],
)
def test_words_are_found_by_their_stem_however_they_are_written(
    index: LexicalIndex, query: str, expected: list[str]
) -> None:
    assert found(index, query) == expected


def test_any_word_is_enough_and_more_words_score_higher(index: LexicalIndex) -> None:
    results = index.search("airflow dbt snowflake kubernetes", limit=10)
    assert {each for each, _ in results} == {"chk-01", "chk-02", "chk-03"}
    assert results[0][0] == "chk-02"
    assert [score for _, score in results] == sorted((score for _, score in results), reverse=True)
    assert all(score == round(score, 6) for _, score in results)


def test_a_word_is_found_in_headings_and_in_text(tmp_path: Path) -> None:
    rows = (
        LexicalRow(id="a", headings="other", text="metabase"),
        LexicalRow(id="b", headings="metabase", text="other"),
        LexicalRow(id="c", headings="other", text="other"),
    )
    found = built(tmp_path, rows).search("metabase", limit=3)
    assert [row_id for row_id, _ in found] == ["a", "b"]


@pytest.mark.parametrize(
    ("query", "same_as"),
    [
        ("dbt AND kubernetes", "dbt and kubernetes"),
        ("NOT dbt", "not dbt"),
        ("-dbt", "dbt"),
        ("text:dbt", "text dbt"),
        ("id:chk-01", "id chk 01"),
        ('"airflow dbt"', "airflow dbt"),
        ("air* [a TO z] {x} (dbt^5 OR ~", "air a to z x dbt 5 or"),
        ("dbt\\", "dbt"),
        ("/.*/", ""),
        ("dbt Dbt DBT", "dbt"),
        ("dbt airflow", "airflow dbt"),
        ("dbt \udcff", "dbt"),
        ("dbt\0", "dbt"),
    ],
)
def test_nothing_in_a_query_is_syntax(index: LexicalIndex, query: str, same_as: str) -> None:
    assert index.search(query, limit=10) == index.search(same_as, limit=10)


@slow
@given(query=st.text(max_size=60), limit=st.integers(-1, 5))
def test_no_query_breaks_a_search(index: LexicalIndex, query: str, limit: int) -> None:
    assert len(index.search(query, limit=limit)) <= max(limit, 0)


def test_only_the_first_distinct_words_of_a_long_query_count(index: LexicalIndex) -> None:
    padding = " ".join(f"word{number}" for number in range(lexical.MAX_QUERY_WORDS - 1))
    assert found(index, f"{padding} {padding} dbt") == ["chk-02"]
    assert found(index, f"{padding} another dbt") == []
    assert found(index, "dbt " * 100_000) == ["chk-02"]


@slow
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=20), min_size=1, max_size=5))
def test_a_text_is_found_by_each_of_its_own_words(texts: list[str]) -> None:
    rows = tuple(LexicalRow(id=f"r{number}", headings="", text=text) for number, text in enumerate(texts))
    with tempfile.TemporaryDirectory() as folder:
        index = built(Path(folder), rows)
        for row in rows:
            for piece in row.text.split():
                assert row.id in found(index, piece) or not lexical._words(piece)


@pytest.mark.parametrize(("length", "expected"), [(39, ["r"]), (40, []), (41, [])])
def test_a_word_of_forty_bytes_is_neither_indexed_nor_searched(
    tmp_path: Path, length: int, expected: list[str]
) -> None:
    index = built(tmp_path, (LexicalRow(id="r", headings="", text="x" * length),))
    assert found(index, "x" * length) == expected
    assert len(lexical._words("x" * length)) == len(expected)


# Order


def test_equal_scores_stand_in_the_order_of_the_ids_at_the_cut_too(tmp_path: Path) -> None:
    rows = [LexicalRow(id=f"r{number:04d}", headings="", text="the same words") for number in reversed(range(500))]
    index = built(tmp_path, (LexicalRow(id="z", headings="", text="words words words"), *rows))
    assert found(index, "words", limit=3) == ["z", "r0000", "r0001"]
    assert found(index, "same", limit=2) == ["r0000", "r0001"]
    assert found(index, "same", limit=1000) == [f"r{number:04d}" for number in range(500)]


words = st.sampled_from(["airflow", "dbt", "key", "rotate", "deploy", "to", "main"])
row_lists = st.lists(st.tuples(st.lists(words, max_size=2), st.lists(words, max_size=6)), min_size=1, max_size=12)


@slow
@given(row_lists, st.randoms(use_true_random=False), st.lists(words, min_size=1), st.integers(1, 6))
def test_the_order_of_the_rows_and_what_stood_there_before_change_nothing(
    contents: list[tuple[list[str], list[str]]], shuffler: random.Random, query: list[str], limit: int
) -> None:
    rows = [
        LexicalRow(id=f"r{number:02d}", headings=" ".join(headings), text=" ".join(text))
        for number, (headings, text) in enumerate(contents)
    ]
    shuffled = list(rows)
    shuffler.shuffle(shuffled)
    with tempfile.TemporaryDirectory() as folder:
        once = built(Path(folder) / "a", tuple(rows)).search(" ".join(query), limit=limit)
        other = built(Path(folder) / "b")
        other.rebuild(shuffled, digest="d2")
        again = other.search(" ".join(query), limit=limit)
    assert again == once
    assert once == sorted(once, key=lambda pair: (-pair[1], pair[0]))


def test_a_smaller_limit_gives_the_beginning_of_a_greater_one(tmp_path: Path) -> None:
    draw = np.random.default_rng(5)
    vocabulary = [f"w{number}" for number in range(60)]
    rows = tuple(
        LexicalRow(
            id=f"r{number:04d}",
            headings=" ".join(draw.choice(vocabulary, 3)),
            text=" ".join(draw.choice(vocabulary, draw.integers(5, 40))),
        )
        for number in range(2000)
    )
    index = built(tmp_path, rows)
    query = " ".join(vocabulary[:7])
    everything = index.search(query, limit=2000)
    assert all(index.search(query, limit=limit) == everything[:limit] for limit in (1, 5, 40, 300))


# Rebuilding


def test_a_rebuild_replaces_rows_and_digest_and_leaves_one_folder(tmp_path: Path) -> None:
    index = built(tmp_path)
    assert index.digest == "d1"
    assert found(index, "dbt") == ["chk-02"]
    index.rebuild(ROWS[2:], digest="d2")
    assert index.digest == "d2"
    assert found(index, "dbt") == []
    assert found(index, "rotation") == ["chk-03"]
    assert len(list(tmp_path.glob("index-*"))) == 1
    assert {path.name for path in tmp_path.iterdir()} == {"current", *(p.name for p in tmp_path.glob("index-*"))}


def test_an_open_index_sees_what_another_one_rebuilt(tmp_path: Path) -> None:
    index = built(tmp_path)
    assert found(index, "dbt") == ["chk-02"]
    built(tmp_path, ROWS[2:])
    assert found(index, "dbt") == []


def test_an_id_that_comes_twice_is_refused(tmp_path: Path) -> None:
    index = built(tmp_path)
    with pytest.raises(ValueError, match="twice"):
        index.rebuild((*ROWS, ROWS[0]), digest="d2")
    assert index.digest == "d1"


def rows_that_break_off() -> Iterator[LexicalRow]:
    yield ROWS[0]
    raise KeyboardInterrupt


@pytest.mark.parametrize("step", ["_write", "_sha256_of", "_engine"])
def test_a_rebuild_that_fails_leaves_the_old_index_and_no_rubbish(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    index = built(tmp_path)
    before = sorted(path.name for path in tmp_path.iterdir())
    with monkeypatch.context() as patch:
        patch.setattr(lexical, step, interrupted)
        with pytest.raises(KeyboardInterrupt):
            index.rebuild(ROWS[2:], digest="d2")
    with pytest.raises(KeyboardInterrupt):
        index.rebuild(rows_that_break_off(), digest="d2")
    assert index.digest == "d1"
    assert found(index, "dbt") == ["chk-02"]
    assert sorted(path.name for path in tmp_path.iterdir()) == before


CRASH = """
import os, sys
from pathlib import Path
from skillgen import lexical
module, name = sys.argv[2].split(".")
place = {"lexical": lexical, "os": os, "shutil": lexical.shutil}[module]
real = getattr(place, name)
def crash(*arguments, **options):
    if sys.argv[3] == "after":
        real(*arguments, **options)
    os._exit(9)
setattr(place, name, crash)
rows = [lexical.LexicalRow(id="new", headings="", text="dbt")]
lexical.LexicalIndex(Path(sys.argv[1])).rebuild(rows, digest="d2")
"""


@pytest.mark.parametrize(
    ("place", "moment", "digest", "ids"),
    [
        ("lexical._write", "before", "d1", ["chk-02"]),
        ("lexical._write", "after", "d1", ["chk-02"]),
        ("os.fsync", "after", "d1", ["chk-02"]),
        ("os.replace", "before", "d1", ["chk-02"]),
        ("os.replace", "after", "d2", ["new"]),
        ("shutil.rmtree", "before", "d2", ["new"]),
        ("shutil.rmtree", "after", "d2", ["new"]),
    ],
)
def test_a_process_that_dies_leaves_the_old_or_the_new_index(
    tmp_path: Path, place: str, moment: str, digest: str, ids: list[str]
) -> None:
    built(tmp_path)
    command = [sys.executable, "-c", CRASH, str(tmp_path), place, moment]
    assert subprocess.run(command, check=False).returncode == 9
    index = LexicalIndex(tmp_path)
    assert index.digest == digest
    assert found(index, "dbt") == ids
    index.rebuild(ROWS, digest="d3")
    assert found(index, "dbt") == ["chk-02"]
    assert len(list(tmp_path.iterdir())) == 2


# Damage


def pointer_is(**changes: object) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        said = json.loads((folder / "current").read_text())
        (folder / "current").write_text(json.dumps({**said, **changes}))

    return change


def pointer_holds(data: bytes) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        (folder / "current").write_bytes(data)

    return change


def overwritten(pattern: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        (path,) = folder.glob(f"index-*/{pattern}")
        data = bytearray(path.read_bytes())
        data[len(data) // 3] ^= 0xFF
        path.write_bytes(data)

    return change


def cut(pattern: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        (path,) = folder.glob(f"index-*/{pattern}")
        os.truncate(path, path.stat().st_size // 2)

    return change


def removed(pattern: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        for path in folder.glob(f"index-*/{pattern}"):
            path.unlink()

    return change


DAMAGE = {
    "meta file": overwritten("meta.json"),
    "word list": overwritten("*.term"),
    "postings": cut("*.idx"),
    "store": overwritten("*.store"),
    "lengths gone": removed("*.fieldnorm"),
    "all gone": removed("*"),
    "pointer is garbage": pointer_holds(b"\xff{"),
    "pointer is empty": pointer_holds(b""),
    "pointer is a list": pointer_holds(b"[]"),
    "pointer lacks a name": pointer_holds(b"{}"),
    "pointer leads outside": pointer_is(folder="../elsewhere"),
    "pointer leads nowhere": pointer_is(folder="index-gone"),
    "other tantivy": pointer_is(engine="tantivy 0.1.0"),
    "other layout": pointer_is(layout=0),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
def test_a_damaged_or_foreign_index_says_how_to_rebuild_it(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    built(tmp_path)
    damage(tmp_path)
    index = LexicalIndex(tmp_path)
    with pytest.raises(PrerequisiteError, match="word index in") as caught:
        index.search("dbt", limit=3)
    assert caught.value.hint == "Run `skillgen doctor --rebuild`."
    index.rebuild(ROWS, digest="d2")
    assert found(index, "dbt") == ["chk-02"]


@pytest.mark.parametrize("damage", ["other tantivy", "other layout", "all gone", "pointer is garbage"])
def test_what_this_version_cannot_use_has_no_digest(tmp_path: Path, damage: str) -> None:
    built(tmp_path)
    DAMAGE[damage](tmp_path)
    assert LexicalIndex(tmp_path).digest is None
