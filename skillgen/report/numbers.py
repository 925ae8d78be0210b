"""The numbers at the top of a report, and what still needs somebody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from skillgen.report.claims import Card
from skillgen.report.material import Material
from skillgen.report.noticed import Noticed, screened_count

_NEARLY_ALL = 99


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A number with what it counts; `to` is the part of the report that it leads to, `tone` how it is coloured."""

    value: str
    name: str
    note: str
    to: str
    tone: str = "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Something that a person has to do, and the part of the report where it is shown; `command` helps with it."""

    text: str
    to: str
    command: str = ""


def numbers_of(material: Material, cards: Sequence[Card], noticed: tuple[Noticed, ...]) -> tuple[Number, ...]:
    """Return what a lead wants to see, in the order of the report."""
    draft = material.draft
    claims = draft.claims
    body = sum(claim.in_body for claim in claims)
    exact = sum(claim.verdict.support == "supported" for claim in claims)
    own = sum("low" not in card.filters for card in cards)
    decided = sum("decided" in card.filters for card in cards)
    cited = {one.source for claim in claims for one in claim.citations}
    screened = screened_count(noticed)
    return (
        Number(value=f"{len(claims):,}", name="claims", note=f"{body:,} of them in SKILL.md", to="claims"),
        Number(
            value=_share(exact, len(claims)),
            name="word for word",
            note=f"{exact:,} of {len(claims):,} stand so in their quotes",
            to="claims",
            tone="plain" if exact == len(claims) else "warm",
        ),
        Number(
            value=_share(own, len(cards)),
            name="beyond common knowledge",
            note="have a delta of 50 % or more",
            to="claims",
        ),
        Number(
            value=_share(len(cited), material.page_count),
            name="of the pages cited",
            note=f"{len(cited):,} of {material.page_count:,} pages that were read",
            to="run",
        ),
        Number(
            value=_share(decided, len(cards)),
            name="reviewed",
            note=f"{decided:,} of {len(cards):,} claims are decided",
            to="claims",
        ),
        _count(
            len(draft.contradictions), "contradiction", "pairs of pages that cannot both be right", "contradictions"
        ),
        _count(len(draft.gaps), "gap", "questions to which no answer was found", "gaps"),
        _count(screened, "thing screened", "secrets and text addressed to an AI", "findings", plural="things screened"),
    )


def _share(part: int, whole: int) -> str:
    """Return a share in whole percent; 0 and 100 are only what is quite so."""
    if not whole:
        return "none"
    percent = round(100 * part / whole)
    return f"{min(max(percent, 1), _NEARLY_ALL) if 0 < part < whole else percent} %"


def _count(count: int, one: str, note: str, to: str, *, plural: str = "") -> Number:
    name = one if count == 1 else plural or f"{one}s"
    return Number(value=f"{count:,}", name=name, note=note, to=to, tone="warm" if count else "good")


def tasks_of(material: Material, cards: Sequence[Card], noticed: tuple[Noticed, ...]) -> tuple[Task, ...]:
    """Return what needs a person, the most urgent first; nothing where all is done."""
    draft = material.draft
    review = f"skillgen review {draft.skill.name}"
    passing = Counter(name for card in cards for name in card.filters)
    open_body = sum({"undecided", "body"} <= {*card.filters} for card in cards)
    secrets = sum(len(group.findings) for group in noticed if group.kind == "secret")
    tasks = (
        (secrets, "{} to replace, and to take off its page", "findings", ""),
        (passing["changed"], "{} to decide about anew: the evidence changed", "claims", review),
        (open_body, "{} of SKILL.md to review", "claims", review),
        (passing["weak"], "{} to compare with the quotes: not word for word", "claims", review),
        (len(draft.contradictions), "{} to settle, and to mend on the pages", "contradictions", ""),
        (len(draft.gaps), "{} to ask owners about: the words are ready", "gaps", ""),
    )
    things = ("secret", "claim", "claim", "claim", "contradiction", "gap")
    return tuple(
        Task(text=text.format(f"{count:,} {thing}{'' if count == 1 else 's'}"), to=to, command=command)
        for (count, text, to, command), thing in zip(tasks, things, strict=True)
        if count
    )
