"""Checks a rendered skill package (a folder) against the rules of the Agent Skills format.

Rule identifiers: `H1` to `H13` are the format's hard rules, `H-...` are hard rules of our own (links and citation
markers lead somewhere), `S-...` are advice. Nothing here changes a file.
"""

from __future__ import annotations

from itertools import chain
from pathlib import Path

from skillgen.errors import PackageError
from skillgen.validate.hard import HARD_RULES
from skillgen.validate.issue import RuleIssue
from skillgen.validate.package import read_package
from skillgen.validate.soft import SOFT_RULES

__all__ = ["RuleIssue", "raise_on_errors", "validate_package"]


def validate_package(folder: Path) -> tuple[RuleIssue, ...]:
    """Check the package in `folder` and return what is wrong with it: errors first, then warnings.

    A package that cannot be read is an issue, never an exception.
    """
    package = read_package(folder)
    return tuple(chain.from_iterable(rule(package) for rule in (*HARD_RULES, *SOFT_RULES)))


def raise_on_errors(issues: tuple[RuleIssue, ...], folder: Path) -> None:
    """Raise if any of the issues is an error; warnings alone pass.

    Raises:
        PackageError: its message lists the errors.
    """
    errors = [issue for issue in issues if issue.severity == "error"]
    if errors:
        listing = "".join(f"\n  {issue.rule} {issue.file}: {issue.message}" for issue in errors)
        raise PackageError(
            f"{folder} breaks {len(errors)} hard rule(s) of the Agent Skills format:{listing}",
            hint="Mend the package, or the template it was rendered from, then run skillgen build again.",
        )
