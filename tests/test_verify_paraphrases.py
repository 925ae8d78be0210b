"""What the rules catch in paraphrases: names, modality, numbers in words, and a negation that is left out."""

from __future__ import annotations

import pytest
from answering import citation_of, page_of

from skillgen.catalogue import ToolFinder, load_catalogue
from skillgen.model.draft import Verdict
from skillgen.verify import verify_claim


def judged(body: str, claim: str, *, tools: bool = False) -> Verdict:
    page = page_of(f"# Night run\n\n## Worker\n\n{body}\n", "a.md")
    finder = ToolFinder(load_catalogue().tools) if tools else None
    return verify_claim(claim, (citation_of(page, body),), {"a.md": page}, tools=finder)


@pytest.mark.parametrize(
    ("body", "claim", "reason"),
    [
        # names
        ("The worker reads the whole queue.", "Every night, the Bosun worker reads the whole queue.", "Bosun"),
        ("Ask the platform team for a token.", "For a token, ask Harbour Operations.", "Harbour, Operations"),
        ("Jobs are started by the scheduler.", "The scheduler of `Worker` (Kappa) starts jobs.", "Kappa"),
        # modality
        (
            "You may restart the worker at night.",
            "At night, restarting the worker is mandatory and should be done.",
            "should",
        ),
        ("The owner must approve the change.", "The owner can approve the change.", "may"),
        ("The owner must approve the change.", "The owner should approve the change.", "should"),
        ("You should drain the queue first.", "You may drain the queue first.", "may"),
        # numbers in words
        ("The worker retries 3 times a night.", "A night, the worker retries four times.", "four"),
        ("The worker retries three times.", "The worker retries 4 times.", "4"),
        # a negation left out
        ("The worker must not read the queue.", "Reading the queue is a must for the worker.", "not"),
        ("Deploys don't need an approval of the owner.", "An approval of the owner is a need of deploys.", "n't"),
    ],
)
def test_a_paraphrase_that_changes_what_is_said_is_unsupported(body: str, claim: str, reason: str) -> None:
    verdict = judged(body, claim)
    assert verdict.support == "unsupported", verdict.reason
    assert reason in verdict.reason


@pytest.mark.parametrize(
    ("body", "claim"),
    [
        ("The worker reads the queue of Bosun.", "Each Bosun queue is read by the worker."),
        ("The worker reads the whole queue.", "By the worker, the Night run's whole queue is read."),
        ("The worker retries 3 times a night.", "A night, the worker retries three times."),
        ("The worker retries three times.", "There are 3 retries of the worker."),
        ("The owner must approve it, and may do so by mail.", "By mail, the owner may approve it."),
        ("The worker starts at two.", "At two, the worker can start."),
        ("The worker must not read the queue.", "Reading the queue is what the worker avoids."),
        ("The job does not start before the export.", "Until the export is there, no job starts."),
        ("It never pages anybody. The worker logs to the store.", "To the store goes the log of the worker."),
        (
            "The licence ends in May 2026.",
            "May 2026 is the end of the licence.",
        ),
    ],
)
def test_other_words_for_the_same_thing_stay_partial(body: str, claim: str) -> None:
    verdict = judged(body, claim)
    assert verdict.support == "partial", verdict.reason


def test_a_tool_that_is_written_small_is_a_name_too() -> None:
    body = "The scheduler starts the nightly job of Postgres."
    claim = "The nightly job of postgresql is started by airflow."
    assert judged(body, claim).support == "partial"
    verdict = judged(body, claim, tools=True)
    assert verdict.support == "unsupported"
    assert verdict.reason == "These names are in no quote: airflow."
