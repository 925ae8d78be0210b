"""Grading by rules: what counts as stating a value, and what does not."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillgen.evaluate.grade import grade
from skillgen.evaluate.values import values_in
from skillgen.model.evaluation import Expected, ExpectedForm, Task, TaskAnswer


def task(*expected: Expected) -> Task:
    return Task(id="tsk-00000000", kind="value", source="own", question="What?", expected=expected)


def passes(value: str, form: ExpectedForm, answer: str, accept: tuple[str, ...] = ()) -> bool:
    one = Expected(value=value, form=form, accept=accept)
    return grade(task(one), TaskAnswer(task="tsk-00000000", text=answer)).passed


SAME = [
    ("20 minutes", "quantity", "It lives for 20 minutes."),
    ("20 minutes", "quantity", "20 min"),
    ("20 minutes", "quantity", "20m"),
    ("20 minutes", "quantity", "Twenty minutes."),
    ("20 minutes", "quantity", "1200 seconds"),
    ("20 minutes", "quantity", "A 20-minute token."),
    ("20 minutes", "quantity", "**20 minutes**"),
    ("20 minutes", "quantity", "No later than 20 minutes after that."),
    ("20 minutes", "quantity", "The token lives 20 minutes, the session 60 minutes."),
    ("1 hour", "quantity", "60 minutes"),
    ("90 minutes", "quantity", "1.5 hours"),
    ("90 days", "quantity", "Every ninety days."),
    ("13 months", "quantity", "13 months"),
    ("50 MB", "quantity", "The limit is 50 MB."),
    ("02:40", "time", "At 02:40 UTC."),
    ("02:40", "time", "2:40 am"),
    ("14:00", "time", "2 pm"),
    ("02:40", "time", "It was moved from 03:15 to 02:40."),
    ("kv/ci/argocd", "code", "In `kv/ci/argocd`."),
    ("_DONE", "code", "For the _DONE marker."),
    ("publish_state", "code", "It is publish_state."),
    ("ci-sync", "code", "It does not use `ci-read`, it uses `ci-sync`."),
    ("ci-sync", "code", "It uses `ci-sync`, not `ci-read`."),
    ("ci-sync", "code", "Not only `ci-sync` but every job signs in again."),
    ("security engineer", "text", "The Security Engineers do."),
    ("platform team", "text", "the platform team's"),
    ("ops backfill --resume <id>", "command", "Run `ops backfill --resume 17`."),
    ("keys swap --user <user>", "command", "$ keys swap --user svc-x"),
    ("ops connect restart orders --tasks", "command", "ops connect restart billing --tasks"),
    ("lint > slim > publish", "order", "1. lint\n2. slim\n3. publish"),
    ("lint > slim > publish", "order", "First lint, then slim, and publish at the end."),
]

OTHER = [
    ("20 minutes", "quantity", ""),
    ("20 minutes", "quantity", "I don't know."),
    ("20 minutes", "quantity", "It lives for 120 minutes."),
    ("20 minutes", "quantity", "It lives for 2 minutes."),
    ("20 minutes", "quantity", "20 hours"),
    ("20 minutes", "quantity", "20"),
    ("5 min", "quantity", "2.5 min"),
    ("5 min", "quantity", "15 min"),
    ("20 minutes", "quantity", "It is not 20 minutes."),
    ("20 minutes", "quantity", "It isn't 20 minutes but 30 minutes."),
    ("20 minutes", "quantity", "It doesn\u2019t last 20 minutes."),
    ("20 minutes", "quantity", "20 minutes is wrong."),
    ("20 minutes", "quantity", "It used to be 20 minutes."),
    ("20 minutes", "quantity", "Is it 20 minutes?"),
    ("20 minutes", "quantity", "Either 20 minutes or 30 minutes."),
    ("20 minutes", "quantity", "20 or 30 minutes"),
    ("30 minutes", "quantity", "20 or 30 minutes"),
    ("5 min", "quantity", "5 to 10 min"),
    ("10 min", "quantity", "5 to 10 min"),
    ("5 min", "quantity", "Between 5 min and 10 min."),
    ("20 minutes", "quantity", "It lives 20 minutes. Actually, it is 30 minutes."),
    ("90 days", "quantity", "3 months"),
    ("02:40", "time", "12:40"),
    ("02:40", "time", "02:45"),
    ("02:40", "time", "2:40 pm"),
    ("03:15", "time", "It was moved from 03:15 to 02:40."),
    ("02:40", "time", "At 02:40 or 03:15."),
    ("kv/ci/argocd", "code", "`kv/ci/argocd-2`"),
    ("kv/ci/argocd", "code", "`kv/ci/argocd/old`"),
    ("kv/ci/argocd", "code", "`xkv/ci/argocd`"),
    ("kv/ci/argocd", "code", "`kv/ci/ArgoCD`"),
    ("ci-sync", "code", "It uses `ci-sync` or `ci-read`."),
    ("ci-sync", "code", "Do not use `ci-sync`."),
    ("ci-sync", "code", "Use `ci-read` instead of `ci-sync`."),
    ("ci-sync", "code", "`ci-sync` is no longer used."),
    ("Ingest", "text", "The owner is Ingestion."),
    ("Ingest", "text", "Ingest or Runway."),
    ("Runway", "text", "Not Runway; Ingest."),
    ("ops backfill --resume <id>", "command", "Run `ops backfill`."),
    ("ops connect restart orders --tasks", "command", "ops connect pause orders --tasks"),
    ("ops connect restart orders", "command", "Never run `ops connect restart orders`."),
    ("lint > slim > publish", "order", "slim, lint, publish"),
    ("lint > slim > publish", "order", "lint, slim"),
    ("The plan is sound.", "judged", "The plan is sound."),
]


@pytest.mark.parametrize(("value", "form", "answer"), SAME)
def test_an_answer_that_states_the_value_in_any_spelling_passes(value: str, form: ExpectedForm, answer: str) -> None:
    assert passes(value, form, answer)


@pytest.mark.parametrize(("value", "form", "answer"), OTHER)
def test_an_answer_that_states_another_value_or_none_fails(value: str, form: ExpectedForm, answer: str) -> None:
    assert not passes(value, form, answer)


def test_any_accepted_form_will_do() -> None:
    assert passes("the platform team", "text", "Ask Quay.", accept=("Quay",))


def test_a_task_passes_only_with_all_its_values_and_a_range_may_join_them() -> None:
    both = task(Expected(value="05:30", form="time"), Expected(value="09:30", form="time"))
    assert grade(both, TaskAnswer(task=both.id, text="From 05:30 to 09:30.")).passed
    half = grade(both, TaskAnswer(task=both.id, text="From 05:30 on."))
    assert [one.passed for one in half.expectations] == [True, False]
    assert not half.passed


def test_the_evidence_names_the_words_that_decided() -> None:
    expected = Expected(value="20 minutes", form="quantity")
    good = grade(task(expected), TaskAnswer(task="t", text="Hello. It is 20 min."))
    bad = grade(task(expected), TaskAnswer(task="t", text="Hello. It is 30 min."))
    assert good.expectations[0].evidence == "It is 20 min."
    assert bad.expectations[0].evidence == "The answer states another value: It is 30 min."


def test_an_empty_task_never_passes() -> None:
    assert not grade(task(), TaskAnswer(task="t", text="Anything.")).passed


@given(st.integers(1, 5000), st.sampled_from(["seconds", "minutes", "hours", "days", "MB"]))
def test_a_number_is_never_taken_for_another(number: int, unit: str) -> None:
    assert passes(f"{number} {unit}", "quantity", f"It is {number} {unit}.")
    assert not passes(f"{number} {unit}", "quantity", f"It is {number + 1} {unit}.")
    assert not passes(f"{number} {unit}", "quantity", f"It is {number}7 {unit}.")


@given(st.integers(0, 23), st.integers(0, 59))
def test_a_time_is_equal_to_itself_on_both_clocks(hour: int, minute: int) -> None:
    half = "am" if hour < 12 else "pm"
    assert passes(f"{hour:02}:{minute:02}", "time", f"At {hour % 12 or 12}:{minute:02} {half}.")
    assert not passes(f"{hour:02}:{minute:02}", "time", f"At {(hour + 1) % 24:02}:{minute:02}.")


@given(st.text(max_size=200))
def test_any_answer_gets_a_grade(answer: str) -> None:
    for form in ("quantity", "time", "code", "text", "command", "order"):
        value = {"quantity": "5 min", "time": "05:00", "order": "a1 > b1"}.get(form, "ab cd")
        assert passes(value, form, answer) in (True, False)


@given(st.text(max_size=120))
def test_values_stand_where_they_say_and_do_not_overlap(text: str) -> None:
    found = values_in(text)
    assert all(0 <= one.start < one.end <= len(text) for one in found)
    assert all(first.end <= second.start for first, second in itertools.pairwise(found))
