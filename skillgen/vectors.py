"""The vector index: Chroma in a folder of the workspace. The only module that knows chromadb.

The index is derived: the store keeps every vector, so that the folder can be thrown away and made again at any time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from skillgen.errors import PrerequisiteError

if TYPE_CHECKING:
    import chromadb
    import numpy as np
    from chromadb.api import ClientAPI
    from chromadb.config import Settings
    from numpy.typing import NDArray

# Up to here every row is compared. 20,000 x 384 numbers are 61 MB, read from Chroma in 1.3 s once for each process and
# searched in 13 ms (two cores). Beyond, Chroma's HNSW graph answers in about 10 ms, but as an approximation that
# depends on the order in which the rows came.
EXACT_LIMIT = 20_000
DECIMALS = 6
# Rows read at once; 5,000 at a time take half the memory and half the time of 20,000 in one go.
_PAGE = 5_000
# Written into each collection. A collection that says anything else is made anew.
_LAYOUT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncCounts:
    """How many rows a sync added and removed."""

    added: int
    removed: int


@dataclass(frozen=True, slots=True)
class _Matrix:
    """All rows of the collection: `ids` sorted, `rows` in their order as float64 of shape (n, dimension).

    float64 because a float32 product depends in its last bits on which other rows stand beside a row; 0.5 % of the
    similarities would then change in their sixth decimal.
    """

    ids: tuple[str, ...]
    rows: NDArray[np.float64]

    def nearest(self, vector: NDArray[np.float64], limit: int) -> list[tuple[str, float]]:
        """Return the `limit` rows with the greatest rounded inner product; equal ones stand in the order of the ids."""
        import numpy as np

        scores = np.round(self.rows @ vector, DECIMALS)
        best = np.argsort(-scores, kind="stable")[:limit]
        return [(self.ids[row], _plain(scores[row])) for row in best]


class _OtherDimensionError(ValueError):
    """Vectors of another length than those of the collection."""


class VectorIndex:
    """Unit vectors by id, in one Chroma collection for one embedder; other embedders' collections go at the next sync.

    Nothing is opened, and chromadb is not imported, before something is asked that needs it. Only one process may use
    the folder at a time: the workspace's lock sees to that.

    Args:
        folder: Where Chroma keeps its files; made by the first sync.
        embedder_id: The `id` of the embedder whose vectors these are.
    """

    def __init__(self, folder: Path, *, embedder_id: str) -> None:
        self._folder = folder
        self._embedder_id = embedder_id
        self._name = f"vectors-{hashlib.sha256(embedder_id.encode()).hexdigest()[:16]}"
        self._client: ClientAPI | None = None
        self._matrix: _Matrix | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def sync(self, ids: Collection[str], vector_of: Callable[[Sequence[str]], NDArray[np.float32]]) -> SyncCounts:
        """Make the index hold exactly `ids`. Rows that are there already stay: an id is made from its text.

        A sync that was interrupted is completed by the next one.

        Args:
            ids: All ids that are wanted.
            vector_of: Returns the unit vectors of some ids, shape (len(ids), dimension). It is asked for what is
                missing in sorted order, batch by batch. Vectors of another length than before rebuild the index.

        Returns:
            How many rows were added and removed. After a rebuild these are all new and all old rows.

        Raises:
            PrerequisiteError: The folder is damaged.
            ValueError: `vector_of` returned anything but unit vectors of one length, one for each id.
        """
        wanted = frozenset(ids)
        self._matrix = None
        self._drop(lambda name: name != self._name)
        try:
            return self._update(wanted, vector_of)
        except _OtherDimensionError:
            before = self.count()
            self._drop(lambda _: True)
            after = self._update(wanted, vector_of)
            return SyncCounts(added=after.added, removed=before)

    def count(self) -> int:
        """Return the number of rows.

        Raises:
            PrerequisiteError: The folder is damaged.
        """
        collection = self._collection()
        if collection is None:
            return 0
        with self._damage_explained():
            return collection.count()

    def ids(self) -> set[str]:
        """Return the ids of all rows.

        Raises:
            PrerequisiteError: The folder is damaged.
        """
        collection = self._collection()
        if collection is None:
            return set()
        with self._damage_explained():
            return set(collection.get(include=[])["ids"])

    def search(self, vector: NDArray[np.float32], *, limit: int) -> list[tuple[str, float]]:
        """Return the nearest rows to a unit vector.

        Up to `EXACT_LIMIT` rows the answer is exact and depends on nothing but the rows; above it is Chroma's HNSW
        approximation.

        Returns:
            At most `limit` pairs (id, cosine similarity rounded to 6 decimals), best first; equal similarities stand
            in the order of the ids.

        Raises:
            PrerequisiteError: The folder is damaged, or its vectors have another length than `vector`.
        """
        collection = self._collection() if limit > 0 else None
        if collection is None:
            return []
        stored = (collection.metadata or {}).get("dimension")
        if vector.shape != (stored,):
            raise self._damage(f"its vectors have the length {stored}, the embedder gives the shape {vector.shape}")
        if self._matrix is None and (total := self.count()) > EXACT_LIMIT:
            found = self._approximate(collection, vector, min(limit, total))
            if len(found) == min(limit, total):
                return found
            # A graph that finds too few is cut in pieces, or its files are gone: reading all rows tells which.
        return self._loaded(collection).nearest(vector.astype("float64"), limit)

    def close(self) -> None:
        """Release the folder. The index opens it again when it is asked again."""
        self._matrix = None
        if self._client is not None:
            self._client.close()  # type: ignore[attr-defined] # Client has it, its interface ClientAPI does not say so
            self._client = None

    def _update(self, wanted: frozenset[str], vector_of: Callable[[Sequence[str]], NDArray[np.float32]]) -> SyncCounts:
        present = self.ids()
        missing, stale = sorted(wanted - present), sorted(present - wanted)
        if not missing and not stale:
            return SyncCounts(added=0, removed=0)
        size = self._opened().get_max_batch_size()
        for batch in _batches(missing, size):
            self._add(batch, vector_of(batch))
        for batch in _batches(stale, size):
            self._delete(batch)
        return SyncCounts(added=len(missing), removed=len(stale))

    def _add(self, ids: list[str], vectors: NDArray[np.float32]) -> None:
        _check_unit_vectors(vectors, len(ids))
        collection = self._collection() or self._created(int(vectors.shape[1]))
        if (collection.metadata or {}).get("dimension") != vectors.shape[1]:
            raise _OtherDimensionError(f"vectors of length {vectors.shape[1]}")
        with self._damage_explained():
            collection.upsert(ids=ids, embeddings=vectors)

    def _delete(self, ids: list[str]) -> None:
        collection = self._collection()
        assert collection is not None
        with self._damage_explained():
            collection.delete(ids=ids)

    def _drop(self, unwanted: Callable[[str], bool]) -> None:
        """Delete the collections whose names are unwanted."""
        client = self._opened()
        with self._damage_explained():
            for name in [each.name for each in client.list_collections()]:
                if unwanted(name):
                    client.delete_collection(name)

    def _created(self, dimension: int) -> chromadb.Collection:
        client = self._opened()
        with self._damage_explained():
            return client.create_collection(
                self._name,
                metadata={"embedder": self._embedder_id, "layout": _LAYOUT, "dimension": dimension},
                # The inner product of unit vectors is their cosine. Chroma's own cosine space divides each vector by
                # its length once more and gives other bits back for a fourth of them.
                configuration={"hnsw": {"space": "ip"}},
                embedding_function=None,
            )

    def _collection(self) -> chromadb.Collection | None:
        """Return the collection, or None where there is none yet; one that says it is something else is deleted."""
        if self._client is None and not (self._folder / "chroma.sqlite3").exists():
            return None
        from chromadb.errors import NotFoundError

        client = self._opened()
        with self._damage_explained():
            try:
                collection = client.get_collection(self._name, embedding_function=None)
            except NotFoundError:
                return None
            said = collection.metadata or {}
            if (said.get("embedder"), said.get("layout")) == (self._embedder_id, _LAYOUT):
                return collection
            client.delete_collection(self._name)
            return None

    def _opened(self) -> ClientAPI:
        if self._client is None:
            import chromadb
            from chromadb.api.shared_system_client import SharedSystemClient
            from chromadb.config import Settings

            try:
                with self._damage_explained(ValueError, OSError):
                    self._client = chromadb.PersistentClient(str(self._folder.resolve()), _own_settings(Settings))
            except PrerequisiteError:
                # Chroma keeps the client that did not start for the next one who opens this path.
                SharedSystemClient.clear_system_cache()
                raise
        return self._client

    def _loaded(self, collection: chromadb.Collection) -> _Matrix:
        """Return all rows; they are read once and kept until the next sync."""
        if self._matrix is None:
            with self._damage_explained():
                matrix, expected = _read(collection), collection.count()
            if len(set(matrix.ids)) != expected:
                raise self._damage(f"it counts {expected} rows and gives {len(set(matrix.ids))}")
            self._matrix = matrix
        return self._matrix

    def _approximate(
        self, collection: chromadb.Collection, vector: NDArray[np.float32], limit: int
    ) -> list[tuple[str, float]]:
        with self._damage_explained():
            found = collection.query(query_embeddings=vector.tolist(), n_results=limit, include=["distances"])
        distances = found["distances"]
        assert distances is not None
        pairs = [(each, _plain(1.0 - far)) for each, far in zip(found["ids"][0], distances[0], strict=True)]
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))

    @contextmanager
    def _damage_explained(self, *also: type[Exception]) -> Iterator[None]:
        """Turn what Chroma raises over a damaged folder into an error that says what to do."""
        from chromadb.errors import ChromaError

        expected: tuple[type[Exception], ...] = (ChromaError, *also)
        try:
            yield
        except expected as error:
            raise self._damage(str(error)) from error

    def _damage(self, what: str) -> PrerequisiteError:
        return PrerequisiteError(
            f"The vector index in {self._folder} cannot be used: {what}", hint="Run `skillgen doctor --rebuild`."
        )


def _own_settings(settings: type[Settings]) -> Settings:
    """Return Chroma's defaults, whatever the environment or an .env file say: both could turn on tracing."""
    defaults: dict[str, Any] = {name: each.default for name, each in settings.model_fields.items()}
    return settings(_env_file=None, **{**defaults, "anonymized_telemetry": False})


def _batches(ids: list[str], size: int) -> Iterator[list[str]]:
    return (ids[start : start + size] for start in range(0, len(ids), size))


def _plain(score: float) -> float:
    """Return the score rounded, as a plain float and never as -0.0."""
    return round(float(score), DECIMALS) + 0.0


def _check_unit_vectors(vectors: NDArray[np.float32], count: int) -> None:
    import numpy as np

    if vectors.shape[:-1] != (count,) or not np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-3):
        raise ValueError(f"{count} unit vectors were expected, not an array of shape {vectors.shape}")


def _read(collection: chromadb.Collection) -> _Matrix:
    """Return all rows of the collection in the order of their ids."""
    import numpy as np

    ids: list[str] = []
    pages = [np.empty((0, int((collection.metadata or {})["dimension"])))]
    for start in range(0, collection.count(), _PAGE):
        page = collection.get(include=["embeddings"], limit=_PAGE, offset=start)
        ids += page["ids"]
        pages.append(np.asarray(page["embeddings"], dtype=np.float64))
    rows = np.concatenate(pages)
    order = sorted(range(len(ids)), key=ids.__getitem__)
    return _Matrix(tuple(ids[row] for row in order), rows[order])
