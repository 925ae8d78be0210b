"""Coverage: how far verified claims answer each facet, and what that makes of each target.

A grade is an absolute rule on claims and one facet (docs/coverage.md): no rank, no share of the corpus. So pages that
say nothing of the matter change no grade, and removing the pages that a target rests on lowers it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from skillgen.model.brief import Facet, Plan, Question
from skillgen.model.draft import Claim, Coverage, Nearness, TargetScore
from skillgen.wording import things_asked, things_said
from skillgen.words import hard_tokens, squeezed, stem, words

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
# The same without the words that name a thing in a facet ("which file format is agreed").
ASKING_NO_THING = ASKING - frozenset(stem(word) for word in ("format", "formats", "type", "types"))
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
# Words about the answer itself, which a quality check uses ("is shown with its page"): no page answers with them.
ABOUT_ANSWERS = frozenset(
    stem(word)
    for word in (
        "answer answers answered cite cited cites page pages source sources question questions word words stand stands "
        "show shown listed list general knowledge"
    ).split()
)
# Words of a question that carry no thing of their own, besides those of ASKING.
LIGHT = frozenset(
    stem(word)
    for word in (
        "executed execute define defines decide decides continue continues end ends pass passes exist exists created "
        "create circumstances people anyone somebody nobody many anything somewhere"
    ).split()
)
# Words in a row within which a claim names things together: what stands further apart seldom belongs together.
NEARBY = 16
# What a claim's things add to the cosine of its passage (docs/coverage.md). Like the scales below chosen on one half of
# evals/gaps.json and on two orders of removal (`python evals/gaps_eval.py`, `python evals/coverage_eval.py`).
THINGS_WEIGHT = 0.5
OWN_WEIGHT = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """What a claim's score has to be: to speak of a facet at all, to answer it in part, and to answer it in full.

    `full` is for a claim that another one bears out, `alone` for one by itself; both have the cosine `full_cosine`.
    """

    touched: float
    part: float
    full: float
    alone: float
    full_cosine: float


# Cosines of another model are on another scale, so only those of the packaged one count.
MEASURED_EMBEDDER = "all-MiniLM-L6-v2-int8:mean256:8199be6f699a:be50c3628f2b"
# A passage less like the facet is no evidence (as in retrieval), so what is stored begins here.
LEAST_COSINE = 0.15
WITH_COSINE = Scale(touched=0.45, part=0.52, full=0.75, alone=1.0, full_cosine=0.42)
WORDS_ALONE = Scale(touched=0.2, part=0.282, full=0.5, alone=0.7, full_cosine=0.0)
PART, FULL = 0.5, 1.0
# What a claim is worth that answers in full once another one does as well.
FULL_WITH_ANOTHER = 0.75


@dataclass(frozen=True, slots=True)
class FacetTerms:
    """What a claim must speak of to answer a facet: the things of its own, and of its whole question with them.

    `check` is set for a quality check, which no claim answers in full: it is about the answer.
    """

    facet: str
    own: frozenset[str]
    things: frozenset[str]
    check: bool


def facet_terms(facet: Facet, question: Question) -> FacetTerms:
    """Return the things that facet and question name."""
    nothing = ASKING_NO_THING | LIGHT | ABOUT_ANSWERS
    own = things_asked(facet.text, leave_out=nothing)
    things = things_asked(question.text, leave_out=nothing) | own
    check = squeezed(facet.text) not in squeezed(question.text)
    return FacetTerms(facet=facet.id, own=own or things, things=things, check=check)


@dataclass(frozen=True, slots=True)
class ClaimWords:
    """What a claim says: the things of its lead, those of each few words in a row below it, and whether it is exact.

    `near` are the cosines of its passage by facet; None where there are none on the scale of the packaged model.
    """

    lead: frozenset[str]
    rows: tuple[frozenset[str], ...]
    specific: bool
    near: Mapping[str, float] | None


def claim_words(text: str, *, lead: str = "", near: Sequence[Nearness] = ()) -> ClaimWords:
    """Return the things of a claim's text; those of its lead stand near to all others."""
    below = text.removeprefix(lead)
    stems = [stem(word) for word in words(below)]
    rows = (stems[at : at + NEARBY] for at in range(max(1, len(stems) - NEARBY + 1)))
    return ClaimWords(
        lead=things_said([stem(word) for word in words(lead)]),
        rows=tuple(dict.fromkeys(things_said(row) for row in rows)),
        specific=bool(hard_tokens(below)),
        near={one.facet: one.cosine for one in near} if near else None,
    )


def near_facets(cosines: Mapping[str, float]) -> tuple[Nearness, ...]:
    """Return what a claim keeps of its cosines by facet: the nearest, and all that a grade may rest on."""
    ranked = sorted(cosines.items(), key=lambda item: (-item[1], item[0]))
    return tuple(
        Nearness(facet=facet, cosine=round(cosine, 4))
        for at, (facet, cosine) in enumerate(ranked)
        if not at or cosine >= LEAST_COSINE
    )


def grade(terms: FacetTerms, claim: ClaimWords) -> float:
    """Return how far one supported claim answers a facet, by the rules of docs/coverage.md.

    0: not at all. 0.5: in part. 0.75: in full once another claim does as well. 1: in full.
    """
    found, scale = _found(terms, claim), _scale(claim)
    if found.score < scale.part or not _names_more_than_everyday(terms, found):
        return 0.0
    exact = claim.specific and found.cosine >= scale.full_cosine and terms.own <= found.said
    if found.score < scale.full or not exact or terms.check:
        return PART
    return FULL if found.score >= scale.alone else FULL_WITH_ANOTHER


def together(grades: Iterable[float]) -> float:
    """Return the grade of a facet, 0, 0.5 or 1, from how far each claim answers it; the best two decide."""
    best = sorted(grades, reverse=True)[:2]
    if best[:1] == [FULL] or best == [FULL_WITH_ANOTHER] * 2:
        return FULL
    return PART if best and best[0] else 0.0


def touches(terms: FacetTerms, claim: ClaimWords) -> bool:
    """Return whether a claim speaks of a facet, whether or not it answers it."""
    return _found(terms, claim).score >= _scale(claim).touched


def _scale(claim: ClaimWords) -> Scale:
    return WORDS_ALONE if claim.near is None else WITH_COSINE


@dataclass(frozen=True, slots=True)
class _Found:
    """How well a claim answers a facet where it names most, what it names there, and its passage's cosine."""

    score: float
    said: frozenset[str]
    cosine: float


_NOTHING = _Found(score=0.0, said=frozenset(), cosine=0.0)


def _found(terms: FacetTerms, claim: ClaimWords) -> _Found:
    """Return what a claim reaches in the row of words that names most; nothing where its passage is hardly alike."""
    cosine = 0.0 if claim.near is None else claim.near.get(terms.facet, 0.0)
    if claim.near is not None and cosine < LEAST_COSINE:
        return _NOTHING
    best = _Found(score=cosine, said=frozenset(), cosine=cosine)
    for row in claim.rows:
        if terms.own & row:
            said = row | claim.lead
            score = cosine + THINGS_WEIGHT * _share(terms.things, said) + OWN_WEIGHT * _share(terms.own, said)
            if score > best.score:
                best = _Found(score=score, said=said, cosine=cosine)
    return best


def _share(asked: frozenset[str], said: frozenset[str]) -> float:
    return len(asked & said) / len(asked)


def _names_more_than_everyday(terms: FacetTerms, found: _Found) -> bool:
    return any(stem(thing.removeprefix("=")) not in EVERYDAY for thing in terms.things & found.said)


def speaks_of(asked: frozenset[str], stems: frozenset[str]) -> bool:
    """Return whether a statement shares with what is asked a word that is neither everyday nor one to ask with.

    Where nothing else is asked, any shared word will do.
    """
    shared = (asked & stems) - ASKING
    return bool(shared - EVERYDAY) or bool(shared and not asked - ASKING - EVERYDAY)


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
    """Return for each facet the grade that the supported claims reach together."""
    said = _supported(claims)
    return {terms.facet: together(grade(terms, one) for one in said) for terms in _terms(plan)}


def touched_facets(plan: Plan, claims: Sequence[Claim]) -> frozenset[str]:
    """Return the facets that supported claims speak of, whether or not they answer them."""
    said = _supported(claims)
    return frozenset(terms.facet for terms in _terms(plan) if any(touches(terms, one) for one in said))


def _terms(plan: Plan) -> list[FacetTerms]:
    questions = {question.id: question for brief in plan.briefs for question in brief.questions}
    return [facet_terms(facet, questions[facet.question_id]) for facet in plan.facets]


def _supported(claims: Sequence[Claim]) -> list[ClaimWords]:
    return [
        claim_words(claim.text, lead=claim.lead, near=claim.near)
        for claim in claims
        if claim.verdict.support == "supported"
    ]
