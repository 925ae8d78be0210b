"""Coverage: how far verified claims answer each facet, and what that makes of each target.

A grade is an absolute rule on one claim and one facet (docs/coverage.md): no rank, no share of the corpus. So pages
that say nothing of the matter change no grade, and removing the pages that a target rests on lowers it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from skillgen.model.brief import Facet, Plan, Question
from skillgen.model.draft import Claim, Coverage, TargetScore
from skillgen.words import content_stems, hard_tokens, stem, words

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
# Words about the answer itself, which a quality check uses ("is shown with its page"): no page answers with them.
ABOUT_ANSWERS = frozenset(
    stem(word)
    for word in (
        "answer answers answered cite cited cites page pages source sources question questions word words stand stands "
        "show shown listed list general knowledge"
    ).split()
)
# A full grade needs all of the facet's own things, or as many as FULL_OWN, and FULL_MATCHES of facet and question
# together; a half one less of both. Tuned on three corpora that we wrote while 0 to 75 % of the evidence is removed
# (`python evals/coverage_eval.py`: Spearman with fact recall .96, .86 and .93, no target overrated of 126); with 2 in
# PART_MATCHES .86, .81 and .63 and 3 overrated.
FULL_OWN = 3
FULL_MATCHES = 4
PART_OWN = 2
PART_MATCHES = 3
# Words in a row within which a claim names them: what stands further apart seldom belongs together.
NEARBY = 12


@dataclass(frozen=True, slots=True)
class FacetTerms:
    """What a claim must speak of to answer a facet: the facet's own stems, and those of its whole question."""

    own: frozenset[str]
    context: frozenset[str]


def facet_terms(facet: Facet, question: Question) -> FacetTerms:
    """Return the stems of facet and question that name something."""
    named = frozenset(content_stems(facet.text)) - ASKING
    context = frozenset(content_stems(question.text)) - ASKING
    own = (named - ABOUT_ANSWERS) or named or context
    return FacetTerms(own=own, context=((context | named) - ABOUT_ANSWERS) or own)


def grade(terms: FacetTerms, claim: ClaimWords) -> float:
    """Return how far one supported claim answers a facet.

    What a claim names counts where it stands together: within NEARBY words in a row, one of them the facet's own, and
    in the lead above them.

    0.5: it names half of the facet's own things (PART_OWN at most are asked for) and PART_MATCHES of facet and question
    together, one of which is no everyday word.
    1: it names all of the facet's own (or FULL_OWN), FULL_MATCHES together, and is specific: below its lead it holds a
    number, path, command or identifier.
    """
    least = min(PART_OWN, (len(terms.own) + 1) // 2), min(PART_MATCHES, len(terms.context))
    if not _names(terms, claim.stems, least) or not speaks_of(terms.context, claim.stems):
        return 0.0
    together = [row | claim.lead for row in claim.rows if terms.own & row]
    if not any(_names(terms, stems, least) for stems in together):
        return 0.0
    full = min(FULL_OWN, len(terms.own)), min(FULL_MATCHES, len(terms.context))
    return 1.0 if claim.specific and any(_names(terms, stems, full) for stems in together) else 0.5


def _names(terms: FacetTerms, stems: frozenset[str], least: tuple[int, int]) -> bool:
    return len(terms.own & stems) >= least[0] and len(terms.context & stems) >= least[1]


@dataclass(frozen=True, slots=True)
class ClaimWords:
    """What a claim says: all its stems, those of its lead, and below the lead those of each NEARBY words in a row."""

    stems: frozenset[str]
    lead: frozenset[str]
    rows: tuple[frozenset[str], ...]
    specific: bool


def claim_words(text: str, *, lead: str = "") -> ClaimWords:
    """Return the words of a claim's text; the words of its lead stand near to all others."""
    below = text.removeprefix(lead)
    said = words(below)
    rows = [frozenset(content_stems(" ".join(said[at : at + NEARBY]))) for at in range(max(1, len(said) - NEARBY + 1))]
    return ClaimWords(
        stems=frozenset(content_stems(text)),
        lead=frozenset(content_stems(lead)),
        rows=tuple(dict.fromkeys(rows)),
        specific=bool(hard_tokens(below)),
    )


def speaks_of(asked: frozenset[str], stems: frozenset[str]) -> bool:
    """Return whether a statement shares with what is asked a word that is neither everyday nor one to ask with.

    Where nothing else is asked, any shared word will do.
    """
    shared = (asked & stems) - ASKING
    return bool(shared - EVERYDAY) or bool(shared and not asked - ASKING - EVERYDAY)


def claim_grade(terms: FacetTerms, text: str, *, lead: str = "") -> float:
    """Return the grade of a claim's text for a facet; `lead` is the opening of the text that stands above it."""
    return grade(terms, claim_words(text, lead=lead))


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
    supported = [claim_words(claim.text, lead=claim.lead) for claim in claims if claim.verdict.support == "supported"]
    best = {}
    for facet in plan.facets:
        terms = facet_terms(facet, questions[facet.question_id])
        best[facet.id] = max((grade(terms, claim) for claim in supported), default=0.0)
    return best
