"""What a person wrote into a package survives every rebuild, or the build stops and says so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_runner import run
from corpus_builder import Site, file_bytes, make_site
from hypothesis import given
from hypothesis import strategies as st

from skillgen.deliver import merge_handwritten, write_package
from skillgen.errors import PackageError, UserError
from skillgen.regions import generated_sha256, split_regions, with_regions

GENERATED = "---\nname: a\n---\n\n# A\n\nOpening.\n\n## One\n\n- first\n- second\n\n## Two\n\n- third\n"


def region(name: str, *lines: str) -> str:
    return "\n".join([f"<!-- keep:begin {name} -->", *lines, f"<!-- keep:end {name} -->"])


# -- places --------------------------------------------------------------------------------------------------------


def rebuilt(handmade: str, new: str) -> tuple[str, list[str]]:
    text, lost = with_regions(new, split_regions(handmade, name="x").regions)
    return text, [one.name for one in lost]


def test_a_region_stays_behind_the_line_that_it_followed() -> None:
    handmade = GENERATED.replace("- first\n", "- first\n" + region("mine", "Call Jo.") + "\n")
    text, lost = rebuilt(handmade, GENERATED.replace("- second", "- another\n- second"))
    assert text.index("- first") < text.index("Call Jo.") < text.index("- another")
    assert lost == []


def test_where_that_line_is_gone_it_ends_its_section() -> None:
    handmade = GENERATED.replace("- second\n", "- second\n\n" + region("mine", "Call Jo.") + "\n")
    text, lost = rebuilt(handmade, GENERATED.replace("- second\n", "- other\n"))
    assert text.index("- other") < text.index("Call Jo.") < text.index("## Two")
    assert lost == []


def test_where_its_heading_is_gone_it_ends_the_file_and_that_is_told() -> None:
    handmade = GENERATED.replace("## One\n", "## One\n\n" + region("mine", "Call Jo.") + "\n")
    text, lost = rebuilt(handmade, GENERATED.replace("## One", "## Uno"))
    assert text.rstrip().endswith(region("mine", "Call Jo."))
    assert lost == ["mine"]


def test_a_heading_inside_a_region_is_the_persons_own() -> None:
    handmade = GENERATED.replace("- first\n", "- first\n\n" + region("mine", "## Two", "Text.") + "\n\n")
    text, _ = rebuilt(handmade, GENERATED)
    assert text.index("Text.") < text.index("- second")


LINES = st.lists(st.sampled_from(["# A", "## One", "## Two", "- first", "- second", "", "text"]), max_size=12)


def handwritten(lines: list[str], written: list[tuple[int, str]]) -> str:
    """Return the lines with regions before some of them, none inside another."""
    before: dict[int, list[str]] = {}
    for number, (at, text) in enumerate(written):
        before.setdefault(min(at, len(lines)), []).append(region(f"r{number}", text))
    return "\n".join(part for at in range(len(lines) + 1) for part in (*before.get(at, ()), *lines[at : at + 1]))


@given(LINES, LINES.filter(any), st.lists(st.tuples(st.integers(0, 12), st.text("ab#- \t", max_size=6)), max_size=3))
def test_no_region_is_ever_lost_or_changed_and_a_second_rebuild_changes_nothing(
    old: list[str], new: list[str], written: list[tuple[int, str]]
) -> None:
    handmade = handwritten(old, written)
    before = split_regions(handmade, name="x")
    once, _ = with_regions("\n".join(new) + "\n", before.regions)
    after = split_regions(once, name="x")
    assert {(one.name, one.text) for one in after.regions} == {(one.name, one.text) for one in before.regions}
    generated = "\n".join(new) + "\n"
    assert generated_sha256(once, name="x") == generated_sha256(generated, name="x")
    twice, lost = with_regions(generated, after.regions)
    assert twice == once
    assert {one.name for one in lost} <= {one.name for one in after.regions}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<!-- keep:begin a -->\nx\n", "the kept region a has no end"),
        ("x\n<!-- keep:end a -->\n", "line 2: the kept region a ends but never began"),
        ("<!-- keep:begin a -->\n<!-- keep:begin b -->\n", "line 2: the kept region b begins inside a"),
        (region("a") + "\n" + region("a"), "line 3: there are two kept regions a"),
        ("<!-- keep:begin -->\n", "line 1: the marker of a kept region has no name"),
        ("<!-- keep:begin a -->\n<!-- keep:end b -->\n", "line 2: the kept region b ends but never began"),
    ],
)
def test_a_marker_without_a_partner_is_refused(text: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        split_regions(text, name="SKILL.md")


@pytest.mark.parametrize("line", ["- `<!-- keep:begin a -->`", "text <!-- keep:begin a -->", "\\<!-- keep:begin a -->"])
def test_nothing_that_a_page_says_passes_for_a_marker(line: str) -> None:
    assert split_regions(line, name="x").regions == ()


# -- packages ------------------------------------------------------------------------------------------------------


def deliver(root: Path, files: dict[str, str], *, overwrite: bool = False) -> tuple[str, ...]:
    folder, manifest = root / "out" / "a", root / "a.json"
    merged = merge_handwritten(folder, files, manifest=manifest, overwrite=overwrite)
    write_package(folder, merged.files, manifest=manifest)
    return merged.conflicts


FILES = {
    "SKILL.md": GENERATED.replace("name: a", 'name: a\nmetadata:\n  generator: "skillgen 1"'),
    "references/b.md": "# B\n\n- x\n",
}


def write(root: Path, path: str, old: str, new: str) -> Path:
    place = root / "out" / "a" / path
    text = place.read_text(encoding="utf-8")
    assert old in text
    place.write_text(text.replace(old, new), encoding="utf-8")
    return place


def test_a_change_outside_of_a_region_stops_the_build_and_nothing_is_written(tmp_path: Path) -> None:
    deliver(tmp_path, FILES)
    write(tmp_path, "references/b.md", "- x", "- x\n- mine")
    before = file_bytes(tmp_path)
    with pytest.raises(UserError, match=r"b\.md was changed by hand since it was built") as caught:
        deliver(tmp_path, {**FILES, "SKILL.md": FILES["SKILL.md"] + "- more\n"})
    assert "keep:begin" in str(caught.value.hint)
    assert file_bytes(tmp_path) == before
    deliver(tmp_path, FILES, overwrite=True)
    assert "mine" not in (tmp_path / "out/a/references/b.md").read_text(encoding="utf-8")


def test_a_change_that_the_build_makes_too_is_no_conflict(tmp_path: Path) -> None:
    deliver(tmp_path, FILES)
    write(tmp_path, "references/b.md", "- x", "- y")
    assert deliver(tmp_path, {**FILES, "references/b.md": "# B\n\n- y\n"}) == ()


def test_a_package_that_an_older_skillgen_wrote_is_not_taken_for_changed(tmp_path: Path) -> None:
    deliver(tmp_path, FILES)
    memory = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    del memory["generated"]
    (tmp_path / "a.json").write_text(json.dumps(memory), encoding="utf-8")
    assert deliver(tmp_path, {**FILES, "references/b.md": "# B\n\n- y\n"}) == ()


def test_a_crash_between_two_files_is_no_change_by_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deliver(tmp_path, FILES)
    new = {path: text + "- more\n" for path, text in FILES.items()}

    def stopped(path: Path, text: str) -> None:
        if path.name == "b.md":
            raise KeyboardInterrupt
        path.write_text(text, encoding="utf-8")

    monkeypatch.setattr("skillgen.deliver.write_atomically", stopped)
    with pytest.raises(KeyboardInterrupt):
        deliver(tmp_path, new)
    monkeypatch.undo()
    assert deliver(tmp_path, new) == ()
    assert (tmp_path / "out/a/references/b.md").read_text(encoding="utf-8") == new["references/b.md"]


def test_a_file_that_is_gone_stays_for_its_regions(tmp_path: Path) -> None:
    deliver(tmp_path, FILES)
    place = write(tmp_path, "references/b.md", "- x", "- x\n\n" + region("mine", "Call Jo."))
    for _ in range(2):
        told = deliver(tmp_path, {"SKILL.md": FILES["SKILL.md"]})
        assert ["kept region mine" in one for one in told] == [True]
        assert place.read_text(encoding="utf-8") == "# B\n\n" + region("mine", "Call Jo.") + "\n"
    place.unlink()
    assert deliver(tmp_path, {"SKILL.md": FILES["SKILL.md"]}) == ()


# -- builds --------------------------------------------------------------------------------------------------------


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return make_site(tmp_path / "a")


def heading_of(skill: Path) -> str:
    return next(line for line in skill.read_text(encoding="utf-8").split("\n") if line.startswith("## "))


def test_a_region_of_the_skill_survives_page_edits_at_its_place(site: Site) -> None:
    skill = site.build().package / "SKILL.md"
    heading = heading_of(skill)
    text = skill.read_text(encoding="utf-8")
    mine = region("mine", "Never deploy while the crane moves.")
    skill.write_text(text.replace(f"{heading}\n", f"{heading}\n\n{mine}\n"), encoding="utf-8")
    assert site.build().conflicts == ()
    (site.pages() / "people.md").write_text(
        "# People\n\nAsk in #releases before you deploy at all.\n", encoding="utf-8"
    )
    assert site.build().conflicts == ()
    lines = skill.read_text(encoding="utf-8").split("\n")
    at = lines.index(heading)
    assert [line for line in lines[at + 1 :] if line][:3] == mine.split("\n")
    assert site.build().changed == ()


def test_a_region_may_not_bring_in_a_secret_and_the_package_stays(site: Site) -> None:
    skill = site.build().package / "SKILL.md"
    secret = region("mine", "password = 'hunter2-Zebra-99-xylophone'")
    skill.write_text(skill.read_text(encoding="utf-8") + secret + "\n", encoding="utf-8")
    before = file_bytes(site.out)
    with pytest.raises(PackageError, match="looks like a secret"):
        site.build()
    assert file_bytes(site.out) == before


def test_the_command_shows_a_conflict_and_overwrites_when_told_to(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.brief()
    monkeypatch.chdir(site.root)
    command = ("build", "../releases.md", "--corpus", "wiki", "--allow-prune")
    assert run(*command).code == 0
    skill = site.root / "skills/releases/SKILL.md"
    text = skill.read_text(encoding="utf-8")
    skill.write_text(text + "\nMy own line.\n", encoding="utf-8")
    ended = run(*command)
    assert ended.code == 2
    assert "was changed by hand since it was built" in ended.err
    assert run(*command, "--overwrite").code == 0
    assert skill.read_text(encoding="utf-8") == text
    skill.write_text(text + "\n## Mine\n\n" + region("mine", "x") + "\n", encoding="utf-8")
    assert run(*command).code == 2  # the heading stands outside of the region
    shown = run(*command, "--overwrite")
    assert "Conflict" in shown.out
    assert region("mine", "x") in skill.read_text(encoding="utf-8")
