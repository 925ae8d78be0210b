"""Contradictions typed: a model says of each pair that the rules found what kind it is, or that it is none.

A pair that the model denies stays, and is marked as doubted with the model's reason: rules and model err in different
places, and a person can see both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from skillgen.added import added_tokens
from skillgen.background import Background
from skillgen.batches import grouped, sources_of, with_at_most
from skillgen.chat.prompts import load_prompt
from skillgen.model.answer import Unanswered
from skillgen.model.aside import Typed
from skillgen.model.chat import ChatFailure, ChatRequest
from skillgen.model.draft import Citation, Contradiction
from skillgen.protocols import Asker

# As many pairs as the schema of the reply takes, in so many characters: 1,500 tokens of a context of 4,096.
_PAIRS = 5
_PAIR_CHARS = 6000
_NO_REASON = "A chat model sees no contradiction here, and gave no reason that the quotes bear out."


def type_contradictions(asker: Asker, found: Sequence[Contradiction], background: Background) -> Typed:
    """Return the contradictions in their order, each with a kind or doubted; without a reply as they were.

    Args:
        asker: The model.
        found: What the rules found.
        background: Words that a reason may have besides those of the quotes.
    """
    batches = list(grouped(found, [len(_quotes(pair)) for pair in found], _PAIR_CHARS, most=_PAIRS))
    typed: list[Contradiction] = []
    unanswered = []
    replies = asker.ask("contradictions", [_request(batch) for batch in batches])
    for batch, reply in zip(batches, replies, strict=True):
        if isinstance(reply, ChatFailure):
            typed += batch
            unanswered.append(Unanswered.of("contradictions", [pair.topic for pair in batch], reply))
            continue
        said = {str(one["key"]): one for one in reversed(reply.parsed["cases"])}
        typed += [_typed(pair, said.get(f"d{number}"), background) for number, pair in enumerate(batch, 1)]
    return Typed(contradictions=tuple(typed), unanswered=tuple(unanswered))


def _request(batch: Sequence[Contradiction]) -> ChatRequest:
    shown = "\n\n".join(f"d{number}:\n{_quotes(pair)}" for number, pair in enumerate(batch, 1))
    sources = sources_of(citation for pair in batch for citation in pair.citations)
    return with_at_most(load_prompt("contradictions").request({"pairs": shown}, sources=sources), "cases", len(batch))


def _quotes(pair: Contradiction) -> str:
    return "\n".join(f"- {_place(one)}: {' '.join(one.quote.split())}" for one in pair.citations)


def _place(citation: Citation) -> str:
    return " > ".join(citation.heading_path) or citation.source


def _typed(pair: Contradiction, said: Mapping[str, Any] | None, background: Background) -> Contradiction:
    """Return the pair with what was said of it; a reason that names what no quote has is not repeated."""
    if said is None:
        return pair
    if said["kind"] != "none":
        return replace(pair, kind=said["kind"])
    reason = " ".join(str(said["reason"]).split())
    given = "\n".join((pair.topic, pair.hint, _quotes(pair), *(one.source for one in pair.citations)))
    grounded = reason and not added_tokens(reason, given, background)
    return replace(pair, doubted=reason if grounded else _NO_REASON)
