"""What the page of an evaluation shows of the arms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skillgen.model.behaviour import ArmResult, Behaviour, Comparison, Rate, Trial
from skillgen.model.evaluation import TaskSet

_STYLES = {"passed": "passed", "failed": "failed", "ungraded": "warning"}


def behaviour_values(found: Behaviour, tasks: TaskSet) -> dict[str, Any]:
    """Return the values of the page's section; questions come from the tasks as they are now."""
    judge = f"{found.judge.model}, the same model," if found.judge.is_the_model else found.judge.model
    return {
        "model": found.model,
        "judge": judge,
        "tasks": len(found.tasks),
        "open": sum(len(arm.missing) for arm in found.arms),
        "problem": found.problem,
        "arms": [_arm(one) for one in found.arms],
        "comparisons": [_comparison(one) for one in found.comparisons],
        "splits": _splits(found),
        "claims": [{"claim": one.claim, "text": one.text, "won": one.won, "lost": one.lost} for one in found.claims],
        "answers": _answers(found, {task.id: task.question for task in tasks.tasks}),
    }


def _arm(one: ArmResult) -> dict[str, str]:
    return {
        "name": one.arm,
        "passed": f"{one.rate.passed} of {one.rate.graded}",
        "rate": "" if one.rate.share is None else f"{one.rate.share:.2f}",
        "interval": "" if one.rate.share is None else f"{one.rate.low:.2f} to {one.rate.high:.2f}",
        "ungraded": str(one.rate.ungraded),
        "tokens_in": f"{one.tokens_in:,}",
        "tokens_out": f"{one.tokens_out:,}",
        "seconds": f"{one.seconds:,.0f}",
        "cost": "" if one.cost is None else f"{one.cost:.4f}",
    }


def _comparison(one: Comparison) -> dict[str, object]:
    return {
        "against": one.against,
        "pairs": one.pairs,
        "won": len(one.won),
        "lost": len(one.lost),
        "difference": f"{one.difference:+.2f}",
        "p": f"{one.p:.3f}",
    }


def _splits(found: Behaviour) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for attribute in ("by_source", "by_kind"):
        held: list[Mapping[str, Rate]] = [getattr(arm, attribute) for arm in found.arms]
        for name in sorted({name for rates in held for name in rates}):
            cells = [f"{rates[name].passed} of {rates[name].graded}" if name in rates else "" for rates in held]
            rows.append({"name": name, "cells": cells})
    return rows


def _answers(found: Behaviour, questions: Mapping[str, str]) -> list[dict[str, object]]:
    by_task: dict[str, list[Trial]] = {task: [] for task in found.tasks}
    for arm in found.arms:
        for trial in arm.trials:
            by_task[trial.task].append(trial)
    return [
        {"question": questions.get(task, task), "arms": [_answer(trial) for trial in trials]}
        for task, trials in by_task.items()
    ]


def _answer(trial: Trial) -> dict[str, str]:
    decided = [one.evidence for one in trial.expectations if one.mark != "passed"]
    return {
        "arm": trial.arm,
        "mark": trial.mark,
        "style": _STYLES[trial.mark],
        "text": trial.answer or "(no usable answer)",
        "why": trial.problem or " ".join(decided),
    }
