"""What each part of the local engine is worth: leave it out, halve it, double it, and count the vital facts found.

python evals/ablation.py                our own corpora
python evals/ablation.py --corpus DIR --gold FILE --brief BRIEF
                                        one more as well

Pages are read and embedded once a corpus. Each variant weighs the same signals anew and chooses claims from them with
the pipeline's own functions. Three measures of each: `mean` is vital recall in the first 25, 50, 100, 150, 230 and 300
claims, averaged; `at 230` is vital recall in as many claims as a draft keeps; `body` is vital recall in what fits into
the body of a skill, its length estimated from that of the claims. One claim more or less in a body is one fact more or
less, so it is averaged over bodies of 750 to 1,750 tokens, each result brought to the length of the default.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from builds import CORPORA, HERE, open_bench
from gold import load_gold, load_manifest
from metrics import Fact, Gold, states
from run import INTEGRATION, ITS_TOPICS

from skillgen import compose, rank
from skillgen.background import load_background
from skillgen.brief import load_brief
from skillgen.catalogue import load_catalogue
from skillgen.choose import choose_claims
from skillgen.coverage import ASKING, speaks_of
from skillgen.delta import BODY_DELTA, DeltaEstimator
from skillgen.embed import english_vocabulary, local_embedder
from skillgen.join import join_choices
from skillgen.model.brief import Plan
from skillgen.model.corpus import Page
from skillgen.model.research import Candidate, Choice, Ranking
from skillgen.pipeline.ingest import ingest
from skillgen.pipeline.library import open_library
from skillgen.pipeline.research import read_candidates
from skillgen.plan import plan_research
from skillgen.protocols import Embedder, SilentReporter

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DEPTHS = (25, 50, 100, 150, 230, 300)
KEPT = 230
# A body of 1,300 tokens of four characters, less its headings and sections that hold no claim; and others beside it.
BODY_CHARS = 4600
BODIES = (3000, 4000, BODY_CHARS, 5500, 7000)
# What a claim costs besides its words: list mark and a marker for each citation.
LINE_CHARS, MARKER_CHARS = 3, 5
DECIMALS = 6
COMPOSE_OFF: Mapping[str, float] = {
    "CONSTRAINT_WEIGHT": 0.0,
    "SPECIFICS_WEIGHT": 0.0,
    "JOINED_WORTH": 0.0,
    "DELTA_WEIGHT": 0.0,
    "SAME_PAGE": 1.0,
    "SAME_QUESTION": 1.0,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A corpus as read for a brief: every candidate with its signals, and the vital facts to look for."""

    name: str
    plan: Plan
    candidates: tuple[Candidate, ...]
    ranking: Ranking
    near: NDArray[np.bool_]
    pages: Mapping[str, Page]
    general: frozenset[int]
    estimator: DeltaEstimator
    vital: tuple[Fact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """Vital recall of one variant on one corpus."""

    mean: float
    at_kept: float
    body: float


def main() -> int:
    """Print the table, and as JSON with --json."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, help="a folder of pages that is not one of ours")
    parser.add_argument("--gold", type=Path, help="its gold file")
    parser.add_argument("--brief", help="the brief for it, a file or a built-in name")
    parser.add_argument("--json", type=Path, help="also write every number into this file")
    arguments = parser.parse_args()
    embedder = local_embedder()
    corpora = [
        _read_corpus(
            name,
            CORPORA / name,
            INTEGRATION,
            load_manifest(_manifest(name), CORPORA / name, topics=ITS_TOPICS),
            embedder,
        )
        for name in ("harbourline", "larkfield", "ostermoor")
    ]
    if arguments.corpus:
        gold = load_gold(arguments.gold, arguments.corpus)
        corpora.append(_read_corpus("another", arguments.corpus, arguments.brief, gold, embedder))
    results = {title: [run(one) for one in corpora] for title, run in variants().items()}
    _show(corpora, results)
    if arguments.json:
        numbers = {title: [[s.mean, s.at_kept, s.body] for s in scores] for title, scores in results.items()}
        arguments.json.write_text(json.dumps(numbers, indent=1) + "\n", encoding="utf-8")
    return 0


def variants() -> dict[str, Callable[[Read], Scores]]:
    """Return every variant by its title: the first is the engine as it is."""
    weights = dict(rank.WEIGHTS)
    found: dict[str, Callable[[Read], Scores]] = {"as it is": lambda one: score(one, weights, rank.MEAN_WEIGHT)}
    for name, weight in weights.items():
        for title, factor in (("left out", 0.0), ("halved", 0.5), ("doubled", 2.0)):
            changed = weights | {name: weight * factor}
            found[f"{name} {title}"] = _with_weights(changed, rank.MEAN_WEIGHT)
    found["mean over questions left out"] = _with_weights(weights, 0.0)
    found["joining left out"] = lambda one: score(one, weights, rank.MEAN_WEIGHT, joins=False)
    found["body: general claims let in"] = lambda one: score(one, weights, rank.MEAN_WEIGHT, least_delta=0.0)
    for name, off in COMPOSE_OFF.items():
        found[f"body: {name} off"] = _without(name, off)
    return found


def _with_weights(weights: Mapping[str, float], mean_weight: float) -> Callable[[Read], Scores]:
    return lambda one: score(one, weights, mean_weight)


def _without(name: str, off: float) -> Callable[[Read], Scores]:
    def run(one: Read) -> Scores:
        with _changed(compose, name, off):
            return score(one, rank.WEIGHTS, rank.MEAN_WEIGHT)

    return run


@contextmanager
def _changed(module: ModuleType, name: str, value: float) -> Iterator[None]:
    before = getattr(module, name)
    setattr(module, name, value)
    try:
        yield
    finally:
        setattr(module, name, before)


def score(
    one: Read, weights: Mapping[str, float], mean_weight: float, *, joins: bool = True, least_delta: float = BODY_DELTA
) -> Scores:
    """Return the vital recall of a corpus with these weights."""
    ranking = reweighted(one.ranking, weights, mean_weight)
    choices = choose_claims(
        one.plan,
        one.candidates,
        ranking,
        near=one.near,
        speaks_of=speaks_of,
        asking=ASKING,
        limit=2 * max(DEPTHS),
    )
    alone = one.general if joins else frozenset(range(len(one.candidates)))
    choices = join_choices(choices, one.pages, limit=max(DEPTHS), general=alone)
    first = [_first(choices, fact) for fact in one.vital]
    total = len(one.vital)

    def recall(depth: int) -> float:
        return sum(place < depth for place in first) / total

    kept = choices[:KEPT]
    deltas = [one.estimator.estimate(choice.candidate.text).value for choice in kept]
    own = frozenset(position for position, delta in enumerate(deltas) if delta >= least_delta)
    bodies = [
        sum(_first([kept[at] for at in body], fact) < len(body) for fact in one.vital) / total * BODY_CHARS / chars
        for chars in BODIES
        for body in [list(_body(kept, ranking, deltas, own, chars))]
    ]
    return Scores(mean=sum(map(recall, DEPTHS)) / len(DEPTHS), at_kept=recall(KEPT), body=sum(bodies) / len(bodies))


def reweighted(ranking: Ranking, weights: Mapping[str, float], mean_weight: float) -> Ranking:
    """Return the ranking with scores from other weights; the signals stay."""
    import numpy as np

    sums = {
        id_: np.sum([weights[name] * values for name, values in parts.items()], axis=0)
        for id_, parts in ranking.signals.items()
    }
    mean = np.mean(list(sums.values()), axis=0)
    scores = {id_: (values + mean_weight * mean).round(DECIMALS) for id_, values in sums.items()}
    return replace(ranking, scores=scores)


def _first(choices: Sequence[Choice], fact: Fact) -> int:
    """Return the place of the first choice that states the fact, or a place beyond every depth."""
    for place, choice in enumerate(choices):
        if states(choice.candidate.claim_text, choice.candidate.citations, fact):
            return place
    return max(DEPTHS) + 1


def _body(
    choices: Sequence[Choice], ranking: Ranking, deltas: Sequence[float], own: frozenset[int], chars: int
) -> Iterator[int]:
    """Yield the positions of the choices that fit into a body, in the order in which they deserve it."""
    left = chars
    for position in compose.body_order(choices, ranking, deltas):
        choice = choices[position]
        if position not in own or ranking.signals[choice.question_id]["deprecated"][choice.index]:
            continue
        left -= len(choice.candidate.claim_text) + LINE_CHARS + MARKER_CHARS * len(choice.candidate.citations)
        if left < 0:
            return
        yield position


def _manifest(name: str) -> Path:
    return HERE / f"{name}.facts.json"


def _read_corpus(name: str, corpus: Path, brief: str, gold: Gold, embedder: Embedder) -> Read:
    reporter = SilentReporter()
    with open_bench(corpus, embedder) as bench:
        ingest(bench.settings, bench.workspace, embedder=embedder, reporter=reporter)
        catalogue = load_catalogue(bench.settings.research.catalogue)
        plan = plan_research([load_brief(brief)], embedder=embedder)
        with open_library(bench.workspace, embedder=embedder) as library:
            read = read_candidates(plan, library, bench.workspace.store, catalogue, reporter)
    estimator = DeltaEstimator(catalogue.tools, load_background(catalogue, english_vocabulary()))
    deltas = (estimator.estimate(candidate.text).value for candidate in read.candidates)
    return Read(
        name=name,
        plan=plan,
        candidates=read.candidates,
        ranking=read.ranking,
        near=read.near,
        pages=read.pages,
        general=frozenset(index for index, delta in enumerate(deltas) if delta < BODY_DELTA),
        estimator=estimator,
        vital=tuple(fact for fact in gold.facts if fact.vital),
    )


def _show(corpora: Sequence[Read], results: Mapping[str, Sequence[Scores]]) -> None:
    for one in corpora:
        print(f"{one.name}: n = {len(one.vital)} vital facts, {len(one.candidates)} candidates")
    whole = next(iter(results.values()))
    print("| variant |" + "".join(f" {one.name}: mean, at {KEPT}, body |" for one in corpora) + " all: mean, body |")
    print("|---|" + "---|" * (len(corpora) + 1))
    for title, scores in results.items():
        cells = "".join(f" {s.mean:.3f}, {s.at_kept:.2f}, {s.body:.2f} |" for s in scores)
        mean = sum(s.mean - w.mean for s, w in zip(scores, whole, strict=True)) / len(scores)
        body = sum(s.body - w.body for s, w in zip(scores, whole, strict=True)) / len(scores)
        print(f"| {title} |{cells} {mean:+.3f}, {body:+.3f} |")


if __name__ == "__main__":
    sys.exit(main())
