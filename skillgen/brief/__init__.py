"""Reads research briefs: which sections a Markdown file has, what it asks and what coverage means."""

from skillgen.brief.lint import BriefIssue, lint_brief
from skillgen.brief.load import builtin_briefs, load_brief
from skillgen.brief.new import new_brief
from skillgen.brief.parse import parse_brief

__all__ = ["BriefIssue", "builtin_briefs", "lint_brief", "load_brief", "new_brief", "parse_brief"]
