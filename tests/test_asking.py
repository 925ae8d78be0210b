"""What a task asks is embedded once, and what it asked is gone when it asks something else or a page is forgotten."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from corpus_builder import CountingEmbedder, Site, make_site
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from skillgen.embed import HashEmbedder
from skillgen.pipeline.ask import Asked, ask
from skillgen.pipeline.asking import AskingEmbedder
from skillgen.pipeline.forget import forget
from skillgen.protocols import Embedder, SilentReporter
from skillgen.store import Store
from skillgen.workspace import open_workspace


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return make_site(tmp_path / "a")


def ask_site(site: Site, question: str, embedder: Embedder) -> Asked:
    with open_workspace(site.workspace) as workspace:
        return ask(site.settings(), workspace, question, limit=5, embedder=embedder, reporter=SilentReporter())


def vectors(site: Site) -> int:
    """Return how many vectors the truth holds."""
    with closing(sqlite3.connect(site.workspace / "truth.sqlite3")) as db:
        return int(db.execute("SELECT count(*) FROM embedding").fetchone()[0])


def test_a_second_build_embeds_nothing_and_says_the_same(site: Site) -> None:
    first = site.build()
    embedder = CountingEmbedder()
    assert site.build(embedder).draft == first.draft
    assert embedder.calls == 0


def test_a_first_build_embeds_no_text_twice(site: Site) -> None:
    embedder = CountingEmbedder()
    site.build(embedder)
    assert len(embedder.texts) == len(set(embedder.texts)) > 100


def test_a_question_beside_a_build_embeds_only_itself(site: Site) -> None:
    site.build()
    ask_site(site, "Who rotates the token?", HashEmbedder())
    embedder = CountingEmbedder()
    ask_site(site, "Where is the crane?", embedder)
    assert embedder.texts
    assert all("crane" in text for text in embedder.texts)
    again = CountingEmbedder()
    site.build(again)
    assert again.calls == 0


def test_the_vectors_of_a_question_go_with_the_next_one(site: Site) -> None:
    counts = []
    for question in ("Who rotates the token?", "Where is the crane?", "Who answers on a Friday?", "Where is it?"):
        ask_site(site, question, HashEmbedder())
        site.ingest()  # drops what nobody asks for
        counts.append(vectors(site))
    assert len(set(counts)) == 1


def test_a_forgotten_page_leaves_only_the_vectors_of_the_other_pages(site: Site) -> None:
    site.build()
    with open_workspace(site.workspace) as workspace:
        forget(workspace, ["people.md"])
        texts = {chunk.indexed_text for chunk in workspace.store.chunks()}
    assert vectors(site) == len(texts) > 0


def test_another_embedder_is_not_given_the_vectors_of_the_first(tmp_path: Path) -> None:
    store = Store(tmp_path / "truth.sqlite3")
    AskingEmbedder(HashEmbedder(64), store).embed(["a"])
    assert AskingEmbedder(HashEmbedder(32), store).embed(["a"]).shape == (1, 32)
    store.close()


lists = st.lists(st.lists(st.text(max_size=6), max_size=5), max_size=4)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(asked=lists)
def test_vectors_are_those_of_the_embedder_to_the_bit(
    tmp_path_factory: pytest.TempPathFactory, asked: list[list[str]]
) -> None:
    store = Store(tmp_path_factory.mktemp("truth") / "truth.sqlite3")
    for texts in [*asked, ["\udc80", "a", "a"], []]:
        found = AskingEmbedder(HashEmbedder(), store).embed(texts)
        wanted = HashEmbedder().embed(texts)
        assert (found.dtype, found.shape) == (wanted.dtype, wanted.shape)
        assert np.array_equal(found, wanted)
    store.close()


def test_what_one_task_asks_stays_while_another_asks_something_else(tmp_path: Path) -> None:
    store = Store(tmp_path / "truth.sqlite3")
    ask_a, ask_b = AskingEmbedder(HashEmbedder(), store), AskingEmbedder(HashEmbedder(), store)
    ask_a.embed(["one", "both"])
    ask_a.keep("a")
    ask_b.embed(["two", "both"])
    ask_b.keep("b")
    AskingEmbedder(HashEmbedder(), store).embed(["nobody keeps this"])
    store.keep_asked("a", ["three"])
    store.drop_orphans()
    found = store.text_vectors(HashEmbedder().id, ["one", "two", "both", "nobody keeps this"])
    assert set(found) == {"two", "both"}
    store.close()
