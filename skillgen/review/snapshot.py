"""Draft, decisions and pages at one moment, and what the page shows of them."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

from skillgen.decisions import match_claims
from skillgen.errors import EvidenceError, UserError
from skillgen.model.decision import Decisions, Review, ReviewedClaim
from skillgen.model.draft import Claim, Verdict
from skillgen.pipeline.decide import ReviewDesk, claims_for_review
from skillgen.review.detail import ClaimView, Library, Neighbours, claim_view
from skillgen.review.meter import CoverageMeter
from skillgen.review.preview import is_out
from skillgen.review.view import (
    Counts,
    CoverageView,
    Row,
    TargetGroup,
    counts_of,
    coverage_view,
    rows_of,
    target_groups,
)
from skillgen.verify import CHECKER, verify_claim

# Of so many claims coverage is worked out in less than a second, at once.
_QUICK_CLAIMS = 400
_LOST = "The page has changed since this draft was made, so nothing can be checked. Build the skill again."


class Snapshot:
    """Draft, decisions and pages at one moment; what is shown of them is worked out once, when it is asked for."""

    def __init__(self, desk: ReviewDesk, library: Library, meter: CoverageMeter) -> None:
        self.desk = desk
        self.library = library
        self.meter = meter
        self._effective: dict[str, Claim] = {}

    @property
    def review(self) -> Review:
        """Every claim with its state."""
        return self.desk.review

    @cached_property
    def reviewed(self) -> dict[str, ReviewedClaim]:
        """Every claim with its state, by id."""
        return {one.claim.id: one for one in self.review.claims}

    @cached_property
    def groups(self) -> tuple[TargetGroup, ...]:
        """The list of claims."""
        return target_groups(self.desk.draft, self.review, self.effective)

    @cached_property
    def rows(self) -> dict[str, Row]:
        """The rows of the list by id, in its order."""
        return {row.id: row for row in rows_of(self.groups)}

    @cached_property
    def counts(self) -> Counts:
        """How far the review is."""
        return counts_of(self.review)

    @cached_property
    def coverage(self) -> CoverageView:
        """Coverage with the claims that are left, beside that of the draft."""
        draft = self.desk.draft
        return coverage_view(draft, self.meter.measure(draft.claims), self.meter.measure(self._standing()))

    @property
    def is_measured(self) -> bool:
        """Whether coverage is that of the claims, and not only that of the draft."""
        return self.meter.ready or len(self.review.claims) <= _QUICK_CLAIMS

    @property
    def coverage_so_far(self) -> CoverageView:
        """The same, or that of the draft as long as nobody worked out what its claims are worth."""
        draft = self.desk.draft
        return self.coverage if self.is_measured else coverage_view(draft, draft.coverage, draft.coverage)

    def _standing(self) -> list[Claim]:
        pairs = ((one, self.effective(one)) for one in self.review.claims)
        return [claim for one, claim in pairs if not is_out(one, claim)]

    def effective(self, reviewed: ReviewedClaim) -> Claim:
        """Return a claim as its decision leaves it: an edited one says its new text, with the verdict of that."""
        if reviewed.decision is None or reviewed.state != "edited":
            return reviewed.claim
        if reviewed.claim.id not in self._effective:
            text = reviewed.decision.edited
            claim = replace(reviewed.claim, text=text, verdict=self.verdict(reviewed.claim, text))
            kept = claim.lead if text.startswith(claim.lead) else ""
            self._effective[claim.id] = replace(claim, lead=kept)
        return self._effective[reviewed.claim.id]

    def verdict(self, claim: Claim, text: str) -> Verdict:
        """Return whether the quotes of a claim carry another text."""
        try:
            return verify_claim(text, claim.citations, self.library.pages)
        except EvidenceError:
            return Verdict(support="partial", reason=_LOST, checker=CHECKER)

    def find(self, claim_id: str) -> ReviewedClaim:
        """Return a claim with its state.

        Raises:
            UserError: the draft holds no such claim.
        """
        if claim_id not in self.reviewed:
            raise UserError(f"The draft holds no claim {claim_id}.", hint="Reload the page: a new build may be there.")
        return self.reviewed[claim_id]

    def view(self, claim_id: str) -> ClaimView:
        """Return what is shown of a claim; raises as `find`."""
        reviewed = self.find(claim_id)
        return claim_view(self.desk.draft, reviewed, self.effective(reviewed), self.library, self._beside(claim_id))

    def _beside(self, claim_id: str) -> Neighbours:
        ids = self._order
        at = self._places[claim_id]
        return Neighbours(
            position=at + 1,
            total=len(ids),
            previous=ids[at - 1] if at else "",
            following=ids[at + 1] if at + 1 < len(ids) else "",
        )

    @cached_property
    def _order(self) -> list[str]:
        return [*self.rows]

    @cached_property
    def _places(self) -> dict[str, int]:
        return {id_: at for at, id_ in enumerate(self._order)}

    def with_decisions(self, decisions: Decisions) -> Snapshot:
        """Return the same draft and pages with other decisions."""
        review = match_claims(claims_for_review(self.desk.draft), decisions)
        return Snapshot(replace(self.desk, decisions=decisions, review=review), self.library, self.meter)
