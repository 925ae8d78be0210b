"""Homes: the coverage target that a claim is filed under."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from skillgen.model.draft import Draft


def homes_of(draft: Draft) -> dict[str, str]:
    """Return for each claim the target it is filed under: that of its best facet, with evidence if there is one."""
    of_facet = {facet.id: facet.targets for answer in draft.answers for facet in answer.facets}
    score = {target.id: target.score for target in draft.coverage.targets}
    return {claim.id: _home([t for f in claim.facets for t in of_facet.get(f, ())], score) for claim in draft.claims}


def _home(targets: Sequence[str], score: Mapping[str, float]) -> str:
    known = [target for target in targets if target in score] or list(score)
    return next((target for target in known if score[target]), known[0])
