"""The embedder that settings name: the packaged model, a folder, OpenAI, or any server that speaks as OpenAI's does."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from skillgen.embed.local import local_embedder
from skillgen.embed.server import server_embedder
from skillgen.errors import PrerequisiteError, SettingsError
from skillgen.settings import LOCAL_EMBEDDINGS, OPENAI_EMBEDDINGS, EmbedSettings

if TYPE_CHECKING:
    from skillgen.protocols import Embedder

OPENAI_ADDRESS = "https://api.openai.com/v1"
OPENAI_KEY = "OPENAI_API_KEY"


def named_embedder(
    embed: EmbedSettings, *, api_key: str | None = None, timeout: float = 60, environ: Mapping[str, str] | None = None
) -> Embedder:
    """Return the embedder that the settings name; nothing is sent yet.

    The key of OpenAI goes to OpenAI only, and that of a server of one's own to that server only.

    Args:
        embed: The settings.
        api_key: The key of the server that base_url names, if it wants one.
        timeout: Seconds until one request to a server is given up.
        environ: Where OpenAI's key comes from; the process's environment by default.

    Raises:
        PrerequisiteError: the files of a local model are missing or not the pinned ones, or a key is missing.
        SettingsError: the settings name no embedder, or two.
    """
    environ = os.environ if environ is None else environ
    model = embed.model or LOCAL_EMBEDDINGS
    if embed.base_url is not None:
        name = model.removeprefix(OPENAI_EMBEDDINGS)
        if embed.model is None or name == LOCAL_EMBEDDINGS or not name:
            raise SettingsError("embed.base_url needs embed.model.", hint="Name the server's embedding model.")
        return server_embedder(embed.base_url, name, api_key=api_key, timeout=timeout)
    if model.startswith(OPENAI_EMBEDDINGS):
        return server_embedder(
            OPENAI_ADDRESS, model.removeprefix(OPENAI_EMBEDDINGS), api_key=_openai_key(model, environ), timeout=timeout
        )
    if model != LOCAL_EMBEDDINGS:
        raise SettingsError(
            f"embed.model names no embedding model: {model!r}.",
            hint='It is "local", "openai:NAME", or the name of a model on the server that embed.base_url names.',
        )
    return local_embedder(embed.folder, threads=embed.threads)


def _openai_key(model: str, environ: Mapping[str, str]) -> str:
    key = environ.get(OPENAI_KEY, "").strip()
    if not key:
        raise PrerequisiteError(
            f"{model} needs a key, and the environment variable {OPENAI_KEY} is not set.",
            hint=f"export {OPENAI_KEY}=... (never write it into a file of the project), or choose another model.",
        )
    return key
