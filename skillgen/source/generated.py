"""Packages that skillgen wrote: they are made from the pages, so they are none."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

_FLAGS = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY
_HEAD_BYTES = 32_768  # name and description have at most 1,088 characters; a user's template may add more keys
_FRONT_MATTER = re.compile(rb"---[ \t]*\r?\n(?P<keys>.*?)^---", re.DOTALL | re.MULTILINE)
_GENERATOR = re.compile(rb"^[ \t]+generator:[ \t]*[\"']?skillgen\b(?!-)", re.MULTILINE)


def is_generated_package(folder: Path) -> bool:
    """Tell whether the folder's SKILL.md names skillgen as its generator; a link or an unreadable file says nothing."""
    try:
        file = os.open(folder / "SKILL.md", os.O_RDONLY | _FLAGS)
    except OSError:
        return False
    try:
        head = os.read(file, _HEAD_BYTES) if stat.S_ISREG(os.fstat(file).st_mode) else b""
    except OSError:
        return False
    finally:
        os.close(file)
    front = _FRONT_MATTER.match(head.removeprefix(b"\xef\xbb\xbf"))
    return front is not None and _GENERATOR.search(front["keys"]) is not None
