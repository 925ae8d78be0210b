"""Asking for an evaluation: many conversations at a time, asked together, stored, and stopped as one.

The conversations run in one thread and wait for each other: whatever they want to ask at a moment is asked at once,
equal beginnings after one another, so that a server with one slot reads what they share once.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from skillgen.chat import ChatClient
from skillgen.errors import PrerequisiteError, UserError
from skillgen.harness import NoReplyError, Role
from skillgen.model.chat import ChatFailure, ChatReply, ChatRequest, FailureReason
from skillgen.pipeline.asker import OPEN
from skillgen.protocols import Reporter

WAITED_FILE = "seconds.jsonl"
_Outcome = ChatReply | ChatFailure
_NOT_ASKED = ChatFailure(reason="connection", detail="Not asked, because an earlier request got no reply.")
# Turns of the event loop in which conversations that go on reach their next question.
_TURNS = 25
_DIGITS = 3


class Waited:
    """Seconds that were waited for each request, kept in a file, so that a resumed run knows them too."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._seconds = dict(_lines(file))

    def of(self, model: str, requests: Sequence[ChatRequest]) -> float:
        """Return how long was waited for requests, in seconds; 0 for what was never asked."""
        return round(sum(self._seconds.get(_key(model, one), 0.0) for one in requests), _DIGITS)

    def note(self, model: str, request: ChatRequest, seconds: float) -> None:
        """Remember how long was waited for a request."""
        key = _key(model, request)
        self._seconds[key] = round(seconds, _DIGITS)
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps([key, self._seconds[key]]) + "\n")


def _lines(file: Path) -> list[tuple[str, float]]:
    """Return what a file holds; a line that a killed run did not finish is left out."""
    if not file.is_file():
        return []
    found = []
    for line in file.read_text(encoding="utf-8").splitlines():
        try:
            key, seconds = json.loads(line)
            found.append((str(key), float(seconds)))
        except (ValueError, TypeError):
            continue
    return found


def _key(model: str, request: ChatRequest) -> str:
    told = repr((model, request.prompt, request.version, request.messages, request.max_tokens))
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()


class BatchAsker:
    """Asks model and judge for conversations of one event loop; nothing new is sent once a request got no reply."""

    def __init__(self, clients: Mapping[Role, ChatClient], waited: Waited, reporter: Reporter) -> None:
        self._clients = clients
        self._waited = waited
        self._reporter = reporter
        self._waiting: list[tuple[Role, ChatRequest, asyncio.Future[_Outcome]]] = []
        self._at_work = False
        self.stopped: ChatFailure | None = None
        self.hint: str | None = None

    async def send(self, role: Role, request: ChatRequest) -> _Outcome:
        """Return the reply, or why it cannot be used.

        Raises:
            NoReplyError: there is no reply.
        """
        future: asyncio.Future[_Outcome] = asyncio.get_running_loop().create_future()
        self._waiting.append((role, request, future))
        if not self._at_work:
            await self._work()
        outcome = await future
        if isinstance(outcome, ChatFailure) and outcome.reason in OPEN:
            raise NoReplyError(outcome)
        return outcome

    async def _work(self) -> None:
        """Ask until nobody waits any more."""
        self._at_work = True
        try:
            while self._waiting:
                for _ in range(_TURNS):
                    await asyncio.sleep(0)
                batch, self._waiting = self._waiting, []
                for role in self._clients:
                    self._ask(role, [(request, future) for one, request, future in batch if one == role])
        finally:
            self._at_work = False

    def _ask(self, role: Role, batch: list[tuple[ChatRequest, asyncio.Future[_Outcome]]]) -> None:
        batch.sort(key=lambda one: [message.text for message in one[0].messages])
        requests = [request for request, _ in batch]
        outcomes = self._stored(role, requests) if self.stopped else self._asked(role, requests)
        for (_, future), outcome in zip(batch, outcomes, strict=True):
            future.set_result(outcome)

    def _stored(self, role: Role, requests: Sequence[ChatRequest]) -> list[_Outcome]:
        return [one or _NOT_ASKED for one in self._clients[role].stored(requests)]

    def _asked(self, role: Role, requests: Sequence[ChatRequest]) -> list[_Outcome]:
        """Return an outcome for each request; where the run has to stop, the others are taken from the store."""
        if not requests:
            return []
        client = self._clients[role]
        outcomes: list[_Outcome] = []
        self._reporter.start(f"Asking the {role}", len(requests))
        since = time.monotonic()
        try:
            for request, outcome in client.ask_all(requests):
                outcomes.append(outcome)
                since = self._note(client, request, outcome, since)
                self._reporter.advance()
        except UserError as error:
            reason: FailureReason = "connection" if isinstance(error, PrerequisiteError) else "budget"
            self.stopped, self.hint = ChatFailure(reason=reason, detail=error.message), error.hint
            outcomes += [one or self.stopped for one in client.stored(requests[len(outcomes) :])]
        open_ = [one for one in outcomes if isinstance(one, ChatFailure) and one.reason in OPEN]
        self.stopped = self.stopped or next(iter(open_), None)
        self._reporter.done(f"{len(outcomes) - len(open_)} replies")
        return outcomes

    def _note(self, client: ChatClient, request: ChatRequest, outcome: _Outcome, since: float) -> float:
        now = time.monotonic()
        if not outcome.from_store and not (isinstance(outcome, ChatFailure) and outcome.reason in OPEN):
            self._waited.note(client.model, request, now - since)
        return now
