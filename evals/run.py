"""Measure skills built from our own corpora against planted facts, and hold them to floors that only rise.

python evals/run.py             measure; exit 1 when a measure is under its floor or an input is not the pinned one
python evals/run.py --update    raise the floors to what was measured, and pin the inputs; a floor never falls
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from metrics import load_manifest, measure

from skillgen.brief import load_brief
from skillgen.embed import local_embedder
from skillgen.pipeline.build import build
from skillgen.protocols import SilentReporter
from skillgen.settings import Settings
from skillgen.workspace import open_workspace

HERE = Path(__file__).resolve().parent
BASELINE = HERE / "baseline.json"
BRIEF = "integration-and-orchestration"
CORPORA = ("harbourline", "larkfield", "ostermoor")
# What the brief asks about: a manifest's facts on other topics belong to other briefs.
TOPICS = range(1, 9)
# Builds are deterministic on one kind of processor; this allows for rounding on another.
NOISE = 0.001


def main() -> int:
    """Measure every corpus; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--update", action="store_true", help="raise the floors and pin the inputs")
    arguments = parser.parse_args()
    baseline = json.loads(BASELINE.read_text(encoding="utf-8")) if BASELINE.is_file() else {}
    problems: list[str] = []
    for corpus in CORPORA:
        digest, values, facts = _measured(corpus)
        print(f"{corpus} with {BRIEF} (n = {facts} facts)")
        for name, value in values.items():
            print(f"  {name:20} {value:.3f}")
        values.pop("coverage")  # the skill's own estimate, shown beside the measures but no floor of them
        pinned = baseline.get(corpus, {"digest": "", "floors": {}})
        if arguments.update:
            floors = {name: max(value, pinned["floors"].get(name, 0.0)) for name, value in values.items()}
            problems += _under(corpus, values, floors)
            baseline[corpus] = {"digest": digest, "facts": facts, "floors": floors}
        else:
            problems += _under(corpus, values, pinned["floors"])
            if digest != pinned["digest"]:
                problems.append(f"{corpus}: pages or manifest changed; run `python evals/run.py --update`.")
    if arguments.update:
        BASELINE.write_text(json.dumps(baseline, indent=1) + "\n", encoding="utf-8")
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


def _under(corpus: str, values: dict[str, float], floors: dict[str, float]) -> list[str]:
    return [
        f"{corpus}: {name} is {values[name]:.3f}, under its floor of {floor:.3f}."
        for name, floor in floors.items()
        if values[name] < floor - NOISE
    ]


def _measured(corpus: str) -> tuple[str, dict[str, float], int]:
    folder = HERE.parent / "corpora" / corpus
    manifest = load_manifest(HERE / f"{corpus}.facts.json", folder, topics=TOPICS)
    with tempfile.TemporaryDirectory() as scratch:
        values = {"corpus": [{"path": folder}], "build.out": Path(scratch) / "out", "build.name": corpus}
        settings = Settings().with_values(values)
        with open_workspace(Path(scratch) / "workspace") as workspace:
            result = build(
                settings, workspace, [load_brief(BRIEF)], embedder=local_embedder(), reporter=SilentReporter()
            )
    return manifest.digest, measure(result.draft, manifest), len(manifest.facts)


if __name__ == "__main__":
    sys.exit(main())
