"""Belief: what a model says of a question before it has seen a page, and how each claim stands to that.

The model's verdicts are held to rules, because small models call everything of one topic known. The rules and their
numbers were set by hand; docs/delta.md has what they do to a model that gives one verdict to everything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from skillgen.added import added_tokens, is_value
from skillgen.background import Background
from skillgen.batches import grouped, sources_of, with_at_most
from skillgen.chat.prompts import load_prompt
from skillgen.model.answer import Unanswered
from skillgen.model.aside import Measured
from skillgen.model.belief import Belief, BeliefVerdict, DeltaShare, QuestionShare
from skillgen.model.brief import Plan, Question
from skillgen.model.chat import ChatFailure, ChatReply, ChatRequest
from skillgen.model.draft import Claim
from skillgen.opposed import opposition
from skillgen.protocols import Asker
from skillgen.words import content_stems, hard_tokens, words

KNOWN_DELTA = 0.2
NEW_DELTA = 0.5
# Where the signs keep a claim out of the body already (skillgen/delta.py), no expectation has to bear "known" out.
GENERAL_DELTA = 0.25
# As many claims as the schema of the reply takes, in so many characters: 1,500 tokens of a context of 4,096.
_CLAIMS = 10
_CLAIM_CHARS = 6000
_MAX_SAYS = 220
# Content words that an expectation which says the same shares with a claim: half of the claim's, or two where the
# claim's own words look general. docs/delta.md has what that does on evals/delta/pairs.yaml.
_SAME = 0.5
_ALIKE = 2


def measure_belief(asker: Asker, plan: Plan, claims: Mapping[str, Sequence[Claim]], background: Background) -> Measured:
    """Return for each claim whether a model knew it, believes otherwise, or hears something new.

    The model answers every question that has claims with the question and its facets before it alone; then the claims
    are compared with that answer in batches. Claims without a reply are in no belief.

    Args:
        asker: The model.
        plan: The questions with their facets.
        claims: The claims by question id.
        background: What anybody knows.
    """
    questions = [q for brief in plan.briefs for q in brief.questions if claims.get(q.id)]
    unanswered: list[Unanswered] = []
    comparisons: list[_Comparison] = []
    replies = asker.ask("belief", [_belief_request(question, plan) for question in questions])
    for question, reply in zip(questions, replies, strict=True):
        if isinstance(reply, ChatFailure):
            unanswered.append(Unanswered.of("belief", [question.id], reply))
        elif expected := _statements(reply):
            comparisons += [_Comparison(question, expected, batch) for batch in _batches(claims[question.id])]
        else:
            why = "The model expects nothing, so nothing was compared."
            unanswered.append(Unanswered(use="belief", about=(question.id,), reason="rules", detail=why))
    beliefs: dict[str, Belief] = {}
    answers = asker.ask("compare", [comparison.request() for comparison in comparisons])
    for comparison, reply in zip(comparisons, answers, strict=True):
        if isinstance(reply, ChatFailure):
            unanswered.append(Unanswered.of("compare", [claim.id for claim in comparison.claims], reply))
        else:
            beliefs |= comparison.beliefs(reply, background)
    return Measured(beliefs=beliefs, unanswered=tuple(unanswered))


def with_belief(claim: Claim, belief: Belief | None) -> Claim:
    """Return the claim with a belief and the delta that follows from it; without a belief the claim as it is.

    What is known has a delta of 0.2 at most, what is in conflict 1.0, and what is new 0.5 at least.
    """
    if belief is None:
        return claim
    if belief.verdict == "known":
        why = f'the model says it without the pages ("{belief.says}")' if belief.says else "the model knows it"
        delta = min(claim.delta, KNOWN_DELTA)
    elif belief.verdict == "conflict":
        delta, why = 1.0, f'the model believes otherwise ("{belief.says}")'
    else:
        delta, why = max(claim.delta, NEW_DELTA), "the model does not say it without the pages"
    return replace(claim, belief=belief, delta=delta, delta_reason=f"{why}; {claim.delta_reason}".removesuffix("; "))


def delta_share(claims: Mapping[str, Sequence[Claim]]) -> DeltaShare:
    """Return how much of the claims (by question id) the model did not know; claims without a belief do not count."""
    questions = tuple(_share(question, held) for question, held in claims.items())
    new, known, conflict = (sum(getattr(one, name) for one in questions) for name in ("new", "known", "conflict"))
    compared = new + known + conflict
    return DeltaShare(
        compared=compared,
        new=new,
        known=known,
        conflict=conflict,
        share=round((new + conflict) / compared, 3) if compared else None,
        questions=questions,
    )


def _share(question: str, claims: Sequence[Claim]) -> QuestionShare:
    verdicts = [claim.belief.verdict for claim in claims if claim.belief]
    return QuestionShare(
        question_id=question,
        new=verdicts.count("new"),
        known=verdicts.count("known"),
        conflict=verdicts.count("conflict"),
    )


# -- requests ----------------------------------------------------------------------------------------------------------


def _belief_request(question: Question, plan: Plan) -> ChatRequest:
    parts = [f"- {facet.text}" for facet in plan.facets if facet.question_id == question.id]
    return load_prompt("belief").request({"question": question.text, "parts": "\n".join(parts) or "(none)"})


def _statements(reply: ChatReply) -> tuple[str, ...]:
    flat = (" ".join(str(text).split()) for text in reply.parsed["statements"])
    return tuple(dict.fromkeys(text for text in flat if text))


def _batches(claims: Sequence[Claim]) -> Iterator[list[Claim]]:
    return grouped(claims, [len(claim.text) for claim in claims], _CLAIM_CHARS, most=_CLAIMS)


@dataclass(frozen=True, slots=True)
class _Comparison:
    """Claims of a question beside what the model expected."""

    question: Question
    expected: tuple[str, ...]
    claims: Sequence[Claim]

    def request(self) -> ChatRequest:
        values = {
            "question": self.question.text,
            "expected": "\n".join(f"{number}. {text}" for number, text in enumerate(self.expected, 1)),
            "claims": "\n".join(f"c{number}: {claim.text}" for number, claim in enumerate(self.claims, 1)),
        }
        sources = sources_of(citation for claim in self.claims for citation in claim.citations)
        return with_at_most(load_prompt("compare").request(values, sources=sources), "claims", len(self.claims))

    def beliefs(self, reply: ChatReply, background: Background) -> dict[str, Belief]:
        """Return the beliefs by claim id; of two verdicts on a claim the first counts, unknown keys do not."""
        said = {str(one["key"]): one for one in reversed(reply.parsed["claims"])}
        found = {}
        for number, claim in enumerate(self.claims, 1):
            if (one := said.get(f"c{number}")) is not None:
                found[claim.id] = self._held_to_rules(claim, one["verdict"], int(one["expectation"]), background)
        return found

    def _held_to_rules(self, claim: Claim, verdict: BeliefVerdict, number: int, background: Background) -> Belief:
        """Return the verdict where a rule finds the reason for it in an expectation, the named one first; else new."""
        named = self.expected[number - 1 : number] if number else ()
        ordered = (*named, *(text for text in self.expected if text not in named))
        says: str | None = None
        if verdict == "conflict":
            says = next((text for text in ordered if opposition(claim.text, text)), None)
        elif verdict == "known" and not _own_tokens(claim.text, self.expected, background):
            general = "" if claim.delta < GENERAL_DELTA else None
            says = next((text for text in ordered if _says_the_same(claim, text)), general)
        return Belief(verdict="new") if says is None else Belief(verdict=verdict, says=says[:_MAX_SAYS])


# -- known -------------------------------------------------------------------------------------------------------------


def _own_tokens(text: str, expected: Sequence[str], background: Background) -> list[str]:
    """Return numbers, names, paths and identifiers that are in no expectation and no general knowledge."""
    added = added_tokens(text, "\n".join(expected), background)
    return [token for token in added if not _is_general(token, background)]


def _says_the_same(claim: Claim, text: str) -> bool:
    """Tell whether an expectation may be what a claim says: it shares half of the claim's words, or two.

    Two are enough where the claim's words say little that is its organisation's own.
    """
    own, its = set(content_stems(claim.text)), set(content_stems(text))
    return len(own & its) >= (_ALIKE if claim.delta < NEW_DELTA else _SAME * len(own))


def _is_general(token: str, background: Background) -> bool:
    """Tell whether anybody may know a token: no number, and a common command or made of words of the trade."""
    if is_value(token):
        return False
    if token.startswith("`"):
        return background.is_command(token.strip("`")) and not background.own_parts(token.strip("`"))
    if token in hard_tokens(token):
        return not background.own_parts(token)
    return all(background.is_of_trade(word) for word in words(token))
