"""One run of the arms: what shall be asked, the model and its judge, and what came of it by arm and task."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from skillgen.chat import ChatClient, model_spec, open_client
from skillgen.errors import SettingsError, UserError
from skillgen.evaluate.arms import Answered, answered
from skillgen.evaluate.behaviour import spread_tasks
from skillgen.evaluate.judge import graded
from skillgen.harness import Ask, HarnessSample, HarnessScore, HarnessTask, Role
from skillgen.model.behaviour import Arm, ArmPlan, MarkedExpectation, Trial
from skillgen.model.chat import ChatFailure, ChatReply, ChatRequest
from skillgen.model.evaluation import Task
from skillgen.pipeline.arm_plans import ArmSources, make_plans
from skillgen.pipeline.check import draft_file
from skillgen.pipeline.decide import read_draft
from skillgen.pipeline.tasks import package_files, tasks_for
from skillgen.protocols import Embedder, Reporter
from skillgen.settings import ModelSettings, Settings
from skillgen.workspace import Workspace

DEFAULT_ARMS: tuple[Arm, ...] = ("without_skill", "with_skill", "raw_passages", "placebo_skill")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What shall be run: the package, the arms, and how many tasks at most (None: all)."""

    package: Path
    arms: tuple[Arm, ...] = DEFAULT_ARMS
    limit: int | None = None


@dataclass(slots=True, kw_only=True)
class ArmRun:
    """One run: what is asked of whom, and what came of it by arm and task."""

    skill: str
    tasks: tuple[Task, ...]
    sources: ArmSources
    plans: tuple[ArmPlan, ...]
    context: int
    judge: str
    answers: dict[tuple[Arm, str], Answered] = field(default_factory=dict)
    marks: dict[tuple[Arm, str], tuple[MarkedExpectation, ...]] = field(default_factory=dict)
    judged: list[ChatRequest] = field(default_factory=list)

    def task(self, plan: ArmPlan) -> HarnessTask:
        """Return an arm as the harness runs it."""
        by_id = {task.id: task for task in self.tasks}

        async def answer(sample: str, ask: Ask) -> str:
            task = by_id[sample]
            found = await answered(plan, task, self.sources.page(task), ask, context=self.context)
            self.answers[plan.arm, sample] = found
            return found.text

        async def grade(sample: str, text: str, ask: Ask) -> HarnessScore:
            task = by_id[sample]
            marks = await graded(task, text, self.sources.page(task), self._noting(ask), self.judge)
            self.marks[plan.arm, sample] = marks
            trial = trial_of(plan.arm, sample, self.answers[plan.arm, sample], marks)
            why = " ".join(f"{one.mark}: {one.text} {one.evidence}" for one in marks)
            return HarnessScore(
                mark=trial.mark,
                explanation=f"{trial.problem} {why}".strip(),
                details={"read": list(trial.read), "graders": sorted({one.grader for one in marks})},
            )

        samples = tuple(_sample(task) for task in self.tasks)
        facts: dict[str, str | int] = {"arm": plan.arm, "skill": self.skill}
        return HarnessTask(name=plan.arm, samples=samples, answer=answer, grade=grade, facts=facts)

    def _noting(self, ask: Ask) -> Ask:
        async def asked(request: ChatRequest) -> ChatReply | ChatFailure:
            self.judged.append(request)
            return await ask(request)

        return asked


def _sample(task: Task) -> HarnessSample:
    facts: dict[str, str | int] = {"kind": task.kind, "source": task.source}
    if task.citation is not None:
        facts |= {"page": task.citation.source, "line": task.citation.lines[0]}
    return HarnessSample(
        id=task.id,
        question=task.question,
        targets=tuple(one.value for one in task.expected),
        facts=facts,
    )


def trial_of(arm: Arm, task: str, found: Answered, marks: tuple[MarkedExpectation, ...]) -> Trial:
    """Return an answer with its marks, without what it took."""
    return Trial(task=task, arm=arm, answer=found.text, expectations=marks, read=found.read, problem=found.problem)


# -- opening ----------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def open_clients(settings: Settings, workspace: Workspace) -> Iterator[Mapping[Role, ChatClient]]:
    """Open the model and its judge; they are one client where they are one model."""
    judge = judge_settings(settings)
    with open_client(settings.model, workspace.store) as model:
        if judge == settings.model:
            yield {"model": model, "judge": model}
            return
        with open_client(judge, workspace.store, beside=model) as other:
            yield {"model": model, "judge": other}


def judge_settings(settings: Settings) -> ModelSettings:
    """Return how the judge is asked: as the model, unless the settings name another one or another place."""
    name, base_url = settings.eval.judge, settings.eval.judge_base_url
    if name is None:
        return settings.model
    address = base_url or (None if _names_provider(name) else settings.model.base_url)
    values = {**settings.model.model_dump(exclude_unset=True), "name": name, "base_url": address}
    return ModelSettings.model_validate({key: value for key, value in values.items() if value is not None})


def _names_provider(model: str) -> bool:
    try:
        model_spec(model)
    except SettingsError:
        return False
    return True


def prepared(
    settings: Settings,
    workspace: Workspace,
    wanted: Wanted,
    *,
    judge: str,
    embedder: Embedder,
    reporter: Reporter,
) -> ArmRun:
    """Return a run with the tasks and what each arm is given; nothing is asked yet.

    Raises:
        UserError: there is no package, draft, task or page, or a placebo is made from the same pages.
    """
    name = wanted.package.resolve().name
    tasks = tasks_for(settings, wanted.package).live
    tasks = spread_tasks(tasks, wanted.limit) if wanted.limit else tasks
    pages = {source: state.sha256 for source, state in workspace.store.page_states().items()}
    if not pages:
        raise UserError(
            f"The workspace {workspace.root} holds no pages.", hint="Build the skill here first, or name its workspace."
        )
    sources = ArmSources(files=package_files(wanted.package), draft=read_draft(draft_file(settings, name)), pages=pages)
    plans = make_plans(wanted.arms, sources, tasks, settings.eval, workspace, embedder=embedder, reporter=reporter)
    context = settings.model.context_tokens
    return ArmRun(skill=name, tasks=tasks, sources=sources, plans=plans, context=context, judge=judge)
