"""Reading: one page as text, looked at again because the tree may have changed since the scan."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterable
from pathlib import Path

from skillgen.model.corpus import Finding, SourceFile
from skillgen.source.encoding import not_utf8
from skillgen.source.findings import binary, huge, unreadable
from skillgen.source.walk import SourceEntry

_READ_FLAGS = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY  # neither a link nor a pipe that was put in a file's place


def read_source(entry: SourceEntry, *, max_bytes: int) -> SourceFile | Finding:
    """Read a page that a scan listed; at most `max_bytes` and one byte are read.

    Returns:
        The file with its text, or the finding that says why it cannot be read as text: `vanished`, `unreadable`,
        `huge`, `empty`, `binary` or `wrong-encoding`.
    """
    try:
        data, size = _read_bytes(entry.path, max_bytes)
    except OSError as error:
        return unreadable(entry.source, error)
    if size > max_bytes:
        return huge(entry.source, size, max_bytes)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return not_utf8(entry.source, data, error.start)
    if not text.replace("\ufeff", "").strip():
        message = f"{entry.source} is empty. Fill it or take it out of the corpus."
        return Finding(kind="empty", source=entry.source, message=message)
    if text.count("\0") * 100 > len(text):
        return binary(entry.source)
    return SourceFile(source=entry.source, text=text, sha256=hashlib.sha256(data).hexdigest(), url=entry.url)


def corpus_digest(pairs: Iterable[tuple[str, str]]) -> str:
    """Return the SHA-256 over pairs (source, SHA-256 of its bytes); their order does not matter."""
    digest = hashlib.sha256()
    for source, sha256 in sorted(pairs):
        digest.update(f"{source}\0{sha256}\0".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _read_bytes(path: Path, limit: int) -> tuple[bytes, int]:
    """Return a file's bytes and its size; a file over the limit is not read to its end.

    Raises:
        FileNotFoundError: What the scan saw is gone, or something else stands in its place.
        OSError: The file cannot be opened or read.
    """
    if not stat.S_ISREG(path.lstat().st_mode):
        raise _gone(path)
    with open(path, "rb", opener=lambda name, flags: os.open(name, flags | _READ_FLAGS)) as file:
        opened = os.fstat(file.fileno())
        # A folder on the way may have become a link: what is open must be what stands at the path itself.
        if os.path.realpath(path) != str(path) or not os.path.samestat(path.lstat(), opened):
            raise _gone(path)
        data = file.read(limit + 1) if opened.st_size <= limit else b""
    return data, max(len(data), opened.st_size)


def _gone(path: Path) -> FileNotFoundError:
    return FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
