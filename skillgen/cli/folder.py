"""The settings in force: those of the current folder, with what the command line says in their place."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from skillgen.cli.output import detail, is_verbose
from skillgen.settings import FILE_NAME, Settings, load_settings


def settings_of(corpus: Sequence[Path] | None, workspace: Path | None, options: Mapping[str, Any]) -> Settings:
    """Return the settings of this folder's skillgen.toml with what the command line says in their place.

    Paths stay relative, so that what is built names no folder of this machine. With `--verbose` they are shown.
    """
    written = load_settings(Path())
    values = dict(options)
    values["workspace"] = workspace
    if corpus:
        urls = {item.path.resolve(): item.url for item in written.corpus}
        values["corpus"] = [{"path": path, "url": urls.get(path.resolve())} for path in corpus]
    settings = written.with_values(values)
    if is_verbose():
        detail("\n".join(_in_force(settings)))
    return settings


def _in_force(settings: Settings) -> Iterator[str]:
    """Yield a line for each setting that is not the default; no key of a service is among the settings."""
    source = f"{FILE_NAME} and the command line" if Path(FILE_NAME).is_file() else "the command line"
    yield f"Settings of {source}; all others have their defaults:"
    for key, value in _flat(settings.model_dump(mode="json", exclude_defaults=True)):
        yield f"  {key} = {json.dumps(value, ensure_ascii=False)}"


def _flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        if isinstance(value, dict) and key != "floors":
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value
