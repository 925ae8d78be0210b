"""Nothing heavy is loaded before it is needed."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

HEAVY = "langchain langchain_core openai chromadb numpy pydantic jinja2 onnxruntime tantivy tokenizers rich".split()
ATTEMPTS = 4
RUNS = 5


def loaded(code: str) -> set[str]:
    """Return the top packages that a fresh interpreter has loaded after the code."""
    told = f"import sys\n{code}\nprint('\\n'.join({{name.partition('.')[0] for name in sys.modules}}), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, encoding="utf-8", check=True)
    return set(done.stderr.split())


def test_the_help_loads_nothing_heavy() -> None:
    run_help = (
        "sys.argv = ['skillgen', '--help']\nfrom skillgen.__main__ import main\ntry:\n    main()\n"
        "except SystemExit as ended:\n    assert not ended.code"
    )
    found = loaded(run_help)
    assert "typer" in found
    assert not found & set(HEAVY)


def test_the_package_itself_loads_nothing_heavy() -> None:
    assert not loaded("import skillgen") & {*HEAVY, "typer", "yaml", "sqlite3"}


def seconds(*arguments: str) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def test_the_help_takes_at_most_three_times_as_long_as_loading_typer() -> None:
    ratios = []
    for _ in range(ATTEMPTS):  # a busy machine slows one of the two; it has to be fast only once
        pairs = [(seconds("-m", "skillgen", "--help"), seconds("-c", "import typer")) for _ in range(RUNS)]
        ours, theirs = zip(*pairs, strict=True)
        ratios.append(statistics.median(ours) / statistics.median(theirs))
        if ratios[-1] <= 3:
            return
    raise AssertionError(f"{ratios} times as long")
