"""The wheel, installed beside nothing of the checkout, builds a skill with the data that it carries itself."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest
from corpus_builder import BRIEF, PAGES, write_pages

ROOT = Path(__file__).resolve().parent.parent
IN_THE_WHEEL = ("skillgen", "prompts", "templates")
WHERE = """
import json, sys, skillgen
from importlib.metadata import version
from skillgen.resources import data_dir
where = {"prompts": str(data_dir("prompts")), "templates": str(data_dir("templates"))}
where |= {"package": skillgen.__file__, "path": sys.path, "version": skillgen.__version__}
print(json.dumps(where | {"said": version("runbook-skillgen")}))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from a copy of the tree, so that nothing appears in the checkout."""
    tree = tmp_path_factory.mktemp("tree")
    for folder in IN_THE_WHEEL:
        shutil.copytree(ROOT / folder, tree / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / file, tree)
    run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tree / "dist")], tree)
    (built,) = (tree / "dist").glob("*.whl")
    return built


def run(command: list[str], folder: Path) -> str:
    """Run a command away from the checkout and return what it prints."""
    hidden = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "PIP_REQUIRE_VIRTUALENV")
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def new_environment(folder: Path) -> Path:
    """Make an environment with pip and return its folder of scripts."""
    venv.create(folder, with_pip=True)
    return folder / ("Scripts" if os.name == "nt" else "bin")


def check_install(scripts: Path, folder: Path) -> None:
    """Build a skill with the installed command, outside the checkout, and look where its parts come from."""
    write_pages(folder / "wiki", PAGES)
    (folder / "releases.md").write_text(BRIEF, encoding="utf-8")
    command = [str(scripts / "skillgen"), "build", "releases.md", "--corpus", "wiki", "--out", "skills", "--json"]
    said = json.loads(run(command, folder))
    assert said
    assert (folder / "skills" / "releases" / "SKILL.md").is_file()
    assert (folder / ".skillgen" / "drafts" / "releases.json").is_file()
    assert "integration-and-orchestration" in run([str(scripts / "skillgen"), "brief", "list"], folder)
    where = json.loads(run([str(scripts / "python"), "-c", WHERE], folder))
    home = str(scripts.parent.resolve())
    assert str(Path(where["package"]).resolve()).startswith(home)
    for name in ("prompts", "templates"):
        assert where[name] == str(Path(where["package"]).parent / "_data" / name)
    assert where["version"] == where["said"]
    assert str(ROOT) not in where["path"]


def test_the_wheel_carries_code_data_and_licence_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"skillgen"}
    assert "skillgen/py.typed" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    for folder in ("prompts", "templates"):
        files = {str(path.relative_to(ROOT)) for path in (ROOT / folder).rglob("*") if path.is_file()}
        assert files
        assert {f"skillgen/_data/{file}" for file in files} <= set(names)
    code = {str(path.relative_to(ROOT)) for path in (ROOT / "skillgen").rglob("*.py")}
    assert {name for name in names if name.endswith(".py")} == code


def test_the_installed_wheel_builds_a_skill_away_from_the_checkout(wheel: Path, tmp_path: Path) -> None:
    scripts = new_environment(tmp_path / "environment")
    run([str(scripts / "python"), "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", str(wheel)], tmp_path)
    (own,) = (tmp_path / "environment").glob("lib/python*/site-packages")
    present = sysconfig.get_path("purelib")
    # A path that a .pth file adds comes after the environment's own, and .pth files in it are not read: the editable
    # install of the checkout, which lives by one, stays out.
    (own / "present.pth").write_text(f"{present}\n", encoding="utf-8")
    (tmp_path / "work").mkdir()
    check_install(scripts, tmp_path / "work")
    path = json.loads(run([str(scripts / "python"), "-c", "import json, sys; print(json.dumps(sys.path))"], tmp_path))
    assert path.index(str(own)) < path.index(present)


@pytest.mark.long
def test_the_wheel_with_its_pinned_requirements_builds_a_skill(wheel: Path, tmp_path: Path) -> None:
    scripts = new_environment(tmp_path / "environment")
    pip = [str(scripts / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run([*pip, "--require-hashes", "-r", str(ROOT / "requirements" / "runtime.txt")], tmp_path)
    run([*pip, "--no-deps", "--no-index", str(wheel)], tmp_path)
    (tmp_path / "work").mkdir()
    check_install(scripts, tmp_path / "work")
    run([str(scripts / "python"), "-m", "pip", "check"], tmp_path)
