"""Status: where a folder stands, read from its files alone, and the command that comes next.

No lock is taken and no index or database is opened, so that it is instant and works while another command runs.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from skillgen.draft import draft_from_json
from skillgen.model.corpus import Corpus, SourceFile
from skillgen.model.draft import Draft
from skillgen.model.statements import statement_kind
from skillgen.pipeline.builds import PAGES, past_builds
from skillgen.settings import FILE_NAME, CorpusSettings, Settings
from skillgen.source import SourceEntry, read_source, resolve_corpora, scan
from skillgen.workspace import MARKER, STATEMENTS

_WAITING = ("undecided", "evidence changed")


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusStatus:
    """A folder of pages; `changed` is when the newest page was written (UTC), by the clock of its file."""

    path: str
    is_there: bool
    pages: int = 0
    changed: str | None = None
    newest: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SkillStatus:
    """A skill's last build: when its draft last changed (UTC), what it came to, and what became of its pages since.

    `to_review` counts claims of SKILL.md that wait for a reviewer. `changed` are pages that are new, gone or different
    since the build, None where that cannot be told. Without `readable` the draft is of another version.
    """

    name: str
    package: str
    built: str | None
    readable: bool = True
    complete: bool = True
    coverage: float = 0.0
    claims: int = 0
    in_body: int = 0
    to_review: int = 0
    gaps: int = 0
    changed: tuple[str, ...] | None = None
    installed: bool = False
    briefs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """A command, and why it comes next."""

    command: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Where a folder stands."""

    settings_file: str | None
    workspace: str
    has_workspace: bool
    corpora: tuple[CorpusStatus, ...]
    skills: tuple[SkillStatus, ...]
    next: NextStep


def folder_status(settings: Settings, folder: Path) -> Status:
    """Return where a folder stands.

    Args:
        settings: Those of the folder.
        folder: The current folder, in which agents look for skills.

    Raises:
        CorpusError: the corpora cannot be read together.
        DecisionsError: a decisions file cannot be read.
    """
    there = [one.path for one in settings.corpus if one.path.is_dir()]
    named = resolve_corpora(there) if there else ()
    entries = _entries(named, settings)
    whole = bool(there) and len(there) == len(settings.corpus)
    digests = _digests(entries, settings) if whole else None
    by_path = dict(zip(there, named, strict=True))
    corpora = tuple(_corpus(one, by_path.get(one.path), entries) for one in settings.corpus)
    skills = tuple(_skill(path, settings, folder, digests) for path in _drafts(settings.workspace))
    settings_file = FILE_NAME if (folder / FILE_NAME).is_file() else None
    return Status(
        settings_file=settings_file,
        workspace=str(settings.workspace),
        has_workspace=(settings.workspace / MARKER).is_file(),
        corpora=corpora,
        skills=skills,
        next=next_step(settings, corpora, skills),
    )


# -- pages -------------------------------------------------------------------------------------------------------------


def _entries(corpora: Sequence[Corpus], settings: Settings) -> tuple[SourceEntry, ...]:
    if not corpora:
        return ()
    ingest = settings.ingest
    return scan(corpora, include=ingest.include, exclude=ingest.exclude, max_bytes=ingest.max_bytes).entries


def _digests(entries: Sequence[SourceEntry], settings: Settings) -> dict[str, str]:
    """Return the SHA-256 of every page by its source, owners' answers among them, as a build remembers them."""
    read = [
        read_source(entry, max_bytes=settings.ingest.max_bytes) for entry in (*entries, *_answers(settings, entries))
    ]
    return {file.source: file.sha256 for file in read if isinstance(file, SourceFile) and _is_page(file)}


def _answers(settings: Settings, entries: Sequence[SourceEntry]) -> tuple[SourceEntry, ...]:
    folder = settings.workspace / STATEMENTS
    if not folder.is_dir():
        return ()
    from skillgen.pipeline.statements import statement_entries

    return statement_entries(folder, entries)


def _is_page(file: SourceFile) -> bool:
    if statement_kind(file.source) is None:
        return True
    from skillgen.parse import without_statements

    return not without_statements(file)


def _corpus(one: CorpusSettings, corpus: Corpus | None, entries: Sequence[SourceEntry]) -> CorpusStatus:
    if corpus is None:
        return CorpusStatus(path=str(one.path), is_there=False)
    times = {entry: entry.path.stat().st_mtime for entry in entries if entry.path.is_relative_to(corpus.root)}
    if not times:
        return CorpusStatus(path=str(one.path), is_there=True)
    newest = max(times, key=lambda entry: (times[entry], entry.source))
    changed = datetime.fromtimestamp(times[newest], UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return CorpusStatus(path=str(one.path), is_there=True, pages=len(times), changed=changed, newest=newest.source)


# -- skills ------------------------------------------------------------------------------------------------------------


def _drafts(workspace: Path) -> list[Path]:
    """Return the drafts of a workspace, by name; what a chat model left incomplete stands beside the last complete."""
    found = sorted((workspace / "drafts").glob("*.json"))
    return [path for path in found if not path.name.endswith((".files.json", ".incomplete.json"))]


def _skill(path: Path, settings: Settings, folder: Path, digests: Mapping[str, str] | None) -> SkillStatus:
    name = path.stem
    builds = past_builds(settings.workspace / "builds" / name)
    package = _package(path, settings, folder)
    built = builds[-1].at if builds else None
    try:
        draft = draft_from_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return SkillStatus(name=name, package=package, built=built, readable=False)
    pages = settings.workspace / "builds" / name / PAGES
    return SkillStatus(
        name=name,
        package=package,
        built=built,
        complete=draft.run.complete and not path.with_name(f"{name}.incomplete.json").is_file(),
        coverage=draft.coverage.overall,
        claims=len(draft.claims),
        in_body=sum(claim.in_body for claim in draft.claims),
        to_review=_to_review(draft, settings),
        gaps=len(draft.gaps),
        changed=None if digests is None else _changed(pages, digests),
        installed=_is_installed(name, folder),
        briefs=tuple(brief.path for brief in draft.briefs),
    )


def _package(path: Path, settings: Settings, folder: Path) -> str:
    """Return where a package is: where the settings say, or else where the last build wrote it."""
    usual = settings.build.out / path.stem
    if (usual / "SKILL.md").is_file():
        return str(usual)
    try:
        manifest = json.loads(path.with_name(f"{path.stem}.files.json").read_text(encoding="utf-8"))
        written = Path(str(manifest["folder"]))
    except (OSError, ValueError, LookupError, TypeError):
        return str(usual)
    here = folder.resolve()
    return str(written.relative_to(here)) if written.is_relative_to(here) else str(written)


def _to_review(draft: Draft, settings: Settings) -> int:
    """Return how many claims of the body wait for a reviewer: all of them where nobody decided anything."""
    path = settings.review.decisions / f"{draft.skill.name}.yaml"
    if not path.exists():
        return sum(claim.in_body for claim in draft.claims)
    from skillgen.decisions import load_decisions, match_claims

    review = match_claims((*draft.claims, *(one.claim for one in draft.withheld)), load_decisions(path))
    return sum(one.claim.in_body and one.state in _WAITING for one in review.claims)


def _changed(pages: Path, now: Mapping[str, str]) -> tuple[str, ...] | None:
    """Return the pages that are new, gone or different since a build; None where it did not remember its pages."""
    try:
        then = dict(json.loads(pages.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return tuple(sorted(source for source in then.keys() | now.keys() if then.get(source) != now.get(source)))


def _is_installed(name: str, folder: Path) -> bool:
    from skillgen.install import AGENTS

    return any((folder / project / name / "SKILL.md").is_file() for project, _ in AGENTS.values())


# -- what comes next ---------------------------------------------------------------------------------------------------


def next_step(settings: Settings, corpora: Sequence[CorpusStatus], skills: Sequence[SkillStatus]) -> NextStep:
    """Return the command that comes next: what is missing before what is old, what is old before what is undecided."""
    if not corpora and not skills:
        return NextStep(command="skillgen init", reason="asks for your pages and a brief, and writes skillgen.toml")
    gone = next((one.path for one in corpora if not one.is_there), None)
    if gone is not None:
        return NextStep(command="skillgen doctor", reason=f"the folder of pages {gone} is not there")
    empty = next((one.path for one in corpora if not one.pages), None)
    if empty is not None:
        return NextStep(command="skillgen doctor", reason=f"there is no page to read in {empty}")
    if not skills:
        return _first_build(settings)
    return next(filter(None, (_for_skill(one, settings) for one in skills)), None) or NextStep(
        command=f"skillgen check {shlex.quote(skills[0].package)}",
        reason="all is built, decided and installed; this tells when a page no longer says what is cited",
    )


def _first_build(settings: Settings) -> NextStep:
    if not settings.build.briefs:
        return NextStep(command="skillgen brief list", reason="no brief is named yet; name one for `skillgen build`")
    return NextStep(command="skillgen build", reason="nothing is built yet")


def _for_skill(skill: SkillStatus, settings: Settings) -> NextStep | None:
    """Return what a skill needs; None where it needs nothing."""
    package = shlex.quote(skill.package)
    if not skill.readable:
        return NextStep(command=_build_again(skill, settings), reason=f"{skill.name} is of another version of skillgen")
    if not skill.complete:
        return NextStep(command=_build_again(skill, settings), reason=f"{skill.name} is incomplete: the model stopped")
    if skill.changed:
        count = len(skill.changed)
        pages = "1 page has" if count == 1 else f"{count} pages have"
        return NextStep(command=_build_again(skill, settings), reason=f"{pages} changed since {skill.name} was built")
    if skill.to_review:
        count = skill.to_review
        reason = f"{count} claim{' waits' if count == 1 else 's'}{'' if count == 1 else ' wait'} for a reviewer"
        return NextStep(command=f"skillgen review {package}", reason=reason)
    if not skill.installed:
        return NextStep(command=f"skillgen install {package}", reason="puts the skill where agents load it")
    return None


def _build_again(skill: SkillStatus, settings: Settings) -> str:
    """Return the command that builds a skill again, with what skillgen.toml does not say."""
    briefs, words = settings.build.briefs, ["skillgen", "build"]
    if skill.briefs and tuple(skill.briefs) != briefs:
        words += skill.briefs
        briefs = skill.briefs
    if skill.name != (settings.build.name or (Path(briefs[0]).stem if briefs else "")):
        words += ["--name", skill.name]
    out = str(Path(skill.package).parent)
    if out != str(settings.build.out):
        words += ["--out", out]
    return shlex.join(words)
