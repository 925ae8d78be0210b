"""An OpenAI-compatible embedding server. The only module that knows langchain_openai and openai."""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from skillgen.embed.texts import encodable
from skillgen.errors import PrerequisiteError, SettingsError

if TYPE_CHECKING:
    import numpy as np
    from langchain_openai import OpenAIEmbeddings
    from numpy.typing import NDArray

    from skillgen.protocols import Embedder

# How often the openai client tries again after a refused connection, a time-out or a busy server (its own default).
_RETRIES = 2
# All that an embedding server has to hear besides the key. openai also sends what it knows about this machine, and
# whatever OPENAI_ORG_ID, OPENAI_PROJECT_ID and OPENAI_CUSTOM_HEADERS hold.
_SENT_HEADERS = frozenset({"accept", "accept-encoding", "content-length", "content-type", "host", "user-agent"})


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
    return ServerEmbedder(client, endpoint=endpoint, model=model, key=key, batch_size=batch_size)


class ServerEmbedder:
    """An OpenAI-compatible embedding server; whatever it does wrong becomes a PrerequisiteError.

    `batch_size` is how many texts go into one request.
    """

    def __init__(self, client: OpenAIEmbeddings, *, endpoint: str, model: str, key: str, batch_size: int) -> None:
        self.batch_size = batch_size
        self._client = client
        self._endpoint = endpoint
        self._model = model
        self._key = key
        self._dimension = 0

    @property
    def endpoint(self) -> str:
        """The address that texts are sent to."""
        return self._endpoint

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
        rows = self._asked([encodable(text) if text.strip() else " " for text in texts])
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
