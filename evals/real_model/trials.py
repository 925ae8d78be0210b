"""Builds by the command line, as a user would start them, within a time; a build that was cut off goes on later."""

from __future__ import annotations

import json
import math
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from skillgen.draft import draft_from_json
from skillgen.model.corpus import Page
from skillgen.model.draft import Draft
from skillgen.settings import FILE_NAME
from skillgen.store import Store

_SKILL = "measured"
# A build that is told to end stores what it has.
_LEAST_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A build of a brief on a corpus in a folder of its own; `model` are the settings of that section, {} without."""

    name: str
    corpus: Path
    brief: str
    root: Path
    model: Mapping[str, object]

    @property
    def folder(self) -> Path:
        """The folder that the build is started in."""
        return self.root / self.name

    @property
    def workspace(self) -> Path:
        """The workspace: builds with a model share one, so that no reply is asked for twice."""
        return self.root / ("with-model" if self.model else "without-model")

    @property
    def skill_name(self) -> str:
        """The skill's name; each build has its own, since they share a workspace."""
        return f"{_SKILL}-{self.name}"

    def skill(self) -> str:
        """Return the SKILL.md of the package, or "" where none was written."""
        file = self.folder / "out" / self.skill_name / "SKILL.md"
        return file.read_text(encoding="utf-8") if file.is_file() else ""

    def draft(self) -> Draft | None:
        """Return the draft, be it incomplete, or None where there is none."""
        drafts = self.workspace / "drafts"
        for file in (drafts / f"{self.skill_name}.json", drafts / f"{self.skill_name}.incomplete.json"):
            if file.is_file():
                return draft_from_json(file.read_text(encoding="utf-8"))
        return None

    def pages(self) -> dict[str, Page]:
        """Return the pages as they were read, by source."""
        store = Store(self.workspace / "truth.sqlite3")
        try:
            return {page.source: page for page in store.pages()}
        finally:
            store.close()

    def seconds(self) -> float:
        """Return how long the build took, all its starts together."""
        return sum(json.loads(self._times.read_text(encoding="utf-8"))) if self._times.is_file() else 0.0

    def note_seconds(self, seconds: float) -> None:
        """Remember how long a start took."""
        known = json.loads(self._times.read_text(encoding="utf-8")) if self._times.is_file() else []
        self._times.write_text(json.dumps([*known, round(seconds, 1)]), encoding="utf-8")

    @property
    def _times(self) -> Path:
        return self.folder / "seconds.json"


def built(trial: Trial, *, ends: float) -> bool:
    """Build until `ends` of `time.monotonic()`; return whether the build was finished.

    A build that was finished in an earlier start only reads what is stored, and its time is not counted again.
    """
    left = ends - time.monotonic()
    if left < _LEAST_SECONDS:
        return False
    _prepare(trial)
    done_before = trial.skill() != ""
    print(f"\n$ skillgen build  # {trial.name}", flush=True)
    started = time.monotonic()
    try:
        return _skillgen(trial, "build", timeout=None if math.isinf(left) else left).returncode == 0
    except subprocess.TimeoutExpired:
        return False
    finally:
        if not done_before:
            trial.note_seconds(time.monotonic() - started)


def doctor(trial: Trial) -> str:
    """Return what `skillgen doctor` says about the chat model."""
    _prepare(trial)
    said = _skillgen(trial, "doctor", "--json", capture=True).stdout
    checks = json.loads(said)["checks"]
    return next(f"{one['status']}: {one['message']}" for one in checks if one["name"] == "chat model")


def missing(trial: Trial) -> str:
    """Return what a dry run says is left to ask."""
    if not trial.model:
        return "the time was over"
    done = _skillgen(trial, "build", "--dry-run", capture=True)
    return (done.stdout or done.stderr).strip()


def _prepare(trial: Trial) -> None:
    """Write the settings that the build is started with."""
    trial.folder.mkdir(parents=True, exist_ok=True)
    sections: dict[str, Mapping[str, object]] = {
        "": {"workspace": str(trial.workspace)},
        "build": {"briefs": [trial.brief], "name": trial.skill_name, "out": "out"},
        "model": trial.model,
    }
    lines = [f"[[corpus]]\npath = {json.dumps(str(trial.corpus))}\n"]
    for section, values in sections.items():
        told = "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items())
        lines.insert(len(lines) if section else 0, f"[{section}]\n{told}" if section else told)
    (trial.folder / FILE_NAME).write_text("\n".join(lines), encoding="utf-8")


def _skillgen(
    trial: Trial, *command: str, capture: bool = False, timeout: float | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "skillgen", *command],
        cwd=trial.folder,
        timeout=timeout,
        capture_output=capture,
        text=True,
        check=False,
    )
