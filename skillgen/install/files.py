"""The files of a package or of an installed skill, read whole; links are refused wherever they lead."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from skillgen.errors import UserError
from skillgen.model.install import PackageFile

# What a system or an interpreter leaves behind: nobody wrote it.
_DEBRIS = frozenset({"__pycache__", ".DS_Store"})
# What serves the making of a skill only; agents' own packagers leave it out too.
_NOT_DELIVERED = frozenset({"node_modules", ".git"})
_EVALS = "evals"
UNFINISHED = ".skillgen-part"


def read_skill_files(folder: Path) -> tuple[tuple[PackageFile, ...], tuple[str, ...]]:
    """Return the files of a package in the order of their paths, and the paths that are not delivered.

    Raises:
        UserError: the folder is no package, or holds a link, a special file or a name that no archive can hold.
    """
    if not (folder / "SKILL.md").is_file():
        hint = "Give the folder OUT/NAME that `skillgen build` wrote."
        raise UserError(f"{folder} is no package: there is no SKILL.md in it.", hint=hint)
    files, left_out = [], []
    for path, place in _walk(folder):
        if is_debris(path) or _is_left_out(path):
            left_out.append(path)
        else:
            files.append(_read(path, place))
    return tuple(files), tuple(left_out)


def read_installed(folder: Path) -> dict[str, PackageFile]:
    """Return the files of an installed skill by their paths, without what nobody wrote; nothing where there is none.

    Raises:
        UserError: the folder is a link or a file, or holds a link or a special file.
    """
    if folder.is_symlink():
        raise _link(folder)
    if not folder.exists():
        return {}
    if not folder.is_dir():
        raise UserError(f"{folder} is a file.", hint="Move it away, or give another folder with --to.")
    return {path: _read(path, place) for path, place in _walk(folder) if not is_debris(path)}


def is_debris(path: str) -> bool:
    """Return whether a system or an interpreter left the file behind."""
    pure = PurePosixPath(path)
    return bool(_DEBRIS & {*pure.parts}) or pure.suffix == ".pyc" or path.endswith(UNFINISHED)


def _is_left_out(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return bool(_NOT_DELIVERED & {*parts}) or parts[0] == _EVALS


def _walk(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield every file below the folder with its path, in the order of the paths."""
    found: list[tuple[str, Path]] = []
    for root, inner, names in os.walk(folder, onerror=_refuse_unlisted):
        for name in (*inner, *names):
            place = Path(root, name)
            path = place.relative_to(folder).as_posix()
            _require_plain(place, path)
            if name in names:
                found.append((path, place))
    yield from sorted(found)


def _refuse_unlisted(error: OSError) -> None:
    raise UserError(f"{error.filename} cannot be listed ({error.strerror}).", hint="Give it other permissions.")


def _require_plain(place: Path, path: str) -> None:
    if place.is_symlink():
        raise _link(place)
    if not (place.is_dir() or place.is_file()):
        raise UserError(f"{place} is no plain file.", hint="Take it out of the folder.")
    if "\\" in path or any(not character.isprintable() for character in path):
        raise UserError(f"{str(place)!r} has a character that not every system has in a name.", hint="Rename it.")


def _link(place: Path) -> UserError:
    return UserError(
        f"{place} is a link; skillgen follows none in a skill's folder.",
        hint="Put the file or folder itself in its place, or take the link away.",
    )


def _read(path: str, place: Path) -> PackageFile:
    try:
        data = place.read_bytes()
    except OSError as error:
        raise UserError(f"{place} cannot be read ({error.strerror}).", hint="Give it other permissions.") from error
    return PackageFile(path=path, data=data, executable=bool(place.stat().st_mode & stat.S_IXUSR))
