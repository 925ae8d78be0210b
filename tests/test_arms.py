"""The arms of an evaluation: run by Inspect with a scripted model, graded, resumed, stopped and shown."""

from __future__ import annotations

import json
import math
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from arms_site import EVERY_ARM, KNOWN, RIGHT, SKILL, answer_in, arm_of, build_site, copied, priced, scripted
from chat_server import ChatServer, Heard, completion, refusal, running
from cli_runner import run
from real_model.arms import arms_table

from skillgen.chat.privacy import silence
from skillgen.pipeline.behaviour import load_behaviour
from skillgen.store import Store

LOGS = Path(".skillgen/evals/releases")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as patch:
        yield build_site(tmp_path_factory.mktemp("built"), patch)


@pytest.fixture
def here(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(copied(built, tmp_path / "docs"))
    return tmp_path / "docs"


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with running() as fake:
        fake.answer = scripted
        yield fake


@dataclass(frozen=True)
class Ran:
    folder: Path
    url: str
    asked: list[Heard]
    report: dict[str, Any]
    text: str
    asked_again: int

    def arm(self, name: str) -> dict[str, Any]:
        return next(one for one in self.report["arms"] if one["arm"] == name)

    def marks(self, name: str) -> dict[str, str]:
        return {trial["task"]: trial["mark"] for trial in self.arm(name)["trials"]}


@pytest.fixture(scope="module")
def ran(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ran]:
    """All five arms, and the same once more."""
    folder = copied(built, tmp_path_factory.mktemp("ran") / "docs")
    with pytest.MonkeyPatch.context() as patch, running() as server:
        patch.chdir(folder)
        server.answer = scripted
        first = run("eval", SKILL, "--model", "tiny", "--base-url", server.url, "--arms", EVERY_ARM, "--json")
        assert first.code == 0, first.err
        asked = list(server.asked)
        server.heard.clear()
        again = run("eval", SKILL, "--model", "tiny", "--base-url", server.url, "--arms", EVERY_ARM)
        assert again.code == 0, again.err
        yield Ran(folder, server.url, asked, first.json, again.out, len(server.heard))


def arms(server: ChatServer, *options: str) -> Any:  # noqa: ANN401 - what a command left
    return run("eval", SKILL, "--model", "tiny", "--base-url", server.url, *options)


# -- a whole run -------------------------------------------------------------------------------------------------------


def test_each_arm_has_the_marks_that_its_answers_earn(ran: Ran) -> None:
    for name, known in KNOWN.items():
        assert list(ran.marks(name).values()).count("passed") == known
        assert ran.arm(name)["rate"]["graded"] == len(RIGHT)


def test_rules_decide_what_they_can_and_the_judge_the_rest(ran: Ran) -> None:
    graders = {trial["task"]: trial["expectations"][0]["grader"] for trial in ran.arm("raw_passages")["trials"]}
    assert graders["nightly-start"] == graders["prod-command"] == "rules/1"
    assert graders["token-owner"] == graders["friday"] == "judge/2 openai:tiny"


def test_one_who_does_not_know_is_not_brought_before_the_judge(ran: Ran) -> None:
    assert not [heard for heard in ran.asked if heard.use == "judge" and "I do not know" in answer_in(heard)]


def test_the_judge_never_hears_of_the_arm(ran: Ran) -> None:
    judged = [heard.text for heard in ran.asked if heard.use == "judge"]
    assert judged
    assert not [text for text in judged if "at hand" in text or "SKILL.md" in text or "_skill" in text]


def test_every_request_of_an_arm_begins_alike(ran: Ran) -> None:
    begins: dict[str, set[str]] = {}
    for heard in ran.asked:
        if heard.use != "judge" and arm_of(heard) != "raw_passages":
            begins.setdefault(arm_of(heard), set()).add(heard.body["messages"][0]["content"])
    assert {name: len(held) for name, held in begins.items()} == dict.fromkeys(set(KNOWN) - {"raw_passages"}, 1)


def test_all_arms_are_asked_in_the_same_words_at_temperature_zero(ran: Ran) -> None:
    answers = [heard for heard in ran.asked if heard.use == ""]
    ends = {heard.text.rpartition("-----END question")[2][9:] for heard in answers}
    assert len(ends) == 1
    assert {heard.body["temperature"] for heard in ran.asked} == {0.0}


def test_the_skill_arm_reads_the_file_that_it_named_and_no_other(ran: Ran) -> None:
    assert {tuple(trial["read"]) for trial in ran.arm("with_skill")["trials"]} == {("integration-map.md",)}
    shown = [heard.text for heard in ran.asked if heard.use == "" and arm_of(heard) == "with_skill"]
    assert all("BEGIN references/integration-map.md" in text for text in shown)


def test_the_ablated_skill_lacks_claims_of_the_body_everywhere(ran: Ran) -> None:
    texts = [heard.text for heard in ran.asked if heard.use == "" and arm_of(heard) == "ablated_skill"]
    assert len(texts) == len(RIGHT)
    assert not [text for text in texts if "02:15" in text or "NIGHTLY_TOKEN" in text]
    assert all("--env prod" in text for text in texts)


def test_the_placebo_is_as_long_as_the_skill_and_the_passages_are_no_longer(ran: Ran) -> None:
    skill = ran.arm("with_skill")["given_tokens"]
    assert abs(ran.arm("placebo_skill")["given_tokens"] - skill) <= 0.02 * skill
    assert 0 < ran.arm("raw_passages")["given_tokens"] <= skill


def test_a_second_run_sends_nothing_and_finds_the_same(ran: Ran) -> None:
    assert ran.asked_again == 0
    kept = json.loads((ran.folder / LOGS / "behaviour.json").read_text(encoding="utf-8"))
    ours = {name: value for name, value in ran.report.items() if name not in ("logs", "report", "endpoints")}
    assert ours == {name: kept[name] for name in ours}
    assert not kept["endpoints"]


def test_pairs_are_compared_and_claims_that_won_are_named(ran: Ran) -> None:
    beside = {one["against"]: one for one in ran.report["comparisons"]}
    assert set(beside) == set(KNOWN) - {"with_skill"}
    none = beside["without_skill"]
    assert (len(none["won"]), len(none["lost"]), none["p"]) == (3, 0, 0.25)
    assert beside["raw_passages"]["lost"] == ["friday"]
    won = {task for one in ran.report["claims"] for task in one["won"]}
    assert won == {"nightly-start", "prod-command", "token-owner"}


def test_the_text_fits_the_terminal_and_says_who_judged(ran: Ran) -> None:
    lines = ran.text.splitlines()
    assert max(len(line) for line in lines if "/" not in line) <= 80
    assert any(line.startswith("with_skill") and " 3 of 4 " in line for line in lines)
    assert "openai:tiny, the model that is measured; 2 verdicts" in ran.text
    assert "inspect view start --log-dir" in " ".join(ran.text.split())


def test_the_table_of_the_eval_has_what_the_result_has(ran: Ran) -> None:
    found = load_behaviour(ran.folder / LOGS / "behaviour.json")
    assert found is not None
    table = arms_table(found, {"corpus": "wiki"})
    assert "| with_skill | 3 of 4 | 0.75 (0.30 to 0.95) | 0 | 0 |" in table
    assert "| without_skill | 4 | 3 | 0 | 0 | 1 | +0.75 | 0.250 |" in table
    assert "4 tasks" in table
    assert "complete" in table


def test_inspect_reads_the_logs_and_its_scores_are_ours(ran: Ran) -> None:
    from inspect_ai.log import read_eval_log

    files = sorted((ran.folder / LOGS).glob("*.eval"))
    assert len(files) == len(KNOWN)
    for file in files:
        log = read_eval_log(str(file))
        assert log.status == "success"
        assert log.results is not None
        assert log.samples is not None
        name = str((log.eval.metadata or {})["arm"])
        scored = {str(one.id): (one.scores or {})["_grading"].value for one in log.samples}
        assert scored == {task: "C" if mark == "passed" else "I" for task, mark in ran.marks(name).items()}
        assert log.results.scores[0].metrics["accuracy"].value == KNOWN[name] / len(RIGHT)
        used = sum(one.input_tokens for one in log.stats.model_usage.values())
        assert used >= ran.arm(name)["tokens_in"]


def test_skill_creator_finds_a_grade_for_every_run_and_both_of_its_arms(ran: Ran) -> None:
    folder = ran.folder / LOGS / "skill-creator"
    benchmark = json.loads((folder / "benchmark.json").read_text(encoding="utf-8"))
    assert {one["configuration"] for one in benchmark["runs"]} == {"with_skill", "without_skill"}
    assert benchmark["run_summary"]["delta"].items() >= {"pass_rate": "+0.75"}.items()
    assert benchmark["metadata"]["executor_model"] == "openai:tiny"
    for name in KNOWN:
        assert len(list(folder.glob(f"eval-*/{name}/run-1/grading.json"))) == len(RIGHT)
        assert len(list(folder.glob(f"eval-*/{name}/run-1/timing.json"))) == len(RIGHT)


def test_the_page_shows_the_arms_and_escapes_what_was_answered(ran: Ran) -> None:
    page = (ran.folder / ".skillgen/reports/releases-eval.html").read_text(encoding="utf-8")
    assert "Answers with and without the skill" in page
    assert "0.75" in page
    assert "<script" not in page


def test_inspect_leaves_nothing_behind_in_the_process_or_the_home(here: Path, server: ChatServer) -> None:
    import logging
    import os

    home = here / "home"
    home.mkdir()
    (here / ".env").write_text("INSPECT_LOG_DIR=elsewhere\nPLANTED=1\n", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(home))
        patch.setenv("INSPECT_EVAL_MODEL", "openai/gpt-4o")
        silence()
        before, hook, handlers = dict(os.environ), sys.excepthook, list(logging.getLogger().handlers)
        assert arms(server, "--arms", "without_skill", "--limit", "1").code == 0
        assert dict(os.environ) == before
        assert sys.excepthook is hook
        assert logging.getLogger().handlers == handlers
    assert not list(home.rglob("*"))
    assert not (here / "elsewhere").exists()


# -- judges ------------------------------------------------------------------------------------------------------------


def test_a_judge_that_answers_nonsense_decides_nothing(here: Path, server: ChatServer) -> None:
    server.answer = lambda heard: completion("purple") if heard.use == "judge" else scripted(heard)
    ended = arms(server, "--arms", "with_skill,without_skill", "--json")
    assert ended.code == 0
    arm = next(one for one in ended.json["arms"] if one["arm"] == "with_skill")
    assert (arm["rate"]["passed"], arm["rate"]["graded"], arm["rate"]["ungraded"]) == (2, 3, 1)
    assert ended.json["judge"]["undecided"] == 1
    assert "token-owner" not in {task for one in ended.json["comparisons"] for task in (*one["won"], *one["lost"])}
    from inspect_ai.log import read_eval_log

    log = read_eval_log(str(next((here / LOGS).glob("*_with-skill_*.eval"))))
    scored = {one.id: (one.scores or {})["_grading"].as_float() for one in log.samples or () if one.id == "token-owner"}
    assert math.isnan(scored["token-owner"])


def test_another_judge_is_asked_where_it_is_and_named(here: Path, server: ChatServer) -> None:
    ended = arms(server, "--arms", "with_skill", "--judge", "strict", "--json")
    assert ended.json["judge"]["model"] == "openai:strict"
    assert not ended.json["judge"]["is_the_model"]
    assert {heard.body["model"] for heard in server.asked if heard.use == "judge"} == {"strict"}
    assert {heard.body["model"] for heard in server.asked if heard.use != "judge"} == {"tiny"}


def test_an_answer_that_cannot_be_used_fails_and_says_why(here: Path, server: ChatServer) -> None:
    server.answer = lambda heard: scripted(heard) if heard.use else completion("and on and on", finish="length")
    ended = arms(server, "--arms", "without_skill", "--json")
    assert ended.code == 0
    (arm,) = ended.json["arms"]
    assert (arm["rate"]["passed"], arm["rate"]["graded"], arm["problems"]) == (0, 4, 4)
    assert "cut at 300 tokens" in arm["trials"][0]["problem"]


# -- runs that stop ----------------------------------------------------------------------------------------------------


def test_a_cost_limit_keeps_what_was_paid_for_and_the_next_run_goes_on(here: Path, server: ChatServer) -> None:
    priced(here, server)
    usage = {"prompt_tokens": 100, "completion_tokens": 150, "total_tokens": 250}
    server.answer = lambda heard: scripted(heard) if heard.use else completion("It begins at 04:00.", usage=usage)
    ended = arms(server, "--arms", "without_skill", "--max-cost", "0.52", "--json")
    assert ended.code == 1
    assert "--max-cost" in ended.err or "cost limit" in ended.err
    (arm,) = ended.json["arms"]
    assert not ended.json["complete"]
    assert arm["trials"]
    assert arm["missing"]
    assert len(arm["trials"]) <= 2
    ended = arms(server, "--arms", "without_skill", "--max-cost", "20", "--json")
    assert ended.code == 0
    assert ended.json["complete"]
    answers = [heard.text for heard in server.asked if heard.use == ""]
    assert len(answers) == len(set(answers)) == len(RIGHT)


def test_a_server_that_dies_leaves_a_partial_result_and_the_command_that_goes_on(
    here: Path, server: ChatServer
) -> None:
    asked: list[Heard] = []

    def dying(heard: Heard) -> Any:  # noqa: ANN401 - an answer
        asked.append(heard)
        return scripted(heard) if len(asked) <= 2 else refusal(401, "gone")

    server.answer = dying
    ended = arms(server, "--arms", "without_skill")
    assert ended.code == 1
    assert "PARTIAL" in ended.out
    assert re.search(r"[23] answers are missing", ended.err)
    assert "same command" in ended.err
    server.answer = scripted
    assert arms(server, "--arms", "without_skill", "--json").json["complete"]


def test_a_killed_run_asks_nothing_again(built: Path, tmp_path: Path, server: ChatServer) -> None:
    folder = copied(built, tmp_path / "docs")
    told: list[str] = []

    def slowly(heard: Heard) -> Any:  # noqa: ANN401 - an answer
        told.append(json.dumps(heard.body["messages"]))
        answer = scripted(heard)
        answer.seconds = 0.1
        return answer

    server.answer = slowly
    command = [sys.executable, "-m", "skillgen", "eval", SKILL, "--model", "tiny", "--base-url", server.url]
    (folder / "skillgen.toml").write_text(
        (folder / "skillgen.toml").read_text(encoding="utf-8") + "[model]\nconcurrency = 1\n", encoding="utf-8"
    )
    process = subprocess.Popen([*command, "--arms", "with_skill,without_skill"], cwd=folder)
    while len(told) < 3 and process.poll() is None:
        time.sleep(0.01)
    process.kill()
    process.wait()
    time.sleep(0.2)  # what was sent before the kill may still be on its way
    store = Store(folder / ".skillgen" / "truth.sqlite3")
    stored = len(store.reply_keys())
    store.close()
    assert stored >= 2
    before = list(told)
    told.clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        ended = arms(server, "--arms", "with_skill,without_skill", "--json")
    assert ended.json["complete"]
    assert len(set(before) & set(told)) <= len(before) - stored


# -- refusals ----------------------------------------------------------------------------------------------------------


def test_nothing_is_sent_in_a_dry_run(here: Path, server: ChatServer) -> None:
    ended = arms(server, "--arms", EVERY_ARM, "--dry-run")
    assert ended.code == 0
    assert "Nothing was sent." in ended.out
    assert "with_skill *" in ended.out
    assert max(map(len, ended.out.splitlines())) <= 80
    assert not server.heard


def test_a_model_elsewhere_is_refused_where_all_has_to_stay_here(here: Path) -> None:
    ended = run("eval", SKILL, "--model", "tiny", "--base-url", "http://192.0.2.1:8080/v1", "--local-only")
    assert ended.code == 2
    assert "not on this machine" in ended.err


def test_a_judge_elsewhere_is_refused_too(here: Path, server: ChatServer) -> None:
    ended = arms(server, "--local-only", "--judge", "anthropic:claude")
    assert ended.code == 2
    assert "local_only" in ended.err
    assert not server.heard


def test_without_inspect_the_error_names_the_extra(
    here: Path, server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    import importlib.util

    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *rest: None if name == "inspect_ai" else found(name, *rest)
    )
    ended = arms(server)
    assert ended.code == 2
    assert "runbook-skillgen[inspect]" in ended.err
    assert not server.heard


def test_a_placebo_from_the_same_pages_is_refused(here: Path, server: ChatServer) -> None:
    shutil.copytree(here / SKILL, here / "other")
    ended = arms(server, "--placebo", "other")
    assert ended.code == 2
    assert "made from the pages of this workspace" in ended.err
    assert not server.heard


@pytest.mark.parametrize("names", ["with_skil", ""])
def test_an_arm_that_there_is_not_is_refused(here: Path, server: ChatServer, names: str) -> None:
    ended = arms(server, "--arms", names)
    assert ended.code == 2
    assert "with_skill" in ended.err


def test_arms_without_a_model_are_refused(here: Path) -> None:
    ended = run("eval", SKILL, "--arms", "with_skill")
    assert ended.code == 2
    assert "--model" in ended.err


def test_forgetting_a_page_removes_logs_and_results(ran: Ran, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(copied(ran.folder, tmp_path / "docs"))
    assert run("forget", "ops/nightly.md").code == 0
    assert [path.name for path in LOGS.rglob("*") if path.is_file()] == ["seconds.jsonl"]
