"""Measure skills built from our own corpora against planted facts, and hold them to floors that only rise.

python evals/run.py                     measure; exit 1 when a measure is under its floor or an input changed
python evals/run.py --update            raise the floors to what was measured; a floor never falls
python evals/run.py --reset PAIR --because TEXT
                                        set a pair's floors anew, with the old ones and the reason in the history

python evals/run.py --corpus DIR --gold FILE --brief BRIEF [--retrieval FILE]
                                        measure any corpus that has a gold file; there are no floors then
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from baseline import Baseline, load_baseline, save_baseline
from builds import BRIEFS, CORPORA, HERE, Bench, corpus_digest, file_digest, open_bench
from gold import load_gold, load_manifest
from metrics import Measure, Query, measure, search_measures

from skillgen.embed import local_embedder

BASELINE = HERE / "baseline.json"
INTEGRATION = "integration-and-orchestration"
# The questions of that brief; a manifest's facts on other topics belong to other briefs.
ITS_TOPICS = tuple(range(1, 9))
PAIRS: Mapping[str, Mapping[str, tuple[int, ...]]] = {
    "harbourline": {INTEGRATION: ITS_TOPICS},
    "larkfield": {INTEGRATION: ITS_TOPICS, "data-platform-operations": (9, 10)},
    "ostermoor": {
        INTEGRATION: ITS_TOPICS,
        "deploy-and-release": (20,),
        "access-and-secrets": (21,),
        "incidents-and-on-call": (22,),
    },
}
# Counts up when a measure comes to mean something else: floors of before do not compare.
MEASURES = "2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What was measured of a pair, and the digests of what it was measured on."""

    pair: str
    inputs: Mapping[str, str]
    measures: Mapping[str, Measure]


def main() -> int:
    """Measure; return the exit code."""
    arguments = _arguments()
    if arguments.corpus:
        _measure_one(arguments)
        return 0
    baseline = load_baseline(BASELINE)
    problems: list[str] = []
    known: list[str] = []
    for one in _measured():
        known.append(one.pair)
        _show(one.pair, one.measures)
        problems += _settle(baseline, one, arguments)
    problems += [f"There is no pair {pair!r}; pairs are {', '.join(known)}." for pair in {*arguments.reset} - {*known}]
    if arguments.update or arguments.reset:
        save_baseline(baseline, BASELINE)
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--update", action="store_true", help="raise the floors")
    parser.add_argument("--reset", metavar="PAIR", action="append", default=[], help="set a pair's floors anew")
    parser.add_argument("--because", metavar="TEXT", default="", help="why floors are set anew")
    parser.add_argument("--corpus", type=Path, help="a folder of pages that is not one of ours")
    parser.add_argument("--gold", type=Path, help="its gold file: nuggets with their evidence")
    parser.add_argument("--brief", help="the brief, a file or a built-in name")
    parser.add_argument("--retrieval", type=Path, help="questions for the search with the places that answer them")
    arguments = parser.parse_args()
    if bool(arguments.corpus) != bool(arguments.gold) or bool(arguments.corpus) != bool(arguments.brief):
        parser.error("--corpus, --gold and --brief belong together")
    if bool(arguments.reset) != bool(arguments.because.strip()):
        parser.error("--reset and --because belong together")
    return arguments


def _settle(baseline: Baseline, one: Measured, arguments: argparse.Namespace) -> list[str]:
    """Check a pair, raise its floors or set them anew, as was asked; return what is wrong."""
    if one.pair in arguments.reset:
        baseline.reset(one.pair, one.inputs, one.measures, because=arguments.because)
        return []
    if arguments.update:
        return baseline.raise_floors(one.pair, one.inputs, one.measures)
    return baseline.check(one.pair, one.inputs, one.measures)


def _measured() -> Iterator[Measured]:
    embedder = local_embedder()
    for name, briefs in PAIRS.items():
        corpus, manifest = CORPORA / name, HERE / f"{name}.facts.json"
        pages = {"pages": corpus_digest(corpus), "facts": file_digest(manifest), "measures": MEASURES}
        with open_bench(corpus, embedder) as bench:
            for brief, topics in briefs.items():
                gold = load_manifest(manifest, corpus, topics=topics)
                inputs = {**pages, "brief": file_digest(BRIEFS / f"{brief}.md")}
                yield Measured(pair=f"{name}/{brief}", inputs=inputs, measures=measure(bench.draft(brief), gold))
            gold = load_manifest(manifest, corpus, topics=())
            if gold.queries:
                found = search_measures(bench.search(gold.queries), gold.queries)
                yield Measured(pair=f"{name}/search", inputs=pages, measures=found)


def _measure_one(arguments: argparse.Namespace) -> None:
    gold = load_gold(arguments.gold, arguments.corpus, retrieval=arguments.retrieval)
    with open_bench(arguments.corpus, local_embedder()) as bench:
        _show(f"{arguments.corpus.name} with {arguments.brief}", measure(bench.draft(arguments.brief), gold))
        _show_search(bench, arguments.corpus.name, gold.queries)


def _show_search(bench: Bench, name: str, queries: tuple[Query, ...]) -> None:
    if queries:
        _show(f"{name}, search", search_measures(bench.search(queries), queries))


def _show(title: str, measures: Mapping[str, Measure]) -> None:
    print(title)
    for name, one in measures.items():
        between = "" if one.low is None else f"   95 % interval {one.low:.3f} to {one.high:.3f}"
        print(f"  {name:24} {one.value:.3f}  n = {one.n:3}{between}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
