"""Replies in the truth: kept over a change of format, and forgotten with the pages that they were made from."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest
from chat_server import client_of, completion, request, running
from corpus_builder import Site, file_bytes, make_site
from hypothesis import given
from hypothesis import strategies as st

from skillgen.errors import UserError
from skillgen.model.chat import ChatReply, ChatSource, RawReply
from skillgen.pipeline.forget import forget
from skillgen.store import Store
from skillgen.workspace import open_workspace

REPLY = RawReply(text='{"a": "zanzibarium \u2028"}', finish="stop", model="m", tokens_in=3, tokens_out=None)
PAGE = "team.md"


def put(store: Store, key: str, *sources: str) -> None:
    told = [ChatSource(source=source, sha256="0" * 64) for source in sources]
    store.put_reply(key, REPLY, prompt="p 1", model="m", cost=0.25, sources=told)


def test_a_reply_comes_back_as_it_was(tmp_path: Path) -> None:
    store = Store(tmp_path / "truth.sqlite3")
    assert store.reply("k") is None
    put(store, "k", "a.md")
    store.close()
    store = Store(tmp_path / "truth.sqlite3")
    assert store.reply("k") == REPLY
    assert (store.reply_keys(), store.reply_sources(), store.reply_costs()) == (frozenset("k"), {"a.md"}, 0.25)
    store.close()


@given(st.lists(st.tuples(st.integers(0, 5), st.sets(st.integers(0, 3), max_size=3)), max_size=8), st.integers(0, 3))
def test_exactly_the_replies_that_held_a_page_go_with_it(replies: list[tuple[int, set[int]]], gone: int) -> None:
    with contextlib.closing(Store(Path(":memory:"))) as store:
        held: dict[str, set[str]] = {}
        for key, sources in replies:
            names = {f"{number}.md" for number in sources}
            put(store, str(key), *names)
            held[str(key)] = held.get(str(key), set()) | names
        store.forget_sources([f"{gone}.md"])
        kept = {key for key, sources in held.items() if f"{gone}.md" not in sources}
        assert store.reply_keys() == kept
        assert store.reply_sources() == {source for key in kept for source in held[key]}


def test_replies_outlive_a_change_of_format(tmp_path: Path) -> None:
    path = tmp_path / "truth.sqlite3"
    store = Store(path)
    put(store, "k", "a.md")
    store.close()
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("UPDATE meta SET value = '3' WHERE key = 'schema_version'")
    store = Store(path)
    assert store.rebuilt_from == "3"
    assert store.reply("k") == REPLY
    assert store.reply_sources() == {"a.md"}
    store.close()


@pytest.fixture
def site(tmp_path: Path) -> Site:
    site = make_site(tmp_path / "a")
    site.ingest()
    return site


def test_nothing_of_a_reply_is_left_when_one_of_its_pages_is_forgotten(site: Site) -> None:
    source = next(iter(sorted(path.name for path in site.pages().glob("*.md"))))
    with running() as server, open_workspace(site.workspace) as workspace:
        # The first reply has to be repaired, so that two rows were made from the page.
        server.says_in_turn(completion("zanzibarium"), completion('{"number": 7, "word": "kilimanjaro"}'))
        with client_of(server.url, workspace.store, concurrency=1) as client:
            asked = [request(7, sources=[source]), request(8, sources=["another.md"]), request(9)]
            assert all(isinstance(outcome, ChatReply) for _request, outcome in client.ask_all(asked))
        assert len(workspace.store.reply_keys()) == 4
        forget(workspace, [source])
        assert len(workspace.store.reply_keys()) == 2
        with client_of(server.url, workspace.store) as client:
            list(client.ask_all(asked))
            assert client.usage().from_store == 2
    held = b"".join(file_bytes(site.workspace).values())
    assert b"zanzibarium" not in held
    assert b"kilimanjaro" not in held


def test_a_page_that_is_gone_from_the_corpus_can_still_be_forgotten(site: Site) -> None:
    with open_workspace(site.workspace) as workspace:
        put(workspace.store, "k", "gone.md")
        with pytest.raises(UserError, match="no source"):
            forget(workspace, ["never.md"])
        forget(workspace, ["gone.md"])
        assert not workspace.store.reply_keys()


def test_a_reply_from_the_store_is_forgotten_with_every_page_that_used_it(tmp_path: Path) -> None:
    store = Store(tmp_path / "truth.sqlite3")
    with running() as server, client_of(server.url, store) as client:
        list(client.ask_all([request(1, sources=["a.md"])]))
        list(client.ask_all([request(1, sources=["b.md"]), request(1, sources=["c.md"])]))
        assert len(server.asked) == 1
    assert store.reply_sources() == {"a.md", "b.md", "c.md"}
    store.forget_sources(["c.md"])
    assert not store.reply_keys()
    store.close()
