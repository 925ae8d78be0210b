"""The packaged model for tests that build or search: one for a process, which embeds each text once.

tests/test_embed.py shows that equal texts give equal vectors; it uses the model itself.
"""

from __future__ import annotations

import functools
from pathlib import Path

from remembering import RememberingEmbedder

from skillgen.embed import local_embedder
from skillgen.protocols import Embedder


@functools.cache
def packaged_model() -> RememberingEmbedder:
    """Return the packaged model. One thread: the tests run on every core already, and the bits are the same."""
    return RememberingEmbedder(local_embedder(threads=1))


def remembered_embedder(folder: Path | None = None, *, threads: int = 0) -> Embedder:
    """Stand for `local_embedder`; a model in a folder is the test's own."""
    return packaged_model() if folder is None else local_embedder(folder, threads=threads)
