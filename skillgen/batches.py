"""Requests about many things: what fits together in one, which pages they are made from, how long a reply may be."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from skillgen.model.chat import ChatRequest, ChatSource
from skillgen.model.corpus import Page
from skillgen.model.draft import Citation

T = TypeVar("T")


def grouped(items: Sequence[T], sizes: Sequence[int], limit: int, *, most: int | None = None) -> Iterator[list[T]]:
    """Yield the items in runs whose sizes together stay within the limit; an item that is larger is a run of its own.

    Args:
        items: Anything, in an order that is kept.
        sizes: The size of each.
        limit: How large a run may be.
        most: How many items a run may have.
    """
    run: list[T] = []
    used = 0
    for item, size in zip(items, sizes, strict=True):
        if run and (used + size > limit or len(run) == most):
            yield run
            run, used = [], 0
        run.append(item)
        used += size
    if run:
        yield run


def source_of(page: Page) -> ChatSource:
    """Return a page as a source of a request."""
    return ChatSource(source=page.source, sha256=page.sha256)


def sources_of(citations: Iterable[Citation]) -> tuple[ChatSource, ...]:
    """Return the pages that citations are of, each once."""
    return tuple(dict.fromkeys(ChatSource(source=one.source, sha256=one.source_sha256) for one in citations))


def with_at_most(request: ChatRequest, name: str, count: int) -> ChatRequest:
    """Return the request with a list of its reply held to a number of items.

    Small models go on for as long as they may.

    Raises:
        ValueError: the form of the reply has no such list.
    """
    schema: dict[str, Any] | None = copy.deepcopy(request.schema)
    if schema is None or "maxItems" not in schema["properties"].get(name, {}):
        raise ValueError(f"the form of {request.prompt} has no list {name}")
    listed = schema["properties"][name]
    listed["maxItems"] = min(count, listed["maxItems"])
    return replace(request, schema=schema)
