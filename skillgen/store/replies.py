"""Replies of chat models: paid for once, kept by what was asked, and forgotten with the pages they were made from."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime

from skillgen.model.chat import ChatSource, RawReply
from skillgen.store.file import TruthFile


class ReplyTable(TruthFile):
    """The part of the truth that holds replies. A key is the SHA-256 of everything that decides a reply."""

    def reply(self, key: str) -> RawReply | None:
        """Return the stored reply to what the key stands for, or None."""
        rows = self._rows("SELECT reply FROM reply WHERE key = ?", (key,))
        return RawReply(**json.loads(rows[0][0])) if rows else None

    def reply_keys(self) -> frozenset[str]:
        """Return the keys of all stored replies."""
        return frozenset(row[0] for row in self._rows("SELECT key FROM reply"))

    def put_reply(
        self,
        key: str,
        reply: RawReply,
        *,
        prompt: str,
        model: str,
        cost: float | None = None,
        sources: Iterable[ChatSource] = (),
    ) -> None:
        """Store a reply in one transaction with the pages whose words its request held.

        Args:
            key: The SHA-256 of what was asked.
            reply: What the server sent.
            prompt: The prompt's name and version.
            model: The model and its server.
            cost: What it cost in US dollars, None where that is not known.
            sources: The pages.
        """
        row = (key, prompt, model, json.dumps(asdict(reply)), reply.tokens_in, reply.tokens_out, cost, _now())
        with self.transaction():
            self._rows("INSERT OR REPLACE INTO reply VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
            self._put_sources(key, sources)

    def note_reply_sources(self, key: str, sources: Iterable[ChatSource]) -> None:
        """Store that a reply answers a request about these pages too; what is known already is not written."""
        known = {
            ChatSource(source=source, sha256=sha256)
            for source, sha256 in self._rows("SELECT source, sha256 FROM reply_source WHERE key = ?", (key,))
        }
        if missing := set(sources) - known:
            with self.transaction():
                self._put_sources(key, missing)

    def _put_sources(self, key: str, sources: Iterable[ChatSource]) -> None:
        rows = [(one.source, one.sha256, key) for one in sources]
        self._run_many("INSERT OR IGNORE INTO reply_source VALUES (?, ?, ?)", rows)

    def reply_sources(self) -> set[str]:
        """Return the sources of all pages that a reply was made from."""
        return {row[0] for row in self._rows("SELECT DISTINCT source FROM reply_source")}

    def reply_costs(self) -> float:
        """Return what all stored replies cost in US dollars, as far as that is known."""
        return float(self._rows("SELECT coalesce(sum(cost), 0) FROM reply")[0][0])

    def _forget_replies(self, sources: Iterable[str]) -> None:
        """Delete every reply that was made from one of the sources, inside of the caller's transaction."""
        for source in sources:
            self._rows("DELETE FROM reply WHERE key IN (SELECT key FROM reply_source WHERE source = ?)", (source,))
        self._rows("DELETE FROM reply_source WHERE key NOT IN (SELECT key FROM reply)")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
