"""Runs the command line as a user does: through `main`, or as a process of its own."""

from __future__ import annotations

import io
import json
import signal
import sys
import warnings
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

with warnings.catch_warnings():  # where nothing is compiled yet, pysbd's old escapes would be errors under pytest
    warnings.simplefilter("ignore")
    import pysbd  # noqa: F401

from skillgen.__main__ import main

BRIEF = "integration-and-orchestration"
PAGES = {
    "deploys.md": "# Deploys\n\nA merge to `main` starts the `ship` workflow in GitHub Actions.\n"
    "The workflow signs in to Vault as `ci-deployer` and reads the Argo CD token.\n\n"
    "## Rollback\n\n1. Stop the rollout with `ship stop`.\n2. Run `ship rollback orders`.\n",
    "nightly.md": "# Nightly load\n\nAirflow starts dbt at 02:00 UTC, after Fivetran has loaded Snowflake → raw.\n"
    "The token of Airflow is rotated every 30 days by the data platform team.\n",
    "alerts/pager.md": "# Alerts\n\nPagerDuty calls the on-call engineer when dbt fails twice.\n",
}


# Starts the command with Ctrl-C working, even where whoever started the tests has turned it off.
INTERRUPTIBLE = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "from skillgen.__main__ import main; main()"
)


@dataclass(frozen=True, slots=True)
class Ended:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401 - tests look inside
        """The one JSON document on standard output."""
        return json.loads(self.out)


class Terminal(io.StringIO):
    """Standard input with somebody in front of it."""

    def isatty(self) -> bool:
        return True


def run(*args: str | Path, answers: str | None = None, encoding: str = "utf-8") -> Ended:
    """Run a command in this process and folder; `answers` are what is typed at a terminal."""
    out = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    err = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    typed = io.StringIO() if answers is None else Terminal(answers)
    code: object = 0
    arguments = ["skillgen", *map(str, args)]
    interrupt = signal.getsignal(signal.SIGINT)
    replaced = mock.patch.multiple(sys, argv=arguments, stdin=typed)
    with replaced, redirect_stdout(out), redirect_stderr(err):
        try:
            main()
        except SystemExit as ended:
            code = ended.code or 0
        finally:
            signal.signal(signal.SIGINT, interrupt)
    assert isinstance(code, int)
    return Ended(code, _written(out, encoding), _written(err, encoding))


def _written(stream: io.TextIOWrapper, encoding: str) -> str:
    stream.flush()
    assert isinstance(stream.buffer, io.BytesIO)
    return stream.buffer.getvalue().decode(encoding)


def write_pages(folder: Path, pages: Mapping[str, str] = PAGES) -> Path:
    """Write pages below a folder and return it."""
    for name, text in pages.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder
