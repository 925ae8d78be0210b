"""A server's reply to a usable one: the first JSON value in its text, checked against the request's schema."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from skillgen.chat.schema import problem_of
from skillgen.model.chat import ChatFailure, ChatReply, ChatRequest, FailureReason, RawReply

# What some models think aloud before they answer; the answer follows the last end mark.
_THOUGHTS = re.compile(r"\A.*</think>", re.DOTALL)
# Braces that are tried as the beginning of a reply: prose before an answer holds one or two.
_STARTS = 20
# A repair can help these; the other failures would come again.
REPAIRABLE: frozenset[FailureReason] = frozenset({"malformed", "schema", "empty"})


def judged(raw: RawReply, request: ChatRequest, *, from_store: bool, repaired: bool) -> ChatReply | ChatFailure:
    """Return the reply with its parsed value, or why it cannot be used."""
    text = _THOUGHTS.sub("", raw.text)
    reason, detail, value = _read(raw, text, request)
    if reason is not None:
        return ChatFailure(reason=reason, detail=detail, from_store=from_store)
    return ChatReply(
        text=text,
        parsed=value,
        finish=raw.finish,
        model=raw.model,
        tokens_in=raw.tokens_in,
        tokens_out=raw.tokens_out,
        from_store=from_store,
        repaired=repaired,
    )


def _read(raw: RawReply, text: str, request: ChatRequest) -> tuple[FailureReason | None, str, Any]:
    """Return (None, "", the value), or why there is none."""
    cut = raw.finish == "length"
    if raw.refusal or raw.finish == "refused":
        return "refused", f"The model refused to answer ({one_line(raw.refusal or 'content filter')}).", None
    if not text.strip():
        return ("cut", _cut(request), None) if cut else ("empty", "The model answered nothing.", None)
    if request.schema is None:
        return ("cut", _cut(request), None) if cut else (None, "", None)
    value = first_object(text)
    if value is None:
        return ("cut", _cut(request), None) if cut else ("malformed", "The reply holds no JSON object.", None)
    problem = problem_of(value, request.schema)
    if problem is not None:
        return ("cut", _cut(request), None) if cut else ("schema", f"{problem[0].upper()}{problem[1:]}.", None)
    return None, "", value


def _cut(request: ChatRequest) -> str:
    return f"The reply was cut at {request.max_tokens} tokens."


def first_object(text: str) -> dict[str, Any] | None:
    """Return the first JSON object in a text, whatever stands around it; None where there is none.

    Half surrogate pairs, which JSON can spell and UTF-8 cannot hold, become U+FFFD. Numbers that JSON does not have
    (NaN, Infinity) make an object unusable.
    """
    decoder = json.JSONDecoder(parse_constant=_no_number)
    start = -1
    for _ in range(_STARTS):
        start = text.find("{", start + 1)
        if start < 0:
            return None
        try:
            value, _end = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            cleaned: dict[str, Any] = _encodable_value(value)
            return cleaned
    return None


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)


def encodable(text: str) -> str:
    """Return the text with U+FFFD for half surrogate pairs."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _encodable_value(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, str):
        return encodable(value)
    if isinstance(value, list):
        return [_encodable_value(item) for item in value]
    if isinstance(value, dict):
        return {encodable(key): _encodable_value(item) for key, item in value.items()}
    return value


def one_line(text: str, limit: int = 300) -> str:
    """Return a text of a server as one printable line."""
    flat = " ".join("".join(char if char.isprintable() else " " for char in text[: 4 * limit]).split())
    return flat if len(flat) <= limit else f"{flat[:limit]}…"
