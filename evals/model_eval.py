"""Build a skill with a real chat model of 1.5 billion parameters on this machine, and measure it beside the local engine.

make evals-model                      get the model (1.1 GB, once), serve it on loopback, build, measure
python evals/model_eval.py --minutes 60 --engines together alone

It needs an hour and 2 GB of memory. What the model answers is stored, so that a second start goes on where the first
one was stopped by --minutes or by hand; MODEL_DIR says where everything is kept.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from builds import CORPORA, HERE
from gold import load_manifest
from real_model.command import ended
from real_model.judging import CASES, TUNED_ON, judged
from real_model.parts import QWEN, assembled, default_folder, installed_runtime
from real_model.scores import Scores, as_json, scored, table
from real_model.server import Served, served, speed
from real_model.trials import Trial, built, doctor, missing
from run import INTEGRATION, ITS_TOPICS

from skillgen.settings import ModelSettings

LOCAL = "local"
# Of the server; requests stay far below it, since a token costs the more to read the more there are before it.
CONTEXT = 8192
# Uses that are left out. Search phrases, what the model believes, and texts for people cost half an hour more on one
# core, and add no claim. Together with the local claims, which are ten times as many, so do dense statements and choice.
_OFF = ("expand", "relevance", "belief", "compare", "contradictions", "gaps", "description")
OFF = {"together": (*_OFF, "condense", "choose"), "alone": _OFF}


def main() -> int:
    """Build and measure; return the exit code: 1 where something is missing."""
    return ended(_measured, _arguments())


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60, help="how long builds may take in this start (60)")
    parser.add_argument("--folder", type=Path, default=default_folder(), help="where the model and all else is kept")
    parser.add_argument("--corpus", default="harbourline", help="one of our corpora (harbourline)")
    parser.add_argument("--engines", nargs="+", choices=list(OFF), default=list(OFF))
    parser.add_argument("--off", nargs="*", metavar="USE", help="uses of the model that are left out, for every engine")
    parser.add_argument("--context", type=int, default=3072, help="tokens of a request with its reply (3072)")
    parser.add_argument("--passages", type=int, default=6, help="passages for each question (6)")
    parser.add_argument(
        "--threads", type=int, default=1, help="threads of the model; more than idle cores are slow (1)"
    )
    parser.add_argument(
        "--judge", action="store_true", help="only ask it about statements that are known to be true or false"
    )
    return parser.parse_args()


def _measured(arguments: argparse.Namespace) -> int:
    folder: Path = arguments.folder
    model, runtime = assembled(QWEN, folder), installed_runtime(folder)
    ends = time.monotonic() + 60 * arguments.minutes
    with served(model, QWEN.name, runtime, context=CONTEXT, threads=arguments.threads) as server:
        fast = speed(server)
        print(f"{server.name} reads {fast.reads} and writes {fast.writes} tokens a second.", flush=True)
        trials = _trials(arguments, server)
        print(doctor(trials[-1]), flush=True)
        if arguments.judge:
            _judge(trials)
            return 0
        left = [trial for trial in trials if not built(trial, ends=ends)]
        open_ = {trial.name: missing(trial) for trial in left}
    rows = _rows([trial for trial in trials if trial not in left], arguments.corpus)
    settings = {
        "date": datetime.now(UTC).date().isoformat(),
        "model": {"name": QWEN.name, "sha256": QWEN.sha256, "reads": fast.reads, "writes": fast.writes},
        "brief": INTEGRATION,
        "off": {engine: _off(arguments, engine) for engine in arguments.engines},
        **{name: getattr(arguments, name) for name in ("corpus", "context", "passages", "threads")},
    }
    _write(folder / "results", rows, settings, open_)
    return 1 if left else 0


def _judge(trials: Sequence[Trial]) -> None:
    """Print how often the model tells true statements from false ones."""
    built(trials[0], ends=math.inf)
    settings, pages = ModelSettings.model_validate(dict(trials[-1].model)), trials[0].pages()
    for title, cases in (("tuned on", CASES[:TUNED_ON]), ("looked at once", CASES[TUNED_ON:])):
        found = judged(settings, pages, cases)
        kept, rejected = f"{found.kept} of {found.cases} true", f"{found.rejected} of {found.cases} false"
        print(f"Statements {title}: {kept} ones kept, {rejected} ones rejected.", flush=True)


def _trials(arguments: argparse.Namespace, server: Served) -> list[Trial]:
    """Return the builds: first without the model, then with it."""
    common = {"corpus": CORPORA / arguments.corpus, "brief": INTEGRATION, "root": arguments.folder / arguments.corpus}
    settings = {
        "name": server.name,
        "base_url": server.base_url,
        "local_only": True,
        "context": arguments.context,
        "passages": arguments.passages,
        "concurrency": 1,
        "timeout": 1800.0,
    }
    return [
        Trial(name=LOCAL, model={}, **common),
        *(
            Trial(name=engine, model=settings | {"engine": engine, "off": _off(arguments, engine)}, **common)
            for engine in arguments.engines
        ),
    ]


def _off(arguments: argparse.Namespace, engine: str) -> list[str]:
    return list(OFF[engine] if arguments.off is None else arguments.off)


def _rows(trials: Sequence[Trial], corpus: str) -> dict[str, Scores]:
    """Return the scores of finished builds: what an earlier start left may have had other settings."""
    if not trials:
        return {}
    gold = load_manifest(HERE / f"{corpus}.facts.json", CORPORA / corpus, topics=ITS_TOPICS)
    drafts = {trial.name: draft for trial in trials if (draft := trial.draft()) is not None}
    pages = trials[0].pages()
    return {
        trial.name: scored(
            drafts[trial.name],
            trial.skill(),
            gold,
            pages,
            local=drafts.get(LOCAL),
            seconds=trial.seconds(),
        )
        for trial in trials
        if trial.name in drafts
    }


def _write(folder: Path, rows: dict[str, Scores], settings: dict[str, object], open_: dict[str, str]) -> None:
    """Print the table and what is missing, and keep both with all numbers in a folder."""
    told = [table(rows), *(f"Missing, {name}: {what}" for name, what in open_.items())]
    text = "\n\n".join(told)
    print(f"\n{text}")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "table.md").write_text(f"{text}\n", encoding="utf-8")
    values = {"settings": settings, "rows": as_json(rows), "missing": open_}
    (folder / "table.json").write_text(f"{json.dumps(values, indent=1, default=str)}\n", encoding="utf-8")
    print(f"\nKept in {folder}")


if __name__ == "__main__":
    sys.exit(main())
