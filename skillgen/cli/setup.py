"""Setting up: `init` writes skillgen.toml, `doctor` checks what skillgen needs."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

import typer

from skillgen.api import EMBED_KEY
from skillgen.artifacts import write_atomically
from skillgen.brief import builtin_briefs, load_brief
from skillgen.cli import summary
from skillgen.cli.endings import FINDINGS, INTERRUPTED
from skillgen.cli.output import say, say_json
from skillgen.cli.progress import ConsoleReporter
from skillgen.errors import CorpusError, SettingsError, UserError
from skillgen.settings import FILE_NAME, BuildSettings, CorpusSettings, Settings, as_toml, load_settings
from skillgen.source import resolve_corpora

# Where pages mostly are; the first that exists is offered.
DEFAULT_BRIEF = "integration-and-orchestration"
_USUAL_FOLDERS = ("docs", "doc", "wiki", "runbooks", "handbook", "pages", "content")


def run_init(corpus: Sequence[Path] | None, brief: str | None, out: Path | None, *, ask: bool) -> None:
    """Ask for what was not given, and write skillgen.toml.

    Raises:
        UserError: the file is there already, nobody can answer, or an answer cannot be used.
    """
    target = Path(FILE_NAME)
    if os.path.lexists(target):
        raise UserError(
            f"{FILE_NAME} is already here and is left as it is.",
            hint=f"Edit it, or move it away first: mv {FILE_NAME} {FILE_NAME}.old",
        )
    ask = ask and not (corpus and brief and out)
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
    say(summary.init_summary(settings))


def _chosen(corpus: Sequence[Path] | None, brief: str | None, out: Path | None, *, ask: bool) -> Settings:
    """Return the settings as given, asked for, or offered, each of them checked."""
    usual = next((name for name in _USUAL_FOLDERS if Path(name).is_dir()), None)
    folders = [str(path) for path in corpus or ()]
    if ask:
        folders = folders or [_answer("Folder of pages", usual, _check_corpus)]
        brief = brief or _answer(
            f"Research brief: a file, or one of {', '.join(builtin_briefs())}", DEFAULT_BRIEF, _check_brief
        )
        out = out or Path(_answer("Folder for the skill", str(BuildSettings().out), _check_out))
    folders = folders or [usual or ""]
    brief = brief or DEFAULT_BRIEF
    out = out or BuildSettings().out
    _check_corpus(*folders)
    _check_brief(brief)
    _check_out(str(out))
    return Settings(
        corpus=tuple(CorpusSettings(path=Path(folder)) for folder in folders),
        build=BuildSettings(briefs=(brief,), out=out),
    )


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
    if not all(folders):
        names = ", ".join(f"{name}/" for name in _USUAL_FOLDERS)
        raise CorpusError(f"There is none of the folders {names} here.", hint="Name the folder of pages with --corpus.")
    resolve_corpora([Path(folder) for folder in folders])


def _check_brief(name: str) -> None:
    load_brief(name)


def _check_out(folder: str) -> None:
    if Path(folder).is_file():
        raise UserError(f"{folder} is a file.", hint="Give another folder with --out.")


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
        say(summary.doctor_summary(checks, rebuilt))
    if doctor.worst(checks) == "error":
        raise typer.Exit(FINDINGS)


def _settings_or_defaults() -> tuple[Settings, SettingsError | None]:
    try:
        return load_settings(Path()), None
    except SettingsError as error:
        return Settings(), error
