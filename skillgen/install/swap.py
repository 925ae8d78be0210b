"""A skill put into its place whole: written beside it, checked by whoever asks, and swapped in by renaming."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from skillgen.install.files import UNFINISHED, is_debris
from skillgen.install.memory import digest, memory_path, remember
from skillgen.install.plan import InstallPlan
from skillgen.model.install import PackageFile

_MODES = {False: 0o644, True: 0o755}  # less what the user's umask takes away


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """A skill's folder as it is to be, beside its place; `put` swaps it in."""

    plan: InstallPlan
    folder: Path
    old: Path

    def put(self) -> None:
        """Swap the folder in. It is remembered first whose the files are, so that a killed process leaves no doubt."""
        before, now = self.plan.before, _digests(self.plan)
        both = {path: now.get(path, frozenset()) | before.get(path, frozenset()) for path in {*now, *before}}
        remember(memory_path(self.plan.root, self.plan.name), self.plan.name, both)
        if self.plan.folder.exists():
            self.plan.folder.rename(self.old)
        self.folder.rename(self.plan.folder)
        settle(self.plan)


def settle(plan: InstallPlan) -> None:
    """Remember that the files of the plan are as they shall be."""
    remember(memory_path(plan.root, plan.name), plan.name, _digests(plan))


def _digests(plan: InstallPlan) -> dict[str, frozenset[str]]:
    own = (file for file in plan.files if file.path in plan.own)
    return {file.path: frozenset({digest(file.data, executable=file.executable)}) for file in own}


@contextmanager
def staged(plan: InstallPlan) -> Iterator[Staged]:
    """Write the skill beside its place and yield it; afterwards all that is left of it is what was put.

    If the block ends between the two renames of `put`, the folder that was there before is put back.
    """
    work = plan.root / f".{plan.name}.{secrets.token_hex(6)}{UNFINISHED}"
    stage = Staged(plan=plan, folder=work / "new" / plan.name, old=work / "old")
    stage.folder.mkdir(parents=True)
    try:
        for file in plan.files:
            place = stage.folder / file.path
            place.parent.mkdir(parents=True, exist_ok=True)
            if file.path in plan.own:
                _write(place, file)
            else:  # somebody else's, with its times and mode
                shutil.copy2(plan.folder / file.path, place)
        yield stage
    finally:
        if stage.old.exists() and not plan.folder.exists():
            stage.old.rename(plan.folder)
        shutil.rmtree(work)


def _write(place: Path, file: PackageFile) -> None:
    handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODES[file.executable])
    with os.fdopen(handle, "wb") as opened:
        opened.write(file.data)
        opened.flush()
        os.fsync(opened.fileno())


def remove_skill(plan: InstallPlan) -> None:
    """Remove the files that a plan of removal names, the folders that are empty then, and the memory.

    SKILL.md goes first, so that no agent loads half a skill, and the memory last.
    """
    for path in sorted(plan.changed, key=lambda path: (path != "SKILL.md", path)):
        (plan.folder / path).unlink(missing_ok=True)
    for root, _, names in os.walk(plan.folder, topdown=False):
        place = Path(root)
        for name in names:
            if is_debris((place / name).relative_to(plan.folder).as_posix()):
                (place / name).unlink()
        if not any(place.iterdir()):
            place.rmdir()
    memory_path(plan.root, plan.name).unlink()
