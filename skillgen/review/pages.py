"""The review's HTML: templates filled with what is shown, style and script in the page, named in its policy."""

from __future__ import annotations

from collections.abc import Mapping

from skillgen import __version__
from skillgen.report.policy import content_policy
from skillgen.report.states import FILTERS
from skillgen.resources import data_dir
from skillgen.templating import Templates

REASONS = ("Wrong", "Out of date", "Too general", "Says it twice", "Not for this skill")


class Pages:
    """Renders the templates of the review with its own style and script."""

    def __init__(self) -> None:
        folder = data_dir("templates") / "review"
        self._templates = Templates("review")
        shared = data_dir("templates") / "report" / "base.css"
        self.style = "".join(path.read_text(encoding="utf-8") for path in (shared, folder / "review.css"))
        self.script = (folder / "review.js").read_text(encoding="utf-8")

    @property
    def policy(self) -> str:
        """The content security policy of a page that the server sends."""
        return content_policy(scripts=[self.script], styles=[self.style])

    def render(self, name: str, values: Mapping[str, object]) -> str:
        """Return a template of `templates/review/` with the values; all that is no HTML of ours is escaped."""
        shared = {
            "style": self.style,
            "script": self.script,
            "filters": FILTERS,
            "reasons": REASONS,
            "version": __version__,
        }
        return self._templates.render(name, shared | dict(values))
