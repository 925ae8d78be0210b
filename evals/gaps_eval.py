"""Whether gaps are real and grades agree with a reader: every facet of the built-in briefs, judged by hand.

python evals/gaps_eval.py               measure; exit 1 when a measure is under its floor
python evals/gaps_eval.py --update      raise the floors of evals/gaps_floors.json; a floor never falls
python evals/gaps_eval.py --reset HALF --because TEXT
                                        set a half's floors anew, with the old ones and the reason in the history

`gaps.json` says for each facet whether the pages answer it in full, partly or not, and where. Its labels were given
before the rule was tuned. Besides the whole corpora it holds three with folders taken out, where more is missing. A
hash of the key parts it into a half to tune on and one that is held out.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from baseline import load_baseline, save_baseline
from builds import BRIEFS, CORPORA, HERE, Bench, corpus_digest, file_digest, open_bench
from coverage_eval import research_claims, spearman
from metrics import Measure
from remembering import RememberingEmbedder

from skillgen.brief import load_brief
from skillgen.coverage import facet_grades, touched_facets
from skillgen.embed import local_embedder
from skillgen.plan import plan_research
from skillgen.protocols import Embedder

LABELS = HERE / "gaps.json"
FLOORS = HERE / "gaps_floors.json"
HALVES = ("tuning", "held-out")
WORTH = {"not": 0.0, "partly": 0.5, "full": 1.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A facet with what a reader says of it and what the build does: its grade, and whether claims speak of it."""

    half: str
    label: str
    grade: float
    touched: bool

    @property
    def silent(self) -> bool:
        """Return whether the build says that the pages are silent on it."""
        return not self.grade and not self.touched


def main() -> int:
    """Measure both halves; return the exit code."""
    arguments = _arguments()
    baseline = load_baseline(FLOORS)
    judged = tuple(_judged(RememberingEmbedder(local_embedder())))
    labels = json.loads(LABELS.read_text(encoding="utf-8"))
    inputs = {"labels": file_digest(LABELS)}
    inputs |= {one["corpus"]: corpus_digest(CORPORA / one["corpus"]) for one in labels["variants"].values()}
    inputs |= {path.stem: file_digest(path) for path in sorted(BRIEFS.glob("*.md"))}
    problems: list[str] = []
    for half in HALVES:
        measures = measure([one for one in judged if one.half == half])
        _show(half, measures)
        if half in arguments.reset:
            baseline.reset(half, inputs, measures, because=arguments.because)
        elif arguments.update:
            problems += baseline.raise_floors(half, inputs, measures)
        else:
            problems += baseline.check(half, inputs, measures)
    if arguments.update or arguments.reset:
        save_baseline(baseline, FLOORS)
    for problem in problems:
        print(problem.replace("evals/run.py", "evals/gaps_eval.py"), file=sys.stderr)
    return 1 if problems else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--update", action="store_true", help="raise the floors")
    parser.add_argument("--reset", metavar="HALF", action="append", default=[], choices=HALVES, help="set floors anew")
    parser.add_argument("--because", metavar="TEXT", default="", help="why floors are set anew")
    arguments = parser.parse_args()
    if bool(arguments.reset) != bool(arguments.because.strip()):
        parser.error("--reset and --because belong together")
    return arguments


def half_of(variant: str, brief: str, facet: str) -> str:
    """Return the half that a label is in, by a hash of its key."""
    return HALVES[int(hashlib.sha256(f"{variant}/{brief}/{facet}".encode()).hexdigest(), 16) % 2]


def _judged(embedder: Embedder) -> Iterator[Judged]:
    labels = json.loads(LABELS.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as scratch:
        for corpus in dict.fromkeys(one["corpus"] for one in labels["variants"].values()):
            root = Path(scratch) / corpus
            # The whole corpus comes first, so that what is left of it needs no new embedding.
            shutil.copytree(CORPORA / corpus, root / corpus)
            own = {name: one for name, one in labels["variants"].items() if one["corpus"] == corpus}
            for variant, one in sorted(own.items(), key=lambda item: len(item[1]["without"])):
                for path in one["without"]:
                    _remove(root / corpus / path)
                with open_bench(root / corpus, embedder, root=root) as bench:
                    yield from _of_variant(bench, variant, labels["labels"][variant])


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _of_variant(bench: Bench, variant: str, briefs: dict[str, dict[str, str]]) -> Iterator[Judged]:
    for brief, facets in briefs.items():
        plan = plan_research([load_brief(brief)], embedder=bench.embedder)
        claims = research_claims(bench, plan)
        grades, touched = facet_grades(plan, claims), touched_facets(plan, claims)
        for facet in plan.facets:
            if facet.text in facets:
                yield Judged(
                    half=half_of(variant, brief, facet.text),
                    label=facets[facet.text].partition(" ")[0],
                    grade=grades[facet.id],
                    touched=facet.id in touched,
                )


def measure(judged: Sequence[Judged]) -> dict[str, Measure]:
    """Return the measures; each is better the greater it is."""
    missing = [one for one in judged if one.label == "not"]
    full = [one for one in judged if one.label == "full"]
    silent = [one for one in judged if one.silent]
    gaps = [one for one in judged if not one.grade]
    error = [abs(WORTH[one.label] - one.grade) for one in judged]
    return {
        "silent_precision": _share([one.label == "not" for one in silent]),
        "silent_recall": _share([one.silent for one in missing]),
        "gap_precision": _share([one.label == "not" for one in gaps]),
        "gap_recall": _share([not one.grade for one in missing]),
        "full_without_gap": _share([one.grade > 0 for one in full]),
        "not_overgraded": _share([one.grade < 1 for one in missing]),
        "grade_agreement": Measure(value=1 - sum(error) / max(1, len(error)), n=len(error)),
        "grade_correlation": Measure(
            value=spearman([WORTH[one.label] for one in judged], [one.grade for one in judged]), n=len(judged)
        ),
    }


def _share(held: Sequence[bool]) -> Measure:
    return Measure(value=sum(held) / max(1, len(held)), n=len(held))


def _show(half: str, measures: dict[str, Measure]) -> None:
    print(half)
    for name, one in measures.items():
        print(f"  {name:20} {one.value:.3f}  n = {one.n}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
