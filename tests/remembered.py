"""The packaged model for tests that build or search: one for a process, which embeds each text once.

tests/test_embed.py shows that equal texts give equal vectors; it uses the model itself.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from skillgen.embed import local_embedder
from skillgen.protocols import Embedder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class RememberedEmbedder:
    """Asks the embedder behind it for what it has not been asked before."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._vectors: dict[str, NDArray[np.float32]] = {}

    @property
    def id(self) -> str:
        return self._embedder.id

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        import numpy as np

        if not texts:
            return self._embedder.embed(texts)
        missing = [text for text in dict.fromkeys(texts) if text not in self._vectors]
        self._vectors.update(zip(missing, self._embedder.embed(missing), strict=True))
        return np.array([self._vectors[text] for text in texts])


@functools.cache
def packaged_model() -> RememberedEmbedder:
    """Return the packaged model. One thread: the tests run on every core already, and the bits are the same."""
    return RememberedEmbedder(local_embedder(threads=1))


def remembered_embedder(folder: Path | None = None, *, threads: int = 0) -> Embedder:
    """Stand for `local_embedder`; a model in a folder is the test's own."""
    return packaged_model() if folder is None else local_embedder(folder, threads=threads)
