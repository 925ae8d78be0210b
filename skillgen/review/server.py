"""The review's server: one process on one port, and a browser that is shown the way."""

from __future__ import annotations

import socket
import threading
import webbrowser
from collections.abc import Callable

from skillgen.errors import UserError
from skillgen.review.app import make_app
from skillgen.review.bench import Bench
from skillgen.review.pages import Pages
from skillgen.review.security import Guard

# After Ctrl-C an answer that is being sent has so long to end; a browser may hold its connection open for ever.
_GRACE_SECONDS = 2


def serve(bench: Bench, *, host: str, port: int, open_browser: bool, tell: Callable[[str], None]) -> None:
    """Serve the review until the process is told to stop.

    Args:
        bench: What is reviewed.
        host: The address to listen on.
        port: The port, or 0 for any that is free.
        open_browser: Show the page in the user's browser.
        tell: Is called with the address, token included, once the server listens.

    Raises:
        UserError: the address or port cannot be listened on.
    """
    import uvicorn

    listening = _listen(host, port)
    bench.prepare()
    actual = listening.getsockname()[1]
    pages = Pages()
    guard = Guard(make_app(bench, pages), policy=pages.policy, host=host, port=actual)
    link = f"http://{_shown(host)}:{actual}/?token={guard.token}"
    config = uvicorn.Config(
        guard,
        access_log=False,
        http="h11",
        lifespan="off",
        log_level="warning",
        loop="asyncio",
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
        ws="none",
    )
    with listening:
        tell(link)
        if open_browser:  # the socket listens already: the browser waits until the server answers
            threading.Thread(target=webbrowser.open, args=[link], daemon=True).start()
        uvicorn.Server(config).run(sockets=[listening])


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen()
    except (OSError, OverflowError) as error:
        listening.close()
        raise UserError(
            f"{host}, port {port}, cannot be listened on ({error}).", hint="Leave --port out: a free one is taken."
        ) from error
    return listening


def _shown(host: str) -> str:
    """Return how a browser on this machine reaches the server."""
    if host in ("0.0.0.0", "::"):  # noqa: S104 - compared, not listened on
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host
