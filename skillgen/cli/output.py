"""What is printed: results on standard output, details on standard error, as much as the command was asked for."""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import Enum, auto
from pathlib import Path

import typer

from skillgen.cli.endings import CLOSED_PIPE, drop

WIDTH = 80
LABEL = 9


class Loudness(Enum):
    """How much a command prints."""

    QUIET = auto()
    NORMAL = auto()
    VERBOSE = auto()


_LOUDNESS: ContextVar[Loudness] = ContextVar("loudness", default=Loudness.NORMAL)


@contextmanager
def speaking(loudness: Loudness) -> Iterator[None]:
    """Print that much inside the body."""
    before = _LOUDNESS.set(loudness)
    try:
        yield
    finally:
        _LOUDNESS.reset(before)


def is_quiet() -> bool:
    """Return whether only errors and the paths of results are wanted."""
    return _LOUDNESS.get() is Loudness.QUIET


def is_verbose() -> bool:
    """Return whether everything is wanted."""
    return _LOUDNESS.get() is Loudness.VERBOSE


def say(text: str) -> None:
    """Print what the command was asked for, and a newline.

    Raises:
        typer.Exit: the reader has gone, as in `skillgen search ... | head -1`.
    """
    try:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        drop(sys.stdout)
        raise typer.Exit(CLOSED_PIPE) from None


def report(text: str, *results: Path | str) -> None:
    """Print what was done; with `--quiet` only the paths of the results, a line each."""
    if not is_quiet():
        say(text)
    elif results:
        say("\n".join(map(str, results)))


def report_findings(text: str, *, found: bool) -> None:
    """Print what a check came to; with `--quiet` only where it found something."""
    if found or not is_quiet():
        say(text)


def detail(text: str) -> None:
    """With `--verbose` print lines on standard error."""
    if not is_verbose():
        return
    try:
        sys.stderr.write(text + "\n")
        sys.stderr.flush()
    except BrokenPipeError:  # nobody listens any more; the work goes on
        drop(sys.stderr)


def say_json(data: object, *, indent: int | None = 1) -> None:
    """Print one JSON document; without an indent in one line."""
    plain = (sys.stdout.encoding or "").lower().replace("-", "") != "utf8"
    say(json.dumps(data, ensure_ascii=plain, indent=indent))


def entry(label: str, text: str) -> list[str]:
    """Return a text in lines of at most WIDTH characters, its label in a column of its own.

    What can be copied, a path or a command, is never cut in two, even where it is longer than that.
    """
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=f"{label:<{LABEL}}",
        subsequent_indent=" " * LABEL,
        break_long_words=False,
        break_on_hyphens=False,
    )
