"""skillgen turns an organisation's runbooks and wiki pages into a cited, covered and reviewable Agent Skill."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("runbook-skillgen")
except PackageNotFoundError:  # run from a checkout that is not installed
    __version__ = "0+unknown"
