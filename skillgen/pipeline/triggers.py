"""Triggers: is this skill picked among others for the requests that need it, and not for those that come close?"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from skillgen.artifacts import write_if_changed
from skillgen.batches import sources_of
from skillgen.catalogue import load_catalogue
from skillgen.errors import IncompleteError, UserError
from skillgen.evaluate.tasks_file import tasks_yaml
from skillgen.evaluate.trigger_data import OtherSkill, builtin_skills, request_templates
from skillgen.evaluate.trigger_pick import picked_by_likeness, picked_by_model
from skillgen.evaluate.trigger_report import Picker, trigger_report
from skillgen.evaluate.trigger_requests import MAX_OF_A_NEIGHBOUR, trigger_requests
from skillgen.evaluate.triggers_file import merge_triggers
from skillgen.model.chat import ChatSource, Use
from skillgen.model.draft import Draft
from skillgen.model.evaluation import TaskSet
from skillgen.model.trigger import NO_SKILL, TRIGGERS_SCHEMA, SkillCard, TriggerReport, TriggerRequest
from skillgen.pipeline.check import draft_file
from skillgen.pipeline.decide import read_draft
from skillgen.pipeline.estimate import DryRun
from skillgen.pipeline.eval_model import dry_run_of, open_asker, open_estimator
from skillgen.pipeline.indexes import make_embedder
from skillgen.pipeline.tasks import eval_paths, load_tasks, tasks_for
from skillgen.protocols import Reporter
from skillgen.settings import Settings
from skillgen.validate.front_matter import read_front_matter
from skillgen.workspace import open_workspace

TRIGGER_USES: tuple[Use, ...] = ("pick",)
STAND_IN = "likeness of texts (a stand-in for a model)"


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerRun:
    """What a run found: the report, where it is kept, the file of the requests, and why it is incomplete if it is."""

    report: TriggerReport
    record: Path
    tasks: Path
    stopped: IncompleteError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prepared:
    """The set of skills, the one under test first, the requests, and the pages whose words they may hold."""

    cards: tuple[SkillCard, ...]
    requests: tuple[TriggerRequest, ...]
    sources: tuple[ChatSource, ...]

    @property
    def skill(self) -> SkillCard:
        return self.cards[0]


def evaluate_triggers(
    settings: Settings, package: Path, *, among: Sequence[Path] = (), reporter: Reporter, api_key: str | None = None
) -> TriggerRun:
    """Write the requests beside the tasks, ask which skill is picked for each, and keep the report.

    Without a chat model in the settings, the skill whose description is most like a request stands for the choice.

    Args:
        settings: The workspace, the model if there is one, how often and in which orders each request is asked.
        package: The folder OUT/NAME.
        among: Packages, or folders of packages, that belong to the set beside the built-in skills.
        reporter: Hears how far the model is.
        api_key: The key of the embedding server, where the settings name one.

    Raises:
        UserError: there is no package, draft or task, a skill of the set cannot be read, or the model cannot be asked.
    """
    made = _prepared(settings, package, among, write=True)
    paths = eval_paths(settings, package.resolve().name)
    if settings.model.name is None:
        report, stopped = _by_likeness(settings, made, api_key), None
    else:
        report, stopped = _by_model(settings, made, reporter)
    write_if_changed(paths.triggers, json.dumps(triggers_json(report), ensure_ascii=False, indent=1) + "\n")
    return TriggerRun(report=report, record=paths.triggers, tasks=paths.tasks, stopped=stopped)


def estimate_triggers(settings: Settings, package: Path, *, among: Sequence[Path] = ()) -> DryRun:
    """Return what the model would be asked; nothing is sent and nothing is written.

    Raises:
        UserError: as `evaluate_triggers`.
    """
    made = _prepared(settings, package, among, write=False)
    with (
        open_workspace(settings.workspace, command="skillgen eval") as workspace,
        open_estimator(settings.model, workspace.store, uses=TRIGGER_USES) as asker,
    ):
        orders, seed = settings.eval.orders, settings.eval.seed
        picked_by_model(asker, made.cards, made.requests, orders=orders, seed=seed, sources=made.sources)
        return dry_run_of(asker, {})


def triggers_json(report: TriggerReport) -> dict[str, Any]:
    """Return a report as JSON, with its schema's name."""
    return {"schema": TRIGGERS_SCHEMA, **asdict(report)}


def write_trigger_set(report: TriggerReport, folder: Path) -> Path:
    """Write the requests as skill-creator has them, a list of `query` and `should_trigger`, and return the file."""
    asked = [one.request for one in report.outcomes]
    rows = [{"query": one.query, "should_trigger": one.should_trigger} for one in asked]
    path = folder / "trigger-evals.json"
    write_if_changed(path, json.dumps(rows, ensure_ascii=False, indent=2) + "\n")
    return path


def _by_likeness(settings: Settings, made: _Prepared, api_key: str | None) -> TriggerReport:
    embedder = make_embedder(settings, api_key=api_key)
    picks = picked_by_likeness(embedder, made.cards, made.requests)
    picker = Picker(name=f"{STAND_IN}, {embedder.id}", stand_in=True, orders=1, seed=settings.eval.seed)
    return _report(made, picks, picker)


def _by_model(settings: Settings, made: _Prepared, reporter: Reporter) -> tuple[TriggerReport, IncompleteError | None]:
    orders, seed = settings.eval.orders, settings.eval.seed
    with (
        open_workspace(settings.workspace, command="skillgen eval") as workspace,
        open_asker(settings.model, workspace.store, reporter, uses=TRIGGER_USES) as asker,
    ):
        picks = picked_by_model(asker, made.cards, made.requests, orders=orders, seed=seed, sources=made.sources)
        picker = Picker(
            name=asker.model,
            stand_in=False,
            orders=orders,
            seed=seed,
            complete=asker.complete,
            uses=asker.uses(),
        )
        stopped = None if asker.complete else asker.incomplete("the rates are those of the others")
    return _report(made, picks, picker), stopped


def _report(made: _Prepared, picks: tuple[tuple[str | None, ...], ...], picker: Picker) -> TriggerReport:
    names = [card.name for card in made.cards]
    return trigger_report(made.skill.name, names, made.skill.description, made.requests, picks, picker)


# -- the set and the requests ------------------------------------------------------------------------------------------


def _prepared(settings: Settings, package: Path, among: Sequence[Path], *, write: bool) -> _Prepared:
    """Return the set and the live requests; those of the file are made anew and, with `write`, written."""
    held = tasks_for(settings, package)
    draft = read_draft(draft_file(settings, package.resolve().name))
    own = _card(package)
    others = _others(settings, own, among)
    fresh = trigger_requests(
        draft,
        own.description,
        held.live,
        others,
        [tool for kind in load_catalogue(settings.research.catalogue).kinds for tool in kind.tools],
        templates=request_templates(),
    )
    merged: TaskSet = replace(held, triggers=merge_triggers(held.triggers, fresh))
    if write:
        write_if_changed(eval_paths(settings, package.resolve().name).tasks, tasks_yaml(merged))
    live = tuple(one for one in merged.triggers if not one.dropped)
    return _Prepared(cards=(own, *(one.card for one in others)), requests=live, sources=_sources(draft))


def _sources(draft: Draft) -> tuple[ChatSource, ...]:
    """Return all pages of the draft: a description and a question may hold words of any of them."""
    return sources_of(citation for claim in draft.claims for citation in (*claim.citations, *claim.also_cited))


def _others(settings: Settings, own: SkillCard, among: Sequence[Path]) -> tuple[OtherSkill, ...]:
    """Return the other skills of the set: those of the folders, then the built-in ones of other names.

    Raises:
        UserError: a folder holds no package, or two have one name.
    """
    found: dict[str, OtherSkill] = {}
    for package in (one for folder in among for one in _packages(folder)):
        card = _card(package)
        if card.name == own.name:
            continue
        if card.name in found:
            raise UserError(f"Two skills of --among are called {card.name}.", hint="Name one of them only.")
        found[card.name] = OtherSkill(card=card, requests=_own_requests(settings, card.name))
    for builtin in builtin_skills():
        if builtin.card.name != own.name:
            found.setdefault(builtin.card.name, builtin)
    return tuple(found.values())


def _packages(folder: Path) -> Iterator[Path]:
    """Yield a package, or the packages of a folder, by name."""
    if (folder / "SKILL.md").is_file():
        yield folder
        return
    found = sorted(path.parent for path in folder.glob("*/SKILL.md"))
    if not found:
        raise UserError(f"{folder} is no package and holds none.", hint="Name a folder with a SKILL.md, or its parent.")
    yield from found


def _card(package: Path) -> SkillCard:
    """Return name and description of a package.

    Raises:
        UserError: its SKILL.md cannot be read, or has no name or description.
    """
    path = package / "SKILL.md"
    try:
        front = read_front_matter(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path} cannot be read ({error}).", hint="Name the folder of a package.") from error
    name, description = front.text("name"), front.text("description")
    if not name or not description or name == NO_SKILL:
        raise UserError(f"{path} has no name or no description.", hint="`skillgen eval` says what is wrong with it.")
    return SkillCard(name=name, description=description)


def _own_requests(settings: Settings, name: str) -> tuple[str, ...]:
    """Return requests for another package: the questions of its tasks, where it has tasks; plain ones first."""
    tasks = load_tasks(eval_paths(settings, name).tasks, name).live
    questions = sorted((task.question for task in tasks), key=lambda one: (one.startswith("About "), one))
    return tuple(questions[:MAX_OF_A_NEIGHBOUR])
