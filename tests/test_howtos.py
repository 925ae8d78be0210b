"""The how-tos: their commands run one after the other, and what they show is what is printed."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from cli_runner import Ended, run, write_pages

from skillgen.embed import HashEmbedder

DOCS = Path(__file__).resolve().parent.parent / "docs"
_FENCE = re.compile(r"^```(?P<kind>sh|text|toml)\n(?P<body>.*?)^```$", re.DOTALL | re.MULTILINE)
_CODE = re.compile(r"  # ends with (\d+)$")

WIKI = {
    "deploys.md": "# Deploys\n\nA merge to `main` starts the `ship` workflow in GitHub Actions.\n"
    "A rollback of the production release is started by hand with `ship rollback orders`.\n"
    "The release manager approves each production release in GitHub Actions before `ship` runs.\n",
    "nightly.md": "# Nightly load\n\nAirflow starts dbt at 02:00 UTC, after Fivetran has loaded Snowflake.\n"
    "The token of Airflow is kept in Vault and rotated every 30 days by the data platform team.\n",
    "alerts/pager.md": "# Alerts\n\nPagerDuty calls the on-call engineer when dbt fails twice.\n",
}
TIMETABLE = """<!DOCTYPE html>
<html>
<head><title>Timetable</title></head>
<body>
<nav><a href="index.html">All pages</a></nav>
<main>
<h1>Timetable</h1>
<h2>Night ferry</h2>
<p>The night ferry waits at most 12 minutes for a late train.</p>
</main>
</body>
</html>
"""
EXPORT = {
    "timetable.html": TIMETABLE,
    "people.html": TIMETABLE.replace("Timetable", "People").replace("The night ferry waits", "Jo Lind waits"),
}
INDEX = {"index.html": "<html><body><h1>All pages</h1><p>Timetable, people.</p></body></html>"}


@pytest.fixture(autouse=True)
def _fast(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("skillgen.pipeline.indexes.make_embedder", lambda *_, **__: HashEmbedder())


def played(page: str) -> Mapping[str, Ended]:
    """Run a page's commands in this folder, compare what they print, and return what each left behind."""
    printed, shown, ended = "", 0, {}
    for fence in _FENCE.finditer((DOCS / page).read_text(encoding="utf-8")):
        body = fence["body"]
        if fence["kind"] == "toml":
            name, _, text = body.partition("\n")
            Path(name.removeprefix("# ")).write_text(text, encoding="utf-8")
        elif fence["kind"] == "text":
            for line in body.splitlines():
                assert line in printed.split("\n"), f"{page} shows {line!r}, printed was:\n{printed}"
                shown += 1
        else:
            printed = ""
            for command in body.splitlines():
                done = _ran(command)
                printed, ended[command] = printed + done.out, done
    assert shown
    return ended


def _ran(command: str) -> Ended:
    """Run one line: ours in this process, any other in a shell."""
    expected = _CODE.search(command)
    plain = _CODE.sub("", command)
    if plain.startswith("skillgen "):
        any_code = plain.endswith(" || true")
        done = run(*shlex.split(plain.removesuffix(" || true"))[1:])
        assert any_code or done.code == (int(expected[1]) if expected else 0), f"{command}\n{done.out}\n{done.err}"
        return done
    shell = subprocess.run(["bash", "-euo", "pipefail", "-c", plain], capture_output=True, text=True, check=True)
    return Ended(shell.returncode, shell.stdout, shell.stderr)


def test_the_how_to_on_pages_does_what_it_says(tmp_path: Path) -> None:
    write_pages(tmp_path / "wiki", WIKI)
    write_pages(tmp_path / "export", {**EXPORT, **INDEX})
    ended = played("sources.md")
    assert "in vectors and words" in ended["skillgen explain wiki/nightly.md:3"].out
    assert "Forgot   export/people.html" in ended["skillgen forget export/people.html"].out


def test_the_how_to_on_pipelines_does_what_it_says(tmp_path: Path) -> None:
    write_pages(tmp_path / "pages", WIKI)
    git = ["git", "-c", "user.name=Ann", "-c", "user.email=ann@example.org"]
    for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "Pages"]):
        subprocess.run([*git, *arguments], check=True, cwd=tmp_path)
    ended = played("ci.md")
    assert ended["skillgen check skills/on-call --quiet --sarif skillgen.sarif"].out == ""
    assert (tmp_path / "skillgen.sarif").is_file()
    assert (tmp_path / "skillgen-drafts/on-call.json").is_file()
