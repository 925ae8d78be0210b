"""The review in a browser, and the report as a file."""

from __future__ import annotations

import getpass
import subprocess
from pathlib import Path

from skillgen.artifacts import write_atomically
from skillgen.cli import review_summary
from skillgen.cli.output import report, say
from skillgen.pipeline.check import draft_file
from skillgen.pipeline.decide import open_desk, read_draft
from skillgen.settings import Settings
from skillgen.workspace import open_workspace

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def run_page(settings: Settings, package: Path, *, by: str | None, host: str, port: int, show: bool) -> None:
    """Serve the review until Ctrl-C."""
    from skillgen.review.bench import Bench
    from skillgen.review.server import serve

    name = package.resolve().name
    desk = open_desk(settings, name, draft_file(settings, name))
    bench = Bench(settings, name, by=by or reviewer())
    say(review_summary.states_text(desk, package))

    def tell(link: str) -> None:
        said = f"\nReview   {link}\n         as {bench.by}; Ctrl-C ends it, what was decided is in the file"
        if host not in _LOOPBACK:
            said += (
                "\nWarning  others on the network can reach this port; the link is the key, and nothing is encrypted"
            )
        say(said)

    serve(bench, host=host, port=port, open_browser=show, tell=tell)


def run_static(settings: Settings, package: Path, file: Path) -> None:
    """Write the report with the decisions as they are now."""
    from skillgen.pipeline.report import report_html

    draft = read_draft(draft_file(settings, package.resolve().name))
    with open_workspace(settings.workspace, command="skillgen review") as workspace:
        html = report_html(settings, workspace, draft)
    write_atomically(file, html)
    report(f"Wrote    {file}, {len(draft.claims)} claims", file)


def reviewer() -> str:
    """Return who reviews: the name that git knows, or else the login name."""
    try:
        found = subprocess.run(["git", "config", "user.name"], capture_output=True, text=True, check=False)  # noqa: S607 - git of the user's own path
    except FileNotFoundError:
        return getpass.getuser()
    return found.stdout.strip() or getpass.getuser()
