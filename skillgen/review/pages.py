"""The review's HTML: templates filled with what is shown, style and script in the page, named in its policy."""

from __future__ import annotations

from collections.abc import Mapping

from skillgen import __version__
from skillgen.resources import data_dir
from skillgen.review.security import content_policy
from skillgen.review.view import FILTERS
from skillgen.templating import Templates

REASONS = ("Wrong", "Out of date", "Too general", "Says it twice", "Not for this skill")


class Pages:
    """Renders the templates of the review with its own style and script."""

    def __init__(self) -> None:
        folder = data_dir("templates") / "review"
        self._templates = Templates("review")
        self.style = (folder / "review.css").read_text(encoding="utf-8")
        self.script = (folder / "review.js").read_text(encoding="utf-8")

    @property
    def policy(self) -> str:
        """The content security policy of a page that the server sends."""
        return content_policy(scripts=[self.script], styles=[self.style])

    @property
    def file_policy(self) -> str:
        """The content security policy of a page that is a file."""
        return content_policy(scripts=[self.script], styles=[self.style], server=False)

    def render(self, name: str, values: Mapping[str, object]) -> str:
        """Return a template of `templates/review/` with the values; all that is no HTML of ours is escaped."""
        shared = {
            "style": self.style,
            "script": self.script,
            "filters": FILTERS,
            "reasons": REASONS,
            "version": __version__,
            "readonly": False,
            "policy": "",
        }
        return self._templates.render(name, shared | dict(values))
