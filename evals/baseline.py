"""Floors of the measures and the inputs they were measured on. A floor rises; it is set anew only with a reason.

The file holds for each pair its inputs' digests, the number of facts and the floors, and a history of every floor that
was ever set anew, with the floors before and the reason.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from metrics import Measure

# Builds are deterministic on one kind of processor; this allows for rounding on another.
NOISE = 0.001


@dataclass(slots=True, kw_only=True)
class Baseline:
    """What is pinned, by pair (`corpus/brief`)."""

    pairs: dict[str, dict[str, Any]] = field(default_factory=dict)
    history: list[dict[str, Any]] = field(default_factory=list)

    def check(self, pair: str, inputs: Mapping[str, str], measures: Mapping[str, Measure]) -> list[str]:
        """Return what is wrong: a changed input, or a measure under its floor or gone."""
        pinned = self.pairs.get(pair)
        if pinned is None:
            return [f"{pair} is not pinned; run `python evals/run.py --update`."]
        return self._changed(pair, inputs) or _under(pair, pinned["floors"], measures)

    def raise_floors(self, pair: str, inputs: Mapping[str, str], measures: Mapping[str, Measure]) -> list[str]:
        """Raise the floors of a pair to what was measured, none falls; return what stands in the way."""
        changed = self._changed(pair, inputs)
        if changed:
            return changed
        before = self.pairs.get(pair, {"floors": {}})["floors"]
        floors = before | {name: max(one.value, before.get(name, 0.0)) for name, one in _held(measures).items()}
        self.pairs[pair] = _entry(inputs, measures, floors)
        return _under(pair, before, measures)

    def reset(self, pair: str, inputs: Mapping[str, str], measures: Mapping[str, Measure], *, because: str) -> None:
        """Set the floors of a pair to what was measured, and put the old ones with the reason into the history.

        Raises:
            ValueError: there is no reason.
        """
        if not because.strip():
            raise ValueError("A floor is set anew only with a reason: --because TEXT.")
        floors = {name: one.value for name, one in _held(measures).items()}
        old = self.pairs.get(pair, {"floors": {}})["floors"]
        self.history.append({"pair": pair, "because": because.strip(), "old": old, "new": floors})
        self.pairs[pair] = _entry(inputs, measures, floors)

    def _changed(self, pair: str, inputs: Mapping[str, str]) -> list[str]:
        pinned = self.pairs.get(pair, {}).get("inputs")
        changed = [name for name, digest in inputs.items() if pinned and pinned.get(name) != digest]
        if not changed:
            return []
        names = ", ".join(changed)
        again = f"python evals/run.py --reset {pair} --because REASON"
        return [f"{pair}: changed since its floors were set: {names}. If that is meant, run `{again}`."]


def load_baseline(path: Path) -> Baseline:
    """Return the pinned floors, or none where there is no file yet."""
    if not path.is_file():
        return Baseline()
    data = json.loads(path.read_text(encoding="utf-8"))
    return Baseline(pairs=data["pairs"], history=data["history"])


def save_baseline(baseline: Baseline, path: Path) -> None:
    """Write the floors, pairs in the order of their names."""
    data = {"pairs": dict(sorted(baseline.pairs.items())), "history": baseline.history}
    path.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _held(measures: Mapping[str, Measure]) -> dict[str, Measure]:
    return {name: one for name, one in measures.items() if one.floor}


def _entry(inputs: Mapping[str, str], measures: Mapping[str, Measure], floors: Mapping[str, float]) -> dict[str, Any]:
    return {
        "inputs": dict(inputs),
        "n": {name: measures[name].n for name in floors if name in measures},
        "floors": floors,
    }


def _under(pair: str, floors: Mapping[str, float], measures: Mapping[str, Measure]) -> list[str]:
    problems = []
    for name, floor in floors.items():
        value = measures[name].value if name in measures else 0.0
        if value < floor - NOISE:
            problems.append(f"{pair}: {name} is {value:.3f}, under its floor of {floor:.3f}.")
    return problems
