"""The chat model as stages see it: what is asked, for which use, what came of it, and when to stop.

A stage asks and gets a reply or a failure for each request. What failures mean for the whole run is decided here: a
reply that cannot be used costs only its request, but a request without any reply leaves the run incomplete, because the
next run asks it again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import get_args

from skillgen.chat import ChatClient
from skillgen.chat.echo import without_echo
from skillgen.errors import IncompleteError, PrerequisiteError, UserError
from skillgen.model.chat import ChatFailure, ChatReply, ChatRequest, ChatUsage, FailureReason, Use
from skillgen.model.draft import UseRecord
from skillgen.protocols import Reporter

USES: tuple[Use, ...] = get_args(Use)
# These leave nothing in the store.
OPEN: frozenset[FailureReason] = frozenset({"answer", "http", "timeout", "connection", "budget"})
_TASKS: dict[Use, str] = {
    "expand": "Asking for search phrases",
    "relevance": "Asking which passages matter",
    "answer": "Asking for claims",
    "requote": "Asking for exact quotes",
    "support": "Asking whether quotes carry their claims",
    "condense": "Asking for dense statements",
    "choose": "Asking what belongs into the body",
    "belief": "Asking what the model knows by itself",
    "compare": "Asking what is new to the model",
    "contradictions": "Asking about pages that disagree",
    "gaps": "Asking for questions to owners",
    "description": "Asking for a description",
    "task": "Asking for questions on cited facts",
    "task-check": "Asking them with the passage",
    "task-closed": "Asking them without the passage",
    "pick": "Asking which skill is picked",
}
_SWITCHED_OFF = ChatFailure(reason="refused", detail="This use of the model is switched off.")
_NOT_ASKED = ChatFailure(reason="connection", detail="Not asked, because an earlier request got no reply.")
_MICRO_DOLLARS = 6
# How servers answer to what does not fit into their context.
_TOO_LONG = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNPROCESSABLE_ENTITY})


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What this run did itself: `sent` requests over HTTP (repeated ones too), what the store gave, and the cost.

    `stored` is by use; `cost` is in US dollars, None without a known price.
    """

    sent: int
    stored: Mapping[Use, int]
    cost: float | None


@dataclass(slots=True)
class _Use:
    """What was asked for one use: the requests, and how many different ones had no usable reply, or a stored one."""

    requests: list[ChatRequest] = field(default_factory=list)
    failed: int = 0
    stored: int = 0


class ModelAsker:
    """Asks one model in one run.

    Once a request got no reply, what is asked later is given from the store only: what the later stages ask depends on
    the missing reply, and would be paid for in vain.
    """

    def __init__(self, client: ChatClient, reporter: Reporter, *, off: Collection[Use] = ()) -> None:
        """Make an asker; nothing is sent yet.

        Args:
            client: The model.
            reporter: Hears how far each use is.
            off: Uses that are switched off: a stage that asks for one all the same gets failures.
        """
        self.client = client
        self._reporter = reporter
        self.off = frozenset(off)
        self._uses: dict[Use, _Use] = {}
        self._counted: set[str] = set()
        self._open: list[ChatFailure] = []
        self._hint: str | None = None

    def ask(self, use: Use, requests: Sequence[ChatRequest]) -> list[ChatReply | ChatFailure]:
        """Return a reply or a failure for each request, in the order of the requests; `use` is what they count for."""
        if use in self.off:
            return [_SWITCHED_OFF] * len(requests)
        if not requests:
            return []
        if self._open:
            outcomes = [one or _NOT_ASKED for one in self.client.stored(requests)]
            self.count(use, requests, outcomes)
        else:
            self._reporter.start(_TASKS[use], len(requests))
            outcomes = self._asked(requests)
            self._reporter.done(_counted(self.count(use, requests, outcomes)))
        return outcomes

    def _asked(self, requests: Sequence[ChatRequest]) -> list[ChatReply | ChatFailure]:
        """Return an outcome for each request; where the run has to stop, the others are taken from the store."""
        outcomes: list[ChatReply | ChatFailure] = []
        try:
            for _request, outcome in self.client.ask_all(requests):
                outcomes.append(outcome)
                self._reporter.advance()
        except UserError as error:
            reason: FailureReason = "connection" if isinstance(error, PrerequisiteError) else "budget"
            stop = ChatFailure(reason=reason, detail=error.message)
            self._hint = error.hint
            outcomes += [one or stop for one in self.client.stored(requests[len(outcomes) :])]
        return [
            replace(one, detail=without_echo(one.detail, requests)) if isinstance(one, ChatFailure) else one
            for one in outcomes
        ]

    def count(
        self, name: Use, requests: Sequence[ChatRequest], outcomes: Sequence[ChatReply | ChatFailure]
    ) -> list[ChatReply | ChatFailure]:
        """Count requests with their outcomes for a use, and return the outcomes that were counted.

        A run asks equal requests once and so counts them once: a dense statement is often one of the claims again.
        """
        use = self._uses.setdefault(name, _Use())
        use.requests += requests
        keys = [self.client.key(request) for request in requests]
        new = {key: one for key, one in zip(keys, outcomes, strict=True) if key not in self._counted}
        self._counted |= new.keys()
        use.stored += sum(outcome.from_store for outcome in new.values())
        failures = [outcome for outcome in new.values() if isinstance(outcome, ChatFailure)]
        use.failed += len(failures)
        self._open += [one for one in failures if one.reason in OPEN and one is not _NOT_ASKED]
        return list(new.values())

    def requests(self, use: Use) -> Sequence[ChatRequest]:
        """Return what was asked for a use so far."""
        return self._uses[use].requests if use in self._uses else ()

    # -- what came of it -----------------------------------------------------------------------------------------

    @property
    def model(self) -> str:
        """The model as `provider:name`."""
        return self.client.model

    @property
    def endpoints(self) -> tuple[str, ...]:
        """The addresses that calls go to or through; none where nothing was asked."""
        return self.client.endpoints if self._uses else ()

    @property
    def complete(self) -> bool:
        """Whether every request got a reply, be it one that cannot be used."""
        return not self._open

    def uses(self) -> tuple[UseRecord, ...]:
        """Return what was asked for each use; the same whether the replies were paid for now or earlier."""
        return tuple(self._record(use, self._uses[use]) for use in USES if use in self._uses)

    def _record(self, name: Use, use: _Use) -> UseRecord:
        taken = self.client.taken(use.requests)
        return UseRecord(
            use=name,
            calls=taken.replies,
            failed=use.failed,
            tokens_in=taken.tokens_in,
            tokens_out=taken.tokens_out,
            cost=None if taken.cost is None else round(taken.cost, _MICRO_DOLLARS),
        )

    def prompts(self) -> dict[str, str]:
        """Return the prompts that were asked with, by file, each with its SHA-256."""
        asked = (request for use in self._uses.values() for request in use.requests)
        return {f"prompts/chat/{request.prompt}": request.digest for request in asked}

    def spent(self) -> Spent:
        """Return what this run did itself."""
        usage: ChatUsage = self.client.usage()
        stored = {name: self._uses[name].stored for name in USES if name in self._uses}
        return Spent(sent=usage.sent, stored=stored, cost=usage.cost)

    def incomplete(self, so: str) -> IncompleteError:
        """Return the error that says why something was left open, and what follows: `so` is the end of a sentence."""
        why = self._open[0]
        number = f"{len(self._open)} request{'' if len(self._open) == 1 else 's'}"
        return IncompleteError(
            f"{why.detail} {number} to the model got no reply, so {so}.", hint=self._hint or _again(why)
        )


def _again(why: ChatFailure) -> str:
    """Return what to do about requests that got no reply although the server is there."""
    if why.reason == "budget":
        return "The same command with a higher --max-cost goes on from there."
    again = "The same command asks only what is open."
    if why.status in _TOO_LONG:
        return f"{again} If the model's context is too small for the requests, lower model.context."
    return again


def _counted(outcomes: Sequence[ChatReply | ChatFailure]) -> str:
    counts = Counter(
        "without a usable reply" if isinstance(one, ChatFailure) else "stored" if one.from_store else "new"
        for one in outcomes
    )
    return ", ".join(f"{counts[name]} {name}" for name in ("new", "stored", "without a usable reply") if counts[name])
