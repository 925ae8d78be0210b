"""Briefs made up of what a test is about: helpers that several test files share."""

from __future__ import annotations

from collections.abc import Iterable

from skillgen.model.brief import Brief, Question, Target


def brief_of(
    questions: Iterable[Question] = (),
    *,
    targets: Iterable[Target] = (),
    title: str = "B",
    sha256: str = "",
    variant: str = "D",
) -> Brief:
    """Return a brief of these questions and targets and nothing else."""
    return Brief(
        name="b",
        path="b.md",
        title=title,
        sha256=sha256,
        variant=variant,
        focus="",
        delta_principle="",
        targets=tuple(targets),
        questions=tuple(questions),
    )
