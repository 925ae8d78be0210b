"""Finds a brief by path or by the name of a built-in one, and reads it."""

from __future__ import annotations

import hashlib
from pathlib import Path

from skillgen.brief.parse import EXAMPLE_HINT, parse_brief
from skillgen.errors import BriefError
from skillgen.model.brief import Brief
from skillgen.resources import data_dir

MAX_BYTES = 1_000_000


def load_brief(name_or_path: str) -> Brief:
    """Return the brief in the file `name_or_path`, or else the built-in brief of that name.

    Raises:
        BriefError: there is neither, or the file can not be read, is over 1 MB, is empty, is not UTF-8 or is no brief.
        PrerequisiteError: the folder of the built-in briefs is missing.
    """
    path = Path(name_or_path)
    # A folder may well have a built-in brief's name: `build` writes its package to one.
    if name_or_path in builtin_briefs() and not path.is_file():
        path = _builtin_dir() / f"{name_or_path}.md"
    data = _read(path, name_or_path)
    return parse_brief(_decode(data, name_or_path), path=name_or_path, sha256=hashlib.sha256(data).hexdigest())


def builtin_briefs() -> tuple[str, ...]:
    """Return the names of the briefs that come with skillgen, sorted.

    Raises:
        PrerequisiteError: the folder they come in is missing.
    """
    return tuple(sorted(path.stem for path in _builtin_dir().glob("*.md")))


def _builtin_dir() -> Path:
    return data_dir("prompts") / "briefs"


def _read(path: Path, shown: str) -> bytes:
    """Return the file's bytes.

    Raises:
        BriefError: it is missing, a folder, unreadable or over the limit.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        names = ", ".join(builtin_briefs()) or "none"
        raise BriefError(
            f"There is no file {shown!r} and no built-in brief of that name. Built-in briefs: {names}.",
            hint="Run `skillgen brief list`, or give the path of a Markdown file.",
        ) from None
    except IsADirectoryError:
        raise BriefError(f"{shown!r} is a folder, not a brief.", hint="Give the Markdown file inside it.") from None
    except OSError as error:
        raise BriefError(
            f"The brief {shown!r} can not be read: {error.strerror}.", hint="Check its permissions with `ls -l`."
        ) from error
    if len(data) > MAX_BYTES:
        raise BriefError(
            f"{shown} is over 1 MB, too big for a research brief.",
            hint="Give pages to read with `--corpus`; a brief holds only the questions.",
        )
    return data


def _decode(data: bytes, shown: str) -> str:
    """Return the bytes as text, newlines and byte-order mark untouched.

    Raises:
        BriefError: they are not UTF-8, or hold nothing but white space.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BriefError(
            f"{shown} is not UTF-8: byte {error.start + 1} is 0x{data[error.start]:02x}.",
            hint="Save it as UTF-8 and try again.",
        ) from error
    if not text.removeprefix("\ufeff").strip():
        raise BriefError(f"{shown} is empty.", hint=EXAMPLE_HINT)
    return text
