"""Progress on standard error: a live line in a terminal, plain lines elsewhere, nothing with `--quiet`."""

from __future__ import annotations

import os
import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

from skillgen.cli.endings import drop, stop_if_signalled
from skillgen.cli.output import is_quiet, is_verbose

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

# Without a terminal a task that goes on for longer than this tells how far it is.
_PLAIN_SECONDS = 10.0


class ConsoleReporter:
    """Shows tasks as they run. Use as a context manager, so that the live line ends with the work.

    Each call also ends the work if a signal asked for that and the exception was lost on its way.
    """

    def __init__(self) -> None:
        self._silent = is_quiet()
        self._timed = is_verbose()
        self._live: Progress | None = None if self._silent or not _can_redraw() else _live_progress()
        self._task: TaskID | None = None
        self._name = ""
        self._total: int | None = None
        self._count = 0
        self._began = self._told = 0.0

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            self._live.stop()

    def start(self, task: str, total: int | None = None) -> None:
        """Show that a task begins."""
        stop_if_signalled()
        self._name, self._total, self._count = task, total, 0
        self._began = self._told = time.monotonic()
        if self._live:
            self._task = self._live.add_task(task, total=total, counts="")

    def advance(self, steps: int = 1) -> None:
        """Show that some steps are done."""
        stop_if_signalled()
        self._count += steps
        if self._live and self._task is not None:
            self._live.update(self._task, advance=steps, counts=self._counts())
        elif time.monotonic() - self._told > _PLAIN_SECONDS:
            self._told = time.monotonic()
            self._print(f"{self._name}: {self._counts()}")

    def done(self, summary: str = "") -> None:
        """Show what the task came to, in a line that stays."""
        stop_if_signalled()
        if self._live and self._task is not None:
            self._live.remove_task(self._task)
            self._task = None
        came_to = summary or (self._counts() if self._count else "done")
        took = f" ({time.monotonic() - self._began:.1f} s)" if self._timed else ""
        self._print(f"{self._name}: {came_to}{took}")

    def note(self, message: str) -> None:
        """Show a sentence in a line that stays."""
        stop_if_signalled()
        self._print(message)

    def _counts(self) -> str:
        return f"{self._count:,} of {self._total:,}" if self._total else f"{self._count:,}"

    def _print(self, line: str) -> None:
        if self._silent:
            return
        if self._live:
            self._live.console.print(line, markup=False, highlight=False)
            return
        try:
            sys.stderr.write(line + "\n")
            sys.stderr.flush()
        except BrokenPipeError:  # nobody listens any more; the work goes on
            drop(sys.stderr)


def _can_redraw() -> bool:
    return sys.stderr.isatty() and os.environ.get("TERM", "") not in ("", "dumb")


def _live_progress() -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=20),
        TextColumn("{task.fields[counts]}"),
        TimeElapsedColumn(),
    )
    return Progress(*columns, console=Console(stderr=True), transient=True)  # it heeds NO_COLOR by itself
