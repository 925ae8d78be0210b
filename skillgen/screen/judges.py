"""Judges of a value that stands where a secret may stand: one for each sort of place."""

from __future__ import annotations

import base64
import binascii
import re
import urllib.parse
from collections.abc import Callable

from skillgen.screen.values import classes, is_name, is_password, is_placeholder, is_reference, is_token, trimmed_end

Judge = Callable[[str], bool]

_SHORTEST_COMMAND = 5
_LONG_WORD = 8
_MIXED = 2
_FEW_SIGNS = 10
_FILLER = re.compile(r"example|x{6}|\.{6}|\*{3}|<|>", re.IGNORECASE)


def filled_in(value: str) -> bool:
    """The format alone says enough: only a placeholder stays."""
    return not is_placeholder(value)


def url_token(value: str) -> bool:
    """A random run as it stands in an address."""
    return token(urllib.parse.unquote(value))


def published(value: str) -> bool:
    """The format alone says enough, and its prefix may look like a placeholder: only plain fillers stay."""
    return len(set(value)) > _FEW_SIGNS and not _FILLER.search(value)


def dotted_token(value: str) -> bool:
    """A random run behind a letter and a dot."""
    return is_token(value.partition(".")[2])


def token(value: str) -> bool:
    """A random run."""
    return is_token(value[: trimmed_end(value)])


def password(value: str) -> bool:
    """What people make up; judged strictly, for places in prose."""
    return is_password(value[: trimmed_end(value)].rstrip(".:?")) and not value.startswith(("-", "("))


def mixed_code(value: str) -> bool:
    """A code or password that holds letters and digits and is no name, or shows signs that names lack."""
    has_both = any(c.isdigit() for c in value) and any(c.isalpha() for c in value)
    return has_both and password(value) and (not is_name(value) or classes(value) > _MIXED)


def command_password(value: str) -> bool:
    """A password as an argument: the place says what it is, so a plain word of some length counts as well."""
    value = value[: trimmed_end(value)]
    if len(value) < _SHORTEST_COMMAND or is_placeholder(value) or is_reference(value):
        return False
    return (
        is_password(value)
        or is_token(value)
        or (
            len(value) >= _LONG_WORD
            and "_" not in value
            and "-" not in value
            and not value.isdigit()
            and "/" not in value
            and ":" not in value
            and "," not in value
            and "." not in value
        )
    )


def url_password(value: str) -> bool:
    """A password between colon and at sign of an address."""
    return (
        len(value) >= _SHORTEST_COMMAND
        and not is_placeholder(value)
        and not value.startswith("$")
        and not value.isupper()
    )


def seed(value: str) -> bool:
    """A one-time-password seed: base32 in one case, with a digit, and no word."""
    joined = value.replace(" ", "").replace("-", "")
    one_case = joined.isupper() or joined.islower()
    return one_case and any(c.isdigit() for c in joined) and not is_placeholder(joined)


def decoded(value: str) -> str:
    """Return the text behind base64, or nothing where there is none."""
    try:
        text = base64.b64decode(value + "=" * (-len(value) % 4), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return ""
    return text if text.isprintable() else ""


def basic_credentials(value: str) -> bool:
    """The base64 form of `user:password` with a password that is filled in."""
    user, colon, secret = decoded(value).partition(":")
    return bool(user and colon and secret) and not is_placeholder(secret)


def encoded_secret(value: str) -> bool:
    """The base64 form of something that is filled in."""
    plain = decoded(value)
    return not is_placeholder(plain) if plain else is_token(value)
