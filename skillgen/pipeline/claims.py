"""What a model wrote as claims of the draft: with ids, verdicts, deltas and cosines like those of the local engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from skillgen.coverage import MEASURED_EMBEDDER, FacetTerms, claim_words, facet_terms, grade, near_facets
from skillgen.delta import DeltaEstimator
from skillgen.draft import claim_id
from skillgen.model.answer import WrittenClaim
from skillgen.model.brief import Plan
from skillgen.model.corpus import Chunk
from skillgen.model.draft import Citation, Claim, Nearness, Verdict
from skillgen.pipeline.library import Library
from skillgen.pipeline.research import facet_queries


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimMaker:
    """Makes claims of what a model wrote for a plan."""

    plan: Plan
    library: Library
    estimator: DeltaEstimator

    def make(self, written: Sequence[WrittenClaim], verdicts: Sequence[Verdict]) -> tuple[Claim, ...]:
        """Return a claim for each statement; ids are made of what it says and cites."""
        terms = self._terms()
        owners = {facet.id: facet.question_id for facet in self.plan.facets}
        return tuple(
            self._claim(one, verdict, near, terms, owners)
            for one, verdict, near in zip(written, verdicts, self._nearness(written), strict=True)
        )

    def placed(self, text: str, citations: tuple[Citation, ...], facets: Sequence[str]) -> WrittenClaim:
        """Return a statement under the question that the first of its facets is a part of.

        Where the plan has none of them, its facet is the one that it answers best, or that its passages are nearest to.
        """
        owners = {facet.id: facet.question_id for facet in self.plan.facets}
        known = tuple(facet for facet in facets if facet in owners) or (self._best_facet(text, citations),)
        return WrittenClaim(question_id=owners[known[0]], facets=known, text=text, citations=citations)

    def _best_facet(self, text: str, citations: Sequence[Citation]) -> str:
        (cosines,) = self._cosines([citations])
        said = claim_words(text, near=near_facets(cosines) if self._measured else ())
        grades = {facet: grade(one, said) for facet, one in self._terms().items()}
        return max(grades, key=lambda facet: (grades[facet], cosines.get(facet, 0.0)))

    def _claim(
        self,
        written: WrittenClaim,
        verdict: Verdict,
        near: tuple[Nearness, ...],
        terms: Mapping[str, FacetTerms],
        owners: Mapping[str, str],
    ) -> Claim:
        said = claim_words(written.text, near=near)
        grades = {facet: value for facet, one in terms.items() if (value := grade(one, said))}
        answered = sorted(grades, key=lambda facet: -grades[facet])
        own = [facet for facet in answered if owners[facet] == written.question_id]
        others = dict.fromkeys(owners[facet] for facet in answered if owners[facet] != written.question_id)
        delta = self.estimator.estimate(written.text)
        return Claim(
            id=claim_id(written.text, written.citations),
            text=written.text,
            lead="",
            facets=tuple(dict.fromkeys((*own, *written.facets))),
            also_answers=tuple(others),
            in_body=False,
            delta=delta.value,
            delta_reason=delta.reason,
            verdict=verdict,
            citations=written.citations,
            near=near,
        )

    def _terms(self) -> dict[str, FacetTerms]:
        questions = {question.id: question for brief in self.plan.briefs for question in brief.questions}
        return {facet.id: facet_terms(facet, questions[facet.question_id]) for facet in self.plan.facets}

    def _nearness(self, written: Sequence[WrittenClaim]) -> list[tuple[Nearness, ...]]:
        """Return for each statement the facets that it is near to, by the nearest of the passages that it cites."""
        if not self._measured:
            return [()] * len(written)
        return [near_facets(one) if one else () for one in self._cosines([one.citations for one in written])]

    @property
    def _measured(self) -> bool:
        """Whether a grade may rest on the cosines of the embedding model."""
        return self.library.embedder_id == MEASURED_EMBEDDER

    def _cosines(self, cited: Sequence[Sequence[Citation]]) -> list[dict[str, float]]:
        """Return for each group of citations the cosine of the nearest of its passages to every facet."""
        queries = facet_queries(self.plan)
        by_source: dict[str, list[Chunk]] = {}
        for chunk in self.library.chunks.values():
            by_source.setdefault(chunk.source, []).append(chunk)
        passages = [[_holding(by_source.get(one.source, ()), one) for one in group] for group in cited]
        chunks = {chunk.chunk_id: chunk for held in passages for chunk in held if chunk}
        rows = dict(
            zip(chunks, self.library.likeness(tuple(chunks.values()), tuple(queries.values())).tolist(), strict=True)
        )
        found = []
        for held in passages:
            cosines = [rows[chunk.chunk_id] for chunk in held if chunk]
            best = [max(column) for column in zip(*cosines, strict=True)]
            found.append(dict(zip(queries, best, strict=True)) if cosines else {})
        return found


def _holding(chunks: Sequence[Chunk], citation: Citation) -> Chunk | None:
    """Return the passage that holds most of a citation; None where no passage holds any of it."""

    def shared(chunk: Chunk) -> int:
        return min(chunk.end, citation.end) - max(chunk.start, citation.start)

    best = max(chunks, key=lambda chunk: (shared(chunk), -chunk.start), default=None)
    return best if best is not None and shared(best) > 0 else None
