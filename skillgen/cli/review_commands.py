"""What the commands of the review do: pipeline called, result printed, exit code set."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import quote

import typer

from skillgen import __version__
from skillgen.artifacts import write_atomically
from skillgen.cli import review_summary
from skillgen.cli.endings import FINDINGS
from skillgen.cli.output import report, report_findings, say, say_json
from skillgen.diff import diff_drafts
from skillgen.errors import UserError
from skillgen.pipeline.builds import past_draft
from skillgen.pipeline.check import check_package, draft_file
from skillgen.pipeline.checklist import export_checklist, import_checklist
from skillgen.pipeline.decide import ReviewDesk, open_desk, read_draft
from skillgen.pipeline.gaps import write_gaps
from skillgen.sarif import sarif_log
from skillgen.settings import Settings


def run_states(settings: Settings, package: Path, *, as_json: bool) -> None:
    """Print how many claims are in which state, and what needs a reviewer."""
    desk = _desk(settings, package)
    if as_json:
        say_json(
            {
                "skill": desk.draft.skill.name,
                "decisions": str(desk.path),
                "claims": [
                    {
                        "id": one.claim.id,
                        "text": one.claim.text,
                        "in_body": one.claim.in_body,
                        "state": one.state,
                        "decision": asdict(one.decision) if one.decision else None,
                    }
                    for one in desk.review.claims
                ],
                "orphaned": [asdict(decision) for decision in desk.review.orphaned],
                "answers": [asdict(answer) for answer in desk.decisions.answers],
            }
        )
    else:
        say(review_summary.states_text(desk, package))


def run_export(settings: Settings, package: Path, file: Path, *, as_json: bool) -> None:
    """Write the checklist."""
    desk = _desk(settings, package)
    write_atomically(file, export_checklist(desk))
    if as_json:
        say_json({"checklist": str(file), "claims": len(desk.review.claims)})
    else:
        report(f"Wrote    {file}, {len(desk.review.claims)} claims", file)


def run_gaps(settings: Settings, package: Path, file: Path, *, as_json: bool) -> None:
    """Write the gaps for owners into a clarifications file, and say what is in it."""
    found = write_gaps(settings, package.resolve().name, file)
    if as_json:
        counts = {"new": found.new, "open": found.open, "answered": found.answered, "unclear": list(found.unclear)}
        say_json({"gaps": str(file), **counts})
    else:
        report(review_summary.gaps_text(found, file), file)


def run_import(settings: Settings, package: Path, file: Path, *, by: str | None, as_json: bool) -> None:
    """Read a ticked checklist back; exit 1 when something of it could not be taken over."""
    desk = _desk(settings, package)
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{file} cannot be read ({error}).", hint="Write one with --export.") from error
    done = import_checklist(desk, text, name=str(file), by=by or _git_name())
    if as_json:
        say_json(asdict(done))
    else:
        report_findings(review_summary.imported_text(done, desk.path), found=bool(done.unknown or done.conflicting))
    if done.unknown or done.conflicting:
        raise typer.Exit(FINDINGS)


def _git_name() -> str:
    try:
        found = subprocess.run(["git", "config", "user.name"], capture_output=True, text=True, check=False)  # noqa: S607 - git of the user's own path
    except FileNotFoundError:
        found = None
    name = found.stdout.strip() if found else ""
    if not name:
        raise UserError("Nobody is named who decided.", hint="Say who with --by NAME.")
    return name


def _desk(settings: Settings, package: Path) -> ReviewDesk:
    name = package.resolve().name
    return open_desk(settings, name, draft_file(settings, name))


def run_check(settings: Settings, package: Path, draft: Path | None, *, sarif: Path | None, as_json: bool) -> None:
    """Check, print and write what was found, and exit 1 when something must be mended."""
    checked = check_package(settings, package, draft=draft)
    found = checked.report
    if sarif is not None:
        log = sarif_log(
            found,
            uri=lambda source: _uri(checked.paths[source]) if source in checked.paths else "",
            package=_uri((package / "SKILL.md").resolve()),
            version=__version__,
        )
        write_atomically(sarif, json.dumps(log, ensure_ascii=False, indent=1) + "\n")
    if as_json:
        say_json(_with_flags(asdict(found), found))
    else:
        report_findings(review_summary.check_text(found), found=found.failed)
    if found.failed:
        raise typer.Exit(FINDINGS)


def _with_flags(data: dict[str, Any], report: Any) -> Mapping[str, Any]:  # noqa: ANN401
    for row, target in zip(data["targets"], report.targets, strict=True):
        row["under"] = target.under
    for row, decision in zip(data["decisions"], report.decisions, strict=True):
        row["open"] = decision.open
    return {"failed": report.failed, **data}


def _uri(path: Path) -> str:
    """Return a file's address relative to the current folder, which is the repository's root, or else in full."""
    here = Path.cwd().resolve()
    return quote(path.relative_to(here).as_posix()) if path.is_relative_to(here) else path.as_uri()


def run_diff(settings: Settings, package: Path, against: str | None, *, as_json: bool) -> None:
    """Print what changed between two builds."""
    name = package.resolve().name
    draft = read_draft(settings.workspace / "drafts" / f"{name}.json")
    past, before = past_draft(settings.workspace / "builds" / name, against)
    found = diff_drafts(before, draft)
    if as_json:
        say_json({"skill": name, "against": asdict(past), **asdict(found)})
    else:
        say(review_summary.diff_text(found, past))
