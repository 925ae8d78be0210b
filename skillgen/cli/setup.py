"""Setting up: `init` writes skillgen.toml, `doctor` checks what skillgen needs."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from skillgen.api import EMBED_KEY
from skillgen.artifacts import write_atomically
from skillgen.brief import builtin_briefs, load_brief
from skillgen.cli.endings import FINDINGS, INTERRUPTED
from skillgen.cli.output import entry, report, report_findings, say_json
from skillgen.cli.progress import ConsoleReporter
from skillgen.errors import CorpusError, SettingsError, UserError
from skillgen.settings import FILE_NAME, BuildSettings, CorpusSettings, IngestSettings, Settings, as_toml, load_settings
from skillgen.source import resolve_corpora, scan

if TYPE_CHECKING:
    from skillgen.doctor import CheckResult, RebuildReport

# Where pages mostly are; the first that exists is offered.
_USUAL_FOLDERS = ("docs", "doc", "wiki", "runbooks", "handbook", "pages", "content")
DEFAULT_BRIEF = "integration-and-orchestration"


def run_init(corpus: Sequence[Path] | None, brief: str | None, out: Path | None, *, ask: bool) -> None:
    """Ask for the pages and the brief where they were not given, and write skillgen.toml.

    Raises:
        UserError: the file is there already, nobody can answer, or an answer cannot be used.
    """
    target = Path(FILE_NAME)
    if os.path.lexists(target):
        raise UserError(
            f"{FILE_NAME} is already here and is left as it is.",
            hint=f"Edit it, or move it away first: mv {FILE_NAME} {FILE_NAME}.old",
        )
    ask = ask and not (corpus and brief)
    if ask and not sys.stdin.isatty():
        raise UserError(
            "`skillgen init` asks questions, but standard input is no terminal.",
            hint="Say what you want instead: skillgen init --yes --corpus DIR [--brief BRIEF] [--out DIR]",
        )
    settings = _chosen(corpus, brief, out, ask=ask)
    try:
        write_atomically(target, as_toml(settings))
    except OSError as error:
        raise UserError(
            f"{FILE_NAME} cannot be written here ({error.strerror}).", hint="Check the folder's permissions."
        ) from error
    report(_init_text(settings), FILE_NAME)


def _chosen(corpus: Sequence[Path] | None, brief: str | None, out: Path | None, *, ask: bool) -> Settings:
    """Return the settings as given, asked for, or offered, each of them checked."""
    usual = next((name for name in _USUAL_FOLDERS if Path(name).is_dir()), None)
    folders = [str(path) for path in corpus or ()]
    if ask and not folders:
        folders = [_answer("Which folder has the pages?", usual, _check_corpus)]
    folders = folders or [usual or ""]
    _check_corpus(*folders)
    if ask and brief is None:
        brief = _named_brief(_answer(_brief_question(), DEFAULT_BRIEF, _check_brief))
    brief = brief or DEFAULT_BRIEF
    _check_brief(brief)
    out = out or BuildSettings().out
    if out.is_file():
        raise UserError(f"{out} is a file.", hint="Give another folder with --out.")
    return Settings(
        corpus=tuple(CorpusSettings(path=Path(folder)) for folder in folders),
        build=BuildSettings(briefs=(brief,), out=out),
    )


def _brief_question() -> str:
    """Return the question for the brief, with the built-in ones to choose from."""
    numbered = [f"  {number}  {load_brief(name).title} ({name})" for number, name in enumerate(builtin_briefs(), 1)]
    return "\n".join(["", "What should an agent know?", *numbered, "A number, a name, or a brief file of yours"])


def _named_brief(answer: str) -> str:
    """Return the built-in brief of a number, or what was answered."""
    names = dict(enumerate(builtin_briefs(), 1))
    return names.get(int(answer), answer) if answer.isdecimal() and answer.isascii() else answer


def _answer(question: str, offered: str | None, check: Callable[[str], None]) -> str:
    """Ask on standard error until the answer can be used.

    Raises:
        typer.Exit: whoever was asked has left.
    """
    while True:
        try:
            answer = str(typer.prompt(question, default=offered, err=True)).strip()
        except typer.Abort:
            typer.echo(err=True)
            raise typer.Exit(INTERRUPTED) from None
        try:
            check(answer)
        except UserError as error:
            typer.echo(error.message, err=True)
        else:
            return answer


def _check_corpus(*folders: str) -> None:
    """Refuse folders that no build could read.

    Raises:
        CorpusError: one is not named, not there, or holds no page.
    """
    if not all(folders):
        names = ", ".join(f"{name}/" for name in _USUAL_FOLDERS)
        raise CorpusError(f"There is none of the folders {names} here.", hint="Name the folder of pages with --corpus.")
    if not _pages_in([Path(folder) for folder in folders]):
        endings = ", ".join(IngestSettings().include)
        raise CorpusError(
            f"There is no page to read in {', '.join(folders)}.", hint=f"Pages are files ending in {endings}."
        )


def _pages_in(folders: Sequence[Path]) -> int:
    ingest = IngestSettings()
    corpora = resolve_corpora(folders)
    return len(scan(corpora, include=ingest.include, exclude=ingest.exclude, max_bytes=ingest.max_bytes).entries)


def _check_brief(answer: str) -> None:
    load_brief(_named_brief(answer))


def _init_text(settings: Settings) -> str:
    """Return what `init` wrote, and the command that comes next."""
    folders = [corpus.path for corpus in settings.corpus]
    count = _pages_in(folders)
    lines = entry("Wrote", f"{FILE_NAME}, with every setting explained")
    lines += entry("Pages", f"{', '.join(map(str, folders))} ({count} page{'' if count == 1 else 's'})")
    lines += entry("Brief", ", ".join(settings.build.briefs))
    lines += entry("Skill", f"goes into {settings.build.out}")
    return "\n".join([*lines, "", *entry("Next", "skillgen build")])


def run_doctor(workspace: Path | None, *, rebuild: bool, as_json: bool) -> None:
    """Rebuild if asked to, print what the checks found, and exit 1 when one of them is an error."""
    from skillgen import doctor

    api_key = os.environ.get(EMBED_KEY)
    settings, broken = _settings_or_defaults()
    settings = settings.with_values({"workspace": workspace})
    rebuilt = None
    if rebuild:
        if broken:
            raise broken
        with ConsoleReporter() as reporter:
            rebuilt = doctor.rebuild(settings, reporter=reporter, api_key=api_key)
    checks = doctor.examine(settings, broken_settings=broken, api_key=api_key)
    if as_json:
        say_json(
            {
                "status": doctor.worst(checks),
                "checks": [asdict(check) for check in checks],
                "rebuilt": asdict(rebuilt) if rebuilt else None,
            }
        )
    else:
        report_findings(_doctor_text(checks, rebuilt), found=doctor.worst(checks) != "ok")
    if doctor.worst(checks) == "error":
        raise typer.Exit(FINDINGS)


def _settings_or_defaults() -> tuple[Settings, SettingsError | None]:
    try:
        return load_settings(Path()), None
    except SettingsError as error:
        return Settings(), error


def _doctor_text(checks: Sequence[CheckResult], rebuilt: RebuildReport | None) -> str:
    """Return one line for each check, its remedy under it, and what it all comes to."""
    lines: list[str] = []
    if rebuilt:
        text = f"both indexes, from {rebuilt.pages} pages with {rebuilt.chunks} chunks"
        text += f"; {rebuilt.embedded} texts had to be embedded" if rebuilt.embedded else ""
        lines += entry("Rebuilt", text)
    for check in checks:
        lines += entry(check.status, f"{check.name}: {check.message}")
        if check.remedy:
            lines.append(f"{'':<9}Next: {check.remedy}")
    counts = Counter(check.status for check in checks)
    found = ", ".join(f"{status}: {counts[status]}" for status in ("error", "warning") if counts[status])
    return "\n".join([*lines, "", f"{len(checks)} checks, {found or 'all good'}"])
