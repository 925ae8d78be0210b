"""Names of files and folders, made fit to be shown."""

from __future__ import annotations

import re

# Surrogates stand for bytes that are no UTF-8; control characters and line ends break whatever shows the name.
ODD = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_UNDECODED = range(0xDC80, 0xDD00)


def printable(text: str) -> str:
    r"""Return the text with what cannot be shown escaped: a byte that is no UTF-8 as \xe9, a line end as \n."""
    return ODD.sub(lambda found: _escaped(found.group()), text)


def _escaped(character: str) -> str:
    if ord(character) in _UNDECODED:
        return f"\\x{ord(character) - 0xDC00:02x}"
    return character.encode("unicode_escape").decode("ascii")


def cause(error: OSError | ValueError) -> str:
    """Return what the system says went wrong, without the path."""
    reason = error.strerror if isinstance(error, OSError) else None
    return reason or str(error)
