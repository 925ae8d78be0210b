from __future__ import annotations

import errno
import os
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
import skills_ref
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from skillgen.errors import PackageError
from skillgen.validate import RuleIssue, raise_on_errors, validate_package

FRONT = """\
name: "pipelines"
description: "Runs and mends the release pipelines. Use when a deployment fails or a pipeline has to be set up."
license: "Apache-2.0"
compatibility: "Needs kubectl."
metadata:
  generator: "skillgen"
  version: "1.0"
"""
BODY = """
# Pipelines

Deploy with `kubectl apply -f x.yaml` only from main [S1].
See [the site](https://example.com/x#y) or [below](#rollback).

- Read [references/rollback.md](references/rollback.md#steps) when a release has to be taken back.
- Read [references/sources.md](references/sources.md) to look up a marker such as [S2].

## Rollback

Not `[links](no.md)` in code, not `[S9]` in code, not \\[S3\\] escaped, not `2024-01-01` in code.

```
[neither](here.md) [S8] 2024-01-01
```

Ask [the team](mailto:team@example.com).
"""
ROLLBACK = "# Rollback\n\nFirst stop the pipeline [S2], then read [the skill](../SKILL.md).\n"
SOURCES = "# Sources\n\n| Marker | Source |\n|---|---|\n| S1 | deploy.md |\n| S2 | rollback.md |\n"

Change = Callable[[Path], Path | None]


def make(parent: Path, front: str = FRONT, body: str = BODY, name: str = "pipelines") -> Path:
    folder = parent / name
    (folder / "references").mkdir(parents=True)
    write(folder, "SKILL.md", f"---\n{front}---\n{body}")
    write(folder, "references/rollback.md", ROLLBACK)
    write(folder, "references/sources.md", SOURCES)
    return folder


def write(folder: Path, file: str, text: str | bytes) -> None:
    (folder / file).parent.mkdir(parents=True, exist_ok=True)
    (folder / file).write_bytes(text if isinstance(text, bytes) else text.encode())


def front(old: str, new: str) -> Change:
    assert old in FRONT
    return lambda folder: write(folder, "SKILL.md", f"---\n{FRONT.replace(old, new)}---\n{BODY}")


def whole(text: str | bytes) -> Change:
    return lambda folder: write(folder, "SKILL.md", text)


def body(added: str) -> Change:
    return lambda folder: write(folder, "SKILL.md", f"---\n{FRONT}---\n{BODY}\n{added}\n")


def add(file: str, text: str | bytes = "x\n") -> Change:
    return lambda folder: write(folder, file, text)


def named(name: str, quoted: str | None = None) -> Change:
    """Rename both the folder and the skill."""

    def change(folder: Path) -> Path:
        front('"pipelines"', quoted or f'"{name}"')(folder)
        return folder.rename(folder.with_name(name))

    return change


def described(value: str) -> Change:
    start, end = FRONT.index("description: "), FRONT.index("license: ")
    return front(FRONT[start:end], f"description: {value}\n")


def changed(parent: Path, change: Change) -> Path:
    folder = make(parent)
    return change(folder) or folder


def both(first: Change, second: Change) -> Change:
    return lambda folder: second(first(folder) or folder)


def with_reference(file: str, added: str, text: str = "x\n") -> Change:
    return both(add(file, text), body(added))


def rename_to_lower_case(folder: Path) -> None:
    (folder / "SKILL.md").rename(folder / "skill.md")


def make_it_a_folder(folder: Path) -> None:
    (folder / "SKILL.md").unlink()
    (folder / "SKILL.md").mkdir()


def rules(issues: tuple[RuleIssue, ...], severity: str = "error") -> list[str]:
    return list(dict.fromkeys(issue.rule for issue in issues if issue.severity == severity))


def reference_reports_error(folder: Path) -> bool:
    """Whether the reference validator finds an error; it crashes on some packages, which is no approval."""
    try:
        return bool(skills_ref.validate(folder))
    except Exception:  # noqa: BLE001 - a crash of any type is no approval
        return True


def test_a_good_package_has_no_issue(tmp_path: Path) -> None:
    folder = make(tmp_path)
    assert validate_package(folder) == ()
    assert skills_ref.validate(folder) == []
    raise_on_errors((), folder)


def test_a_relative_folder_is_judged_by_its_own_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(make(tmp_path))
    assert validate_package(Path()) == ()


HARD: list[tuple[str, list[str], Change]] = [
    ("missing", ["H1"], lambda folder: (folder / "SKILL.md").unlink()),
    ("lower case", ["H1"], rename_to_lower_case),
    ("folder", ["H1"], make_it_a_folder),
    ("empty", ["H1"], whole("")),
    ("no front matter", ["H1"], whole("# Pipelines\n")),
    ("text before", ["H1"], whole(f"x\n---\n{FRONT}---\n{BODY}")),
    ("byte-order mark", ["H1"], whole(f"\ufeff---\n{FRONT}---\n{BODY}")),
    ("not UTF-8", ["H1"], whole(b"---\nname: \xff\n---\n")),
    ("not closed", ["H1"], whole(f"---\n{FRONT}")),
    ("four dashes", ["H1"], whole(f"----\n{FRONT}---\n")),
    ("empty front matter", ["H1"], whole(f"---\n---\n{BODY}")),
    ("a list", ["H1"], whole(f"---\n- a\n---\n{BODY}")),
    ("a scalar", ["H1"], whole(f"---\njust words\n---\n{BODY}")),
    ("fence in quotes", ["H2"], described('"Runs --- when asked."')),
    ("fence in plain text", ["H2", "H13"], described("Runs --- when asked.")),
    ("flow list", ["H2"], front('"Apache-2.0"', "[Apache-2.0]")),
    ("flow mapping", ["H2"], front('"Apache-2.0"', "{a: b}")),
    ("anchor", ["H2"], front('"Apache-2.0"', '&a "Apache-2.0"')),
    ("alias", ["H2"], front('"Apache-2.0"', "*a")),
    ("tag", ["H2"], front('"Apache-2.0"', '!!str "Apache-2.0"')),
    ("duplicate key", ["H2"], front("license:", "name:")),
    ("tab", ["H2"], front("  generator", "\tgenerator")),
    ("control character", ["H2"], front("Apache", "Ap\x00ache")),
    ("colon in plain text", ["H2"], described("Runs pipelines: use when asked.")),
    ("open quote", ["H2"], described('"Runs pipelines when asked.')),
    ("unknown key", ["H3"], front("license:", "user-invocable:")),
    ("no name", ["H4"], front('name: "pipelines"\n', "")),
    ("empty name", ["H4"], front('"pipelines"', '""')),
    ("blank name", ["H4", "H5"], front('"pipelines"', '"  "')),
    ("list as name", ["H4"], front(' "pipelines"', "\n  - a")),
    ("number as name", ["H4"], named("2024", "2024")),
    ("upper case", ["H4"], named("Pipelines")),
    ("underscore", ["H4"], named("pipe_lines")),
    ("leading hyphen", ["H4"], named("-pipelines")),
    ("trailing hyphen", ["H4"], named("pipelines-")),
    ("double hyphen", ["H4"], named("pipe--lines")),
    ("letters beyond ASCII", ["H4"], named("pipelinés")),
    ("65 characters", ["H4"], named("p" * 65)),
    ("space around", ["H4"], front('"pipelines"', '" pipelines "')),
    ("line feed in name", ["H4"], front('"pipelines"', '"pipelines\\n"')),
    ("other folder", ["H5"], front('"pipelines"', '"pipeline"')),
    ("reserved word", ["H6"], named("claude-pipelines")),
    ("other reserved word", ["H6"], named("my-anthropic")),
    ("XML tag", ["H4", "H5", "H6"], front('"pipelines"', '"<b>pipelines"')),
    ("no description", ["H7"], front(FRONT.splitlines(keepends=True)[1], "")),
    ("empty description", ["H7"], described('""')),
    ("blank description", ["H7"], described('"  "')),
    ("list as description", ["H7", "H13"], described("\n  - a")),
    ("1,025 characters", ["H7"], described(f'"{"when " * 205}"')),
    ("greater than", ["H8"], described('"Use when files are big (>200MB)."')),
    ("arrow", ["H8"], described('"Use when a -> b."')),
    ("less than", ["H8"], described("'Use when a < b.'")),
    ("501 characters", ["H9"], front("Needs kubectl.", "x" * 501)),
    ("empty compatibility", ["H9"], front('"Needs kubectl."', '""')),
    ("list as compatibility", ["H9"], front(' "Needs kubectl."', "\n  - kubectl")),
    ("number as compatibility", ["H9"], front('"Needs kubectl."', "1.2")),
    ("text as metadata", ["H10"], front('metadata:\n  generator: "skillgen"\n  version: "1.0"', 'metadata: "x"')),
    ("nested metadata", ["H10"], front('generator: "skillgen"', 'generator:\n    name: "skillgen"')),
    ("list in metadata", ["H10"], front('generator: "skillgen"', "generator:\n    - skillgen")),
    ("number in metadata", ["H10"], front('"1.0"', "1.0")),
    ("date in metadata", ["H10"], front('"1.0"', "2026-01-01")),
    ("list as tools", ["H11"], front('license: "Apache-2.0"', "allowed-tools:\n  - Read")),
    ("commas between tools", ["H11"], front('license: "Apache-2.0"', 'allowed-tools: "Read, Write"')),
    ("nothing as tools", ["H11"], front('license: "Apache-2.0"', "allowed-tools:")),
    ("nested", ["H12"], add("references/SKILL.md")),
    ("nested in lower case", ["H12"], add("assets/example/skill.md")),
    ("plain description", ["H13"], described("Runs pipelines. Use when asked.")),
    ("block scalar", ["H13"], described(">-\n  Runs pipelines. Use when asked.")),
    ("reference not UTF-8", ["H-read"], add("references/rollback.md", b"\xff")),
    ("link", ["H-link"], body("Read [a](references/a.md) when asked.")),
    ("link with anchor", ["H-link"], body("Read [a](references/a.md#b) when asked.")),
    ("link by name", ["H-link"], body("Read [a] when asked.\n\n[a]: references/a.md")),
    ("link over two lines", ["H-link"], body("Read [a\nb](references/a.md) when asked.")),
    ("link in a table", ["H-link"], body("| a | b |\n|---|---|\n| [a](a.md) | b |")),
    ("image", ["H-link"], body("![a](assets/a.png)")),
    ("link out of the package", ["H-link"], body("[a](../other/SKILL.md)")),
    ("link to nothing", ["H-link"], body("[a]()")),
    ("link in other case", ["H-link"], body("[a](references/Rollback.md)")),
    ("link in a reference", ["H-link"], add("references/rollback.md", "[a](references/sources.md)\n")),
    ("marker", ["H-marker"], body("Deploy on Mondays [S3].")),
    ("marker after a marker", ["H-marker"], body("Deploy on Mondays [S1][S30].")),
    ("marker as a link", ["H-marker"], body("Deploy [S3](references/sources.md#s3).")),
    ("marker in a reference", ["H-marker"], add("references/rollback.md", "Stop it [S12].\n")),
    ("no sources", ["H-link", "H-marker"], lambda folder: (folder / "references/sources.md").unlink()),
]


@pytest.mark.parametrize(("expected", "change"), [pytest.param(*case[1:], id=case[0]) for case in HARD])
def test_a_hard_rule_is_found_alone(tmp_path: Path, expected: list[str], change: Change) -> None:
    folder = changed(tmp_path, change)
    issues = validate_package(folder)
    assert [rule for rule in rules(issues) if rule != "H-link" or "H-link" in expected] == expected
    with pytest.raises(PackageError, match=expected[0]) as raised:
        raise_on_errors(issues, folder)
    assert raised.value.exit_code == 1


@pytest.mark.parametrize("change", [pytest.param(case[2], id=case[0]) for case in HARD])
def test_what_the_reference_validator_refuses_is_refused_here(tmp_path: Path, change: Change) -> None:
    folder = changed(tmp_path, change)
    assert not reference_reports_error(folder) or rules(validate_package(folder))


def test_the_reference_validator_refuses_enough_of_them_for_that_to_mean_something(tmp_path: Path) -> None:
    folders = [changed(tmp_path / str(number), change) for number, (_, _, change) in enumerate(HARD)]
    assert sum(map(reference_reports_error, folders)) > 30


ALLOWED: list[tuple[str, Change]] = [
    ("single quotes", described("'Runs pipelines. Use when it''s broken: ask.'")),
    ("quotes over two lines", described('"Runs pipelines.\n  Use when asked."')),
    ("accents", described('"Führt Abläufe aus, 流水线 🚀. Use when asked."')),
    ("1,024 characters in two bytes each", described(f'"{"é" * 380} when"')),
    ("comments", front("license:", "# a note\nlicense:")),
    ("plain words", front('"Apache-2.0"', "Apache-2.0")),
    ("tools", front('license: "Apache-2.0"', 'allowed-tools: "Read Bash(git:*) Bash(jq:a,b)"')),
    ("description in metadata", front("  generator: ", "  description: ")),
    ("Windows line ends", whole(f"---\n{FRONT}---\n{BODY}".replace("\n", "\r\n"))),
    ("spaces after the fences", whole(f"---  \n{FRONT}---\t\n{BODY}")),
    ("rule in the body", body("---\n\nMore.")),
    ("64 characters", named("p" * 64)),
    (
        "escaped blanks in a link",
        with_reference("assets/a b.md", "[a](assets/a%20b.md) [b](<assets/a b.md>)"),
    ),
    ("link to a folder", with_reference("scripts/a.sh", "Run [one of](scripts/) them.")),
    ("service named like a marker", body("Upload to [S3](https://aws.amazon.com/s3/).")),
    ("composed accents", both(add(unicodedata.normalize("NFD", "assets/é.md")), body("[a](assets/é.md)"))),
]


@pytest.mark.parametrize("change", [pytest.param(case[1], id=case[0]) for case in ALLOWED])
def test_what_the_format_allows_is_no_issue(tmp_path: Path, change: Change) -> None:
    folder = changed(tmp_path, change)
    assert validate_package(folder) == ()
    assert skills_ref.validate(folder) == []


def contents(heading: str) -> str:
    return f"# Long\n\n{heading}\n\n" + "A line.\n" * 100


LINKED = "Read [x](references/x.md) when asked."
SOFT: list[tuple[str, str, str, Change]] = [
    ("500 lines", "S-body-lines", "SKILL.md", body("a\n" * 500)),
    ("1,301 tokens", "S-body-tokens", "SKILL.md", body("word " * 1300)),
    ("5,001 tokens", "S-body-tokens", "SKILL.md", body("word " * 4100)),
    ("long description", "S-description-length", "SKILL.md", described(f'"{"when " * 100}"')),
    ("no when", "S-description-when", "SKILL.md", described('"Runs pipelines."')),
    ("when heading", "S-when-section", "SKILL.md", body("## When to use this skill")),
    ("underlined when heading", "S-when-section", "SKILL.md", body("When to Use\n---")),
    ("date", "S-expiring-date", "SKILL.md", body("Switched off on 2026-03-01.")),
    ("date with time", "S-expiring-date", "SKILL.md", body("Switched off at 2026-03-01T10:00Z.")),
    ("as of", "S-expiring-date", "SKILL.md", body("As of March, deploy daily.")),
    (
        "deep reference",
        "S-reference-depth",
        "references/a/x.md",
        with_reference("references/a/x.md", "Read [x](references/a/x.md) when asked."),
    ),
    ("unlinked", "S-unlinked-reference", "references/x.md", add("references/x.md")),
    (
        "linked in code only",
        "S-unlinked-reference",
        "references/x.md",
        with_reference("references/x.md", f"`{LINKED}`"),
    ),
    (
        "no when to read",
        "S-no-when",
        "SKILL.md",
        with_reference("references/x.md", "[When to read x](references/x.md)"),
    ),
    (
        "no contents",
        "S-toc",
        "references/x.md",
        with_reference("references/x.md", LINKED, contents("## More")),
    ),
    ("absolute link", "S-absolute-link", "SKILL.md", body("[x](/etc/hosts)")),
    ("drive", "S-absolute-link", "SKILL.md", body("[x](C:/x.md)")),
    ("other folder", "S-folders", "docs", add("docs/x.md")),
    ("process file", "S-process-file", "decisions.json", add("decisions.json")),
    ("process folder", "S-process-file", "evals", add("evals/evals.json")),
    ("process file in a folder", "S-process-file", "references/.DS_Store", add("references/.DS_Store")),
    ("bytecode", "S-process-file", "scripts/__pycache__", add("scripts/__pycache__/x.pyc")),
]


@pytest.mark.parametrize(("rule", "file", "change"), [pytest.param(*case[1:], id=case[0]) for case in SOFT])
def test_a_soft_rule_is_a_warning_found_alone(tmp_path: Path, rule: str, file: str, change: Change) -> None:
    folder = changed(tmp_path, change)
    issues = validate_package(folder)
    assert [(issue.rule, issue.severity, issue.file) for issue in issues] == [(rule, "warning", file)]
    raise_on_errors(issues, folder)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(with_reference("references/x.md", LINKED, contents("## Contents")), id="contents"),
        pytest.param(add("references/sources.md", SOURCES + "| S3 | x |\n" * 200), id="sources"),
        pytest.param(
            with_reference("references/x.md", "| Read | If |\n|---|---|\n| [x](references/x.md) | if it broke |"),
            id="table",
        ),
        pytest.param(with_reference("references/x.md", f"[x](./references/x.md)\n\n{LINKED}"), id="told once"),
        pytest.param(add("LICENSE.txt"), id="licence"),
    ],
)
def test_what_keeps_the_soft_rules_is_no_issue(tmp_path: Path, change: Change) -> None:
    assert validate_package(changed(tmp_path, change)) == ()


def test_a_backslash_in_a_link_is_told_beside_the_missing_file(tmp_path: Path) -> None:
    issues = validate_package(changed(tmp_path, body(r"[x](references\rollback.md)")))
    assert [issue.rule for issue in issues] == ["H-link", "S-forward-slash"]


def test_errors_come_first_and_the_order_is_stable(tmp_path: Path) -> None:
    folder = changed(tmp_path, described("x: [y](#) 1 --- <"))
    write(folder, "docs/SKILL.md", "x")
    body("[b](b.md) [a](a.md) [S7] as of now")(folder)
    issues = validate_package(folder)
    assert [issue.rule for issue in issues] == ["H12", "H-link", "H-link", "H-marker", "S-expiring-date", "S-folders"]
    assert [issue.message.split("'")[1] for issue in issues if issue.rule == "H-link"] == ["b.md", "a.md"]
    assert validate_package(folder) == issues


def test_a_message_names_the_line_of_the_file(tmp_path: Path) -> None:
    folder = changed(tmp_path, body("Read [a](a.md)."))
    lines = (folder / "SKILL.md").read_text(encoding="utf-8").splitlines()
    (issue,) = validate_package(folder)
    assert issue.message.startswith(f"Line {lines.index('Read [a](a.md).') + 1}: ")


def test_the_error_lists_hard_rules_only(tmp_path: Path) -> None:
    folder = changed(tmp_path, body("[a](a.md) as of now"))
    with pytest.raises(PackageError) as raised:
        raise_on_errors(validate_package(folder), folder)
    assert "H-link SKILL.md: Line" in raised.value.message
    assert "S-expiring-date" not in raised.value.message
    assert raised.value.hint


@pytest.mark.parametrize("place", ["nowhere", "file"])
def test_no_folder_is_an_issue(tmp_path: Path, place: str) -> None:
    write(tmp_path, "file", "x")
    assert "H1" in rules(validate_package(tmp_path / place))


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser can read everything")
@pytest.mark.parametrize("place", ["SKILL.md", "references", "references/rollback.md"])
def test_what_cannot_be_opened_is_an_issue(tmp_path: Path, place: str) -> None:
    folder = make(tmp_path)
    mode = (folder / place).stat().st_mode
    (folder / place).chmod(0)
    try:
        assert {"H1", "H-read"} & {*rules(validate_package(folder))}
    finally:
        (folder / place).chmod(mode)


def test_an_error_of_the_disk_is_an_issue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(path: Path, encoding: str) -> str:
        raise OSError(errno.EIO, "Input/output error", path)

    folder = make(tmp_path)
    monkeypatch.setattr(Path, "read_text", fail)
    issues = validate_package(folder)
    assert [(issue.rule, issue.file) for issue in issues if issue.severity == "error"] == [
        ("H1", "SKILL.md"),
        ("H-read", "references/rollback.md"),
        ("H-read", "references/sources.md"),
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps such names")
def test_a_name_that_is_no_unicode_can_be_printed(tmp_path: Path) -> None:
    folder = make(tmp_path)
    (folder / os.fsdecode(b"x\xff")).mkdir()
    (issue,) = validate_package(folder)
    assert issue.file.encode()


def test_a_broken_or_circular_link_of_the_file_system_is_no_file(tmp_path: Path) -> None:
    folder = changed(tmp_path, body("[x](assets/x.md)"))
    (folder / "assets").mkdir()
    (folder / "assets/x.md").symlink_to("x.md")
    assert rules(validate_package(folder)) == ["H-link"]


def test_importing_the_module_loads_no_yaml_and_no_markdown() -> None:
    code = "import sys, skillgen.validate; print({'strictyaml', 'yaml', 'markdown_it'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


YAML_WORDS = """name description metadata 1 null --- -- : [ ] { } &a *a !t ? " ' | > # , <<: é"""
YAML_SPACES = ("\\", ": ", "- ", "\n", "\n  ", "\t", "\x00", "\u2028", "%YAML 1.2\n")
YAML_PIECES = st.sampled_from([*YAML_WORDS.split(), *YAML_SPACES])


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary() | st.lists(YAML_PIECES).map(lambda parts: f"---\n{''.join(parts)}\n---\nx".encode()))
@example(content=b"---\n" + b"- " * 2000 + b"\n---\n")
@example(content=b"---\na: b\n---\n" + b"[" * 2000 + b"> " * 2000)
@example(content="---\n#? *a\t%YAML 1.2\n? - \ud7ff\n---\n".encode())
@example(content=b"---\n ? - - name? \"': null-&a\n---\n")
@example(content="---\né:  \n # c\n:\n#~\n---\n".encode())
def test_no_bytes_make_it_raise_and_the_reference_never_refuses_more(tmp_path: Path, content: bytes) -> None:
    folder = tmp_path / "pipelines"
    write(folder, "SKILL.md", content)
    issues = validate_package(folder)
    assert all(issue.message for issue in issues)
    assert not reference_reports_error(folder) or rules(issues)
