"""Deliver: a package's files to its folder, changing only what differs and nothing that a person wrote."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from skillgen.artifacts import write_atomically
from skillgen.errors import UserError


def write_package(folder: Path, files: Mapping[str, str], *, manifest: Path) -> tuple[str, ...]:
    """Write the files below the folder and return the paths that changed.

    `manifest` remembers what was written before: such files that are no longer part of the package are removed, others
    are left alone.

    Raises:
        UserError: the folder holds a SKILL.md that skillgen did not write, or cannot be written.
    """
    written_before = _remembered(manifest, folder)
    _refuse_foreign(folder, written_before)
    changed = [path for path, text in files.items() if _differs(folder / path, text)]
    gone = [path for path in written_before if path not in files and (folder / path).is_file()]
    try:
        for path in changed:
            write_atomically(folder / path, files[path])
        for path in gone:
            (folder / path).unlink()
    except OSError as error:
        raise UserError(
            f"The package folder {folder} cannot be written ({error.strerror}).", hint="Give another folder with --out."
        ) from error
    remembered = json.dumps({"folder": str(folder.resolve()), "files": sorted(files)}, indent=1) + "\n"
    if _differs(manifest, remembered):
        write_atomically(manifest, remembered)
    return tuple(sorted([*changed, *gone]))


def _remembered(manifest: Path, folder: Path) -> tuple[str, ...]:
    if not manifest.is_file():
        return ()
    data = json.loads(manifest.read_text(encoding="utf-8"))
    return tuple(data["files"]) if data["folder"] == str(folder.resolve()) else ()


def _refuse_foreign(folder: Path, written_before: tuple[str, ...]) -> None:
    """Refuse a folder whose SKILL.md was not generated: somebody wrote it."""
    skill = folder / "SKILL.md"
    if folder.exists() and not folder.is_dir():
        raise UserError(f"{folder} is a file.", hint="Give another folder with --out, or another --name.")
    if not skill.is_file() or "SKILL.md" in written_before:
        return
    head = skill.read_text(encoding="utf-8", errors="replace").split("\n---", 1)[0]
    if "generator:" not in head or "skillgen" not in head:
        raise UserError(
            f"{skill} was not written by skillgen and is left alone.",
            hint="Give another folder with --out, or another --name.",
        )


def _differs(path: Path, text: str) -> bool:
    return not path.is_file() or path.read_bytes() != text.encode("utf-8")
