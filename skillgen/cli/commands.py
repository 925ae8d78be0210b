"""What the commands share, and what `build` does: settings together, pipeline called, result printed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import typer

from skillgen.api import opened
from skillgen.cli import model_summary, summary
from skillgen.cli.endings import FINDINGS
from skillgen.cli.folder import settings_of
from skillgen.cli.output import detail, report, say, say_json
from skillgen.cli.progress import ConsoleReporter
from skillgen.cli.review_summary import review_json
from skillgen.errors import UserError
from skillgen.model.brief import Brief
from skillgen.pipeline.build import BuildResult, build, estimate_build, load_briefs, skill_name
from skillgen.protocols import Embedder
from skillgen.settings import Settings
from skillgen.workspace import MARKER, Workspace, open_workspace

__all__ = ["Bench", "existing", "run_build", "run_dry", "settings_of", "working"]

_INIT_HINT = "or run `skillgen init` once, which writes it into skillgen.toml."


@dataclass(frozen=True, slots=True)
class Bench:
    """What a command works with while it holds the workspace."""

    workspace: Workspace
    embedder: Embedder
    reporter: ConsoleReporter


@contextmanager
def working(settings: Settings, command: str) -> Iterator[Bench]:
    """Open what a command works with; a corpus that is missing is told before anything is made."""
    hint = f"Give a folder of pages with --corpus, {_INIT_HINT}"
    with (
        opened(settings, command=f"skillgen {command}", hint=hint) as (workspace, embedder),
        ConsoleReporter() as reporter,
    ):
        detail(f"Workspace {workspace.root}; texts are embedded by {embedder.id}")
        yield Bench(workspace, embedder, reporter)


@contextmanager
def existing(settings: Settings, command: str) -> Iterator[Workspace]:
    """Open a workspace that is there; none is made."""
    if not (settings.workspace / MARKER).is_file():
        raise UserError(
            f"There is no workspace at {settings.workspace}.",
            hint="Name one with --workspace, or run `skillgen ingest`.",
        )
    with open_workspace(settings.workspace, command=f"skillgen {command}") as workspace:
        yield workspace


def run_dry(settings: Settings, *, as_json: bool) -> None:
    """Print what a build would ask the chat model and what that costs."""
    briefs = _briefs_of(settings)
    with working(settings, "build") as bench:
        found = estimate_build(settings, bench.workspace, briefs, embedder=bench.embedder, reporter=bench.reporter)
    if as_json:
        say_json(asdict(found))
    else:
        say(model_summary.dry_run_text(found, settings.model.max_cost))


def _briefs_of(settings: Settings) -> tuple[Brief, ...]:
    if not settings.build.briefs:
        raise UserError(
            "No brief is named.", hint=f"Name one that `skillgen brief list` shows, or a Markdown file, {_INIT_HINT}"
        )
    return load_briefs(settings)


def run_build(settings: Settings, *, as_json: bool) -> None:
    """Build, print the summary, and exit 1 when coverage is under the floor."""
    briefs = _briefs_of(settings)
    _require_folder(settings.build.out / skill_name(settings, briefs))
    with working(settings, "build") as bench:
        result = build(settings, bench.workspace, briefs, embedder=bench.embedder, reporter=bench.reporter)
    overall, floor = result.draft.coverage.overall, settings.build.fail_under
    if as_json:
        say_json(_build_json(result) | {"under_floor": overall < floor})
    else:
        report(summary.build_summary(result), result.package)
    if overall < floor:
        typer.echo(f"Coverage {overall:.2f} is under --fail-under {floor:.2f}.", err=True)
        raise typer.Exit(FINDINGS)


def _require_folder(package: Path) -> None:
    """Tell before the work that the package can't be put there because a file stands in the way."""
    for path in (package, *package.parents):
        if path.is_file():
            raise UserError(f"{path} is a file; the package needs a folder.", hint="Give another folder with --out.")


def _build_json(result: BuildResult) -> dict[str, Any]:
    claims = result.draft.claims
    return {
        "skill": asdict(result.draft.skill),
        "package": str(result.package),
        "draft": str(result.draft_path),
        "report": str(result.report_path),
        "map": str(result.map_path),
        "changed": result.changed,
        "claims": len(claims),
        "claims_in_body": sum(claim.in_body for claim in claims),
        "body_tokens": result.body_tokens,
        "coverage": asdict(result.draft.coverage),
        "gaps": len(result.draft.gaps),
        "ingest": asdict(result.ingest),
        "warnings": [asdict(issue) for issue in result.issues],
        "model": model_summary.model_json(result),
        **review_json(result),
    }
