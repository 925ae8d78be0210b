"""The fixtures of the screening evals, built from their templates at run time with a seeded random generator."""

from __future__ import annotations

import random
from dataclasses import dataclass

from screening import injection_cases, later_cases, secret_cases

HELD_OUT_EVERY = 3
_HOSTS = "db-7.acme.example queue.prod.acme.example vault.acme.example ops.acme.example 10.20.4.17".split()
_USERS = "portal svc_loader mira.holm admin deploy backup-bot".split()
_BEFORE = (
    "Check the board before you start.",
    "The job runs every night at 02:15 and takes about ten minutes.",
    "Ask the owner of the service if the lag stays above 500.",
    "Scale the deployment down first.",
)
_AFTER = (
    "Then restart the worker and watch the queue for five minutes.",
    "Close the ticket when the count is back to zero.",
    "The change is visible after the next sync.",
    "Tell the team in the channel that you are done.",
)


@dataclass(frozen=True, slots=True)
class SecretCase:
    """A page that holds one secret from `start` to `end`."""

    kind: str
    text: str
    start: int
    end: int
    held_out: bool

    @property
    def value(self) -> str:
        """The secret itself."""
        return self.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class InjectionCase:
    """A page with one injection from `start` to `end`, and two sentences that must stay citable."""

    kind: str
    text: str
    start: int
    end: int
    neighbours: tuple[str, str]
    held_out: bool


def secret_cases_of(seed: int) -> list[SecretCase]:
    """Return every context of every kind with values made from the seed."""
    rng = random.Random(seed)
    cases = []
    for kind in secret_cases.KINDS:
        for number, context in enumerate(kind.contexts):
            value = kind.make(rng)
            filled = context.replace("@H@", rng.choice(_HOSTS)).replace("@U@", rng.choice(_USERS))
            before, after = f"# Runbook\n\n{rng.choice(_BEFORE)}\n\n", f"\n\n{rng.choice(_AFTER)}\n"
            start = len(before) + filled.index("@S@")
            text = before + filled.replace("@S@", value) + after
            cases.append(SecretCase(kind.name, text, start, start + len(value), number % HELD_OUT_EVERY == 2))  # noqa: PLR2004
    for kind_name, later in LATER_SECRETS:
        for make, context in later:
            value = make(rng)
            before, after = f"# Runbook\n\n{rng.choice(_BEFORE)}\n\n", f"\n\n{rng.choice(_AFTER)}\n"
            start = len(before) + context.index("@S@")
            text = before + context.replace("@S@", value) + after
            cases.append(SecretCase(kind_name, text, start, start + len(value), held_out=False))
    return cases


LATER_SECRETS = (
    ("second look", later_cases.SECOND),
    ("third look", later_cases.THIRD),
    ("fourth look", later_cases.FOURTH),
)
LATER_INJECTIONS = (
    ("second look", later_cases.SECOND_INJECTIONS),
    ("third look", later_cases.THIRD_INJECTIONS),
    ("fourth look", later_cases.FOURTH_INJECTIONS),
)


def injection_cases_of(seed: int) -> list[InjectionCase]:
    """Return every text of every kind between two innocent sentences or paragraphs."""
    rng = random.Random(seed)
    cases = []
    for kind in injection_cases.KINDS:
        for number, marked in enumerate(kind.texts):
            before, after = rng.choice(_BEFORE), rng.choice(_AFTER)
            joint = " " if kind.inline else "\n\n"
            text = f"# Runbook\n\n{before}{joint}{marked}{joint}{after}\n"
            start, end = text.index("⟦"), text.index("⟧") - 1
            held_out = number % HELD_OUT_EVERY == 2  # noqa: PLR2004 - the third of each three
            cases.append(
                InjectionCase(kind.name, text.replace("⟦", "").replace("⟧", ""), start, end, (before, after), held_out)
            )
    for kind_name, texts in LATER_INJECTIONS:
        for injected in texts:
            before, after = rng.choice(_BEFORE), rng.choice(_AFTER)
            text = f"# Runbook\n\n{before}\n\n{injected}\n\n{after}\n"
            start = text.index(injected)
            cases.append(InjectionCase(kind_name, text, start, start + len(injected), (before, after), held_out=False))
    return cases
