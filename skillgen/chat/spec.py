"""Which model is meant, and where it is: `provider:name`, or a name on an OpenAI-compatible server."""

from __future__ import annotations

from dataclasses import dataclass

from skillgen.chat.privacy import refuse_remote
from skillgen.endpoints import plain_address
from skillgen.errors import SettingsError, UserError

OPENAI = "openai"
# Where these providers are, said aloud so that no variable of the environment sends texts elsewhere.
_ENDPOINTS = {
    OPENAI: "https://api.openai.com/v1",
    "anthropic": "https://api.anthropic.com",
    "google_genai": "https://generativelanguage.googleapis.com",
    "ollama": "http://127.0.0.1:11434",
}
_OTHER_NAMES = {"google": "google_genai"}
_NAMED = "openai:NAME, anthropic:NAME, google:NAME or ollama:NAME"
# What LangChain's init_chat_model calls these, beside those above; their libraries decide where they are.
_OTHERS = frozenset(
    "anthropic_bedrock azure_ai azure_openai baseten bedrock bedrock_converse cohere deepseek fireworks "
    "google_anthropic_vertex google_vertexai groq huggingface ibm litellm meta mistralai nvidia openrouter perplexity "
    "together upstage xai".split()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSpec:
    """A model: `address` is None where only the provider's library knows it; `own_server` is set by a base_url."""

    provider: str
    name: str
    address: str | None
    own_server: bool = False

    @property
    def id(self) -> str:
        """Names model and place: another server may hold other weights under the same name."""
        return f"{self.provider}:{self.name} at {self.endpoint}"

    @property
    def endpoint(self) -> str:
        """The address as it is shown."""
        return self.address or f"the address that the library of {self.provider} uses"

    @property
    def price_key(self) -> str:
        """What the price file calls it: an own server's price has nothing to do with the provider's."""
        return f"{self.address} {self.name}" if self.own_server else f"{self.provider}:{self.name}"


def model_spec(model: str, base_url: str | None = None, *, local_only: bool = False) -> ModelSpec:
    """Return the model that a setting names.

    Args:
        model: `provider:name`; with a base_url the name alone is enough, as the server is OpenAI-compatible then.
        base_url: The server's address, up to `/chat/completions`.
        local_only: Refuse what is not on this machine.

    Raises:
        SettingsError: the provider is unknown, or the address is none.
        UserError: the model is not on this machine, and has to be.
    """
    provider, name = _split(model.strip(), own_server=base_url is not None)
    address = _ENDPOINTS.get(provider) if base_url is None else _address(base_url)
    if base_url is not None and provider not in _ENDPOINTS:
        raise SettingsError(
            f"model.base_url cannot be used with {provider}.", hint="Use it with openai:NAME or with a name alone."
        )
    if local_only:
        if address is None:
            raise UserError(
                f"model.local_only is set, and {provider}:{name} is not known to be on this machine.",
                hint="Name a server at http://127.0.0.1:PORT/v1 with model.base_url, or remove model.local_only.",
            )
        refuse_remote(address)
    return ModelSpec(provider=provider, name=name, address=address, own_server=base_url is not None)


def _split(model: str, *, own_server: bool) -> tuple[str, str]:
    """Return (provider, name); on an own server, a word before a colon that is no provider belongs to the name."""
    prefix, colon, rest = model.partition(":")
    provider = _OTHER_NAMES.get(prefix, prefix)
    known = bool(colon) and (provider in _ENDPOINTS or provider in _OTHERS)
    name = rest if known else model
    if not name or not (known or own_server):
        raise SettingsError(
            f"model.name must name a provider and a model, not {model!r}.", hint=f"For instance {_NAMED}."
        )
    return (provider, name) if known else (OPENAI, name)


def _address(base_url: str) -> str:
    try:
        return plain_address(base_url)
    except ValueError as error:
        raise SettingsError(
            f"model.base_url cannot be used: {error}.", hint="Keys come from the environment: docs/models.md."
        ) from None
