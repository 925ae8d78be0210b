"""Who picks: a chat model that sees names and descriptions, or, where there is none, the likeness of texts.

Models prefer some places of a list, so the skills stand in another order for every request, made from a seed: the same
seed gives the same orders everywhere.
"""

from __future__ import annotations

import copy
import hashlib
import re
from collections.abc import Sequence
from dataclasses import replace

from skillgen.chat.prompts import load_prompt
from skillgen.model.chat import ChatFailure, ChatRequest, ChatSource
from skillgen.model.trigger import NO_SKILL, SkillCard, TriggerRequest
from skillgen.protocols import Asker, Embedder

# How alike (a cosine) a request and a description have to be for the stand-in to pick a skill at all. Tuned on the
# built-in skills, their own requests and the unrelated ones; tests/test_trigger_pick.py counts them again.
LEAST_LIKENESS = 0.30
_SENTENCE = re.compile(r"(?<=[.;:])\s+")
_EXCLUDES = re.compile(r"\b(?:not|never|don't use) for\b|\bdo not use\b", re.IGNORECASE)

Picks = tuple[tuple[str | None, ...], ...]


def shuffled(cards: Sequence[SkillCard], *, seed: int, order: int, request: str) -> tuple[SkillCard, ...]:
    """Return the skills in the order in which a request is asked for the `order`-th time.

    It depends on the names, the seed, the request's id and the order's number only, not on how the skills stood.
    """

    def place(card: SkillCard) -> tuple[str, str]:
        told = f"{seed}\0{order}\0{request}\0{card.name}"
        return hashlib.sha256(told.encode()).hexdigest(), card.name

    return tuple(sorted(cards, key=place))


def picked_by_model(
    asker: Asker,
    cards: Sequence[SkillCard],
    requests: Sequence[TriggerRequest],
    *,
    orders: int,
    seed: int,
    sources: Sequence[ChatSource] = (),
) -> Picks:
    """Return for every request what the model picked in each order; None where it gave no usable reply.

    Args:
        asker: The way to the model.
        cards: The skills of the set.
        requests: What is asked.
        orders: How often each request is asked, each time with the skills in another order.
        seed: What the orders are made from.
        sources: The pages whose words the description and the requests may hold.
    """
    asked = [
        _request(shuffled(cards, seed=seed, order=order, request=one.id), one, sources)
        for one in requests
        for order in range(orders)
    ]
    replies = asker.ask("pick", asked)
    found = [None if isinstance(one, ChatFailure) else str(one.parsed["skill"]) for one in replies]
    return tuple(tuple(found[at : at + orders]) for at in range(0, len(found), orders))


def _request(cards: Sequence[SkillCard], one: TriggerRequest, sources: Sequence[ChatSource]) -> ChatRequest:
    """Return the request: the reply has to be a name of the set or `none`, whatever the model would rather say."""
    values = {
        "skills": "\n".join(f"- {card.name}: {' '.join(card.description.split())}" for card in cards),
        "request": " ".join(one.query.split()),
    }
    request = load_prompt("pick").request(values, sources=sources)
    schema = copy.deepcopy(request.schema or {})
    schema["properties"]["skill"] = {"type": "string", "enum": [*sorted(card.name for card in cards), NO_SKILL]}
    return replace(request, schema=schema)


def picked_by_likeness(embedder: Embedder, cards: Sequence[SkillCard], requests: Sequence[TriggerRequest]) -> Picks:
    """Return for every request the skill whose description is most like it, or `none` where none is like it enough.

    A description is as like a request as the likest of its sentences; sentences that say what it is not for do not
    count. Of equals the first name wins. It knows no order of the set, so each request is asked once.
    """
    sentences = [(card.name, part) for card in sorted(cards, key=lambda one: one.name) for part in _sentences(card)]
    if not requests or not sentences:
        return tuple((NO_SKILL,) for _ in requests)
    known = embedder.embed([part for _, part in sentences])
    asked = embedder.embed([one.query for one in requests])
    picks = []
    for row in (asked @ known.T).round(6):
        best = int(row.argmax())
        picks.append((sentences[best][0] if row[best] >= LEAST_LIKENESS else NO_SKILL,))
    return tuple(picks)


def _sentences(card: SkillCard) -> list[str]:
    """Return the parts of a description that say what the skill is for, each with the skill's name, and all of it."""
    title = card.name.replace("-", " ")
    parts = [part for part in _SENTENCE.split(card.description) if part.strip() and not _EXCLUDES.search(part)]
    return [f"{title}: {' '.join(parts)}", *(f"{title}: {part}" for part in parts)]
