"""Relevance: a task's passages to those that a model calls relevant to its question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from skillgen.answer.pack import PassageBatch, numbered, pack_passages
from skillgen.batches import with_at_most
from skillgen.chat.prompts import load_prompt
from skillgen.model.answer import Relevant, Unanswered, WritingTask
from skillgen.model.chat import ChatFailure, ChatRequest
from skillgen.model.corpus import Page
from skillgen.model.research import Passage
from skillgen.protocols import Asker

# The best passages by retrieval stay whatever the model says: small ones reject much that answers.
ALWAYS_KEPT = 3
_TOKENS_OF_A_REPLY = 40
_TOKENS_OF_A_KEY = 6


def judge_passages(
    asker: Asker, tasks: Sequence[WritingTask], pages: Mapping[str, Page], *, chars: int, keep: int = ALWAYS_KEPT
) -> Relevant:
    """Return every task with the passages that are worth reading.

    Passages that help come first, in the model's order (batch by batch), then those that were not judged because their
    request failed, then as many of the task's first `keep` passages as are not among them.

    Args:
        asker: The way to the model.
        tasks: Questions with their facets and passages, best first.
        pages: The pages of the passages, by source.
        chars: How many characters of passages fit in one request.
        keep: How many of a task's first passages stay in any case.
    """
    batches = [batch for task in tasks for batch in pack_passages(task, pages, chars=chars)]
    replies = asker.ask("relevance", [_request(batch) for batch in batches]) if batches else []
    helpful: dict[str, list[Passage]] = {task.question.id: [] for task in tasks}
    unjudged: dict[str, list[Passage]] = {task.question.id: [] for task in tasks}
    unanswered = []
    for batch, reply in zip(batches, replies, strict=True):
        id_ = batch.task.question.id
        if isinstance(reply, ChatFailure):
            unanswered.append(Unanswered.of("relevance", [id_], reply))
            unjudged[id_] += batch.passages.values()
            continue
        keys = (key.strip().strip("[]") for key in reply.parsed["keys"])
        helpful[id_] += [batch.passages[key] for key in dict.fromkeys(keys) if key in batch.passages]
    kept = []
    for task in tasks:
        id_ = task.question.id
        ordered = (*helpful[id_], *unjudged[id_], *task.passages[:keep])
        unique = {passage.chunk.chunk_id: passage for passage in ordered}
        kept.append(replace(task, passages=tuple(unique.values())))
    return Relevant(tasks=tuple(kept), unanswered=tuple(unanswered))


def _request(batch: PassageBatch) -> ChatRequest:
    values = {
        "question": batch.task.question.text,
        "parts": numbered(batch.task.facets),
        "passages": batch.text,
    }
    count = len(batch.passages)
    tokens = _TOKENS_OF_A_REPLY + _TOKENS_OF_A_KEY * count
    request = load_prompt("relevance").request(values, sources=batch.sources, max_tokens=tokens)
    return with_at_most(request, "keys", count)
