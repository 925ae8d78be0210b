"""What skillgen wrote into an installed skill: its paths with digests, in a hidden file next to the skill's folder.

It stands beside the folder, not in it, so that the folder holds the skill and nothing else, and it moves along when a
folder of skills is copied or committed. It names no place and no time.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from skillgen.artifacts import write_if_changed
from skillgen.errors import UserError

Digests = Mapping[str, frozenset[str]]


def memory_path(root: Path, name: str) -> Path:
    """Return where it is remembered what was written into the skill of a folder of skills."""
    return root / f".{name}.skillgen.json"


def digest(data: bytes, *, executable: bool) -> str:
    """Return the SHA-256 of a file's bytes; a leading `x` says that it can be run."""
    return ("x" if executable else "") + hashlib.sha256(data).hexdigest()


def recall(path: Path) -> dict[str, frozenset[str]]:
    """Return the digests that each file may have; nothing where the memory is gone or damaged, so that no file is ours.

    Raises:
        UserError: a link stands in its place.
    """
    if path.is_symlink():
        raise UserError(f"{path} is a link.", hint="Take it away; skillgen keeps a plain file there.")
    try:
        files = json.loads(path.read_text(encoding="utf-8"))["files"]
        return {str(name): frozenset(map(str, digests)) for name, digests in files.items()}
    except (FileNotFoundError, NotADirectoryError, ValueError, LookupError, TypeError, AttributeError):
        return {}


def remember(path: Path, name: str, digests: Digests) -> None:
    """Write down the digests that each file may have."""
    data = {"skill": name, "files": {file: sorted(found) for file, found in sorted(digests.items())}}
    write_if_changed(path, json.dumps(data, indent=1) + "\n")
