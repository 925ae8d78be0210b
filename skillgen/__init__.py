"""skillgen turns an organisation's runbooks and wiki pages into a cited, covered and reviewable Agent Skill."""

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from skillgen.api import ask, build, check_package, ingest, load_settings, read_draft, search

try:
    __version__ = version("runbook-skillgen")
except PackageNotFoundError:  # run from a checkout that is not installed
    __version__ = "0+unknown"

__all__ = ["__version__", "ask", "build", "check_package", "ingest", "load_settings", "read_draft", "search"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - what the name stands for is typed above
    """Return a function of the Python door, which knows this package's version and so cannot be imported before it.

    Raises:
        AttributeError: there is none of that name.
    """
    if name in __all__:
        return getattr(import_module("skillgen.api"), name)
    raise AttributeError(f"module 'skillgen' has no attribute {name!r}")
