"""The decisions file: read back exactly, merged by git, and safe from two windows at once and from a killed process."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skillgen.decisions import (
    add_answers,
    decision_about,
    decisions_from_yaml,
    decisions_yaml,
    load_decisions,
    make_answer,
    record,
    remove_answers,
    restore,
)
from skillgen.errors import DecisionConflictError, DecisionsError, UserError
from skillgen.model.decision import Decision, Decisions, Evidence, Kind, OwnerAnswer
from skillgen.model.draft import Citation, Claim, Verdict

DIGEST = "0123456789abcdef" * 4


def decided(number: int, *, by: str = "Ann", kind: Kind = "accepted", evidence: int = 1) -> Decision:
    return Decision(
        claim=f"clm-{number:08x}",
        decision=kind,
        text=f"Statement {number} runs `ship {number}`.",
        evidence=tuple(
            Evidence(source="ops/deploy.md", begins="Token | Used by", quote_sha256=DIGEST) for _ in range(evidence)
        ),
        by=by,
        at="2026-11-23T09:00:00Z",
        facets=("fct-00000001", "fct-00000002") if number % 2 else (),
        judged="judge/3" if number % 3 else "",
        reason="not so any more" if kind == "rejected" else "",
    )


# -- what is written is read back ----------------------------------------------------------------------------------

# Everything that a cleaned text may hold: no surrogate, no control character but the end of a line.
TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n"), max_size=60)
HARD = st.sampled_from(
    ["", "- x", "a: b", "# no", "yes", "null", "~", "'", '"', "\\", "clm-00000001:", "<<<<<<< HEAD", "{a: b}", "*a"]
)
WORDS = TEXT | HARD
EVIDENCE = st.builds(Evidence, source=WORDS, begins=WORDS, quote_sha256=WORDS)
CLAIM_ID = st.integers(0, 40).map(lambda number: f"clm-{number:08x}")
DECISION = st.builds(
    Decision,
    claim=CLAIM_ID,
    decision=st.just("accepted"),
    text=WORDS,
    evidence=st.lists(EVIDENCE, max_size=3).map(tuple),
    by=WORDS.filter(bool),
    at=WORDS,
    edited=WORDS,
    reason=WORDS,
    owner=WORDS,
    question=WORDS,
    facets=st.lists(WORDS, max_size=3).map(tuple),
    judged=WORDS,
)
ANSWER = st.builds(OwnerAnswer, facet=WORDS, question=WORDS, text=WORDS, by=WORDS, on=WORDS)


def unique(decisions: Sequence[Decision]) -> list[Decision]:
    return list({one.claim: one for one in decisions}.values())


@given(st.lists(DECISION, max_size=5).map(unique), st.lists(ANSWER, max_size=3), st.randoms())
def test_what_is_written_is_read_back_and_its_order_does_not_matter(
    claims: list[Decision], answers: list[OwnerAnswer], chance: random.Random
) -> None:
    held = Decisions(claims=tuple(claims), answers=tuple({one.id: one for one in answers}.values()))
    text = decisions_yaml(held)
    read = decisions_from_yaml(text, name="x.yaml")
    assert set(read.claims) == set(held.claims)
    assert set(read.answers) == set(held.answers)
    assert [one.claim for one in read.claims] == sorted(one.claim for one in claims)
    chance.shuffle(claims)
    assert decisions_yaml(replace(read, claims=tuple(claims))) == text
    assert decisions_yaml(read) == text


@given(DECISION)
def test_every_entry_is_one_block_of_lines_that_begins_and_ends_with_its_own(decision: Decision) -> None:
    text = decisions_yaml(Decisions(claims=(decision,)))
    block = text.split("\nclaims:\n\n")[1].split("\n\nanswers:")[0]
    assert block.split("\n")[0] == f"  {decision.claim}:"
    assert block.split("\n")[-1].endswith(f"  # {decision.claim[4:]}")
    assert "" not in block.split("\n")


def test_an_empty_file_and_no_file_hold_nothing(tmp_path: Path) -> None:
    assert load_decisions(tmp_path / "none.yaml") == Decisions()
    assert decisions_from_yaml(decisions_yaml(Decisions()), name="x") == Decisions()


# -- what is wrong is named ----------------------------------------------------------------------------------------

GOOD = decisions_yaml(Decisions(claims=(decided(1), decided(2, kind="rejected"))))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("by: Ann", "who: Ann"), r"x\.yaml, line 10: clm-00000001: there is no field 'who'"),
        (("clm-00000002", "clm-00000001"), r"line \d+: clm-00000001 stands here twice, first in line 7"),
        (("decision: accepted", "decision: agreed"), r"line 8: clm-00000001: decision: input should be 'accepted'"),
        (("    by: Ann\n    at", "    at"), r"line 8: clm-00000001: by: field required"),
        (('"begins"', '"start"'), r"clm-00000001: there is no field 'start'"),
        (("format: skillgen.decisions/1", "format: skillgen.decisions/9"), r"is of the format 'skillgen.decisions/9'"),
        (("claims:\n", "claims: 3\nmore:\n"), r"there is no field 'more'"),
        (("    reason: not so any more\n", ""), r"clm-00000002 is rejected and needs a reason"),
        (("answers:", "answers: [1]"), r"answers holds no entries"),
        (("text: ", "text: *a\n    edited: "), r"alias|no YAML"),
        (("decision: accepted", "decision: [accepted"), r"x\.yaml, line \d+: this is no YAML"),
    ],
)
def test_a_wrong_file_is_refused_with_its_line_and_entry(change: tuple[str, str], message: str) -> None:
    assert change[0] in GOOD
    with pytest.raises(DecisionsError, match=message):
        decisions_from_yaml(GOOD.replace(change[0], change[1], 1), name="x.yaml")


def test_a_file_that_git_left_in_conflict_is_refused_with_the_line() -> None:
    text = GOOD.replace("    by: Ann\n", "<<<<<<< HEAD\n    by: Ann\n=======\n    by: Bo\n>>>>>>> other\n", 1)
    with pytest.raises(DecisionsError, match=r"x\.yaml, line 10: two versions of the file were not merged") as caught:
        decisions_from_yaml(text, name="x.yaml")
    assert "<<<<<<<" in str(caught.value.hint)


def test_a_broken_file_is_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(GOOD + "more: 1\n", encoding="utf-8")
    with pytest.raises(DecisionsError):
        record(path, [decided(3)])
    assert path.read_text(encoding="utf-8") == GOOD + "more: 1\n"


# -- one after another ---------------------------------------------------------------------------------------------


def test_a_decision_takes_the_place_of_the_one_before_and_undo_brings_it_back(tmp_path: Path) -> None:
    path = tmp_path / "d" / "x.yaml"
    first = record(path, [decided(1), decided(2)])
    assert first.previous == {"clm-00000001": None, "clm-00000002": None}
    before = path.read_bytes()
    second = record(path, [decided(1, kind="rejected", by="Bo")])
    assert second.decisions.of("clm-00000001") == decided(1, kind="rejected", by="Bo")
    assert restore(path, second.previous).previous == {"clm-00000001": decided(1, kind="rejected", by="Bo")}
    assert path.read_bytes() == before
    assert restore(path, first.previous).decisions == Decisions()


def test_a_new_decision_on_changed_evidence_takes_the_old_one_away(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    record(path, [decided(1)])
    done = record(path, [decided(9)], supersedes=["clm-00000001"])
    assert [one.claim for one in done.decisions.claims] == ["clm-00000009"]
    assert [one.claim for one in restore(path, done.previous).decisions.claims] == ["clm-00000001"]


def test_what_somebody_decided_in_between_is_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    record(path, [decided(1, by="Bo")])
    with pytest.raises(DecisionConflictError, match="Bo has accepted it"):
        record(path, [decided(1), decided(2)], seen={"clm-00000001": None})
    assert load_decisions(path).claims == (decided(1, by="Bo"),)
    record(path, [decided(1)], seen={"clm-00000001": decided(1, by="Bo")})
    with pytest.raises(DecisionConflictError, match="taken back"):
        record(path, [decided(2)], seen={"clm-00000002": decided(2)})


def test_answers_are_kept_beside_the_decisions(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    record(path, [decided(1)])
    answer = make_answer(facet="fct-1", question="Which colour?", text="Red.\nAll of it.", by="Jo", on="2026-01-02")
    assert add_answers(path, [answer]).answers == (answer,)
    assert add_answers(path, [answer]).answers == (answer,)
    assert load_decisions(path).claims == (decided(1),)
    assert remove_answers(path, [answer.id]).answers == ()


def claim(text: str = "Run `ship`.", quote: str = "Run `ship` \n now") -> Claim:
    citation = Citation(
        source="a.md", start=0, end=len(quote), lines=(1, 1), heading_path=("A",), quote=quote, source_sha256="0" * 64
    )
    return Claim(
        id="clm-00000001",
        text=text,
        lead="",
        facets=(),
        also_answers=(),
        in_body=True,
        delta=0.5,
        verdict=Verdict(support="supported", reason="", checker=""),
        citations=(citation,),
    )


@pytest.mark.parametrize(
    ("kind", "given", "missing"),
    [
        ("rejected", {}, "needs a reason"),
        ("edited", {"edited": "  "}, "needs a new text"),
        ("asked", {"owner": "Bo"}, "needs a question"),
        ("accepted", {"by": " \n"}, "needs a name"),
        ("edited", {"edited": "word " * 61}, "has 61 words"),
    ],
)
def test_a_decision_without_what_it_needs_is_refused(kind: Kind, given: dict[str, str], missing: str) -> None:
    with pytest.raises(UserError, match=missing):
        decision_about(claim(), kind, **{"by": "Ann", **given})


def test_a_decision_keeps_what_the_claim_said_and_what_it_rested_on(tmp_path: Path) -> None:
    made = decision_about(claim("Run `ship`.\ud800"), "edited", by="Ann\x00", edited="Run\n`ship`", reason="a\r\nb")
    assert (made.text, made.by, made.edited, made.reason) == ("Run `ship`.\ufffd", "Ann", "Run `ship`", "a\nb")
    assert made.evidence[0].begins == "Run `ship` now"
    assert record(tmp_path / "x.yaml", [made]).decisions.claims == (made,)


# -- two at once, and killed ---------------------------------------------------------------------------------------

WRITER = """
import sys
from pathlib import Path
from test_decisions import decided
from skillgen.decisions import record
path, first, count, by = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
for number in range(first, first + count):
    record(path, [decided(number, by=by)])
    print(number, flush=True)
"""


def writer(path: Path, first: int, count: int, by: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), str(first), str(count), by],
        cwd=Path(__file__).parent,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_two_windows_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    windows = [writer(path, 0, 40, "Ann"), writer(path, 1000, 40, "Bo")]
    for window in windows:
        with window:
            assert window.wait(timeout=240) == 0
    held = load_decisions(path).claims
    assert {one.claim for one in held} == {f"clm-{n:08x}" for n in (*range(40), *range(1000, 1040))}
    assert {one.by for one in held} == {"Ann", "Bo"}


def kill_while_saving(path: Path, times: int) -> None:
    chance = random.Random(5)
    told: set[int] = set()
    for turn in range(times):
        with writer(path, turn * 1000, 1000, "Ann") as window:
            assert window.stdout
            told.add(int(window.stdout.readline()))  # it saves from here on
            time.sleep(chance.uniform(0.0, 0.25))
            window.send_signal(signal.SIGKILL)
            told |= {int(line) for line in window.stdout.read().split()}
        held = {one.claim for one in load_decisions(path).claims}
        assert {f"clm-{number:08x}" for number in told} <= held
    record(path, [decided(999_999)])
    assert not list(path.parent.glob("*.skillgen-part"))


def test_a_process_killed_while_it_saves_leaves_the_old_or_the_new_file(tmp_path: Path) -> None:
    kill_while_saving(tmp_path / "x.yaml", 3)


@pytest.mark.long
def test_a_hundred_kills_while_saving_lose_nothing_that_was_saved(tmp_path: Path) -> None:
    kill_while_saving(tmp_path / "x.yaml", 100)


# -- git -----------------------------------------------------------------------------------------------------------


class Repository:
    """A git repository with a decisions file, in which two reviewers work on branches."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "skillgen-decisions" / "x.yaml"
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *args: str, check: bool = True) -> int:
        person = ["-c", "user.name=T", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
        done = subprocess.run(["git", *person, *args], cwd=self.folder, capture_output=True, text=True, check=False)
        assert not check or done.returncode == 0, done.stderr + done.stdout
        return done.returncode

    def commit(self, *changes: Decision) -> None:
        if changes:
            record(self.path, changes)
        (self.folder / "page.md").touch()
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", "decide")

    def merged(self, one: Sequence[Decision], other: Sequence[Decision]) -> Decisions:
        """Return what the file holds once both reviewers' branches are merged."""
        self.git("checkout", "--quiet", "-b", "one", "main")
        self.commit(*one)
        self.git("checkout", "--quiet", "-b", "other", "main")
        self.commit(*other)
        self.git("merge", "--quiet", "--no-edit", "one")
        return load_decisions(self.path)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    (tmp_path / "r").mkdir()
    return Repository(tmp_path / "r")


def test_neighbouring_entries_changed_on_two_branches_merge(repository: Repository) -> None:
    repository.commit(*(decided(number) for number in range(6)))
    one = [decided(number, kind="rejected", by="Ann") for number in (0, 2, 4)]
    other = [decided(number, kind="asked", by="Bo") for number in (1, 3, 5)]
    other = [replace(one, question="Still so?") for one in other]
    assert set(repository.merged(one, other).claims) == {*one, *other}


def test_entries_added_at_the_same_place_on_two_branches_merge(repository: Repository) -> None:
    repository.commit(decided(0), decided(100))
    one = [decided(number, by="Ann", evidence=2) for number in (1, 3, 4, 9)]
    other = [decided(number, by="Bo", evidence=2) for number in (2, 5, 6, 7, 8)]
    assert set(repository.merged(one, other).claims) == {decided(0), decided(100), *one, *other}


def test_two_branches_that_both_begin_the_file_merge(repository: Repository) -> None:
    repository.commit()
    one, other = [decided(1, by="Ann"), decided(7, by="Ann")], [decided(2, by="Bo"), decided(3, by="Bo")]
    assert set(repository.merged(one, other).claims) == {*one, *other}
    record(repository.path, [])
    assert [one.claim for one in load_decisions(repository.path).claims] == sorted(o.claim for o in (*one, *other))


def test_the_same_decision_on_two_branches_merges_to_one(repository: Repository) -> None:
    repository.commit(decided(5))
    assert set(repository.merged([decided(1)], [decided(1)]).claims) == {decided(1), decided(5)}


def test_two_different_decisions_on_one_claim_are_an_error_that_names_it(repository: Repository) -> None:
    repository.commit(decided(1), decided(2))
    with pytest.raises(DecisionsError, match=r"clm-00000002|stands here twice|were not merged"):
        repository.merged([decided(2, kind="rejected", by="Ann")], [replace(decided(2, by="Bo"), reason="fine")])


@settings(max_examples=15)
@given(base=st.sets(st.integers(0, 30)), one=st.sets(st.integers(0, 30)), other=st.sets(st.integers(0, 30)))
def test_any_two_branches_merge_that_decide_on_different_claims(
    tmp_path_factory: pytest.TempPathFactory, base: set[int], one: set[int], other: set[int]
) -> None:
    repository = Repository(tmp_path_factory.mktemp("r"))
    repository.commit(*(decided(number, by="Base") for number in base))
    ours = [decided(number, by="Ann", kind="rejected") for number in one]
    theirs = [decided(number, by="Bo") for number in other - one]
    untouched = [decided(number, by="Base") for number in base - one - other]
    assert set(repository.merged(ours, theirs).claims) == {*ours, *theirs, *untouched}
