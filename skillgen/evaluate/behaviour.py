"""Answers of arms to rates, comparisons of arms on the same tasks, and the claims that helped."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from skillgen.evaluate.arms import given_tokens
from skillgen.evaluate.intervals import wilson
from skillgen.evaluate.statistics import mcnemar_exact
from skillgen.model.behaviour import Arm, ArmPlan, ArmResult, ClaimEffect, Comparison, Rate, Trial
from skillgen.model.draft import Claim
from skillgen.model.evaluation import Grade, GradedExpectation, Task

_MILLISECONDS = 3


def spread_tasks(tasks: Sequence[Task], limit: int) -> tuple[Task, ...]:
    """Return at most `limit` tasks, in their order: each source of facts in turn, and of each the evenly spaced ones.

    So a small number of tasks holds what the skill says as well as what it lacks.
    """
    by_source: dict[str, list[Task]] = defaultdict(list)
    for task in tasks:
        by_source[task.source].append(task)
    counts = dict.fromkeys(by_source, 0)
    while sum(counts.values()) < min(limit, len(tasks)):
        open_ = [name for name in sorted(counts) if counts[name] < len(by_source[name])]
        for name in open_[: min(limit, len(tasks)) - sum(counts.values())]:
            counts[name] += 1
    taken = {
        by_source[name][index * len(by_source[name]) // count].id
        for name, count in counts.items()
        for index in range(count)
    }
    return tuple(task for task in tasks if task.id in taken)


def rate(trials: Iterable[Trial]) -> Rate:
    """Return how many answers passed of those that were graded."""
    marks = [trial.mark for trial in trials]
    passed, graded = marks.count("passed"), len(marks) - marks.count("ungraded")
    low, high = wilson(passed, graded) if graded else (0.0, 1.0)
    return Rate(passed=passed, graded=graded, ungraded=len(marks) - graded, low=low, high=high)


def arm_result(plan: ArmPlan, tasks: Sequence[Task], trials: Mapping[str, Trial]) -> ArmResult:
    """Return what came of an arm; `trials` holds an answer for each task that has one."""
    done = [(task, trials[task.id]) for task in tasks if task.id in trials]
    held = tuple(trial for _, trial in done)
    costs = [trial.cost for trial in held]
    return ArmResult(
        arm=plan.arm,
        given_tokens=given_tokens(plan, tasks),
        trials=held,
        missing=tuple(task.id for task in tasks if task.id not in trials),
        rate=rate(held),
        by_kind={
            name: rate(t for task, t in done if task.kind == name) for name in _named(task.kind for task, _ in done)
        },
        by_source={
            name: rate(t for task, t in done if task.source == name) for name in _named(task.source for task, _ in done)
        },
        problems=sum(bool(trial.problem) for trial in held),
        calls=sum(trial.calls for trial in held),
        tokens_in=sum(trial.tokens_in for trial in held),
        tokens_out=sum(trial.tokens_out for trial in held),
        cost=None if None in costs else sum(cost for cost in costs if cost is not None),
        seconds=round(sum(trial.seconds for trial in held), _MILLISECONDS),
    )


def _named(names: Iterable[str]) -> list[str]:
    return sorted(set(names))


def compared(arm: ArmResult, against: ArmResult) -> Comparison:
    """Return two arms on the tasks that both have graded."""
    other = {trial.task: trial.mark for trial in against.trials if trial.mark != "ungraded"}
    pairs = [
        (one.task, one.mark, other[one.task]) for one in arm.trials if one.mark != "ungraded" and one.task in other
    ]
    won = tuple(task for task, mark, mark_of_other in pairs if (mark, mark_of_other) == ("passed", "failed"))
    lost = tuple(task for task, mark, mark_of_other in pairs if (mark, mark_of_other) == ("failed", "passed"))
    return Comparison(
        arm=arm.arm,
        against=against.arm,
        pairs=len(pairs),
        both=sum(mark == mark_of_other == "passed" for _, mark, mark_of_other in pairs),
        neither=sum(mark == mark_of_other == "failed" for _, mark, mark_of_other in pairs),
        won=won,
        lost=lost,
        difference=(len(won) - len(lost)) / len(pairs) if pairs else 0.0,
        p=mcnemar_exact(len(won), len(lost)),
    )


def comparisons(arms: Sequence[ArmResult], arm: Arm = "with_skill") -> tuple[Comparison, ...]:
    """Return one arm beside each of the others; none where it was not asked."""
    own = next((one for one in arms if one.arm == arm), None)
    return tuple(compared(own, other) for other in arms if own is not None and other is not own)


def claim_effects(
    claims: Iterable[Claim], tasks: Sequence[Task], comparison: Comparison | None
) -> tuple[ClaimEffect, ...]:
    """Return the claims that cite what a task asks for, where the skill won or lost the task against no skill."""
    if comparison is None:
        return ()
    effects = []
    for claim in claims:
        asked = {task.id for task in tasks if _cites(claim, task)}
        won = tuple(task for task in comparison.won if task in asked)
        lost = tuple(task for task in comparison.lost if task in asked)
        if won or lost:
            effects.append(ClaimEffect(claim=claim.id, text=claim.text, won=won, lost=lost))
    return tuple(sorted(effects, key=lambda one: (len(one.lost) - len(one.won), one.claim)))


def _cites(claim: Claim, task: Task) -> bool:
    """Tell whether a claim cites lines that the task's fact stands on."""
    if task.citation is None:
        return False
    first, last = task.citation.lines
    return any(
        one.source == task.citation.source and one.lines[0] <= last and first <= one.lines[1]
        for one in (*claim.citations, *claim.also_cited)
    )


def grades_of(arms: Sequence[ArmResult]) -> tuple[Grade, ...]:
    """Return every graded answer as grades of one run; what is ungraded is no grade."""
    return tuple(
        Grade(
            task=trial.task,
            arm=trial.arm,
            run=1,
            expectations=tuple(
                GradedExpectation(text=one.text, passed=one.mark == "passed", evidence=one.evidence)
                for one in trial.expectations
            ),
            grader="; ".join(sorted({one.grader for one in trial.expectations})),
            seconds=trial.seconds,
            tokens=trial.tokens_in + trial.tokens_out,
            answer=trial.answer,
        )
        for arm in arms
        for trial in arm.trials
        if trial.mark != "ungraded"
    )
