"""A server of a model on loopback: started, waited for, measured, and ended with whoever uses it."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from skillgen.errors import PrerequisiteError

SERVE = Path(__file__).resolve().parent / "serve.py"
_START_SECONDS = 180
_SPEED_SECONDS = 600
_POLL_SECONDS = 0.5
# About six hundred tokens to read, and fifty to write.
_SPEED_TEXT = "The harbour master checks the three cranes on the first Monday of every month and signs the list. " * 25
_SPEED_TOKENS = 50
_NO_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A served model: its name, the address of its server, and how it is served."""

    name: str
    address: str
    context: int
    threads: int

    @property
    def base_url(self) -> str:
        """The address that `skillgen --base-url` wants."""
        return f"{self.address}/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """Tokens that a model reads and writes in a second."""

    reads: float
    writes: float


@contextlib.contextmanager
def served(
    model: Path, name: str, runtime: Path, *, context: int, threads: int, port: Path | None = None
) -> Iterator[Served]:
    """Serve a model's file on a free port of this machine; it ends with the `with` statement, or this process.

    `port` is the file that remembers the port, by default one beside the model.

    Raises:
        PrerequisiteError: the server ends, or does not answer within three minutes.
    """
    kept = port or model.with_suffix(".port")
    number = _kept_port(kept)
    command = [sys.executable, str(SERVE), str(model), name, str(number), str(context), str(threads)]
    log = kept.with_suffix(".log")
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own script
            command,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            env={**os.environ, "PYTHONPATH": str(runtime)},
        )
        try:
            address = f"http://127.0.0.1:{number}"
            _wait(process, address, log)
            yield Served(name=name, address=address, context=context, threads=threads)
        finally:
            process.terminate()
            process.communicate()


def speed(server: Served) -> Speed:
    """Return how fast the model reads and writes now, by the server's own count."""
    body = {
        "messages": [{"role": "user", "content": f"{_SPEED_TEXT}\nTell a story about this harbour."}],
        "max_tokens": _SPEED_TOKENS,
        "temperature": 0,
        "cache_prompt": False,
    }
    timings = _post(f"{server.base_url}/chat/completions", body)["timings"]
    return Speed(reads=round(timings["prompt_per_second"], 1), writes=round(timings["predicted_per_second"], 1))


def _post(address: str, body: dict[str, Any]) -> dict[str, Any]:
    request = urllib.request.Request(  # noqa: S310 - a server that was started here
        address, json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with _NO_PROXY.open(request, timeout=_SPEED_SECONDS) as reply:
        answer: dict[str, Any] = json.load(reply)
    return answer


def _kept_port(file: Path) -> int:
    """Return the port of the first start: a reply is stored for its server's address, so another one would lose all."""
    if not file.is_file():
        file.write_text(str(_free_port()), encoding="utf-8")
    return int(file.read_text(encoding="utf-8"))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _wait(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    """Return when the server answers."""
    ends = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < ends:
        with contextlib.suppress(urllib.error.URLError, ConnectionError), _NO_PROXY.open(f"{address}/health"):
            return
        time.sleep(_POLL_SECONDS)
    said = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-3:]
    raise PrerequisiteError(
        f"The model server does not answer. It says: {' / '.join(said) or 'nothing'}", hint=f"The rest stands in {log}."
    )
