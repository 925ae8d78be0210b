"""What a library's error means: whose fault, whether another try can help, and after how long."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from skillgen.chat.replies import one_line
from skillgen.model.chat import ChatFailure

# Another try may find the server in a better state.
_RETRIED = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
# Every other call would end the same way.
_FATAL = {
    301: "answers with a redirect, which is not followed",
    302: "answers with a redirect, which is not followed",
    307: "answers with a redirect, which is not followed",
    308: "answers with a redirect, which is not followed",
    401: "refused the key",
    402: "wants to be paid first",
    403: "refused the key",
    404: "knows no such address or model",
    405: "knows no such address",
}
# Known by their names, because each provider's library has classes of its own, and most are not installed.
_NOT_REACHED = frozenset(
    {"ConnectError", "ConnectTimeout", "UnsupportedProtocol", "gaierror", "ConnectionRefusedError"}
)
_TIMEOUTS = frozenset({"TimeoutException", "APITimeoutError", "TimeoutError", "ReadTimeout", "Timeout"})
_BROKEN = frozenset({"APIConnectionError", "TransportError", "ConnectionError", "RemoteProtocolError", "ReadError"})
_CODE = re.compile(r"\AError code: \d+ - ")  # what openai puts before the server's words
_SECONDS = re.compile(r"\d{1,9}(?:\.\d{1,9})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What went wrong with one try.

    `retry` says that another try may help, `fatal` that no other call can work either (it holds what the server does),
    `reached` that the server was there. `wait` is how many seconds the server asked for.
    """

    failure: ChatFailure
    retry: bool = False
    fatal: str | None = None
    reached: bool = True
    wait: float | None = None


def fault_of(error: BaseException, redact: Callable[[str], str]) -> Fault:
    """Return what an error of a provider's library means; its text is shown without keys, in one line."""
    detail = one_line(_CODE.sub("", redact(str(getattr(error, "message", "") or error))))
    status = _status(error)
    if status is not None:
        return _refusal(status, detail, _wait(error))
    names = {cls.__name__ for one in _chain(error) for cls in type(one).__mro__}
    cause = one_line(redact(str(list(_chain(error))[-1])))
    if names & _NOT_REACHED:
        failure = ChatFailure(reason="connection", detail=f"The server cannot be reached ({cause}).")
        return Fault(failure=failure, retry=True, fatal=f"cannot be reached ({cause})", reached=False)
    if names & _TIMEOUTS:
        failure = ChatFailure(reason="timeout", detail="The server did not answer in time.", unclear=True)
        return Fault(failure=failure, retry=True)
    if names & _BROKEN:
        failure = ChatFailure(reason="connection", detail=f"The connection broke off ({cause}).", unclear=True)
        return Fault(failure=failure, retry=True)
    kind = type(error).__name__
    failure = ChatFailure(reason="answer", detail=f"The answer is no chat completion ({kind}: {detail}).", unclear=True)
    return Fault(failure=failure)


def _refusal(status: int, detail: str, wait: float | None) -> Fault:
    failure = ChatFailure(reason="http", detail=f"The server answered with HTTP {status} ({detail}).", status=status)
    what = _FATAL.get(status)
    fatal = f"{what} (HTTP {status}: {detail})" if what else None
    return Fault(failure=failure, retry=status in _RETRIED, fatal=fatal, wait=wait)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what it came from, the innermost last."""
    found: BaseException | None = error
    seen: set[int] = set()
    while found is not None and id(found) not in seen:
        seen.add(id(found))
        yield found
        found = found.__cause__ or found.__context__


def _status(error: BaseException) -> int | None:
    """Return the HTTP status that the error holds itself, or its response does."""
    for holder in (error, getattr(error, "response", None)):
        status = getattr(holder, "status_code", None) or getattr(holder, "code", None)
        if isinstance(status, int) and status >= HTTPStatus.MULTIPLE_CHOICES:
            return status
    return None


def _wait(error: BaseException) -> float | None:
    """Return how many seconds the server asks to wait; None where it asks for nothing that can be understood."""
    headers = getattr(getattr(error, "response", None), "headers", None) or {}
    milliseconds = str(headers.get("retry-after-ms", ""))
    if _SECONDS.fullmatch(milliseconds):
        return float(milliseconds) / 1000
    asked = str(headers.get("retry-after", "")).strip()
    if _SECONDS.fullmatch(asked):
        return float(asked)
    try:
        until = parsedate_to_datetime(asked)
    except ValueError:
        return None
    zoned = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(0.0, (zoned - datetime.now(UTC)).total_seconds())
