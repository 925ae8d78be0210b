"""docs/templates.md: its examples work as they stand there, and its tables list what templates really get."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from pathlib import Path

import pytest
from jinja2 import Environment, nodes
from reporting import material_of, page_of
from test_render import RELEASE, SAMPLE, STEPS, citation, issues_of, letters, plan_of, rendered, stands, steps_of

from skillgen.model.draft import Contradiction, IntegrationEdge, MappedKind
from skillgen.render import describe, load_layout
from skillgen.report import report_page
from skillgen.templating import Templates

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "templates.md"
BUILT_IN = ROOT / "templates"
# Set to bring the table of records up to date instead of comparing it.
UPDATE = "SKILLGEN_UPDATE_DOCS"
MARKER = re.compile(r"(?<!\\)\[S\d+\]|^\s*\d+[.)]\s", re.MULTILINE)
LISTED = steps_of(*STEPS, lead="Do:")
ANSWER = SAMPLE.answers[0]
FULL = replace(
    SAMPLE,
    answers=(
        replace(ANSWER, claims=(*ANSWER.claims, LISTED, replace(LISTED, id="clm-00000009", in_body=False))),
        *SAMPLE.answers[1:],
    ),
    contradictions=(Contradiction(topic="Wait", kind="value", citations=(citation(), citation("faq.md", "FAQ"))),),
    integration_map=(IntegrationEdge(from_="Airflow", to="Vault", what="reads", citations=(citation(),)),),
    mapped=(MappedKind(label="schedulers", tools=("Airflow",)),),
)


def section(heading: str) -> str:
    page = PAGE.read_text(encoding="utf-8")
    return re.split(r"\n##+ ", page.split(f" {heading}\n", 1)[1])[0]


def fence(heading: str, language: str) -> str:
    """Return the first example of a language below a heading."""
    after = PAGE.read_text(encoding="utf-8").split(f" {heading}\n", 1)[1]
    found = re.search(rf"^```{language}\n(.*?)^```$", after, re.MULTILINE | re.DOTALL)
    assert found
    return found[1]


def lines_of(files: Mapping[str, str]) -> list[str]:
    return [line for line in files["SKILL.md"].splitlines() if line]


def my_templates(folder: Path, path: str, text: str) -> Templates:
    """Return the built-in templates with one file of the user's."""
    mine = folder / "my-templates"
    (mine / path).parent.mkdir(parents=True)
    (mine / path).write_text(text, encoding="utf-8")
    return Templates("skill", user_dir=mine)


# Examples


def test_the_example_of_a_block_makes_a_good_package_that_differs_in_the_blocks_alone(tmp_path: Path) -> None:
    templates = my_templates(tmp_path, "SKILL.md.j2", fence("Change one block", "jinja"))
    files = rendered(FULL, templates).files
    ours = rendered(FULL, Templates("skill")).files
    assert {path for path in files if files[path] != ours[path]} == {"SKILL.md"}
    added = ['  owner: "platform-team"', "Ask in `#platform` where this is not enough."]
    assert [line for line in lines_of(files) if line not in added] == lines_of(ours)
    assert all(files["SKILL.md"].count(line) == 1 for line in added)
    assert issues_of(files, tmp_path) == []


def test_the_example_of_a_whole_file_makes_a_good_package(tmp_path: Path) -> None:
    templates = my_templates(tmp_path, "SKILL.md.j2", fence("Replace a template", "jinja"))
    files = rendered(SAMPLE, templates).files
    skill = files["SKILL.md"]
    assert [one.text for one in SAMPLE.claims if one.in_body and not stands(one, letters(MARKER.sub(" ", skill)))] == []
    assert f"## Release path\n\n{RELEASE}\n\n**Release > Stages:**\n\n- A merge goes to dev. [S1]\n- Stage" in skill
    assert "Not documented: Cost: who pays for what." in skill
    assert issues_of(files, tmp_path) == []


def test_the_example_of_a_layout_makes_a_good_package(tmp_path: Path) -> None:
    example = fence("A layout of your own", "yaml")
    (path,) = re.findall(r"^# my-templates/(\S+)$", example, re.MULTILINE)
    templates = my_templates(tmp_path, path, example)
    draft = replace(FULL, skill=replace(FULL.skill, purpose=Path(path).stem))
    files = rendered(draft, templates).files
    assert "What the person on call needs at night. A marker such as" in files["SKILL.md"]
    assert "## Also good to know" in files["SKILL.md"]
    assert issues_of(files, tmp_path) == []


# Tables


def documented(heading: str) -> set[str]:
    rows = re.findall(r"^\| (`.+?`) \|", section(heading), re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`(.+?)`", row)}


def names_in(value: object, name: str = "") -> set[str]:
    """Return the names under which a template finds its values: `sections`, `sections[].title` ..."""
    if isinstance(value, dict):
        inner = (names_in(held, f"{name}.{key}".removeprefix(".")) for key, held in value.items())
        return set().union(*inner)
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return {name}.union(*(names_in(held, f"{name}[]") for held in value))
    return {name}


@pytest.fixture
def given_to(monkeypatch: pytest.MonkeyPatch) -> Mapping[str, dict[str, object]]:
    """Record the values of every template that is rendered, by its name."""
    given: dict[str, dict[str, object]] = {}

    def record(self: Templates, name: str, values: dict[str, object]) -> str:
        given[name] = values
        return "text"

    monkeypatch.setattr(Templates, "render", record)
    return given


def test_every_value_of_a_package_template_is_listed(given_to: Mapping[str, dict[str, object]]) -> None:
    rendered(FULL, Templates("skill"))
    describe(plan_of(("T", (RELEASE,))), Templates("skill"))
    assert sorted(given_to) == sorted(path.name for path in (BUILT_IN / "skill").glob("*.j2"))
    for name, values in given_to.items():
        listed = documented(f"Values of {name}")
        groups = [one for one in listed if one.endswith("groups")]
        assert names_in(values) == listed | {f"{one}[].{row}" for one in groups for row in documented("Groups")}


def test_every_value_of_the_report_is_listed(given_to: Mapping[str, dict[str, object]]) -> None:
    report_page(material_of(page_of("# A\n\nJobs run at 3.\n")), Templates("report"))
    assert documented("Values of report.html.j2") - {"Material", *records_of(given_to["report.html.j2"])} == {
        *given_to["report.html.j2"]
    }


def records_of(value: object) -> dict[str, type]:
    """Return the records of the report in a value, by name, in the order in which they are met."""
    found: dict[str, type] = {}
    for one in _reached(value):
        if type(one).__module__.startswith("skillgen.report"):
            found.setdefault(type(one).__name__, type(one))
    return found


def _reached(value: object) -> Iterator[object]:
    if is_dataclass(value):
        yield value
        for field in fields(value):
            yield from _reached(getattr(value, field.name))
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _reached(one)
    elif isinstance(value, dict):
        for one in value.values():
            yield from _reached(one)


def test_the_records_of_the_report_are_listed_with_their_fields(given_to: Mapping[str, dict[str, object]]) -> None:
    report_page(material_of(page_of("# A\n\nJobs run at 3.\n")), Templates("report"))
    rows = [_row(record) for record in records_of(given_to["report.html.j2"]).values()]
    table = "\n\n| Record | Is | Fields |\n|---|---|---|\n" + "\n".join(rows) + "\n"
    page = PAGE.read_text(encoding="utf-8")
    there = re.search(r"(?<=## Records of the report).*?(?=\n## )", page, re.DOTALL)
    assert there
    if os.environ.get(UPDATE):
        PAGE.write_text(page[: there.start()] + table + page[there.end() :], encoding="utf-8")
        return
    assert there.group() == table, f"{UPDATE}=1 pytest tests/test_template_docs.py brings the table up to date"


def _row(record: type) -> str:
    said = " ".join((record.__doc__ or "").split("\n\n")[0].split()).rstrip(".")
    return f"| `{record.__name__}` | {said} | {', '.join(f'`{field.name}`' for field in fields(record))} |"


def test_every_block_is_listed() -> None:
    rows = re.findall(r"^\| `(\S+\.j2)` \|.*\| (.+?) \|$", section("Change one block"), re.MULTILINE)
    listed = {name: set(re.findall(r"`(\w+)`", blocks)) for name, blocks in rows}
    paths = [*(BUILT_IN / "skill").glob("*.j2"), BUILT_IN / "report" / "report.html.j2"]
    assert listed == {path.name: blocks_of(path) for path in paths}


def blocks_of(path: Path) -> set[str]:
    return {
        block.name
        for block in Environment(autoescape=True).parse(path.read_text(encoding="utf-8")).find_all(nodes.Block)
    }


def test_every_purpose_is_listed_with_its_sections() -> None:
    templates = Templates("skill")
    listed = dict(re.findall(r"^\| `([\w-]+)` \|.*\| (.+?) \|$", section("Purposes"), re.MULTILINE))
    layouts = {name: load_layout(name, templates) for name in templates.data_names("layouts")}
    assert listed == {
        name: "; ".join(one.title for one in layout.sections) for name, layout in layouts.items() if layout
    }


def test_every_key_of_a_layout_is_listed() -> None:
    import yaml

    read = yaml.safe_load((BUILT_IN / "skill" / "layouts" / "platform.yaml").read_text(encoding="utf-8"))
    sections = {f"sections[].{key}" for one in read.pop("sections") for key in one}
    (first, *_) = zip(*re.findall(r"^\| `(.+?)` \|()", section("A layout of your own"), re.MULTILINE), strict=True)
    assert {*first} == {*read, "files", "parts"} | sections
