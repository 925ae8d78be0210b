"""What a stage may ask for: protocols that adapters fill, so that stages know no library."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from skillgen.model.chat import ChatFailure, ChatReply, ChatRequest, Use


class Embedder(Protocol):
    """Turns texts into unit vectors of one length; equal texts give equal vectors, alone or in a batch."""

    @property
    def id(self) -> str:
        """Names model and version; vectors of different ids are never mixed."""
        ...

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return an array of shape (len(texts), dimension), rows of length 1."""
        ...


class ChunkSearch(Protocol):
    """An index over chunks that answers a query with chunk ids and scores, best first."""

    def search(self, query: str, *, limit: int) -> list[tuple[str, float]]:
        """Return at most `limit` pairs (chunk id, score); equal scores stand in the order of the ids."""
        ...


class Asker(Protocol):
    """Asks a chat model; stages know nothing of the client, its budget or its store."""

    def ask(self, use: Use, requests: Sequence[ChatRequest]) -> list[ChatReply | ChatFailure]:
        """Return a reply or a failure for each request, in the order of the requests; `use` is what they count for."""
        ...


class Reporter(Protocol):
    """Hears about progress; stages never print."""

    def start(self, task: str, total: int | None = None) -> None:
        """A task begins; `total` is its number of steps where that is known."""
        ...

    def advance(self, steps: int = 1) -> None:
        """Some steps of the current task are done."""
        ...

    def done(self, summary: str = "") -> None:
        """The current task has ended."""
        ...

    def note(self, message: str) -> None:
        """Something that whoever watches should know: one sentence, between tasks."""
        ...


class SilentReporter:
    """Hears everything and says nothing: the default where nobody watches."""

    def start(self, task: str, total: int | None = None) -> None:
        """Say nothing."""

    def advance(self, steps: int = 1) -> None:
        """Say nothing."""

    def done(self, summary: str = "") -> None:
        """Say nothing."""

    def note(self, message: str) -> None:
        """Say nothing."""
