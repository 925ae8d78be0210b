"""A review to test: a small skill that is built once, its server as a process of its own, and a client for it."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from cli_runner import INTERRUPTIBLE
from corpus_builder import PAGES as SMALL_PAGES
from corpus_builder import Site, make_site
from filelock import FileLock

from skillgen.decisions import load_decisions
from skillgen.model.decision import Decision
from skillgen.pipeline.decide import read_draft
from skillgen.review.bench import Bench

if TYPE_CHECKING:
    import pytest

NAME = "releases"
PAGES: Mapping[str, str] = {
    **SMALL_PAGES,
    "ops/keys.md": "# Keys of the nightly job\n\nThe token `NIGHTLY_TOKEN` of the nightly job is valid for 30 days.\n\n"
    "The platform team rotates the token with `keyring-bot rotate nightly` on the first Monday of the month.\n",
    "ops/export.md": "# Export file\n\nThe billing system writes the export file `billing.csv` at 01:50 UTC.\n\n"
    "Without the file the nightly job waits for 40 minutes and then tells #on-call.\n\n"
    "## When a deploy fails\n\nA deploy that fails twice is stopped by `ship guard` "
    "and starts again after 15 minutes.\n",
}
# A page of somebody who means harm: everything that could run, load, send or cover something.
HOSTILE = """<!doctype html><html><head><title>Deploys</title>
<meta http-equiv="refresh" content="0;url=http://evil.example/refresh">
<style>body { display: none } @import url(http://evil.example/style);</style>
<link rel="stylesheet" href="http://evil.example/link"><base href="http://evil.example/">
<script>window.harmed = "script"</script></head><body onload="window.harmed = 'onload'">
<h1>Deploys<img src=x onerror="window.harmed = 'heading'"></h1>
<p>A deploy of the service starts with <code>ship deploy orders --env prod</code>.
<img src="http://evil.example/img" onerror="window.harmed = 'onerror'"></p>
<p>A merge to <code>main</code> triggers a deploy of the service to staging within 4 minutes.
<a href="javascript:window.harmed = 'link'">read on</a>
<iframe src="http://evil.example/frame" srcdoc="<script>parent.harmed = 'frame'</script>"></iframe></p>
<table><tr><th>Token</th><th>Used by</th></tr>
<tr><td onclick="window.harmed = 'cell'"><code>NIGHTLY_TOKEN</code><svg onload="window.harmed = 'svg'"></svg></td>
<td>nightly job &lt;script&gt;window.harmed = 'escaped'&lt;/script&gt;, rotated by the platform team every 90 days
</td></tr></table>
<form action="http://evil.example/form"><input autofocus onfocus="window.harmed = 'focus'"></form>
<math><mtext><style><img src=x onerror="window.harmed = 'math'"></style></mtext></math>
</body></html>
"""
HOSTILE_MARKDOWN = """# Nightly job

The nightly job starts at 02:15 UTC <script>window.harmed = 'inline'</script> and waits for the export file.

It signs in with the token `NIGHTLY_TOKEN`, [rotated](javascript:window.harmed='md') every 90 days by the platform \
team ![x](http://evil.example/md.png) <img src=x onerror="window.harmed='mdimg'">.

<iframe src="http://evil.example/mdframe"></iframe>
"""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A built skill below `root`."""

    root: Path
    site: Site

    @property
    def package(self) -> Path:
        return self.site.out / NAME

    @property
    def file(self) -> Path:
        return self.root / "skillgen-decisions" / f"{NAME}.yaml"

    def decisions(self) -> dict[str, Decision]:
        """Return what stands in the decisions file, by claim id."""
        return {one.claim: one for one in load_decisions(self.file).claims}

    def claim_ids(self) -> list[str]:
        return [claim.id for claim in read_draft(self.site.workspace / "drafts" / f"{NAME}.json").claims]

    def bench(self, by: str = "Ann Lee") -> Bench:
        return Bench(self.site.settings(), NAME, by=by)

    def settings_file(self) -> None:
        text = f'workspace = "workspace"\n[build]\nout = "{self.site.out.name}"\nname = "{NAME}"\n'
        (self.root / "skillgen.toml").write_text(text, encoding="utf-8")


def built(root: Path, pages: Mapping[str, str] = PAGES) -> Reviewed:
    """Build a skill of the pages below a folder."""
    site = make_site(root, pages)
    site.options["review.decisions"] = root / "skillgen-decisions"
    reviewed = Reviewed(root, site)
    site.build()
    reviewed.settings_file()
    return reviewed


def built_once(factory: pytest.TempPathFactory) -> Path:
    """Build the sample once for all workers of a run, and return its folder."""
    own = factory.getbasetemp()
    base = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    root = base / "reviewed" / "site"
    with FileLock(f"{base / 'reviewed'}.lock"):
        if not (root / "skillgen.toml").exists():
            built(root)
    return root


def copy_of(root: Path, to: Path) -> Reviewed:
    """Return a built skill of one's own."""
    shutil.copytree(root, to / "site")
    shutil.copy(root.parent / "releases.md", to)
    site = Site(root=to / "site", options={"review.decisions": to / "site" / "skillgen-decisions"})
    return Reviewed(site.root, site)


@dataclass(slots=True)
class Client:
    """A browser's requests without the browser."""

    link: str
    cookie: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        return self.link.split("/?")[0]

    def enter(self) -> Client:
        """Exchange the token for the cookie."""
        answer = self.ask("GET", "/?" + urlsplit(self.link).query)
        self.cookie = answer.headers["set-cookie"].split(";")[0]
        return self

    def ask(self, method: str, path: str, fields: Mapping[str, str] | None = None, **headers: str) -> Answer:
        """Send a request as our own page would; headers given here replace its headers, an empty one leaves it out."""
        where = urlsplit(self.link)
        sent = {"Host": where.netloc, "Cookie": self.cookie}
        body = None
        if fields is not None:
            body = urlencode(fields)
            sent |= {"Origin": self.origin, "Content-Type": "application/x-www-form-urlencoded"}
        sent |= self.headers | {name.replace("_", "-"): value for name, value in headers.items()}
        connection = http.client.HTTPConnection(str(where.hostname), int(where.port or 0), timeout=20)
        try:
            connection.putrequest(method, path, skip_host=True)
            for name, value in sent.items():
                if value:
                    connection.putheader(name, value)
            if body is not None:
                connection.putheader("Content-Length", str(len(body.encode())))
            connection.endheaders(body.encode() if body is not None else None)
            answer = connection.getresponse()
            text = answer.read().decode("utf-8", "replace")
            return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, text)
        finally:
            connection.close()

    def decide(self, claim: str, kind: str = "accepted", stamp: str = "", **fields: str) -> Answer:
        """Send a decision as our script does."""
        return self.ask("POST", "/decide", {"claim": claim, "kind": kind, "stamp": stamp, **fields}, X_Review="1")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request was answered with."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:  # noqa: ANN401 - tests look inside
        return json.loads(self.text)


@dataclass(slots=True)
class Server:
    """A running `skillgen review`."""

    link: str
    process: subprocess.Popen[str]

    def client(self) -> Client:
        return Client(self.link).enter()

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait(timeout=20)


@contextmanager
def serving(reviewed: Reviewed, *options: str) -> Iterator[Server]:
    """Run `skillgen review` on the package until the end of the block."""
    command = [sys.executable, "-c", INTERRUPTIBLE, "review", str(reviewed.package), "--no-open", "--by", "Ann Lee"]
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        [*command, *options], cwd=reviewed.root, stdout=subprocess.PIPE, text=True, env=environment
    )
    assert process.stdout is not None
    said = []
    link = ""
    for line in process.stdout:
        said.append(line)
        if found := re.search(r"http://\S+token=\S+", line):
            link = found.group()
            break
    assert link, "".join(said)
    try:
        yield Server(link, process)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
        process.stdout.close()
        process.wait(timeout=20)
