"""A skill package as it lies on the disk: its tree, its front matter and the prose of its pages."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from skillgen.validate.front_matter import FrontMatter, read_front_matter
from skillgen.validate.markdown import Line, Link, prose

SKILL_FILE = "SKILL.md"
SOURCES_FILE = "references/sources.md"


@dataclass(frozen=True, slots=True, kw_only=True)
class SkillPackage:
    """What the rules look at. Paths are relative to the package, with forward slashes and composed accents.

    `texts` and `prose` hold SKILL.md (its body alone in `prose`) and the Markdown files under references/;
    `unread` says why one of them, or a folder, could not be read.
    """

    name: str
    files: tuple[str, ...]
    folders: tuple[str, ...]
    front: FrontMatter
    texts: Mapping[str, str]
    prose: Mapping[str, tuple[Line, ...]]
    unread: Mapping[str, str]

    def holds(self, path: str) -> bool:
        """Whether the package has that file or folder."""
        return path in self.files or path in self.folders

    def links(self) -> Iterator[tuple[str, Line, Link]]:
        """Yield every link with the file and the line it stands on."""
        for file, lines in self.prose.items():
            for line in lines:
                for link in line.links:
                    yield file, line, link


def read_package(folder: Path) -> SkillPackage:
    """Read what can be read of the package in `folder`, which need not exist."""
    folder = folder.absolute()
    files, folders, unread = _tree(folder)
    texts: dict[str, str] = {}
    for file in filter(_is_page, files):
        try:
            texts[file] = files[file].read_text(encoding="utf-8")
        except UnicodeDecodeError as problem:
            unread[file] = f"not UTF-8 at byte {problem.start}"
        except OSError as problem:
            unread[file] = problem.strerror or "cannot be read"
    front = read_front_matter(texts[SKILL_FILE]) if SKILL_FILE in texts else FrontMatter()
    return SkillPackage(
        name=folder.name,
        files=tuple(files),
        folders=folders,
        front=front,
        texts=texts,
        prose={
            file: prose(front.body, front.body_line) if file == SKILL_FILE else prose(text)
            for file, text in texts.items()
        },
        unread=unread,
    )


def _is_page(file: str) -> bool:
    return file == SKILL_FILE or (file.startswith("references/") and file.casefold().endswith(".md"))


def _tree(folder: Path) -> tuple[dict[str, Path], tuple[str, ...], dict[str, str]]:
    """Return the files and the folders under `folder`, sorted, and why folders could not be listed."""
    files: dict[str, Path] = {}
    folders: list[str] = []
    unread: dict[str, str] = {}

    def relative(path: Path) -> str:
        return unicodedata.normalize("NFC", path.relative_to(folder).as_posix())

    def note(problem: OSError) -> None:
        unread[relative(Path(problem.filename))] = problem.strerror or "cannot be listed"

    for root, inner, names in os.walk(folder, onerror=note):
        folders += [relative(Path(root, name)) for name in inner]
        files |= {relative(path): path for path in (Path(root, name) for name in names) if _is_file(path)}
    return dict(sorted(files.items())), tuple(sorted(folders)), unread


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False
