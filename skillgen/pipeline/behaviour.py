"""Behaviour: the same tasks answered with and without the skill, graded, and compared, by way of Inspect."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from skillgen.artifacts import write_if_changed
from skillgen.chat import ChatClient
from skillgen.evaluate.arms import answer_request, files_request
from skillgen.evaluate.behaviour import arm_result, claim_effects, comparisons, grades_of
from skillgen.harness import Role, check_installed, run_tasks
from skillgen.model.behaviour import BEHAVIOUR_SCHEMA, Arm, ArmPlan, Behaviour, JudgeRecord, Trial
from skillgen.model.chat import ChatRequest, Estimate
from skillgen.model.evaluation import TaskSet
from skillgen.pipeline.behaviour_asking import WAITED_FILE, BatchAsker, Waited
from skillgen.pipeline.behaviour_run import ArmRun, Wanted, open_clients, prepared, trial_of
from skillgen.pipeline.exchange import write_grades
from skillgen.protocols import Embedder, Reporter
from skillgen.settings import Settings
from skillgen.workspace import Workspace

RESULT_FILE = "behaviour.json"
_MICRO_DOLLARS = 6


# -- running -----------------------------------------------------------------------------------------------------------


def measure_behaviour(
    settings: Settings, workspace: Workspace, wanted: Wanted, *, embedder: Embedder, reporter: Reporter
) -> Behaviour:
    """Run the arms and return what came of them; what is stored is asked nowhere, and a run that stops keeps its rest.

    Raises:
        UserError: there is no package, draft or task, the model cannot be asked as the settings say, or a placebo is
            made from the same pages.
        PrerequisiteError: Inspect or a provider's package is missing.
    """
    check_installed()
    name = wanted.package.resolve().name
    folder = eval_folder(settings, name)
    with open_clients(settings, workspace) as clients:
        run = prepared(settings, workspace, wanted, judge=clients["judge"].model, embedder=embedder, reporter=reporter)
        waited = Waited(folder / WAITED_FILE)
        asker = BatchAsker(clients, waited, reporter)
        models: dict[Role, str] = {role: client.model for role, client in clients.items()}
        old = set(folder.glob("*.eval"))
        logs = run_tasks([run.task(plan) for plan in run.plans], models=models, send=asker.send, folder=folder)
        found = _behaviour(run, settings, clients, waited)
    for path in old - set(logs):
        path.unlink()
    found = replace(found, logs=tuple(path.name for path in logs))
    if asker.stopped is not None:
        found = replace(found, problem=asker.stopped.detail)
    write_if_changed(folder / RESULT_FILE, json.dumps(behaviour_json(found), ensure_ascii=False, indent=1) + "\n")
    asked = TaskSet(skill=name, tasks=run.tasks)
    write_grades(asked, grades_of(found.arms), folder / "skill-creator", model=found.model)
    return found


def _behaviour(run: ArmRun, settings: Settings, clients: Mapping[Role, ChatClient], waited: Waited) -> Behaviour:
    model, judge = clients["model"], clients["judge"]
    arms = tuple(arm_result(plan, run.tasks, _trials(run, plan, model, waited)) for plan in run.plans)
    beside = comparisons(arms)
    against_none = next((one for one in beside if one.against == "without_skill"), None)
    taken = judge.taken(run.judged)
    undecided = sum(one.mark == "ungraded" for marks in run.marks.values() for one in marks)
    record = JudgeRecord(
        model=judge.model,
        is_the_model=judge is model,
        calls=taken.replies,
        undecided=undecided,
        tokens_in=taken.tokens_in,
        tokens_out=taken.tokens_out,
        cost=taken.cost,
    )
    asked = [request for found in run.answers.values() for request in found.requests] + run.judged
    return Behaviour(
        skill=run.skill,
        model=model.model,
        judge=record,
        endpoints=tuple(sorted({*model.usage().endpoints, *judge.usage().endpoints})),
        prompts={f"prompts/chat/{one.prompt}": one.digest for one in sorted(asked, key=lambda one: one.prompt)},
        settings={"temperature": 0.0, "context": run.context, "ablated": settings.eval.ablated},
        tasks=tuple(task.id for task in run.tasks),
        arms=arms,
        comparisons=beside,
        claims=claim_effects(run.sources.draft.claims, run.tasks, against_none),
    )


def _trials(run: ArmRun, plan: ArmPlan, client: ChatClient, waited: Waited) -> dict[str, Trial]:
    """Return the graded answers of an arm by task, each with what it took."""
    trials = {}
    for task in run.tasks:
        found, marks = run.answers.get((plan.arm, task.id)), run.marks.get((plan.arm, task.id))
        if found is None or marks is None:
            continue
        taken = client.taken(found.requests)
        trials[task.id] = replace(
            trial_of(plan.arm, task.id, found, marks),
            calls=taken.replies,
            tokens_in=taken.tokens_in,
            tokens_out=taken.tokens_out,
            cost=None if taken.cost is None else round(taken.cost, _MICRO_DOLLARS),
            seconds=waited.of(client.model, found.requests),
        )
    return trials


# -- dry runs ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmEstimate:
    """What an arm would take; it is `exact` where no request depends on a reply that is not there yet."""

    arm: Arm
    takes: Estimate
    exact: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BehaviourEstimate:
    """What a run would ask, arm by arm, without the judge: how much it has to decide shows by the answers only."""

    model: str
    endpoints: tuple[str, ...]
    tasks: int
    arms: tuple[ArmEstimate, ...]
    total: Estimate


def estimate_behaviour(
    settings: Settings, workspace: Workspace, wanted: Wanted, *, embedder: Embedder, reporter: Reporter
) -> BehaviourEstimate:
    """Return what a run would take; nothing is sent.

    Raises:
        UserError: as for the run itself.
    """
    with open_clients(settings, workspace) as clients:
        client = clients["model"]
        run = prepared(settings, workspace, wanted, judge=clients["judge"].model, embedder=embedder, reporter=reporter)
        requests = {plan.arm: _likely_requests(run, plan) for plan in run.plans}
        arms = []
        for plan in run.plans:
            takes = client.estimate(requests[plan.arm])
            arms.append(ArmEstimate(arm=plan.arm, takes=takes, exact=not plan.references or takes.calls == 0))
        total = client.estimate([request for held in requests.values() for request in held])
        return BehaviourEstimate(
            model=client.model, endpoints=client.endpoints, tasks=len(run.tasks), arms=tuple(arms), total=total
        )


def _likely_requests(run: ArmRun, plan: ArmPlan) -> list[ChatRequest]:
    """Return an arm's requests, as if of every skill its two longest files were read."""
    longest = sorted(plan.references, key=lambda name: (-len(plan.references[name]), name))[:2]
    requests = []
    for task in run.tasks:
        page = run.sources.page(task)
        if plan.references:
            requests.append(files_request(plan, task, page))
        requests.append(answer_request(plan, task, longest, page, context=run.context))
    return requests


# -- results -----------------------------------------------------------------------------------------------------------


def eval_folder(settings: Settings, name: str) -> Path:
    """Return the folder of a skill's behaviour: the logs of Inspect, the result, and files for skill-creator."""
    return settings.workspace / "evals" / name


def behaviour_json(found: Behaviour) -> dict[str, Any]:
    """Return a result as JSON: with its schema's name, whether it is complete, and the mark of every answer."""
    data = {"schema": BEHAVIOUR_SCHEMA, "complete": found.complete, **asdict(found)}
    for arm, held in zip(data["arms"], found.arms, strict=True):
        for trial, one in zip(arm["trials"], held.trials, strict=True):
            trial["mark"] = one.mark
    return data


def load_behaviour(path: Path) -> Behaviour | None:
    """Return the result of the last run; None where there is none that this version can read."""
    from pydantic import TypeAdapter, ValidationError

    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data.pop("schema") != BEHAVIOUR_SCHEMA:
            return None
        found: Behaviour = TypeAdapter(Behaviour).validate_python(data)
    except (FileNotFoundError, ValueError, LookupError, TypeError, ValidationError):
        return None
    return found
