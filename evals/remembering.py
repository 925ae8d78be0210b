"""An embedder that embeds each text once in a process, for evals and tests that build again and again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from skillgen.protocols import Embedder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class RememberingEmbedder:
    """Asks the embedder behind it once for each text: states of a corpus share most pages, and briefs their concerns."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._vectors: dict[str, NDArray[np.float32]] = {}

    @property
    def id(self) -> str:
        """The id of the embedder behind it."""
        return self._embedder.id

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return an array of shape (len(texts), dimension) with rows of length 1, as the embedder itself gives."""
        import numpy as np

        if not texts:
            return self._embedder.embed(texts)
        missing = [text for text in dict.fromkeys(texts) if text not in self._vectors]
        if missing:
            self._vectors.update(zip(missing, self._embedder.embed(missing), strict=True))
        return np.array([self._vectors[text] for text in texts], dtype=np.float32)
