"""New decisions and answers from what a person typed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime

from skillgen.errors import UserError
from skillgen.model.decision import KEPT, Decision, Evidence, Kind, OwnerAnswer
from skillgen.model.draft import Citation, Claim, Verdict
from skillgen.quotes import MAX_CLAIM_WORDS

# Enough to recognise a quote, and short enough to stand in one line of the file.
_FIRST_WORDS = 8
_FIRST_CHARS = 80
_SURROGATE = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f]")


def decision_about(  # noqa: PLR0913 - each is a field of the form
    claim: Claim,
    kind: Kind,
    *,
    by: str,
    at: str | None = None,
    edited: str = "",
    reason: str = "",
    owner: str = "",
    question: str = "",
    judged: str | None = None,
) -> Decision:
    """Return a decision about the claim as it stands.

    Args:
        claim: The claim as the draft holds it.
        kind: What was decided.
        by: Who decided.
        at: When, as `now_utc` gives it; now where it is left out.
        edited: The new text, of an `edited` claim only.
        reason: Why; a `rejected` claim must have one.
        owner: Who is asked, of an `asked` claim only.
        question: What is asked, of an `asked` claim only.
        judged: The judge of the claim's words in the pages, where the claim has the verdict of an edited text.

    Raises:
        UserError: a name, reason, text or question is missing or too long.
    """
    stays = kind in KEPT
    decision = Decision(
        claim=claim.id,
        decision=kind,
        text=plain(claim.text),  # as it is, because the claim's id is made of it
        evidence=evidence_of(claim.citations),
        by=one_line(by),
        at=at or now_utc(),
        edited=one_line(edited) if kind == "edited" else "",
        reason=plain(reason),
        owner=one_line(owner) if kind == "asked" else "",
        question=plain(question) if kind == "asked" else "",
        facets=claim.facets if stays else (),
        judged=(_judge_of(claim.verdict) if judged is None else judged) if stays else "",
    )
    _require_complete(decision)
    return decision


def _judge_of(verdict: Verdict) -> str:
    """Return the judge that made a paraphrase supported, or nothing where rules alone did, or none did."""
    return verdict.checker.partition(" + ")[2] if verdict.support == "supported" else ""


def missing_in(decision: Decision) -> str:
    """Return what a decision of its kind must have and this one has not, or nothing."""
    wanted = {
        "a name (by)": decision.by,
        "a reason": decision.reason or decision.decision != "rejected",
        "a new text (edited)": decision.edited or decision.decision != "edited",
        "a question": decision.question or decision.decision != "asked",
    }
    return next((what for what, there in wanted.items() if not there), "")


def _require_complete(decision: Decision) -> None:
    if missing := missing_in(decision):
        raise UserError(f"The decision on {decision.claim} ({decision.decision}) needs {missing}.")
    count = len(decision.edited.split())
    if count > MAX_CLAIM_WORDS:
        raise UserError(
            f"The edited text of {decision.claim} has {count} words; a claim has at most {MAX_CLAIM_WORDS}.",
            hint="Shorten it to one statement.",
        )


def make_answer(*, facet: str, question: str, text: str, by: str, on: str | None = None) -> OwnerAnswer:
    """Return an owner's answer; `on` is a day as YYYY-MM-DD, today (UTC) where it is left out.

    Raises:
        UserError: the text or the name is missing, or the day is none.
    """
    answer = OwnerAnswer(
        facet=one_line(facet), question=one_line(question), text=plain(text), by=one_line(by), on=on or now_utc()[:10]
    )
    for what, there in (("a text", answer.text), ("a name (by)", answer.by), ("a question", answer.question)):
        if not there:
            raise UserError(f"The answer to {answer.facet or 'a gap'} needs {what}.")
    try:
        date.fromisoformat(answer.on)
    except ValueError as error:
        raise UserError(f"{answer.on!r} is no day; write it as YYYY-MM-DD.") from error
    return answer


def evidence_of(citations: Sequence[Citation]) -> tuple[Evidence, ...]:
    """Return what the citations rest on, in their order."""
    return tuple(
        Evidence(source=c.source, begins=_beginning(c.quote), quote_sha256=quote_sha256(c.quote)) for c in citations
    )


def quote_sha256(quote: str) -> str:
    """Return the SHA-256 of a quote as 64 hexadecimal digits."""
    return hashlib.sha256(quote.encode("utf-8", "surrogatepass")).hexdigest()


def now_utc() -> str:
    """Return the time now as YYYY-MM-DDTHH:MM:SSZ."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def one_line(text: str) -> str:
    """Return the text in one line, its white space as single spaces, without characters that cannot be shown."""
    return " ".join(_CONTROL.sub(" ", _SURROGATE.sub("\ufffd", text)).split())


def plain(text: str) -> str:
    r"""Return the text with its line ends as \n, no space around it, and no character that cannot be shown."""
    unified = text.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROL.sub(" ", _SURROGATE.sub("\ufffd", unified)).strip()


def _beginning(quote: str) -> str:
    return " ".join(one_line(quote).split()[:_FIRST_WORDS])[:_FIRST_CHARS]
