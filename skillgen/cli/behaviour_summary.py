"""The arms of an evaluation as text of 80 columns."""

from __future__ import annotations

from pathlib import Path

from skillgen.cli.output import WIDTH, entry
from skillgen.model.behaviour import ArmResult, Behaviour, Comparison, Rate
from skillgen.pipeline.behaviour import BehaviourEstimate

_NAME = 14
_SPLIT, _CELL = 18, 10
_SHOWN = 5


def behaviour_text(found: Behaviour, *, folder: Path, report: Path) -> str:
    """Return pass rates with intervals, what each arm took, comparisons, and which claims helped."""
    lines = [*entry("Model", f"{found.model} at {', '.join(found.endpoints) or 'no server: all replies were stored'}")]
    lines += entry("Judge", _judge(found))
    lines += entry("Tasks", f"{len(found.tasks)}, each asked in {len(found.arms)} arms")
    if not found.complete:
        lines += entry("PARTIAL", f"{sum(len(arm.missing) for arm in found.arms)} answers are missing. {found.problem}")
    lines += ["", *_table(found), "", *_splits(found)]
    if found.comparisons:
        lines += [
            "",
            f"{'with_skill beside':<18}{'pairs':>6}{'won':>5}{'lost':>5}{'both':>6}{'none':>6}{'diff':>7}{'p':>8}",
        ]
        lines += [_comparison(one) for one in found.comparisons]
    lines += _claims(found)
    lines += ["", *entry("Logs", f"{folder}; `inspect view start --log-dir {folder}` shows them")]
    lines += entry("Page", str(report))
    return "\n".join(lines)


def _judge(found: Behaviour) -> str:
    who = f"{found.judge.model}, the model that is measured" if found.judge.is_the_model else found.judge.model
    undecided = f", {found.judge.undecided} expectations left undecided" if found.judge.undecided else ""
    return f"{who}; {found.judge.calls} verdicts{undecided}; rules graded the rest"


def _table(found: Behaviour) -> list[str]:
    head = (
        f"{'Arm':<{_NAME}}{'passed':>9}{'rate':>6}{'95 %':>10}{'ungr.':>6}{'tokens':>10}{'out':>7}{'s':>8}{'USD':>10}"
    )
    return [head, *(_arm(one) for one in found.arms)]


def _arm(one: ArmResult) -> str:
    passed = f"{one.rate.passed} of {one.rate.graded}"
    cost = "" if one.cost is None else f"{one.cost:.4f}"
    took = f"{one.tokens_in:>10,}{one.tokens_out:>7,}{one.seconds:>8,.0f}{cost:>10}"
    rate = f"{_share(one.rate):>6}{_interval(one.rate):>10}{one.rate.ungraded:>6}"
    return f"{one.arm:<{_NAME}}{passed:>9}{rate}{took}".rstrip()


def _share(rate: Rate) -> str:
    return "-" if rate.share is None else f"{rate.share:.2f}"


def _interval(rate: Rate) -> str:
    return "-" if rate.share is None else f"{rate.low:.2f}-{rate.high:.2f}"


def _splits(found: Behaviour) -> list[str]:
    """Return passed of graded in each arm, by how far the skill holds a fact and by kind of task."""
    lines = [f"{'Passed':<{_SPLIT}}" + "".join(f"{arm.arm.partition('_')[0]:>{_CELL}}" for arm in found.arms)]
    for attribute in ("by_source", "by_kind"):
        for name in sorted({name for arm in found.arms for name in getattr(arm, attribute)}):
            cells = [_of(getattr(arm, attribute).get(name)) for arm in found.arms]
            lines.append(f"{name:<{_SPLIT}}" + "".join(f"{cell:>{_CELL}}" for cell in cells))
    return lines


def _of(rate: Rate | None) -> str:
    return "-" if rate is None else f"{rate.passed}/{rate.graded}"


def _comparison(one: Comparison) -> str:
    counts = f"{one.pairs:>6}{len(one.won):>5}{len(one.lost):>5}{one.both:>6}{one.neither:>6}"
    return f"{one.against:<18}{counts}{one.difference:>+7.2f}{one.p:>8.3f}"


def _claims(found: Behaviour) -> list[str]:
    lines = []
    helped = [one for one in found.claims if one.won]
    for one in helped[:_SHOWN]:
        lines += entry("Helped", f"{one.claim}: {_cut(one.text)} ({', '.join(one.won)})")
    if len(helped) > _SHOWN:
        lines += entry("", f"and {len(helped) - _SHOWN} more claims; --json lists all")
    for comparison in found.comparisons:
        if comparison.against == "without_skill" and comparison.lost:
            lines += entry("Worse", f"than without the skill: {', '.join(comparison.lost)}")
    return ["", *lines] if lines else []


def _cut(text: str) -> str:
    return text if len(text) <= WIDTH else f"{text[: WIDTH - 1]}\u2026"


def estimate_text(found: BehaviourEstimate, limit: float | None) -> str:
    """Return what a run would ask, arm by arm; `limit` is what it may cost."""
    lines = [*entry("Model", f"{found.model} at {', '.join(found.endpoints)}"), *entry("Tasks", str(found.tasks)), ""]
    lines.append(f"{'':<16}{'calls':>7}{'stored':>8}{'tokens in':>11}{'out':>9}{'likely USD':>12}{'at most':>10}")
    rows = [(f"{one.arm}{'' if one.exact else ' *'}", one.takes) for one in found.arms]
    for name, takes in (*rows, ("all", found.total)):
        likely, most = ("" if value is None else f"{value:.4f}" for value in (takes.cost, takes.most))
        counts = f"{takes.calls:>7,}{takes.stored:>8,}{takes.tokens_in:>11,}{takes.tokens_out:>9,}"
        lines.append(f"{name:<16}{counts}{likely:>12}{most:>10}".rstrip())
    lines.append("")
    if any(not one.exact for one in found.arms):
        lines += entry("*", "estimated: as if the two longest files were read for every task")
    lines += entry("Judge", "not counted: how much it has to decide shows by the answers only")
    if limit is not None:
        enough = "is enough without the judge" if (found.total.most or 0.0) <= limit else "may stop the run"
        lines += entry("Limit", f"--max-cost {limit:g} {enough}")
    return "\n".join([*lines, "Nothing was sent. Run the same command without --dry-run to run the arms."])
