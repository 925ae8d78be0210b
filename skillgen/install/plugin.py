"""The files of a plugin and of the marketplace that lists it, written new or extended by one entry.

Field names as in the plugin and marketplace reference of Claude Code: `plugin.json` needs `name`; `marketplace.json`
needs `name`, `owner.name`, and `plugins` with `name` and `source`, a path that begins with `./` and is relative to the
marketplace's folder. No `version` is written: without one every commit of the folder counts as a new version, and a
skill is built anew whenever its pages change.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from skillgen.errors import UserError
from skillgen.install.json_text import element_spans, member_spans, with_element, with_value

_FOLDER = ".claude-plugin"
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginPlan:
    """The plugin's name, the name of its marketplace, and the files that differ, with their texts."""

    name: str
    marketplace: str
    files: Mapping[Path, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """A skill's description, and the one that it had when it was last packed into the plugin (or nothing)."""

    now: str
    before: str | None


def plan_plugin(plugin: Path, marketplace: Path, described: Described, *, owner: str | None) -> PluginPlan:
    """Return what packing a skill into a plugin would write beside the skill itself.

    A `plugin.json` that is there keeps all it says, and so does every entry of a marketplace; only a description that
    is still that of the skill's last packing follows the skill.

    Args:
        plugin: The plugin's folder, which need not exist.
        marketplace: The marketplace's folder: the same, or one that the plugin's folder is in.
        described: What the skill says of itself.
        owner: Who owns a marketplace that is written new.

    Raises:
        UserError: a marketplace is to be written new and nobody is named who owns it; one of the files is no such JSON,
            or a link stands in its place; the marketplace has another plugin of that name or in that folder; or the
            plugin's folder is not in the marketplace's.
    """
    source = _source(plugin, marketplace)
    name, files = _plugin_file(plugin / _FOLDER / "plugin.json", plugin, described)
    listing = marketplace / _FOLDER / "marketplace.json"
    entry = {"name": name, "source": source, "description": described.now}
    text = _read(listing)
    if text is None:
        if not owner:
            raise UserError(f"{listing} is new and needs an owner.", hint="Name a person or a team with --owner NAME.")
        title = name if source == "./" else _name_of(marketplace)
        new = {"name": title, "owner": {"name": owner}, "plugins": [entry]}
        return PluginPlan(name=name, marketplace=title, files={**files, listing: _dumped(new)})
    data = _parsed(text, listing)
    plugins = data.get("plugins")
    if not isinstance(plugins, list) or not all(isinstance(one, dict) for one in plugins):
        raise UserError(f"{listing} has no list `plugins` of objects.", hint="Mend the file, or name another folder.")
    _refuse_taken(plugins, entry, listing)
    changed = _listed(text, plugins, entry, described)
    return PluginPlan(
        name=name,
        marketplace=str(data.get("name", "")),
        files={**files, **({listing: changed} if changed != text else {})},
    )


def _source(plugin: Path, marketplace: Path) -> str:
    inner, outer = plugin.resolve(), marketplace.resolve()
    if not inner.is_relative_to(outer):
        raise UserError(
            f"The plugin's folder {plugin} is not in the marketplace's folder {marketplace}.",
            hint="Give a folder that holds the plugin's with --marketplace.",
        )
    path = inner.relative_to(outer).as_posix()
    return "./" if path == "." else f"./{path}"


def _plugin_file(place: Path, plugin: Path, described: Described) -> tuple[str, dict[Path, str]]:
    """Return the plugin's name, and its plugin.json where it must be written."""
    text = _read(place)
    if text is None:
        name = _name_of(plugin)
        return name, {place: _dumped({"name": name, "description": described.now})}
    data = _parsed(text, place)
    if not isinstance(data.get("name"), str) or not data["name"]:
        raise UserError(f"{place} has no name.", hint="Give the plugin a name in it, or name another folder.")
    changed = text
    if _follows(data, described):
        changed = with_value(text, member_spans(text)["description"], described.now)
    return data["name"], {place: changed} if changed != text else {}


def _name_of(folder: Path) -> str:
    name = folder.resolve().name
    if not _NAME.fullmatch(name):
        raise UserError(
            f"The folder {name!r} gives no name: a-z, 0-9 and single hyphens between.",
            hint="Give a folder with such a name, as in --plugin team-skills.",
        )
    return name


def _refuse_taken(plugins: list[dict[str, Any]], entry: Mapping[str, str], listing: Path) -> None:
    for one in plugins:
        same_source = isinstance(one.get("source"), str) and _same(one["source"], entry["source"])
        if one.get("name") == entry["name"] and not same_source:
            raise UserError(
                f"{listing} has another plugin {entry['name']}, from {one.get('source')!r}.",
                hint="Give a folder of another name with --plugin.",
            )
        if same_source and one.get("name") != entry["name"]:
            raise UserError(
                f"{listing} already lists {entry['source']} as the plugin {one.get('name')!r}.",
                hint="Give the plugin a folder of its own: --plugin DIR/plugins/NAME --marketplace DIR.",
            )


def _same(source: str, other: str) -> bool:
    return PurePosixPath(source) == PurePosixPath(other)


def _listed(text: str, plugins: list[dict[str, Any]], entry: Mapping[str, str], described: Described) -> str:
    """Return the marketplace's text with the entry in it."""
    array = member_spans(text)["plugins"]
    held = next((number for number, one in enumerate(plugins) if one.get("name") == entry["name"]), None)
    if held is None:
        return with_element(text, array, entry)
    if not _follows(plugins[held], described):
        return text
    begin = element_spans(text, array[0])[held][0]
    return with_value(text, member_spans(text, begin)["description"], described.now)


def _follows(data: Mapping[str, Any], described: Described) -> bool:
    return described.before is not None and data.get("description") == described.before


def _read(place: Path) -> str | None:
    """Return the file's text with its own ends of lines, or None where there is none."""
    for each in (place, place.parent):
        if each.is_symlink():
            raise UserError(f"{each} is a link.", hint="Put the file or folder itself in its place.")
    try:
        return place.read_bytes().decode("utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no UTF-8 text"
        raise UserError(f"{place} cannot be read ({reason}).", hint="Mend the file, or name another folder.") from error


def _parsed(text: str, place: Path) -> dict[str, Any]:
    try:
        data = json.loads(text)
    except ValueError as error:
        raise UserError(f"{place} is no JSON ({error}).", hint="Mend the file, or name another folder.") from error
    if not isinstance(data, dict):
        raise UserError(f"{place} holds no JSON object.", hint="Mend the file, or name another folder.")
    return data


def _dumped(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"
