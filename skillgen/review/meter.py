"""Coverage while claims are decided about: what a build would score with those that are left."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable

from skillgen.coverage import claim_words, facet_terms, grade, score_coverage
from skillgen.model.draft import Claim, Coverage, Draft, Nearness
from skillgen.plan import plan_of

# After each claim of the warm-up, in seconds: a request that comes meanwhile goes first.
_PAUSE = 0.001
# As many claims decide the grade of a facet.
_DECIDING = 2


class CoverageMeter:
    """Scores the coverage of a draft with any choice of its claims; what a claim's text is worth is found once."""

    def __init__(self, draft: Draft) -> None:
        """Take the plan from the draft: its questions, facets and targets."""
        self._plan = plan_of(draft)
        questions = {question.id: question for brief in self._plan.briefs for question in brief.questions}
        self._terms = [facet_terms(facet, questions[facet.question_id]) for facet in self._plan.facets]
        self._grades: dict[tuple[str, str, tuple[Nearness, ...]], tuple[float, ...]] = {}
        self._lock = threading.Lock()
        self._claims = draft.claims
        self.ready = False

    def warm_up(self) -> None:
        """Find what every claim of the draft is worth: about a second for a thousand of them."""
        for claim in self._claims:
            self._graded(claim)
            time.sleep(_PAUSE)
        self.ready = True

    def measure(self, claims: Iterable[Claim]) -> Coverage:
        """Return the coverage that the claims give: that of `score_coverage`, found from the best two of each facet.

        Only those claims are scored anew, so it takes no longer with thousands of claims than with a few.
        """
        best: list[list[tuple[float, Claim]]] = [[] for _ in self._terms]
        for claim in claims:
            if claim.verdict.support != "supported":
                continue
            for index, reached in enumerate(self._graded(claim)):
                if reached and (len(best[index]) < _DECIDING or reached > best[index][-1][0]):
                    best[index] = sorted([*best[index], (reached, claim)], key=lambda one: -one[0])[:_DECIDING]
        witnesses = {id(claim): claim for held in best for _, claim in held}
        return score_coverage(self._plan, tuple(witnesses.values()))[0]

    def _graded(self, claim: Claim) -> tuple[float, ...]:
        key = (claim.text, claim.lead, claim.near)
        if key not in self._grades:
            with self._lock:  # two threads at once would only take longer
                said = claim_words(claim.text, lead=claim.lead, near=claim.near)
                self._grades[key] = tuple(grade(terms, said) for terms in self._terms)
        return self._grades[key]
