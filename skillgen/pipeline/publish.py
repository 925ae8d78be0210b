"""Publish: the files of a package checked in a folder of their own, before they replace those that are there."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

from skillgen.artifacts import write_atomically
from skillgen.errors import PackageError
from skillgen.screen import scan_text
from skillgen.validate import RuleIssue, raise_on_errors, validate_package


def checked_files(files: Mapping[str, str], package: Path) -> tuple[RuleIssue, ...]:
    """Check a package's files, so that a broken one never replaces a good one; return advice on them.

    Raises:
        PackageError: a hard rule of the format is broken, or something is in it that screening keeps out.
    """
    with tempfile.TemporaryDirectory(prefix="skillgen-") as scratch:
        folder = Path(scratch) / package.name
        for path, text in files.items():
            write_atomically(folder / path, text)
        issues = validate_package(folder)
        raise_on_errors(issues, package)
    _refuse_unpublishable(files, package)
    return issues


def _refuse_unpublishable(files: Mapping[str, str], package: Path) -> None:
    """Scan the finished files once more: neither the brief nor a template may bring in what screening keeps out."""
    for path, text in files.items():
        for removal in scan_text(text):
            line = text.count("\n", 0, removal.start) + 1
            raise PackageError(
                f"{package / path}, line {line}: this looks like a secret or an injected instruction ({removal.kind}).",
                hint="Take it out of the brief, the template or the page; the package that was there stays.",
            )
