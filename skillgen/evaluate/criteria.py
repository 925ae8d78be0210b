"""Criteria: what a scorecard holds a package to, one function each, from what the stages before found.

Thresholds that no setting gives stand here with their source.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from skillgen.evaluate.grounding import Grounded
from skillgen.evaluate.readability import is_long, lix
from skillgen.evaluate.repeats import repeats
from skillgen.model.check import CheckedCitation, CheckedTarget, is_broken
from skillgen.model.draft import Claim, Draft
from skillgen.model.evaluation import Better, Criterion, Evidence, Outcome, Statement
from skillgen.words import own_names, squeezed

SKILL_FILE = "SKILL.md"
# Bodies of over 2,500 tokens did harm in published measurements of skills; what lies between is advice.
HARMFUL_BODY_TOKENS = 2500
# LIX of official prose and of very hard prose, by Björnsson's scale (see readability.py).
HARD_LIX, VERY_HARD_LIX = 50.0, 60.0
# Share of statements over 40 words. A claim has at most 60, a group of sentences being better found than a single one.
MOST_LONG = 0.5
_SHORTEST_NAME = 3
_SAID = 90


def score(  # noqa: PLR0913 - one word for each thing that a criterion needs
    id_: str,
    title: str,
    value: float,
    shown: str,
    *,
    threshold: float,
    better: Better,
    outcome: Outcome,
    evidence: Iterable[Evidence] = (),
    held_to: str = "",
) -> Criterion:
    """Return a criterion with its value rounded to three digits; `held_to` is by default the threshold."""
    at = f"at {'least' if better == 'higher' else 'most'} {threshold:,g}"
    return Criterion(
        id=id_,
        title=title,
        value=round(value, 3),
        shown=shown,
        threshold=threshold,
        held_to=held_to or at,
        better=better,
        outcome=outcome,
        evidence=tuple(evidence),
    )


def none_of(
    id_: str, title: str, what: tuple[str, str], evidence: Sequence[Evidence], *, otherwise: Outcome = "failed"
) -> Criterion:
    """Return a criterion that passes where there is no evidence; `what` names one and several of the things."""
    count = len(evidence)
    shown = f"{count} {what[0] if count == 1 else what[1]}"
    outcome: Outcome = otherwise if count else "passed"
    return score(
        id_, title, count, shown, threshold=0, better="lower", outcome=outcome, evidence=evidence, held_to="none"
    )


def all_of(id_: str, title: str, total: int, evidence: Sequence[Evidence], *, bad: int | None = None) -> Criterion:
    """Return a criterion that passes where all of a number of things are good; `bad` are those that are not."""
    wrong = len(evidence) if bad is None else bad
    value = 1 - wrong / total if total else 0.0
    outcome: Outcome = "passed" if total and not wrong else "failed"
    shown = f"{total - wrong} of {total}"
    return score(
        id_, title, value, shown, threshold=1, better="higher", outcome=outcome, evidence=evidence, held_to="all"
    )


# -- sources -----------------------------------------------------------------------------------------------------------


def citations(checked: Sequence[CheckedCitation]) -> Criterion:
    """Return whether every quote still stands on the page that its citation names."""
    broken = [one for one in checked if is_broken(one)]
    evidence = [
        Evidence(file=one.source, line=one.lines[0], message=f"{one.state}, cited by {one.claim}: {one.begins}")
        for one in broken
    ]
    return all_of("citations", "Quotes still stand where they are cited", len(checked), evidence)


def support(verdicts: Mapping[str, tuple[str, str]], claims: Sequence[Claim]) -> Criterion:
    """Return whether the quotes of every claim carry it, by the rules of `verify`.

    Args:
        verdicts: Support and reason by claim, found anew.
        claims: The draft's claims.
    """
    wrong = [claim for claim in claims if verdicts[claim.id][0] in ("unsupported", "contradicted")]
    loose = [claim for claim in claims if claim.in_body and verdicts[claim.id][0] == "partial"]
    evidence = [_about_claim(claim, f"{verdicts[claim.id][0]}: {verdicts[claim.id][1]}") for claim in (*wrong, *loose)]
    found = all_of("support", "Quotes carry their claims, by rules", len(claims), evidence, bad=len(wrong))
    if found.outcome == "passed" and loose:
        return score(
            found.id,
            found.title,
            found.value,
            f"{found.shown}, {len(loose)} paraphrased in SKILL.md",
            threshold=1,
            better="higher",
            outcome="warning",
            evidence=evidence,
            held_to="all",
        )
    return found


def coverage(draft: Draft, targets: Sequence[CheckedTarget], floor: float) -> Criterion:
    """Return the overall coverage by the claims that still hold, against its floor and those of the targets."""
    overall = sum(target.now for target in targets) / len(targets) if targets else 0.0
    under = [target for target in targets if target.under]
    evidence = [
        Evidence(file=SKILL_FILE, line=None, message=f"{target.now:.2f}, floor {target.floor:.2f}: {target.text}")
        for target in under
    ]
    failed = bool(under) or overall < floor
    built = f", built with {draft.coverage.overall:.2f}" if abs(draft.coverage.overall - overall) >= 0.005 else ""  # noqa: PLR2004 - what two digits show
    return score(
        "coverage",
        "Coverage of the brief's targets",
        overall,
        f"{overall:.2f}{built}",
        threshold=floor,
        better="higher",
        outcome="failed" if failed else "passed",
        evidence=evidence,
    )


def _about_claim(claim: Claim, message: str) -> Evidence:
    place = claim.citations[-1] if claim.citations else None
    return Evidence(file=place.source if place else "", line=place.lines[0] if place else None, message=message)


# -- statements --------------------------------------------------------------------------------------------------------


def known_statements(grounded: Sequence[Grounded]) -> Criterion:
    """Return whether every statement is a claim of the draft, or one of them with altered values."""
    unknown = [one for one in grounded if one.ground == "unknown"]
    evidence = [
        _about(one.statement, f"reworded, not {one.claim.id}" if one.claim else "in no claim of the draft")
        for one in unknown
    ]
    title = "Statements stand in the draft"
    return all_of("statements", title, len(grounded), evidence)


def altered_values(grounded: Sequence[Grounded]) -> Criterion:
    """Return the statements that have other numbers, names or strict words than their claims."""
    evidence = [
        _about(one.statement, f"says {_list(one.differs[0])}, {one.claim.id} says {_list(one.differs[1])}")
        for one in grounded
        if one.ground == "altered" and one.claim
    ]
    return none_of("values", "Numbers, names and code as in the claims", ("altered", "altered"), evidence)


def _list(tokens: Sequence[str]) -> str:
    return ", ".join(tokens) if tokens else "none of that"


def foreign_names(grounded: Sequence[Grounded], stands: Callable[[str], bool]) -> Criterion:
    """Return the names of things that stand on no page: of statements that are no claims, as others are quoted.

    Args:
        grounded: The statements.
        stands: Whether a squeezed name stands on a page or in a quote.
    """
    evidence = []
    for one in grounded:
        if one.ground not in ("unknown", "altered"):
            continue
        names = [name for name in sorted(own_names(one.statement.text)) if len(squeezed(name)) >= _SHORTEST_NAME]
        foreign = [name for name in names if not stands(squeezed(name))]
        if foreign:
            evidence.append(_about(one.statement, f"on no page: {', '.join(foreign[:4])}", said=False))
    return none_of("names", "Names stand on the pages", ("statement", "statements"), evidence)


def missing_claims(grounded: Sequence[Grounded], claims: Sequence[Claim]) -> Criterion:
    """Return whether every claim of the body stands in SKILL.md."""
    body = [claim for claim in claims if claim.in_body]
    said = {
        one.claim.id for one in grounded if one.claim and one.ground == "claim" and one.statement.file == SKILL_FILE
    }
    evidence = [
        Evidence(file=SKILL_FILE, line=None, message=f"{claim.id} is missing: {_short(claim.text)}")
        for claim in body
        if claim.id not in said
    ]
    return all_of("body", "Claims of the body stand in SKILL.md", len(body), evidence)


def cited_statements(grounded: Sequence[Grounded], rows: Mapping[str, str]) -> Criterion:
    """Return whether every statement carries a marker that leads to the page of its claim.

    Args:
        grounded: The statements.
        rows: The row of each marker in the list of sources.
    """
    stated = [one for one in grounded if one.ground != "furniture"]
    evidence = []
    for one in stated:
        pages = {citation.source for citation in one.claim.citations} if one.claim else set()
        if not one.statement.markers:
            evidence.append(_about(one.statement, "no citation marker"))
        elif one.claim and not any(page in rows.get(marker, "") for marker in one.statement.markers for page in pages):
            evidence.append(_about(one.statement, f"[{one.statement.markers[0]}] leads to another page"))
    return all_of("markers", "Statements carry a marker to their page", len(stated), evidence)


def repeated(grounded: Sequence[Grounded]) -> Criterion:
    """Return the pairs of statements that say nearly the same; a repetition within SKILL.md fails."""
    pairs = repeats([one.statement for one in grounded if one.ground != "furniture"])
    evidence = [
        _about(second, f"says again what {first.file}:{first.line} says", said=False) for first, second in pairs
    ]
    twice = any(first.file == second.file == SKILL_FILE for first, second in pairs)
    title = "Nothing is said twice"
    return none_of("repeats", title, ("pair", "pairs"), evidence, otherwise="failed" if twice else "warning")


def _about(statement: Statement, message: str, *, said: bool = True) -> Evidence:
    quoted = f": {_short(statement.text)}" if said else ""
    return Evidence(file=statement.file, line=statement.line, message=f"{message}{quoted}")


def _short(text: str) -> str:
    return text if len(text) <= _SAID else f"{text[: _SAID - 1].rsplit(' ', 1)[0]}\u2026"


# -- form --------------------------------------------------------------------------------------------------------------


def body_size(tokens: int, aim: int) -> Criterion:
    """Return the length of SKILL.md's body in tokens of four characters."""
    outcome: Outcome = "failed" if tokens > HARMFUL_BODY_TOKENS else "warning" if tokens > aim else "passed"
    return score(
        "body-size",
        "Length of SKILL.md",
        tokens,
        f"{tokens:,} tokens",
        threshold=aim,
        better="lower",
        outcome=outcome,
    )


def readability(grounded: Sequence[Grounded]) -> Criterion:
    """Return the LIX of the statements of SKILL.md, the harder the higher."""
    value = lix(one.statement.text for one in grounded if one.statement.file == SKILL_FILE)
    outcome: Outcome = "failed" if value > VERY_HARD_LIX else "warning" if value > HARD_LIX else "passed"
    return score(
        "readability",
        "Readability of SKILL.md (LIX)",
        value,
        f"LIX {value:.0f}",
        threshold=HARD_LIX,
        better="lower",
        outcome=outcome,
    )


def long_statements(grounded: Sequence[Grounded]) -> Criterion:
    """Return the share of SKILL.md's statements that have over 40 words."""
    body = [one.statement for one in grounded if one.statement.file == SKILL_FILE and one.ground != "furniture"]
    long = [one for one in body if is_long(one.text)]
    share = len(long) / len(body) if body else 0.0
    return score(
        "long-statements",
        "Statements over 40 words in SKILL.md",
        share,
        f"{len(long)} of {len(body)}",
        threshold=MOST_LONG,
        better="lower",
        outcome="warning" if share > MOST_LONG else "passed",
        evidence=[_about(one, f"{len(one.text.split())} words") for one in long] if share > MOST_LONG else (),
    )


def screened(found: Sequence[Evidence]) -> Criterion:
    """Return the secrets and instructions to an AI that the package holds."""
    return none_of("screening", "No secret, no text for a reader's AI", ("finding", "findings"), found)


def format_rules(issues: Collection[tuple[str, str, str, str]]) -> tuple[Criterion, Criterion]:
    """Return the criteria of the format: its hard rules, and its advice.

    `issues` are rule, severity, file and message.
    """
    hard, soft = (
        [
            Evidence(file=file, line=None, message=f"{rule}: {message}")
            for rule, kind, file, message in issues
            if kind == severity
        ]
        for severity in ("error", "warning")
    )
    return (
        none_of("format", "Rules of the Agent Skills format", ("error", "errors"), hard),
        none_of("advice", "Advice on the format", ("warning", "warnings"), soft, otherwise="warning"),
    )
