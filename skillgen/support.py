"""Support: a claim and its quotes before a chat model as a judge, and one verdict of what rules and judge say.

The judge sees the statement, its quotes and their headings, and nothing of how the statement was made. It is asked
where the rules call a claim a paraphrase: what is word for word needs no judge, what the rules refuse no judge saves.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from skillgen.batches import grouped, sources_of, with_at_most
from skillgen.chat.prompts import Prompt, load_prompt
from skillgen.model.answer import Settled, Unanswered, WrittenClaim
from skillgen.model.chat import ChatFailure, ChatReply, ChatRequest
from skillgen.model.corpus import Page
from skillgen.model.draft import Verdict
from skillgen.protocols import Asker

# How many statements one request may bring.
MOST_STATEMENTS = 12
_TOKENS_OF_A_REPLY = 60
_TOKENS_OF_A_JUDGEMENT = 110
_REASON_CHARS = 200
_NOTHING = re.compile(r"\W*(?:(?:no\W*)?$|(?:nothing|none|n/a)\b)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What a judge says of one statement: whether its quotes carry it, and what is missing; `judge` is its prompt."""

    carried: bool
    missing: str
    judge: str


def judge_claims(
    asker: Asker,
    claims: Sequence[WrittenClaim],
    rules: Sequence[Verdict],
    pages: Mapping[str, Page],
    *,
    chars: int,
    most: int = MOST_STATEMENTS,
) -> Settled:
    """Return the final verdict of every claim.

    Args:
        asker: The way to the model.
        claims: The claims.
        rules: What the rules say of each.
        pages: The pages that are cited, by source.
        chars: How many characters of statements and quotes fit in one request.
        most: How many statements one request may bring; a reply has up to 110 tokens for each.
    """
    prompt = load_prompt("support")
    asked = [i for i, verdict in enumerate(rules) if verdict.support == "partial"]
    shown = {i: _shown(claims[i], pages) for i in asked}
    sizes = [len(text) for text in shown.values()]
    batches = list(grouped(asked, sizes, chars, most=max(1, min(most, MOST_STATEMENTS))))
    requests = [_request(prompt, batch, shown, claims) for batch in batches]
    verdicts = list(rules)
    unanswered = []
    for batch, reply in zip(batches, asker.ask("support", requests) if requests else [], strict=True):
        if isinstance(reply, ChatFailure):
            about = dict.fromkeys(claims[i].question_id for i in batch)
            unanswered.append(Unanswered.of("support", list(about), reply))
        judgements = _judgements(reply, len(batch), prompt) if isinstance(reply, ChatReply) else {}
        for number, i in enumerate(batch):
            verdicts[i] = settle(rules[i], judgements.get(number))
    return Settled(verdicts=tuple(verdicts), unanswered=tuple(unanswered))


def settle(rules: Verdict, judgement: Judgement | None) -> Verdict:
    """Return one verdict of what the rules say and what a judge says; None stands for a judge that did not answer.

    A paraphrase that the judge finds in the quotes is supported. Where they differ it stays partial, for both reasons.
    """
    if rules.support != "partial":
        return rules
    if judgement is None:
        return Verdict(support="partial", reason=f"{rules.reason} The judge gave no answer.", checker=rules.checker)
    checker = f"{rules.checker} + {judgement.judge}"
    if judgement.carried:
        return Verdict(
            support="supported", reason=f"The judge finds all of it in the quotes. {rules.reason}", checker=checker
        )
    missing = f": {judgement.missing}" if judgement.missing else "."
    return Verdict(
        support="partial", reason=f"{rules.reason} The judge misses something in the quotes{missing}", checker=checker
    )


def _shown(claim: WrittenClaim, pages: Mapping[str, Page]) -> str:
    """Return the quotes of a statement, each after its headings, as a reader sees them, and then the statement.

    In this order, and judged one by one, a small model tells right from wrong: docs/models-measured.md has numbers.
    """
    lines = []
    for citation in claim.citations:
        quote = pages[citation.source].shown(citation.start, citation.end)
        lines.append(f"passage, under {_one_line(' > '.join(citation.heading_path))}: {_one_line(quote)}")
    return "\n".join([*lines, f"statement: {_one_line(claim.text)}"])


def _one_line(text: str) -> str:
    """Return the text without line breaks: no quote can begin a line, and so none can pass for another statement."""
    return " ".join(text.split())


def _request(
    prompt: Prompt, batch: Sequence[int], shown: Mapping[int, str], claims: Sequence[WrittenClaim]
) -> ChatRequest:
    cited = [citation for i in batch for citation in claims[i].citations]
    request = prompt.request(
        {"statements": "\n\n".join(f"[s{number}] {shown[i]}" for number, i in enumerate(batch, start=1))},
        sources=sources_of(cited),
        max_tokens=_TOKENS_OF_A_REPLY + _TOKENS_OF_A_JUDGEMENT * len(batch),
    )
    return with_at_most(request, "judgements", len(batch))


def _judgements(reply: ChatReply, count: int, prompt: Prompt) -> dict[int, Judgement]:
    """Return the judgements by the number of the statement in its batch, from 0.

    A statement that is judged twice is carried only if it is both times, and none is that is said to miss something.
    """
    keys = {f"s{number}": number - 1 for number in range(1, count + 1)}
    found: dict[int, Judgement] = {}
    for item in reply.parsed["judgements"]:
        number = keys.get(item["key"].strip().strip("[]"))
        if number is None:
            continue
        missing = _one_line(item["missing"])[:_REASON_CHARS]
        carried = item["supported"] and not _is_missing(missing)
        before = found.get(number)
        if before is None or (before.carried and not carried):
            found[number] = Judgement(carried=carried, missing=missing, judge=f"judge/{prompt.version}")
    return found


def _is_missing(text: str) -> bool:
    """Tell whether something is said to be missing: "nothing" and its like say that nothing is."""
    return _NOTHING.match(text) is None
