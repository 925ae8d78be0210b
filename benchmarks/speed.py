"""Speed as ratios, both sides measured in turn in one run, so that a slow machine changes neither much.

    python benchmarks/speed.py

Prints a table; `benchmarks/README.md` holds the last one with its date. Nothing here fails a build.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from skillgen.brief import load_brief
from skillgen.embed import local_embedder
from skillgen.pipeline.build import build
from skillgen.protocols import SilentReporter
from skillgen.settings import Settings
from skillgen.workspace import open_workspace

CORPUS = Path(__file__).resolve().parent.parent / "corpora" / "harbourline"
RUNS = 5


@dataclass(frozen=True, slots=True)
class Ratio:
    """Medians of two things in seconds and of their ratio pair by pair."""

    what: str
    first: float
    second: float
    ratio: float


def compare(what: str, first: Callable[[], object], second: Callable[[], object], *, runs: int = RUNS) -> Ratio:
    """Run both in turn and return the medians."""
    pairs = [(_seconds(first), _seconds(second)) for _ in range(runs)]
    return Ratio(
        what,
        statistics.median(a for a, _ in pairs),
        statistics.median(b for _, b in pairs),
        statistics.median(a / b for a, b in pairs),
    )


def _seconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def _process(*arguments: str) -> Callable[[], object]:
    return lambda: subprocess.run([sys.executable, *arguments], check=True, capture_output=True)


def _build(scratch: Path) -> None:
    settings = Settings().with_values(
        {"corpus": [{"path": CORPUS}], "build.out": scratch / "out", "build.name": "demo"}
    )
    brief = load_brief("integration-and-orchestration")
    with open_workspace(scratch / "workspace") as workspace:
        build(settings, workspace, [brief], embedder=local_embedder(), reporter=SilentReporter())


def _embedding() -> None:
    """Embed every chunk of the corpus and nothing else."""
    from skillgen.chunk import chunk_page
    from skillgen.model.corpus import SourceFile
    from skillgen.parse import parse_markdown

    texts = []
    for path in sorted(CORPUS.rglob("*.md")):
        page, _ = parse_markdown(SourceFile(source=path.name, text=path.read_bytes().decode(), sha256=""))
        texts += [chunk.indexed_text for chunk in chunk_page(page)]
    local_embedder().embed(texts)


def _fresh_build() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        _build(Path(scratch))


def main() -> None:
    """Print the table of ratios."""
    with tempfile.TemporaryDirectory() as scratch:
        _build(Path(scratch))
        rows = [
            compare(
                "skillgen --help / import typer", _process("-m", "skillgen", "--help"), _process("-c", "import typer")
            ),
            compare("whole build / embedding its chunks", _fresh_build, _embedding, runs=3),
            compare("build with nothing changed / first build", lambda: _build(Path(scratch)), _fresh_build, runs=3),
        ]
    print(f"{'ratio':44} {'first s':>8} {'second s':>8} {'ratio':>6}")
    for row in rows:
        print(f"{row.what:44} {row.first:8.2f} {row.second:8.2f} {row.ratio:6.2f}")


if __name__ == "__main__":
    main()
