"""The one door to chat models: a request goes out through LangChain, and what the server sent comes back."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any, Protocol
from urllib.request import getproxies, proxy_bypass

from skillgen.chat.privacy import redactor, silence, untraced
from skillgen.chat.prompts import load_prompt
from skillgen.chat.replies import encodable
from skillgen.chat.schema import without_limits
from skillgen.chat.spec import OPENAI, ModelSpec
from skillgen.endpoints import is_loopback
from skillgen.errors import PrerequisiteError
from skillgen.model.chat import Capabilities, ChatMessage, ChatRequest, RawReply

if TYPE_CHECKING:
    import httpx2
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessage

OWN_SERVER_KEY = "SKILLGEN_MODEL_API_KEY"
_KEYS = {OPENAI: "OPENAI_API_KEY", "anthropic": "ANTHROPIC_API_KEY", "google_genai": "GOOGLE_API_KEY"}
_EXTRAS = {"anthropic": "anthropic", "google_genai": "google", "ollama": "ollama"}
# What these call the longest reply when a model is made.
_LIMITS = {"ollama": "num_predict", "google_genai": "max_output_tokens"}
# All that a server has to hear besides the key. openai also sends what it knows about this machine, and whatever
# OPENAI_ORG_ID, OPENAI_PROJECT_ID and OPENAI_CUSTOM_HEADERS hold. The last one says how openai reads the answer.
_SENT_HEADERS = frozenset(
    "accept accept-encoding connection content-length content-type host x-stainless-raw-response".split()
)
_FINISHES = {
    "max_tokens": "length",
    "max_output_tokens": "length",
    "end_turn": "stop",
    "content_filter": "refused",
    "refusal": "refused",
    "safety": "refused",
}


class ChatDoor(Protocol):
    """Sends one request to one model; used by several threads at a time."""

    @property
    def spec(self) -> ModelSpec:
        """The model."""
        ...

    @property
    def endpoints(self) -> tuple[str, ...]:
        """Every address that a request goes to or through."""
        ...

    def redact(self, text: str) -> str:
        """Return a text of the server without keys."""
        ...

    def send(self, request: ChatRequest, capabilities: Capabilities) -> RawReply:
        """Send a request once, without repeating anything, and return the reply; errors are those of the library."""
        ...

    def close(self) -> None:
        """Close the connections."""
        ...


def open_model(spec: ModelSpec, *, timeout: float, environ: Mapping[str, str] | None = None) -> ChatDoor:
    """Return the door to a model; nothing is sent yet.

    Args:
        spec: The model.
        timeout: Seconds until a request is given up.
        environ: Where keys come from; the process's environment by default.

    Raises:
        PrerequisiteError: the provider's package or key is missing.
    """
    environ = os.environ if environ is None else environ
    silence()
    key = _key(spec, environ)
    redact = redactor(environ, key)
    if spec.provider == OPENAI:
        return _OpenAIDoor(spec, key=key, timeout=timeout, redact=redact)
    return _ProviderDoor(spec, key=key, timeout=timeout, redact=redact)


def _key(spec: ModelSpec, environ: Mapping[str, str]) -> str:
    """Return the key, or "" where none is needed or the library looks for it; it goes to this model's server only."""
    if spec.own_server:
        return environ.get(OWN_SERVER_KEY, "").strip()
    name = _KEYS.get(spec.provider)
    key = environ.get(name, "").strip() if name else ""
    if name and not key:
        raise PrerequisiteError(
            f"{spec.provider}:{spec.name} needs a key, and the environment variable {name} is not set.",
            hint=f"export {name}=... (never write it into a file of the project), or choose another model.",
        )
    return key


class _Door:
    """What all doors have."""

    def __init__(self, spec: ModelSpec, *, redact: Callable[[str], str], endpoints: tuple[str, ...]) -> None:
        self.spec = spec
        self.redact = redact
        self.endpoints = endpoints

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.spec.id})"


class _OpenAIDoor(_Door):
    """OpenAI, or any server that speaks its chat completions."""

    def __init__(self, spec: ModelSpec, *, key: str, timeout: float, redact: Callable[[str], str]) -> None:
        assert spec.address is not None
        proxy = _proxy(spec.address)
        shown = (spec.address, *([f"proxy {proxy.rpartition('@')[2]}"] if proxy else []))
        super().__init__(spec, redact=redact, endpoints=shown)
        self._http = _http_client(key, proxy)
        self._model = _made(
            spec,
            base_url=spec.address,
            api_key=key or "unused",
            openai_proxy="",
            timeout=timeout,
            max_retries=0,
            use_responses_api=False,
            output_version="v0",
            http_client=self._http,
        )

    def send(self, request: ChatRequest, capabilities: Capabilities) -> RawReply:
        """Send a request; all parameters go into the body as they are, past what LangChain makes of them."""
        body = openai_body(request, capabilities, own_server=self.spec.own_server)
        with untraced():
            message = self._model.invoke(_dialogue(request, capabilities), extra_body=body)
        return _raw_reply(message)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()


class _ProviderDoor(_Door):
    """Any other provider of LangChain: a model is made for each length of reply, as their names for it differ."""

    def __init__(self, spec: ModelSpec, *, key: str, timeout: float, redact: Callable[[str], str]) -> None:
        super().__init__(spec, redact=redact, endpoints=(spec.endpoint,))
        self._options: dict[str, Any] = {"temperature": 0, "max_retries": 0, "timeout": timeout}
        if spec.address:
            self._options["base_url"] = spec.address
        if key or spec.own_server:
            self._options["api_key"] = key or "unused"  # otherwise the library takes the provider's own
        if spec.provider == "ollama":
            self._options |= {"seed": 0, "client_kwargs": _LOCAL_CLIENT | {"timeout": timeout}}
        self._made: dict[tuple[int, tuple[str, ...]], BaseChatModel] = {}
        self._model(1, ())  # says at once that a package is missing

    def _model(self, max_tokens: int, leave_out: tuple[str, ...]) -> BaseChatModel:
        made = (max_tokens, leave_out)
        if made not in self._made:
            options = {name: value for name, value in self._options.items() if name not in leave_out}
            limit = {_LIMITS.get(self.spec.provider, "max_tokens"): max_tokens}
            self._made[made] = _made(self.spec, **options, **limit)
        return self._made[made]

    def send(self, request: ChatRequest, capabilities: Capabilities) -> RawReply:
        """Send a request; LangChain knows how each provider is held to a schema."""
        model = self._model(request.max_tokens, capabilities.leave_out)
        dialogue = _dialogue(request, capabilities)
        schema = _sent_schema(request, capabilities)
        with untraced():
            if schema is None:
                return _raw_reply(model.invoke(dialogue))
            named = {"title": request.schema_name, "description": request.prompt, **schema}
            answer: Any = model.with_structured_output(named, include_raw=True).invoke(dialogue)
        return _raw_reply(answer["raw"])

    def close(self) -> None:
        """Leave the connections to the provider's library, which has no way to close them."""


# Ollama is on this machine or near it: what a proxy or a redirect would do to that is nobody's wish.
_LOCAL_CLIENT = {"trust_env": False, "follow_redirects": False}


def _made(spec: ModelSpec, **options: Any) -> BaseChatModel:  # noqa: ANN401 - each provider has its own
    from langchain.chat_models import init_chat_model

    try:
        model: BaseChatModel = init_chat_model(spec.name, model_provider=spec.provider, **options)
    except ImportError as error:
        extra = _EXTRAS.get(spec.provider)
        package = f'"runbook-skillgen[{extra}]"' if extra else f"langchain-{spec.provider.replace('_', '-')}"
        raise PrerequisiteError(
            f"{spec.provider}:{spec.name} needs a package that is not installed ({error.name or error}).",
            hint=f"pip install {package}",
        ) from None
    return model


def openai_body(request: ChatRequest, capabilities: Capabilities, *, own_server: bool) -> dict[str, Any]:
    """Return what a chat completion is asked for beside model and messages.

    OpenAI knows the longest reply by another name than most other servers; the one that is refused gives way.
    """
    names = ["max_tokens", "max_completion_tokens"] if own_server else ["max_completion_tokens", "max_tokens"]
    limit = next((name for name in names if name not in capabilities.leave_out), names[0])
    body: dict[str, Any] = {limit: request.max_tokens, "temperature": request.temperature, "seed": request.seed}
    schema = _sent_schema(request, capabilities)
    if schema is not None:
        strict = {"name": request.schema_name, "schema": schema, "strict": True}
        body["response_format"] = {"type": "json_schema", "json_schema": strict}
    elif request.schema is not None and capabilities.mode == "json":
        body["response_format"] = {"type": "json_object"}
    return {name: value for name, value in body.items() if name == limit or name not in capabilities.leave_out}


def _sent_schema(request: ChatRequest, capabilities: Capabilities) -> dict[str, Any] | None:
    """Return the schema that the server holds the model to, or None where it cannot."""
    if request.schema is None or capabilities.mode in {"json", "text"}:
        return None
    return request.schema if capabilities.mode == "schema" else without_limits(request.schema)


def _dialogue(request: ChatRequest, capabilities: Capabilities) -> list[tuple[str, str]]:
    """Return the messages; a model that its server does not hold to the schema is told it in words."""
    messages = list(request.messages)
    if request.schema is not None and _sent_schema(request, capabilities) is None:
        form = load_prompt("form").messages({"schema": schema_text(request.schema)})[0].text
        last = messages.pop()
        messages.append(ChatMessage(role=last.role, text=f"{last.text}\n\n{form}"))
    return [(message.role, encodable(message.text)) for message in messages]


def schema_text(schema: Mapping[str, Any]) -> str:
    """Return a schema as a prompt shows it, in one line."""
    return json.dumps(schema, ensure_ascii=False, separators=(",", ":"))


def _proxy(address: str) -> str | None:
    """Return the proxy that the environment names for an address; this machine is never asked through one."""
    scheme, _, rest = address.partition("://")
    proxies = getproxies()
    proxy = proxies.get(scheme) or proxies.get("all")
    host = rest.partition("/")[0]
    return None if not proxy or is_loopback(address) or proxy_bypass(host) else proxy


class _Request(Protocol):
    """A request of httpx or httpx2, whichever openai uses."""

    headers: MutableMapping[str, str]


def _http_client(key: str, proxy: str | None) -> httpx2.Client:
    """Return a client that takes nothing from the environment, follows no redirect and sends few headers."""
    import openai

    def only_what_is_needed(request: _Request) -> None:
        for name in set(request.headers) - _SENT_HEADERS:
            del request.headers[name]
        request.headers["User-Agent"] = "skillgen"
        if key:
            request.headers["Authorization"] = f"Bearer {key}"

    return openai.DefaultHttpxClient(
        trust_env=False, follow_redirects=False, proxy=proxy, event_hooks={"request": [only_what_is_needed]}
    )


def _raw_reply(message: AIMessage) -> RawReply:
    """Return what a message of LangChain says; a reply that came as a tool's arguments is those as JSON."""
    about = message.response_metadata
    finish = str(about.get("finish_reason") or about.get("stop_reason") or about.get("done_reason") or "stop").lower()
    text = str(message.text)
    if not text and message.tool_calls:
        text = json.dumps(message.tool_calls[0]["args"], ensure_ascii=False)
    usage = message.usage_metadata
    refusal = message.additional_kwargs.get("refusal")
    return RawReply(
        text=encodable(text),
        finish=_FINISHES.get(finish, encodable(finish)),
        model=encodable(str(about.get("model_name") or about.get("model") or "")),
        tokens_in=usage["input_tokens"] if usage else None,
        tokens_out=usage["output_tokens"] if usage else None,
        refusal=encodable(str(refusal)) if refusal else None,
    )
