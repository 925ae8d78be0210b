"""Baselines: the best value that each criterion of a skill has reached, which may only rise.

Lowering one needs a reason, which stays in the file. What counts as better is the criterion's own `better`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict

from skillgen.errors import UserError
from skillgen.model.evaluation import BASELINE_FORMAT, Baseline, Change, Criterion, Lowered

# Values are rounded to three digits; less than that is noise of the rounding.
_EPSILON = 0.0005


def is_worse(criterion: Criterion, value: float, than: float) -> bool:
    """Return whether a value of a criterion is worse than another.

    Of a length or the like, everything up to its threshold is as good.
    """
    if criterion.better == "higher":
        return value < than - _EPSILON
    return max(value, criterion.threshold) > max(than, criterion.threshold) + _EPSILON


def under_baseline(criteria: Iterable[Criterion], baseline: Baseline | None) -> tuple[str, ...]:
    """Return the ids of the criteria that are worse than their baseline."""
    values = baseline.values if baseline else {}
    return tuple(one.id for one in criteria if one.id in values and is_worse(one, one.value, values[one.id]))


def raised(criteria: Sequence[Criterion], baseline: Baseline | None, *, skill: str, reason: str) -> Baseline:
    """Return the baseline with every criterion at its present value.

    Raises:
        UserError: a value would be lowered, and there is no reason.
    """
    held = baseline or Baseline(skill=skill, values={})
    worse = under_baseline(criteria, baseline)
    if worse and not reason.strip():
        raise UserError(
            f"The baseline of {skill} would be lowered: {', '.join(worse)}.",
            hint='Mend the skill, or say why with --reason "...", which is kept in the baseline.',
        )
    now = {one.id: one.value for one in criteria}
    lowered = tuple(
        Lowered(criterion=id_, before=held.values[id_], after=now[id_], reason=reason.strip()) for id_ in worse
    )
    return Baseline(skill=skill, values=dict(sorted((held.values | now).items())), lowered=(*held.lowered, *lowered))


def baseline_text(baseline: Baseline) -> str:
    """Return the text of the baseline file."""
    data = {"format": BASELINE_FORMAT, **asdict(baseline)}
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def baseline_from_text(text: str, *, name: str) -> Baseline:
    """Return what a baseline file says.

    Raises:
        UserError: it is no baseline of this version.
    """
    from pydantic import TypeAdapter, ValidationError

    try:
        data = json.loads(text)
        known = isinstance(data, dict) and data.pop("format", None) == BASELINE_FORMAT
        found: Baseline = TypeAdapter(Baseline).validate_python(data if known else None, extra="forbid")
    except (ValueError, ValidationError) as error:
        raise UserError(
            f"{name} is no baseline of the format {BASELINE_FORMAT}.", hint="`git log` has the last good one."
        ) from error
    return found


def changes_between(before: Iterable[Criterion], after: Iterable[Criterion]) -> tuple[Change, ...]:
    """Return the criteria whose value or outcome changed, in the order of the scorecard."""
    old = {one.id: one for one in before}
    found = []
    for one in after:
        was = old.get(one.id)
        if was is None or abs(was.value - one.value) > _EPSILON or was.outcome != one.outcome:
            found.append(
                Change(
                    criterion=one.id,
                    before=was.value if was else None,
                    after=one.value,
                    was=was.outcome if was else None,
                    outcome=one.outcome,
                )
            )
    return tuple(found)
