"""Deliver: a package's files to its folder, changing only what differs and nothing that a person wrote."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

from skillgen.artifacts import differs, remove_unfinished, write_atomically, write_if_changed
from skillgen.errors import UserError

_ELSEWHERE = "Give another folder with --out, or another --name."
_LINK_TARGET = re.compile(r"\]\(([^()\s]+)\)")


def write_package(folder: Path, files: Mapping[str, str], *, manifest: Path) -> tuple[str, ...]:
    """Write the files below the folder and return the paths that changed.

    `manifest` remembers what was written before: such files that are no longer part of the package are removed, others
    are left alone. No link inside the folder is followed.

    Raises:
        UserError: the folder holds a SKILL.md or another file of the package's that skillgen did not write, a link in a
            file's place, or cannot be written.
        ValueError: a path leads out of the folder.
    """
    outside = [path for path in files if not _is_inside(path)]
    if outside:
        raise ValueError(f"no path of a package: {outside[0]}")
    try:
        return _written(folder, files, manifest)
    except OSError as error:
        raise UserError(
            f"The package folder {folder} cannot be written ({error.strerror}).", hint="Give another folder with --out."
        ) from error


def _written(folder: Path, files: Mapping[str, str], manifest: Path) -> tuple[str, ...]:
    before = _remembered(manifest, folder)
    _refuse_foreign(folder, before)
    changed = [path for path, text in files.items() if _is_new(folder, path, text)]
    _refuse_others(folder, changed, {*before, *_linked(folder)})
    gone = [path for path in before if path not in files and _is_plain(folder, path)]
    # Remembered before they are written, so that after a crash it is still known whose they are.
    _remember(manifest, folder, {*before, *files} if {*files} - {*before} else {*before})
    for path in changed:
        remove_unfinished((folder / path).parent)
        write_atomically(folder / path, files[path])
    for path in gone:
        (folder / path).unlink()
    _remember(manifest, folder, files)
    return tuple(sorted([*changed, *gone]))


def _is_inside(path: str) -> bool:
    """Return whether the path is relative, in plain form, and leads nowhere but down."""
    pure = PurePosixPath(path)
    plain = bool(pure.parts) and not pure.is_absolute() and str(pure) == path
    return plain and ".." not in pure.parts and "\\" not in path and "\0" not in path


def _remembered(manifest: Path, folder: Path) -> tuple[str, ...]:
    """Return the paths that were written into this folder before; none where the manifest cannot be read."""
    try:
        data = json.loads(manifest.read_text(encoding="utf-8"))
        paths = [str(path) for path in data["files"]] if data["folder"] == str(folder.resolve()) else []
    except (FileNotFoundError, ValueError, LookupError, TypeError):
        return ()
    return tuple(path for path in paths if _is_inside(path))


def _remember(manifest: Path, folder: Path, paths: Iterable[str]) -> None:
    text = json.dumps({"folder": str(folder.resolve()), "files": sorted(paths)}, indent=1) + "\n"
    write_if_changed(manifest, text)


def _refuse_foreign(folder: Path, before: tuple[str, ...]) -> None:
    """Refuse a folder whose SKILL.md was not generated: somebody wrote it."""
    skill = folder / "SKILL.md"
    if folder.exists() and not folder.is_dir():
        raise UserError(f"{folder} is a file.", hint=_ELSEWHERE)
    if not skill.is_file() or skill.is_symlink() or "SKILL.md" in before:
        return
    head = skill.read_text(encoding="utf-8", errors="replace").split("\n---", 1)[0]
    if "generator:" not in head or "skillgen" not in head:
        raise UserError(f"{skill} was not written by skillgen and is left alone.", hint=_ELSEWHERE)


def _is_new(folder: Path, path: str, text: str) -> bool:
    """Return whether the file must be written.

    Raises:
        UserError: a link or a folder stands in its place, or a link or a file in the place of its folder.
    """
    place = folder / path
    for parent in (folder / each for each in PurePosixPath(path).parents[:-1]):
        if parent.is_symlink() or (parent.exists() and not parent.is_dir()):
            raise UserError(f"{parent} is no folder of the package's own and is left alone.", hint=_ELSEWHERE)
    if place.is_symlink() or (place.exists() and not place.is_file()):
        raise UserError(f"{place} is no plain file and is left alone.", hint=_ELSEWHERE)
    return differs(place, text)


def _is_plain(folder: Path, path: str) -> bool:
    """Return whether a regular file stands at the path and no link leads to it."""
    steps = [folder / path, *(folder / each for each in PurePosixPath(path).parents[:-1])]
    return (folder / path).is_file() and not any(step.is_symlink() for step in steps)


def _linked(folder: Path) -> set[str]:
    """Return the paths that the generated SKILL.md links: they are known for ours where there is no manifest."""
    skill = folder / "SKILL.md"
    if not skill.is_file():
        return set()
    return {"SKILL.md", *_LINK_TARGET.findall(skill.read_text(encoding="utf-8", errors="replace"))}


def _refuse_others(folder: Path, changed: Iterable[str], ours: set[str]) -> None:
    """Refuse to write over a file that somebody else put into the folder."""
    others = sorted(path for path in changed if path not in ours and (folder / path).exists())
    if others:
        raise UserError(f"{folder / others[0]} was not written by skillgen and is left alone.", hint=_ELSEWHERE)
