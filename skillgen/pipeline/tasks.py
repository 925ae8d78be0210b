"""Tasks: facts of the workspace's pages to the tasks file of a skill, beside what people wrote there."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from skillgen.artifacts import write_if_changed
from skillgen.catalogue import load_catalogue
from skillgen.errors import UserError
from skillgen.evaluate.statements import statements_of
from skillgen.evaluate.tasks import choose_tasks, tasks_of
from skillgen.evaluate.tasks_file import merge_tasks, tasks_from_yaml, tasks_yaml
from skillgen.model.corpus import Page
from skillgen.model.disputed import disputed_places
from skillgen.model.draft import Citation, Draft
from skillgen.model.evaluation import Task, TaskSet, TaskSource
from skillgen.model.task_writing import CitedPassage, TaskWriting
from skillgen.pipeline.check import draft_file
from skillgen.pipeline.decide import read_draft
from skillgen.pipeline.estimate import DryRun
from skillgen.pipeline.eval_model import open_asker, open_estimator
from skillgen.pipeline.research import delta_estimator
from skillgen.pipeline.task_writing import (
    WRITING_USES,
    cited_passages,
    still_standing,
    without_repeats,
    write_record,
    writing_estimate,
    written_by_model,
)
from skillgen.protocols import Reporter, SilentReporter
from skillgen.settings import Settings
from skillgen.store import Store
from skillgen.workspace import MARKER, open_workspace

# Commands of which a reader without the pages could know the answer are no tasks; `docs/delta.md` has the scale.
LEAST_DELTA = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class EvalPaths:
    """Where an evaluation reads and writes: tasks and baseline are committed, report and record are not."""

    tasks: Path
    baseline: Path
    report: Path
    record: Path
    triggers: Path
    writing: Path


def eval_paths(settings: Settings, name: str) -> EvalPaths:
    """Return the files of a skill's evaluation."""
    folder, reports = settings.eval.folder, settings.workspace / "reports"
    return EvalPaths(
        tasks=folder / f"{name}.yaml",
        baseline=folder / f"{name}.baseline.json",
        report=reports / f"{name}-eval.html",
        record=reports / f"{name}-eval.json",
        triggers=reports / f"{name}-triggers.json",
        writing=reports / f"{name}-tasks.json",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenTasks:
    """What a run made of the tasks file: templates gave `found` tasks; `added` and `removed` are ids.

    `writing` is what a chat model wrote, None where none was asked.
    """

    path: Path
    tasks: TaskSet
    found: int
    added: tuple[str, ...]
    removed: tuple[str, ...]
    writing: TaskWriting | None = None


def package_files(package: Path) -> dict[str, str]:
    """Return SKILL.md and the references of a package by their path in it.

    Raises:
        UserError: one of them is no UTF-8 text.
    """
    found = [package / "SKILL.md", *sorted((package / "references").glob("*.md"))]
    try:
        return {path.relative_to(package).as_posix(): path.read_text(encoding="utf-8") for path in found}
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"A file of {package} cannot be read ({error}).", hint="Build the skill again.") from error


def tasks_for(settings: Settings, package: Path) -> TaskSet:
    """Return the tasks of a skill.

    Raises:
        UserError: there are none, or the file cannot be read.
    """
    name = package.resolve().name
    path = eval_paths(settings, name).tasks
    found = load_tasks(path, name)
    if not found.live:
        raise UserError(f"There are no tasks in {path}.", hint=f"Run `skillgen eval {package} --write-tasks` first.")
    return found


def load_tasks(path: Path, name: str) -> TaskSet:
    """Return the tasks of a file; none where there is no file.

    Raises:
        UserError: the file cannot be read.
    """
    try:
        return tasks_from_yaml(path.read_text(encoding="utf-8-sig"), name=str(path))
    except FileNotFoundError:
        return TaskSet(skill=name, tasks=())
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path} cannot be read ({error}).", hint="Mend the file or move it away.") from error


def write_tasks(
    settings: Settings,
    package: Path,
    *,
    own: Iterable[Task] = (),
    with_model: bool = False,
    reporter: Reporter | None = None,
) -> WrittenTasks:
    """Make tasks of the workspace's pages and write them beside those that people wrote or changed.

    Args:
        settings: Where workspace and tasks are, how many tasks there may be, and which chat model is asked.
        package: The folder OUT/NAME.
        own: Tasks to add as if a person had written them.
        with_model: Have the model of the settings write tasks on cited facts as well. What it left open is in the
            result: the tasks that passed so far are written.
        reporter: Hears how far the model is.

    Raises:
        UserError: there is no package, draft or ingested workspace, the tasks file cannot be read, or the model cannot
            be asked as the settings say.
    """
    made = _made(settings, package, own)
    with _pages_of(settings) as (store, pages):
        fresh = _from_templates(settings, made, pages)
        held = still_standing(made.held.tasks, pages)
        writing = None
        if with_model:
            with open_asker(settings.model, store, reporter or SilentReporter(), uses=WRITING_USES) as asker:
                known = (*fresh, *(task for task in made.held.tasks if task.edited or task.dropped))
                writing = written_by_model(asker, _passages(settings, made.draft, pages), known)
    written = without_repeats([made.skill.task(task) for task in held], writing.tasks if writing else ())
    chosen = choose_tasks([*fresh, *written], most=len(fresh) + len(written), held=made.ids) if written else fresh
    merged = merge_tasks(made.held, chosen)
    paths = eval_paths(settings, made.held.skill)
    write_if_changed(paths.tasks, tasks_yaml(merged))
    if writing is not None:
        write_record(paths.writing, writing)
    now = frozenset(task.id for task in merged.tasks)
    return WrittenTasks(
        path=paths.tasks,
        tasks=merged,
        found=len(made.found),
        added=tuple(sorted(now - made.ids)),
        removed=tuple(sorted(made.ids - now)),
        writing=writing,
    )


def estimate_tasks(settings: Settings, package: Path) -> DryRun:
    """Return what the model would be asked to write tasks; nothing is sent and nothing is written.

    Raises:
        UserError: as `write_tasks`.
    """
    made = _made(settings, package, ())
    with _pages_of(settings) as (store, pages):
        fresh = _from_templates(settings, made, pages)
        with open_estimator(settings.model, store, uses=WRITING_USES) as asker:
            known = (*fresh, *(task for task in made.held.tasks if task.edited or task.dropped))
            return writing_estimate(asker, _passages(settings, made.draft, pages), known)


@dataclass(slots=True, kw_only=True)
class _Made:
    """What tasks are made from: the draft, the file as it is, and how far the skill holds a fact."""

    draft: Draft
    held: TaskSet
    skill: _Held
    found: tuple[Task, ...] = ()

    @property
    def ids(self) -> frozenset[str]:
        return frozenset(task.id for task in self.held.tasks)


def _made(settings: Settings, package: Path, own: Iterable[Task]) -> _Made:
    name = package.resolve().name
    draft = read_draft(draft_file(settings, name))
    held = load_tasks(eval_paths(settings, name).tasks, name)
    known = {task.id for task in held.tasks}
    skill = _Held.of(draft, package_files(package))
    every = (*held.tasks, *(one for one in own if one.id not in known))
    tasks = tuple(skill.task(task) if task.edited else task for task in every)
    return _Made(draft=draft, held=replace(held, skill=name, tasks=tasks), skill=skill)


@contextmanager
def _pages_of(settings: Settings) -> Iterator[tuple[Store, Sequence[Page]]]:
    """Open the workspace; yield its truth and the pages that do not call themselves out of date."""
    if not (settings.workspace / MARKER).is_file():
        raise UserError(
            f"There is no workspace {settings.workspace}, and tasks are made of its pages.",
            hint="Build the skill here first, or name its workspace with --workspace.",
        )
    with open_workspace(settings.workspace, command="skillgen eval") as workspace:
        facts = workspace.store.facts()
        current = [source for source in workspace.store.page_states() if not facts[source].deprecation]
        yield workspace.store, sorted(workspace.store.pages(current), key=lambda page: page.source)


def _from_templates(settings: Settings, made: _Made, pages: Sequence[Page]) -> tuple[Task, ...]:
    """Return the chosen tasks of templates; all that there could be are remembered in `made`."""
    estimator = delta_estimator(load_catalogue(settings.research.catalogue))
    made.found = tasks_of(
        pages,
        source_of=made.skill.fact,
        is_own=lambda text: estimator.estimate(text).value >= LEAST_DELTA,
        disputed=disputed_places(made.draft.contradictions),
    )
    dropped = frozenset(task.id for task in made.held.tasks if task.dropped)
    wanted = [task for task in made.found if task.id not in dropped]
    return choose_tasks(wanted, most=settings.eval.tasks, held=made.ids)


def _passages(settings: Settings, draft: Draft, pages: Sequence[Page]) -> tuple[CitedPassage, ...]:
    current = frozenset(page.source for page in pages)
    return cited_passages(draft, current, disputed_places(draft.contradictions), most=settings.eval.passages)


@dataclass(frozen=True, slots=True)
class _Held:
    """What a skill holds: the places that its claims cite, and what its files say, with whether that is in SKILL.md."""

    cited: Mapping[str, Sequence[tuple[Citation, bool]]]
    said: Sequence[tuple[str, bool]]

    @classmethod
    def of(cls, draft: Draft, files: Mapping[str, str]) -> _Held:
        cited: dict[str, list[tuple[Citation, bool]]] = defaultdict(list)
        for claim in draft.claims:
            for one in (*claim.citations, *claim.also_cited):
                cited[one.source].append((one, claim.in_body))
        said = [(f"{one.lead} {one.text}", one.file == "SKILL.md") for one in statements_of(files)]
        return cls(cited, said)

    def fact(self, source: str, start: int, end: int, names: tuple[str, ...]) -> TaskSource:
        """Return how far the skill holds a fact of a passage.

        A statement that has all its names and values holds it too, wherever it comes from.
        """
        found = [in_body for one, in_body in self.cited.get(source, ()) if one.start < end and start < one.end]
        if names:
            patterns = [re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])", re.IGNORECASE) for name in names]
            found += [in_body for text, in_body in self.said if all(one.search(text) for one in patterns)]
        return self._named(source, found)

    def task(self, task: Task) -> Task:
        """Return a task that a person changed with its source as it is now."""
        if task.citation is None:
            return task
        first, last = task.citation.lines
        held = self.cited.get(task.citation.source, ())
        found = [in_body for one, in_body in held if one.lines[0] <= last and first <= one.lines[1]]
        return replace(task, source=self._named(task.citation.source, found))

    def _named(self, source: str, found: Collection[bool]) -> TaskSource:
        if found:
            return "body" if any(found) else "reference"
        return "uncited-passage" if self.cited.get(source) else "uncited-page"
