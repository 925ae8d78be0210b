"""Consulting a chat model in one run: how it is asked, what fits, what is switched off, what got no usable reply."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from skillgen.model.answer import Unanswered
from skillgen.model.chat import Use
from skillgen.model.draft import FailedRequest
from skillgen.pipeline.asker import ModelAsker
from skillgen.pipeline.room import Room
from skillgen.settings import ModelSettings


@dataclass(slots=True, kw_only=True)
class Consultation:
    """A model in one run; `unanswered` grows with it."""

    asker: ModelAsker
    settings: ModelSettings
    room: Room
    unanswered: list[Unanswered] = field(default_factory=list)

    def asks(self, *uses: Use) -> bool:
        """Tell whether none of these uses is switched off."""
        return not self.asker.off.intersection(uses)

    def note(self, unanswered: Iterable[Unanswered]) -> None:
        """Remember requests without a usable reply; those that are switched off were never made."""
        self.unanswered += [one for one in unanswered if self.asks(one.use)]

    def failures(self) -> tuple[FailedRequest, ...]:
        """Return the requests without a usable reply for the record of the run."""
        return tuple(
            FailedRequest(use=one.use, about=one.about, reason=one.reason, detail=one.detail) for one in self.unanswered
        )
