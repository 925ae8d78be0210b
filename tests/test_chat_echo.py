"""What a server or model repeats of a request stands in no record of a failure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from chat_server import Answer, ChatServer, Heard, completion, refusal, running
from corpus_builder import PAGES
from hypothesis import given
from hypothesis import strategies as st
from model_site import draft_of, model_site, only
from scripted_model import scripted, scripted_but, shown

from skillgen.chat.echo import without_echo
from skillgen.errors import IncompleteError
from skillgen.model.chat import ChatMessage, ChatRequest
from skillgen.pipeline.forget import forget
from skillgen.workspace import open_workspace

NIGHT = 'The "night crew" of Lindesund meets at pier 7, each Monday.\nIt tells nobody but the café.'


def request(text: str) -> ChatRequest:
    system = ChatMessage(role="system", text="Answer in JSON and say nothing else.")
    return ChatRequest(prompt="p", version=1, messages=(system, ChatMessage(role="user", text=text)), max_tokens=1)


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("HTTP 400 (too long).", "HTTP 400 (too long)."),
        (f"HTTP 400 ({NIGHT}).", "HTTP 400 ([...].)."),
        (f"bad input: {json.dumps(NIGHT)}!", 'bad input: "[...]."!'),
        ("cannot read 'night crew of Lindesund meets at pi", "cannot read '[...]"),
        ("the model is busy", "the model is busy"),
        ("Answer in JSON and say nothing else", "Answer in JSON and say nothing else"),
    ],
)
def test_a_message_is_left_without_what_it_repeats(said: str, left: str) -> None:
    assert without_echo(said, [request(NIGHT)]) == left


@given(st.lists(st.sampled_from("alpha beta gamma delta epsilon zeta eta".split()), min_size=3, max_size=12), st.data())
def test_no_three_words_of_a_request_are_left(words: list[str], data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(words) - 3))
    end = data.draw(st.integers(start + 3, len(words)))
    message = f"Error 400: {' '.join(words[start:end])} is no input"
    left = without_echo(message, [request(" ".join(words))])
    assert left == "Error 400: [...] is no input"


# -- whole builds --------------------------------------------------------------------------------------------------


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with running() as fake:
        fake.answer = scripted
        yield fake


def refused(heard: Heard) -> Answer:
    return refusal(400, f"cannot handle {shown(heard)}")


def objected(heard: Heard) -> Answer:
    return completion(None, refusal=f"I will not talk about {json.dumps(shown(heard))}")


@pytest.mark.parametrize(("turn", "kept"), [(refused, "HTTP 400"), (objected, "refused to answer")])
def test_a_recorded_failure_holds_no_words_of_pages_and_forget_leaves_none(
    tmp_path: Path, server: ChatServer, turn: Callable[[Heard], Answer], kept: str
) -> None:
    site = model_site(tmp_path, server, off=only("answer"), concurrency=1)
    scripted_but(server, "answer", turn)
    with suppress(IncompleteError):
        site.build()
    draft = draft_of(site)
    (failure,) = draft.run.failures[:1]
    assert kept in failure.detail
    assert "[...]" in failure.detail
    pages = re.findall(r"\w+", " ".join(PAGES.values()))
    said = " ".join(re.findall(r"\w+", failure.detail))
    assert not [run for run in zip(pages, pages[1:], pages[2:], strict=False) if " ".join(run) in said]
    assert "Friday" not in json.dumps([one.detail for one in draft.run.failures])
    with open_workspace(site.workspace) as workspace:
        forget(workspace, ["people.md"])
    for path in site.workspace.rglob("*"):
        assert not (path.is_file() and b"on a Friday" in path.read_bytes())
