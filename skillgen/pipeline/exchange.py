"""Exchange: tasks and grades in the formats of other tools, and answers of whoever gave them to grades."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from skillgen.artifacts import write_if_changed
from skillgen.errors import UserError
from skillgen.evaluate.datasets import inspect_samples, promptfoo_tests, unfit_for_promptfoo
from skillgen.evaluate.grade import grade
from skillgen.evaluate.skill_creator import (
    benchmark_json,
    evals_json,
    grading_json,
    metadata_json,
    tasks_from_evals,
    timing_json,
)
from skillgen.model.evaluation import Grade, Task, TaskAnswer, TaskSet

Format = Literal["skill-creator", "promptfoo", "inspect"]
_FORM = 'A line is {"task": "tsk-...", "answer": "..."}; arm, run, seconds and tokens may stand beside it.'
_FIELDS = {"task", "answer", "arm", "run", "seconds", "tokens"}
# The name of an arm becomes the name of a folder and of a file.
_ARM = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """The file that was written for another tool, and the ids of the live tasks that it cannot hold."""

    path: Path
    left_out: tuple[str, ...] = ()


def export_tasks(tasks: TaskSet, form: Format, folder: Path) -> Exported:
    """Write the live tasks in another tool's format."""
    if form == "inspect":
        path, text = folder / f"{tasks.skill}.inspect.jsonl", inspect_samples(tasks)
    elif form == "promptfoo":
        path, text = folder / f"{tasks.skill}.promptfoo.json", _json(promptfoo_tests(tasks))
    else:
        path, text = folder / "evals.json", _json(evals_json(tasks))
    write_if_changed(path, text)
    return Exported(path=path, left_out=unfit_for_promptfoo(tasks) if form == "promptfoo" else ())


def own_tasks(file: Path) -> tuple[Task, ...]:
    """Return the tasks of an evals.json.

    Raises:
        UserError: the file cannot be read or is no evals.json.
    """
    return tasks_from_evals(_read(file), name=str(file))


def grade_answers(tasks: TaskSet, file: Path) -> tuple[Grade, ...]:
    """Return the grades of a file of answers, in the order of its lines.

    Raises:
        UserError: a line is no answer, names a task that there is not, or repeats a run.
    """
    known = {task.id: task for task in tasks.live}
    seen: dict[tuple[str, str, int], int] = {}
    grades = []
    # Only a line feed ends a line of JSON: an answer may hold the other separators of lines.
    for number, line in enumerate(_read(file).split("\n"), start=1):
        if line.strip():
            where = f"{file}, line {number}"
            answer = _answer(line, where)
            if answer.task not in known:
                raise UserError(f"{where}: there is no task {answer.task!r}.", hint=_FORM)
            before = seen.setdefault((answer.task, answer.arm, answer.run), number)
            if before != number:
                raise UserError(
                    f"{where} answers what line {before} did.", hint='Give each run its number: {"run": 2}.'
                )
            grades.append(grade(known[answer.task], answer))
    if not grades:
        raise UserError(f"{file} holds no answer.", hint=_FORM)
    return tuple(grades)


def _answer(line: str, where: str) -> TaskAnswer:
    from pydantic import TypeAdapter, ValidationError

    try:
        data = json.loads(line)
        if not isinstance(data, dict) or not {"task", "answer"} <= set(data) <= _FIELDS:
            data = None
        values = {**data, "text": data["answer"]} if data is not None else {}
        values.pop("answer", None)
        found: TaskAnswer = TypeAdapter(TaskAnswer).validate_python(values)
    except (ValueError, ValidationError) as error:
        raise UserError(f"{where} is no answer.", hint=_FORM) from error
    if not _ARM.fullmatch(found.arm) or found.run < 1:
        hint = "The name of an arm has letters, digits, - and _, at most 64 of them; runs are counted from 1."
        raise UserError(f"{where} names no arm or run that there can be.", hint=hint)
    return found


def write_grades(tasks: TaskSet, grades: Sequence[Grade], folder: Path, *, model: str = "") -> None:
    """Write evals.json and benchmark.json as skill-creator has them, and of every run what its viewer shows."""
    export_tasks(tasks, "skill-creator", folder)
    numbers = {task.id: number for number, task in enumerate(tasks.live, start=1)}
    known = {task.id: task for task in tasks.live}
    for one in grades:
        run = folder / f"eval-{numbers[one.task]}" / one.arm / f"run-{one.run}"
        write_if_changed(run / "grading.json", _json(grading_json(one)))
        write_if_changed(run / "timing.json", _json(timing_json(one)))
        write_if_changed(run / "eval_metadata.json", _json(metadata_json(known[one.task], numbers[one.task])))
        # The viewer takes a folder for a run only if it holds outputs. It marks two arms; by the file's name a reader
        # knows the others.
        write_if_changed(run / "outputs" / f"answer-{one.arm}.md", f"{one.answer}\n")
    write_if_changed(folder / "benchmark.json", _json(benchmark_json(tasks, grades, model=model, at="")))


def _json(data: Any) -> str:  # noqa: ANN401 - what JSON can hold
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{file} cannot be read ({error}).", hint="Name a UTF-8 file.") from error
