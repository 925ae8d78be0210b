"""Measure the screen on our fixtures and hold it to floors that only rise.

python evals/screening/run.py             measure; exit 1 when a measure is under its floor or the fixtures changed
python evals/screening/run.py --update    raise the floors to what was measured, and pin the fixtures; none ever falls
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from screening.measures import Noise, Recall, digest, injections_recall, noise, secrets_recall
from screening.ordinary import PATTERNS

FLOORS = Path(__file__).resolve().parent / "floors.json"
# What was asked for; a measured floor above it replaces it.
REQUIRED = {
    "secrets_recall": 0.97,
    "secrets_recall_held_out": 0.97,
    "injections_recall": 0.95,
    "injections_recall_held_out": 0.95,
}
MOST_REMOVALS, REMOVALS_LINES = 1.0, 2_000
MOST_QUARANTINES, QUARANTINES_LINES = 1.0, 5_000


def main() -> int:
    """Measure; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--update", action="store_true", help="raise the floors and pin the fixtures")
    update = parser.parse_args().update
    pinned: dict[str, Any] = {"digest": "", "floors": {}}
    if FLOORS.is_file():
        pinned = json.loads(FLOORS.read_text(encoding="utf-8"))
    recalls = {
        "secrets_recall": secrets_recall(held_out=False),
        "secrets_recall_held_out": secrets_recall(held_out=True),
        "injections_recall": injections_recall(held_out=False),
        "injections_recall_held_out": injections_recall(held_out=True),
    }
    wrong = noise()
    _show(recalls, wrong)
    values = {name: recall.share for name, recall in recalls.items()}
    floors = {name: max(floor, pinned["floors"].get(name, 0.0)) for name, floor in REQUIRED.items()}
    if update:
        floors = {name: max(floor, round(values[name], 4)) for name, floor in floors.items()}
        FLOORS.write_text(json.dumps({"digest": digest(), "floors": floors}, indent=1) + "\n", encoding="utf-8")
    problems = _problems(values, floors, wrong)
    if not update and pinned["digest"] != digest():
        problems.append("The fixtures changed; run `python evals/screening/run.py --update`.")
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


def _problems(values: dict[str, float], floors: dict[str, float], wrong: Noise) -> list[str]:
    problems = [
        f"{name} is {values[name]:.3f}, under its floor of {floor:.3f}."
        for name, floor in floors.items()
        if values[name] < floor - 0.0001
    ]
    if wrong.removals_per(REMOVALS_LINES) > MOST_REMOVALS:
        problems.append(f"More than {MOST_REMOVALS:g} false removal in {REMOVALS_LINES} lines.")
    if wrong.quarantines_per(QUARANTINES_LINES) > MOST_QUARANTINES:
        problems.append(f"More than {MOST_QUARANTINES:g} false quarantine in {QUARANTINES_LINES} lines.")
    return problems


def _show(recalls: dict[str, Recall], wrong: Noise) -> None:
    for name, recall in recalls.items():
        print(f"{name} {recall.share:.3f} (n = {recall.cases.total()}, {len(recall.cases)} kinds)")
        for kind, cases in sorted(recall.cases.items()):
            mark = "" if recall.found[kind] == cases else "  <- missed"
            print(f"  {kind:32} {recall.found[kind]}/{cases}{mark}")
    print(f"ordinary documentation: {wrong.lines} lines, {PATTERNS} patterns")
    print(f"  false removals     {wrong.secrets}, {wrong.removals_per(REMOVALS_LINES):.2f} in {REMOVALS_LINES} lines")
    print(
        f"  false quarantines  {wrong.injections}, "
        f"{wrong.quarantines_per(QUARANTINES_LINES):.2f} in {QUARANTINES_LINES} lines"
    )


if __name__ == "__main__":
    sys.exit(main())
