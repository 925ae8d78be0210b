"""Estimate: what a build would ask a chat model, before anything is sent.

What is stored answers as in a build. The other requests of each stage are counted, and nothing comes back; so the
requests of later stages, which are made from those replies, are counted from how many claims such replies bring.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from skillgen.chat.prompts import load_prompt
from skillgen.errors import UserError
from skillgen.model.chat import ChatFailure, ChatReply, ChatRequest, Estimate, Use
from skillgen.model.draft import Draft
from skillgen.pipeline.asker import USES, ModelAsker
from skillgen.pipeline.condensing import CHOSEN_FROM, CONDENSED_FROM
from skillgen.pipeline.room import Room

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Not measured, but on the safe side: a reply brings this share of the claims that it may, one claim in so many has a
# quote that is not found, a claim has so many characters, with its quotes so many more.
_SHARE_OF_CLAIMS = 0.6
_CLAIMS_A_REQUOTE = 4
_CLAIM_CHARS = 140
_QUOTED_CHARS = 500
_COMPARED_AT_ONCE = 10
_TOKENS_A_JUDGEMENT = 110
_SHOWN: Mapping[Use, int] = {"requote": 900, "belief": 300, "compare": 2400, "condense": 5600}
_NOT_SENT = ChatFailure(reason="budget", detail="This is a dry run: nothing is sent.")


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimatedUse:
    """What one use would take; it is `exact` where no request depends on a reply that is not there yet."""

    use: Use
    takes: Estimate
    exact: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRun:
    """What a build would ask a model: each use, and all of them together."""

    model: str
    endpoints: tuple[str, ...]
    uses: tuple[EstimatedUse, ...]
    total: Estimate


class UnsendingEmbedder:
    """Stands for an embedding server in a dry run: what is stored is used, and nothing is sent."""

    def __init__(self, id_: str) -> None:
        self.id = id_

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Refuse to embed.

        Raises:
            UserError: always.
        """
        raise UserError(
            f"--dry-run sends nothing, and the embedding server has not embedded {len(texts)} texts yet.",
            hint="`skillgen build --model none` embeds them without asking the chat model.",
        )


class EstimatingAsker(ModelAsker):
    """Gives what is stored, sends nothing, and remembers what it was asked for."""

    def ask(self, use: Use, requests: Sequence[ChatRequest]) -> list[ChatReply | ChatFailure]:
        """Return the stored replies, and a failure for each request without one."""
        if use in self.off:
            return super().ask(use, requests)
        self.count(use, requests, outcomes := [one or _NOT_SENT for one in self.client.stored(requests)])
        return outcomes

    def estimated(self, draft: Draft, room: Room) -> DryRun:
        """Return what a build would take whose draft, with what is stored, is this one."""
        own = [one for use in USES for one in self.requests(use)]
        more = self._later(draft, room) if None in self.client.stored(own) else {}
        missing = False
        uses: list[EstimatedUse] = []
        for use in USES:
            takes = self.client.estimate([*self.requests(use), *more.get(use, ())])
            if takes.calls or takes.stored:
                uses.append(EstimatedUse(use=use, takes=takes, exact=not missing))
            missing = missing or takes.calls > 0
        total = self.client.estimate([*own, *(one for held in more.values() for one in held)])
        return DryRun(model=self.model, endpoints=self.client.endpoints, uses=tuple(uses), total=total)

    def _later(self, draft: Draft, room: Room) -> dict[Use, list[ChatRequest]]:
        """Return requests like those that will be made from replies which are not there yet."""
        new = {answer.question_id: 0 for answer in draft.answers}
        missing = [one for one in self.requests("answer") if self.client.stored([one]) == [None]]
        total_new = sum(math.ceil(_SHARE_OF_CLAIMS * _most_claims(one)) for one in missing)
        for place, id_ in enumerate(new):
            new[id_] = total_new // len(new) + (place < total_new % len(new))
        held = {answer.question_id: len(answer.claims) + new[answer.question_id] for answer in draft.answers}
        a_request = max(1, min(room.judgements, room.chars // _QUOTED_CHARS))
        wanted: dict[Use, int] = {
            "requote": math.ceil(total_new / _CLAIMS_A_REQUOTE),
            "support": math.ceil(total_new / a_request) + math.ceil(_dense(held) / a_request),
            "condense": sum(
                math.ceil(min(count, CONDENSED_FROM) * _CLAIM_CHARS / room.chars)
                for count in held.values()
                if count > 1
            ),
            "choose": _chosen_in(min(sum(held.values()), CHOSEN_FROM), room),
            "belief": sum(count > 0 for count in held.values()),
            "compare": sum(math.ceil(count / _COMPARED_AT_ONCE) for count in held.values()),
        }
        return {
            use: [_like(use, number, room) for number in range(count - len(self.requests(use)))]
            for use, count in wanted.items()
            if use not in self.off
        }


def _most_claims(request: ChatRequest) -> int:
    schema = request.schema or {}
    return int(schema["properties"]["claims"]["maxItems"])


def _dense(held: dict[str, int]) -> int:
    """Return how many condensed statements have to be judged: about a third of the claims."""
    return math.ceil(sum(min(count, CONDENSED_FROM) for count in held.values()) / 3)


def _chosen_in(claims: int, room: Room) -> int:
    parts = math.ceil(claims * _CLAIM_CHARS / room.chars)
    return parts + (parts > 1)


def _like(use: Use, number: int, room: Room) -> ChatRequest:
    """Return a request of the size of those that the use makes; `number` tells it from the others."""
    prompt = load_prompt(use)
    judged = min(room.chars, room.judgements * _QUOTED_CHARS)
    chars = judged if use == "support" else min(room.chars, _SHOWN.get(use, room.chars))
    text = f"{number} ".ljust(chars // max(1, len(prompt.inputs)), "x")
    request = prompt.request(dict.fromkeys(prompt.inputs, text))
    longest = _TOKENS_A_JUDGEMENT * (room.judgements + 1) if use == "support" else room.reply
    return replace(request, max_tokens=min(request.max_tokens, longest))
