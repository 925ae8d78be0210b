"""Whether a skill's coverage falls with the facts that it holds: take pages away and compare the two.

python evals/coverage_eval.py                 measure; exit 1 when coverage does not follow the facts, or a target is
                                              overrated
python evals/coverage_eval.py --orders 51 52  the same with other orders, which nothing was tuned on

Of the pages that hold planted facts, 0, 25, 50 and 75 % are removed in two orders, each with a fixed seed. At every
step the skill's own coverage is compared with the recall of all planted facts, those on removed pages included. A
target's facts are those of the questions whose facets count for it.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from builds import CORPORA, HERE, Bench, open_bench
from gold import load_manifest
from metrics import Fact, Gold, found_facts
from remembering import RememberingEmbedder
from run import INTEGRATION, ITS_TOPICS

from skillgen.brief import load_brief
from skillgen.catalogue import load_catalogue
from skillgen.coverage import score_coverage
from skillgen.embed import local_embedder
from skillgen.model.brief import Plan
from skillgen.model.draft import Claim
from skillgen.pipeline.ingest import ingest
from skillgen.pipeline.library import open_library
from skillgen.pipeline.research import research
from skillgen.plan import plan_research
from skillgen.protocols import Embedder, SilentReporter

NAMES = ("harbourline", "larkfield", "ostermoor")
SHARES = (0.25, 0.5, 0.75)
# The orders that the rule was tuned on.
SEEDS = (1, 2)
LEAST_CORRELATION = 0.7
LOW_RECALL, HIGH_COVERAGE = 0.2, 0.5
# Below this many facts a target's recall says nothing.
LEAST_FACTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A target's coverage beside the recall of its facts."""

    text: str
    coverage: float
    recall: float
    facts: int

    @property
    def overrated(self) -> bool:
        """Return whether coverage claims an answer where hardly a fact is left."""
        return self.facts >= LEAST_FACTS and self.recall < LOW_RECALL and self.coverage > HIGH_COVERAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One state of a corpus: what was removed, and what coverage and recall are then."""

    removed: float
    seed: int
    coverage: float
    recall: float
    targets: tuple[Target, ...]


def main() -> int:
    """Measure every corpus; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", metavar="SEED", type=int, nargs="+", default=SEEDS, help="seeds of the orders")
    orders = parser.parse_args().orders
    embedder = RememberingEmbedder(local_embedder())
    problems: list[str] = []
    for name in NAMES:
        steps = tuple(measure_steps(name, embedder, orders))
        correlation = spearman([step.coverage for step in steps], [step.recall for step in steps])
        overrated = [(step, target) for step in steps for target in step.targets if target.overrated]
        _show(name, steps, correlation, overrated)
        if correlation < LEAST_CORRELATION:
            problems.append(f"{name}: coverage follows the facts by {correlation:.2f} only (Spearman).")
        problems += [
            f"{name}, {step.removed:.0%} of the pages gone (order {step.seed}): {target.text!r} is covered by "
            f"{target.coverage:.2f} with {target.recall:.2f} of its {target.facts} facts."
            for step, target in overrated
        ]
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


def measure_steps(name: str, embedder: Embedder, orders: Sequence[int]) -> Iterator[Step]:
    """Yield the whole corpus, then every share of pages removed in every order."""
    corpus = CORPORA / name
    gold = load_manifest(HERE / f"{name}.facts.json", corpus, topics=ITS_TOPICS)
    plan = plan_research([load_brief(INTEGRATION)], embedder=embedder)
    pages = sorted({quote.source for fact in gold.facts for quote in fact.quotes})
    with tempfile.TemporaryDirectory() as scratch:
        whole = Path(scratch) / "whole"
        shutil.copytree(corpus, whole / name)
        with open_bench(whole / name, embedder, root=whole) as bench:
            yield _step(bench, plan, gold, removed=0.0, seed=0)
        for seed in orders:
            order = random.Random(seed).sample(pages, len(pages))
            root = Path(scratch) / f"order-{seed}"
            shutil.copytree(whole, root)
            for share in SHARES:
                for page in order[: round(share * len(order))]:
                    (root / name / page).unlink(missing_ok=True)
                with open_bench(root / name, embedder, root=root) as bench:
                    yield _step(bench, plan, gold, removed=share, seed=seed)


def _step(bench: Bench, plan: Plan, gold: Gold, *, removed: float, seed: int) -> Step:
    claims = research_claims(bench, plan)
    coverage, _ = score_coverage(plan, claims)
    found = dict(zip((fact.id for fact in gold.facts), found_facts(claims, gold.facts), strict=True))
    return Step(
        removed=removed,
        seed=seed,
        coverage=coverage.overall,
        recall=sum(found.values()) / len(found),
        targets=tuple(
            Target(text=target.text, coverage=target.score, recall=_recall(facts, found), facts=len(facts))
            for target in coverage.targets
            for facts in [_facts_of(target.facets, plan, gold.facts)]
        ),
    )


def research_claims(bench: Bench, plan: Plan) -> tuple[Claim, ...]:
    """Research as a build does, without writing the skill: coverage and recall need its claims alone."""
    reporter = SilentReporter()
    ingest(bench.settings, bench.workspace, embedder=bench.embedder, reporter=reporter)
    catalogue = load_catalogue(bench.settings.research.catalogue)
    with open_library(bench.workspace, embedder=bench.embedder) as library:
        return research(plan, library, bench.workspace.store, catalogue, bench.settings, reporter).all_claims


def _facts_of(facets: Sequence[str], plan: Plan, facts: Sequence[Fact]) -> list[Fact]:
    numbers = {question.id: question.number.rstrip(".") for brief in plan.briefs for question in brief.questions}
    asked = {numbers[facet.question_id] for facet in plan.facets if facet.id in facets}
    return [fact for fact in facts if fact.question in asked]


def _recall(facts: Sequence[Fact], found: dict[str, bool]) -> float:
    return sum(found[fact.id] for fact in facts) / len(facts) if facts else 0.0


def spearman(left: Sequence[float], right: Sequence[float]) -> float:
    """Return Spearman's rank correlation; ties share the mean of their ranks."""
    import numpy as np

    if len(set(left)) < 2 or len(set(right)) < 2:  # noqa: PLR2004 - nothing to order
        return 0.0
    return float(np.corrcoef(_ranks(left), _ranks(right))[0, 1])


def _ranks(values: Sequence[float]) -> list[float]:
    return [sum(other < value for other in values) + sum(other == value for other in values) / 2 for value in values]


def _show(name: str, steps: Sequence[Step], correlation: float, overrated: Sequence[tuple[Step, Target]]) -> None:
    print(f"{name}: coverage and fact recall, Spearman {correlation:.3f} over {len(steps)} steps")
    for step in steps:
        worst = min(step.targets, key=lambda target: target.recall - target.coverage)
        print(
            f"  {step.removed:4.0%} gone, order {step.seed}: coverage {step.coverage:.3f}, recall {step.recall:.3f}; "
            f"widest apart {worst.coverage:.2f} with {worst.recall:.2f} of {worst.facts}"
        )
    print(f"  targets overrated: {len(overrated)} of {sum(len(step.targets) for step in steps)}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
