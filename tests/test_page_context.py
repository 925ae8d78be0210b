"""Evidence from around a page: CODEOWNERS, git history, near-duplicate pages."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest  # noqa: TC002 - fixtures are annotated with it
from hypothesis import given
from hypothesis import strategies as st

from skillgen.duplicates import find_duplicates, sketch
from skillgen.history import read_history
from skillgen.model.corpus import SourceFile
from skillgen.owners import read_code_owners
from skillgen.parse import parse_markdown


def git(folder: Path, *arguments: str, day: str = "2025-01-01") -> None:
    identity = ["-c", "user.name=A", "-c", "user.email=a@team.example", "-c", "commit.gpgsign=false"]
    date = f"{day}T12:00:00+00:00"
    subprocess.run(
        ["git", *identity, *arguments],
        cwd=folder,
        check=True,
        capture_output=True,
        env={"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date, "PATH": "/usr/bin:/bin:/usr/local/bin"},
    )


def test_the_last_rule_that_fits_names_the_owner(tmp_path: Path) -> None:
    rules = "# owners\n* @acme/all\n/runbooks/ @acme/ops  # the operators\n*.md @acme/docs\n/runbooks/empty.md\n"
    (tmp_path / "CODEOWNERS").write_text(rules)
    owners = read_code_owners(tmp_path)
    assert owners.owner("runbooks/a.txt") == "@acme/ops"
    assert owners.owner("runbooks/a.md") == "@acme/docs"
    assert owners.owner("runbooks/empty.md") == ""
    assert owners.owner("other.txt") == "@acme/all"


def test_a_corpus_inside_a_repository_uses_the_repositorys_rules(tmp_path: Path) -> None:
    (tmp_path / ".github").mkdir()
    (tmp_path / ".github" / "CODEOWNERS").write_text("/docs/oncall/ @acme/oncall @acme/data\n")
    corpus = tmp_path / "docs"
    corpus.mkdir()
    owners = read_code_owners(corpus, tmp_path)
    assert owners.owner("oncall/rota.md") == "@acme/oncall @acme/data"
    assert owners.owner("rota.md") == ""


def test_without_a_file_nobody_is_named(tmp_path: Path) -> None:
    assert read_code_owners(tmp_path).owner("a.md") == ""


def test_git_tells_when_each_page_last_changed(tmp_path: Path) -> None:
    corpus = tmp_path / "docs"
    (corpus / "sub").mkdir(parents=True)
    git(tmp_path, "init", "-q")
    (corpus / "sub" / "ä b.md").write_text("one")
    (corpus / "c.md").write_text("one")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "one", day="2025-02-03")
    (corpus / "c.md").write_text("two")
    git(tmp_path, "commit", "-qam", "two", day="2025-04-05")
    history = read_history(corpus)
    assert history.repository is not None
    assert history.repository.resolve() == tmp_path.resolve()
    assert history.committed == {"c.md": "2025-04-05", "sub/ä b.md": "2025-02-03"}


def test_outside_a_repository_there_is_no_history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert read_history(tmp_path).committed == {}


def page_sketch(text: str) -> frozenset[int]:
    return sketch(parse_markdown(SourceFile(source="a.md", text=text, sha256="0"))[0])


def prose(seed: int, sentences: int = 30) -> str:
    return "# Page\n\n" + "\n\n".join(
        f"Step {seed}{i} moves crate {seed * 31 + i} to pier {i * 7 + seed} before the tide of day {i + seed} turns."
        for i in range(sentences)
    )


def test_a_copy_with_a_changed_paragraph_is_a_near_duplicate() -> None:
    text = prose(1)
    changed = text.replace("Step 15 moves", "Nobody ever carries")
    pages = {"a.md": page_sketch(text), "b.md": page_sketch(changed), "c.md": page_sketch(prose(2))}
    assert find_duplicates(pages) == {"a.md": ("b.md",), "b.md": ("a.md",)}


def test_short_pages_are_never_near_duplicates() -> None:
    pages = {"a.md": page_sketch("# A\n\nSee the wiki.\n"), "b.md": page_sketch("# A\n\nSee the wiki.\n")}
    assert find_duplicates(pages) == {}


@given(st.permutations(["a.md", "b.md", "c.md", "d.md"]))
def test_the_order_of_pages_changes_nothing(order: list[str]) -> None:
    text = {"a.md": prose(1), "b.md": prose(1) + "\n\nOne more line.\n", "c.md": prose(2), "d.md": prose(1)}
    pages = {source: page_sketch(text[source]) for source in order}
    assert find_duplicates(pages) == {
        "a.md": ("b.md", "d.md"),
        "b.md": ("a.md", "d.md"),
        "d.md": ("a.md", "b.md"),
    }
