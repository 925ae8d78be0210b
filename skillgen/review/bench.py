"""The reviewer's bench: draft, decisions and pages as they are now, and every change a reviewer can make to them.

Decisions are written to their file before they are acknowledged. Nothing here holds the workspace: a build may run
beside the review, and what it makes is taken up with the next request.
"""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from skillgen.decisions import Recorded, add_answers, decision_about, make_answer, record, remove_answers, restore
from skillgen.errors import DecisionConflictError, UserError, WorkspaceBusyError
from skillgen.model.decision import Decision, Kind, ReviewedClaim
from skillgen.model.draft import Claim
from skillgen.pipeline.decide import ReviewDesk, claims_for_review, decisions_path, open_desk
from skillgen.report.source import Pane, quotes_in, show_page
from skillgen.review.detail import Library
from skillgen.review.meter import CoverageMeter
from skillgen.review.preview import Preview, decided_draft, is_out, render_preview
from skillgen.review.snapshot import Snapshot
from skillgen.review.view import stamp_of
from skillgen.settings import Settings
from skillgen.templating import Templates
from skillgen.workspace import open_workspace

# How many steps can be undone: more than anybody remembers.
_UNDO_STEPS = 1000
# A browser takes about so long from the link to the first page.
_FIRST_PAGE_SECONDS = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a reviewer decided: the form as it was sent. `stamp` names the decision that their window showed."""

    claim: str
    kind: Kind
    stamp: str
    edited: str = ""
    reason: str = ""
    owner: str = ""
    question: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a change left: the claims that it touched, and the name by which it can be undone."""

    claims: tuple[str, ...]
    undo: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Undo:
    claim: str
    previous: Mapping[str, Decision | None]
    seen: Mapping[str, Decision | None]


class Bench:
    """What the server works on; its methods may be called from several threads."""

    def __init__(self, settings: Settings, name: str, *, by: str) -> None:
        """Read draft, decisions and cited pages.

        Raises:
            UserError: there is no draft of that name.
            DecisionsError: the decisions file cannot be read.
            WorkspaceBusyError: a build is running.
        """
        self.by = by
        self.name = name
        self._settings = settings
        self._draft_path = settings.workspace / "drafts" / f"{name}.json"
        self._decisions_path = decisions_path(settings, name)
        self._lock = threading.RLock()
        self._undo: OrderedDict[str, _Undo] = OrderedDict()
        self._seen_draft = _state(self._draft_path)
        self._seen_decisions = _state(self._decisions_path)
        desk = open_desk(settings, name, self._draft_path)
        self._now = Snapshot(desk, self._read_library(desk), CoverageMeter(desk.draft))

    def prepare(self) -> None:
        """Work out what the first page shows, before anybody waits for it."""
        _ = self.now().rows
        self.warm_up()

    def warm_up(self) -> None:
        """Work out in the background what takes long with thousands of claims; until then coverage is the draft's.

        It begins a moment later, so that the first page is not kept waiting.
        """
        begin = threading.Timer(_FIRST_PAGE_SECONDS, self._now.meter.warm_up)
        begin.daemon = True
        begin.start()

    @property
    def path(self) -> Path:
        """The decisions file."""
        return self._decisions_path

    @property
    def version(self) -> str:
        """A text that is another one whenever the draft or the decisions changed."""
        return f"{self._seen_draft}/{self._seen_decisions}"

    @property
    def draft_version(self) -> str:
        """A text that is another one whenever the draft changed."""
        return str(self._seen_draft)

    def now(self) -> Snapshot:
        """Return everything as it is now; what another process changed is read again."""
        with self._lock:
            draft, decisions = _state(self._draft_path), _state(self._decisions_path)
            if draft != self._seen_draft:
                self._take_build(draft, decisions)
            elif decisions != self._seen_decisions:
                desk = open_desk(self._settings, self.name, self._draft_path)
                self._now = self._now.with_decisions(desk.decisions)
                self._seen_decisions = decisions
            return self._now

    def _take_build(self, draft: str, decisions: str) -> None:
        """Take up what a build made; while it still holds the workspace, what was there before stays."""
        desk = open_desk(self._settings, self.name, self._draft_path)
        try:
            library = self._read_library(desk)
        except WorkspaceBusyError:
            return
        self._now = Snapshot(desk, library, CoverageMeter(desk.draft))
        self.warm_up()
        self._seen_draft, self._seen_decisions = draft, decisions

    def _read_library(self, desk: ReviewDesk) -> Library:
        sources = {c.source for claim in claims_for_review(desk.draft) for c in (*claim.citations, *claim.also_cited)}
        with open_workspace(self._settings.workspace, command="skillgen review") as workspace:
            pages = {page.source: page for page in workspace.store.pages(sources)}
            owners = {source: facts.owner for source, facts in workspace.store.facts().items() if facts.owner}
        return Library(pages=pages, owners=owners)

    # -- changes -----------------------------------------------------------------------------------------------------

    def decide(self, choice: Choice) -> Done:
        """Write a decision into the file.

        Raises:
            DecisionConflictError: the file holds another decision than the reviewer's window showed.
            UserError: something that the decision needs is missing, or the draft holds no such claim.
        """
        with self._lock:
            reviewed = self.now().find(choice.claim)
            before = reviewed.decision
            if stamp_of(before) != choice.stamp:
                raise _conflict(before)
            decision = decision_about(
                _as_found(reviewed),
                choice.kind,
                by=self.by,
                edited=choice.edited,
                reason=choice.reason,
                owner=choice.owner,
                question=choice.question,
                judged=reviewed.judged,
            )
            moved = [before.claim] if before and before.claim != choice.claim else []
            seen: dict[str, Decision | None] = {choice.claim: None} | ({before.claim: before} if before else {})
            done = record(self._decisions_path, [decision], supersedes=moved, seen=seen)
            self._take(done)
            return self._undoable(choice.claim, done)

    def undo(self, name: str) -> Done:
        """Put back what stood there before a change; that can be undone as well.

        Raises:
            DecisionConflictError: somebody decided about the claim since.
            UserError: the change is not known any more.
        """
        with self._lock:
            self.now()
            step = self._undo.get(name)
            if step is None:
                raise UserError("There is nothing to undo.", hint="Decide about the claim anew.")
            done = restore(self._decisions_path, step.previous, seen=step.seen)
            del self._undo[name]
            self._take(done)
            return self._undoable(step.claim, done)

    def answer(self, facet: str, text: str, by: str) -> None:
        """Write an owner's answer to a gap into the file.

        Raises:
            UserError: the gap is not known, or text or name is missing.
        """
        with self._lock:
            gap = next((gap for gap in self.now().desk.draft.gaps if gap.facet == facet), None)
            if gap is None:
                raise UserError("The draft has no such gap.", hint="Reload the page: a new build may be there.")
            add_answers(self._decisions_path, [make_answer(facet=facet, question=gap.question, text=text, by=by)])

    def unanswer(self, answer: str) -> None:
        """Take an owner's answer out of the file; one that is not there is no error."""
        with self._lock:
            remove_answers(self._decisions_path, [answer])

    def _take(self, done: Recorded) -> None:
        self._now = self._now.with_decisions(done.decisions)
        self._seen_decisions = _state(self._decisions_path)

    def _undoable(self, claim: str, done: Recorded) -> Done:
        name = secrets.token_hex(8)
        seen = {id_: done.decisions.of(id_) for id_ in done.previous}
        self._undo[name] = _Undo(claim=claim, previous=done.previous, seen=seen)
        while len(self._undo) > _UNDO_STEPS:
            self._undo.popitem(last=False)
        return Done(claims=(claim,), undo=name)

    # -- views -------------------------------------------------------------------------------------------------------

    def pane(self, claim_id: str, source: str) -> Pane:
        """Return a whole page that a claim cites, or that states the same or disagrees.

        Raises:
            UserError: the claim or page is not known.
        """
        now = self.now()
        claim = now.find(claim_id).claim
        page = now.library.pages.get(source)
        if page is None:
            raise UserError(f"No claim of this draft cites a page {source}.")
        cited = [(one.source, one.start, one.end) for one in (*claim.citations, *claim.also_cited)]
        return show_page(page, quotes_in(source, cited), whole=True)

    def preview(self) -> Preview:
        """Return the package as the decisions would leave it."""
        now = self.now()
        coverage = now.meter.measure(
            now.effective(one) for one in now.review.claims if not is_out(one, now.effective(one))
        )
        draft = decided_draft(now.desk.draft, now.review, now.effective, coverage)
        templates = Templates("skill", user_dir=self._settings.build.template)
        return render_preview(draft, now.review, templates, body_tokens=self._settings.render.body_tokens)


def _as_found(reviewed: ReviewedClaim) -> Claim:
    """Return the claim as the pages have it: after a build, an edited one says the reviewer's text."""
    decision = reviewed.decision
    if decision is not None and reviewed.match == "id" and decision.edited and reviewed.claim.text == decision.edited:
        return replace(reviewed.claim, text=decision.text)
    return reviewed.claim


def _conflict(held: Decision | None) -> DecisionConflictError:
    what = f"{held.by} has {held.decision} this claim" if held else "the decision was taken back"
    return DecisionConflictError(
        f"Somebody else was there first: {what} in the meantime. Nothing was saved.", hint="Look again, then decide."
    )


def _state(path: Path) -> str:
    """Return a text that differs whenever the file was written."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return ""
    return f"{found.st_ino}-{found.st_mtime_ns}-{found.st_size}"
