"""Files in the formats of skill-creator: evals.json, eval_metadata.json, grading.json, timing.json and benchmark.json.

The names of the fields are those that its viewer reads (references/schemas.md of anthropics/skills). Tasks are numbered
in the order of the tasks file, as `id` must be a whole number there.
"""

from __future__ import annotations

import json
import re
import statistics
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from skillgen.errors import UserError
from skillgen.evaluate.grade import expectation_text
from skillgen.evaluate.tasks_file import guessed_form
from skillgen.model.evaluation import Expected, Grade, Task, TaskSet

ARMS = ("with_skill", "without_skill")
_STATES = re.compile(r"The answer states (?P<code>`)?(?P<value>.+?)(?(code)`)\.")
_ORDERS = re.compile(r"The answer gives this order: (?P<value>.+)\.")
_EXPECTED_FIELDS = {"id", "prompt", "expected_output", "files", "expectations", "assertions"}


def evals_json(tasks: TaskSet) -> dict[str, Any]:
    """Return evals.json: the live tasks as prompts with expectations."""
    return {
        "skill_name": tasks.skill,
        "evals": [
            {
                "id": number,
                "prompt": task.question,
                "expected_output": "; ".join(one.value for one in task.expected),
                "files": [],
                "expectations": [expectation_text(one) for one in task.expected],
            }
            for number, task in enumerate(tasks.live, start=1)
        ],
    }


def tasks_from_evals(text: str, *, name: str) -> tuple[Task, ...]:
    """Return the tasks of an evals.json as tasks that a person wrote.

    Expectations of our own form become expected values; any other is one that only a judge can grade.

    Raises:
        UserError: it is no evals.json.
    """
    hint = "An evals.json holds skill_name and evals with id, prompt and expectations."
    try:
        data = json.loads(text)
        rows = data["evals"]
        return tuple(_own_task(row) for row in rows)
    except (ValueError, LookupError, TypeError) as error:
        raise UserError(f"{name} is no evals.json ({type(error).__name__}).", hint=hint) from error


def _own_task(row: object) -> Task:
    if not isinstance(row, dict):
        raise TypeError
    said = row.get("expectations", row.get("assertions")) or [row["expected_output"]]
    if not isinstance(row["prompt"], str) or not isinstance(row["id"], int) or set(row) - _EXPECTED_FIELDS:
        raise TypeError
    return Task(
        id=f"eval-{row['id']}",
        kind="other",
        source="own",
        question=row["prompt"],
        expected=tuple(_expected(str(one)) for one in said),
        edited=True,
    )


def _expected(said: str) -> Expected:
    order, states = _ORDERS.fullmatch(said), _STATES.fullmatch(said)
    if order:
        return Expected(value=order["value"], form="order")
    if states and states["code"]:
        return Expected(value=states["value"], form="command" if " " in states["value"] else "code")
    if states:
        return Expected(value=states["value"], form=guessed_form(states["value"]))
    return Expected(value=said, form="judged")


def grading_json(grade: Grade) -> dict[str, Any]:
    """Return grading.json of one answer."""
    passed = sum(one.passed for one in grade.expectations)
    total = len(grade.expectations)
    return {
        "expectations": [_expectation(one.text, one.evidence, passed=one.passed) for one in grade.expectations],
        "summary": {
            "passed": passed,
            "failed": total - passed,
            "total": total,
            "pass_rate": round(passed / total, 4) if total else 0.0,
        },
        "execution_metrics": {
            "tool_calls": {},
            "total_tool_calls": 0,
            "total_steps": 1,
            "errors_encountered": 0,
            "output_chars": len(grade.answer),
            "transcript_chars": 0,
        },
        "timing": {
            "executor_duration_seconds": grade.seconds,
            "grader_duration_seconds": 0.0,
            "total_duration_seconds": grade.seconds,
        },
        "claims": [],
        "user_notes_summary": {"uncertainties": [], "needs_review": [], "workarounds": []},
    }


def metadata_json(task: Task, number: int) -> dict[str, Any]:
    """Return eval_metadata.json of a task, from which the viewer takes the prompt of a run."""
    return {
        "eval_id": number,
        "eval_name": task.id,
        "prompt": task.question,
        "assertions": [expectation_text(one) for one in task.expected],
    }


def timing_json(grade: Grade) -> dict[str, Any]:
    """Return timing.json of one answer."""
    return {
        "total_tokens": grade.tokens,
        "duration_ms": round(grade.seconds * 1000),
        "total_duration_seconds": grade.seconds,
    }


def benchmark_json(tasks: TaskSet, grades: Sequence[Grade], *, model: str, at: str) -> dict[str, Any]:
    """Return benchmark.json of the arms that its viewer knows: with and without the skill.

    Args:
        tasks: The tasks that were asked; they give the runs their numbers and names.
        grades: Every graded answer; other arms are left out.
        model: What answered, or empty.
        at: When, in ISO form, or empty.
    """
    numbers = {task.id: number for number, task in enumerate(tasks.live, start=1)}
    names = {task.id: task.question for task in tasks.live}
    known = [one for one in grades if one.arm in ARMS and one.task in numbers]
    known.sort(key=lambda one: (numbers[one.task], ARMS.index(one.arm), one.run))
    summary = {arm: _summary([one for one in known if one.arm == arm]) for arm in ARMS}
    return {
        "metadata": {
            "skill_name": tasks.skill,
            "skill_path": "",
            "executor_model": model,
            "analyzer_model": "",
            "timestamp": at,
            "evals_run": sorted({numbers[one.task] for one in known}),
            "runs_per_configuration": max((one.run for one in known), default=0),
        },
        "runs": [_run(one, numbers[one.task], names[one.task]) for one in known],
        "run_summary": {**summary, "delta": _delta(summary)},
        "notes": [],
    }


def _run(grade: Grade, number: int, name: str) -> dict[str, Any]:
    grading = grading_json(grade)
    return {
        "eval_id": number,
        "eval_name": name,
        "configuration": grade.arm,
        "run_number": grade.run,
        "result": {
            **grading["summary"],
            "time_seconds": grade.seconds,
            "tokens": grade.tokens,
            "tool_calls": 0,
            "errors": 0,
        },
        "expectations": grading["expectations"],
        "notes": [],
    }


def _expectation(text: str, evidence: str, *, passed: bool) -> dict[str, Any]:
    return {"text": text, "passed": passed, "evidence": evidence}


def _summary(grades: Sequence[Grade]) -> dict[str, dict[str, float]]:
    rates = [grading_json(one)["summary"]["pass_rate"] for one in grades]
    return {
        "pass_rate": _spread(rates),
        "time_seconds": _spread([one.seconds for one in grades]),
        "tokens": _spread([float(one.tokens) for one in grades]),
    }


def _spread(values: Iterable[float]) -> dict[str, float]:
    """Return mean, sample standard deviation and ends of some values; zeros where there is none."""
    held = [*values]
    if not held:
        return {"mean": 0.0, "stddev": 0.0, "min": 0.0, "max": 0.0}
    deviation = statistics.stdev(held) if len(held) > 1 else 0.0
    found = {"mean": statistics.fmean(held), "stddev": deviation, "min": min(held), "max": max(held)}
    return {name: round(value, 4) for name, value in found.items()}


def _delta(summary: Mapping[str, Mapping[str, Mapping[str, float]]]) -> dict[str, str]:
    with_, without = (summary[arm] for arm in ARMS)
    forms = {"pass_rate": "+.2f", "time_seconds": "+.1f", "tokens": "+.0f"}
    return {name: format(with_[name]["mean"] - without[name]["mean"], form) for name, form in forms.items()}
