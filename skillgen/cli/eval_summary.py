"""The evaluation as text of 80 columns."""

from __future__ import annotations

import textwrap
from collections import defaultdict
from collections.abc import Sequence

from skillgen.cli.output import WIDTH, entry
from skillgen.model.evaluation import Baseline, Criterion, Evaluation, Grade, TaskSet
from skillgen.pipeline.tasks import EvalPaths, WrittenTasks

_SHOWN = 3
_SIGNS = {"passed": "ok", "warning": "warning", "failed": "FAILED"}
_TITLE, _VALUE = 42, 17


def scorecard_text(found: Evaluation, paths: EvalPaths, baseline: Baseline | None) -> str:
    """Return the criteria with their values, the places that speak against them, and what changed."""
    lines = [f"{'Criterion':<{_TITLE}} {'':<7} {'Value':>{_VALUE}}  Held to"]
    for one in found.criteria:
        lines += _criterion(one, under=one.id in found.under_baseline)
    counts = [
        f"{sum(one.outcome == name for one in found.criteria)} {name}" for name in ("passed", "warning", "failed")
    ]
    lines += ["", f"Criteria {', '.join(counts)}"]
    if found.changes is not None:
        lines += _changes(found)
    if found.tasks.live:
        lines += _leaks(found)
    else:
        lines += entry("Tasks", "none yet; --write-tasks makes them of the pages' facts")
    if baseline is not None:
        lines += entry("Baseline", f"{paths.baseline}, {len(baseline.lowered)} lowered on purpose")
    lines += entry("Page", str(paths.report))
    return "\n".join(lines)


def _criterion(one: Criterion, *, under: bool) -> list[str]:
    sign = _SIGNS[one.outcome]
    held = one.held_to.replace("at least ", ">= ").replace("at most ", "<= ")
    lines = [f"{one.title:<{_TITLE}.{_TITLE}} {sign:<7} {one.shown:>{_VALUE}}  {held}".rstrip()]
    if under:
        lines.append("  worse than its baseline")
    if one.outcome != "passed":
        for place in one.evidence[:_SHOWN]:
            where = place.file if place.line is None else f"{place.file}:{place.line}"
            lines += textwrap.wrap(
                f"{where} {place.message}",
                WIDTH,
                initial_indent="  - ",
                subsequent_indent="    ",
                break_on_hyphens=False,
            )
        if len(one.evidence) > _SHOWN:
            lines.append(f"    and {len(one.evidence) - _SHOWN} more; --json lists all")
    return lines


def _changes(found: Evaluation) -> list[str]:
    if not found.changes:
        return entry("Changes", "none since the last run")
    lines = []
    for change in found.changes:
        before = "new" if change.before is None else f"{change.before:g} ({change.was})"
        lines += entry("Changed", f"{change.criterion}: {before} to {change.after:g} ({change.outcome})")
    return lines


def _leaks(found: Evaluation) -> list[str]:
    by_source: dict[str, int] = defaultdict(int)
    for task in found.tasks.live:
        by_source[task.source] += 1
    split = ", ".join(f"{count} {source}" for source, count in sorted(by_source.items()))
    told = sum(leak.told for leak in found.leaks)
    run = max(leak.run for leak in found.leaks)
    return [
        *entry("Tasks", f"{len(found.tasks.live)}: {split}"),
        *entry("Leakage", f"at most {run} content words in a row shared with the skill; {told} tell their answer"),
    ]


def tasks_text(written: WrittenTasks) -> str:
    """Return what became of the tasks file."""
    live = written.tasks.live
    edited = sum(task.edited for task in live)
    lines = [
        *entry("Tasks", f"{len(live)} of {written.found} that the pages give, {edited} written or changed by people"),
        *_split("Held", [task.source for task in live]),
        *_split("Kinds", [task.kind for task in live]),
        *entry("Changed", f"{len(written.added)} new, {len(written.removed)} gone"),
        *entry("Wrote", str(written.path)),
    ]
    return "\n".join(lines)


def _split(label: str, names: Sequence[str]) -> list[str]:
    return entry(label, ", ".join(f"{names.count(name)} {name}" for name in sorted(set(names))) or "none")


def grades_text(tasks: TaskSet, grades: Sequence[Grade]) -> str:
    """Return pass rates by arm, by how far the skill holds the fact and by kind, and what failed."""
    of = {task.id: task for task in tasks.live}
    lines = []
    for arm in sorted({one.arm for one in grades}):
        own = [one for one in grades if one.arm == arm]
        lines += entry("Arm", f"{arm}: {_rate(own)}")
        for label, key in (("held", "source"), ("kind", "kind")):
            for name in sorted({getattr(of[one.task], key) for one in own}):
                part = [one for one in own if getattr(of[one.task], key) == name]
                lines += entry("", f"{label} {name}: {_rate(part)}")
    for one in grades:
        for missed in (expectation for expectation in one.expectations if not expectation.passed):
            lines += entry("Failed", f"{one.task} ({one.arm}): {missed.text} {missed.evidence}")
    return "\n".join(lines)


def _rate(grades: Sequence[Grade]) -> str:
    passed = sum(one.passed for one in grades)
    return f"{passed} of {len(grades)} passed ({passed / len(grades):.0%})"
