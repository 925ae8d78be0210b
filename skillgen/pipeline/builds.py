"""Builds: the drafts of a skill's last builds, and what changed from one to the next."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from skillgen.artifacts import remove_unfinished, write_atomically, write_if_changed
from skillgen.diff import diff_drafts
from skillgen.draft import draft_from_json, draft_json
from skillgen.errors import UserError
from skillgen.model.diff import BuildChanges, DraftDiff, PageChange, PageKind
from skillgen.model.draft import Draft
from skillgen.workspace import Workspace

KEPT = 20
_ID_DIGITS = 12
PAGES = "pages.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class PastBuild:
    """A build that is kept: the first digits of its draft's SHA-256, and when it was made (UTC)."""

    id: str
    at: str


def keep_build(workspace: Workspace, draft: Draft, *, drafts: Path | None) -> BuildChanges:
    """Write a skill's draft, keep it among its last builds, and return what changed since the build before.

    `drafts` is a folder that gets a copy of the draft, or None.
    """
    name = draft.skill.name
    folder, path, text = workspace.builds_path(name), workspace.draft_path(name), draft_json(draft)
    pages = {source: state.sha256 for source, state in workspace.store.page_states().items()}
    changes = changes_since(folder, path, draft, pages)
    write_if_changed(path, text)
    workspace.incomplete_path(name).unlink(missing_ok=True)
    archive(folder, text)
    remember_pages(folder, pages)
    if drafts is not None:
        write_if_changed(drafts / f"{name}.json", text)
    return changes


def keep_incomplete(workspace: Workspace, draft: Draft) -> Path:
    """Write a draft that a chat model left incomplete, and return where.

    A complete draft that is there stays, because it belongs to its package: the incomplete one goes beside it.
    """
    path = workspace.draft_path(draft.skill.name)
    if _complete_draft(path) is not None:
        path = workspace.incomplete_path(draft.skill.name)
    write_if_changed(path, draft_json(draft))
    return path


def _complete_draft(path: Path) -> Draft | None:
    """Return the draft of a file; None where there is none, or it is incomplete or of another version."""
    try:
        draft = draft_from_json(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return draft if draft.run.complete else None


def archive(folder: Path, draft_text: str) -> None:
    """Keep a build's draft unless it is that of the last one; of more than 20 the oldest is removed.

    The time stands here alone: draft and package hold none.
    """
    id_ = sha256(draft_text.encode("utf-8")).hexdigest()[:_ID_DIGITS]
    builds = past_builds(folder)
    if builds and builds[-1].id == id_:
        return
    at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    write_if_changed(folder / f"{id_}.json", draft_text)
    remove_unfinished(folder)
    _write_index(folder, (*builds, PastBuild(id=id_, at=at))[-KEPT:])


def past_builds(folder: Path) -> tuple[PastBuild, ...]:
    """Return the builds that are kept, the oldest first; none where the index cannot be read."""
    try:
        rows = json.loads((folder / "index.json").read_text(encoding="utf-8"))["builds"]
        found = [PastBuild(id=str(row["id"]), at=str(row["at"])) for row in rows]
    except (FileNotFoundError, ValueError, LookupError, TypeError):
        return ()
    return tuple(build for build in found if (folder / f"{build.id}.json").is_file())


def forget_builds(folder: Path, gone: frozenset[str]) -> None:
    """Remove builds by their ids; `pages` among them is the list of pages, without which no changes are told."""
    for id_ in gone:
        (folder / f"{id_}.json").unlink(missing_ok=True)
    _write_index(folder, tuple(build for build in past_builds(folder) if build.id not in gone))


def past_draft(folder: Path, against: str | None) -> tuple[PastBuild, Draft]:
    """Return a build that is kept, by the beginning of its id; the one before the last where none is named.

    Raises:
        UserError: there is no such build, or only one.
    """
    builds = past_builds(folder)
    if against is None:
        found = builds[-2:-1]
    else:
        found = tuple(build for build in builds if against and build.id.startswith(against))[-1:]
    if not found:
        known = ", ".join(f"{build.id} ({build.at})" for build in reversed(builds)) or "none"
        what = f"There is no build {against!r}" if against else "There is no earlier build"
        raise UserError(f"{what} to compare with; kept are: {known}.", hint="Name one of them with --against.")
    return found[0], draft_from_json((folder / f"{found[0].id}.json").read_text(encoding="utf-8"))


def changes_since(folder: Path, draft_path: Path, draft: Draft, pages: Mapping[str, str]) -> BuildChanges:
    """Return what changed since the last build: pages by the SHA-256 of their bytes, claims one by one.

    Args:
        folder: Where the skill's builds are kept.
        draft_path: The draft of the last build.
        draft: The draft of this one.
        pages: SHA-256 by source of all pages as they are now.
    """
    earlier = _complete_draft(draft_path)
    try:
        before = json.loads((folder / PAGES).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        before = None
    if earlier is None or before is None:
        return BuildChanges(first=True, pages=(), drafts=DraftDiff())
    kinds: dict[str, PageKind] = dict.fromkeys(pages.keys() - before.keys(), "new")
    kinds |= dict.fromkeys(before.keys() - pages.keys(), "gone")
    kinds |= {source: "changed" for source in before.keys() & pages.keys() if before[source] != pages[source]}
    changed = tuple(PageChange(source=source, kind=kinds[source]) for source in sorted(kinds))
    return BuildChanges(first=False, pages=changed, drafts=diff_drafts(earlier, draft))


def remember_pages(folder: Path, pages: Mapping[str, str]) -> None:
    """Keep the SHA-256 of all pages, so that the next build can tell which ones changed."""
    write_if_changed(folder / PAGES, json.dumps(dict(sorted(pages.items())), ensure_ascii=False, indent=0) + "\n")


def _write_index(folder: Path, builds: tuple[PastBuild, ...]) -> None:
    write_atomically(
        folder / "index.json", json.dumps({"builds": [asdict(build) for build in builds]}, indent=1) + "\n"
    )
    kept = {f"{build.id}.json" for build in builds} | {"index.json", PAGES}
    for path in folder.glob("*.json"):
        if path.name not in kept:
            path.unlink(missing_ok=True)
