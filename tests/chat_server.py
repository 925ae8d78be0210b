"""A real HTTP server on the loopback interface that plays an OpenAI-compatible chat model, with faults on demand."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from skillgen.chat import Budget, ChatClient, MemoryReplies, Pace, ReplyStore, model_spec, open_model
from skillgen.model.chat import ChatMessage, ChatRequest, ChatSource, Price

PROBED = {"city": "Lindesund", "cranes": 3, "notes": []}
SCHEMA = {
    "type": "object",
    "properties": {"number": {"type": "integer"}, "word": {"type": "string", "maxLength": 20}},
    "required": ["number"],
    "additionalProperties": False,
}
_NUMBER = re.compile(r"number (\d+)")


@dataclass
class Heard:
    """What the server was asked."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def text(self) -> str:
        return "\n".join(message["content"] for message in self.body["messages"])

    @property
    def use(self) -> str:
        """The prompt that was asked with, from the name of the form that the reply shall have."""
        return str(self.body.get("response_format", {}).get("json_schema", {}).get("name", ""))

    @property
    def is_probe(self) -> bool:
        return "Lindesund" in self.text

    @property
    def is_repair(self) -> bool:
        return "cannot be used" in self.text

    @property
    def number(self) -> int:
        found = _NUMBER.search(self.text)
        assert found
        return int(found[1])

    @property
    def form(self) -> str:
        return str(self.body.get("response_format", {}).get("type", "text"))


@dataclass
class Answer:
    """What the server does: `seconds` before the answer, `drip` seconds between its bytes, `cut` within it."""

    body: object = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0
    drip: float = 0
    cut: bool = False


def completion(text: str | None, *, finish: str = "stop", refusal: str | None = None, **more: object) -> Answer:
    message = {"role": "assistant", "content": text, "refusal": refusal}
    usage = {"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 150}
    choice = {"index": 0, "message": message, "finish_reason": finish}
    body = {"id": "1", "object": "chat.completion", "created": 1, "model": "tiny-1", "choices": [choice]}
    return Answer(body={**body, "usage": usage, **more})


def refusal(status: int, message: str, **headers: str) -> Answer:
    shown = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(body={"error": {"message": message, "type": "error"}}, status=status, headers=shown)


def obedient(heard: Heard) -> Answer:
    """Answer as a good model behind a good server."""
    return completion(json.dumps(PROBED if heard.is_probe else {"number": heard.number}))


@dataclass
class ChatServer:
    """The running server: `answer` decides what it says to all but the probe, which `probe` answers."""

    url: str
    answer: Callable[[Heard], Answer] = obedient
    probe: Callable[[Heard], Answer] = obedient
    heard: list[Heard] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0
    times: list[float] = field(default_factory=list)

    @property
    def asked(self) -> list[Heard]:
        """What was asked beside the probe."""
        return [heard for heard in self.heard if not heard.is_probe]

    def says_in_turn(self, *answers: Answer | Callable[[Heard], Answer]) -> None:
        """Give the answers one after another, and then be obedient."""
        left = list(answers)

        def answer(heard: Heard) -> Answer:
            turn = left.pop(0) if left else obedient
            return turn(heard) if callable(turn) else turn

        self.answer = answer


class _Http(ThreadingHTTPServer):
    """The listening socket, with what the test sees of it."""

    fake: ChatServer
    lock = threading.Lock()

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.ended = threading.Event()


class _Handler(BaseHTTPRequestHandler):
    server: _Http

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        heard = Heard(self.path, {k.lower(): v for k, v in self.headers.items()}, json.loads(raw))
        fake = self.server.fake
        with self.server.lock:
            fake.heard.append(heard)
            fake.times.append(time.monotonic())
            fake.at_once += 1
            fake.most_at_once = max(fake.most_at_once, fake.at_once)
            answer = (fake.probe if heard.is_probe else fake.answer)(heard)
        self.server.ended.wait(answer.seconds)
        with self.server.lock:
            fake.at_once -= 1
        with suppress(ConnectionError):  # a client that did not wait
            self._write(answer)

    def _write(self, answer: Answer) -> None:
        body = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
        self.send_response(answer.status)
        for name, value in {"Content-Type": "application/json", **answer.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if answer.drip:
            self._drip(body, answer.drip)
        else:
            self.wfile.write(body[: len(body) // 2] if answer.cut else body)

    def _drip(self, body: bytes, seconds: float) -> None:
        for byte in body:
            self.wfile.write(bytes([byte]))
            if self.server.ended.wait(seconds):
                return

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in the base class
        """Stay silent."""


@contextmanager
def running() -> Iterator[ChatServer]:
    http = _Http()
    http.fake = ChatServer(f"http://127.0.0.1:{http.server_port}/v1")
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield http.fake
    finally:
        http.ended.set()
        http.shutdown()
        thread.join()
        http.server_close()


def request(number: int, *, max_tokens: int = 100, sources: Sequence[str] = (), words: str = "") -> ChatRequest:
    """Return a request that asks for a number."""
    return ChatRequest(
        prompt="count",
        version=1,
        messages=(ChatMessage(role="user", text=f"Say number {number}. {words}"),),
        schema=SCHEMA,
        schema_name="count",
        max_tokens=max_tokens,
        sources=tuple(ChatSource(source=source, sha256="0" * 64) for source in sources),
    )


def client_of(
    url: str,
    store: ReplyStore | None = None,
    *,
    price: Price | None = None,
    limit: float | None = None,
    ask_again: bool = False,
    environ: dict[str, str] | None = None,
    **pace: Any,  # noqa: ANN401 - the fields of Pace
) -> ChatClient:
    """Return a client for the server that is in a hurry."""
    options = {"timeout": 10.0, "first_wait": 0.01, **pace}
    spec = model_spec("tiny", url)
    door = open_model(spec, timeout=options["timeout"], environ=environ or {})
    budget = Budget(price, limit=limit, model="tiny", price_key=spec.price_key)
    return ChatClient(door, store or MemoryReplies(), budget, pace=Pace(**options), ask_again=ask_again)
