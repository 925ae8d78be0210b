"""What the arms of an evaluation are given: the package, passages of the workspace, another organisation's skill."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from skillgen.errors import UserError
from skillgen.evaluate.arm_texts import (
    SAME_CORPUS,
    ShownPassage,
    fitted,
    most_important,
    passages_text,
    passages_within,
    placebo_text,
    readable,
    shared_with,
    text_tokens,
    without_claims,
)
from skillgen.model.behaviour import Arm, ArmPlan, Given
from skillgen.model.chat import ChatSource
from skillgen.model.corpus import Chunk
from skillgen.model.draft import Draft
from skillgen.model.evaluation import Task
from skillgen.pipeline.asking import AskingEmbedder
from skillgen.pipeline.indexes import embed_missing, sync_indexes
from skillgen.pipeline.library import open_library
from skillgen.protocols import Embedder, Reporter
from skillgen.resources import data_dir
from skillgen.settings import EvalSettings
from skillgen.workspace import Workspace

SKILL_FILE = "SKILL.md"
# Enough to fill any skill's length: a passage has at most 1,200 characters, and mostly 600.
_RETRIEVED = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmSources:
    """What arms are made from: a package's files with its draft, and the SHA-256 of each page of the workspace."""

    files: Mapping[str, str]
    draft: Draft
    pages: Mapping[str, str]

    def page(self, task: Task) -> tuple[ChatSource, ...]:
        """Return the page that a task's fact stands on."""
        source = task.citation.source if task.citation else ""
        return (ChatSource(source=source, sha256=self.pages[source]),) if source in self.pages else ()

    @property
    def cited(self) -> tuple[ChatSource, ...]:
        """Every page that the draft cites."""
        cited = {
            (one.source, one.source_sha256)
            for claim in self.draft.claims
            for one in (*claim.citations, *claim.also_cited)
        }
        return tuple(ChatSource(source=source, sha256=sha256) for source, sha256 in sorted(cited))


def make_plans(  # noqa: PLR0913 - what the arms are made from, and what makes them
    arms: Sequence[Arm],
    sources: ArmSources,
    tasks: Sequence[Task],
    settings: EvalSettings,
    workspace: Workspace,
    *,
    embedder: Embedder,
    reporter: Reporter,
) -> tuple[ArmPlan, ...]:
    """Return what each arm is given, in the order of the arms.

    Raises:
        UserError: the placebo comes from the same pages, or cannot be read.
    """
    made = {
        "without_skill": lambda: ArmPlan(arm="without_skill"),
        "with_skill": lambda: _skill("with_skill", sources, sources.files),
        "raw_passages": lambda: _passages(sources, tasks, workspace, embedder=embedder, reporter=reporter),
        "placebo_skill": lambda: _placebo(sources, settings.placebo, workspace),
        "ablated_skill": lambda: _ablated(sources, settings.ablated),
    }
    return tuple(made[arm]() for arm in arms)


def _skill(arm: Arm, sources: ArmSources, files: Mapping[str, str], removed: tuple[str, ...] = ()) -> ArmPlan:
    always = Given(text=files[SKILL_FILE], sources=sources.cited)
    return ArmPlan(arm=arm, always=always, references=readable(files), removed=removed)


def _ablated(sources: ArmSources, share: float) -> ArmPlan:
    claims = sources.draft.claims
    removed = most_important(claims, share)
    files = without_claims(sources.files, claims, removed)
    return _skill("ablated_skill", sources, files, tuple(claim.id for claim in removed))


# -- passages ----------------------------------------------------------------------------------------------------------


def _passages(
    sources: ArmSources, tasks: Sequence[Task], workspace: Workspace, *, embedder: Embedder, reporter: Reporter
) -> ArmPlan:
    """Return the passages that the workspace's own search finds for each question, within the length of SKILL.md."""
    budget = text_tokens(sources.files[SKILL_FILE])
    asking = AskingEmbedder(embedder, workspace.store)
    embed_missing(workspace.store, embedder, reporter)
    sync_indexes(workspace, workspace.store.chunks(), embedder, reporter)
    by_task = {}
    with open_library(workspace, embedder=asking) as library:
        for task in tasks:
            found = library.retrieve(task.question, limit=_RETRIEVED)
            shown = passages_within([_shown(one.chunk) for one in found], budget)
            pages = sorted({one.source for one in shown})
            by_task[task.id] = Given(
                text=passages_text(shown),
                sources=tuple(ChatSource(source=one, sha256=sources.pages[one]) for one in pages),
            )
    asking.keep("evaluation")
    return ArmPlan(arm="raw_passages", by_task=by_task)


def _shown(chunk: Chunk) -> ShownPassage:
    return ShownPassage(source=chunk.source, heading_path=chunk.heading_path, text=chunk.text)


# -- placebo -----------------------------------------------------------------------------------------------------------


def _placebo(sources: ArmSources, chosen: Path | None, workspace: Workspace) -> ArmPlan:
    """Return another organisation's skill in the length of this one.

    Raises:
        UserError: it comes from the same pages, or cannot be read.
    """
    pages = [page.shown(0, len(page.text)) for page in workspace.store.pages()]
    tokens = text_tokens(sources.files[SKILL_FILE])
    for text in [_chosen(chosen)] if chosen else _built_in():
        if shared_with(text, pages) < SAME_CORPUS:
            return ArmPlan(arm="placebo_skill", always=Given(text=fitted(text, tokens)))
    raise UserError(
        f"The placebo {chosen or 'that comes with skillgen'} is made from the pages of this workspace.",
        hint="Name the package of another organisation with --placebo, or leave the arm out with --arms.",
    )


def _chosen(package: Path) -> str:
    file = package / SKILL_FILE if package.is_dir() else package
    try:
        text = placebo_text(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"The placebo {file} cannot be read ({error}).", hint="Name a package's folder.") from error
    if not text.strip():
        raise UserError(f"The placebo {file} holds no text.", hint="Name another package with --placebo.")
    return text


def _built_in() -> list[str]:
    return [file.read_text(encoding="utf-8") for file in sorted((data_dir("prompts") / "evals").glob("placebo-*.md"))]
