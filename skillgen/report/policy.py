"""The content security policy of a page of ours: its own script and style may run, and nothing else."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256


def content_policy(*, scripts: Iterable[str], styles: Iterable[str], server: bool = True) -> str:
    """Return the content security policy: nothing but our own script and style, by the digests of their texts.

    Without a server the page is a file: it sends nothing anywhere, and what only a header can say is left out.
    """
    parts = [
        "default-src 'none'",
        f"script-src {' '.join(map(_digest, scripts))}",
        f"style-src {' '.join(map(_digest, styles))}",
        "img-src data:",
        "base-uri 'none'",
    ]
    parts += (
        ["connect-src 'self'", "form-action 'self'", "frame-ancestors 'none'"] if server else ["form-action 'none'"]
    )
    return "; ".join(parts)


def _digest(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode('utf-8')).digest()).decode()}'"
