"""Choosing: of the claims of all answers those that stand in the body, the most important first, within a budget."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from skillgen.batches import grouped, sources_of, with_at_most
from skillgen.chat.prompts import load_prompt
from skillgen.model.answer import Chosen, QuestionClaims, Unanswered
from skillgen.model.chat import ChatFailure, ChatRequest
from skillgen.model.draft import Claim
from skillgen.protocols import Asker

# A part of the claims may bring this much more than its share of the budget, so that the last choice has a choice.
_SHARE = 1.5
_MOST_KEYS = 200
_TOKENS_OF_A_REPLY = 40
_TOKENS_OF_A_KEY = 6


@dataclass(frozen=True, slots=True)
class _Entry:
    """A claim under its question, and what it costs."""

    question: str
    claim: Claim
    cost: int

    @property
    def shown(self) -> str:
        return f"({self.cost} tokens) {' '.join(self.claim.text.split())}"


def choose_body(
    asker: Asker, answers: Sequence[QuestionClaims], tokens: Mapping[str, int], *, budget: int, chars: int
) -> Chosen:
    """Return the claims that a model wants in the body, the most important first, as many as the budget holds.

    Where not all claims fit in one request, each part is asked for somewhat more than its share, and what comes back is
    asked about once more if it fits then; else the parts take turns. A part without a reply brings nothing.

    Args:
        asker: The way to the model.
        answers: The questions with the claims that may stand in the body, in an order in which neighbours belong
            together.
        tokens: What each claim costs, by its id.
        budget: How many tokens all of them may cost.
        chars: How many characters of claims fit in one request.
    """
    entries = [_Entry(one.question.text, claim, tokens[claim.id]) for one in answers for claim in one.claims]
    parts = _parts(entries, chars)
    if not parts:
        return Chosen(ids=())
    whole = sum(entry.cost for entry in entries)
    shares = [budget] if len(parts) == 1 else [_share(part, whole, budget) for part in parts]
    chosen, unanswered = _ask(asker, parts, shares)
    ordered = [entry for turn in zip_longest(*chosen) for entry in turn if entry is not None]
    together = _by_question(ordered)
    if len(parts) > 1 and len(_parts(together, chars)) == 1:
        again, failed = _ask(asker, [together], [budget])
        unanswered += failed
        ordered = again[0] or ordered
    return Chosen(ids=tuple(_within(ordered, budget)), unanswered=tuple(unanswered))


def _by_question(entries: Sequence[_Entry]) -> list[_Entry]:
    """Return the entries of one question after the other, in the order in which the questions come first."""
    first = {entry.question: place for place, entry in reversed(list(enumerate(entries)))}
    return sorted(entries, key=lambda entry: first[entry.question])


def _parts(entries: Sequence[_Entry], chars: int) -> list[list[_Entry]]:
    """Return the entries in runs that fit; a question's heading costs as much as it does at most."""
    sizes = [len(entry.shown) + len(entry.question) + 10 for entry in entries]
    return list(grouped(entries, sizes, chars, most=_MOST_KEYS))


def _share(part: Sequence[_Entry], whole: int, budget: int) -> int:
    """Return a part's share of the budget by what it costs, and somewhat more."""
    cost = sum(entry.cost for entry in part)
    return min(budget, math.ceil(_SHARE * budget * cost / max(1, whole)))


def _ask(
    asker: Asker, parts: Sequence[Sequence[_Entry]], budgets: Sequence[int]
) -> tuple[list[list[_Entry]], list[Unanswered]]:
    """Return of each part what the model chooses, in its order, and what got no reply."""
    requests = [_request(part, budget) for part, budget in zip(parts, budgets, strict=True)]
    chosen: list[list[_Entry]] = []
    unanswered: list[Unanswered] = []
    for part, reply in zip(parts, asker.ask("choose", requests), strict=True):
        if isinstance(reply, ChatFailure):
            unanswered.append(Unanswered.of("choose", [entry.claim.id for entry in part], reply))
            chosen.append([])
            continue
        keyed = {f"c{number}": entry for number, entry in enumerate(part, start=1)}
        keys = dict.fromkeys(key.strip().strip("[]") for key in reply.parsed["keys"])
        chosen.append([keyed[key] for key in keys if key in keyed])
    return chosen, unanswered


def _request(part: Sequence[_Entry], budget: int) -> ChatRequest:
    lines: list[str] = []
    question = None
    for number, entry in enumerate(part, start=1):
        if entry.question != question:
            question = entry.question
            lines.append(f"Question: {question}")
        lines.append(f"[c{number}] {entry.shown}")
    sources = sources_of(citation for entry in part for citation in entry.claim.citations)
    longest = _TOKENS_OF_A_REPLY + _TOKENS_OF_A_KEY * len(part)
    values = {"budget": str(budget), "claims": "\n".join(lines)}
    request = load_prompt("choose").request(values, sources=sources, max_tokens=longest)
    return with_at_most(request, "keys", len(part))


def _within(ordered: Sequence[_Entry], budget: int) -> list[str]:
    """Return the ids of the claims that fit, in their order; a smaller one may fit where a larger one does not."""
    ids: list[str] = []
    for entry in ordered:
        if entry.cost <= budget:
            ids.append(entry.claim.id)
            budget -= entry.cost
    return ids
