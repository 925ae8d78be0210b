"""How the process ends: exit codes, signals, and errors as one plain message with the next step."""

from __future__ import annotations

import errno
import io
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import NoReturn, TextIO

from skillgen.errors import PrerequisiteError, SkillgenError

FINDINGS = 1
# As a shell reports a command that ended by SIGINT, SIGPIPE or SIGTERM.
INTERRUPTED = 130
CLOSED_PIPE = 141
TERMINATED = 143

_KEPT = "What was finished is kept; the same command goes on from there."
_LAST_WORDS = {INTERRUPTED: f"Interrupted. {_KEPT}", TERMINATED: f"Terminated. {_KEPT}"}
# The signals that came since the command began.
_signalled: list[int] = []
# What the machine refuses. Any other OSError that gets this far is a bug and keeps its traceback.
_REFUSALS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EMFILE})


@contextmanager
def explained() -> Iterator[None]:
    """Run a command: its errors become a message on standard error and an exit code, a bug keeps its traceback."""
    _tolerate_odd_characters()
    try:
        with _signals_unwind():
            yield
    except KeyboardInterrupt:
        _end(INTERRUPTED)
    except SystemExit as stop:
        if stop.code in _LAST_WORDS:
            _end(stop.code)
        raise
    except Exception as error:
        if _signalled:  # a library that was being loaded made another exception of it
            _end(_exit_code(_signalled[0]))
        told = _explanation(error)
        if told is None:
            raise
        _fail(told)


def stop_if_signalled() -> None:
    """Leave if a signal came and a library swallowed the exception that was to end the process."""
    if _signalled:
        raise SystemExit(_exit_code(_signalled[0]))


def drop(stream: TextIO) -> None:
    """Let go of a stream that nobody reads any more, so that nothing fails over it at the end of the process."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def _explanation(error: Exception) -> SkillgenError | None:
    """Return what to tell the user, or None for a bug."""
    if isinstance(error, SkillgenError):
        return error
    if isinstance(error, ModuleNotFoundError) and error.name and not error.name.startswith("skillgen"):
        return PrerequisiteError(
            f"The library {error.name} is missing.",
            hint="Install runbook-skillgen again; `skillgen doctor` lists what is missing.",
        )
    if isinstance(error, OSError) and error.errno in _REFUSALS:
        place = f"{error.filename}: " if error.filename else ""
        return PrerequisiteError(
            f"{place}{error.strerror}.", hint="`skillgen doctor` checks the disk and the workspace's permissions."
        )
    return None


def _fail(error: SkillgenError) -> NoReturn:
    _tell(f"Error: {error.message}")
    if error.hint:
        _tell(f"Next:  {error.hint}")
    sys.exit(error.exit_code)


def _end(code: int | str | None) -> NoReturn:
    """Say that the work was broken off, and leave; from here on another Ctrl-C ends the process at once."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    _tell(_LAST_WORDS[int(code or 0)])
    sys.exit(code)


def _tell(line: str) -> None:
    try:
        sys.stderr.write(line + "\n")
        sys.stderr.flush()
    except BrokenPipeError:
        drop(sys.stderr)


def _tolerate_odd_characters() -> None:
    """Show a character that the terminal has no code for by its number instead of failing over it."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


@contextmanager
def _signals_unwind() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM unwind the stack: transactions are rolled back and the workspace is let go.

    A signal that whoever started the process had turned off stays off.
    """
    _signalled.clear()
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, _unwind)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _unwind(number: int, _frame: FrameType | None) -> NoReturn:
    _signalled.append(number)
    raise SystemExit(_exit_code(number))


def _exit_code(number: int) -> int:
    return 128 + number
