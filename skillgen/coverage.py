"""Coverage: how far verified claims answer each facet, and what that makes of each target.

A grade is an absolute rule on one claim and one facet (docs/coverage.md): no rank, no share of the corpus. So pages
that say nothing of the matter change no grade, and removing the pages that a target rests on lowers it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from skillgen.model.brief import Facet, Plan, Question
from skillgen.model.draft import Claim, Coverage, TargetScore
from skillgen.words import content_stems, hard_tokens, stem

# Words that a question uses to ask, not to name what it asks about.
ASKING = frozenset(
    stem(word)
    for word in (
        "use used using exist exists happen happens known specific required require requires need needed needs "
        "expect expected kind kinds type types way ways thing things format formats involve involved handle handled "
        "tool tools platform system systems team teams organisation organization different particular certain "
        "documented correct confirm named name names place places e g"
    ).split()
)
# Words of any page whatever it is about: sharing nothing but these with a question makes no statement an answer.
EVERYDAY = frozenset(
    stem(word)
    for word in (
        "time times timing day days daily week weeks weekly month months year years hour hours hourly minute minutes "
        "second seconds night nightly nights morning evening today season seasons date dates late early long short "
        "start starts begin begins stop stops end ends finish finished wait waits last first next order side sides "
        "hand hands work works working move moves moving run runs take takes taken make makes made give gives given "
        "get gets put puts go goes come comes keep keeps kept hold holds look looks read reads write writes written "
        "say says said tell tells told see know good bad best better new old big small high low right wrong full "
        "number numbers amount part parts piece pieces point points line lines half whole rest people person man "
        "woman home house place side top bottom front back water green red white black colour color change changes "
        "set sets open opens close closed turn turns leave leaves check checks checked call calls called help helps "
        "always often sometimes again once twice still already soon back away along around "
        "0 1 2 3 4 5 6 7 8 9 10 12 15 20 24 30 40 45 50 60 90 100"
    ).split()
)
FULL_MATCHES = 3
PART_MATCHES = 2


@dataclass(frozen=True, slots=True)
class FacetTerms:
    """What a claim must speak of to answer a facet: the facet's own stems, and those of its whole question."""

    own: frozenset[str]
    context: frozenset[str]


def facet_terms(facet: Facet, question: Question) -> FacetTerms:
    """Return the stems of facet and question that name something."""
    own = frozenset(content_stems(facet.text)) - ASKING
    context = frozenset(content_stems(question.text)) - ASKING
    return FacetTerms(own=own or context, context=context | own)


def grade(terms: FacetTerms, claim_stems: frozenset[str], *, specific: bool) -> float:
    """Return how far one supported claim answers a facet.

    0.5: it names something the facet asks about, and PART_MATCHES things that facet and question speak of together,
    one of which is no everyday word.
    1: it names as many of the facet's own as a facet can ask (2, or its only one), FULL_MATCHES together, and is
    specific: it holds a number, path, command or identifier.
    """
    own = len(terms.own & claim_stems)
    together = len(terms.context & claim_stems)
    if not own or together < min(PART_MATCHES, len(terms.context)) or not speaks_of(terms.context, claim_stems):
        return 0.0
    full = own >= min(2, len(terms.own)) and together >= min(FULL_MATCHES, len(terms.context))
    return 1.0 if full and specific else 0.5


def speaks_of(asked: frozenset[str], stems: frozenset[str]) -> bool:
    """Return whether a statement shares with what is asked a word that is neither everyday nor one to ask with.

    Where nothing else is asked, any shared word will do.
    """
    shared = (asked & stems) - ASKING
    return bool(shared - EVERYDAY) or bool(shared and not asked - ASKING - EVERYDAY)


def claim_grade(terms: FacetTerms, text: str) -> float:
    """Return the grade of a claim's text for a facet."""
    return grade(terms, frozenset(content_stems(text)), specific=bool(hard_tokens(text)))


def score_coverage(plan: Plan, claims: Sequence[Claim]) -> tuple[Coverage, Mapping[str, float]]:
    """Return the coverage of all targets, and the grade of every facet by its id.

    Only claims with the verdict `supported` count. A target scores the mean of its facets, overall is their mean.
    """
    grades = facet_grades(plan, claims)
    targets = []
    for brief in plan.briefs:
        for target in brief.targets:
            mapped = [facet.id for facet in plan.facets if target.id in facet.targets]
            score = sum(grades[id_] for id_ in mapped) / len(mapped) if mapped else 0.0
            targets.append(TargetScore(id=target.id, text=target.text, score=round(score, 4), facets=tuple(mapped)))
    overall = sum(target.score for target in targets) / len(targets) if targets else 0.0
    return Coverage(overall=round(overall, 4), targets=tuple(targets)), grades


def facet_grades(plan: Plan, claims: Sequence[Claim]) -> dict[str, float]:
    """Return for each facet the best grade that a supported claim reaches."""
    questions = {question.id: question for brief in plan.briefs for question in brief.questions}
    supported = [
        (frozenset(content_stems(claim.text)), bool(hard_tokens(claim.text)))
        for claim in claims
        if claim.verdict.support == "supported"
    ]
    best = {}
    for facet in plan.facets:
        terms = facet_terms(facet, questions[facet.question_id])
        best[facet.id] = max((grade(terms, stems, specific=hard) for stems, hard in supported), default=0.0)
    return best
