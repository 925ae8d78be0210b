"""The documentation says what the program does: links, commands, options, settings, modules and layers."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from cli_reference import COMMANDS, documented_commands, with_reference
from pydantic import BaseModel

from skillgen.settings import CorpusSettings, Settings

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = sorted(
    [*(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")), *DOCS.rglob("*.md")]
)
FENCE = re.compile(r"^(?P<fence>```+|~~~+)[^\n]*\n(?P<body>.*?)^(?P=fence)\s*$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?P<target>[^()\s]+)\)")
# Set to bring docs/settings.md and docs/cli.md up to date instead of comparing them.
UPDATE = "SKILLGEN_UPDATE_DOCS"


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def prose_of(page: Path) -> str:
    """Return a page without its code blocks and code spans."""
    return re.sub(r"`[^`\n]*`", "", FENCE.sub("", text_of(page)))


def shown(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def sections_of(page: Path) -> dict[str, str]:
    """Return the page's sections by their heading of level 2, code spans without backticks."""
    parts = re.split(r"^## (.+)$", text_of(page), flags=re.MULTILINE)
    return {heading.replace("`", "").strip(): body for heading, body in zip(parts[1::2], parts[2::2], strict=True)}


def rows_of(text: str) -> list[list[str]]:
    """Return the cells of the tables' rows in a text, headers and rules left out; an escaped bar ends no cell."""
    rows = [
        [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in text.split("\n") if line[:1] == "|"
    ]
    rules = {i for i, row in enumerate(rows) if all(re.fullmatch(r":?-+:?", cell) for cell in row)}
    return [row for i, row in enumerate(rows) if i not in rules and i + 1 not in rules]


# -- links ---------------------------------------------------------------------------------------------------------


def anchors_of(page: Path) -> set[str]:
    headings = re.findall(r"^#{1,6} (.+)$", FENCE.sub("", text_of(page)), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.casefold()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    broken = []
    for target in LINK.findall(prose_of(page)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = unquote(target).partition("#")
        aim = (page.parent / path).resolve() if path else page
        inside = aim.is_relative_to(ROOT) and aim.exists()
        if not inside or (anchor and anchor not in anchors_of(aim)):
            broken.append(target)
    assert not broken


def test_the_index_links_every_page_of_the_documentation() -> None:
    linked = {(DOCS / target).resolve() for target in LINK.findall(text_of(DOCS / "index.md"))}
    assert {*DOCS.rglob("*.md")} - {DOCS / "index.md"} <= linked


def test_the_picture_of_the_architecture_is_shown_and_names_existing_modules() -> None:
    assert "](architecture.svg)" in text_of(DOCS / "architecture.md")
    titles = set(re.findall(r'class="t">(\w+)<', text_of(DOCS / "architecture.svg"))) - {"pages"}
    assert titles <= modules()


# -- commands ------------------------------------------------------------------------------------------------------


def options_of(command: Any) -> set[str]:  # noqa: ANN401
    return {
        opt
        for param in command.params
        if param.param_type_name == "option" and not param.hidden
        for opt in (*param.opts, *param.secondary_opts)
    }


def test_the_reference_of_the_command_line_is_that_of_the_commands() -> None:
    page = DOCS / "cli.md"
    if os.environ.get(UPDATE):
        page.write_text(with_reference(text_of(page)), encoding="utf-8")
    assert text_of(page) == with_reference(text_of(page)), f"run {UPDATE}=1 python -m pytest tests/test_docs.py"


def test_the_command_line_page_has_a_section_for_every_command_and_no_other() -> None:
    headings = [heading[9:] for heading in sections_of(DOCS / "cli.md") if heading[:9] == "skillgen "]
    assert headings == documented_commands(text_of(DOCS / "cli.md"))
    assert sorted(headings) == sorted(COMMANDS)


def test_options_that_the_pages_use_exist() -> None:
    known = {opt for command in COMMANDS.values() for opt in options_of(command)} | {"--version", "--help"}
    unknown = {
        (shown(page), option)
        for page in PAGES
        for line in text_of(page).split("\n")
        if re.search(r"(?:^|[`/ ])skillgen [a-z]", line)
        for command in re.findall(r"skillgen [a-z][^`#|]*", line)
        for option in re.findall(r"(?<!\S)--[a-z][a-z-]*", command)
        if option not in known
    }
    assert not unknown


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z][a-z-]*):", text_of(ROOT / "Makefile"), flags=re.MULTILINE))


def test_the_two_commands_at_the_top_of_the_readme_exist() -> None:
    first = FENCE.search(text_of(ROOT / "README.md"))
    assert first
    commands = re.findall(r"^make ([a-z-]+)", first["body"], flags=re.MULTILINE)
    assert commands == ["demo", "test"]
    assert set(commands) <= make_targets()


def test_make_targets_that_the_pages_name_exist() -> None:
    mention = re.compile(r"(?:`|^)make ([a-z-]+)", re.MULTILINE)
    named = {(shown(page), target) for page in PAGES for target in mention.findall(text_of(page))}
    assert {(page, target) for page, target in named if target not in make_targets()} == set()


@pytest.mark.long
def test_the_readme_shows_what_the_demo_gives(tmp_path: Path) -> None:
    brief, name = "integration-and-orchestration", "harbourline-integration"
    corpus = str(ROOT / "corpora" / "harbourline")
    command = [sys.executable, "-m", "skillgen", "build", brief, "--corpus", corpus, "--out", "out", "--name", name]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    package = [text_of(page) for page in (tmp_path / "out" / name).rglob("*.md")]
    given = {line for text in (done.stdout, *package) for line in text.split("\n")}
    for block in FENCE.finditer(text_of(ROOT / "README.md")):
        if not block.group().startswith("```sh"):
            assert set(block["body"].split("\n")) <= given


def test_the_pages_build_into_a_site_without_a_warning(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "sphinx",
        "-q",
        "-W",
        "--keep-going",
        "-b",
        "html",
        str(DOCS),
        str(tmp_path / "site"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    named = {path.relative_to(DOCS).with_suffix(".html") for path in DOCS.rglob("*.md")}
    assert {path for path in named if not (tmp_path / "site" / path).is_file()} == set()


# -- settings ------------------------------------------------------------------------------------------------------


def settings_rows(section: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """Yield a table row for every setting: its dotted key, its default, what it means."""
    for name, field in section.model_fields.items():
        if isinstance(field.default, BaseModel):
            yield from settings_rows(type(field.default), f"{prefix}{name}.")
        elif name == "corpus" and section is Settings:
            yield from settings_rows(CorpusSettings, "corpus.")
        else:
            default = "none" if field.is_required() else default_text(field.default)
            limits = "; ".join(limit_text(limit) for limit in field.metadata)
            what = (field.description or "").replace("|", "\\|")
            yield f"| `{prefix}{name}` | {default} | {what}{f' ({limits})' if limits else ''} |"


def default_text(default: object) -> str:
    match default:
        case None | ():
            return "none"
        case tuple():
            return ", ".join(f"`{item}`" for item in default)
        case _:
            return f"`{default}`"


def limit_text(limit: object) -> str:
    names = {"ge": "at least", "gt": "over", "le": "at most", "lt": "under"}
    return ", ".join(f"{word} {getattr(limit, key)}" for key, word in names.items() if hasattr(limit, key))


def settings_table() -> str:
    return "\n".join(["| Key | Default | Meaning |", "|---|---|---|", *settings_rows(Settings)])


def test_the_table_of_settings_is_that_of_the_record() -> None:
    page = DOCS / "settings.md"
    between = re.compile(r"(?<=<!-- settings -->\n).*?(?=\n<!-- /settings -->)", re.DOTALL)
    if os.environ.get(UPDATE):
        page.write_text(between.sub(lambda _: settings_table(), text_of(page)), encoding="utf-8")
    found = between.search(text_of(page))
    assert found
    assert found.group() == settings_table(), f"run {UPDATE}=1 python -m pytest tests/test_docs.py"


def test_the_example_of_the_settings_page_can_be_used() -> None:
    for example in FENCE.finditer(text_of(DOCS / "settings.md")):
        if example.group().startswith("```toml"):
            Settings.model_validate(tomllib.loads(example["body"]))


# -- architecture --------------------------------------------------------------------------------------------------


def modules() -> set[str]:
    """Return the names of the modules and packages directly inside skillgen."""
    entries = (ROOT / "skillgen").iterdir()
    names = {path.stem for path in entries if path.suffix == ".py" or (path / "__init__.py").is_file()}
    return names - {"__init__"}


def layers() -> dict[str, int]:
    """Return each module's layer in the import contract, the lowest being 1."""
    contracts = tomllib.loads(text_of(ROOT / "pyproject.toml"))["tool"]["importlinter"]["contracts"]
    flow = next(contract["layers"] for contract in contracts if contract["id"] == "flow")
    return {name: i for i, layer in enumerate(reversed(flow), start=1) for name in re.split(r"[|:\s]+", layer)}


def test_the_table_of_modules_is_complete_and_in_the_order_of_the_layers() -> None:
    rows = rows_of(sections_of(DOCS / "architecture.md")["Modules"])
    documented = [row[1].strip("`") for row in rows]
    assert sorted(documented) == sorted(modules())
    order = [layers()[name] for name in documented if name in layers()]
    assert order == sorted(order, reverse=True)
    assert all(row[2] for row in rows)


def test_the_table_of_doors_is_that_of_the_contract() -> None:
    contracts = tomllib.loads(text_of(ROOT / "pyproject.toml"))["tool"]["importlinter"]["contracts"]
    ignored = next(contract["ignore_imports"] for contract in contracts if contract["id"] == "doors")
    doors = {tuple(re.findall(r"^skillgen\.(\w+).* -> (\w+)$", line)[0]) for line in ignored}
    rows = rows_of(sections_of(DOCS / "architecture.md")["The dependency rule"])
    documented = {(row[1].strip("`"), library) for row in rows for library in re.findall(r"`(\w+)`", row[0])}
    assert documented == doors


def test_modules_that_the_pages_name_exist() -> None:
    missing = set()
    for page in PAGES:
        for path in re.findall(r"`(skillgen/[\w/]+(?:\.py)?)/?`", text_of(page)):
            plain = ROOT / path.removesuffix(".py")
            if not plain.with_suffix(".py").is_file() and not (plain / "__init__.py").is_file():
                missing.add((shown(page), path))
        for name in re.findall(r"`skillgen\.([a-z_]+)(?:\.\w+)*`", text_of(page)):
            if name not in modules() | {"toml"}:
                missing.add((shown(page), name))
    assert not missing


# -- hygiene -------------------------------------------------------------------------------------------------------

# Written in two parts, so that this file does not hold what it looks for.
FOREIGN = (
    ("py" + "pi.org", "python" + "hosted", "test.py" + "pi"),
    ("registry.np" + "mjs", "deb." + "debian", "crates" + ".io"),
    ("/wo" + "rk/", "/op" + "t/py", "/ro" + "ot/", "/pri" + "vate/"),
)


def repository_files() -> list[Path]:
    """Return the files that are in the repository or about to be."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listing = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if listing.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listing.stdout.split("\0") if name and (ROOT / name).is_file()]


@pytest.mark.parametrize("patterns", FOREIGN, ids=["python-registry", "other-registry", "machine-path"])
def test_no_file_names_a_registry_or_a_place_on_somebodys_machine(patterns: tuple[str, ...]) -> None:
    found = [
        (shown(path), pattern)
        for path in repository_files()
        for data in [path.read_bytes()]
        for pattern in patterns
        if pattern.encode() in data
    ]
    assert not found
