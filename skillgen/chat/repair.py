"""The one further request for a reply that could not be used."""

from __future__ import annotations

from dataclasses import replace

from skillgen.chat.models import schema_text
from skillgen.chat.prompts import load_prompt
from skillgen.chat.replies import encodable, one_line
from skillgen.model.chat import ChatFailure, ChatMessage, ChatRequest, RawReply

# Characters of an unusable reply that its repair is shown.
SHOWN_AGAIN = 6000


def repair_request(request: ChatRequest, raw: RawReply, failure: ChatFailure) -> ChatRequest:
    """Return the request that asks once more for a reply that could not be used, with what was wrong with it."""
    problem = one_line(encodable(failure.detail))
    values = {"problem": problem, "schema": schema_text(request.schema or {})}
    prompt = load_prompt("repair")
    shown = ChatMessage(role="assistant", text=raw.text[:SHOWN_AGAIN] or "(nothing)")
    messages = (*request.messages, shown, *prompt.messages(values))
    return replace(request, prompt=prompt.name, version=prompt.version, digest=prompt.digest, messages=messages)


def longest_repair(request: ChatRequest) -> ChatRequest:
    """Return the repair of a request that costs most."""
    longest = RawReply(text="x" * SHOWN_AGAIN, finish="", model="")
    problem = ChatFailure(reason="schema", detail="x" * SHOWN_AGAIN)
    return repair_request(request, longest, problem)
