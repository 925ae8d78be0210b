"""What the commands that start a real model have in common: they end with it, and tell the user's mistakes plainly."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable

from skillgen.errors import SkillgenError


def ended(measure: Callable[[argparse.Namespace], int], arguments: argparse.Namespace) -> int:
    """Measure, and return the exit code; 1 after an error of ours, which is printed without a traceback."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the server, and what asks it, end too
    try:
        return measure(arguments)
    except SkillgenError as error:
        print(f"{error.message}\n{error.hint or ''}".strip(), file=sys.stderr)
        return 1
