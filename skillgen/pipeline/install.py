"""Install: a checked package into folders of skills, checked there again, and the way back."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from skillgen.errors import UserError
from skillgen.install import (
    InstallPlan,
    SkillsFolder,
    plan_install,
    plan_removal,
    plan_section,
    read_skill_files,
    recover,
    remove_skill,
    settle,
    staged,
    write_section,
)
from skillgen.model.install import Delivery, Placed, SkillFiles
from skillgen.validate import RuleIssue, raise_on_errors, validate_package
from skillgen.validate.front_matter import read_front_matter

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedSkill:
    """A package that breaks no hard rule, and what is advised about it, as `file: message`."""

    folder: Path
    files: SkillFiles
    warnings: tuple[str, ...]


def checked_skill(package: Path) -> CheckedSkill:
    """Read a package and check it against the rules of the format.

    Raises:
        UserError: there is no such package, or it holds a link.
        PackageError: it breaks a hard rule.
    """
    folder = package.resolve()
    if package.is_file():
        raise UserError(
            f"{package} is a file, no package.", hint="Give the folder OUT/NAME; unzip a .skill file first."
        )
    files, left_out = read_skill_files(folder)
    issues = validate_package(folder)
    raise_on_errors(issues, package)
    description = description_of(folder) or ""
    skill = SkillFiles(name=folder.name, description=description, files=files, left_out=left_out)
    return CheckedSkill(folder=folder, files=skill, warnings=_advice(issues))


def description_of(folder: Path) -> str | None:
    """Return the description of the skill in a folder; None where there is no skill or none can be read."""
    return _front_text(folder / "SKILL.md", "description")


def install(
    package: Path, places: Sequence[SkillsFolder], *, agents_md: Path | None = None, force: bool = False
) -> Delivery:
    """Install a package into folders of skills, and list it in an AGENTS.md; all is planned before any is written.

    Args:
        package: The folder OUT/NAME.
        places: Folders of skills; each gets a folder with the skill's name.
        agents_md: The file that gets or keeps a section on the skill, with the path in the first place.
        force: Whether files that skillgen did not write as they stand may be replaced; they are named.

    Raises:
        UserError: a place holds what skillgen did not write, or another skill of that name, or cannot be written.
        PackageError: the package breaks a hard rule.
    """
    skill = checked_skill(package)
    plans = [plan_place(skill, place.folder, force=force) for place in places]
    name = skill.files.name
    section = None
    if agents_md is not None:
        shown = _shown(places[0], name, agents_md)
        section = plan_section(agents_md, name, skill.files, shown, force=force)
    placed = tuple(put(plan) for plan in plans)
    return Delivery(
        skill=name,
        places=placed,
        agents_md=write_section(section) if section else None,
        left_out=skill.files.left_out,
        warnings=skill.warnings,
    )


def uninstall(
    name: str, places: Sequence[SkillsFolder], *, agents_md: Path | None = None, force: bool = False
) -> Delivery:
    """Remove from folders of skills, and from an AGENTS.md, what `install` wrote, and nothing else.

    Raises:
        UserError: skillgen did not install such a skill there, or a file of it was changed since and `force` is off.
    """
    if not _NAME.fullmatch(name):
        raise UserError(f"{name!r} is no name of a skill.", hint="Give the name, or the folder of the package.")
    for place in places:
        recover(place.folder, name)
    plans = [plan_removal(place.folder, name, force=force) for place in places]
    section = plan_section(agents_md, name, None, "", force=force) if agents_md is not None else None
    placed = []
    for plan in plans:
        with _told(plan.folder):
            remove_skill(plan)
        placed.append(_placed(plan))
    return Delivery(skill=name, places=tuple(placed), agents_md=write_section(section) if section else None)


def plan_place(skill: CheckedSkill, root: Path, *, force: bool) -> InstallPlan:
    """Return what installing the skill into a folder of skills would do.

    Raises:
        UserError: as `install`.
    """
    place = root.resolve() / skill.files.name
    if place == skill.folder or root.resolve().is_relative_to(skill.folder):
        raise UserError(
            f"The package {skill.folder.name} stands in {root} already.", hint="Give another place with --to."
        )
    with _told(root):
        recover(root, skill.files.name)
        _refuse_same_name(root, skill.files.name)
        return plan_install(root, skill.files, force=force)


def put(plan: InstallPlan) -> Placed:
    """Carry a plan out and return what became of the skill; what was installed is checked where it stands.

    Raises:
        UserError: the place cannot be written.
        PackageError: with the files of somebody else that stay beside it the skill would break a hard rule.
    """
    with _told(plan.folder):
        if plan.changed:
            with staged(plan) as stage:
                raise_on_errors(validate_package(stage.folder), plan.folder)
                stage.put()
        else:
            settle(plan)
    raise_on_errors(validate_package(plan.folder), plan.folder)
    return _placed(plan)


def _placed(plan: InstallPlan) -> Placed:
    return Placed(folder=plan.folder, status=plan.status, changed=plan.changed, replaced=plan.replaced, kept=plan.kept)


def _refuse_same_name(root: Path, name: str) -> None:
    """Refuse a place where another folder's skill has the name: agents would load one of the two."""
    for other in sorted(root.glob("*/SKILL.md")):
        if other.parent.name != name and _front_text(other, "name") == name:
            raise UserError(
                f"{other} is a skill called {name} too. Nothing was written.",
                hint="Build yours with another --name, or take that one away.",
            )


def _front_text(skill_file: Path, key: str) -> str | None:
    try:
        return read_front_matter(skill_file.read_text(encoding="utf-8")).text(key)
    except (OSError, UnicodeDecodeError):
        return None


def _shown(place: SkillsFolder, name: str, agents_md: Path) -> str:
    """Return the path of the installed SKILL.md for a reader of the AGENTS.md; in a home it begins with `~`."""
    skill = place.folder.absolute() / name / "SKILL.md"
    if place.home is not None:
        return f"~/{skill.relative_to(place.home.absolute()).as_posix()}"
    return Path(os.path.relpath(skill, agents_md.absolute().parent)).as_posix()


def _advice(issues: Sequence[RuleIssue]) -> tuple[str, ...]:
    return tuple(f"{issue.file}: {issue.message}" for issue in issues if issue.severity == "warning")


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    """Tell what the system refuses, with the folder."""
    try:
        yield
    except OSError as error:
        raise UserError(
            f"{folder} cannot be written ({error.strerror or error}).", hint="Give another folder, or mend this one."
        ) from error
