"""What the first stage of ingest reads, what it leaves out and what it says about it."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import socket
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skillgen import source as source_module
from skillgen.errors import CorpusError, SettingsError
from skillgen.model.corpus import Corpus, Finding, SourceFile
from skillgen.source import Scan, SourceEntry, corpus_digest, read_source, resolve_corpora, scan

LIMIT = 10_000


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An empty corpus folder with room for things beside it."""
    folder = tmp_path / "wiki"
    folder.mkdir()
    return folder


def put(root: Path, path: str, content: bytes = b"# Page\n") -> Path:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return file


def scan_folder(
    root: Path,
    *,
    include: Sequence[str] = (".md", ".markdown"),
    exclude: Sequence[str] = (),
    max_bytes: int = LIMIT,
    url: str | None = None,
) -> Scan:
    corpus = Corpus(name=root.name, root=root, url=url)
    return scan([corpus], include=include, exclude=exclude, max_bytes=max_bytes)


def sources(result: Scan) -> list[str]:
    return [entry.source for entry in result.entries]


def kinds(result: Scan) -> list[tuple[str, str]]:
    return [(finding.kind, finding.source) for finding in result.findings]


def only_finding(result: Scan) -> Finding:
    assert len(result.findings) == 1, result.findings
    return result.findings[0]


def read_bytes(root: Path, content: bytes, *, max_bytes: int = LIMIT) -> SourceFile | Finding:
    """Write the bytes to a page, list it and read it."""
    put(root, "page.md", content)
    (entry,) = scan_folder(root).entries
    return read_source(entry, max_bytes=max_bytes)


def finding_of(root: Path, content: bytes, *, max_bytes: int = LIMIT) -> Finding:
    result = read_bytes(root, content, max_bytes=max_bytes)
    assert isinstance(result, Finding)
    return result


def file_of(root: Path, content: bytes) -> SourceFile:
    result = read_bytes(root, content)
    assert isinstance(result, SourceFile), result
    return result


# Folders


def test_a_corpus_is_named_after_its_folder(root: Path) -> None:
    assert resolve_corpora([root]) == (Corpus(name="wiki", root=root),)


@pytest.mark.parametrize("written", [".", "./", "../wiki", "sub/.."])
def test_a_relative_folder_has_the_real_name_and_root(
    root: Path, monkeypatch: pytest.MonkeyPatch, written: str
) -> None:
    (root / "sub").mkdir()
    monkeypatch.chdir(root)
    assert resolve_corpora([Path(written)]) == (Corpus(name="wiki", root=root),)


def test_a_linked_corpus_folder_keeps_the_name_the_user_wrote(root: Path) -> None:
    link = root.parent / "handbook"
    link.symlink_to(root)
    assert resolve_corpora([link]) == (Corpus(name="handbook", root=root),)


def test_a_missing_folder_is_named_with_the_next_step(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="nowhere does not exist") as caught:
        resolve_corpora([tmp_path / "nowhere"])
    assert "--corpus" in str(caught.value.hint)


def test_a_file_is_no_corpus(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"page\.md is a file, not a folder"):
        resolve_corpora([put(tmp_path, "page.md")])


@pytest.mark.parametrize("name", ["circle", "nul\0byte", "page.md/inside"])
def test_a_folder_that_cannot_be_opened_is_an_error_of_ours(tmp_path: Path, name: str) -> None:
    put(tmp_path, "page.md")
    (tmp_path / "circle").symlink_to("circle")
    with pytest.raises(CorpusError, match=r"cannot be opened \(") as caught:
        resolve_corpora([tmp_path / name])
    assert "\0" not in caught.value.message


def test_no_folder_at_all_is_an_error() -> None:
    with pytest.raises(CorpusError, match="No corpus folder"):
        resolve_corpora([])


def test_the_root_of_the_file_system_is_no_corpus() -> None:
    with pytest.raises(CorpusError, match="no name"):
        resolve_corpora([Path("/")])


def test_a_folder_with_an_odd_name_is_no_corpus(tmp_path: Path) -> None:
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))
    folder.mkdir()
    with pytest.raises(CorpusError, match=r"caf\\xe9 is not valid UTF-8"):
        resolve_corpora([folder])


def test_the_same_folder_twice_is_an_error_by_whatever_path(root: Path) -> None:
    link = root.parent / "handbook"
    link.symlink_to(root)
    with pytest.raises(CorpusError, match="given twice"):
        resolve_corpora([root, link])


def test_two_folders_with_one_name_are_an_error(tmp_path: Path) -> None:
    folders = [tmp_path / "a" / "docs", tmp_path / "b" / "docs"]
    for folder in folders:
        folder.mkdir(parents=True)
    with pytest.raises(CorpusError, match="2 corpus folders are named docs") as caught:
        resolve_corpora(folders)
    assert "Rename" in str(caught.value.hint)
    assert "parent" in str(caught.value.hint)


@pytest.mark.parametrize("turned", [False, True])
def test_a_folder_inside_another_is_an_error(root: Path, *, turned: bool) -> None:
    (root / "sub").mkdir()
    folders = [root / "sub", root] if turned else [root, root / "sub"]
    with pytest.raises(CorpusError, match=r"wiki/sub stands inside the corpus folder .*wiki"):
        resolve_corpora(folders)


def test_folders_beside_each_other_with_a_common_beginning_are_two_corpora(tmp_path: Path) -> None:
    folders = [tmp_path / "wiki-old", tmp_path / "wiki"]
    for folder in folders:
        folder.mkdir()
    assert [corpus.name for corpus in resolve_corpora(folders)] == ["wiki-old", "wiki"]


def test_a_corpus_gets_its_address(root: Path) -> None:
    (corpus,) = resolve_corpora([root], {"wiki": "https://wiki.example/{path}"})
    assert corpus.url == "https://wiki.example/{path}"


def test_an_address_without_a_place_for_the_path_is_an_error(root: Path) -> None:
    with pytest.raises(SettingsError, match=r"corpus wiki lacks \{path\}"):
        resolve_corpora([root], {"wiki": "https://wiki.example/"})


def test_an_address_of_an_unknown_corpus_is_an_error(root: Path) -> None:
    with pytest.raises(SettingsError, match="named wikki") as caught:
        resolve_corpora([root], {"wikki": "https://wiki.example/{path}"})
    assert "wiki" in str(caught.value.hint)


# Scan


def test_pages_are_listed_in_code_point_order_with_their_size(root: Path) -> None:
    names = ["b.md", "B.md", "a/z.md", "a.md", "ä.md", "a-b.md", "deep/er/still/page.markdown", "LOUD.MD"]
    for name in names:
        put(root, name, b"12345")
    result = scan_folder(root)
    assert sources(result) == sorted(names)
    assert {entry.size for entry in result.entries} == {5}
    assert result.entries[0] == SourceEntry(source="B.md", path=root / "B.md", size=5, url=None)
    assert result.findings == ()


def test_the_order_in_which_the_system_lists_a_folder_changes_nothing(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("x.md", "y/x.md", "y/a.md", "one.png", "two.png", "k/.git/x", "z/.git/x"):
        put(root, name)
    expected = scan_folder(root)
    listing = _Walked(shuffled=True)
    monkeypatch.setattr(os, "scandir", listing)
    assert all(scan_folder(root) == expected for _ in range(10))
    assert listing.calls > 10


def test_names_in_any_script_and_with_spaces_are_pages_with_quoted_addresses(root: Path) -> None:
    names = ["Störung 1.md", "手順/再起動.md", "инструкция.md", "إعادة.md", "100% & more?.md", "🚒.md"]
    for name in names:
        put(root, name)
    result = scan_folder(root, url="https://wiki.example/{path}?v=1")
    assert sources(result) == sorted(names)
    urls = {entry.source: entry.url for entry in result.entries}
    assert urls["Störung 1.md"] == "https://wiki.example/St%C3%B6rung%201.md?v=1"
    assert urls["100% & more?.md"] == "https://wiki.example/100%25%20%26%20more%3F.md?v=1"
    assert str(urls["手順/再起動.md"]).count("/") == 4


def test_with_two_corpora_a_source_begins_with_the_name_and_the_address_does_not(tmp_path: Path) -> None:
    put(tmp_path, "ops/page.md")
    put(tmp_path, "dev/page.md")
    put(tmp_path, "dev/drafts/page.md")
    corpora = resolve_corpora([tmp_path / "ops", tmp_path / "dev"], {"dev": "https://dev.example/{path}"})
    result = scan(corpora, include=[".md"], exclude=["drafts/*"], max_bytes=LIMIT)
    assert [(entry.source, entry.url) for entry in result.entries] == [
        ("dev/page.md", "https://dev.example/page.md"),
        ("ops/page.md", None),
    ]
    assert kinds(result) == [("excluded", "dev/drafts/page.md")]


def test_no_corpora_give_an_empty_scan() -> None:
    assert scan([], include=[".md"], exclude=[], max_bytes=LIMIT) == Scan(entries=(), findings=())


def test_files_of_other_formats_give_one_finding_for_each_suffix(root: Path) -> None:
    for name in ("page.md", "z.png", "img/a.PNG", "img/b.png", "Makefile", ".md", "dot."):
        put(root, name)
    result = scan_folder(root)
    assert sources(result) == ["page.md"]
    assert kinds(result) == [("other-format", ".md"), ("other-format", "img/a.PNG")]
    assert [finding.severity for finding in result.findings] == ["info", "info"]
    assert "3 files without a suffix" in result.findings[0].message
    assert "3 files ending in .png: img/a.PNG, img/b.png, z.png. " in result.findings[1].message


def test_of_many_files_that_are_left_out_three_are_named(root: Path) -> None:
    for name in ("e.png", "b.png", "d.png", "a.png", "c.png"):
        put(root, name)
    assert "5 files ending in .png: a.png, b.png, c.png and 2 more. " in only_finding(scan_folder(root)).message


def test_excluded_files_give_one_finding_for_each_pattern(root: Path) -> None:
    for name in ("page.md", "drafts/a.md", "drafts/deep/b.md", "drafts/c.png", "old.md", "Old.md"):
        put(root, name)
    result = scan_folder(root, exclude=["drafts/*", "old.md", "*.md.bak"])
    assert sources(result) == ["Old.md", "page.md"]
    assert kinds(result) == [("excluded", "drafts/a.md"), ("excluded", "old.md")]
    assert "3 files excluded by the pattern drafts/*: drafts/a.md, " in result.findings[0].message
    assert "1 file excluded" in result.findings[1].message
    assert {finding.severity for finding in result.findings} == {"info"}


@pytest.mark.parametrize("name", sorted(source_module.TOOL_FOLDERS))
def test_tool_folders_are_skipped_at_any_depth_and_said_so(root: Path, name: str) -> None:
    put(root, f"{name}/page.md")
    put(root, f"sub/{name}/deep/page.md")
    result = scan_folder(root)
    assert result.entries == ()
    finding = only_finding(result)
    assert (finding.kind, finding.severity) == ("skipped-folder", "info")
    assert f"2 tool folders named {name}: {name}, sub/{name}." in finding.message


@pytest.mark.parametrize("marker", sorted(source_module.MARKERS))
def test_a_marked_folder_is_skipped(root: Path, marker: str) -> None:
    put(root, f"cache/{marker}")
    put(root, "cache/page.md")
    put(root, "cache/deep/page.md")
    put(root, "page.md")
    result = scan_folder(root)
    assert sources(result) == ["page.md"]
    assert kinds(result) == [("skipped-folder", "cache")]
    assert f"1 tool folder marked by {marker}" in only_finding(result).message


def test_a_corpus_that_the_user_named_is_read_although_it_is_marked(root: Path) -> None:
    put(root, "CACHEDIR.TAG")
    put(root, "page.md")
    assert sources(scan_folder(root)) == ["page.md"]


OUR_SKILL = b'---\nname: "runs"\ndescription: "Use when."\nmetadata:\n  generator: "skillgen 0.1.0"\n---\n\n# Runs\n'


def test_a_package_that_skillgen_wrote_is_never_a_source(root: Path) -> None:
    for folder in ("skills/runs", "skills/nights"):
        put(root, f"{folder}/SKILL.md", OUR_SKILL)
        put(root, f"{folder}/references/sources.md")
    put(root, "skills/notes.md")
    result = scan_folder(root)
    assert sources(result) == ["skills/notes.md"]
    finding = only_finding(result)
    assert (finding.kind, finding.severity, finding.source) == ("generated-package", "info", "skills/nights")
    assert "2 packages that skillgen wrote: skills/nights, skills/runs." in finding.message


def test_a_link_into_a_generated_package_is_not_followed(root: Path) -> None:
    put(root, "runs/SKILL.md", OUR_SKILL)
    put(root, "runs/references/night.md")
    (root / "night.md").symlink_to("runs/references/night.md")
    result = scan_folder(root)
    assert result.entries == ()
    assert kinds(result) == [("outside-link", "night.md"), ("generated-package", "runs")]
    assert "a link into a package that skillgen wrote" in result.findings[0].message


@pytest.mark.parametrize(
    "content",
    [
        b'---\nname: "runs"\nmetadata:\n  generator: "somebody 1"\n---\n',
        b'---\nname: "runs"\nmetadata:\n  generator: "skillgen-like 1"\n---\n',
        b'# Runs\n\n---\nmetadata:\n  generator: "skillgen 0.1.0"\n---\n',
        b'---\nname: "runs"\n---\n  generator: "skillgen 0.1.0"\n',
        b'---\nname: "runs"\ndescription: "  generator: skillgen"\n---\n',
        b"",
    ],
)
def test_a_skill_that_somebody_else_wrote_is_a_source(root: Path, content: bytes) -> None:
    put(root, "runs/SKILL.md", content)
    put(root, "runs/references/night.md")
    assert sources(scan_folder(root)) == ["runs/SKILL.md", "runs/references/night.md"]


@pytest.mark.parametrize(
    "content",
    [
        OUR_SKILL.replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + OUR_SKILL,
        OUR_SKILL.replace(b'"skillgen 0.1.0"', b"skillgen 0.2"),
    ],
)
def test_a_generated_package_is_known_however_it_was_saved_again(root: Path, content: bytes) -> None:
    put(root, "runs/SKILL.md", content)
    assert sources(scan_folder(root)) == []


def test_what_only_looks_like_a_skill_file_is_never_opened(root: Path) -> None:
    put(root, "a/page.md")
    put(root, "b/SKILL.md/page.md", OUR_SKILL)
    put(root.parent, "SKILL.md", OUR_SKILL)
    os.mkfifo(root / "a" / "SKILL.md")
    (root / "c").mkdir()
    (root / "c" / "SKILL.md").symlink_to("../../SKILL.md")
    put(root, "c/page.md")
    assert sources(scan_folder(root)) == ["a/page.md", "b/SKILL.md/page.md", "c/page.md"]


def test_a_corpus_that_the_user_named_is_read_although_skillgen_wrote_it(root: Path) -> None:
    put(root, "SKILL.md", OUR_SKILL)
    assert sources(scan_folder(root)) == ["SKILL.md"]


def test_a_folder_named_like_a_marker_marks_nothing(root: Path) -> None:
    put(root, "sub/CACHEDIR.TAG/page.md")
    assert sources(scan_folder(root)) == ["sub/CACHEDIR.TAG/page.md"]


def test_hidden_folders_and_files_are_read(root: Path) -> None:
    put(root, ".github/CONTRIBUTING.md")
    put(root, ".hidden.md")
    assert sources(scan_folder(root)) == [".github/CONTRIBUTING.md", ".hidden.md"]


def test_a_huge_file_is_a_finding_and_no_entry(root: Path) -> None:
    put(root, "fits.md", b"x" * 10)
    put(root, "huge.md", b"x" * 1234)
    result = scan_folder(root, max_bytes=10)
    assert sources(result) == ["fits.md"]
    finding = only_finding(result)
    assert (finding.kind, finding.source) == ("huge", "huge.md")
    assert "1,234 bytes" in finding.message
    assert "ingest.max_bytes is 10" in finding.message


def test_a_link_to_a_file_of_the_corpus_is_a_page_of_its_own(root: Path) -> None:
    put(root, "sub/page.md", b"text")
    (root / "short.md").symlink_to("sub/page.md")
    result = scan_folder(root)
    assert sources(result) == ["short.md", "sub/page.md"]
    assert result.findings == ()
    read = read_source(result.entries[0], max_bytes=LIMIT)
    assert isinstance(read, SourceFile)
    assert (read.source, read.text) == ("short.md", "text")


def test_a_link_out_of_the_corpus_is_not_read(root: Path) -> None:
    put(root.parent, "secret.md")
    put(root.parent, "wiki-private/page.md")
    (root / "a.md").symlink_to("../secret.md")
    (root / "b.md").symlink_to(root.parent / "wiki-private" / "page.md")
    (root / "c").symlink_to(root.parent)
    (root / "d.md").symlink_to("a.md")
    result = scan_folder(root)
    assert result.entries == ()
    assert kinds(result) == [("outside-link", name) for name in ("a.md", "b.md", "c", "d.md")]
    assert str(root.parent) not in result.findings[0].message


def test_a_link_through_the_outside_back_into_the_corpus_is_a_page(root: Path) -> None:
    put(root, "page.md")
    (root.parent / "way").symlink_to(root)
    (root / "back.md").symlink_to("../way/page.md")
    assert sources(scan_folder(root)) == ["back.md", "page.md"]


def test_a_broken_link_and_a_circle_of_links_are_findings(root: Path) -> None:
    put(root, "page.md")
    (root / "broken.md").symlink_to("gone.md")
    (root / "circle.md").symlink_to("elcric.md")
    (root / "elcric.md").symlink_to("circle.md")
    (root / "through.md").symlink_to("page.md/inside.md")
    result = scan_folder(root)
    assert sources(result) == ["page.md"]
    expected = ["broken.md", "circle.md", "elcric.md", "through.md"]
    assert kinds(result) == [("broken-link", name) for name in expected]


def test_linked_folders_are_never_followed(root: Path) -> None:
    put(root, "v2/page.md")
    (root / "latest").symlink_to("v2")
    (root / "v2" / "loop").symlink_to("..")
    result = scan_folder(root)
    assert sources(result) == ["v2/page.md"]
    assert kinds(result) == [("linked-folder", "latest"), ("linked-folder", "v2/loop")]
    assert {finding.severity for finding in result.findings} == {"info"}


def test_a_link_evades_no_rule_by_another_name(root: Path) -> None:
    put(root, "drafts/plan.md")
    put(root, ".git/notes.md")
    put(root, "cache/CACHEDIR.TAG")
    put(root, "cache/page.md")
    os.mkfifo(root / "pipe")
    (root / "a.md").symlink_to("drafts/plan.md")
    (root / "b.md").symlink_to(".git/notes.md")
    (root / "c.md").symlink_to("cache/page.md")
    (root / "d.md").symlink_to("pipe")
    result = scan_folder(root, exclude=["drafts/*"])
    assert result.entries == ()
    assert [pair for pair in kinds(result) if pair[1].endswith(".md")] == [
        ("excluded", "a.md"),
        ("outside-link", "b.md"),
        ("outside-link", "c.md"),
        ("special-file", "d.md"),
    ]


def test_special_files_are_findings_and_never_opened(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(root / "pipe.md")
    monkeypatch.chdir(root)  # the path of a socket may have 107 bytes only
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket.md")
    result = scan_folder(root)
    assert result.entries == ()
    assert kinds(result) == [("special-file", "pipe.md"), ("special-file", "socket.md")]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (b"caf\xe9.md", r"caf\xe9.md"),
        (b"two\nlines.md", r"two\nlines.md"),
        ("line\u2028end.md".encode(), r"line\u2028end.md"),
        (b"esc\x1b[31m.md", r"esc\x1b[31m.md"),
    ],
)
def test_a_file_with_an_odd_name_is_a_finding_that_can_be_shown(root: Path, name: bytes, shown: str) -> None:
    Path(os.fsdecode(os.fsencode(root) + b"/" + name)).write_text("text", encoding="utf-8")
    result = scan_folder(root)
    assert result.entries == ()
    finding = only_finding(result)
    assert (finding.kind, finding.source) == ("odd-name", shown)
    assert finding.message.encode("utf-8").decode().isprintable()


def test_a_folder_with_an_odd_name_is_one_finding(root: Path) -> None:
    folder = Path(os.fsdecode(os.fsencode(root) + b"/caf\xe9"))
    put(folder, "one.md")
    put(folder, "two.md")
    assert kinds(scan_folder(root)) == [("odd-name", r"caf\xe9")]
    assert kinds(scan_folder(root, exclude=["caf*"])) == [("excluded", r"caf\xe9")]


def test_odd_names_of_other_formats_are_counted_and_can_be_shown(root: Path) -> None:
    Path(os.fsdecode(os.fsencode(root) + b"/a.m\xe9")).write_bytes(b"x")
    finding = only_finding(scan_folder(root))
    assert (finding.kind, finding.source) == ("other-format", r"a.m\xe9")
    assert finding.message.isprintable()


class _Walked:
    """Stands in for os.scandir: may shuffle, fail for one folder, or act between the listing and what follows."""

    def __init__(
        self, *, shuffled: bool = False, failing: str = "", then: Callable[[str], object] = lambda _: None
    ) -> None:
        self.shuffled = shuffled
        self.failing = failing
        self.then = then
        self.calls = 0
        self.real = os.scandir

    def __call__(self, folder: Path) -> _Listing:
        self.calls += 1
        if Path(folder).name == self.failing:
            raise PermissionError(13, "Permission denied", str(folder))
        with self.real(folder) as listing:
            items = list(listing)
        if self.shuffled:
            random.shuffle(items)
        self.then(Path(folder).name)
        return _Listing(items)


class _Listing(list["os.DirEntry[str]"]):
    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass


def test_an_unreadable_folder_is_a_finding_and_the_rest_is_read(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(root, "locked/page.md")
    put(root, "page.md")
    monkeypatch.setattr(os, "scandir", _Walked(failing="locked"))
    result = scan_folder(root)
    assert sources(result) == ["page.md"]
    finding = only_finding(result)
    assert (finding.kind, finding.source, finding.severity) == ("unreadable", "locked", "warning")
    assert "Permission denied" in finding.message
    assert kinds(scan_folder(root, exclude=["locked/*"])) == [("excluded", "locked")]


def test_an_unreadable_corpus_is_an_error_among_the_findings(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "scandir", _Walked(failing="wiki"))
    finding = only_finding(scan_folder(root, exclude=["*"]))
    assert (finding.kind, finding.source, finding.severity) == ("unreadable", "wiki", "error")


def test_a_corpus_that_vanishes_before_the_scan_is_a_finding(root: Path) -> None:
    corpora = resolve_corpora([root])
    root.rmdir()
    result = scan(corpora, include=[".md"], exclude=[], max_bytes=LIMIT)
    assert kinds(result) == [("vanished", "wiki")]


def test_what_vanishes_during_the_scan_is_a_finding(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = put(root, "gone.md")
    put(root, "sub/page.md")
    put(root, "stays.md")

    def remove(folder: str) -> None:
        if folder == "wiki":
            gone.unlink()

    monkeypatch.setattr(os, "scandir", _Walked(then=remove))
    result = scan_folder(root)
    assert sources(result) == ["stays.md", "sub/page.md"]
    assert kinds(result) == [("vanished", "gone.md")]


def test_a_link_whose_target_may_not_be_looked_at_is_a_finding(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(root, "page.md")
    (root / "link.md").symlink_to("page.md")
    real = os.path.realpath

    def refuse(path: Path, *, strict: bool = False) -> str:
        if Path(path).name == "link.md":
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, strict=strict)

    monkeypatch.setattr(os.path, "realpath", refuse)
    result = scan_folder(root)
    assert sources(result) == ["page.md"]
    assert kinds(result) == [("unreadable", "link.md")]


def test_a_path_longer_than_the_system_allows_is_a_finding(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(root, "page.md")
    monkeypatch.chdir(root)
    for _ in range(25):
        Path("d" * 200).mkdir()
        os.chdir("d" * 200)
    result = scan_folder(root)
    assert sources(result) == ["page.md"]
    assert only_finding(result).kind == "unreadable"
    assert "too long" in only_finding(result).message


# Reading


@pytest.mark.parametrize(
    "text",
    [
        "# Title\n\ntext\n",
        "one\r\ntwo\rthree\n",
        "\ufeff# Title after a byte-order mark\n",
        "no line end",
        "日本語, Ωmega, 🚒\u2028\n",
        "form feed \f and vertical tab \v\n",
    ],
)
def test_text_is_kept_to_the_character(root: Path, text: str) -> None:
    content = text.encode()
    assert file_of(root, content) == SourceFile(
        source="page.md", text=text, sha256=hashlib.sha256(content).hexdigest(), url=None
    )


def test_the_address_goes_into_the_file(root: Path) -> None:
    put(root, "a b.md")
    (entry,) = scan_folder(root, url="https://wiki.example/{path}").entries
    read = read_source(entry, max_bytes=LIMIT)
    assert isinstance(read, SourceFile)
    assert read.url == "https://wiki.example/a%20b.md"


@pytest.mark.parametrize("content", [b"", b" \n\t\r\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf \n", "\u3000\u00a0".encode()])
def test_a_file_without_text_is_empty(root: Path, content: bytes) -> None:
    assert finding_of(root, content).kind == "empty"


def test_a_few_zero_bytes_are_text_and_many_are_binary(root: Path) -> None:
    assert file_of(root, b"x" * 99 + b"\0").text == "x" * 99 + "\0"
    assert finding_of(root, b"x" * 98 + b"\0\0").kind == "binary"


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "Grüße".encode("utf-16-le"), b"\0"])
def test_bytes_with_zeros_that_are_no_utf8_are_binary(root: Path, content: bytes) -> None:
    finding = finding_of(root, content)
    assert finding.kind == "binary"
    assert "page.md" in finding.message
    assert "ingest.exclude" in finding.message


def test_latin_1_is_located_and_guessed(root: Path) -> None:
    finding = finding_of(root, "# Title\r\n\rDrücken\n".encode("latin-1"))
    assert (finding.kind, finding.source, finding.line) == ("wrong-encoding", "page.md", 3)
    assert "offset 12 (line 3)" in finding.message
    assert "looks like CP1252" in finding.message
    assert "iconv -f CP1252 -t UTF-8 page.md" in finding.message


@pytest.mark.parametrize(("encoding", "guess"), [("utf-16", "UTF-16"), ("utf-32", "UTF-32"), ("utf-16-be", "UTF-16")])
def test_a_byte_order_mark_tells_the_encoding(root: Path, encoding: str, guess: str) -> None:
    text = "\ufeffGrüße\n" if encoding.endswith("be") else "Grüße\n"
    finding = finding_of(root, text.encode(encoding))
    assert (finding.kind, finding.line) == ("wrong-encoding", 1)
    assert f"looks like {guess}." in finding.message


@pytest.mark.parametrize("content", [b"text \x81\x8d\n", "# Заметка\n".encode("koi8-r"), "再起動".encode("big5")])
def test_no_encoding_is_guessed_where_there_is_no_sign_of_one(root: Path, content: bytes) -> None:
    finding = finding_of(root, content)
    assert finding.kind == "wrong-encoding"
    assert "looks like" not in finding.message
    assert "iconv -f ENCODING" in finding.message


def test_one_bad_byte_among_good_utf8_is_to_be_mended_by_hand(root: Path) -> None:
    finding = finding_of(root, "Grüße für dich\n".encode() + b"na\xefve\n")
    assert (finding.kind, finding.line) == ("wrong-encoding", 2)
    assert "by hand" in finding.message
    assert "iconv" not in finding.message


def test_a_file_name_is_quoted_in_the_command(root: Path) -> None:
    put(root, "it's here.md", b"caf\xe9")
    (entry,) = scan_folder(root).entries
    finding = read_source(entry, max_bytes=LIMIT)
    assert isinstance(finding, Finding)
    assert """'it'"'"'s here.md'""" in finding.message


def test_the_limit_is_the_largest_size_that_is_read(root: Path) -> None:
    assert isinstance(read_bytes(root, b"12345", max_bytes=5), SourceFile)
    finding = finding_of(root, b"123456", max_bytes=5)
    assert finding.kind == "huge"
    assert "6 bytes" in finding.message
    assert "ingest.max_bytes is 5" in finding.message


def test_a_file_that_grows_while_it_is_read_is_read_to_the_limit_only(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = put(root, "page.md", b"1234")
    (entry,) = scan_folder(root).entries
    real = os.fstat

    def grow(descriptor: int) -> os.stat_result:
        before = real(descriptor)
        page.write_bytes(b"x" * LIMIT)
        return before

    monkeypatch.setattr(os, "fstat", grow)
    finding = read_source(entry, max_bytes=5)
    assert isinstance(finding, Finding)
    assert finding.kind == "huge"
    assert "6 bytes" in finding.message


def test_a_file_that_is_gone_since_the_scan_has_vanished(root: Path) -> None:
    put(root, "sub/page.md")
    (entry,) = scan_folder(root).entries
    shutil.rmtree(root / "sub")
    finding = read_source(entry, max_bytes=LIMIT)
    assert isinstance(finding, Finding)
    assert (finding.kind, finding.source) == ("vanished", "sub/page.md")
    put(root, "sub")
    assert read_source(entry, max_bytes=LIMIT) == finding


def test_a_file_that_was_saved_anew_since_the_scan_is_read(root: Path) -> None:
    put(root, "page.md", b"old")
    (entry,) = scan_folder(root).entries
    put(root, "new", b"new").replace(root / "page.md")
    read = read_source(entry, max_bytes=LIMIT)
    assert isinstance(read, SourceFile)
    assert read.text == "new"


def test_a_link_or_pipe_in_the_place_of_a_file_is_not_opened(root: Path) -> None:
    put(root.parent, "secret/page.md", b"secret")
    page = put(root, "sub/page.md")
    (entry,) = scan_folder(root).entries
    page.unlink()
    page.symlink_to(root.parent / "secret" / "page.md")
    results = [read_source(entry, max_bytes=LIMIT)]
    page.unlink()
    os.mkfifo(page)
    results.append(read_source(entry, max_bytes=LIMIT))
    shutil.rmtree(root / "sub")
    (root / "sub").symlink_to(root.parent / "secret")
    results.append(read_source(entry, max_bytes=LIMIT))
    assert [isinstance(result, Finding) and result.kind for result in results] == ["vanished"] * 3


def test_a_file_that_is_exchanged_while_it_is_opened_has_vanished(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(root, "page.md")
    (entry,) = scan_folder(root).entries
    real = os.open

    def exchange(path: str, flags: int) -> int:
        descriptor = real(path, flags)
        put(root, "new", b"new").replace(root / "page.md")
        return descriptor

    monkeypatch.setattr(os, "open", exchange)
    finding = read_source(entry, max_bytes=LIMIT)
    assert isinstance(finding, Finding)
    assert finding.kind == "vanished"


@pytest.mark.parametrize(
    ("error", "reason"),
    [(PermissionError(13, "Permission denied"), "Permission denied"), (OSError("strange"), "strange")],
)
def test_a_file_that_cannot_be_opened_is_unreadable(
    root: Path, monkeypatch: pytest.MonkeyPatch, error: OSError, reason: str
) -> None:
    put(root, "page.md")
    (entry,) = scan_folder(root).entries

    def refuse(_path: str, _flags: int) -> int:
        raise error

    monkeypatch.setattr(os, "open", refuse)
    finding = read_source(entry, max_bytes=LIMIT)
    assert isinstance(finding, Finding)
    assert finding.kind == "unreadable"
    assert f"page.md cannot be read ({reason})" in finding.message


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_permissions_of_the_system_are_findings(root: Path) -> None:
    put(root, "page.md").chmod(0)
    locked = put(root, "locked/page.md").parent
    locked.chmod(0)
    try:
        result = scan_folder(root)
        assert kinds(result) == [("unreadable", "locked")]
        finding = read_source(result.entries[0], max_bytes=LIMIT)
    finally:
        locked.chmod(0o700)
    assert isinstance(finding, Finding)
    assert finding.kind == "unreadable"


@settings(deadline=None)
@given(
    content=st.one_of(
        st.binary(max_size=60),
        st.text(max_size=40).map(str.encode),
        st.text(max_size=20).map(lambda text: text.encode("utf-16", "surrogatepass")),
        st.text(alphabet="aé €\n", max_size=20).map(lambda text: text.encode("cp1252")),
    ),
    max_bytes=st.integers(min_value=0, max_value=60),
)
def test_any_bytes_are_a_text_that_encodes_back_to_them_or_a_finding(content: bytes, max_bytes: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder).resolve() / "page.md"
        path.write_bytes(content)
        entry = SourceEntry(source="page.md", path=path, size=len(content), url=None)
        result = read_source(entry, max_bytes=max_bytes)
    if isinstance(result, SourceFile):
        assert result.text.encode() == content
        assert result.sha256 == hashlib.sha256(content).hexdigest()
        assert len(content) <= max_bytes
    else:
        assert result.kind in {"huge", "empty", "binary", "wrong-encoding"}
        assert (result.kind == "huge") == (len(content) > max_bytes)


# Digest


def test_the_digest_of_a_corpus_ignores_the_order_and_nothing_else() -> None:
    pairs = [("b.md", "22"), ("a.md", "11")]
    digest = corpus_digest(pairs)
    assert digest == corpus_digest(iter(reversed(pairs)))
    others = [[("b.md", "11"), ("a.md", "22")], [("a.md", "11")], [("a.md1", "1"), ("b.md", "22")], []]
    assert len({digest, *map(corpus_digest, others)}) == 5
    assert len(digest) == 64
