"""What a rule reports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class RuleIssue:
    """A rule that the package breaks: `file` is relative to the package, the message says how to mend it."""

    rule: str
    severity: Literal["error", "warning"]
    file: str
    message: str


def error(rule: str, file: str, message: str) -> RuleIssue:
    """Make an issue that stops a package."""
    return RuleIssue(rule, "error", _printable(file), _printable(message))


def warning(rule: str, file: str, message: str) -> RuleIssue:
    """Make an issue that is advice."""
    return RuleIssue(rule, "warning", _printable(file), _printable(message))


def _printable(text: str) -> str:
    """Replace what cannot be encoded: the undecodable bytes of a file name."""
    return text.encode("utf-8", "replace").decode("utf-8")
