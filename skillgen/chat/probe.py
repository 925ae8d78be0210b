"""Finds out with a few small calls what a server understands: the strictest form of structured replies that works."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from http import HTTPStatus

from skillgen.chat.prompts import load_prompt
from skillgen.chat.replies import judged, one_line
from skillgen.errors import PrerequisiteError, UserError
from skillgen.model.chat import Capabilities, ChatFailure, ChatReply, ChatRequest, ProbeResult, RawReply, StructuredMode

# Sends one request to its end, with the tries that it takes.
Ask = Callable[[ChatRequest, Capabilities], RawReply | ChatFailure]

_MODES: tuple[StructuredMode, ...] = ("schema", "bare_schema", "json", "text")
# Parameters that some models refuse: those that think aloud have a fixed temperature, some servers know no seed.
_OPTIONAL = ("temperature", "seed", "max_tokens", "max_completion_tokens")
_PAGE = "# Harbour\n\nThe harbour of Lindesund has three cranes. They are checked on the first Monday of a month.\n"


def probe_request() -> ChatRequest:
    """Return what a probe asks."""
    return load_prompt("probe").request({"page": _PAGE})


def probed(ask: Ask, endpoint: str) -> ProbeResult:
    """Return what the server understands; `valid` is False where no form of asking gave a reply of the right form.

    Raises:
        PrerequisiteError: the server answers no call at all.
        UserError: the budget is too small for one small call.
    """
    leave_out: tuple[str, ...] = ()
    seconds = 0.0
    for mode in _MODES:
        started = time.monotonic()
        outcome, leave_out = _asked(ask, mode, leave_out)
        seconds = time.monotonic() - started
        found = Capabilities(mode=mode, leave_out=leave_out)
        if isinstance(outcome, RawReply):
            reply = judged(outcome, probe_request(), from_store=False, repaired=False)
            if isinstance(reply, ChatReply):
                return ProbeResult(capabilities=found, valid=True, seconds=seconds)
        elif not _is_refusal(outcome) or mode == "text":
            raise _failed(outcome, endpoint)
    return ProbeResult(capabilities=Capabilities(mode="text", leave_out=leave_out), valid=False, seconds=seconds)


def _asked(
    ask: Ask, mode: StructuredMode, leave_out: tuple[str, ...]
) -> tuple[RawReply | ChatFailure, tuple[str, ...]]:
    """Ask in one mode, without the parameters that the server names when it refuses; return what had to be left out.

    What did not help is not left out: a server may repeat the whole call in its refusal.
    """
    request = probe_request()
    left_out = leave_out
    while True:
        outcome = ask(request, Capabilities(mode=mode, leave_out=left_out))
        if not isinstance(outcome, ChatFailure):
            return outcome, left_out
        new = next((name for name in _OPTIONAL if name not in left_out and _names(outcome, name)), None)
        if new is None or not _is_refusal(outcome):
            return outcome, leave_out
        left_out = (*left_out, new)


def _names(failure: ChatFailure, parameter: str) -> bool:
    return f"'{parameter}'" in failure.detail or f'"{parameter}"' in failure.detail


def _is_refusal(failure: ChatFailure) -> bool:
    """Tell whether the server may be refusing the form of a call: some answer with 500 to what they do not know."""
    return failure.reason == "http" and failure.status != HTTPStatus.TOO_MANY_REQUESTS


def _failed(failure: ChatFailure, endpoint: str) -> UserError:
    if failure.reason == "budget":
        return UserError(failure.detail, hint="Raise model.max_cost, or choose a model that costs less.")
    return PrerequisiteError(
        f"The model server {endpoint} answers no call. {failure.detail}", hint="`skillgen doctor` asks it again."
    )


def remembered(text: str | None) -> ProbeResult | None:
    """Return a probe's result as `to_remember` wrote it; None where there is none."""
    if text is None:
        return None
    values = json.loads(text)
    found = Capabilities(mode=values["mode"], leave_out=tuple(values["leave_out"]))
    return ProbeResult(capabilities=found, valid=values["valid"], seconds=values["seconds"])


def to_remember(result: ProbeResult) -> str:
    """Return a probe's result as a line of JSON."""
    found = result.capabilities
    return json.dumps(
        {
            "mode": found.mode,
            "leave_out": found.leave_out,
            "valid": result.valid,
            "seconds": round(result.seconds, 3),
        }
    )


def told(result: ProbeResult) -> str:
    """Return in words how structured replies are got."""
    ways = {
        "schema": "a JSON Schema",
        "bare_schema": "a JSON Schema without lengths",
        "json": "JSON mode",
        "text": "plain text that is searched for JSON",
    }
    way = ways[result.capabilities.mode]
    without = f", without {', '.join(result.capabilities.leave_out)}" if result.capabilities.leave_out else ""
    return one_line(f"structured replies by {way}{without}")
