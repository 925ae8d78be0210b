"""Records of the delta: how far a statement goes beyond what a model knows of the tools, and by which signs."""

from __future__ import annotations

from dataclasses import dataclass

MAX_SHOWN = 3
MAX_CHARS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """A sign in a statement: what it is, where it was seen in the statement's words, and what it adds to the logit."""

    name: str
    seen: tuple[str, ...]
    adds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta:
    """An estimate from 0 (anybody may say it) to 1 (only this organisation), with the signs for and against it."""

    value: float
    signals: tuple[Signal, ...]

    @property
    def reason(self) -> str:
        """The strongest signs in plain text, such as `names: Night Warden, kestrel; against: by default`."""
        own = sorted((one for one in self.signals if one.adds > 0), key=lambda one: -one.adds)[:MAX_SHOWN]
        general = sorted((one for one in self.signals if one.adds < 0), key=lambda one: one.adds)[:MAX_SHOWN]
        shown = [_shown(one.name, one) for one in own] + [_shown(f"against, {one.name}", one) for one in general]
        return "; ".join(shown) or "nothing of its own"


def _shown(title: str, signal: Signal) -> str:
    seen = (" ".join(one.split()) for one in signal.seen[:MAX_SHOWN])
    return f"{title}: {', '.join(one if len(one) <= MAX_CHARS else f'{one[:MAX_CHARS]}…' for one in seen)}"
