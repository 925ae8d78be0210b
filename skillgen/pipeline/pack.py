"""Pack: a checked package as a `.skill` file, or as part of a plugin."""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path

from skillgen.artifacts import write_atomically
from skillgen.errors import UserError
from skillgen.install import Described, archive_bytes, is_own_archive, plan_plugin, plugin_skills
from skillgen.install.files import UNFINISHED
from skillgen.model.install import Archive, FileStatus, Packed, Plugin
from skillgen.pipeline.install import CheckedSkill, checked_skill, description_of, plan_place, put


def pack_archive(package: Path, out: Path | None = None, *, force: bool = False) -> Packed:
    """Write a package as a `.skill` file, by default NAME.skill in the current folder.

    Raises:
        UserError: there is no such package, or the file is there and is no archive as skillgen writes them.
        PackageError: the package breaks a hard rule.
    """
    skill = checked_skill(package)
    archive = _write_archive(skill, out or Path(f"{skill.files.name}.skill"), force=force)
    return Packed(skill=skill.files.name, archive=archive, left_out=skill.files.left_out, warnings=skill.warnings)


def pack_plugin(
    package: Path, plugin: Path, *, marketplace: Path | None = None, owner: str | None = None, force: bool = False
) -> Packed:
    """Put a package into a plugin's folder, and the plugin into a marketplace.

    Args:
        package: The folder OUT/NAME.
        plugin: The plugin's folder, which need not exist.
        marketplace: The marketplace's folder; by default the plugin's.
        owner: Who owns the marketplace; needed only where it is written new.
        force: As for `install`, for the skill in the plugin.

    Raises:
        UserError: as `install` and `plan_plugin`.
        PackageError: the package breaks a hard rule.
    """
    skill = checked_skill(package)
    root = plugin_skills(plugin)
    place = plan_place(skill, root, force=force)
    described = Described(now=skill.files.description, before=description_of(place.folder))
    plan = plan_plugin(plugin, marketplace or plugin, described, owner=owner)
    placed = put(place)
    for path, text in plan.files.items():
        write_atomically(path, text)
    made = Plugin(
        name=plan.name,
        folder=plugin,
        marketplace=marketplace or plugin,
        marketplace_name=plan.marketplace,
        skill=placed,
        changed=tuple(plan.files),
    )
    return Packed(skill=skill.files.name, plugin=made, left_out=skill.files.left_out, warnings=skill.warnings)


def _write_archive(skill: CheckedSkill, out: Path, *, force: bool) -> Archive:
    if out.is_dir():
        raise UserError(f"{out} is a folder.", hint=f"Name the file: --out {out / (skill.files.name + '.skill')}")
    if out.is_symlink():
        raise UserError(f"{out} is a link.", hint="Name the file itself with --out.")
    if out.resolve().is_relative_to(skill.folder):
        raise UserError(f"{out} would stand in the package itself.", hint="Name a file outside of it with --out.")
    data = archive_bytes(skill.files)
    before = out.read_bytes() if out.exists() else None
    own = before is None or is_own_archive(before)
    if not own and not force:
        raise UserError(
            f"{out} was not written by skillgen, or was changed since. It is left alone.",
            hint="Name another file with --out, or give the same command with --force, which replaces it.",
        )
    status: FileStatus = "written" if before is None else ("unchanged" if before == data else "replaced")
    if status != "unchanged":
        _write_bytes(out, data)
    return Archive(
        file=out,
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        files=len(skill.files.files),
        status=status,
        forced=not own,
    )


def _write_bytes(path: Path, data: bytes) -> None:
    """Write a file whole or not at all."""
    partial = path.parent / f".{path.name}.{secrets.token_hex(6)}{UNFINISHED}"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with partial.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise UserError(
            f"{path} cannot be written ({error.strerror or error}).", hint="Name another file with --out."
        ) from error
