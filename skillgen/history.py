"""Git: when each file of a corpus last changed, in one pass over the history."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

_TIMEOUT_SECONDS = 60
_MARK = "\x01"


@dataclass(frozen=True, slots=True)
class History:
    """The repository around a corpus and the ISO date of the last commit of each path inside the corpus.

    `problem` says why there are no dates although there is a repository.
    """

    repository: Path | None = None
    committed: dict[str, str] = field(default_factory=dict)
    problem: str = ""


def read_history(corpus: Path) -> History:
    """Return the dates of the corpus's files, or nothing where it is in no repository or git is not there.

    Git runs without the user's or the repository's hooks, pagers or external programs.
    """
    top = _git(corpus, "rev-parse", "--show-toplevel")
    if top is None:
        return History()
    log = _git(corpus, "log", "--relative", "--name-only", "-z", f"--format={_MARK}%cs", "--", ".")
    if log is None and _git(corpus, "rev-parse", "--verify", "HEAD") is not None:  # not just without a commit
        return History(repository=Path(top.strip()), problem=f"git log failed or took over {_TIMEOUT_SECONDS} s")
    return History(repository=Path(top.strip()), committed=_latest(log or ""))


def _latest(log: str) -> dict[str, str]:
    """Return the date beside the first mention of each path: the log is newest first."""
    dates: dict[str, str] = {}
    day = ""
    for entry in log.split("\0"):
        name = entry.strip("\n")
        if name.startswith(_MARK):
            day, _, name = name.removeprefix(_MARK).partition("\n")
            name = name.strip("\n")
        if name:
            dates.setdefault(name, day)
    return dates


def _git(folder: Path, *arguments: str) -> str | None:
    git = shutil.which("git")
    if git is None:
        return None
    safe = ["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "core.quotePath=false"]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    environment |= {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    try:
        done = subprocess.run(  # noqa: S603 - git with fixed arguments
            [git, *safe, "--no-pager", "-C", str(folder), *arguments],
            capture_output=True,
            timeout=_TIMEOUT_SECONDS,
            check=False,
            env=environment,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else None
