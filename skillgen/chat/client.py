"""Asks a chat model: what is stored is not asked again, and every reply is stored when it arrives."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from http import HTTPStatus
from typing import Protocol, Self

from skillgen.chat.budget import Budget, cost_of, likely_tokens
from skillgen.chat.dispatch import Call, Dispatcher, Pace
from skillgen.chat.models import ChatDoor
from skillgen.chat.probe import probe_request, probed, remembered, to_remember
from skillgen.chat.prompts import load_prompt
from skillgen.chat.repair import longest_repair, repair_request
from skillgen.chat.replies import REPAIRABLE, judged
from skillgen.model.chat import (
    Capabilities,
    ChatFailure,
    ChatReply,
    ChatRequest,
    ChatSource,
    ChatUsage,
    Estimate,
    ProbeResult,
    RawReply,
    Taken,
)

# Seconds that a stopped run still waits for what is paid for already.
_GRACE = 5.0
# A call in the wrong form is answered by one of these.
_WRONG_FORM = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.INTERNAL_SERVER_ERROR})


class ReplyStore(Protocol):
    """Where replies are kept; the workspace's truth is one."""

    def reply(self, key: str) -> RawReply | None:
        """Return the stored reply, or None."""
        ...

    def put_reply(
        self, key: str, reply: RawReply, *, prompt: str, model: str, cost: float | None, sources: Iterable[ChatSource]
    ) -> None:
        """Store a reply so that a kill cannot lose it."""
        ...

    def note_reply_sources(self, key: str, sources: Iterable[ChatSource]) -> None:
        """Store that a reply answers a request about these pages too."""
        ...

    def meta(self, key: str) -> str | None:
        """Return a remembered value, or None."""
        ...

    def set_meta(self, key: str, value: str) -> None:
        """Remember a value."""
        ...


@dataclass(eq=False, slots=True, kw_only=True)
class _Exchange:
    """A request and how far it has come: `current` is the request itself, or the one that repairs its reply."""

    asked: ChatRequest
    current: ChatRequest
    sent: bool = False
    outcome: ChatReply | ChatFailure | None = None


class ChatClient:
    """One model for one run. Not to be shared between threads; it sends from several by itself."""

    def __init__(
        self, door: ChatDoor, store: ReplyStore, budget: Budget, *, pace: Pace | None = None, ask_again: bool = False
    ) -> None:
        """Make a client; nothing is sent yet.

        Args:
            door: The way to the model.
            store: Where replies are kept.
            budget: What may be spent.
            pace: How fast is asked.
            ask_again: Ask once more where the stored reply is not usable.
        """
        self._door = door
        self._store = store
        self._budget = budget
        self._pace = pace or Pace()
        self._ask_again = ask_again
        self._found: ProbeResult | None = None
        self._usage = ChatUsage(model=f"{door.spec.provider}:{door.spec.name}")
        self._prompts: set[tuple[str, int, str]] = set()

    def __enter__(self) -> Self:
        """Return the client."""
        return self

    def __exit__(self, *_exception: object) -> None:
        """Close its connections."""
        self._door.close()

    # -- asking --------------------------------------------------------------------------------------------------

    def ask_all(self, requests: Iterable[ChatRequest]) -> Iterator[tuple[ChatRequest, ChatReply | ChatFailure]]:
        """Yield every request with its reply, or with why there is none, in the order of the requests.

        Equal requests are sent once. What is stored costs nothing. Nothing new is sent while nobody asks for the next
        pair, and when the iterator is closed early, what is under way is stored if it arrives within seconds.

        Raises:
            PrerequisiteError: the server is not there, refuses the key or knows no such model; replies so far are kept.
            UserError: the budget is too small for the probe.
        """
        exchanges: dict[str, _Exchange] = {}
        asked = [(request, self.key(request)) for request in requests]
        for request, key in asked:
            exchange = exchanges.setdefault(key, _Exchange(asked=request, current=request))
            both = tuple({*exchange.asked.sources, *request.sources})
            exchange.asked = exchange.current = replace(exchange.asked, sources=both)
        unanswered = {key: exchange for key, exchange in exchanges.items() if not self._settled(exchange)}
        self._count(from_store=len(exchanges) - len(unanswered))
        for exchange in exchanges.values():
            self._note(exchange.asked)
        dispatcher = Dispatcher(self._door, self._budget, self._pace)
        try:
            if unanswered:
                self._start(dispatcher, unanswered)
            for request, key in asked:
                yield request, self._awaited(exchanges[key], dispatcher, unanswered)
        finally:
            for call, raw in dispatcher.drain(_GRACE):
                self._keep(call, raw)
            self._count(sent=dispatcher.sent)

    def _start(self, dispatcher: Dispatcher, unanswered: dict[str, _Exchange]) -> None:
        capabilities = self.probe().capabilities
        if capabilities.mode in {"json", "text"}:
            form = load_prompt("form")
            self._prompts.add((form.name, form.version, form.digest))
        for key, exchange in unanswered.items():
            dispatcher.add(Call(key=key, request=exchange.current, capabilities=capabilities))

    def _awaited(
        self, exchange: _Exchange, dispatcher: Dispatcher, unanswered: dict[str, _Exchange]
    ) -> ChatReply | ChatFailure:
        """Return an exchange's outcome, after as many outcomes of others as come before it."""
        while exchange.outcome is None:
            call, result = dispatcher.next()
            self._take(call, result, unanswered[call.key], dispatcher)
        return exchange.outcome

    def _take(self, call: Call, result: RawReply | ChatFailure, exchange: _Exchange, dispatcher: Dispatcher) -> None:
        """Store a reply, then go on from what is stored: to the end of the exchange, or to a repair."""
        if isinstance(result, ChatFailure):
            if self._asks_in_another_form(call, result):
                dispatcher.add(call, first=True)
            else:
                exchange.outcome = result
            return
        self._keep(call, result)
        exchange.sent = True
        if not self._settled(exchange):
            again = Call(key=call.key, request=exchange.current, capabilities=call.capabilities)
            dispatcher.add(again, first=True)

    def _keep(self, call: Call, raw: RawReply) -> None:
        self._store.put_reply(
            self.key(call.request),
            raw,
            prompt=f"{call.request.prompt} {call.request.version}",
            model=self._door.spec.id,
            cost=call.cost,
            sources=call.request.sources,
        )
        self._count(answered=1, tokens_in=raw.tokens_in or 0, tokens_out=raw.tokens_out or 0)

    def _settled(self, exchange: _Exchange) -> bool:
        """Go as far as stored replies lead; return whether that is the end of the exchange."""
        while (raw := self._store.reply(key := self.key(exchange.current))) is not None:
            self._store.note_reply_sources(key, exchange.current.sources)
            repaired = exchange.current is not exchange.asked
            outcome = judged(raw, exchange.asked, from_store=not exchange.sent, repaired=repaired)
            if isinstance(outcome, ChatFailure):
                if outcome.reason in REPAIRABLE and not repaired:
                    exchange.current = repair_request(exchange.asked, raw, outcome)
                    self._note(exchange.current)
                    continue
                if self._ask_again and not exchange.sent:
                    exchange.current = exchange.asked
                    return False
            exchange.outcome = outcome
            return True
        return False

    def key(self, request: ChatRequest) -> str:
        """Return the SHA-256 of all that decides a reply: model, server, prompt, words, schema and parameters."""
        values = asdict(request)
        del values["sources"], values["digest"]  # the prompt's words are in the messages
        told = json.dumps({"model": self._door.spec.id, **values}, sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()

    def stored(self, requests: Iterable[ChatRequest]) -> list[ChatReply | ChatFailure | None]:
        """Return what the stored replies come to for each request, None where there is none; nothing is sent."""
        exchanges = [_Exchange(asked=request, current=request) for request in requests]
        return [exchange.outcome if self._settled(exchange) else None for exchange in exchanges]

    # -- what the server understands -----------------------------------------------------------------------------

    def probe(self, *, fresh: bool = False) -> ProbeResult:
        """Return what the server understands, from the store or by asking it; `fresh` asks it in any case.

        Raises:
            PrerequisiteError: the server is not there, or answers no call.
            UserError: the budget is too small for it.
        """
        place = f"chat probe {self._door.spec.id}"
        known = None if fresh else self._found or remembered(self._store.meta(place))
        if known is None:
            self._note(probe_request())
            known = probed(self._ask_once, self._door.spec.endpoint)
            self._store.set_meta(place, to_remember(known))
            self._found = known
        return known

    def _ask_once(self, request: ChatRequest, capabilities: Capabilities) -> RawReply | ChatFailure:
        """Send one request that is not stored; a server that is not there is not waited for as long as in a run."""
        dispatcher = Dispatcher(self._door, self._budget, replace(self._pace, retries=min(1, self._pace.retries)))
        dispatcher.add(Call(key="", request=request, capabilities=capabilities))
        try:
            _call, outcome = dispatcher.next()
        finally:
            self._count(sent=dispatcher.sent)
        if isinstance(outcome, RawReply):
            self._count(answered=1, tokens_in=outcome.tokens_in or 0, tokens_out=outcome.tokens_out or 0)
        return outcome

    def _asks_in_another_form(self, call: Call, failure: ChatFailure) -> bool:
        """Probe again where a server refuses what it understood in an earlier run; return whether that changed it."""
        if failure.status not in _WRONG_FORM:
            return False
        if self._found is None:
            self.probe(fresh=True)
        now = self.probe().capabilities
        changed = now != call.capabilities
        call.capabilities, call.tries = now, 0
        return changed

    # -- what it takes -------------------------------------------------------------------------------------------

    def estimate(self, requests: Iterable[ChatRequest]) -> Estimate:
        """Return what the requests would take, without sending anything; equal requests count once."""
        unique = {self.key(request): request for request in requests}
        missing = [one for one in unique.values() if not self._settled(_Exchange(asked=one, current=one))]
        tokens_in, tokens_out = sum(map(likely_tokens, missing)), sum(one.max_tokens for one in missing)
        price = self._budget.price
        return Estimate(
            calls=len(missing),
            stored=len(unique) - len(missing),
            tokens_in=tokens_in,
            tokens_out=tokens_out,
            cost=cost_of(price, tokens_in, tokens_out) if price else None,
            most=sum(map(self._most, missing)) if price else None,
        )

    def taken(self, requests: Iterable[ChatRequest]) -> Taken:
        """Return what the stored replies to the requests took, whenever they were paid for, at the present price.

        Equal requests count once. A run that sends nothing gets the same numbers as the one that paid.
        """
        trails = [self._trail(request) for request in {self.key(request): request for request in requests}.values()]
        replies = [pair for trail in trails for pair in trail]
        return Taken(
            replies=len(replies),
            tokens_in=sum(raw.tokens_in or 0 for _, raw in replies),
            tokens_out=sum(raw.tokens_out or 0 for _, raw in replies),
            cost=sum(self._budget.cost(*pair) for pair in replies) if self._budget.price else None,
        )

    def _trail(self, request: ChatRequest) -> list[tuple[ChatRequest, RawReply]]:
        """Return the stored reply to a request, and that to its repair."""
        exchange = _Exchange(asked=request, current=request)
        self._settled(exchange)
        asked = (request,) if exchange.current is request else (request, exchange.current)
        return [(one, raw) for one in asked if (raw := self._store.reply(self.key(one))) is not None]

    def _most(self, request: ChatRequest) -> float:
        repair = self._budget.worst(longest_repair(request)) if request.schema else 0.0
        return self._budget.worst(request) + repair

    def usage(self) -> ChatUsage:
        """Return what was done so far."""
        return replace(
            self._usage,
            cost=self._budget.spent if self._budget.price else None,
            endpoints=self._door.endpoints if self._usage.sent else (),
            prompts=tuple(sorted(self._prompts)),
        )

    @property
    def budget(self) -> Budget:
        """What may be spent, and what was."""
        return self._budget

    @property
    def model(self) -> str:
        """The model as `provider:name`."""
        return self._usage.model

    @property
    def endpoints(self) -> tuple[str, ...]:
        """All addresses that a call contacts."""
        return self._door.endpoints

    def _count(self, **more: int) -> None:
        self._usage = replace(self._usage, **{name: getattr(self._usage, name) + value for name, value in more.items()})

    def _note(self, request: ChatRequest) -> None:
        self._prompts.add((request.prompt, request.version, request.digest))
