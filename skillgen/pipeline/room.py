"""Room: how much of passages and replies fits into one request of a model's context."""

from __future__ import annotations

from dataclasses import dataclass

# A third of a small context is for the reply; more than this no reply needs.
_REPLY_SHARE = 3
_LONGEST_REPLY = 4200
# The longest prompt of prompts/chat has 450 tokens; the question, its parts and the form of the reply stand beside it.
_PROMPT_TOKENS = 800
# Of runbooks with paths and tables; prose has four and more.
_CHARS_A_TOKEN = 2.75
_LEAST_CHARS = 1000
# Small models give all statements of a request the same verdict: docs/models-measured.md has numbers.
_JUDGES_SEVERAL = 16_384


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """Characters of passages or claims in a request, tokens of its reply, and claims, judgements, statements in it."""

    chars: int
    reply: int
    claims: int
    judgements: int
    statements: int

    @classmethod
    def of(cls, context: int) -> Room:
        """Return what fits into a context of so many tokens, request and reply together."""
        reply = min(_LONGEST_REPLY, context // _REPLY_SHARE)
        chars = int(_CHARS_A_TOKEN * (context - reply - _PROMPT_TOKENS))
        return cls(
            chars=max(_LEAST_CHARS, chars),
            reply=reply,
            claims=max(1, (reply - 200) // 165),
            judgements=max(1, (reply - 60) // 110) if context >= _JUDGES_SEVERAL else 1,
            statements=max(1, (reply - 100) // 100),
        )
