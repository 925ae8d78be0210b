"""A build that is killed goes on where it was: no stored reply is asked for again."""

from __future__ import annotations

import hashlib
import json
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from chat_server import Answer, ChatServer, Heard, running
from corpus_builder import Site, file_bytes
from model_site import model_site
from scripted_model import scripted

from skillgen.store import Store

TESTS = Path(__file__).resolve().parent
CONCURRENCY = 2
SCRIPT = f"""
import sys
sys.path.insert(0, {str(TESTS)!r})
from pathlib import Path
from corpus_builder import Site
Site(root=Path(sys.argv[1]), options={{"model.name": "tiny", "model.base_url": sys.argv[2],
     "model.concurrency": {CONCURRENCY}}}).build()
"""


def digest_of(heard: Heard) -> str:
    return hashlib.sha256(json.dumps(heard.body["messages"]).encode()).hexdigest()


def signed(heard: Heard) -> Answer:
    """Answer slowly by the script, with the request's digest as the name of the model, which is stored."""
    answer = scripted(heard)
    assert isinstance(answer.body, dict)
    answer.body["model"] = digest_of(heard)
    answer.seconds = 0.05
    return answer


def stored_digests(site: Site) -> set[str]:
    store = Store(site.workspace / "truth.sqlite3")
    replies = [store.reply(key) for key in store.reply_keys()]
    store.close()
    return {reply.model for reply in replies if reply is not None}


def killed_build(site: Site, server: ChatServer, after: float) -> None:
    """Start a build, wait until it asks, and kill it so many seconds later."""
    process = subprocess.Popen([sys.executable, "-c", SCRIPT, str(site.root), server.url])
    while not server.asked and process.poll() is None:
        time.sleep(0.005)
    time.sleep(after)
    process.kill()
    process.wait()


def kill_and_go_on(tmp_path: Path, server: ChatServer, kills: int, dice: random.Random) -> None:
    server.answer = signed
    site = model_site(tmp_path / "killed", server, concurrency=CONCURRENCY)
    stored: set[str] = set()
    for _ in range(kills):
        server.heard.clear()
        killed_build(site, server, dice.uniform(0, 0.8))
        time.sleep(0.1)  # what was sent before the kill may still be on its way
        asked = [digest_of(heard) for heard in server.asked]
        assert not stored & set(asked)
        assert len(asked) == len(set(asked))
        stored = stored_digests(site)
        assert len(set(asked) - stored) <= CONCURRENCY
    server.heard.clear()
    site.build()
    assert not stored & {digest_of(heard) for heard in server.asked}
    whole = model_site(tmp_path / "whole", server)
    whole.build()
    assert file_bytes(site.out) == file_bytes(whole.out)


def test_three_kills_lose_nothing_that_was_stored(tmp_path: Path) -> None:
    with running() as server:
        kill_and_go_on(tmp_path, server, 3, random.Random(3))


@pytest.mark.long
def test_fifty_kills_lose_nothing_that_was_stored(tmp_path: Path) -> None:
    dice = random.Random(50)
    for number in range(10):
        with running() as server:
            kill_and_go_on(tmp_path / str(number), server, 5, dice)
