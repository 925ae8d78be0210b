"""Remake: claims that a reviewer vouches for, made again where no engine brought them in this build.

Another model, another reply or no model at all takes nothing away that somebody accepted: the decisions file says what
the claim said and what it rested on. Nothing else is looked at, so that a build does not depend on earlier ones.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from skillgen.answer.merge import merge_claims
from skillgen.decisions import StandingQuotes
from skillgen.draft import claim_id
from skillgen.model.brief import Plan
from skillgen.model.catalogue import Catalogue
from skillgen.model.corpus import Page
from skillgen.model.decision import Decision, Decisions
from skillgen.model.draft import Citation, Claim, Verdict
from skillgen.pipeline.claims import ClaimMaker
from skillgen.pipeline.decide import LeftOut, vouched
from skillgen.pipeline.library import Library
from skillgen.pipeline.order import may_stand_in_body
from skillgen.pipeline.outcomes import retraced
from skillgen.pipeline.research import Researched, delta_estimator
from skillgen.store import Store
from skillgen.support import Judgement, settle
from skillgen.verify import verify_claim

# A quote may stand at several places of its page. Of so many ways to cite them the one with the best verdict is taken.
_WAYS = 16
_SUPPORT = ("supported", "partial", "unsupported")


@dataclass(frozen=True, slots=True, kw_only=True)
class Remade:
    """The research with the claims that were made again, and the accepted and edited ones that could not be."""

    researched: Researched
    lost: tuple[LeftOut, ...] = ()


def remake_vouched(
    researched: Researched, decisions: Decisions, plan: Plan, library: Library, store: Store, catalogue: Catalogue
) -> Remade:
    """Return the research with every claim that a reviewer vouches for and whose evidence stands.

    What an engine wrote that says the same becomes one with it.

    Args:
        researched: What the engines found.
        decisions: What reviewers decided.
        plan: The questions of this build.
        library: The passages of the pages.
        store: The pages as they are now.
        catalogue: The tools.
    """
    held = {claim.id for claim in researched.all_claims}
    missing = [one for one in vouched(decisions) if one.claim not in held]
    if not missing:
        return Remade(researched=researched)
    sources = {evidence.source for one in missing for evidence in one.evidence}
    pages = {page.source: page for page in store.pages(sources)} if sources else {}
    quotes = StandingQuotes(pages)
    maker = ClaimMaker(plan=plan, library=library, estimator=delta_estimator(catalogue))
    made: list[tuple[str, Claim]] = []
    lost: list[LeftOut] = []
    for decision in missing:
        found = _evidence(decision, quotes, pages)
        if isinstance(found, str):
            lost.append(LeftOut(claim=decision.claim, reason=found))
        else:
            written = maker.placed(decision.text, found[0], decision.facets)
            made += [(written.question_id, claim) for claim in maker.make([written], [found[1]])]
    return Remade(
        researched=_among(researched, made, decisions, library.deprecated) if made else researched,
        lost=tuple(lost),
    )


def _evidence(
    decision: Decision, quotes: StandingQuotes, pages: Mapping[str, Page]
) -> tuple[tuple[Citation, ...], Verdict] | str:
    """Return the citations of a decided claim as they are now with its verdict, or why it cannot be made again."""
    places = [quotes.places(one) for one in decision.evidence]
    for evidence, found in zip(decision.evidence, places, strict=True):
        if evidence.source not in pages:
            return f"the page {evidence.source} is gone"
        if not found:
            return f'{evidence.source} no longer says "{evidence.begins} ..." as it did'
    ways = list(_ways(places))
    if claim_id(decision.text, ways[0]) != decision.claim:
        return "its entry in the decisions file has another text or evidence than the claim had"
    verdicts = [_verdict(decision, way, pages) for way in ways]
    best = min(range(len(ways)), key=lambda i: _SUPPORT.index(verdicts[i].support))
    if verdicts[best].support == "unsupported":
        return f"its quotes do not carry it where they stand now: {verdicts[best].reason}"
    return ways[best], verdicts[best]


def _ways(places: Sequence[Sequence[Citation]]) -> Iterator[tuple[Citation, ...]]:
    """Yield ways to cite quotes, the first places first."""
    return itertools.islice(itertools.product(*places), _WAYS)


def _verdict(decision: Decision, citations: tuple[Citation, ...], pages: Mapping[str, Page]) -> Verdict:
    """Return what the rules say, and the judge who found the same words in the same quotes."""
    rules = verify_claim(decision.text, citations, pages)
    if not decision.judged:
        return rules
    return settle(rules, Judgement(carried=True, missing="", judge=decision.judged))


def _among(
    researched: Researched, made: Sequence[tuple[str, Claim]], decisions: Decisions, deprecated: frozenset[str]
) -> Researched:
    """Return the research with claims among the others, each in the turn of the first that became one with it."""
    ids = frozenset(claim.id for _, claim in made)
    every = {question: list(held) for question, held in researched.claims.items()}
    for question, claim in made:
        every.setdefault(question, []).append(claim)
    merged = merge_claims(every, closed={one.claim for one in decisions.claims} | ids, into=ids)
    worthy = [claim.id for _, claim in made if may_stand_in_body(claim, deprecated)]
    turns = [merged.into.get(id_, id_) for id_ in researched.body]
    return replace(
        researched,
        claims=merged.claims,
        body=tuple(id_ for id_ in dict.fromkeys((*turns, *worthy)) if id_ not in ids or id_ in worthy),
        traced=retraced(researched.traced, merged.claims, merged.into),
    )
