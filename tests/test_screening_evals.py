"""The screen holds its floors on our fixtures."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def test_the_screening_floors_hold() -> None:
    command = [sys.executable, str(ROOT / "evals" / "screening" / "run.py")]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300, cwd=ROOT)
    assert result.returncode == 0, result.stderr
