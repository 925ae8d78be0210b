"""Records of what is asked: briefs, questions, facets and coverage targets."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One item of a brief's Coverage Targets."""

    id: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One numbered question; `number` is kept as the brief writes it."""

    id: str
    number: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """An entry of a brief's Vocabulary: words of the questions with the words that the pages use for them.

    Where `kind` is given, `words` are the name and the further names of a tool of that kind, and `means` is empty.
    """

    words: tuple[str, ...]
    means: tuple[str, ...] = ()
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """A research brief: what to find out and what coverage means.

    `path` is the file, or the name of a built-in brief. `variant` is the letter of the heading set it uses
    (C, D or E, see docs/brief.md). `purpose` names the layout of the skill, if the brief does.
    """

    name: str
    path: str
    title: str
    sha256: str
    variant: str
    focus: str
    delta_principle: str
    targets: tuple[Target, ...]
    questions: tuple[Question, ...]
    quality_checks: tuple[str, ...] = ()
    vocabulary: tuple[Term, ...] = ()
    purpose: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """One atomic thing that a question asks; `targets` are the ids of the coverage targets it counts for."""

    id: str
    question_id: str
    text: str
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a build sets out to answer: every brief's questions, each split into facets."""

    briefs: tuple[Brief, ...]
    facets: tuple[Facet, ...]
