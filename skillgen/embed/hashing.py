"""Plain hashing of words, for tests and dry runs."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from skillgen.errors import SettingsError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_WORD = re.compile(r"[^\W_]+")
_SUFFIXES = ("ings", "ing", "ed", "es", "s")


class HashEmbedder:
    """Feature hashing of lower-cased word stems: fast, the same everywhere, and without any semantic quality.

    It is made for tests and dry runs. Texts are near each other only where they share words.
    """

    def __init__(self, dimension: int = 64) -> None:
        if dimension < 1:
            raise SettingsError(f"A vector needs at least one dimension, not {dimension}.")
        self._dimension = dimension

    @property
    def id(self) -> str:
        """`hash-` and the dimension."""
        return f"hash-{self._dimension}"

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return an array of shape (len(texts), dimension) with rows of length 1; without a word, (1, 0, ...)."""
        import numpy as np

        rows = np.zeros((len(texts), self._dimension), dtype=np.float64)
        for row, text in zip(rows, texts, strict=True):
            for word in _WORD.findall(text.lower()):
                bits = int.from_bytes(hashlib.blake2b(_stem(word).encode("utf-8", "replace"), digest_size=8).digest())
                row[bits % self._dimension] += 1.0 if bits >> 63 else -1.0
            if not row.any():
                row[0] = 1.0
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        return rows.astype(np.float32)


def _stem(word: str) -> str:
    """Return the word without a common English ending, where at least three letters are left."""
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) >= len(suffix) + 3:
            return word.removesuffix(suffix)
    return word
