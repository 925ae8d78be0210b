"""The arms of a run as Markdown tables, with intervals."""

from __future__ import annotations

from collections.abc import Mapping

from skillgen.model.behaviour import Behaviour, Rate


def arms_table(found: Behaviour, settings: Mapping[str, object]) -> str:
    """Return rates by arm, by source and by kind, comparisons, and what each arm took."""
    told = ", ".join(f"{name} {value}" for name, value in settings.items())
    judge = f"{found.judge.calls} verdicts of the judge, {found.judge.undecided} expectations left undecided"
    state = "complete" if found.complete else f"INCOMPLETE: {found.problem}"
    lines = [f"{told}; {len(found.tasks)} tasks; {judge}; {state}", "", *_arms(found), "", *_comparisons(found)]
    for label, attribute in (("held", "by_source"), ("kind", "by_kind")):
        lines += ["", *_split(found, label, attribute)]
    return "\n".join(lines) + "\n"


def _arms(found: Behaviour) -> list[str]:
    rows = ["| arm | passed | rate (95 %) | ungraded | missing | calls | tokens in | out | seconds |"]
    rows.append("|---|---|---|---|---|---|---|---|---|")
    for one in found.arms:
        took = f"{one.calls} | {one.tokens_in:,} | {one.tokens_out:,} | {one.seconds:,.0f}"
        passed = f"{one.rate.passed} of {one.rate.graded}"
        rows.append(f"| {one.arm} | {passed} | {_rate(one.rate)} | {one.rate.ungraded} | {len(one.missing)} | {took} |")
    return rows


def _comparisons(found: Behaviour) -> list[str]:
    rows = [
        "| with_skill beside | pairs | won | lost | both | neither | difference | p |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for one in found.comparisons:
        counts = f"{one.pairs} | {len(one.won)} | {len(one.lost)} | {one.both} | {one.neither}"
        rows.append(f"| {one.against} | {counts} | {one.difference:+.2f} | {one.p:.3f} |")
    return rows


def _split(found: Behaviour, label: str, attribute: str) -> list[str]:
    names = sorted({name for arm in found.arms for name in getattr(arm, attribute)})
    rows = [f"| {label} | {' | '.join(arm.arm for arm in found.arms)} |", "|---" * (len(found.arms) + 1) + "|"]
    for name in names:
        held = [getattr(arm, attribute).get(name) for arm in found.arms]
        rows.append(f"| {name} | {' | '.join(f'{one.passed} of {one.graded}' if one else '' for one in held)} |")
    return rows


def _rate(rate: Rate) -> str:
    return "" if rate.share is None else f"{rate.share:.2f} ({rate.low:.2f} to {rate.high:.2f})"
