"""The trigger evaluation and the tasks of a model as text of 80 columns."""

from __future__ import annotations

from skillgen.cli.output import entry
from skillgen.model.draft import UseRecord
from skillgen.model.evaluation import TaskSet
from skillgen.model.task_writing import TaskWriting
from skillgen.model.trigger import TriggerRate
from skillgen.pipeline.task_writing import drop_counts
from skillgen.pipeline.triggers import TriggerRun

_SHOWN = 5
_GROUPS = {
    "right": "Right requests",
    "near-miss": "Near misses",
    "unrelated": "Unrelated",
    "task": "tasks",
    "question": "questions of the briefs",
    "joint": "two tools together",
    "tool": "a tool in general",
    "neighbour": "for another skill",
    "excluded": "what it is not for",
    "own": "written by people",
}
_NAME = 27


def triggers_text(run: TriggerRun) -> str:
    """Return the rates by group and kind, what was picked instead, and where the report is."""
    report = run.report
    shuffled = f", shuffled anew for every request, each asked {_times(report.orders)}"
    times = "" if report.stand_in else shuffled
    lines = [
        *entry("Picker", report.picker),
        *entry("Set", f"{len(report.set)} skills{times}"),
        "",
        f"{'':<{_NAME}} {'triggered':>11}  {'share':>6}  95 % interval  wanted",
    ]
    for group in report.groups:
        lines.append(_rate(_GROUPS[group.name], group))
        lines += [
            _rate(f"  {_GROUPS[kind.name]}", kind)
            for kind in report.kinds
            if group.name != "unrelated" and _group_of(kind) == group.name
        ]
    lines.append("")
    for one in report.confusions[:_SHOWN]:
        lines += entry(
            "Confused", f"{one.picked} picked for {_GROUPS.get(one.wanted, one.wanted)}, {_times(one.picks)}"
        )
    if len(report.confusions) > _SHOWN:
        lines += entry("", f"and {len(report.confusions) - _SHOWN} more pairs; --json lists all")
    lines += entry("Leakage", f"at most {report.leak.run} content words in a row shared with the description")
    if report.orders > 1:
        lines += entry("Orders", f"{report.unstable} requests depend on the order of the skills")
    if report.unanswered:
        lines += entry("Open", f"{report.unanswered} requests without a usable reply count in no rate")
    lines += [*_uses(report.uses), *entry("Requests", str(run.tasks)), *entry("Wrote", str(run.record))]
    return "\n".join(lines)


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _group_of(kind: TriggerRate) -> str:
    if kind.should_trigger:
        return "right"
    return "unrelated" if kind.name == "unrelated" else "near-miss"


def _rate(name: str, rate: TriggerRate) -> str:
    counted = f"{rate.triggered} of {rate.answered}"
    wanted = "all" if rate.should_trigger else "none"
    if rate.share is None or rate.low is None or rate.high is None:
        return f"{name:<{_NAME}} {counted:>11}  {'':>6}  {'':>13}  {wanted}"
    between = f"{rate.low:.0%} to {rate.high:.0%}"
    return f"{name:<{_NAME}} {counted:>11}  {rate.share:>6.0%}  {between:>13}  {wanted}"


def writing_text(writing: TaskWriting, tasks: TaskSet) -> str:
    """Return what a model wrote, what passed and is among the tasks, and why the others were dropped."""
    live = {task.id for task in tasks.live}
    held = sum(task.id in live for task in writing.tasks)
    counts = drop_counts(writing)
    dropped = ", ".join(f"{count} {reason.replace('-', ' ')}" for reason, count in counts.items()) or "none"
    return "\n".join(
        [
            *entry("Model", f"{writing.model} wrote {writing.written} questions on {writing.asked} passages"),
            *entry("Passed", f"{len(writing.tasks)} are answered with the passage and not without it; {held} are kept"),
            *entry("Dropped", dropped),
            *_uses(writing.uses),
        ]
    )


def _uses(uses: tuple[UseRecord, ...]) -> list[str]:
    lines = []
    for use in uses:
        cost = "price unknown" if use.cost is None else f"{use.cost:.4f} USD"
        tokens = f"{use.tokens_in:,} tokens in, {use.tokens_out:,} out"
        lines += entry("Asked", f"{use.use}: {use.calls} replies, {tokens}, {cost}")
    return lines
