"""Writing: what a chat model writes from passages, verified by rules and judge, as claims of the draft."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from skillgen.answer.relevance import judge_passages
from skillgen.answer.write import write_claims
from skillgen.model.answer import WritingTask, WrittenClaim
from skillgen.model.corpus import Page
from skillgen.model.draft import Claim, Dropped
from skillgen.pipeline.claims import ClaimMaker
from skillgen.pipeline.consult import Consultation
from skillgen.store import Store
from skillgen.support import judge_claims
from skillgen.verify import verify_claim


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """Lets a model write, and makes claims of what it writes."""

    consult: Consultation
    maker: ClaimMaker
    store: Store

    def write(
        self, tasks: Sequence[WritingTask], *, most: int | None = None
    ) -> tuple[dict[str, list[Claim]], tuple[Dropped, ...]]:
        """Return the claims that the model writes, by question, and what was left out; none where it may not write.

        Args:
            tasks: The questions with their passages.
            most: How many claims one request may bring, where that is less than fits.
        """
        consult = self.consult
        if not consult.asks("answer"):
            return {}, ()
        pages = self.pages({passage.chunk.source for task in tasks for passage in task.passages})
        if consult.asks("relevance"):
            relevant = judge_passages(consult.asker, tasks, pages, chars=consult.room.chars)
            consult.note(relevant.unanswered)
            tasks = relevant.tasks
        count = min(most or consult.room.claims, consult.room.claims)
        written = write_claims(consult.asker, tasks, pages, chars=consult.room.chars, most=count)
        consult.note(written.unanswered)
        claims, dropped = self.verified(written.claims, pages)
        found: dict[str, list[Claim]] = {}
        for one, claim in zip(written.claims, claims, strict=True):
            if claim is not None:
                found.setdefault(one.question_id, []).append(claim)
        return found, (*written.dropped, *dropped)

    def verified(
        self, written: Sequence[WrittenClaim], pages: Mapping[str, Page]
    ) -> tuple[list[Claim | None], list[Dropped]]:
        """Return each statement as a claim, None where its quotes do not carry it, and the record of those."""
        consult = self.consult
        verdicts = [verify_claim(one.text, one.citations, pages) for one in written]
        if consult.asks("support"):
            settled = judge_claims(
                consult.asker, written, verdicts, pages, chars=consult.room.chars, most=consult.room.judgements
            )
            consult.note(settled.unanswered)
            verdicts = list(settled.verdicts)
        claims = self.maker.make(written, verdicts)
        dropped = [_dropped(claim) for claim in claims if claim.verdict.support == "unsupported"]
        return [None if claim.verdict.support == "unsupported" else claim for claim in claims], dropped

    def pages(self, sources: Collection[str]) -> dict[str, Page]:
        """Return pages by source."""
        return {page.source: page for page in self.store.pages(sources)} if sources else {}


def _dropped(claim: Claim) -> Dropped:
    cited = claim.citations[0]
    reason = f"{claim.verdict.reason} The claim was: {claim.text}"
    return Dropped(source=cited.source, start=cited.start, end=cited.end, reason=reason)
