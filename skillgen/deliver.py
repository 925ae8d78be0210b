"""Deliver: a package's files to its folder, changing only what differs and nothing that a person wrote.

`merge_handwritten` brings what a person wrote between markers into the new files and refuses to lose what they wrote
elsewhere; `write_package` then writes the files.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from skillgen.artifacts import differs, remove_unfinished, write_atomically, write_if_changed
from skillgen.errors import UserError
from skillgen.regions import Region, Split, generated_sha256, split_regions, with_regions

_ELSEWHERE = "Give another folder with --out, or another --name."
_LINK_TARGET = re.compile(r"\]\(([^()\s]+)\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Handwritten:
    """A package's files with the kept regions in them, and a sentence for each region that lost its place."""

    files: dict[str, str]
    conflicts: tuple[str, ...] = ()


def merge_handwritten(
    folder: Path, files: Mapping[str, str], *, manifest: Path, overwrite: bool = False
) -> Handwritten:
    """Return the files with the regions that a person keeps in the package, each where it stood.

    A file that is no longer part of the package but holds a region stays, with nothing but its title and its regions.

    Args:
        folder: The package's folder, which need not exist.
        files: What was generated.
        manifest: What `write_package` remembers.
        overwrite: Whether what a person changed outside of a region may be lost.

    Raises:
        UserError: a person changed a file outside of a region, or a marker has no partner. Nothing is written.
    """
    memory = _memory(manifest, folder)
    merged = dict(files)
    conflicts: list[str] = []
    for path in sorted({*files, *memory}):
        if not _is_plain(folder, path):
            continue
        place = folder / path
        held = split_regions(place.read_text(encoding="utf-8", errors="replace"), name=str(place))
        if not overwrite and path in files:
            _refuse_edited(place, held, files[path], memory.get(path, ()))
        if held.regions:
            merged[path], lost = with_regions(files.get(path) or _title(held), held.regions)
            conflicts += _told(place, lost if path in files else held.regions, gone=path not in files)
    return Handwritten(files=merged, conflicts=tuple(conflicts))


def _refuse_edited(place: Path, held: Split, new: str, written: tuple[str, ...]) -> None:
    """Refuse to lose what a person wrote outside of the regions; where no digest is known, nothing can be told."""
    found = generated_sha256(held.generated, name=str(place))
    if written and found not in written and found != generated_sha256(new, name=str(place)):
        raise UserError(
            f"{place} was changed by hand since it was built. Nothing was written.",
            hint="Put your text between `<!-- keep:begin NAME -->` and `<!-- keep:end NAME -->` and undo the rest, "
            "or build with --overwrite, which loses what stands outside of such regions.",
        )


def _title(held: Split) -> str:
    return next((line for line in held.generated.split("\n") if line.startswith("# ")), "# Kept") + "\n"


def _told(place: Path, lost: Iterable[Region], *, gone: bool) -> list[str]:
    if gone:
        return [f"{place} is no longer part of the skill; it stays for its kept region {one.name}." for one in lost]
    return [
        f"{place}: the heading {one.heading.lstrip('# ')!r} is gone; the kept region {one.name} is at the end."
        for one in lost
    ]


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
    before = _memory(manifest, folder)
    _refuse_foreign(folder, before)
    changed = [path for path, text in files.items() if _is_new(folder, path, text)]
    _refuse_others(folder, changed, {*before, *_linked(folder)})
    gone = [path for path in before if path not in files and _is_plain(folder, path)]
    now = {path: (generated_sha256(text, name=path),) for path, text in files.items()}
    # Remembered before they are written, so that after a crash it is still known whose they are.
    if changed:
        both = {path: tuple(sorted({*before.get(path, ()), *now.get(path, ())})) for path in {*before, *files}}
        _remember(manifest, folder, both)
    for path in changed:
        remove_unfinished((folder / path).parent)
        write_atomically(folder / path, files[path])
    for path in gone:
        (folder / path).unlink()
    _remember(manifest, folder, now)
    return tuple(sorted([*changed, *gone]))


def _is_inside(path: str) -> bool:
    """Return whether the path is relative, in plain form, and leads nowhere but down."""
    pure = PurePosixPath(path)
    plain = bool(pure.parts) and not pure.is_absolute() and str(pure) == path
    return plain and ".." not in pure.parts and "\\" not in path and "\0" not in path


def _memory(manifest: Path, folder: Path) -> dict[str, tuple[str, ...]]:
    """Return the paths that were written into this folder before; nothing where the manifest cannot be read.

    With each path stand the digests that its generated text may have; none where an older skillgen wrote it.
    """
    try:
        data = json.loads(manifest.read_text(encoding="utf-8"))
        paths = [str(path) for path in data["files"]] if data["folder"] == str(folder.resolve()) else []
        digests = {str(path): tuple(map(str, found)) for path, found in data.get("generated", {}).items()}
    except (FileNotFoundError, ValueError, LookupError, TypeError, AttributeError):
        return {}
    return {path: digests.get(path, ()) for path in paths if _is_inside(path)}


def _remember(manifest: Path, folder: Path, digests: Mapping[str, tuple[str, ...]]) -> None:
    data = {"folder": str(folder.resolve()), "files": sorted(digests), "generated": dict(sorted(digests.items()))}
    write_if_changed(manifest, json.dumps(data, indent=1) + "\n")


def _refuse_foreign(folder: Path, before: Iterable[str]) -> None:
    """Refuse a folder whose SKILL.md was not generated: somebody wrote it."""
    skill = folder / "SKILL.md"
    if folder.exists() and not folder.is_dir():
        raise UserError(f"{folder} is a file.", hint=_ELSEWHERE)
    if not skill.is_file() or skill.is_symlink() or "SKILL.md" in set(before):
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
