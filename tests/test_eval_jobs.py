"""`eval` does one job at a time, and no option of another stands there in vain."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_runner import run

from skillgen.cli.eval_jobs import job_of


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--limit", "3"], "--limit does nothing by itself"),
        (["--judge", "openai:other"], "--judge does nothing by itself"),
        (["--placebo", "elsewhere"], "--placebo does nothing by itself"),
        (["--dry-run"], "--dry-run does nothing by itself"),
        (["--out", "there"], "--out does nothing by itself"),
        (["--among", "other"], "--among does nothing by itself"),
        (["--triggers", "--limit", "3"], "--limit does nothing with --triggers"),
        (["--triggers", "--write-tasks"], "--write-tasks does nothing with --triggers"),
        (["--answers", "a.jsonl", "--arms", "with_skill"], "--arms does nothing with --answers"),
        (["--export", "promptfoo", "--out", "x", "--dry-run"], "--dry-run does nothing with --export"),
        (["--arms", "with_skill", "--fail-under", "0.5"], "--fail-under does nothing with --arms"),
        (["--model", "openai:m", "--update-baseline"], "--update-baseline does nothing with --model"),
    ],
)
def test_an_option_without_a_use_is_refused(
    options: list[str], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ended = run("eval", "skills/none", *options)
    assert ended.code == 2
    assert says in ended.err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("given", "with_model", "job"),
    [
        ({}, False, "scorecard"),
        ({}, True, "arms"),
        ({"--arms": "with_skill", "--limit": 3}, False, "arms"),
        ({"--limit": 3, "--judge": "m", "--dry-run": True}, True, "arms"),
        ({"--triggers": True, "--among": ["a"], "--dry-run": True}, True, "triggers"),
        ({"--from-evals": "evals.json", "--write-tasks": True}, True, "tasks"),
        ({"--answers": "a", "--export": "skill-creator", "--out": "o"}, False, "answers"),
        ({"--export": "inspect", "--out": "o"}, True, "export"),
        ({"--fail-under": 0.0, "--update-baseline": True, "--reason": "new"}, False, "scorecard"),
    ],
)
def test_the_job_follows_from_the_options(given: dict[str, object], with_model: bool, job: str) -> None:  # noqa: FBT001
    assert job_of(given, with_model=with_model) == job
