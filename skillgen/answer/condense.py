"""Condense: the verified claims of an answer to the few dense statements that an agent must not get wrong."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from skillgen.answer.quote import Quotes
from skillgen.answer.statement import statement_of
from skillgen.batches import grouped, sources_of, with_at_most
from skillgen.chat.prompts import load_prompt
from skillgen.model.answer import Condensed, CondensedClaim, QuestionClaims, Unanswered, WrittenClaim
from skillgen.model.chat import ChatFailure, ChatRequest
from skillgen.model.corpus import Page
from skillgen.model.draft import Citation, Claim, Dropped
from skillgen.protocols import Asker
from skillgen.quotes import MAX_CLAIM_WORDS
from skillgen.words import content_stems

# How many statements one request may bring, and how many of them there are for each claim at most.
MOST_STATEMENTS = 16
_STATEMENTS_A_CLAIM = 0.75
MIN_STATEMENT_WORDS = 4
MAX_CLAIMS_OF_A_STATEMENT = 4
_TOKENS_OF_A_REPLY = 100
_TOKENS_OF_A_STATEMENT = 100


def condense_answers(
    asker: Asker,
    answers: Sequence[QuestionClaims],
    pages: Mapping[str, Page],
    *,
    chars: int,
    most: int = MOST_STATEMENTS,
) -> Condensed:
    """Return the dense statements that a model makes of the claims, by question, the most important first.

    A statement cites what its claims cite, as far as one claim may; it is not verified yet. One without a known claim,
    with too many words, or with more claims than four is left out and recorded.

    Args:
        asker: The way to the model.
        answers: The questions with their verified claims. A question with a single claim is not asked about.
        pages: The pages that are cited, by source.
        chars: How many characters of claims fit in one request.
        most: How many statements one request may bring; a reply has up to 100 tokens for each.
    """
    batches = [(one, batch) for one in answers for batch in _batches(one.claims, chars)]
    replies = asker.ask("condense", [_request(one, batch, most) for one, batch in batches]) if batches else []
    quotes = Quotes(pages)
    statements: list[CondensedClaim] = []
    dropped: list[Dropped] = []
    unanswered: list[Unanswered] = []
    for (one, batch), reply in zip(batches, replies, strict=True):
        if isinstance(reply, ChatFailure):
            unanswered.append(Unanswered.of("condense", [one.question.id], reply))
            continue
        for item in reply.parsed["statements"]:
            result = _statement(item, one, batch, quotes)
            if isinstance(result, Dropped):
                dropped.append(result)
            else:
                statements.append(result)
    return Condensed(statements=tuple(statements), dropped=tuple(dropped), unanswered=tuple(unanswered))


def _batches(claims: Sequence[Claim], chars: int) -> list[list[Claim]]:
    """Return the claims in runs that fit; a run of one has nothing to be condensed with."""
    runs = grouped(claims, [len(claim.text) + 8 for claim in claims], chars)
    return [run for run in runs if len(run) > 1]


def _request(answer: QuestionClaims, batch: Sequence[Claim], most: int) -> ChatRequest:
    count = max(1, min(most, MOST_STATEMENTS, math.ceil(_STATEMENTS_A_CLAIM * len(batch))))
    values = {
        "question": answer.question.text,
        "most": str(count),
        "claims": "\n".join(f"[c{number}] {' '.join(one.text.split())}" for number, one in enumerate(batch, start=1)),
    }
    sources = sources_of(citation for claim in batch for citation in claim.citations)
    tokens = _TOKENS_OF_A_REPLY + _TOKENS_OF_A_STATEMENT * count
    request = load_prompt("condense").request(values, sources=sources, max_tokens=tokens)
    return with_at_most(request, "statements", count)


def _statement(
    item: Mapping[str, Any], one: QuestionClaims, batch: Sequence[Claim], quotes: Quotes
) -> CondensedClaim | Dropped:
    """Return a statement with the citations of its claims, or the record of why it is none."""
    keyed = {f"c{number}": claim for number, claim in enumerate(batch, start=1)}
    keys = dict.fromkeys(key.strip().strip("[]") for key in item["claims"])
    claims = [keyed[key] for key in keys if key in keyed]
    text = statement_of(item["text"], "c")
    words = len(text.split())
    if not claims:
        # Without a claim that it is made of, nobody could tell whose words these are.
        return Dropped(source="", start=0, end=0, reason="A condensed statement names no claim that it is made of.")
    first = claims[0].citations[0]
    if not MIN_STATEMENT_WORDS <= words <= MAX_CLAIM_WORDS:
        reason = f"A condensed statement has {words} words, not {MIN_STATEMENT_WORDS} to {MAX_CLAIM_WORDS}."
        return Dropped(source=first.source, start=first.start, end=first.end, reason=reason)
    claims = claims[:MAX_CLAIMS_OF_A_STATEMENT]
    return CondensedClaim(
        claim=WrittenClaim(
            question_id=one.question.id,
            facets=tuple(dict.fromkeys(facet for claim in claims for facet in claim.facets)),
            text=text,
            citations=quotes.together(_telling([c for claim in claims for c in claim.citations], text)),
        ),
        made_from=tuple(claim.id for claim in claims),
    )


def _telling(citations: Sequence[Citation], text: str) -> list[Citation]:
    """Return the citations, those first that carry most of the statement's words which none before them carries."""
    left = list(dict.fromkeys(citations))
    wanted = set(content_stems(text))
    ordered: list[Citation] = []
    while left:
        stems = [wanted & set(content_stems(f"{' '.join(one.heading_path)} {one.quote}")) for one in left]
        best = max(range(len(left)), key=lambda i: len(stems[i]))
        ordered.append(left.pop(best))
        wanted -= stems[best]
    return ordered
