"""The two indexes, and the vectors they are made from: derived from the truth, never the other way round."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from skillgen.embed import ServerEmbedder, named_embedder
from skillgen.lexical import LexicalIndex, LexicalRow
from skillgen.model.corpus import Chunk
from skillgen.protocols import Embedder, Reporter
from skillgen.settings import Settings
from skillgen.store import Store
from skillgen.vectors import VectorIndex
from skillgen.workspace import Workspace

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Vectors are stored this many at a time: after a kill at most so many are computed again (about a second's work). Of a
# server's it is one request.
_EMBED_BATCH = 16
VECTORS_STATE = "vectors_state"
_CHANGING = "changing"


def make_embedder(settings: Settings, *, api_key: str | None = None) -> Embedder:
    """Return the embedder that the settings name; `api_key` is that of the server at `embed.base_url`.

    Raises:
        PrerequisiteError: its files are missing or not the pinned ones, or a key is missing.
        SettingsError: the settings name no embedder.
    """
    return named_embedder(settings.embed, api_key=api_key)


def embed_missing(store: Store, embedder: Embedder, reporter: Reporter) -> int:
    """Embed every text that has no vector yet and return how many there were; each batch is kept when it is done."""
    missing = store.unembedded(embedder.id)
    if not missing:
        return 0
    reporter.start("Embedding chunks", len(missing))
    size = embedder.batch_size if isinstance(embedder, ServerEmbedder) else _EMBED_BATCH
    for start in range(0, len(missing), size):
        batch = missing[start : start + size]
        vectors = embedder.embed([text for _, text in batch])
        store.put_embeddings(embedder.id, {digest: row for (digest, _), row in zip(batch, vectors, strict=True)})
        reporter.advance(len(batch))
    reporter.done(f"{len(missing)} texts embedded")
    return len(missing)


def index_digest(chunks: Sequence[Chunk]) -> str:
    """Return the digest by which an index knows what it was made from."""
    return hashlib.sha256("\n".join(chunk.chunk_id for chunk in chunks).encode()).hexdigest()


def sync_indexes(workspace: Workspace, chunks: Sequence[Chunk], embedder: Embedder, reporter: Reporter) -> None:
    """Derive both indexes from the truth, unless they hold it already."""
    store = workspace.store
    store.drop_orphans()
    digest = index_digest(chunks)

    def vectors_of(ids: Sequence[str]) -> NDArray[np.float32]:
        return store.vectors(embedder.id, ids)

    lexical = LexicalIndex(workspace.words)
    if lexical.digest != digest:
        reporter.start("Indexing words")
        rows = (LexicalRow(id=c.chunk_id, headings=" > ".join(c.heading_path), text=c.text) for c in chunks)
        lexical.rebuild(rows, digest=digest)
        reporter.done()
    state = f"{embedder.id} {digest}"
    vectors = VectorIndex(workspace.vectors, embedder_id=embedder.id)
    try:
        if store.meta(VECTORS_STATE) != state or vectors.count() != len(chunks):
            reporter.start("Indexing vectors")
            store.set_meta(VECTORS_STATE, _CHANGING)
            vectors.sync([chunk.chunk_id for chunk in chunks], vectors_of)
            store.set_meta(VECTORS_STATE, state)
            reporter.done()
    finally:
        vectors.close()


def drop_indexes(workspace: Workspace) -> None:
    """Remove both indexes, whatever is in their places; the next sync derives them anew."""
    workspace.store.set_meta(VECTORS_STATE, _CHANGING)
    for folder in (workspace.vectors, workspace.words):
        _remove(folder)


def _remove(folder: Path) -> None:
    if folder.is_dir() and not folder.is_symlink():
        shutil.rmtree(folder)
    else:
        folder.unlink(missing_ok=True)


def indexed_embedder(store: Store) -> str:
    """Return the id of the embedder whose vectors the index holds, or the empty string where that is not known."""
    return (store.meta(VECTORS_STATE) or "").rpartition(" ")[0]
