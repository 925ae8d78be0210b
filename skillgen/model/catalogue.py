"""Records of the catalogue: tools by kind, and the concerns that questions are about."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A product. An ambiguous name is an everyday word and counts only with its capital letter."""

    name: str
    kind: str
    aliases: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    ambiguous: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolKind:
    """Tools that do the same for their users, and the words by which pages speak of them without naming one."""

    kind: str
    label: str
    words: tuple[str, ...] = ()
    artefacts: tuple[str, ...] = ()
    credentials: tuple[str, ...] = ()
    tools: tuple[Tool, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Concern:
    """Something that questions are about.

    `asks` are words of a question that bring it in; `objects`, `actions` and `cues` are the words of pages that answer;
    `ideal` are typical sentences of such pages.
    """

    concern: str
    label: str
    asks: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    cues: tuple[str, ...] = ()
    ideal: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """A thing that questions name: by which other words they `ask` for it, and what pages `say` in its place."""

    thing: str
    asks: tuple[str, ...] = ()
    says: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """What is known in general, of no organisation in particular."""

    kinds: tuple[ToolKind, ...] = ()
    concerns: tuple[Concern, ...] = ()
    wording: tuple[Wording, ...] = ()

    @property
    def tools(self) -> tuple[Tool, ...]:
        """Every tool, by kind."""
        return tuple(tool for kind in self.kinds for tool in kind.tools)
