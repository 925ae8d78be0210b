"""Tasks that a model writes: kept only with a verbatim value, plain words, and proof that the passage is needed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from chat_server import Answer, ChatServer, Heard, completion, obedient, refusal, running
from cli_runner import run
from eval_site import A_REPLY, built_site, copied, evaluated
from hypothesis import given, settings
from hypothesis import strategies as st
from scripted_model import shown

from skillgen.evaluate.tasks_file import tasks_from_yaml
from skillgen.evaluate.written_tasks import write_tasks
from skillgen.model.chat import ChatFailure, ChatReply, ChatRequest, Use
from skillgen.model.draft import Citation
from skillgen.model.evaluation import Task
from skillgen.model.task_writing import CitedPassage

QUOTE = "Each night the job `stock-sync` starts at 02:15 UTC, and it is looked after by the Quay crew."
QUESTION = "At which hour does `stock-sync` begin its work?"


def passage_of(quote: str = QUOTE) -> CitedPassage:
    cited = Citation(
        source="jobs.md",
        start=0,
        end=len(quote),
        lines=(3, 3),
        heading_path=("Jobs",),
        quote=quote,
        source_sha256="0" * 64,
        url=None,
    )
    return CitedPassage(claim="clm-00000000", source="body", citations=(cited,))


class Scripted:
    """An asker that answers from a script and remembers what it was asked."""

    def __init__(
        self, tasks: Sequence[dict[str, Any]], given: str = "It is 02:15.", closed: str = "At midnight."
    ) -> None:
        self.answers: dict[str, Any] = {
            "task": {"tasks": list(tasks)},
            "task-check": {"answer": given},
            "task-closed": {"answer": closed},
        }
        self.asked: list[tuple[Use, int]] = []

    def ask(self, use: Use, requests: Sequence[ChatRequest]) -> list[ChatReply | ChatFailure]:
        self.asked.append((use, len(requests)))
        reply = ChatReply(
            text="", parsed=self.answers[use], finish="stop", model="m", tokens_in=1, tokens_out=1, from_store=False
        )
        return [reply for _ in requests]


def item(question: str = QUESTION, *values: str, kind: str = "schedule") -> dict[str, Any]:
    return {"question": question, "values": list(values or ("02:15",)), "kind": kind}


def reasons(asker: Scripted, *passages: CitedPassage) -> list[str]:
    return [one.reason for one in write_tasks(asker, passages or (passage_of(),)).dropped]


def test_a_question_that_the_passage_alone_answers_becomes_a_task() -> None:
    (task,) = write_tasks(Scripted([item()]), [passage_of()]).tasks
    assert (task.origin, task.source, task.kind, task.edited) == ("model", "body", "schedule", False)
    assert [(one.value, one.form) for one in task.expected] == [("02:15", "time")]
    assert task.citation is not None
    assert task.citation.quote == QUOTE


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        (item("Tell me about `stock-sync` and its hours."), "no-plain-question"),
        (item("When?"), "no-plain-question"),
        (item("According to the passage, when does `stock-sync` begin?"), "no-plain-question"),
        (item(QUESTION, "03:15"), "value-not-in-quote"),
        (item(QUESTION, "2:15"), "value-not-in-quote"),
        (item(QUESTION, "sync"), "value-not-in-quote"),
        ({**item(), "values": []}, "value-not-in-quote"),
        (item(QUESTION, "it"), "value-not-exact"),
        (item(QUESTION, "it is looked after by the Quay crew"), "value-not-exact"),
        (item("Does `stock-sync` begin at 02:15 or later?"), "tells-its-answer"),
        (item("Which night job starts and is looked after by a crew, `stock-sync`?", "Quay crew"), "repeats-the-page"),
    ],
)
def test_a_question_that_breaks_a_rule_is_dropped_before_anybody_answers_it(
    written: dict[str, Any], reason: str
) -> None:
    quote = (
        "The night job starts looked after crew: `stock-sync`, 02:15, Quay crew."
        if reason == "repeats-the-page"
        else QUOTE
    )
    asker = Scripted([written])
    assert reasons(asker, passage_of(quote)) == [reason]
    assert dict(asker.asked)["task-check"] == 0


def test_what_the_passage_does_not_answer_and_what_anybody_answers_is_dropped() -> None:
    assert reasons(Scripted([item()], given="The passage does not say.")) == ["not-answered-by-the-passage"]
    assert reasons(Scripted([item()], given="Not at 02:15.")) == ["not-answered-by-the-passage"]
    assert reasons(Scripted([item()], closed="Probably at 2:15 am.")) == ["general-knowledge"]


def test_nothing_is_asked_twice() -> None:
    twice = [item(), item("What is the time at which `stock-sync` is launched?")]
    assert reasons(Scripted(twice)) == ["asked-already"]
    (known,) = write_tasks(Scripted([item()]), [passage_of()]).tasks
    assert [one.reason for one in write_tasks(Scripted([item()]), [passage_of()], known=[known]).dropped] == [
        "asked-already"
    ]


def test_an_empty_list_is_no_failure() -> None:
    found = write_tasks(Scripted([]), [passage_of()])
    assert (found.tasks, found.dropped, found.questions) == ((), (), 0)


@settings(max_examples=60)
@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "question": st.text(max_size=60) | st.just(QUESTION),
                "values": st.lists(st.text(max_size=12) | st.sampled_from(["02:15", "Quay crew"]), max_size=3),
                "kind": st.sampled_from(["value", "schedule", "command", "order"]),
            }
        ),
        max_size=2,
    )
)
def test_whatever_is_written_is_kept_with_a_verbatim_value_or_dropped_with_a_reason(
    tasks: list[dict[str, Any]],
) -> None:
    found = write_tasks(Scripted(tasks), [passage_of()])
    assert len(found.tasks) + len(found.dropped) == found.questions == len(tasks)
    assert all(one.value in QUOTE for task in found.tasks for one in task.expected)


# -- the command -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built_site(tmp_path_factory)


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with running() as fake:
        fake.answer = examiner
        yield fake


@pytest.fixture
def here(built: Path, tmp_path: Path, server: ChatServer, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(copied(built, tmp_path / "site", server))
    return tmp_path / "site"


_CODE = re.compile(r"`([\w ./-]+)`")


def reply(**parsed: object) -> Answer:
    return completion(json.dumps(parsed))


def examiner(heard: Heard) -> Answer:
    """Ask for the first code of a passage; answer with the passage and nothing without it."""
    if heard.is_probe:
        return obedient(heard)
    code = _CODE.search(shown(heard))
    if heard.use == "task":
        question = f"Which exact name belongs into case number {len(shown(heard))} over here?"
        return reply(tasks=[{"question": question, "values": [code[1]], "kind": "value"}] if code else [])
    if heard.use == "task_check":
        return reply(answer=f"It is `{code[1]}`." if code else "The passage does not say.")
    return reply(answer="I do not know.")


def tasks_in(folder: Path) -> tuple[Task, ...]:
    text = (folder / "skillgen-evals/releases.yaml").read_text(encoding="utf-8")
    return tasks_from_yaml(text, name="x").tasks


def by_model(folder: Path) -> list[str]:
    return [task.id for task in tasks_in(folder) if task.origin == "model"]


def write(server: ChatServer, *options: str) -> Any:  # noqa: ANN401 - what a command left behind
    return evaluated(server, "--write-tasks", "--json", *options)


def test_a_models_tasks_stand_beside_those_of_templates_and_are_asked_for_once(here: Path, server: ChatServer) -> None:
    before = {task.id for task in tasks_in(here)}
    ended = write(server)
    assert (ended.code, ended.json["writing"]["stopped"]) == (0, "")
    assert by_model(here)
    assert before <= {task.id for task in tasks_in(here)}
    uses = {one["use"]: one["calls"] for one in ended.json["writing"]["uses"]}
    assert uses["task"] == ended.json["writing"]["asked"] <= 6
    assert len(server.asked) == sum(uses.values())
    path = here / "skillgen-evals/releases.yaml"
    first, asked = path.read_bytes(), len(server.asked)
    again = write(server)
    assert (again.json["added"], path.read_bytes(), len(server.asked)) == ([], first, asked)
    record = json.loads((here / ".skillgen/reports/releases-tasks.json").read_text(encoding="utf-8"))
    assert set(by_model(here)) <= set(record["kept"])


def test_a_models_tasks_stay_without_it_while_their_quotes_stand(here: Path, server: ChatServer) -> None:
    write(server)
    kept = by_model(here)
    assert run("eval", "skills/releases", "--write-tasks").code == 0
    assert by_model(here) == kept
    for page in (here / "wiki").rglob("*.md"):
        page.write_text(page.read_text(encoding="utf-8").replace("`", "'"), encoding="utf-8")
    assert run("build").code == 0
    assert run("eval", "skills/releases", "--write-tasks").code == 0
    assert by_model(here) == []


def test_a_dropped_task_of_a_model_is_not_made_anew(here: Path, server: ChatServer) -> None:
    write(server)
    path, (first, *_) = here / "skillgen-evals/releases.yaml", by_model(here)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(f"  {first}:\n", f"  {first}:\n    dropped: true\n"), encoding="utf-8")
    write(server)
    assert next(task for task in tasks_in(here) if task.id == first).dropped


def test_general_knowledge_is_dropped_and_recorded_without_words_of_the_pages(here: Path, server: ChatServer) -> None:
    known = "`ship deploy orders --env prod` `NIGHTLY_TOKEN` `main` `ship stop` `ship rollback orders` `keyring-bot`"

    def knowing(heard: Heard) -> Answer:
        if heard.use != "task_closed":
            return examiner(heard)
        return reply(answer=f"{known} `DEPLOY_TOKEN` `stock-sync` `price-load`")

    server.answer = knowing
    ended = write(server)
    assert by_model(here) == []
    assert {one["reason"] for one in ended.json["writing"]["dropped"]} >= {"general-knowledge"}
    record = (here / ".skillgen/reports/releases-tasks.json").read_text(encoding="utf-8")
    assert json.loads(record)["counts"]["general-knowledge"] > 0
    assert "exact name" not in record


def test_nonsense_is_counted_and_costs_only_its_passage(here: Path, server: ChatServer) -> None:
    server.answer = lambda heard: obedient(heard) if heard.is_probe else completion("No idea.")
    ended = write(server)
    assert ended.code == 0
    assert {one["reason"] for one in ended.json["writing"]["dropped"]} == {"no-usable-reply"}
    assert tasks_in(here)


def test_a_cost_cap_stops_before_it_is_passed_and_the_next_run_goes_on(here: Path, server: ChatServer) -> None:
    told = write(server, "--dry-run")
    assert (told.code, server.heard) == (0, [])
    uses = {one["use"]: one for one in told.json["uses"]}
    assert (uses["task"]["exact"], uses["task-check"]["exact"]) == (True, False)
    limit = 20 * A_REPLY  # a call is begun if it fits at its most, which is more than ten replies
    stopped = write(server, "--max-cost", str(limit))
    assert stopped.code == 1
    assert "--max-cost" in stopped.err
    paid = len(server.asked)
    assert 0 < paid * A_REPLY <= limit
    ended = write(server)
    assert ended.code == 0
    assert len(server.asked) == sum(one["calls"] for one in ended.json["writing"]["uses"])


def test_what_passed_before_the_server_died_is_written(here: Path, server: ChatServer) -> None:
    def dying(heard: Heard) -> Answer:
        return refusal(401, "no") if heard.use == "task_closed" else examiner(heard)

    server.answer = dying
    stopped = write(server)
    assert (stopped.code, by_model(here)) == (1, [])
    assert stopped.json["writing"]["stopped"]
    server.answer = examiner
    assert write(server).code == 0
    assert by_model(here)
