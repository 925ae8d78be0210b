"""How the time of a piece of work grows with the length of what it reads.

Seconds say more about the machine than about the code, so a test compares a quarter of a text with all of it, in the
same process: work that goes once through the text takes four times as long, work that goes through it again for each
of its pieces takes sixteen times.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable

QUARTER = 4
ALLOWED = 2.2
"""How much more than in proportion the whole may take: caches are not linear."""

UNMEASURABLE = 0.3
"""Seconds of processor time under which a growth says nothing."""

ATTEMPTS = 3


def _quarter(text: str) -> str:
    """Return a quarter of the text: its beginning and its end, which may close what the beginning opens."""
    eighth = len(text) // (2 * QUARTER)
    return text[:eighth] + text[-eighth:]


def _seconds(read: Callable[[str], object], text: str) -> float:
    """Return this thread's processor time of reading the text.

    Without that of whoever traces the lines (coverage), and of the garbage collector, which walks through all that the
    other tests of the process have left behind.
    """
    tracer = sys.gettrace()
    sys.settrace(None)
    gc.collect()
    gc.disable()
    try:
        started = time.thread_time()
        read(text)
        return time.thread_time() - started
    finally:
        gc.enable()
        sys.settrace(tracer)


def assert_time_follows_length(read: Callable[[str], object], text: str) -> None:
    """Fail if reading the text takes clearly more than four times what a quarter of it takes."""
    seen = []
    for _ in range(ATTEMPTS):
        quarter, whole = _seconds(read, _quarter(text)), _seconds(read, text)
        if whole <= UNMEASURABLE or whole <= quarter * QUARTER * ALLOWED:
            return
        seen.append(f"{quarter:.2f} s, then {whole:.2f} s")
    raise AssertionError(f"a text four times as long takes far more than four times as long: {'; '.join(seen)}")
