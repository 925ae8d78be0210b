"""The guard before the review's pages: who may ask, from where, and what an answer may do in the browser.

Any page that is open in a browser can send requests to a server on the same machine, and a host name of its own can be
made to point there. So every request must name this server in `Host` (a rebound name does not), carry a cookie that is
given only for the token of the printed link, and, to change anything, come from a page of this server (`Origin`).
"""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
# Status, text and headers of an answer that the application is not asked for.
_Refusal = tuple[int, str, list[tuple[bytes, bytes]]]

MAX_BODY = 65_536
_TOKEN_BYTES = 32
_NO_COOKIE = "Open the link that `skillgen review` printed: it holds the key to this page.\n"
_FIXED = {
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


class Guard:
    """Lets through what comes from the reviewer's own window, and puts the security headers on every answer."""

    def __init__(self, app: App, *, policy: str, host: str, port: int) -> None:
        """Stand before an application.

        Args:
            app: The application.
            policy: Its content security policy.
            host: The address that the server listens on.
            port: Its port.
        """
        self.token = secrets.token_urlsafe(_TOKEN_BYTES)
        self._session = secrets.token_urlsafe(_TOKEN_BYTES)
        self._app = app
        self._headers = [(name.encode(), value.encode()) for name, value in _FIXED.items()]
        self._headers.append((b"content-security-policy", policy.encode()))
        self._host, self._port = host, port
        # Cookies are shared between the ports of a host: each review has one of its own.
        self._cookie = f"skillgen-review-{port}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] != "http":
            return

        async def guarded(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), *self._headers]
            await send(message)

        refusal = self._refusal(scope)
        if refusal is None:
            await self._app(scope, receive, guarded)
            return
        status, text, headers = refusal
        plain = [(b"content-type", b"text/plain; charset=utf-8"), *headers]
        await guarded({"type": "http.response.start", "status": status, "headers": plain})
        await guarded({"type": "http.response.body", "body": text.encode()})

    def _refusal(self, scope: Scope) -> _Refusal | None:
        """Return status, text and headers of the answer to a request that does not reach the application."""
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        host = headers.get("host", "")
        if not self._is_ours(host):
            return 421, "This server does not answer for that host.\n", []
        if scope["method"] not in ("GET", "HEAD", "POST"):
            return 405, "Only GET and POST are answered.\n", [(b"allow", b"GET, HEAD, POST")]
        entering = self._entry(scope)
        if entering is not None:
            return entering
        if not self._is_known(headers.get("cookie", "")):
            return 403, _NO_COOKIE, []
        return _change_refused(headers, host) if scope["method"] == "POST" else None

    def _entry(self, scope: Scope) -> _Refusal | None:
        """Exchange a token in the address for the cookie, and take it out of the address."""
        query = parse_qsl(scope["query_string"].decode("latin-1"))
        given = [value for name, value in query if name == "token"]
        if not given:
            return None
        if scope["method"] != "GET" or not secrets.compare_digest(given[0].encode(), self.token.encode()):
            return 403, _NO_COOKIE, []
        rest = urlencode([(name, value) for name, value in query if name != "token"])
        cookie = f"{self._cookie}={self._session}; Path=/; HttpOnly; SameSite=Strict"
        return 303, "", [(b"location", f"/?{rest}".rstrip("?").encode()), (b"set-cookie", cookie.encode())]

    def _is_known(self, cookies: str) -> bool:
        """Tell whether our cookie is among them; what other programs on this machine set is passed over."""
        pairs = (one.strip().partition("=") for one in cookies.split(";"))
        given = [value for name, _, value in pairs if name == self._cookie]
        return any(secrets.compare_digest(value.encode(), self._session.encode()) for value in given)

    def _is_ours(self, host: str) -> bool:
        """Tell whether a `Host` header names this server: by loopback, by its address, or by any address if it is any.

        A name can be made to point anywhere, an address cannot: addresses are safe where the server listens on all.
        """
        name, _, port = host.rpartition(":")
        if port != str(self._port):
            return False
        name = name.strip("[]").lower()
        if name in {"127.0.0.1", "localhost", "::1", self._host.lower()}:
            return True
        return self._host in ("0.0.0.0", "::") and _is_address(name)  # noqa: S104 - compared, not listened on


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _change_refused(headers: MutableMapping[str, str], host: str) -> _Refusal | None:
    """Return the refusal of a request that would change something, or None."""
    if not _from_own_page(headers, host):
        return 403, "A change must come from the review's own page.\n", []
    if int(headers.get("content-length", "0") or "0") > MAX_BODY or "transfer-encoding" in headers:
        return 413, "That is more than a form of this page holds.\n", []
    return None


def _from_own_page(headers: MutableMapping[str, str], host: str) -> bool:
    """Tell whether a request was sent by a page of this server.

    A form of a page without referrer sends the origin `null`; then the browser's word on where it comes from counts.
    """
    origin = headers.get("origin", "")
    if origin == "null":
        return headers.get("sec-fetch-site") == "same-origin"
    return origin == f"http://{host}"
