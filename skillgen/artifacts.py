"""Files written whole or not at all."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

_UNFINISHED = ".skillgen-part"
_MODE = 0o644  # less what the user's umask takes away


def write_atomically(path: Path, text: str) -> None:
    """Write a file so that a reader sees the old or the new text, never a part; a link in its place is replaced."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.parent / f".{path.name}.{secrets.token_hex(6)}{_UNFINISHED}"
    try:
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE)
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def write_if_changed(path: Path, text: str) -> bool:
    """Write a file atomically unless it holds the text already, and return whether it was written."""
    if not differs(path, text):
        return False
    write_atomically(path, text)
    return True


def differs(path: Path, text: str) -> bool:
    """Return whether there is no regular file with just this text at the path."""
    return path.is_symlink() or not path.is_file() or path.read_bytes() != text.encode("utf-8")


def remove_unfinished(folder: Path) -> None:
    """Remove what a killed process left of files that it was writing into the folder."""
    for partial in folder.glob(f".*{_UNFINISHED}"):
        partial.unlink(missing_ok=True)
