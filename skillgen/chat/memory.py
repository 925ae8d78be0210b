"""A place for replies in memory only: for asking a server without a workspace."""

from __future__ import annotations

from collections.abc import Iterable

from skillgen.model.chat import ChatSource, RawReply


class MemoryReplies:
    """A `ReplyStore` that ends with its process."""

    def __init__(self) -> None:
        self._replies: dict[str, RawReply] = {}
        self._meta: dict[str, str] = {}

    def reply(self, key: str) -> RawReply | None:
        """Return the reply of this process, or None."""
        return self._replies.get(key)

    def put_reply(
        self, key: str, reply: RawReply, *, prompt: str, model: str, cost: float | None, sources: Iterable[ChatSource]
    ) -> None:
        """Hold a reply as long as this object lives; who asked what for which money is not kept."""
        del prompt, model, cost, sources
        self._replies[key] = reply

    def note_reply_sources(self, key: str, sources: Iterable[ChatSource]) -> None:
        """Do nothing: what is in no file need not be forgotten."""

    def meta(self, key: str) -> str | None:
        """Return a value of this process, or None."""
        return self._meta.get(key)

    def set_meta(self, key: str, value: str) -> None:
        """Hold a value as long as this object lives."""
        self._meta[key] = value
