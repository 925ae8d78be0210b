"""The workspace: the folder that holds the truth, the indexes derived from it, the drafts and the reports.

truth.sqlite3   pages, blocks, spans, chunks, findings, embeddings, replies of chat models
vectors/        Chroma, derived
words/          tantivy, derived
drafts/         NAME.json, one a skill
builds/         NAME/, the drafts of the last builds
traces/         NAME.json, what became of every candidate claim
reports/        NAME.html, the report on a skill, and NAME-map.svg, its integration map
evals/          NAME/, logs and results of answers with and without a skill
owner-statements/  NAME.md, what owners stated where the pages say nothing
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from skillgen.artifacts import remove_unfinished, write_atomically, write_if_changed
from skillgen.errors import UserError, WorkspaceBusyError
from skillgen.store import Store

MARKER = ".skillgen-workspace"
STATEMENTS = "owner-statements"
_LOCK_WAIT_SECONDS = 3.0
_PRIVATE = 0o700


class Workspace:
    """An open workspace; `store` is its truth."""

    def __init__(self, root: Path, store: Store) -> None:
        self.root = root
        self.store = store

    @property
    def vectors(self) -> Path:
        """The folder of the vector index."""
        return self.root / "vectors"

    @property
    def words(self) -> Path:
        """The folder of the lexical index."""
        return self.root / "words"

    def draft_path(self, name: str) -> Path:
        """Return where the draft of a skill is kept."""
        return self.root / "drafts" / f"{name}.json"

    def incomplete_path(self, name: str) -> Path:
        """Return where a draft is kept that a chat model left incomplete, while there is a complete one."""
        return self.root / "drafts" / f"{name}.incomplete.json"

    def drafts(self) -> list[Path]:
        """Return the files of all drafts, by name; what is beside them only says which files a package has."""
        return [path for path in sorted((self.root / "drafts").glob("*.json")) if not path.name.endswith(".files.json")]

    @property
    def statements(self) -> Path:
        """The folder of the pages that are made of owners' answers."""
        return self.root / STATEMENTS

    def builds_path(self, name: str) -> Path:
        """Return the folder that keeps the drafts of a skill's last builds."""
        return self.root / "builds" / name

    def report_path(self, name: str, report: str) -> Path:
        """Return where a report on a skill is kept: `report` is "map.svg" for its integration map."""
        return self.root / "reports" / f"{name}-{report}"

    def trace_path(self, name: str) -> Path:
        """Return where it is kept what became of every candidate claim of a skill's last build."""
        return self.root / "traces" / f"{name}.json"


@contextlib.contextmanager
def open_workspace(root: Path, *, command: str = "skillgen") -> Iterator[Workspace]:
    """Open or create a workspace for this process alone, and close it afterwards.

    The folder is private to its user and ignored by git by itself.

    Raises:
        UserError: the folder cannot be made or written, or belongs to something else.
        WorkspaceBusyError: another process holds it; the message says which.
    """
    _prepare(root)
    with _lock(root, command):
        store = Store(root / "truth.sqlite3")
        try:
            yield Workspace(root, store)
        finally:
            store.close()


def _prepare(root: Path) -> None:
    """Make the folder and what marks it; an OSError becomes a UserError that names the folder."""
    try:
        if root.exists() and not root.is_dir():
            raise UserError(f"The workspace {root} is a file.", hint="Give another folder with --workspace.")
        ours = (root / MARKER).is_file()
        if root.is_dir() and not ours and any(root.iterdir()):
            raise UserError(
                f"The folder {root} holds other things and is no skillgen workspace.",
                hint="Give an empty or new folder with --workspace.",
            )
        if not ours:
            root.mkdir(parents=True, exist_ok=True, mode=_PRIVATE)
            root.chmod(_PRIVATE)
            (root / MARKER).touch()
        # Each looked for by itself: a run may have been killed between any two of them.
        write_if_changed(root / ".gitignore", "*\n")
        (root / "drafts").mkdir(exist_ok=True)
    except OSError as error:
        raise _unusable(root, error) from error


def _unusable(root: Path, error: OSError) -> UserError:
    return UserError(
        f"The workspace {root} cannot be written ({error.strerror or error}).",
        hint="Give another folder with --workspace.",
    )


@contextlib.contextmanager
def _lock(root: Path, command: str) -> Iterator[None]:
    """Hold the workspace's lock; the file beside it names the holder for whoever finds it taken."""
    from filelock import FileLock, Timeout

    holder = root / "holder"
    lock = FileLock(root / "lock")
    try:
        lock.acquire(timeout=_LOCK_WAIT_SECONDS)
    except Timeout:
        who = holder.read_text(encoding="utf-8").strip() if holder.is_file() else "another process"
        raise WorkspaceBusyError(
            f"The workspace {root} is in use by {who}.", hint="Wait until it has ended, or give another --workspace."
        ) from None
    except OSError as error:
        raise _unusable(root, error) from error
    try:
        _take(root, command)
        yield
    finally:
        lock.release()


def _take(root: Path, command: str) -> None:
    """Say who holds the workspace, and clear away what a killed process left half written."""
    try:
        for folder in (root, root / "drafts", root / "traces", root / "reports"):
            remove_unfinished(folder)
        write_atomically(root / "holder", f"process {os.getpid()} ({command})\n")
    except OSError as error:
        raise _unusable(root, error) from error
