"""Verdicts: a claim may say no more, and nothing else, than its quotes."""

from __future__ import annotations

import dataclasses

import pytest

from skillgen.errors import EvidenceError
from skillgen.extract import extract_candidates
from skillgen.model.corpus import Page, SourceFile
from skillgen.model.draft import Citation, Verdict
from skillgen.parse import parse_markdown
from skillgen.verify import verify_claim


def _cited(body: str) -> tuple[Page, tuple[Citation, ...]]:
    page = parse_markdown(SourceFile(source="a.md", text=f"# Night run\n\n## Worker\n\n{body}\n", sha256="0"))[0]
    return page, tuple(c for candidate in extract_candidates(page) for c in candidate.citations)


def _judged(body: str, claim: str) -> Verdict:
    page, citations = _cited(body)
    return verify_claim(claim, citations, {"a.md": page})


@pytest.mark.parametrize(
    "claim",
    [
        "The worker must not read `queue/prod.yaml` for more than 30 minutes.",
        "Night run > Worker: The worker must not read `queue/prod.yaml` for more than 30 minutes.",
        "worker: the worker must not read queue/prod.yaml for more than 30 minutes",
    ],
)
def test_whole_sentences_are_supported(claim: str) -> None:
    body = "The worker must not read `queue/prod.yaml` for more than 30 minutes. It logs to the store."
    assert _judged(body, claim).support == "supported"


@pytest.mark.parametrize(
    ("body", "claim", "support"),
    [
        # a number, a unit, a sign or a part of a number
        (
            "The worker stops after 130 seconds of silence.",
            "The worker stops after 30 seconds of silence.",
            "unsupported",
        ),
        (
            "The worker stops after 30 seconds of silence.",
            "The worker stops after 40 seconds of silence.",
            "unsupported",
        ),
        ("It polls every 5 minutes for 30 seconds.", "It polls every 30 minutes for 5 seconds.", "unsupported"),
        ("Version 1.5 of the worker reads it.", "Version 5 of the worker reads it.", "unsupported"),
        ("The night ends at 02:15 every day.", "The night ends at 15 every day.", "unsupported"),
        ("The share is 5% of all the rows.", "The share is 5 of all the rows.", "unsupported"),
        ("Set `retries=-1` for the worker.", "Set `retries=1` for the worker.", "unsupported"),
        # a negation or a strict word
        ("The worker must not read the queue.", "The worker must read the queue.", "unsupported"),
        ("The worker reads the whole queue.", "The worker does not read the whole queue.", "unsupported"),
        ("The worker doesn't read the queue.", "The worker does not read the queue.", "partial"),
        ("You may restart the worker at night.", "You must restart the worker at night.", "unsupported"),
        ("Admins restart the worker at night.", "Only admins restart the worker at night.", "unsupported"),
        ("The worker does not page anybody.", "The worker never pages anybody.", "unsupported"),
        ("The worker must restart at night.", "The worker should restart at night.", "unsupported"),
        # a name, a path, an identifier
        ("The worker reads the whole queue.", "Bosun reads the whole queue.", "partial"),
        ("Copy config/stage.yaml to the host.", "Copy config/prod.yaml to the host.", "unsupported"),
        ("Copy config/prod.yaml to the host.", "Copy prod/config.yaml to the host.", "unsupported"),
        ("Copy a/one.txt to b/two.txt by hand.", "Copy b/two.txt to a/one.txt by hand.", "partial"),
        ("The worker sets read_only at once.", "The worker sets `read-only` at once.", "unsupported"),
        ("The table my_table_old is dropped.", "The table my_table is dropped.", "unsupported"),
        # a condition left out, words in another order, a paraphrase
        ("Restart the worker unless it is night.", "Restart the worker.", "partial"),
        ("The worker starts the queue.", "The queue starts the worker.", "partial"),
        ("The worker reads the queue every minute.", "Once a minute, the queue is read by the worker.", "partial"),
    ],
)
def test_a_changed_claim_is_never_supported(body: str, claim: str, support: str) -> None:
    assert _judged(body, body).support == "supported"
    assert _judged(body, claim).support == support


def test_a_sentence_that_limits_may_not_be_left_out() -> None:
    body = "Restart the worker by hand. Do not do so at night."
    assert _judged(body, body).support == "supported"
    assert _judged(body, "Restart the worker by hand.").support == "partial"
    assert _judged("Restart it by hand. It takes a while.", "Restart it by hand.").support == "supported"


def test_sentences_in_another_order_are_not_word_for_word() -> None:
    assert (
        _judged("First stop the worker. Then drain it.", "Then drain it. First stop the worker.").support == "partial"
    )


def test_a_row_is_supported_with_its_header_only() -> None:
    body = "| Role | May read |\n|---|---|\n| `reader` | the whole queue |"
    page, citations = _cited(body)
    claim = "Role: `reader`; May read: the whole queue"
    assert verify_claim(claim, citations, {"a.md": page}).support == "supported"
    assert verify_claim(claim, citations[1:], {"a.md": page}).support == "partial"


def test_without_a_citation_nothing_is_supported() -> None:
    assert verify_claim("Anything.", (), {}).support == "unsupported"


def test_a_verdict_names_its_reason() -> None:
    verdict = _judged("The worker stops after 30 seconds.", "The worker stops after 40 seconds.")
    assert "40" in verdict.reason
    assert verdict.checker.startswith("rules/")


@pytest.mark.parametrize(
    "change",
    [
        {"quote": "The worker reads the stack."},
        {"start": 0},
        {"source_sha256": "1"},
        {"source": "b.md"},
        {"heading_path": ("Night run", "Other")},
        {"quote": "", "start": 5, "end": 5},
    ],
)
def test_a_citation_that_is_not_what_the_page_says_is_a_fault(change: dict[str, object]) -> None:
    page, (citation, *_) = _cited("The worker reads the queue.")
    with pytest.raises(EvidenceError):
        verify_claim("x", (dataclasses.replace(citation, **change),), {"a.md": page})  # type: ignore[arg-type]
