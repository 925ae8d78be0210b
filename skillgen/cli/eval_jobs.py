"""Which of its jobs a call of `eval` asks for, and that no option stands there in vain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from skillgen.errors import UserError

Job = Literal["triggers", "tasks", "answers", "export", "arms", "scorecard"]

# What asks for a job, the first that was given deciding, and the options that may stand beside it.
_ASKED_BY: Mapping[str, Job] = {
    "--triggers": "triggers",
    "--write-tasks": "tasks",
    "--from-evals": "tasks",
    "--answers": "answers",
    "--arms": "arms",
    "--export": "export",
}
_BESIDE: Mapping[Job, frozenset[str]] = {
    "triggers": frozenset({"--among", "--export", "--out", "--dry-run"}),
    "tasks": frozenset({"--write-tasks", "--from-evals", "--dry-run"}),
    "answers": frozenset({"--export", "--out"}),
    "export": frozenset({"--out"}),
    "arms": frozenset({"--limit", "--judge", "--placebo", "--dry-run"}),
    "scorecard": frozenset({"--fail-under", "--update-baseline", "--reason"}),
}
_NEEDED: Mapping[str, str] = {
    "--among": "--triggers",
    "--out": "--export FORMAT",
    "--limit": "--model NAME or --arms NAMES",
    "--judge": "--model NAME or --arms NAMES",
    "--placebo": "--model NAME or --arms NAMES",
    "--dry-run": "--model NAME, --arms NAMES, --triggers or --write-tasks",
}


def job_of(given: Mapping[str, object], *, with_model: bool) -> Job:
    """Return the job that some options ask for.

    Args:
        given: Every option of the command that belongs to a job, with its value.
        with_model: Whether the call names a model, which without another job answers the tasks.

    Raises:
        UserError: an option has no use beside the others.
    """
    named = [name for name, value in given.items() if value is not None and value is not False and value != ""]
    first = next((name for name in _ASKED_BY if name in named), None)
    job: Job = _ASKED_BY[first] if first else "arms" if with_model else "scorecard"
    for name in named:
        if name != first and name not in _BESIDE[job]:
            beside = f" with {first or '--model'}" if job != "scorecard" else " by itself"
            needs = f"It goes with {_NEEDED[name]}." if name in _NEEDED else "Run the command once for each."
            raise UserError(f"{name} does nothing{beside}.", hint=needs)
    return job
