"""Values that look like secrets, made at run time: none stands in the repository, and none opens anything."""

from __future__ import annotations

import base64
import json
import random
import string
import textwrap
from collections.abc import Callable

Maker = Callable[[random.Random], str]

_ALNUM = string.ascii_letters + string.digits
_BASE64 = _ALNUM + "+/"
_URL_SAFE = _ALNUM + "-_"
_HEX = "0123456789abcdef"
_WORDS = (
    "harbour lantern ferry anchor copper willow granite meadow thunder saffron pebble orchid falcon timber velvet "
    "marble cobalt juniper canyon ember glacier walnut prairie sparrow"
).split()


def _chars(rng: random.Random, alphabet: str, count: int) -> str:
    return "".join(rng.choice(alphabet) for _ in range(count))


def run_of(alphabet: str, count: int, prefix: str = "", suffix: str = "") -> Maker:
    """Return a maker of a random run between a prefix and a suffix; it always holds a letter and a digit."""

    def make(rng: random.Random) -> str:
        while True:
            body = _chars(rng, alphabet, count)
            if any(c.isdigit() for c in body) and any(c.isalpha() for c in body):
                return prefix + body + suffix

    return make


def alnum(count: int, prefix: str = "") -> Maker:
    """Return a maker of letters and digits."""
    return run_of(_ALNUM, count, prefix)


def hexadecimal(count: int, prefix: str = "") -> Maker:
    """Return a maker of hexadecimal digits."""
    return run_of(_HEX, count, prefix)


def url_safe(count: int, prefix: str = "") -> Maker:
    """Return a maker of letters, digits, hyphens and underscores that starts and ends with a letter or digit."""
    inner = run_of(_URL_SAFE, count - 2)
    return lambda rng: prefix + rng.choice(_ALNUM) + inner(rng) + rng.choice(_ALNUM)


def base64_run(count: int, prefix: str = "", suffix: str = "") -> Maker:
    """Return a maker of base64 digits."""
    return run_of(_BASE64, count, prefix, suffix)


def upper(count: int, prefix: str = "") -> Maker:
    """Return a maker of upper-case letters and digits."""
    return run_of(string.ascii_uppercase + string.digits, count, prefix)


def base32(count: int) -> Maker:
    """Return a maker of a one-time-password seed."""
    return run_of(string.ascii_uppercase + "234567", count)


def uuid(rng: random.Random) -> str:
    """Make a UUID."""
    return "-".join(_chars(rng, _HEX, count) for count in (8, 4, 4, 4, 12))


def strong_password(rng: random.Random) -> str:
    """Make what a password generator gives, without characters that need quoting."""
    return _chars(rng, string.ascii_letters, 5) + rng.choice("!#%+=_-") + _chars(rng, _ALNUM, 7) + rng.choice("2345789")


def human_password(rng: random.Random) -> str:
    """Make what a person thinks up: a word, a number, a sign."""
    word = rng.choice(_WORDS)
    return (
        rng.choice((word.title(), word)) + str(rng.randrange(10, 9999)) + rng.choice(("!", "", "#", rng.choice(_WORDS)))
    )


def passphrase(rng: random.Random) -> str:
    """Make words joined by hyphens with a number at the end."""
    return "-".join(rng.sample(_WORDS, 3)).title() + "-" + str(rng.randrange(10, 99))


def any_password(rng: random.Random) -> str:
    """Make one of the three kinds of password."""
    return rng.choice((strong_password, human_password, passphrase))(rng)


def url_password(rng: random.Random) -> str:
    """Make a password as it stands in an address."""
    return _chars(rng, string.ascii_letters, 6) + rng.choice(("%21", "-", "_", "")) + _chars(rng, _ALNUM, 8) + "7"


def jwt(rng: random.Random) -> str:
    """Make a signed token with three parts."""

    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    claims = {"sub": rng.choice(_WORDS), "iat": rng.randrange(1_600_000_000, 1_700_000_000), "aud": rng.choice(_WORDS)}
    return f"{part({'alg': 'RS256', 'typ': 'JWT'})}.{part(claims)}.{_chars(rng, _URL_SAFE, 85)}A"


def pem(label: str, lines: int = 6) -> Maker:
    """Return a maker of an armoured block; `label` names what it holds."""

    def make(rng: random.Random) -> str:
        body = "\n".join(_chars(rng, _BASE64, 64) for _ in range(lines))
        return f"-----BEGIN {label}-----\n{body}\n{_chars(rng, _BASE64, 30)}==\n-----END {label}-----"

    return make


def escaped_pem(label: str) -> Maker:
    """Return a maker of the same block in one line, as it stands in JSON."""
    return lambda rng: pem(label, 4)(rng).replace("\n", "\\n")


def indented(maker: Maker, spaces: int) -> Maker:
    """Return a maker of the same value with its later lines indented."""
    return lambda rng: textwrap.indent(maker(rng), " " * spaces).lstrip()


def base64_of(maker: Maker) -> Maker:
    """Return a maker of the base64 form of a value."""
    return lambda rng: base64.b64encode(maker(rng).encode()).decode()


def user_and(maker: Maker) -> Maker:
    """Return a maker of the base64 form of `user:value`."""
    return lambda rng: base64.b64encode(f"{rng.choice(_WORDS)}:{maker(rng)}".encode()).decode()


def grouped(alphabet: str, groups: int, size: int, joint: str = "-") -> Maker:
    """Return a maker of groups of characters."""

    def make(rng: random.Random) -> str:
        while True:
            value = joint.join(_chars(rng, alphabet, size) for _ in range(groups))
            if any(c.isdigit() for c in value):
                return value

    return make


def crypt(prefix: str, salt: int, digest: int) -> Maker:
    """Return a maker of a password hash in the modular crypt format."""
    alphabet = _ALNUM + "./"
    return lambda rng: f"{prefix}{_chars(rng, alphabet, salt)}{'$' if salt else ''}{_chars(rng, alphabet, digest)}"
