"""Picks to the rates of a trigger evaluation: by group and kind, with intervals, and what was picked instead."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from skillgen.evaluate.intervals import wilson
from skillgen.evaluate.leakage import leaks_of
from skillgen.evaluate.trigger_pick import Picks
from skillgen.model.draft import UseRecord
from skillgen.model.evaluation import Task
from skillgen.model.trigger import (
    TriggerConfusion,
    TriggerLeak,
    TriggerOutcome,
    TriggerRate,
    TriggerReport,
    TriggerRequest,
)

# As skill-creator counts: a request triggers a skill that is picked in at least half of its runs.
TRIGGERED_FROM = 0.5
_DIGITS = 4
GROUPS = (("right", True), ("near-miss", False), ("unrelated", False))


@dataclass(frozen=True, slots=True, kw_only=True)
class Picker:
    """What picked, and how: `uses` is what it took, `complete` whether every request got a reply."""

    name: str
    stand_in: bool
    orders: int
    seed: int
    complete: bool = True
    uses: tuple[UseRecord, ...] = ()


def trigger_report(
    skill: str,
    names: Sequence[str],
    description: str,
    requests: Sequence[TriggerRequest],
    picks: Picks,
    picker: Picker,
) -> TriggerReport:
    """Return the report of what was picked for each request; `names` are the skills of the set."""
    outcomes = tuple(_outcome(skill, one, picked) for one, picked in zip(requests, picks, strict=True))
    kinds = dict.fromkeys((one.kind, one.should_trigger) for one in requests)
    return TriggerReport(
        skill=skill,
        picker=picker.name,
        stand_in=picker.stand_in,
        set=tuple(sorted(names)),
        orders=picker.orders,
        seed=picker.seed,
        complete=picker.complete,
        groups=tuple(
            _rate(name, [one for one in outcomes if one.request.group == name], wanted=wanted)
            for name, wanted in GROUPS
        ),
        kinds=tuple(
            _rate(
                kind,
                [one for one in outcomes if (one.request.kind, one.request.should_trigger) == (kind, wanted)],
                wanted=wanted,
            )
            for kind, wanted in kinds
        ),
        confusions=_confusions(skill, outcomes),
        unanswered=sum(one.triggered is None for one in outcomes),
        unstable=sum(len({pick == skill for pick in one.picks if pick is not None}) > 1 for one in outcomes),
        leak=_leak(requests, description),
        outcomes=outcomes,
        uses=picker.uses,
    )


def _outcome(skill: str, request: TriggerRequest, picks: tuple[str | None, ...]) -> TriggerOutcome:
    answered = [pick for pick in picks if pick is not None]
    share = sum(pick == skill for pick in answered) / len(answered) if answered else 0.0
    return TriggerOutcome(request=request, picks=picks, triggered=share >= TRIGGERED_FROM if answered else None)


def _rate(name: str, outcomes: Iterable[TriggerOutcome], *, wanted: bool) -> TriggerRate:
    answered = [one for one in outcomes if one.triggered is not None]
    triggered = sum(bool(one.triggered) for one in answered)
    low, high = wilson(triggered, len(answered)) if answered else (None, None)
    return TriggerRate(
        name=name,
        should_trigger=wanted,
        answered=len(answered),
        triggered=triggered,
        share=round(triggered / len(answered), _DIGITS) if answered else None,
        low=None if low is None else round(low, _DIGITS),
        high=None if high is None else round(high, _DIGITS),
    )


def _confusions(skill: str, outcomes: Iterable[TriggerOutcome]) -> tuple[TriggerConfusion, ...]:
    """Return wrong picks that concern the skill: others for its requests, and itself for theirs; most first."""
    found: Counter[tuple[str, str]] = Counter()
    for one in outcomes:
        wanted = skill if one.request.should_trigger else one.request.belongs_to or one.request.kind
        for pick in one.picks:
            if pick is not None and (pick == skill) != one.request.should_trigger:
                found[(wanted, pick)] += 1
    return tuple(
        TriggerConfusion(wanted=wanted, picked=picked, picks=count)
        for (wanted, picked), count in sorted(found.items(), key=lambda item: (-item[1], item[0]))
    )


def _leak(requests: Iterable[TriggerRequest], description: str) -> TriggerLeak:
    """Return what the right requests share with the description."""
    right = [one for one in requests if one.should_trigger]
    asked = [Task(id=one.id, kind="other", source="own", question=one.query, expected=()) for one in right]
    leaks = leaks_of(asked, description)
    return TriggerLeak(
        run=max((one.run for one in leaks), default=0),
        share=round(sum(one.share for one in leaks) / len(leaks), _DIGITS) if leaks else 0.0,
    )
