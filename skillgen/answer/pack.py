"""Pack: passages or claims to batches that fit a model's context, each entry under a key that says nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from skillgen.batches import grouped, source_of
from skillgen.model.answer import WritingTask
from skillgen.model.brief import Facet
from skillgen.model.chat import ChatSource
from skillgen.model.corpus import Page
from skillgen.model.research import Passage

# Under this many characters a passage that had to be cut says too little to be worth a request.
_LEAST_CHARS = 200
_LIKE_A_KEY = re.compile(r"(?<![^\s>*-])\[\s*([pP]\s*\d+)\s*\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class PassageBatch:
    """Passages of one task that fit together: by key, as text, and the pages that they are of."""

    task: WritingTask
    passages: Mapping[str, Passage]
    text: str
    sources: tuple[ChatSource, ...]


def pack_passages(task: WritingTask, pages: Mapping[str, Page], *, chars: int) -> tuple[PassageBatch, ...]:
    """Return a task's passages in batches of at most `chars` characters, in their order, each passage once.

    Within a batch the keys are p1, p2, ... A passage that is longer than a batch is shown up to there. A passage whose
    page is not among the pages is left out, since nothing of it could be cited.
    """
    unique = {one.chunk.chunk_id: one for one in task.passages if one.chunk.source in pages}
    limit = max(_LEAST_CHARS, chars)
    batches = []
    for group in grouped(list(unique.values()), [len(_shown("p00", one)) + 2 for one in unique.values()], limit):
        keyed = {f"p{number}": passage for number, passage in enumerate(group, start=1)}
        sources = (source_of(pages[one.chunk.source]) for one in group)
        text = "\n\n".join(_shown(key, one)[:limit] for key, one in keyed.items())
        batches.append(PassageBatch(task=task, passages=keyed, text=text, sources=tuple(dict.fromkeys(sources))))
    return tuple(batches)


def _shown(key: str, passage: Passage) -> str:
    """Return a passage with its key and headings; a line of it that begins like another key no longer does."""
    text = _LIKE_A_KEY.sub(r"(\1)", passage.chunk.text.strip())
    return f"[{key}] {' '.join(' > '.join(passage.chunk.heading_path).split())}\n{text}"


def numbered(facets: Sequence[Facet]) -> str:
    """Return facets as a numbered list."""
    return "\n".join(f"{number}. {facet.text}" for number, facet in enumerate(facets, start=1))
