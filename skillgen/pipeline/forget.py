"""Forget: a page out of everything that a workspace holds."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from skillgen.errors import UserError
from skillgen.pipeline.indexes import drop_indexes
from skillgen.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """What was purged: `sources` from the truth, and the `drafts` that had named one of them, by skill name."""

    sources: tuple[str, ...]
    drafts: tuple[str, ...]


def forget(workspace: Workspace, sources: Sequence[str]) -> Forgotten:
    """Purge pages from truth, vectors, indexes, drafts and reports; nothing of them can be read from the disk any more.

    Both indexes are removed and derived anew by the next command that needs them.

    Raises:
        UserError: the workspace knows no such source; then nothing is purged.
    """
    store = workspace.store
    known = store.page_states().keys() | {finding.source for finding in store.findings()}
    for source in sources:
        if source not in known:
            raise UserError(f"The workspace {workspace.root} knows no source {source!r}.", hint=_near(source, known))
    drafts = _drop_drafts(workspace, sources)
    drop_indexes(workspace)  # before the truth, so that a killed command can be given again
    store.forget_sources(sources)
    store.drop_orphans()
    store.erase_freed()
    return Forgotten(sources=tuple(sources), drafts=drafts)


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
            workspace.trace_path(draft.stem).unlink(missing_ok=True)
            dropped.append(draft.stem)
    return tuple(dropped)
