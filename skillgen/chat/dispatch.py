"""Calls in flight: so many at a time and a minute, each within its time, repeated where that can help, never too dear.

One thread decides everything; each call has a thread of its own that does nothing but send. Whoever asks for the next
outcome drives it, so nothing is sent that nobody waits for.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from queue import Empty, SimpleQueue

from skillgen.chat.budget import Budget
from skillgen.chat.faults import Fault, fault_of
from skillgen.chat.models import ChatDoor
from skillgen.errors import PrerequisiteError
from skillgen.model.chat import Capabilities, ChatFailure, ChatRequest, RawReply

# Seconds before the second try; doubled for each further one. No chance is in it, so a run can be repeated.
FIRST_WAIT = 1.0
_LONGEST_WAIT = 30.0
# A server that wants to be left alone for longer is not waited for.
_LONGEST_ASKED = 120.0
# A call that took too long once has cost its whole time, and mostly its money too.
_TRIES_IN_TIME = 2
# Calls in a row that fail for good because of the server, until it is given up.
_GIVE_UP_AFTER = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast is asked: calls at a time, calls a minute (0: no limit), seconds for a call, further tries."""

    concurrency: int = 4
    requests_per_minute: int = 0
    timeout: float = 120.0
    retries: int = 4
    first_wait: float = FIRST_WAIT


@dataclass(eq=False, slots=True, kw_only=True)
class Call:
    """A request on its way. `key` names it for whoever asked, `cost` is set when it was answered."""

    key: str
    request: ChatRequest
    capabilities: Capabilities
    tries: int = 0
    not_before: float = 0.0
    deadline: float = 0.0
    reservation: int = 0
    cost: float | None = None


class Dispatcher:
    """Sends calls and gives back their outcomes, in the order in which they come."""

    def __init__(self, door: ChatDoor, budget: Budget, pace: Pace) -> None:
        self._door = door
        self._budget = budget
        self._pace = pace
        self._waiting: deque[Call] = deque()
        self._flying: dict[int, Call] = {}  # by reservation: a call that is tried again is another flight
        self._arrived: SimpleQueue[tuple[int, RawReply | BaseException]] = SimpleQueue()
        self._next_start = 0.0
        self._failed_in_a_row = 0
        self._stopped = False
        self.sent = 0

    def add(self, call: Call, *, first: bool = False) -> None:
        """Put a call behind those that wait, or before them."""
        if first:
            self._waiting.appendleft(call)
        else:
            self._waiting.append(call)

    def next(self) -> tuple[Call, RawReply | ChatFailure]:
        """Wait for the next call that has come to its end, and return it with its outcome.

        Raises:
            PrerequisiteError: no call can work: the server is not there, refuses the key or knows no such model.
            LookupError: no call waits or flies.
        """
        while True:
            if not self._waiting and not self._flying:
                raise LookupError("no call is under way")
            if (stopped := self._launch()) is not None:
                return stopped
            landed = self._landed()
            if landed is not None and (outcome := self._outcome(*landed)) is not None:
                return landed[0], outcome

    def drain(self, seconds: float) -> Iterator[tuple[Call, RawReply]]:
        """Send nothing more, and yield what arrives within the seconds of what was sent already."""
        self._waiting.clear()
        until = time.monotonic() + seconds
        while self._flying and (left := until - time.monotonic()) > 0:
            try:
                flight, result = self._arrived.get(timeout=left)
            except Empty:
                return
            call = self._flying.pop(flight, None)
            if call is not None and isinstance(result, RawReply):
                call.cost = self._budget.pay(flight, result)
                yield call, result

    # -- sending -------------------------------------------------------------------------------------------------

    def _launch(self) -> tuple[Call, ChatFailure] | None:
        """Send what may be sent now; return a call that the budget stops."""
        while len(self._flying) < self._pace.concurrency and (call := self._ready()) is not None:
            number = None if self._stopped else self._budget.reserve(call.request)
            if number is None and self._flying:
                return None  # what is under way may give something back, and comes to its end first
            self._waiting.remove(call)
            if number is None:
                self._stopped = True
                return call, self._too_dear()
            self._send(call, number)
        return None

    def _ready(self) -> Call | None:
        """Return the first call that may be sent now."""
        now = time.monotonic()
        if now < self._next_start:
            return None
        return next((call for call in self._waiting if call.not_before <= now), None)

    def _too_dear(self) -> ChatFailure:
        limit, spent = self._budget.limit, self._budget.spent
        return ChatFailure(
            reason="budget", detail=f"Another call could cost more than is left of {limit} USD ({spent:.4f} USD spent)."
        )

    def _send(self, call: Call, number: int) -> None:
        now = time.monotonic()
        if self._pace.requests_per_minute:
            self._next_start = max(now, self._next_start) + 60 / self._pace.requests_per_minute
        call.tries += 1
        call.reservation = number
        call.deadline = now + self._pace.timeout
        self._flying[number] = call
        self.sent += 1
        threading.Thread(target=self._fly, args=(call, number), name="skillgen-chat", daemon=True).start()

    def _fly(self, call: Call, flight: int) -> None:
        try:
            result: RawReply | BaseException = self._door.send(call.request, call.capabilities)
        except BaseException as error:  # noqa: BLE001 - taken to the thread that decides, as an executor would
            result = error
        self._arrived.put((flight, result))

    # -- landing -------------------------------------------------------------------------------------------------

    def _landed(self) -> tuple[Call, RawReply | BaseException] | None:
        """Wait until something can be done, and return a call that has arrived or took too long."""
        try:
            flight, result = self._arrived.get(timeout=self._pause())
        except Empty:
            flight, result = self._overdue(), TimeoutError()
        call = self._flying.pop(flight, None)
        return None if call is None else (call, result)  # None: nothing yet, or the reply to what was given up

    def _overdue(self) -> int:
        """Return the flight that took too long, 0 where none did."""
        now = time.monotonic()
        return next((flight for flight, call in self._flying.items() if call.deadline <= now), 0)

    def _pause(self) -> float:
        """Return how many seconds nothing but an arrival can happen."""
        times = [call.deadline for call in self._flying.values()]
        if self._waiting and len(self._flying) < self._pace.concurrency:
            start = max(min(call.not_before for call in self._waiting), self._next_start)
            now = time.monotonic()
            if start > now or not self._flying:  # otherwise it waits for money
                times.append(start)
        return max(0.001, min(times) - time.monotonic())

    def _outcome(self, call: Call, result: RawReply | BaseException) -> RawReply | ChatFailure | None:
        """Return what a call ended with, or None where it is tried again."""
        if isinstance(result, RawReply):
            call.cost = self._budget.pay(call.reservation, result)
            self._failed_in_a_row = 0
            return result
        if not isinstance(result, Exception):
            raise result
        fault = fault_of(result, self._door.redact)
        if fault.failure.unclear:
            self._budget.lose(call.reservation)
        else:
            self._budget.release(call.reservation)
        if self._tried_again(call, fault):
            return None
        self._give_up_on_a_dead_server(fault)
        return fault.failure

    def _tried_again(self, call: Call, fault: Fault) -> bool:
        """Put a call back where another try can help; a server that asks for time gets it from every call."""
        tries = min(self._pace.retries + 1, _TRIES_IN_TIME if fault.failure.reason == "timeout" else 1_000)
        if not fault.retry or call.tries >= tries or (fault.wait or 0) > _LONGEST_ASKED:
            return False
        now = time.monotonic()
        if fault.wait is None:
            call.not_before = now + min(_LONGEST_WAIT, self._pace.first_wait * 2 ** (call.tries - 1))
        else:
            call.not_before = now + fault.wait
            self._next_start = max(self._next_start, call.not_before)
        self._waiting.appendleft(call)
        return True

    def _give_up_on_a_dead_server(self, fault: Fault) -> None:
        """Raise where the calls that wait would fail too."""
        self._failed_in_a_row = self._failed_in_a_row + 1 if fault.retry else 0
        endpoint = self._door.spec.endpoint
        hint = "Replies so far are kept: the same command goes on from there. `skillgen doctor` asks the server."
        if fault.fatal is not None:
            raise PrerequisiteError(f"The model server {endpoint} {fault.fatal}.", hint=hint)
        if (fault.wait or 0) > _LONGEST_ASKED:
            asked = f"wants no call for {fault.wait:.0f} seconds. {fault.failure.detail}"
            raise PrerequisiteError(f"The model server {endpoint} {asked}", hint=hint)
        if self._failed_in_a_row >= _GIVE_UP_AFTER:
            detail = f"The model server {endpoint} failed {_GIVE_UP_AFTER} times in a row. {fault.failure.detail}"
            raise PrerequisiteError(detail, hint=hint)
