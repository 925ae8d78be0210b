"""Whatever stops an ingest, at whatever point: the next one ends where an undisturbed one ends, and repeats little."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from corpus_builder import PAGES, CountingEmbedder, Site, file_bytes, make_site, random_page, state_of, write_pages

from skillgen import lexical, vectors
from skillgen.errors import CorpusError, SettingsError
from skillgen.model.corpus import Page
from skillgen.pipeline import ingest as ingest_module
from skillgen.pipeline.indexes import make_embedder
from skillgen.pipeline.ingest import corpora_of
from skillgen.settings import Settings
from skillgen.store import Store

HELPER = """
import sys, time
from pathlib import Path
sys.path.append({tests!r})
from corpus_builder import HashEmbedder, Site

class Slow(HashEmbedder):
    def embed(self, texts):
        time.sleep(0.1)
        return super().embed(texts)

print("ready", flush=True)
Site(root=Path({root!r})).{what}(Slow())
"""


class StoppedError(Exception):
    """Stands for any error in the middle of things."""


def many_pages(seed: int, count: int = 12) -> dict[str, str]:
    chance = random.Random(seed)
    pages = {
        f"p{number}.md": f"{random_page(chance)}\n\n## Part {number}\n\nOnly here: {number}.\n"
        for number in range(count)
    }
    return {**PAGES, **pages}


def failing(real: Callable[..., Any], nth: int, error: type[BaseException]) -> Callable[..., Any]:
    """Return the function, which raises instead of its nth call and again at each later one."""
    calls = 0

    def call(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - stands for any function
        nonlocal calls
        calls += 1
        if calls >= nth:
            raise error
        return real(*args, **kwargs)

    return call


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    site = make_site(tmp_path_factory.mktemp("undisturbed") / "a", many_pages(0))
    site.build()
    return state_of(site)


def check_recovery(site: Site, undisturbed: dict[str, object]) -> None:
    site.ingest()
    assert site.ingest().parsed == 0
    site.build()
    assert state_of(site) == undisturbed


PLACES: list[tuple[object, str]] = [
    (ingest_module, "parse_page"),
    (ingest_module, "screen_page"),
    (ingest_module, "chunk_page"),
    (ingest_module, "read_source"),
    (Store, "put_page"),
    (Store, "remove_pages"),
    (Store, "put_contexts"),
    (Store, "put_scan_findings"),
    (Store, "put_embeddings"),
    (Store, "drop_orphans"),
    (Store, "chunks"),
    (Store, "set_meta"),
    (Store, "vectors"),
    (lexical.LexicalIndex, "rebuild"),
    (lexical, "_write"),
    (vectors.VectorIndex, "sync"),
    (vectors.VectorIndex, "_add"),
    (vectors.VectorIndex, "count"),
]


SEVERAL_TIMES = ("parse_page", "chunk_page", "read_source", "put_page", "put_embeddings", "set_meta")
MOMENTS = [(*place, nth) for place in PLACES for nth in ((1, 2, 7) if place[1] in SEVERAL_TIMES else (1,))]


@pytest.mark.parametrize(("owner", "name", "nth"), MOMENTS, ids=[f"{name}-{nth}" for _, name, nth in MOMENTS])
def test_an_ingest_that_fails_anywhere_is_completed_by_the_next(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    undisturbed: dict[str, object],
    owner: object,
    name: str,
    nth: int,
) -> None:
    error = KeyboardInterrupt if nth == 2 else StoppedError
    site = make_site(tmp_path / "a", many_pages(0))
    with monkeypatch.context() as patch, contextlib.suppress(error):
        patch.setattr(owner, name, failing(getattr(owner, name), nth, error))
        site.ingest()
    check_recovery(site, undisturbed)


@pytest.mark.parametrize(("owner", "name"), PLACES, ids=[name for _, name in PLACES])
def test_an_update_that_fails_anywhere_is_completed_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, undisturbed: dict[str, object], owner: object, name: str
) -> None:
    site = make_site(tmp_path / "a", {**many_pages(1), "gone.md": "# Gone\n\nThe crane is gone.\n"})
    site.build()
    (site.pages() / "gone.md").unlink()
    write_pages(site.pages(), many_pages(0))
    with monkeypatch.context() as patch, contextlib.suppress(StoppedError):
        patch.setattr(owner, name, failing(getattr(owner, name), 1, StoppedError))
        site.ingest()
    check_recovery(site, undisturbed)


@pytest.mark.parametrize("error", [StoppedError, KeyboardInterrupt])
def test_what_was_embedded_before_a_stop_is_not_embedded_again(tmp_path: Path, error: type[BaseException]) -> None:
    site = make_site(tmp_path / "a", many_pages(0))
    total = make_site(tmp_path / "b", many_pages(0)).ingest().embedded
    done: list[str] = []
    for _ in range(20):
        embedder = CountingEmbedder(fail_at=2, error=error)
        with contextlib.suppress(error):
            site.ingest(embedder)
        done += embedder.texts
        if embedder.calls < 2:
            break
    assert total > 32
    assert len(done) == len(set(done)) == total


def test_a_page_is_stored_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = make_site(tmp_path / "a")
    site.ingest()
    before = state_of_pages(site)
    write_pages(site.pages(), {"deploy.md": "# Other\n\nEntirely new words stand here.\n"})
    monkeypatch.setattr("skillgen.store.truth.chunk_row", failing(lambda: None, 1, StoppedError))
    with pytest.raises(StoppedError):
        site.ingest()
    monkeypatch.undo()
    assert state_of_pages(site) == before


def state_of_pages(site: Site) -> list[Page]:
    from skillgen.workspace import open_workspace

    with open_workspace(site.workspace) as workspace:
        return list(workspace.store.pages())


# -- kill -9 -----------------------------------------------------------------------------------------------------------


def killed(site: Site, what: str, after: float) -> bool:
    """Start the helper, kill it hard after some seconds, and return whether it was still at work."""
    code = HELPER.format(tests=str(Path(__file__).parent), root=str(site.root), what=what)
    with subprocess.Popen([sys.executable, "-W", "ignore", "-c", code], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(after)
        os.kill(process.pid, signal.SIGKILL)
        return process.wait() == -signal.SIGKILL


def check_kills(tmp_path: Path, undisturbed: dict[str, object], *, count: int, seed: int) -> None:
    chance = random.Random(seed)
    site = make_site(tmp_path / "a", many_pages(0))
    hit = sum(killed(site, chance.choice(("ingest", "build")), chance.uniform(0.02, 0.8)) for _ in range(count))
    assert hit
    check_recovery(site, undisturbed)
    assert not [path for path in file_bytes(site.out) if path.endswith(".skillgen-part")]


def test_three_hard_kills_at_any_moment_change_nothing_in_the_end(
    tmp_path: Path, undisturbed: dict[str, object]
) -> None:
    check_kills(tmp_path, undisturbed, count=3, seed=time.time_ns())


@pytest.mark.long
@pytest.mark.parametrize("seed", range(50))
def test_two_hundred_hard_kills_change_nothing_in_the_end(
    tmp_path: Path, undisturbed: dict[str, object], seed: int
) -> None:
    check_kills(tmp_path, undisturbed, count=4, seed=seed)


# -- settings ----------------------------------------------------------------------------------------------------------


def test_without_a_corpus_the_error_says_what_to_give() -> None:
    with pytest.raises(CorpusError, match="No corpus"):
        corpora_of(Settings())


def test_the_address_belongs_to_the_corpus_it_stands_with_even_behind_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "docs").symlink_to(tmp_path / "real")
    settings = Settings().with_values({"corpus": [{"path": tmp_path / "docs", "url": "https://wiki.example/{path}"}]})
    assert [(c.name, c.url) for c in corpora_of(settings)] == [("docs", "https://wiki.example/{path}")]


def test_a_changed_address_reaches_the_pages(tmp_path: Path) -> None:
    site = make_site(tmp_path / "a")
    site.ingest()
    site.options["corpus"] = [{"path": site.pages(), "url": "https://wiki.example/{path}"}]
    report = site.ingest()
    assert (report.parsed, report.embedded) == (4, 0)
    assert {page.url for page in state_of_pages(site)} >= {"https://wiki.example/deploy.md"}


def test_an_embedding_server_needs_a_model() -> None:
    with pytest.raises(SettingsError, match=r"embed\.model"):
        make_embedder(Settings().with_values({"embed.base_url": "http://127.0.0.1:1/v1"}))
