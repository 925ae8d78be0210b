"""Results on standard output: text or JSON, flushed at once, and quiet when the reader has gone."""

from __future__ import annotations

import json
import sys
import textwrap

import typer

from skillgen.cli.endings import CLOSED_PIPE, drop

WIDTH = 80


def say(text: str) -> None:
    """Print text and a newline.

    Raises:
        typer.Exit: the reader has gone, as in `skillgen search ... | head -1`.
    """
    try:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        drop(sys.stdout)
        raise typer.Exit(CLOSED_PIPE) from None


def say_json(data: object, *, indent: int | None = 1) -> None:
    """Print one JSON document; without an indent in one line."""
    plain = (sys.stdout.encoding or "").lower().replace("-", "") != "utf8"
    say(json.dumps(data, ensure_ascii=plain, indent=indent))


def entry(label: str, text: str) -> list[str]:
    """Return a text in lines of at most WIDTH characters, its label in a column of its own."""
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=f"{label:<9}",
        subsequent_indent=" " * 9,
        break_long_words=False,
        break_on_hyphens=False,
    )
