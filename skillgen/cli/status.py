"""Where you stand, printed; only what is needed for that is imported, so that it is instant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from skillgen import __version__
from skillgen.cli.folder import settings_of
from skillgen.cli.output import entry, report, say_json
from skillgen.pipeline.status import CorpusStatus, SkillStatus, Status, folder_status

_SHOWN_PAGES = 3


def run_status(corpus: Sequence[Path] | None, workspace: Path | None, *, as_json: bool) -> None:
    """Print where the current folder stands; with `--quiet` only the command that comes next."""
    found = folder_status(settings_of(corpus, workspace, {}), Path())
    if as_json:
        say_json({"version": __version__, **asdict(found)})
    else:
        report(status_text(found), found.next.command)


def status_text(found: Status) -> str:
    """Return pages, skills and the next command in lines of at most 80 columns."""
    lines = [f"skillgen {__version__}", ""]
    if not (found.settings_file or found.has_workspace or found.corpora):
        lines += ["Nothing is set up in this folder yet."]
    else:
        lines += entry("Settings", found.settings_file or "none; `skillgen init` writes skillgen.toml")
        lines += entry("Work", f"{found.workspace}{'' if found.has_workspace else ' (not there yet)'}")
        for corpus in found.corpora:
            lines += entry("Pages", _corpus(corpus))
    for skill in found.skills:
        lines += ["", *_skill(skill)]
    return "\n".join(
        [
            *lines,
            "",
            *entry("Next", found.next.command),
            *entry("", found.next.reason),
            *entry("Help", "skillgen --help"),
        ]
    )


def _corpus(corpus: CorpusStatus) -> str:
    if not corpus.is_there:
        return f"{corpus.path}: the folder is not there"
    if corpus.changed is None:
        return f"{corpus.path}: no page that can be read"
    pages = f"{corpus.pages} page{'' if corpus.pages == 1 else 's'}"
    return f"{corpus.path}: {pages}, the newest of {_day(corpus.changed)} ({corpus.newest})"


def _skill(skill: SkillStatus) -> list[str]:
    lines = entry("Skill", f"{skill.name}, {f'built {_minute(skill.built)}' if skill.built else 'never finished'}")
    if not skill.readable:
        return [*lines, *entry("", "its draft is of another version of skillgen")]
    state = "" if skill.complete else "; incomplete, because the chat model stopped answering"
    lines += entry("", f"coverage {skill.coverage:.2f}, {skill.claims} claims, {skill.gaps} gaps{state}")
    lines += entry("", f"{skill.to_review} of {skill.in_body} claims in SKILL.md wait for a reviewer")
    if skill.changed:
        shown = ", ".join(skill.changed[:_SHOWN_PAGES])
        more = len(skill.changed) - _SHOWN_PAGES
        lines += entry("", f"changed since: {shown}{f' and {more} more' if more > 0 else ''}")
    elif skill.changed is not None:
        lines += entry("", "no page changed since")
    return lines + entry("", skill.package)


def _minute(at: str) -> str:
    return at[:16].replace("T", " ") + " UTC"


def _day(at: str) -> str:
    return at[:10]
