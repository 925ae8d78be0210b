"""Records of a delivery: the files of a package, what became of them where they went, and what was packed."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

PlaceStatus = Literal["installed", "updated", "unchanged", "removed"]
SectionStatus = Literal["added", "updated", "unchanged", "removed", "absent"]
FileStatus = Literal["written", "replaced", "unchanged"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageFile:
    """A file by its path in the package, with forward slashes."""

    path: str
    data: bytes = field(repr=False)
    executable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SkillFiles:
    """A skill that broke no hard rule: its files in the order of their paths, and the paths that are not delivered."""

    name: str
    description: str
    files: tuple[PackageFile, ...]
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """What became of a skill in one place.

    `changed` are the paths that were written or removed; `replaced` those of them that held what skillgen had not
    written; `kept` the files of somebody else that stand beside the skill's own.
    """

    folder: Path
    status: PlaceStatus
    changed: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """What became of a skill's section in an AGENTS.md; `replaced` says whether it had been changed by hand."""

    file: Path
    status: SectionStatus
    replaced: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What became of a skill in all places; `warnings` are what `validate` advises, as `file: message`."""

    skill: str
    places: tuple[Placed, ...]
    agents_md: Section | None = None
    left_out: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """A `.skill` file: its SHA-256, its size in bytes and how many files it holds."""

    file: Path
    sha256: str
    size: int
    files: int
    status: FileStatus
    forced: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugin:
    """A plugin folder that holds the skill, and the marketplace that lists it; `changed` are the files written."""

    name: str
    folder: Path
    marketplace: Path
    marketplace_name: str
    skill: Placed
    changed: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """What `pack` made of a package."""

    skill: str
    archive: Archive | None = None
    plugin: Plugin | None = None
    left_out: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
