"""Other tools' formats: the names of their fields, exactly, and what is read back."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cli_runner import run

from skillgen.errors import UserError
from skillgen.evaluate.datasets import inspect_samples, promptfoo_tests, unfit_for_promptfoo
from skillgen.evaluate.grade import grade
from skillgen.evaluate.skill_creator import benchmark_json, evals_json, grading_json, tasks_from_evals, timing_json
from skillgen.evaluate.tasks import task_id
from skillgen.evaluate.tasks_file import tasks_yaml
from skillgen.model.evaluation import Expected, ExpectedForm, Grade, Task, TaskAnswer, TaskCitation, TaskSet


def made(question: str, value: str, form: ExpectedForm, *, dropped: bool = False) -> Task:
    citation = TaskCitation(source="a.md", lines=(3, 4), heading_path=("A",), quote="q")
    expected = (Expected(value=value, form=form),)
    task = Task(id="", kind="value", source="body", question=question, expected=expected, citation=citation)
    return Task(
        id=task_id(task),
        kind="value",
        source="body",
        question=question,
        expected=expected,
        citation=citation,
        dropped=dropped,
    )


TASKS = TaskSet(
    skill="on-call",
    tasks=(
        made("How long?", "20 minutes", "quantity"),
        made("When?", "02:40", "time"),
        made("Which?", "kv/ci/key", "code"),
        made("Who?", "Platform team", "text"),
        made("In which order?", "lint > test > ship", "order"),
        made("Which command?", "ops sensor reset gate", "command"),
        made("Never asked?", "x1", "code", dropped=True),
    ),
)


def graded(task: Task, answer: str, arm: str = "with_skill", run_: int = 1) -> Grade:
    return grade(task, TaskAnswer(task=task.id, text=answer, arm=arm, run=run_, seconds=2.5, tokens=100))


def shape(data: object) -> object:
    """Return the names of the fields, nested; of a list the shape of its first item."""
    if isinstance(data, Mapping):
        return {key: shape(value) for key, value in data.items()}
    return [shape(data[0])] if isinstance(data, list) and data else type(data).__name__


def test_evals_have_the_fields_of_skill_creator_and_dropped_tasks_are_left_out() -> None:
    data = evals_json(TASKS)
    assert shape(data) == {
        "skill_name": "str",
        "evals": [{"id": "int", "prompt": "str", "expected_output": "str", "files": "list", "expectations": ["str"]}],
    }
    assert [one["id"] for one in data["evals"]] == [1, 2, 3, 4, 5, 6]


def test_evals_are_read_back_with_their_expected_values() -> None:
    back = tasks_from_evals(json.dumps(evals_json(TASKS)), name="evals.json")
    assert [task.question for task in back] == [task.question for task in TASKS.live]
    assert [task.expected for task in back] == [task.expected for task in TASKS.live]
    assert all(task.edited and task.source == "own" for task in back)


@pytest.mark.parametrize(
    "text",
    [
        *("", "[]", "{}", '{"evals": [1]}', '{"evals": [{"id": 1}]}'),
        '{"evals": [{"id": "a", "prompt": "b", "expected_output": "c"}]}',
    ],
)
def test_a_file_that_is_no_evals_file_is_refused(text: str) -> None:
    with pytest.raises(UserError):
        tasks_from_evals(text, name="evals.json")


def test_assertions_are_read_as_expectations() -> None:
    row = {"id": 1, "prompt": "P", "expected_output": "E", "assertions": ["It is short."]}
    (task,) = tasks_from_evals(json.dumps({"skill_name": "s", "evals": [row]}), name="x")
    assert task.expected == (Expected(value="It is short.", form="judged"),)


def test_a_grading_has_the_exact_fields() -> None:
    data = grading_json(graded(TASKS.tasks[0], "20 min"))
    assert data["expectations"] == [
        {"text": "The answer states 20 minutes.", "passed": True, "evidence": "20 min"},
    ]
    assert data["summary"] == {"passed": 1, "failed": 0, "total": 1, "pass_rate": 1.0}
    assert set(data) == {
        *("expectations", "summary", "execution_metrics", "timing", "claims", "user_notes_summary"),
    }
    assert set(data["timing"]) == {
        *("executor_duration_seconds", "grader_duration_seconds", "total_duration_seconds"),
    }
    assert timing_json(graded(TASKS.tasks[0], "")) == {
        "total_tokens": 100,
        "duration_ms": 2500,
        "total_duration_seconds": 2.5,
    }


def test_a_benchmark_has_the_exact_fields_and_the_two_arms_that_the_viewer_knows() -> None:
    first, second = TASKS.tasks[:2]
    grades = [
        graded(first, "20 min"),
        graded(second, "no idea"),
        graded(first, "no idea", "without_skill"),
        graded(second, "no idea", "without_skill"),
        graded(second, "02:40", "passages"),
    ]
    data = benchmark_json(TASKS, grades, model="m", at="2026-01-01T00:00:00Z")
    assert [(one["eval_id"], one["configuration"], one["result"]["pass_rate"]) for one in data["runs"]] == [
        (1, "with_skill", 1.0),
        (1, "without_skill", 0.0),
        (2, "with_skill", 0.0),
        (2, "without_skill", 0.0),
    ]
    assert set(data["runs"][0]) == {
        *("eval_id", "eval_name", "configuration", "run_number", "result", "expectations", "notes"),
    }
    assert set(data["runs"][0]["result"]) == {
        *("pass_rate", "passed", "failed", "total", "time_seconds", "tokens", "tool_calls", "errors"),
    }
    assert data["run_summary"]["with_skill"]["pass_rate"] == {"mean": 0.5, "stddev": 0.7071, "min": 0.0, "max": 1.0}
    assert data["run_summary"]["delta"] == {"pass_rate": "+0.50", "time_seconds": "+0.0", "tokens": "+0"}
    assert set(data) == {"metadata", "runs", "run_summary", "notes"}


RIGHT = (
    *("It is 20 min.", "At 2:40.", "In `kv/ci/key`.", "the platform team", "lint, test and ship"),
    "ops sensor reset gate",
)
WRONG = ("It is 120 min.", "At 12:40.", "In kv/cd/key.", "the other team", "ship, test, lint", "ops sensor stop gate")


def test_promptfoo_tests_ask_and_assert_as_the_rules_do() -> None:
    tests = promptfoo_tests(TASKS)
    assert set(tests[0]) == {"description", "vars", "assert", "metadata"}
    assert len(tests) == len(RIGHT)
    for test, right, wrong in zip(tests, RIGHT, WRONG, strict=True):
        (assertion,) = test["assert"]
        assert assertion["type"] == "regex"
        assert re.search(assertion["value"], right), assertion
        assert not re.search(assertion["value"], wrong), assertion


@pytest.mark.parametrize("text", ["{{ 7*7 }}", "{% include 'x' %}", "a {# b"])
def test_what_promptfoo_would_run_as_a_template_is_left_out(text: str) -> None:
    asked = made(f"What is `{text}`?", "20 minutes", "quantity")
    expected = made("What does it print?", text, "code")
    tasks = replace(TASKS, tasks=(asked, expected, *TASKS.tasks))
    assert unfit_for_promptfoo(tasks) == (asked.id, expected.id)
    assert promptfoo_tests(tasks) == promptfoo_tests(TASKS)


def test_inspect_samples_are_json_lines_with_its_fields() -> None:
    rows = [json.loads(line) for line in inspect_samples(TASKS).splitlines()]
    assert len(rows) == len(TASKS.live)
    assert set(rows[0]) == {"id", "input", "target", "metadata"}
    assert rows[0]["target"] == ["20 minutes"]
    assert rows[0]["metadata"]["lines"] == [3, 4]


# -- the command -------------------------------------------------------------------------------------------------------


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "skillgen-evals").mkdir()
    (tmp_path / "skillgen-evals/on-call.yaml").write_text(tasks_yaml(TASKS), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def answers(here: Path, rows: list[dict[str, Any]]) -> Path:
    path = here / "answers.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows) + "\n\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(("form", "file"), [
    ("skill-creator", "evals.json"), ("promptfoo", "on-call.promptfoo.json"), ("inspect", "on-call.inspect.jsonl"),
])  # fmt: skip
def test_tasks_are_exported_without_draft_or_pages(here: Path, form: str, file: str) -> None:
    ended = run("eval", "skills/on-call", "--export", form, "--out", "out")
    assert ended.code == 0
    assert (here / "out" / file).is_file()
    assert "6 tasks" in ended.out


def test_answers_are_graded_and_written_for_the_viewer(here: Path) -> None:
    rows = [
        {"task": task.id, "answer": answer, "arm": arm}
        for arm, said in (("with_skill", RIGHT), ("without_skill", WRONG))
        for task, answer in zip(TASKS.live, said, strict=True)
    ]
    ended = run("eval", "skills/on-call", "--answers", answers(here, rows), "--export", "skill-creator", "--out", "out")
    assert ended.code == 0
    assert "with_skill: 6 of 6 passed (100%)" in ended.out
    assert "without_skill: 0 of 6 passed (0%)" in ended.out
    benchmark = json.loads((here / "out/benchmark.json").read_text(encoding="utf-8"))
    assert benchmark["run_summary"]["delta"] == {"pass_rate": "+1.00", "time_seconds": "+0.0", "tokens": "+0"}
    run_folder = here / "out/eval-3/with_skill/run-1"
    assert json.loads((run_folder / "grading.json").read_text(encoding="utf-8"))["summary"]["passed"] == 1
    assert (run_folder / "timing.json").is_file()
    about = json.loads((run_folder / "eval_metadata.json").read_text(encoding="utf-8"))
    assert shape(about) == {"eval_id": "int", "eval_name": "str", "prompt": "str", "assertions": ["str"]}
    said = {task.question: answer for task, answer in zip(TASKS.live, RIGHT, strict=True)}
    assert about["eval_id"] == 3
    assert (run_folder / "outputs/answer-with_skill.md").read_text(encoding="utf-8") == f"{said[about['prompt']]}\n"
    as_json = run("eval", "skills/on-call", "--answers", here / "answers.jsonl", "--json").json
    assert [one["passed"] for one in as_json["grades"]] == [True] * 6 + [False] * 6


@pytest.mark.parametrize(
    "row",
    [{"task": "tsk-none", "answer": "x"}, {"task": "a"}, {"answer": "x"}, {"task": "a", "answer": "b", "more": 1}],
)
def test_a_wrong_line_of_answers_is_named(here: Path, row: dict[str, Any]) -> None:
    ended = run("eval", "skills/on-call", "--answers", answers(here, [row]))
    assert ended.code == 2
    assert "line 1" in ended.err


def test_a_run_that_is_answered_twice_is_named(here: Path) -> None:
    row = {"task": TASKS.tasks[0].id, "answer": "20 min"}
    ended = run("eval", "skills/on-call", "--answers", answers(here, [row, {**row, "run": 2}, row]))
    assert ended.code == 2
    assert "line 3 answers what line 1 did" in ended.err


def test_an_answer_may_hold_any_separator_of_lines(here: Path) -> None:
    said = json.dumps({"task": TASKS.tasks[0].id, "answer": "20\u2028min\u0085"}, ensure_ascii=False)
    (here / "odd.jsonl").write_text(f"{said}\n", encoding="utf-8")
    assert run("eval", "skills/on-call", "--answers", "odd.jsonl").code == 0


@pytest.mark.parametrize("more", [{"arm": "../../up"}, {"arm": "/root"}, {"arm": ""}, {"arm": "a" * 65}, {"run": -1}])
def test_an_arm_never_names_a_folder_elsewhere(here: Path, more: dict[str, Any]) -> None:
    path = answers(here, [{"task": TASKS.tasks[0].id, "answer": "20 min", **more}])
    ended = run("eval", "skills/on-call", "--answers", path, "--export", "skill-creator", "--out", "out/deep")
    assert ended.code == 2
    assert "line 1" in ended.err
    assert not (here / "out").exists()


def test_what_cannot_be_exported_is_the_users_mistake(here: Path) -> None:
    path = answers(here, [{"task": TASKS.tasks[0].id, "answer": "20 min"}])
    assert run("eval", "skills/on-call", "--answers", path, "--export", "promptfoo", "--out", "o").code == 2
    assert run("eval", "skills/on-call", "--export", "promptfoo").code == 2
    shutil.rmtree(here / "skillgen-evals")
    assert run("eval", "skills/on-call", "--export", "promptfoo", "--out", "o").code == 2
