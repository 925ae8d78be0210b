"""What installing or removing a skill would do to a folder of skills, decided before anything is written."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from skillgen.errors import UserError
from skillgen.install.files import UNFINISHED, read_installed
from skillgen.install.memory import Digests, digest, memory_path, recall
from skillgen.model.install import PackageFile, PlaceStatus, SkillFiles

_SKILL = "SKILL.md"
_SHOWN = 12
_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallPlan:
    """What is to happen to `root/name`.

    `files` are all files of the folder afterwards, `own` the paths of them that are the skill's, `before` what was
    remembered. `changed` are written or removed; `replaced` and `kept` are as in `Placed`.
    """

    root: Path
    name: str
    status: PlaceStatus
    files: tuple[PackageFile, ...]
    own: frozenset[str]
    before: Digests
    changed: tuple[str, ...]
    replaced: tuple[str, ...]
    kept: tuple[str, ...]

    @property
    def folder(self) -> Path:
        """The folder of the installed skill."""
        return self.root / self.name


def recover(root: Path, name: str) -> None:
    """Clear away what a killed process left of a skill, and put back what it had taken out of its place."""
    for left in (*root.glob(f".{name}.*{UNFINISHED}"), *root.glob(f".{memory_path(root, name).name}.*{UNFINISHED}")):
        if left.is_symlink() or not left.is_dir():
            left.unlink(missing_ok=True)
            continue
        if (left / "old").is_dir() and not (root / name).exists():
            (left / "old").rename(root / name)
        shutil.rmtree(left)


def plan_install(root: Path, skill: SkillFiles, *, force: bool = False) -> InstallPlan:
    """Return what installing the skill into a folder of skills would do.

    Raises:
        UserError: the skill of that name is somebody else's; or, without `force`, its folder holds files that skillgen
            did not write or that were changed since. The message lists them.
    """
    folder = root / skill.name
    before, there = recall(memory_path(root, skill.name)), read_installed(folder)
    new = {file.path: file for file in skill.files}
    _refuse_other_skill(folder, there, new, before)
    edited, strange = _not_as_written(there, new, before)
    if not force:
        _refuse(folder, edited, strange, replaced={*edited, *(path for path in strange if path in new)})
    kept = tuple(path for path in strange if path not in new)
    written = [path for path in new if there.get(path) != new[path]]
    gone = [path for path in before if path in there and path not in new]
    files = {file.path: file for file in (*skill.files, *(there[path] for path in kept))}
    changed = tuple(sorted([*written, *gone]))
    return InstallPlan(
        root=root,
        name=skill.name,
        status=_status(there, changed),
        files=tuple(files[path] for path in sorted(files)),
        own=frozenset(new),
        before=before,
        changed=changed,
        replaced=tuple(sorted({*edited, *strange} & {*changed})),
        kept=kept,
    )


def _status(there: Collection[str], changed: Collection[str]) -> PlaceStatus:
    if not changed:
        return "unchanged"
    return "updated" if _SKILL in there else "installed"


def plan_removal(root: Path, name: str, *, force: bool = False) -> InstallPlan:
    """Return what removing the skill from a folder of skills would do: `files` are those that stay.

    Raises:
        UserError: skillgen installed no such skill there; or, without `force`, files of it were changed since.
    """
    folder = root / name
    before = recall(memory_path(root, name))
    if not before:
        raise UserError(
            f"skillgen did not install {name} into {root}: there is no {memory_path(root, name).name}.",
            hint="Name the place with --to, and --user if it is in your home.",
        )
    there = read_installed(folder)
    edited, strange = _not_as_written(there, {}, before)
    if edited and not force:
        _refuse(folder, edited, strange, replaced=edited)
    return InstallPlan(
        root=root,
        name=name,
        status="removed",
        files=tuple(there[path] for path in strange),
        own=frozenset(),
        before=before,
        changed=tuple(path for path in there if path in before),
        replaced=tuple(edited),
        kept=tuple(strange),
    )


def _not_as_written(
    there: dict[str, PackageFile], new: dict[str, PackageFile], before: Digests
) -> tuple[list[str], list[str]]:
    """Return the files that were changed since they were written, and those that somebody else wrote.

    A file that is already as it shall be is nobody's loss.
    """
    edited, strange = [], []
    for path, file in there.items():
        if file == new.get(path):
            continue
        if path not in before:
            strange.append(path)
        elif digest(file.data, executable=file.executable) not in before[path]:
            edited.append(path)
    return edited, strange


def _refuse_other_skill(
    folder: Path, there: dict[str, PackageFile], new: dict[str, PackageFile], before: Digests
) -> None:
    """Refuse, `force` or not, the folder of a skill that skillgen did not make."""
    held = there.get(_SKILL)
    if held is None or _SKILL in before or held == new[_SKILL]:
        return
    head = held.data.decode("utf-8", errors="replace").split("\n---", 1)[0]
    if "generator:" not in head or "skillgen" not in head:
        raise UserError(
            f"{folder} holds a skill of this name that skillgen did not write. Nothing was written.",
            hint="Build yours with another --name, or move that folder away.",
        )


def _refuse(folder: Path, edited: Iterable[str], strange: Iterable[str], *, replaced: Collection[str]) -> None:
    found = dict.fromkeys(edited, "changed since it was installed")
    found |= dict.fromkeys(strange, "not written by skillgen")
    if not found:
        return
    lines = [f"\n  {path}: {what}" for path, what in sorted(found.items())]
    more = f"\n  and {len(lines) - _SHOWN} more" if len(lines) > _SHOWN else ""
    lost = " and ".join(sorted(replaced)) if len(replaced) <= _NAMED else f"{len(replaced)} of them"
    raise UserError(
        f"{folder} holds what skillgen did not write. Nothing was changed.{''.join(lines[:_SHOWN])}{more}",
        hint="Put your text into the package or move these files away. The same command with --force "
        + (f"loses what is in {lost} and keeps the rest." if replaced else "keeps them."),
    )
