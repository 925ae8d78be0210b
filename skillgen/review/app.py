"""The review's web application: pages and forms that work without a script, and the same as JSON for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast
from urllib.parse import parse_qs, urlencode

from skillgen.errors import DecisionConflictError, SkillgenError
from skillgen.model.decision import Kind
from skillgen.report.markup import inline_html
from skillgen.report.places import disagreement
from skillgen.report.states import FILTERS
from skillgen.review.bench import Bench, Choice, Done
from skillgen.review.pages import Pages
from skillgen.review.snapshot import Snapshot
from skillgen.review.view import chosen, rows_of

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

_KINDS = frozenset({"accepted", "edited", "rejected", "asked"})
_CONFLICT = 409
_UNUSABLE = 422


def make_app(bench: Bench, pages: Pages) -> Starlette:
    """Return the application; it trusts whoever reaches it, so a `Guard` must stand before it."""
    from starlette.applications import Starlette
    from starlette.routing import Route

    desk = ReviewPages(bench, pages)
    return Starlette(
        routes=[
            Route("/", _answered(desk.home)),
            Route("/claim/{claim}", _answered(desk.claim)),
            Route("/page", _answered(desk.page)),
            Route("/preview", _answered(desk.preview)),
            Route("/gaps", _answered(desk.gaps)),
            Route("/changes", _answered(desk.changes)),
            Route("/decide", _answered(desk.decide), methods=["POST"]),
            Route("/undo", _answered(desk.undo), methods=["POST"]),
            Route("/verify", _answered(desk.verify), methods=["POST"]),
            Route("/answer", _answered(desk.answer), methods=["POST"]),
            Route("/unanswer", _answered(desk.unanswer), methods=["POST"]),
        ]
    )


class Form:
    """The fields of a request's address and body, each once; `script` tells whether our script sent it."""

    def __init__(self, request: Request, body: bytes) -> None:
        sent = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=50)
        self._fields = {name: values[0] for name, values in sent.items()}
        self._fields = dict(request.query_params) | self._fields | dict(request.path_params)
        self.script = request.headers.get("x-review") == "1"

    def __getitem__(self, name: str) -> str:
        return self._fields.get(name, "")


def _answered(handler: Callable[[Form], Response]) -> Callable[[Request], object]:
    """Return the endpoint of a handler: it runs in a thread, and its errors become a message with the next step."""
    from starlette.concurrency import run_in_threadpool
    from starlette.responses import JSONResponse, PlainTextResponse

    async def endpoint(request: Request) -> Response:
        form = Form(request, await request.body())
        try:
            return await run_in_threadpool(handler, form)
        except SkillgenError as error:
            status = _CONFLICT if isinstance(error, DecisionConflictError) else _UNUSABLE
            if form.script:
                return JSONResponse({"error": error.message, "hint": error.hint or ""}, status)
            return PlainTextResponse(f"{error.message}\n{error.hint or ''}\n", status)

    return endpoint


class ReviewPages:
    """The handlers: each takes a form and returns an answer."""

    def __init__(self, bench: Bench, pages: Pages) -> None:
        self._bench = bench
        self._pages = pages

    # -- pages -------------------------------------------------------------------------------------------------------

    def home(self, form: Form) -> Response:
        """The whole page: list, claim and coverage."""
        now = self._bench.now()
        name = form["filter"] if form["filter"] in dict(FILTERS) else "all"
        groups = chosen(now.groups, name, form["q"]) if name != "all" or form["q"] else now.groups
        rows = rows_of(groups)
        wanted = form["claim"] if form["claim"] in now.rows else ""
        first = wanted or next((row.id for row in rows if "undecided" in row.flags), rows[0].id if rows else "")
        return self._html(
            "page.html.j2",
            {
                **self._frame(now, here="review"),
                "groups": groups,
                "claim": now.view(first) if first else None,
                "filter": name,
                "search": form["q"],
                "undo": form["undo"],
                "said": form["said"],
                "orphaned": now.review.orphaned,
            },
        )

    def claim(self, form: Form) -> Response:
        """One claim, as the part of the page that shows it."""
        return self._html("claim.html.j2", {"claim": self._bench.now().view(form["claim"]), "by": self._bench.by})

    def page(self, form: Form) -> Response:
        """A whole page that a claim cites."""
        pane = self._bench.pane(form["claim"], form["source"])
        template = "pane.html.j2" if form.script else "whole.html.j2"
        values = {"pane": pane, "key": "whole", "claim_id": form["claim"]}
        return self._html(template, values if form.script else {**self._frame(self._bench.now(), here=""), **values})

    def preview(self, _form: Form) -> Response:
        """The skill as the decisions would leave it."""
        now = self._bench.now()
        return self._html("preview.html.j2", {**self._frame(now, here="preview"), "preview": self._bench.preview()})

    def gaps(self, form: Form) -> Response:
        """What the pages do not say, and where they disagree."""
        now = self._bench.now()
        answers = {answer.facet: answer for answer in now.desk.decisions.answers}
        return self._html(
            "gaps.html.j2",
            {
                **self._frame(now, here="gaps"),
                "gaps": [{"gap": gap, "ask_html": inline_html(gap.ask)} for gap in now.desk.draft.gaps],
                "answers": answers,
                "disagreements": [disagreement(pair) for pair in now.desk.draft.contradictions],
                "said": form["said"],
            },
        )

    def changes(self, form: Form) -> Response:
        """What changed since a version: the states of all claims, or that there is a new build."""
        now = self._bench.now()
        if form["version"] == self._bench.version or not now.is_measured:
            return _json({})
        if form["draft"] != self._bench.draft_version:
            return _json({"rebuilt": True})
        rows = {row.id: [row.state, row.sign, row.label, row.stamp] for row in now.rows.values()}
        return _json({"rows": rows, **self._standing(now)})

    # -- changes -----------------------------------------------------------------------------------------------------

    def decide(self, form: Form) -> Response:
        """Save a decision."""
        if form["kind"] not in _KINDS:
            raise SkillgenError(f"There is no decision {form['kind']!r}.")
        choice = Choice(
            claim=form["claim"],
            kind=cast("Kind", form["kind"]),
            stamp=form["stamp"],
            edited=form["edited"],
            reason=": ".join(part for part in (form["quick"], form["reason"].strip()) if part),
            owner=form["owner"],
            question=form["question"],
        )
        return self._saved(form, self._bench.decide(choice))

    def undo(self, form: Form) -> Response:
        """Take a change back."""
        return self._saved(form, self._bench.undo(form["undo"]), undone=True)

    def verify(self, form: Form) -> Response:
        """Say whether the quotes carry another text; nothing is saved."""
        now = self._bench.now()
        verdict = now.verdict(now.find(form["claim"]).claim, " ".join(form["edited"].split()))
        return self._html("verdict.html.j2", {"verdict": verdict, "words": len(form["edited"].split())})

    def answer(self, form: Form) -> Response:
        """Save an owner's answer to a gap."""
        self._bench.answer(form["facet"], form["text"], form["by"] or self._bench.by)
        return _redirect("/gaps?" + urlencode({"said": "Saved. The next build makes a page of it."}))

    def unanswer(self, form: Form) -> Response:
        """Take an owner's answer back."""
        self._bench.unanswer(form["answer"])
        return _redirect("/gaps?" + urlencode({"said": "The answer was taken back."}))

    def _saved(self, form: Form, done: Done, *, undone: bool = False) -> Response:
        now = self._bench.now()
        row = now.rows[done.claims[0]]
        said = f"{'Taken back' if undone else 'Saved'}: {row.label.lower()}."
        if not form.script:
            back = {"claim": form["next"] or row.id, "filter": form["filter"], "q": form["q"], "undo": done.undo}
            return _redirect("/?" + urlencode({**back, "said": said}))
        shown = [row.state, row.sign, row.label, row.stamp]
        return _json({"claim": row.id, "row": shown, "undo": done.undo, "said": said, **self._standing(now)})

    # -- parts -------------------------------------------------------------------------------------------------------

    def _standing(self, now: Snapshot) -> dict[str, object]:
        """Return what every window shows of the whole: version, progress and coverage."""
        return {
            "version": self._bench.version,
            "decided": now.counts.decided,
            "total": now.counts.total,
            "coverage": self._pages.render("coverage.html.j2", {"coverage": now.coverage}),
            "now": now.coverage.now,
        }

    def _frame(self, now: Snapshot, *, here: str) -> dict[str, object]:
        draft = now.desk.draft
        return {
            "name": draft.skill.name,
            "here": here,
            "by": self._bench.by,
            "counts": now.counts,
            "coverage": now.coverage_so_far,
            "version_now": self._bench.version if now.is_measured else "",
            "draft_version": self._bench.draft_version,
            "file": str(self._bench.path),
            "gap_count": len(draft.gaps) + len(draft.contradictions),
        }

    def _html(self, template: str, values: dict[str, object]) -> Response:
        from starlette.responses import HTMLResponse

        return HTMLResponse(self._pages.render(template, values))


def _json(data: dict[str, object]) -> Response:
    from starlette.responses import JSONResponse

    return JSONResponse(data)


def _redirect(address: str) -> Response:
    from starlette.responses import RedirectResponse

    return RedirectResponse(address, 303)
