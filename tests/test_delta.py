"""The delta: what only one organisation can say scores over what anybody may say, and the signs are shown."""

from __future__ import annotations

import functools
import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from skillgen.background import Background, load_background
from skillgen.catalogue import load_catalogue
from skillgen.delta import BODY_DELTA, WEIGHTS, DeltaEstimator
from skillgen.embed import english_vocabulary
from skillgen.errors import SettingsError
from skillgen.model.delta import Delta, Signal

ROOT = Path(__file__).resolve().parent.parent
PROPERTY = settings(deadline=None, max_examples=100)


@functools.cache
def background() -> Background:
    return load_background(load_catalogue(), english_vocabulary())


@functools.cache
def estimator() -> DeltaEstimator:
    return DeltaEstimator(load_catalogue().tools, background())


def value(text: str) -> float:
    return estimator().estimate(text).value


# The estimate


@pytest.mark.parametrize(
    ("ours", "general"),
    [
        (
            "On a tag, `bump-ledger` opens a pull request against `envs/stage/<service>.yaml`.",
            "Argo CD compares the live state of an Application with the state in Git.",
        ),
        (
            "The token is kept in Vault at `kv/ci/deploy` and renewed at 04:00 UTC on the 1st.",
            "Kubernetes restarts a Pod when its Liveness Probe fails.",
        ),
        ("Ask in #night-watch before you call the freight desk.", "Ask a colleague before you change a pipeline."),
        ("We never release on a Friday.", "A release is best made early in the week."),
        ("The load `raw_orders` must be green by 02:15.", "Use `git pull` to get the latest state of a branch."),
        ("A `sev2` goes to Ledger-Primary after 10 minutes.", "CI/CD and TCP/IP are terms of the trade."),
        ("Sign in as `svc-bake-prod` and run `ovenctl swap --now`.", "Run `terraform apply` to make the change."),
        ("Only the night shift lead may restart the scales.", "A service can be restarted by an operator."),
        ("Airflow starts dbt at `02:40`, then Harvest are told.", "Airflow can start dbt."),
    ],
)
def test_what_only_this_organisation_says_is_estimated_higher(ours: str, general: str) -> None:
    assert value(ours) > value(general)


@pytest.mark.parametrize(
    "text",
    [
        "You should keep secrets out of your repository.",
        "It is good practice to test a backup.",
        "Prefer small changes to big ones. Measure before you optimise.",
        "Never commit a key.",
        "A queue is a list of messages that wait for a consumer.",
        "In general, a job can be retried by default.",
        "Run `terraform plan` before you apply a change.",
    ],
)
def test_general_advice_is_under_the_threshold_of_the_body(text: str) -> None:
    assert value(text) < BODY_DELTA


@pytest.mark.parametrize(
    "text",
    [
        "Nobody merges on the day on which the billing team closes the books.",
        "Job: `weigh_in`; Starts: 21:40; Owner: Harvest",
        "The role `quay-loader` gives 4 hours.",
        "The way over Skerry is closed until the lighthouse has answered.",
        "Post in ~dp-changes, then wait for the Night Warden.",
        "An exception needs ADR 0017.",
    ],
)
def test_what_an_organisation_says_stays_over_the_threshold(text: str) -> None:
    assert value(text) >= BODY_DELTA


@PROPERTY
@given(text=st.text(max_size=200))
@example("`")
@example("``")
def test_the_estimate_lies_between_nothing_and_all(text: str) -> None:
    delta = estimator().estimate(text)
    assert 0 <= delta.value <= 1
    assert all(signal.seen and signal.name in WEIGHTS for signal in delta.signals)


@PROPERTY
@given(text=st.sampled_from(["Run `bake-it`.", "Harvest call at 02:15.", "It is for Dunmore alone.", "We wait."]))
def test_what_is_said_twice_counts_once(text: str) -> None:
    assert value(f"{text} {text}") == value(text)


def test_every_sign_that_has_a_weight_is_looked_for() -> None:
    assert set(estimator().signs("")) == set(WEIGHTS)


def test_a_long_word_takes_no_time() -> None:
    begun = time.process_time()
    for piece in ("a.", "1.", "A ", "<", "{", "`", "a_", "Aa", "a: ", "-1", "@", "the ", "1", "n", "#"):
        estimator().estimate(piece * 20_000)
    assert time.process_time() - begun < 20


# The signs


@pytest.mark.parametrize(
    ("sign", "text", "seen"),
    [
        ("identifiers", "See `svc-bake` and ovens.live/till on mill-07.", ("svc-bake", "ovens.live/till", "mill-07")),
        ("identifiers", "Ask #night-watch or oven@bakery.example.", ("oven@bakery.example", "#night-watch")),
        ("identifiers", "Run `kubectl rollout undo deployment/web` or read `/etc/hosts`.", ()),
        ("identifiers", "Write it down in `#deploys`.", ("#deploys",)),
        ("identifiers", "It follows RFC 7519.", ()),
        ("names", "Ask Harvest of the Mill before GitHub or JSON.", ("Harvest of the Mill",)),
        ("rare", "The weighbridge doesn't answer kubectl.", ("weighbridge",)),
        ("times", "On Fridays at 21:40.", ("Fridays", "21:40")),
        ("values", "After 12 minutes or three attempts, the ones left.", ("12 minutes", "three attempts")),
        ("tools", "Airflow starts dbt.", ("Airflow and dbt",)),
        ("tools", "Airflow and Dagster are schedulers.", ()),
        ("commands", "Run `git pull`, then `null`.", ("git pull",)),
        ("code", "Run `git pull`, then `null`.", ("null",)),
        ("definite", "The lighthouse has the token.", ("The lighthouse",)),
        ("generality", "By default it is often so.", ("default", "often")),
    ],
)
def test_what_is_seen_of_a_sign(sign: str, text: str, seen: tuple[str, ...]) -> None:
    assert set(estimator().signs(text)[sign]) == set(seen)


def test_the_reason_names_the_strongest_signs_for_and_against() -> None:
    reason = estimator().estimate("Kestrel usually starts at 21:40 in `weigh_in`.").reason
    assert reason.startswith("identifiers: weigh_in; times: 21:40")
    assert "against, generality: usually" in reason


def test_a_statement_without_signs_says_so() -> None:
    assert Delta(value=0.3, signals=()).reason == "nothing of its own"


def test_the_reason_stays_short_and_on_one_line() -> None:
    seen = ("x" * 500, "a\nb", "c", "d")
    reason = Delta(value=1, signals=(Signal(name="names", seen=seen, adds=1.0),)).reason
    assert len(reason) < 150
    assert "\n" not in reason
    assert "d" not in reason


# The background


@pytest.mark.parametrize(
    "word", ["rollback", "webhooks", "Redeployed", "namespaces", "colleagues", "stopped", "idempotent", "approvers"]
)
def test_words_of_english_and_of_the_trade_are_known_in_every_form(word: str) -> None:
    assert background().knows(word)


@pytest.mark.parametrize("word", ["larkfield", "wheatear", "Dunmore", "ovenctl", "weighbridge"])
def test_an_organisations_own_words_are_not(word: str) -> None:
    assert not background().knows(word)


def test_a_broken_list_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "catalogue").mkdir()
    monkeypatch.setattr("skillgen.background.data_dir", lambda _: tmp_path)
    path = tmp_path / "catalogue" / "common.yaml"
    for text in ("words: [a]", "[a", "words: a\ncommands: []\nfolders: []\nhosts: []\n"):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(SettingsError, match=r"common\.yaml"):
            load_background(load_catalogue(), [])


# The evals


def test_the_floors_of_the_delta_hold() -> None:
    command = [sys.executable, str(ROOT / "evals" / "delta" / "run.py")]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300, cwd=ROOT)
    assert result.returncode == 0, result.stderr


def test_the_floors_are_no_lower_than_what_was_asked_for() -> None:
    floors = json.loads((ROOT / "evals" / "delta" / "floors.json").read_text(encoding="utf-8"))["floors"]
    assert floors["held-out/in_order"] >= 0.9
    assert floors["held-out/auc"] >= 0.9
    assert floors["held-out/general_kept_out"] >= 0.6
    assert floors["held-out/own_let_in"] >= 0.9
