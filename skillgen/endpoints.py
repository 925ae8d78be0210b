"""Addresses of servers: what may stand in a setting, and which of them stay on this machine."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

_LOOPBACK_NAMES = frozenset({"localhost", "localhost."})


def plain_address(address: str) -> str:
    """Return an http address without a slash at its end.

    Raises:
        ValueError: it is no http address, or holds a user, a query or a fragment, where keys like to hide. The message
            never shows the address.
    """
    if not _is_plain(address.strip()):
        raise ValueError("an address must look like http://host:port/v1, without user, password, query or key")
    return address.strip().rstrip("/")


def _is_plain(address: str) -> bool:
    try:
        parts = urlsplit(address)
        named = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False
    return named and not (parts.query or parts.fragment or "@" in parts.netloc)


def is_loopback(address: str) -> bool:
    """Tell whether an http address names this machine itself: localhost, 127.0.0.0/8 or ::1.

    Other names are not looked up: what a name server says can change between this check and the request.
    """
    host = urlsplit(address).hostname or ""
    if host in _LOOPBACK_NAMES:
        return True
    try:
        ip = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = ip.ipv4_mapped if isinstance(ip, ipaddress.IPv6Address) else None
    return (mapped or ip).is_loopback
