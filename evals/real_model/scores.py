"""What two engines made of the same pages: the measures of `metrics`, and what the making took."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

from metrics import Gold, Measure, measure

from skillgen.model.corpus import Page
from skillgen.model.draft import Citation, Claim, Draft
from skillgen.render import body_tokens
from skillgen.verify import verify_claim

_SHARES = {
    "fact_recall": "fact recall",
    "vital_recall": "vital recall",
    "vital_recall_body": "vital recall, body",
    "claim_precision": "claim precision",
    "coverage": "coverage",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """One build: shares with their n, and counts.

    `rules` are the verdicts that the rules alone give its claims, the judge left out. `new` counts the claims that the
    local engine does not make, those of the model therefore. Tokens and calls are those of the model.
    """

    engine: str
    complete: bool
    shares: Mapping[str, Measure]
    rules: Mapping[str, int]
    dropped: Mapping[str, int]
    claims: int
    new: int
    body: int
    body_new: int
    body_words: float
    body_tokens: int
    calls: int
    tokens_in: int
    tokens_out: int
    seconds: float


def scored(
    draft: Draft, skill: str, gold: Gold, pages: Mapping[str, Page], *, local: Draft | None, seconds: float
) -> Scores:
    """Return the scores of a draft.

    Args:
        draft: What was built.
        skill: The text of its SKILL.md, "" where no package was written.
        gold: What is known of the corpus.
        pages: The pages, by source.
        local: What the local engine builds from the same pages, to tell its claims from those of the model.
        seconds: How long the build took.
    """
    own = {claim.id for claim in local.claims} if local else {claim.id for claim in draft.claims}
    body = [claim for claim in draft.claims if claim.in_body]
    rules = [verify_claim(claim.text, claim.citations, pages).support for claim in draft.claims]
    uses = draft.run.uses
    return Scores(
        engine=draft.run.engine,
        complete=draft.run.complete,
        shares={**measure(draft, gold), "quote_fidelity": quote_fidelity(draft.claims, pages)},
        rules=_counts(rules),
        dropped=_counts(one.reason.partition(":")[0].rstrip(".") for one in draft.run.dropped),
        claims=len(draft.claims),
        new=sum(claim.id not in own for claim in draft.claims),
        body=len(body),
        body_new=sum(claim.id not in own for claim in body),
        body_words=round(sum(len(claim.text.split()) for claim in body) / max(1, len(body)), 1),
        body_tokens=body_tokens(skill),
        calls=sum(use.calls for use in uses),
        tokens_in=sum(use.tokens_in for use in uses),
        tokens_out=sum(use.tokens_out for use in uses),
        seconds=round(seconds),
    )


def quote_fidelity(claims: Sequence[Claim], pages: Mapping[str, Page]) -> Measure:
    """Return the share of citations whose quote stands at its offsets of the page."""
    cited = [citation for claim in claims for citation in claim.citations]
    held = sum(_stands(citation, pages) for citation in cited)
    return Measure(value=round(held / len(cited), 4) if cited else 1.0, n=len(cited))


def _stands(citation: Citation, pages: Mapping[str, Page]) -> bool:
    page = pages.get(citation.source)
    return page is not None and page.text[citation.start : citation.end] == citation.quote


def _counts(values: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for value in values:
        counts[value] = counts.get(value, 0) + 1
    return dict(sorted(counts.items()))


def table(rows: Mapping[str, Scores]) -> str:
    """Return the builds side by side as a Markdown table, by the name of each."""
    lines = ["| | " + " | ".join(rows) + " |", "|---" * (len(rows) + 1) + "|"]
    lines += [_line(title, [_share(one.shares.get(name)) for one in rows.values()]) for name, title in _SHARES.items()]
    lines.append(_line("quote fidelity", [_share(one.shares["quote_fidelity"]) for one in rows.values()]))
    lines += [_line(title, values) for title, values in _counted(list(rows.values()))]
    return "\n".join(lines)


def _counted(rows: Sequence[Scores]) -> list[tuple[str, list[str]]]:
    return [
        ("claims that the rules support", [_part(one.rules.get("supported", 0), one.claims) for one in rows]),
        ("claims, of these of the model", [f"{one.claims}, {one.new}" for one in rows]),
        ("claims in the body, of these of the model", [f"{one.body}, {one.body_new}" for one in rows]),
        ("words of a claim in the body", [f"{one.body_words:.1f}" for one in rows]),
        ("tokens of the body", [f"{one.body_tokens:,}" for one in rows]),
        ("calls", [f"{one.calls:,}" for one in rows]),
        ("tokens read, written", [f"{one.tokens_in:,}, {one.tokens_out:,}" for one in rows]),
        ("seconds", [f"{one.seconds:,.0f}" for one in rows]),
        ("complete", ["yes" if one.complete else "no" for one in rows]),
    ]


def as_json(rows: Mapping[str, Scores]) -> dict[str, object]:
    """Return the scores as JSON values."""
    return {name: asdict(one) for name, one in rows.items()}


def _line(title: str, values: Sequence[str]) -> str:
    return f"| {title} | " + " | ".join(values) + " |"


def _share(one: Measure | None) -> str:
    if one is None:
        return "-"
    between = "" if one.low is None else f" ({one.low:.2f} to {one.high:.2f})"
    return f"{one.value:.2f}{between}, n = {one.n}"


def _part(count: int, whole: int) -> str:
    return f"{count / whole:.2f} of {whole}" if whole else "-"
