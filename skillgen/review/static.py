"""The review as one file that only shows: no server, no other file, nothing to press that changes anything."""

from __future__ import annotations

from skillgen.review.bench import Bench
from skillgen.review.pages import Pages
from skillgen.review.source import inline_html
from skillgen.review.view import disagreement

# Characters around a quote: enough to read it in its place, and a file of 200 claims stays near 2 MB.
_AROUND = 700


def static_page(bench: Bench) -> str:
    """Return the review of a draft as one HTML document."""
    pages, now = Pages(), bench.now()
    draft = now.desk.draft
    return pages.render(
        "static.html.j2",
        {
            "name": draft.skill.name,
            "groups": now.groups,
            "claims": [now.view(id_, around=_AROUND) for id_ in now.rows],
            "counts": now.counts,
            "coverage": now.coverage,
            "orphaned": now.review.orphaned,
            "gaps": [{"gap": gap, "ask_html": inline_html(gap.ask)} for gap in draft.gaps],
            "answers": {answer.facet: answer for answer in now.desk.decisions.answers},
            "disagreements": [disagreement(pair) for pair in draft.contradictions],
            "readonly": True,
            "policy": pages.file_policy,
            "filter": "all",
            "search": "",
        },
    )
