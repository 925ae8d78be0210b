"""What `install` and `pack` do: pipeline called, result printed."""

from __future__ import annotations

import subprocess
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from skillgen.cli.output import WIDTH, report, say_json
from skillgen.errors import UserError
from skillgen.install import DEFAULT_AGENT, SkillsFolder, skills_folder
from skillgen.model.install import Delivery, Packed, Placed
from skillgen.pipeline.install import install, uninstall
from skillgen.pipeline.pack import pack_archive, pack_plugin

_LABEL = 11
_VALID = "valid there by the 13 hard rules of the format"


def places(to: Sequence[str] | None, *, user: bool) -> list[SkillsFolder]:
    """Return the folders of skills that the options name, each once."""
    named = [
        skills_folder(one, project=Path(), home=Path.home(), user=user) for one in dict.fromkeys(to or [DEFAULT_AGENT])
    ]
    return list({place.folder.resolve(): place for place in named}.values())


def run_install(
    package: Path, targets: Sequence[SkillsFolder], agents_md: Path | None, *, force: bool, as_json: bool
) -> None:
    """Install a package and say what became of it in every place."""
    _say_delivery(install(package, targets, agents_md=agents_md, force=force), as_json=as_json)


def run_remove(
    package: Path, targets: Sequence[SkillsFolder], agents_md: Path | None, *, force: bool, as_json: bool
) -> None:
    """Remove an installed skill; of the package only the name is used."""
    name = package.resolve().name
    _say_delivery(uninstall(name, targets, agents_md=agents_md, force=force), as_json=as_json)


def run_pack(
    package: Path, out: Path | None, marketplace: Path | None, owner: str | None, *, force: bool, as_json: bool
) -> None:
    """Write a `.skill` file."""
    if marketplace is not None or owner is not None:
        raise UserError("--marketplace and --owner are of a plugin.", hint="Name the plugin's folder with --plugin.")
    _say_packed(pack_archive(package, out, force=force), as_json=as_json)


def run_pack_plugin(  # noqa: PLR0913 - each is an option of the command
    package: Path,
    plugin: Path,
    out: Path | None,
    *,
    marketplace: Path | None,
    owner: str | None,
    force: bool,
    as_json: bool,
) -> None:
    """Put a package into a plugin."""
    if out is not None:
        raise UserError("--plugin writes a folder, --out a file.", hint="Give the command twice, once with each.")
    owner = owner or _git_name()
    _say_packed(pack_plugin(package, plugin, marketplace=marketplace, owner=owner, force=force), as_json=as_json)


def _git_name() -> str | None:
    try:
        found = subprocess.run(["git", "config", "user.name"], capture_output=True, text=True, check=False)  # noqa: S607 - git of the user's own path
    except FileNotFoundError:
        return None
    return found.stdout.strip() or None


# -- what is printed ---------------------------------------------------------------------------------------------------


def _say_delivery(done: Delivery, *, as_json: bool) -> None:
    if as_json:
        say_json(_plain(asdict(done)))
        return
    lines = [f"Skill {done.skill}", ""]
    for placed in done.places:
        lines += _placed_lines(placed)
    if done.agents_md is not None:
        lines += _entry("AGENTS.md", f"section {done.agents_md.status} in {done.agents_md.file}")
        if done.agents_md.replaced:
            lines += _entry("Replaced", "the section had been changed by hand")
    report("\n".join([*lines, *_remarks(done.left_out, done.warnings)]), *(placed.folder for placed in done.places))


def _say_packed(done: Packed, *, as_json: bool) -> None:
    if as_json:
        say_json(_plain(asdict(done)))
        return
    lines = [f"Skill {done.skill}", ""]
    if done.archive is not None:
        made = done.archive
        lines += _entry(made.status.title(), f"{made.file}, {_files(made.files)}, {made.size:,} bytes")
        lines += _entry("SHA-256", made.sha256)
        if made.forced:
            lines += _entry("Replaced", "the file there was not written by skillgen, or changed since")
    if done.plugin is not None:
        lines += _placed_lines(done.plugin.skill)
        lines += _entry("Plugin", f"{done.plugin.name} in {done.plugin.folder}")
        for path in done.plugin.changed:
            lines += _entry("Wrote", str(path))
        lines += _entry("Next", f"in Claude Code: /plugin marketplace add {_local(done.plugin.marketplace)}")
        lines += _entry("", f"/plugin install {done.plugin.name}@{done.plugin.marketplace_name}")
    results = [done.archive.file] if done.archive is not None else []
    results += [done.plugin.folder] if done.plugin is not None else []
    report("\n".join([*lines, *_remarks(done.left_out, done.warnings)]), *results)


def _local(folder: Path) -> str:
    """Return a folder so that it cannot be taken for the name of a repository."""
    return str(folder) if folder.is_absolute() else f"./{folder.as_posix()}"


def _placed_lines(placed: Placed) -> list[str]:
    changed = f"{_files(len(placed.changed))}{' changed' if placed.status == 'updated' else ''}"
    what = {"unchanged": f"nothing to change; {_VALID}", "removed": changed}.get(placed.status, f"{changed}; {_VALID}")
    lines = _entry(placed.status.title(), str(placed.folder)) + _entry("", what)
    for label, paths in (("Replaced", placed.replaced), ("Kept", placed.kept)):
        lines += _each(label, paths)
    return lines


def _remarks(left_out: Sequence[str], warnings: Sequence[str]) -> list[str]:
    return [*_each("Left out", left_out), *(line for text in warnings for line in _entry("Warning", text))]


def _each(label: str, paths: Iterable[str]) -> list[str]:
    return [line for number, path in enumerate(paths) for line in _entry("" if number else label, path)]


def _entry(label: str, text: str) -> list[str]:
    """Return a label with its text, wrapped between words; a path is never broken."""
    first, rest = f"{label:<{_LABEL}}", " " * _LABEL
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [first.rstrip()]


def _files(count: int) -> str:
    return f"{count} file{'' if count == 1 else 's'}"


def _plain(data: Any) -> Any:  # noqa: ANN401 - JSON is of any type
    """Return the same with paths as text."""
    if isinstance(data, dict):
        return {key: _plain(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [_plain(value) for value in data]
    return str(data) if isinstance(data, Path) else data
