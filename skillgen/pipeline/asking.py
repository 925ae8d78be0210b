"""What a task asks, embedded once: the vectors of queries and typical sentences are kept in the truth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from skillgen.protocols import Embedder
from skillgen.store import Store

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class AskingEmbedder:
    """An embedder that looks into the truth first, and puts there what it had to embed.

    Every vector is what the embedder itself gives, to the bit.
    """

    def __init__(self, embedder: Embedder, store: Store) -> None:
        self._embedder = embedder
        self._store = store
        self._asked: set[str] = set()

    @property
    def id(self) -> str:
        """The id of the embedder behind it."""
        return self._embedder.id

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return an array of shape (len(texts), dimension), rows of length 1; only texts without a vector are embedded.

        Raises:
            PrerequisiteError: the embedder's server does not answer, or the truth cannot be written.
        """
        import numpy as np

        if not texts:
            return self._embedder.embed(texts)
        vectors = self._store.text_vectors(self.id, dict.fromkeys(texts))
        missing = [text for text in dict.fromkeys(texts) if text not in vectors]
        if missing:
            new = dict(zip(missing, self._embedder.embed(missing), strict=True))
            self._store.put_text_vectors(self.id, new)
            vectors |= new
        self._asked.update(texts)
        return np.array([vectors[text] for text in texts], dtype=np.float32)

    def keep(self, task: str) -> None:
        """Keep the vectors of all that was asked until the same task asks something else, or a page is forgotten."""
        self._store.keep_asked(task, self._asked)
