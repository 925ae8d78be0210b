"""Tasks: plain questions of cited facts, with exact answers, that leak nothing and that people may change."""

from __future__ import annotations

import contextlib
import itertools
import json
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from built_skill import built_in, own_copy
from cli_runner import run
from corpus_builder import PAGES
from hypothesis import given
from hypothesis import strategies as st

from skillgen.errors import UserError
from skillgen.evaluate.grade import grade
from skillgen.evaluate.leakage import MAX_RUN, is_told, leaks_of, longest_run, wording
from skillgen.evaluate.tasks import MIN_NOT_BODY, MOST_UNCITED, choose_tasks, task_id, tasks_of
from skillgen.evaluate.tasks_file import merge_tasks, tasks_from_yaml, tasks_yaml
from skillgen.model.corpus import SourceFile
from skillgen.model.evaluation import Expected, Task, TaskAnswer, TaskCitation, TaskSet, TaskSource
from skillgen.parse import parse_page

ROOT = Path(__file__).resolve().parent.parent
CORPORA = ("harbourline", "larkfield", "ostermoor")


def tasks_in(*texts: str, source: TaskSource = "reference", **known: Any) -> tuple[Task, ...]:  # noqa: ANN401
    pages = [parse_page(SourceFile(source=f"p{n}.md", text=text, sha256=f"{n:064}"))[0] for n, text in enumerate(texts)]
    return tasks_of(
        pages,
        source_of=lambda *_: source,
        is_own=known.get("is_own", lambda _: True),
        disputed=known.get("disputed", {}),
    )


def asked(*texts: str) -> dict[str, list[str]]:
    return {task.question: [one.value for one in task.expected] for task in tasks_in(*texts)}


# -- questions ---------------------------------------------------------------------------------------------------------

TABLES = [
    (
        "| DAG | Start | Due |\n|---|---|---|\n| `load_a` | 02:40 | 03:10 |\n",
        "When does the DAG `load_a` start?",
        "02:40",
    ),
    ("| Job | Waits for |\n|---|---|\n| `b` | task `publish` |\n", "What does the job `b` wait for?", "publish"),
    ("| Name | Repository |\n|---|---|\n| `kiln` | `yard/oven` |\n", "Which repository holds `kiln`?", "yard/oven"),
    (
        "| Stage | Time limit |\n|---|---|\n| `unit` | 15 min |\n",
        "What is the time limit of the stage `unit`?",
        "15 min",
    ),
    ("| Set | Kept |\n|---|---|\n| `raw` | 35 days |\n", "How long is the set `raw` kept?", "35 days"),
    (
        "| From | To | Identity |\n|---|---|---|\n| GitLab CI | Vault | role `ci-read` |\n",
        "Which identity does GitLab CI use when it signs in to Vault?",
        "ci-read",
    ),
    (
        "| Caller | Called | Lives |\n|---|---|---|\n| `till` | Jira | 90 days |\n",
        "How long does the credential live that `till` uses to reach Jira?",
        "90 days",
    ),
]


@pytest.mark.parametrize(("table", "question", "answer"), TABLES)
def test_a_row_is_asked_for_its_cells(table: str, question: str, answer: str) -> None:
    assert asked(f"# Page\n\n{table}")[question] == [answer]


ABOUT = 'About "Part" (Page):'
SENTENCES = [
    ("The DAG `night_load` starts at 02:15 UTC.", "When does the DAG `night_load` start?", "02:15"),
    ("`gate` gives up after 50 minutes.", "After how long does `gate` give up?", "50 minutes"),
    ("`kv/a` is written by `publisher`.", "Who or what writes `kv/a`?", "publisher"),
    ("`publish_b` waits for `load_a`, not for all of it.", "What does `publish_b` wait for?", "load_a"),
    (
        "`state_op` in `nightly` is the only writer of `gs://b/`.",
        "Who or what is the only writer of `gs://b/`?",
        "state_op",
    ),
    ("The token lasts 8 hours.", f"{ABOUT} how long does the token last?", "8 hours"),
    (
        "Airflow signs in with the role `af-prod`. We run Airflow.",
        f"{ABOUT} which identity does Airflow use to sign in?",
        "af-prod",
    ),
    ("Retention 7 days.", f"{ABOUT} what is the retention?", "7 days"),
    ("Stages: `lint` \u2192 `test` \u2192 `ship`.", f"{ABOUT} in which order do the stages run?", "lint > test > ship"),
    ("Swap back with `keys swap <user>`.", f"{ABOUT} which command do you use to swap back?", "keys swap <user>"),
    (
        "To reset the cursor: `ops sensor reset gate`",
        f"{ABOUT} which command do you use to reset the cursor?",
        "ops sensor reset gate",
    ),
]

CLAUSES = [
    ("Back then, `ship` fails with `no such lease`.", "With which message does `ship` fail?", "no such lease"),
    (
        "`gate` 3.1 and later rejects old files with `bad form`.",
        "With which message does `gate` reject old files?",
        "bad form",
    ),
    ("The door opens, and `night` sends the metric `a.beat`.", "Which metric does `night` send?", "a.beat"),
    ("An odd grade, for example `X`, is filed as `low`.", f"{ABOUT} as what is an odd grade filed?", "low"),
    (
        "No wait, but a `CR` ticket must be filed within 2 days.",
        "Within what time must a `CR` ticket be filed?",
        "2 days",
    ),
    ("The manifest must be schema `v12`.", f"{ABOUT} which schema must the manifest have?", "v12"),
    ("A body above 64 KB is refused.", f"{ABOUT} above which size is a body refused?", "64 KB"),
    ("`exp`, with 15 seconds of leeway", "How much leeway is allowed for `exp`?", "15 seconds"),
    (
        "Nothing moves, otherwise the pipeline ends at once with `not seen`.",
        f"{ABOUT} with which message does the pipeline end?",
        "not seen",
    ),
    ("`bq_night`: 8 ops. `files`: 20.", f"{ABOUT} which number of ops is given for `bq_night`?", "8"),
    ("You can go back at most three versions.", f"{ABOUT} how many versions are allowed at most?", "3"),
    ("How often: every 90 days, or at once after a leak", f"{ABOUT} how often is it done?", "90 days"),
    (
        "and looks every 90 seconds, for at most 55 minutes.",
        f"{ABOUT} for how long at most does it look?",
        "55 minutes",
    ),
    ("Send only issues with the tag `loud=yes`.", f"{ABOUT} which tag do issues need?", "loud=yes"),
    ("Get two approvals: one from the group `elders`.", f"{ABOUT} from which group must an approval come?", "elders"),
    ("It passes while the ticket is in the state Approved.", f"{ABOUT} in which state must the ticket be?", "Approved"),
    (
        "Clear the failed task only after 15 minutes.",
        f"{ABOUT} after how long at the earliest may you clear the failed task?",
        "15 minutes",
    ),
    (
        "Pause the connector, `ops pause stock-sync`.",
        f"{ABOUT} which command do you use to pause the connector?",
        "ops pause stock-sync",
    ),
]


@pytest.mark.parametrize(("sentence", "question", "answer"), [*SENTENCES, *CLAUSES])
def test_a_sentence_is_asked_for_what_it_states(sentence: str, question: str, answer: str) -> None:
    assert asked(f"# Page\n\n## Part\n\n{sentence}\n")[question] == [answer]


def test_a_command_of_one_line_is_asked_for_by_the_text_above_it() -> None:
    found = asked("# Page\n\nTo reset the cursor:\n\n```sh\nops sensor reset gate\n```\n")
    assert found == {'About "Page": which command do you use to reset the cursor?': ["ops sensor reset gate"]}


@pytest.mark.parametrize(
    "text",
    [
        "It starts at 02:15 UTC.",
        "Dishwasher starts at 15:00.",
        "This lasts 20 minutes.",
        "`load` usually starts late.",
        "An expired one gives `401`.",
        "We pay up to 80 euros.",
        "All at once, `authentication required`.",
        "A tag or `load` fails with `no lease`.",
        "Every job has these tags, `make test` checks them.",
        "`load` starts at 02:15 or 03:15, whatever comes first in the queue of the scheduler.",
        "| From | To | Lives |\n|---|---|---|\n| services | AWS | 1 h |\n",
        "| dev | stage | prod |\n|---|---|---|\n| `a` | `b` | `c` |\n",
        "| Job | Start |\n|---|---|\n| `a`, `b` | 02:40 |\n",
        "| Job | Lifetime |\n|---|---|\n| `a` | token 1 hour, app key 365 days |\n",
        "| Job | Owner |\n|---|---|\n| `a` | nobody |\n",
        "| Job | Stage |\n|---|---|\n| `contract-check` | contract |\n",
        "| Result | Start |\n|---|---|\n| `nights` | 71 % |\n",
        "## The old way\n\n`load` starts at 02:15.",
    ],
)
def test_no_question_is_better_than_a_clumsy_one(text: str) -> None:
    assert asked(f"# Page\n\n{text}\n") == {}


def test_a_question_that_two_pages_answer_in_two_ways_is_not_asked() -> None:
    one, other = ("# A\n\n`load` starts at 02:15.\n", "# B\n\n`load` starts at 03:15.\n")
    assert asked(one, other) == {}
    assert asked(one, one.replace("# A", "# C")) == {"When does `load` start?": ["02:15"]}


def test_disputed_passages_and_general_commands_are_left_out() -> None:
    text = "# A\n\n`load` starts at 02:15. Format it with `terraform fmt`.\n"
    assert len(tasks_in(text)) == 1
    assert tasks_in(text, disputed={"p0.md": [(0, len(text))]}) == ()
    command = "# A\n\nReset the cursor with `ops sensor reset`.\n"
    assert len(tasks_in(command)) == 1
    assert tasks_in(command, is_own=lambda _: False) == ()


def test_a_task_cites_the_words_it_was_made_of() -> None:
    (task,) = tasks_in("# A\n\nHello.\n\n## B\n\n`load` starts at 02:15.\n")
    assert task.citation == TaskCitation(
        source="p0.md", lines=(7, 7), heading_path=("A", "B"), quote="`load` starts at 02:15."
    )
    assert task.id == task_id(task)


# -- the sample corpora ------------------------------------------------------------------------------------------------


def corpus_tasks(name: str) -> tuple[Task, ...]:
    folder = ROOT / "corpora" / name
    files = sorted(folder.rglob("*.md"))
    pages = [
        parse_page(SourceFile(source=path.relative_to(folder).as_posix(), text=path.read_text(), sha256="0" * 64))[0]
        for path in files
    ]
    return tasks_of(pages, source_of=lambda *_: "reference", is_own=lambda _: True, disputed={})


@pytest.mark.parametrize("corpus", CORPORA)
def test_every_question_of_a_sample_corpus_is_well_formed_and_tells_nothing(corpus: str) -> None:
    tasks = corpus_tasks(corpus)
    assert len(tasks) > 50
    assert len({task.question for task in tasks}) == len(tasks)
    for task in tasks:
        assert re.fullmatch(r'(?:About ".+?: [a-z]|[A-Z]).*[^ ]\?', task.question), task.question
        assert "  " not in task.question
        assert not is_told(task.question, task.expected)
        assert task.citation is not None


@pytest.mark.parametrize("corpus", CORPORA)
def test_a_plain_right_answer_passes_and_that_of_another_task_fails(corpus: str) -> None:
    tasks = corpus_tasks(corpus)
    for task, other in itertools.pairwise(tasks):
        right = " and ".join(one.value for one in task.expected)
        assert grade(task, TaskAnswer(task=task.id, text=f"It is {right}.")).passed, task
        if {one.value for one in other.expected}.isdisjoint(one.value for one in task.expected):
            wrong = " and ".join(one.value for one in other.expected)
            assert not grade(task, TaskAnswer(task=task.id, text=f"It is {wrong}.")).passed or right in wrong, task


# -- choice ------------------------------------------------------------------------------------------------------------


def made(number: int, source: TaskSource) -> Task:
    expected = (Expected(value=f"v{number}", form="code"),)
    citation = TaskCitation(source=f"p{number % 5}.md", lines=(number + 1, number + 1), heading_path=(), quote="q")
    task = Task(id="", kind="value", source=source, question=f"Which {number}?", expected=expected, citation=citation)
    return Task(
        id=task_id(task), kind="value", source=source, question=task.question, expected=expected, citation=citation
    )


SOURCES: tuple[TaskSource, ...] = ("body", "reference", "uncited-page", "uncited-passage")


@given(st.tuples(*[st.integers(0, 40)] * 4), st.integers(1, 60))
def test_a_third_is_not_of_the_body_and_what_the_skill_lacks_stays_the_smaller_part(
    counts: tuple[int, ...], most: int
) -> None:
    tasks = [made(n + 100 * i, source) for i, source in enumerate(SOURCES) for n in range(counts[i])]
    chosen = choose_tasks(tasks, most=most)
    held = [task.source for task in chosen]
    inside = held.count("body") + held.count("reference")
    assert len(held) <= most
    assert held.count("body") <= len(held) * (1 - MIN_NOT_BODY) + 1e-9
    if inside:
        assert len(held) - inside <= len(held) * MOST_UNCITED + 1e-9
    if counts[1] >= most:
        assert len(held) == most


def test_tasks_of_the_file_are_chosen_before_new_ones() -> None:
    tasks = [made(n, "reference") for n in range(30)]
    first = choose_tasks(tasks[:20], most=10)
    again = choose_tasks(tasks, most=10, held={task.id for task in first})
    assert {task.id for task in again} == {task.id for task in first}


# -- leakage -----------------------------------------------------------------------------------------------------------


def test_names_are_no_wording_and_a_run_is_counted_in_content_words() -> None:
    task = made(1, "body")
    question = 'About "Long heading of many words" (Some Page): how does `x` reset the stuck export cursor?'
    task = Task(id=task.id, kind="value", source="body", question=question, expected=task.expected)
    (leak,) = leaks_of([task], "Reset the stuck export cursor by hand. Long heading of many words.")
    assert leak.run == 4
    assert leak.share > 0.5
    assert not leak.told


def test_a_question_that_states_its_answer_is_told() -> None:
    assert is_told("Is it 20 min?", [Expected(value="20 minutes", form="quantity")])
    assert is_told("What is `dbz-rx`?", [Expected(value="dbz_rx", form="code")])
    assert is_told("Does Runway own it?", [Expected(value="Runway", form="text")])
    assert not is_told("Who owns it?", [Expected(value="Runway", form="text")])


@given(st.lists(st.sampled_from("abcd"), max_size=12), st.lists(st.sampled_from("abcd"), max_size=12))
def test_the_longest_run_is_that_of_all_runs(one: list[str], other: list[str]) -> None:
    def holds(run: Sequence[str]) -> bool:
        return any(other[at : at + len(run)] == list(run) for at in range(len(other) + 1))

    best = max((n for n in range(len(one) + 1) for at in range(len(one) - n + 1) if holds(one[at : at + n])), default=0)
    assert longest_run(one, other) == best


def test_a_question_that_repeats_its_page_is_not_asked() -> None:
    page = "# A\n\nTo reset broken customer export cursor state before night: `ops sensor reset`\n"
    assert tasks_in(page) == ()
    assert len(wording("reset broken customer export cursor state")) > MAX_RUN


# -- the file ----------------------------------------------------------------------------------------------------------

TEXT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=60).filter(str.strip)


@given(TEXT, TEXT, st.lists(TEXT, max_size=3))
def test_a_task_is_read_back_as_it_was_written(question: str, value: str, accept: list[str]) -> None:
    expected = (Expected(value=value, form="text", accept=tuple(accept)),)
    citation = TaskCitation(source=value, lines=(1, 2), heading_path=(question,), quote=value)
    task = Task(id="", kind="value", source="body", question=question, expected=expected, citation=citation)
    task = Task(id=task_id(task), kind="value", source="body", question=question, expected=expected, citation=citation)
    held = TaskSet(skill="on-call", tasks=(task,))
    assert tasks_from_yaml(tasks_yaml(held), name="x") == held


def test_what_a_person_changed_added_or_dropped_survives_and_the_rest_is_made_anew() -> None:
    first, second, third = (made(n, "body") for n in range(3))
    text = tasks_yaml(TaskSet(skill="s", tasks=(first, second, third)))
    text = text.replace("Which 0?", "Which one, please?")
    text = text.replace('question: "Which 1?"', 'question: "Which 1?"\n    dropped: true')
    text += '\n  my-own:\n    question: "How long is a plan valid?"\n    expected: ["12 hours", "kv/ci/plan"]\n'
    held = tasks_from_yaml(text, name="x")
    merged = merge_tasks(held, [first, second])
    assert {task.id: (task.edited, task.dropped) for task in merged.tasks} == {
        first.id: (True, False),
        second.id: (False, True),
        "my-own": (True, False),
    }
    own = next(task for task in merged.tasks if task.id == "my-own")
    assert [one.form for one in own.expected] == ["quantity", "code"]
    assert [task.id for task in merged.live] == [first.id, "my-own"]
    assert tasks_from_yaml(tasks_yaml(merged), name="x") == merged


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "empty"),
        ("- a", "no fields"),
        ("format: x\nskill: s\n", "format"),
        ("format: skillgen.tasks/1\nskill: s\nother: 1\n", "other"),
        ("format: skillgen.tasks/1\nskill: s\ntasks:\n  a: 1\n", "line 4"),
        ("format: skillgen.tasks/1\nskill: s\ntasks:\n  a:\n    question: q\n", "line"),
        ("format: skillgen.tasks/1\nskill: s\ntasks:\n  a:\n    question: q\n    expected: [x]\n    what: 1\n", "what"),
        ("format: skillgen.tasks/1\nskill: s\ntasks:\n  a: {}\n  a: {}\n", "twice"),
        ("format: skillgen.tasks/1\nskill: s\n<<<<<<< ours\n", "merged"),
        ("format: [\n", "YAML"),
        ("format: &a x\nskill: *a\n", "alias"),
    ],
)
def test_a_wrong_file_is_refused_with_what_is_wrong(text: str, what: str) -> None:
    with pytest.raises(UserError, match=what):
        tasks_from_yaml(text, name="tasks.yaml")


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(UserError):
        tasks_from_yaml(f"format: skillgen.tasks/1\nskill: s\ntasks:\n{text}", name="x")


# -- the command -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built_in(
        tmp_path_factory.mktemp("built"),
        {**PAGES, "fun/bread.md": "# Bread\n\nThe oven `loaf-oven` starts at 04:30.\n"},
    )


@pytest.fixture
def here(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return own_copy(built, tmp_path / "docs", monkeypatch)


def test_tasks_are_written_once_and_kept(here: Path) -> None:
    ended = run("eval", "skills/releases", "--write-tasks", "--json")
    assert ended.code == 0
    path = here / "skillgen-evals/releases.yaml"
    first = path.read_bytes()
    assert ended.json["added"]
    again = run("eval", "skills/releases", "--write-tasks", "--json")
    assert (again.json["added"], again.json["removed"], path.read_bytes()) == ([], [], first)
    report = run("eval", "skills/releases", "--json").json
    assert len(report["leaks"]) == len(report["tasks"]["tasks"]) > 0
    assert not any(leak["told"] for leak in report["leaks"])


def test_a_task_knows_how_far_the_skill_holds_its_fact(here: Path) -> None:
    run("eval", "skills/releases", "--write-tasks")
    held = tasks_from_yaml((here / "skillgen-evals/releases.yaml").read_text(encoding="utf-8"), name="x")
    sources = {task.citation.source: task.source for task in held.tasks if task.citation}
    assert set(sources.values()) & {"body", "reference"}


def test_without_tasks_or_workspace_the_next_command_is_named(here: Path) -> None:
    missing = run("eval", "skills/releases", "--export", "inspect", "--out", "x")
    assert missing.code == 2
    assert "--write-tasks" in missing.err
    shutil.copy(here / ".skillgen/drafts/releases.json", here / "draft.json")
    gone = run("eval", "skills/releases", "--write-tasks", "--workspace", "nowhere")
    assert gone.code == 2
    assert "Next:" in gone.err


def test_an_evals_file_is_read_and_its_tasks_are_kept(here: Path) -> None:
    said = ["The answer states Ann.", "It is kind."]
    row = {"id": 7, "prompt": "Who?", "expected_output": "Ann", "files": [], "expectations": said}
    (here / "evals.json").write_text(json.dumps({"skill_name": "releases", "evals": [row]}), encoding="utf-8")
    assert run("eval", "skills/releases", "--from-evals", "evals.json").code == 0
    held = tasks_from_yaml((here / "skillgen-evals/releases.yaml").read_text(encoding="utf-8"), name="x")
    own = next(task for task in held.tasks if task.id == "eval-7")
    assert [(one.form, one.value) for one in own.expected] == [("text", "Ann"), ("judged", "It is kind.")]
    assert own.edited
