"""Let a real chat model of 1.5 billion parameters answer a sample skill's tasks with the skill, without it and so on.

make evals-arms                       get the model (1.1 GB, once), serve it on loopback, build the skill, run the arms
python evals/arms_eval.py --minutes 120 --tasks 24

It needs 3 GB of memory, and an hour or two. What the model answers is stored: a second start goes on where the first
one was stopped by --minutes or by hand. MODEL_DIR says where everything is kept; the skill and its tasks are made by
the first start and stay as they are, until their folder is removed.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from builds import CORPORA
from real_model.arms import arms_table
from real_model.command import ended
from real_model.parts import QWEN, assembled, default_folder, installed_runtime
from real_model.server import Served, served, speed
from run import INTEGRATION

from skillgen.model.behaviour import ARMS
from skillgen.pipeline.behaviour import RESULT_FILE, load_behaviour
from skillgen.settings import FILE_NAME

NAME = "measured"
# Of the server. What a request may have is less, since a token costs the more to read the more there are before it.
SERVER_CONTEXT = 8192


def main() -> int:
    """Run the arms; return the exit code: 1 where something is missing."""
    return ended(_measured, _arguments())


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=120, help="how long the model may answer in this start (120)")
    parser.add_argument("--folder", type=Path, default=default_folder(), help="where the model and all else is kept")
    parser.add_argument("--corpus", default="ostermoor", help="one of our corpora (ostermoor)")
    parser.add_argument("--tasks", type=int, default=24, help="how many tasks are asked, of every source (24)")
    parser.add_argument("--arms", nargs="+", choices=ARMS, default=list(ARMS))
    parser.add_argument("--context", type=int, default=6144, help="tokens of a request with its reply (6144)")
    parser.add_argument("--threads", type=int, default=1, help="threads of the model (1)")
    return parser.parse_args()


def _measured(arguments: argparse.Namespace) -> int:
    folder: Path = arguments.folder
    model, runtime = assembled(QWEN, folder), installed_runtime(folder)
    trial = folder / "arms" / arguments.corpus
    _prepare(trial, CORPORA / arguments.corpus, arguments.context)
    # A port of its own: beside it `evals-model` may serve the same file.
    port = folder / "arms" / "server.port"
    ends = time.monotonic() + 60 * arguments.minutes
    with served(model, QWEN.name, runtime, context=SERVER_CONTEXT, threads=arguments.threads, port=port) as server:
        fast = speed(server)
        print(f"{server.name} reads {fast.reads} and writes {fast.writes} tokens a second.", flush=True)
        done = _answered(trial, server, arguments, seconds=ends - time.monotonic())
        if not done:
            print(_skillgen(trial, *_command(server, arguments), "--dry-run", capture=True).stdout, flush=True)
    found = load_behaviour(trial / ".skillgen" / "evals" / NAME / RESULT_FILE)
    if found is not None:
        date = datetime.now(UTC).date().isoformat()
        settings = {"date": date, "model": QWEN.name, "sha256": QWEN.sha256, "reads": fast.reads, "writes": fast.writes}
        text = arms_table(found, {**settings, "corpus": arguments.corpus, "context": arguments.context})
        (trial / "table.md").write_text(text, encoding="utf-8")
        print(f"{text}\nKept in {trial / 'table.md'}")
    return 0 if done else 1


def _prepare(trial: Path, corpus: Path, context: int) -> None:
    """Build the skill by the local engine and make its tasks, unless an earlier start did."""
    trial.mkdir(parents=True, exist_ok=True)
    (trial / FILE_NAME).write_text(
        f"[[corpus]]\npath = {json.dumps(str(corpus))}\n\n[build]\nbriefs = [{json.dumps(INTEGRATION)}]\n"
        f"name = {json.dumps(NAME)}\n\n[model]\nlocal_only = true\ncontext = {context}\nconcurrency = 1\n"
        "timeout = 3600\n",
        encoding="utf-8",
    )
    if not (trial / "skills" / NAME / "SKILL.md").is_file():
        _skillgen(trial, "build", check=True)
    if not (trial / "skillgen-evals" / f"{NAME}.yaml").is_file():
        _skillgen(trial, "eval", f"skills/{NAME}", "--write-tasks", check=True)


def _answered(trial: Path, server: Served, arguments: argparse.Namespace, *, seconds: float) -> bool:
    """Run the arms for so long; return whether every task has an answer in every arm."""
    try:
        return _skillgen(trial, *_command(server, arguments), timeout=max(1.0, seconds)).returncode == 0
    except subprocess.TimeoutExpired:
        print("The time is over; what was answered is stored.", flush=True)
        return False


def _command(server: Served, arguments: argparse.Namespace) -> list[str]:
    model = ["--model", server.name, "--base-url", server.base_url]
    arms = ["--arms", ",".join(arguments.arms), "--limit", str(arguments.tasks)]
    return ["eval", f"skills/{NAME}", *model, *arms]


def _skillgen(
    trial: Path, *command: str, capture: bool = False, timeout: float | None = None, check: bool = False
) -> subprocess.CompletedProcess[str]:
    print(f"\n$ skillgen {' '.join(command)}", flush=True)
    return subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "skillgen", *command],
        cwd=trial,
        timeout=timeout,
        capture_output=capture,
        text=True,
        check=check,
    )


if __name__ == "__main__":
    sys.exit(main())
