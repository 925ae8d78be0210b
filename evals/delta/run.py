"""Measure the delta on pairs of statements and on what was planted in two corpora, and hold it to floors that only rise.

python evals/delta/run.py                   measure; exit 1 when a measure is under its floor or the statements changed
python evals/delta/run.py --update          raise the floors to what was measured, and pin the statements; none falls
python evals/delta/run.py --reset --because TEXT
                                            set all floors anew, with the old ones and the reason in the history
python evals/delta/run.py --misses          show the statements on the wrong side of the body's threshold
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from builds import corpus_digest, file_digest
from metrics import Measure

from delta.statements import CORPORA, EVALS, PAIRS, Pair, estimator, load_pairs, load_planted
from skillgen.delta import BODY_DELTA, DeltaEstimator

FLOORS = Path(__file__).resolve().parent / "floors.json"
PLANTED_IN = ("larkfield", "ostermoor")
# What was asked for; a measured floor above it replaces it.
REQUIRED = {
    "held-out/in_order": 0.9,
    "held-out/auc": 0.9,
    "held-out/general_kept_out": 0.6,
    "held-out/own_let_in": 0.9,
}
NOISE = 0.0001


def main() -> int:
    """Measure; return the exit code."""
    arguments = _arguments()
    one = estimator()
    measures = dict(_measures(one))
    for name, measure in measures.items():
        print(f"{name:32} {measure.value:.3f}  n = {measure.n}")
    if arguments.misses:
        _show_misses(one)
    pinned: dict[str, Any] = {"inputs": {}, "floors": REQUIRED, "history": []}
    if FLOORS.is_file():
        pinned = json.loads(FLOORS.read_text(encoding="utf-8"))
    problems = _settle(pinned, measures, arguments)
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--update", action="store_true", help="raise the floors and pin the statements")
    parser.add_argument("--reset", action="store_true", help="set all floors anew")
    parser.add_argument("--because", metavar="TEXT", default="", help="why floors are set anew")
    parser.add_argument("--misses", action="store_true", help="show the statements on the wrong side")
    arguments = parser.parse_args()
    if arguments.reset != bool(arguments.because.strip()):
        parser.error("--reset and --because belong together")
    return arguments


def _settle(pinned: dict[str, Any], measures: Mapping[str, Measure], arguments: argparse.Namespace) -> list[str]:
    """Check the floors, raise them or set them anew, as was asked; return what is wrong."""
    measured = {name: measure.value for name, measure in measures.items()}
    inputs = _inputs()
    if arguments.reset:
        entry = {"because": arguments.because.strip(), "old": pinned["floors"], "new": measured}
        _save(inputs, measured, [*pinned["history"], entry])
        return []
    problems = [
        f"{name} is {measured.get(name, 0.0):.3f}, under its floor of {floor:.3f}."
        for name, floor in pinned["floors"].items()
        if measured.get(name, 0.0) < floor - NOISE
    ]
    if arguments.update:
        floors = {name: max(value, pinned["floors"].get(name, 0.0)) for name, value in measured.items()}
        _save(inputs, floors, pinned["history"])
    elif pinned["inputs"] != inputs:
        problems.append("The statements changed; run `python evals/delta/run.py --update` if that is meant.")
    return problems


def _save(inputs: Mapping[str, str], floors: Mapping[str, float], history: Sequence[Mapping[str, Any]]) -> None:
    data = {"inputs": inputs, "floors": floors, "history": history}
    FLOORS.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _inputs() -> dict[str, str]:
    inputs = {"pairs": file_digest(PAIRS)}
    for name in PLANTED_IN:
        inputs[name] = corpus_digest(CORPORA / name)
        inputs[f"{name} facts"] = file_digest(EVALS / f"{name}.facts.json")
    return inputs


def _measures(one: DeltaEstimator) -> Iterator[tuple[str, Measure]]:
    for half in ("tuning", "held-out"):
        pairs = load_pairs(half)
        general, own = _values(one, [pair.general for pair in pairs]), _values(one, [pair.own for pair in pairs])
        hard = [at for at, pair in enumerate(pairs) if pair.hard]
        yield f"{half}/in_order", _share(own > general)
        yield f"{half}/hard_in_order", _share(own[hard] > general[hard])
        yield f"{half}/auc", Measure(value=_auc(own, general), n=len(own) + len(general))
        yield f"{half}/general_kept_out", _share(general < BODY_DELTA)
        yield f"{half}/own_let_in", _share(own >= BODY_DELTA)
    for name in PLANTED_IN:
        planted = load_planted(name)
        general, facts = _values(one, planted.general), _values(one, planted.facts)
        quotes = _values(one, planted.quotes)
        yield f"{name}/auc", Measure(value=_auc(facts, general), n=len(facts) + len(general))
        yield f"{name}/general_kept_out", _share(general < BODY_DELTA)
        yield f"{name}/general_quotes_kept_out", _share(quotes < BODY_DELTA)
        yield f"{name}/facts_let_in", _share(facts >= BODY_DELTA)


def _values(one: DeltaEstimator, texts: Sequence[str]) -> Any:  # noqa: ANN401 - an array of floats
    return np.array([one.estimate(text).value for text in texts])


def _share(hits: Any) -> Measure:  # noqa: ANN401 - an array of booleans
    return Measure(value=round(float(hits.mean()), 4), n=len(hits))


def _auc(own: Any, general: Any) -> float:  # noqa: ANN401 - two arrays of floats
    """Return the chance that an own statement scores higher than a general one, a tie for a half."""
    higher = own[:, None] > general[None]
    equal = own[:, None] == general[None]
    return round(float((higher + 0.5 * equal).mean()), 4)


def _show_misses(one: DeltaEstimator) -> None:
    pairs: list[Pair] = load_pairs("tuning")
    planted = load_planted("larkfield")
    own = [*(pair.own for pair in pairs), *planted.facts]
    general = [*(pair.general for pair in pairs), *planted.general]
    for title, texts, wrong in (("own, kept out", own, True), ("general, let in", general, False)):
        for text in texts:
            delta = one.estimate(text)
            if (delta.value < BODY_DELTA) is wrong:
                print(f"{title}: {delta.value:.2f} {text}\n    {delta.reason}")


if __name__ == "__main__":
    sys.exit(main())
