"""Nothing leaves that nobody asked for: no tracing, no telemetry, no keys in texts, no endpoint but this machine."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import urlsplit

from skillgen.endpoints import is_loopback
from skillgen.errors import UserError

# LangChain and LangSmith read these by prefix: switches, keys, addresses, projects and hooks of tracing.
_TRACING = ("LANGSMITH_", "LANGCHAIN_")
# Said aloud as well as removed, because a missing switch may come back from a file that a library reads.
_SWITCHED_OFF = ("LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING", "LANGCHAIN_TRACING_V2")
# Would make the provider's library print requests with their texts.
_LOGGING = ("OPENAI_LOG", "ANTHROPIC_LOG")
_SECRET_NAME = re.compile(r"KEY|TOKEN|SECRET|PASSWORD|CREDENTIAL", re.IGNORECASE)
_SHORTEST_SECRET = 8


def silence() -> None:
    """Turn the libraries' tracing and logging off in this process, whatever its environment says.

    To be called before LangChain is imported, and again before every use: LangSmith remembers what it has read.
    """
    for name in [name for name in os.environ if name.startswith(_TRACING) or name in _LOGGING]:
        del os.environ[name]
    os.environ.update(dict.fromkeys(_SWITCHED_OFF, "false"))
    from langsmith.utils import get_env_var

    forget = getattr(get_env_var, "cache_clear", None)
    if forget is not None:
        forget()


@contextmanager
def untraced() -> Iterator[None]:
    """Run the body with tracing off, even where code outside of skillgen has turned it on for this process."""
    from langsmith import tracing_context

    with tracing_context(enabled=False):
        yield


def redactor(environ: Mapping[str, str], *keys: str) -> Callable[[str], str]:
    """Return a function that writes [key] for every secret: the keys, and what the environment calls one."""
    secrets = {value for name, value in environ.items() if _SECRET_NAME.search(name) and len(value) >= _SHORTEST_SECRET}
    ordered = sorted(secrets | {key for key in keys if key}, key=lambda secret: (-len(secret), secret))

    def redact(text: str) -> str:
        for secret in ordered:
            text = text.replace(secret, "[key]")
        return text

    return redact


def refuse_remote(endpoint: str) -> None:
    """Check that an address is on this machine; the name localhost is looked up, as it may be given away.

    Raises:
        UserError: it is not.
    """
    if not (is_loopback(endpoint) and all(map(is_loopback, _resolved(endpoint)))):
        raise UserError(
            f"model.local_only is set, and {endpoint} is not on this machine.",
            hint="Name a server at http://127.0.0.1:PORT/v1 with model.base_url, or remove model.local_only.",
        )


def _resolved(endpoint: str) -> set[str]:
    """Return an address for every IP that the endpoint's name stands for; none where it cannot be looked up."""
    try:
        found = socket.getaddrinfo(urlsplit(endpoint).hostname, None, type=socket.SOCK_STREAM)
    except OSError:
        return set()
    ips = {str(entry[4][0]) for entry in found}
    return {f"http://[{ip}]" if ":" in ip else f"http://{ip}" for ip in ips}
