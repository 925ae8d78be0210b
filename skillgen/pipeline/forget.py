"""Forget: a page out of everything that a workspace holds."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from html import unescape
from pathlib import Path

from skillgen.decisions import load_decisions
from skillgen.errors import UserError
from skillgen.pipeline.behaviour_asking import WAITED_FILE
from skillgen.pipeline.builds import forget_builds, past_builds
from skillgen.pipeline.indexes import drop_indexes
from skillgen.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """What was purged: `sources` from the truth, and the `drafts` that had named one of them, by skill name.

    `builds` is how many earlier builds were purged with them. `still_held` are decisions files, which stand outside of
    the workspace and are left alone, with the number of their entries that name one of the sources.
    """

    sources: tuple[str, ...]
    drafts: tuple[str, ...]
    builds: int = 0
    still_held: tuple[tuple[str, int], ...] = ()


def forget(workspace: Workspace, sources: Sequence[str], *, decisions: Sequence[Path] = ()) -> Forgotten:
    """Purge pages from truth, replies, vectors, indexes, drafts, builds, evaluations, owners' statements and reports.

    Nothing of them can be read from the workspace any more. The files of `decisions` are only looked at.

    Both indexes are removed and derived anew by the next command that needs them.

    Raises:
        UserError: the workspace knows no such source; then nothing is purged.
    """
    store = workspace.store
    known = store.page_states().keys() | {finding.source for finding in store.findings()} | store.reply_sources()
    for source in sources:
        if source not in known:
            raise UserError(f"The workspace {workspace.root} knows no source {source!r}.", hint=_near(source, known))
    drafts = _drop_drafts(workspace, sources)
    _drop_reports(workspace, sources)
    _drop_evaluations(workspace)
    builds = _drop_builds(workspace, sources)
    for source in sources:
        if source.startswith(f"{workspace.statements.name}/"):
            (workspace.root / source).unlink(missing_ok=True)
    drop_indexes(workspace)  # before the truth, so that a killed command can be given again
    store.forget_sources(sources)
    store.drop_orphans()
    store.erase_freed()
    return Forgotten(
        sources=tuple(sources), drafts=drafts, builds=builds, still_held=_still_held(decisions, frozenset(sources))
    )


def _drop_reports(workspace: Workspace, sources: Sequence[str]) -> None:
    """Remove the reports that name a source: one tells what was noticed about all pages, cited or not."""
    for report in sorted((workspace.root / "reports").glob("*.html")):
        text = unescape(report.read_text(encoding="utf-8"))
        if any(source in text for source in sources):
            report.unlink()


def _drop_evaluations(workspace: Workspace) -> None:
    """Remove logs and results, whatever they name: the stored replies that stay give them again for nothing."""
    for record in (workspace.root / "reports").glob("*.json"):
        record.unlink()
    for folder in (workspace.root / "evals").glob("*"):
        for file in [path for path in folder.rglob("*") if path.is_file() and path.name != WAITED_FILE]:
            file.unlink()


def _drop_builds(workspace: Workspace, sources: Sequence[str]) -> int:
    """Remove the earlier builds that name a source, and the lists of pages that do; return how many builds."""
    dropped = 0
    for folder in sorted((workspace.root / "builds").glob("*")):
        gone = {path.stem for path in folder.glob("*.json") if _names(path, sources)}
        dropped += len(gone & {build.id for build in past_builds(folder)})
        forget_builds(folder, frozenset(gone))
    return dropped


def _names(path: Path, sources: Sequence[str]) -> bool:
    text = path.read_text(encoding="utf-8")
    return any(json.dumps(source, ensure_ascii=False)[1:-1] in text for source in sources)


def _still_held(files: Sequence[Path], sources: frozenset[str]) -> tuple[tuple[str, int], ...]:
    counts = {
        str(path): sum(
            bool(sources & {one.source for one in decision.evidence}) for decision in load_decisions(path).claims
        )
        for path in files
    }
    return tuple((path, count) for path, count in counts.items() if count)


def _near(source: str, known: set[str]) -> str:
    near = get_close_matches(source, sorted(known), n=3)
    return f"Did you mean {' or '.join(near)}?" if near else "`skillgen search` shows sources as they are named here."


def _drop_drafts(workspace: Workspace, sources: Sequence[str]) -> tuple[str, ...]:
    """Remove the drafts that name a source, with their reports, and return their names."""
    named = [json.dumps(source, ensure_ascii=False)[1:-1] for source in sources]
    dropped = []
    for draft in workspace.drafts():
        text = draft.read_text(encoding="utf-8")
        if any(source in text for source in named):
            draft.unlink()
            (workspace.root / "reports" / f"{draft.stem}.html").unlink(missing_ok=True)
            workspace.report_path(draft.stem, "map.svg").unlink(missing_ok=True)
            workspace.trace_path(draft.stem).unlink(missing_ok=True)
            dropped.append(draft.stem)
    return tuple(dropped)
