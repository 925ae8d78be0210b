"""A run that is killed loses at most the calls in flight: no stored reply is ever asked for again."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from chat_server import Answer, ChatServer, Heard, client_of, obedient, request, running

from skillgen.model.chat import ChatReply
from skillgen.store import Store

TESTS = Path(__file__).resolve().parent
REQUESTS = 120
CONCURRENCY = 4
SCRIPT = f"""
import sys
sys.path.insert(0, {str(TESTS)!r})
from pathlib import Path
from chat_server import client_of, request
from skillgen.store import Store
with client_of(sys.argv[1], Store(Path(sys.argv[2])), concurrency={CONCURRENCY}) as client:
    for _ in client.ask_all(map(request, range({REQUESTS}))):
        pass
"""


def slowly(heard: Heard) -> Answer:
    answer = obedient(heard)
    answer.seconds = 0.02
    return answer


def killed_run(server: ChatServer, truth: Path, after: float) -> None:
    """Start a run, wait until it asks, and kill it so many seconds later."""
    process = subprocess.Popen([sys.executable, "-c", SCRIPT, server.url, str(truth)])
    before = len(server.asked)
    while len(server.asked) == before and process.poll() is None:
        time.sleep(0.005)
    time.sleep(after)
    process.kill()
    process.wait()


def stored_numbers(server: ChatServer, store: Store) -> set[int]:
    keys = store.reply_keys()
    client = client_of(server.url, store)
    return {number for number in range(REQUESTS) if client.key(request(number)) in keys}


def kill_and_go_on(server: ChatServer, folder: Path, kills: int, dice: random.Random) -> None:
    """Kill a run again and again, each time checking what the next one asks; then finish it."""
    truth = folder / "truth.sqlite3"
    for _ in range(kills):
        killed_run(server, truth, dice.uniform(0, 0.5))
        time.sleep(0.1)  # what was sent before the kill may still be on its way
        before = [heard.number for heard in server.asked]
        store = Store(truth)
        stored = stored_numbers(server, store)
        assert len(set(before) - stored) <= CONCURRENCY
        assert len(before) == len(set(before))
        store.close()
        server.heard[:] = [heard for heard in server.heard if heard.is_probe or heard.number in stored]
    done = {heard.number for heard in server.asked}
    store = Store(truth)
    with client_of(server.url, store) as client:
        told = [outcome for _request, outcome in client.ask_all(map(request, range(REQUESTS)))]
    numbers = [heard.number for heard in server.asked]
    assert len(numbers) == len(set(numbers)) == REQUESTS  # nothing that was stored was asked again
    assert done <= set(numbers)
    assert [one.parsed["number"] for one in told if isinstance(one, ChatReply)] == list(range(REQUESTS))
    assert sum(heard.is_probe for heard in server.heard) <= kills + 1
    store.close()


@pytest.mark.parametrize("seed", [1])
def test_a_killed_run_goes_on_where_it_was(tmp_path: Path, seed: int) -> None:
    with running() as server:
        server.answer = slowly
        kill_and_go_on(server, tmp_path, 3, random.Random(seed))


@pytest.mark.long
def test_fifty_kills_lose_nothing_that_was_stored(tmp_path: Path) -> None:
    dice = random.Random(50)
    for number in range(10):
        folder = tmp_path / str(number)
        folder.mkdir()
        with running() as server:
            server.answer = slowly
            kill_and_go_on(server, folder, 5, dice)
