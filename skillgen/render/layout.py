"""Layouts: how a skill of one purpose is arranged, read from `layouts/NAME.yaml`, and which section a claim is for."""

from __future__ import annotations

import functools
import re
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from skillgen.errors import TemplateError
from skillgen.model.draft import Claim, Draft
from skillgen.model.layout import Files, Layout, LayoutSection, Parts
from skillgen.render.homes import homes_of
from skillgen.templating import Templates
from skillgen.words import stem, words

FOLDER = "layouts"
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_HINT = "docs/templates.md says what stands in a layout."

_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]


class _Read(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Section(_Read):
    title: _Text
    lead: Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)] = ""
    when: _Text


class _Kind(_Section):
    words: Annotated[tuple[_Text, ...], Field(min_length=1)]


class _File(_Read):
    opening: _Text
    needs: _Text
    not_for: _Text
    files: Files = "sections"
    parts: Parts = "pages"
    sections: Annotated[tuple[_Kind, ...], Field(min_length=1)]
    rest: _Section

    @model_validator(mode="after")
    def _differ(self) -> _File:
        titles = [section.title.casefold() for section in (*self.sections, self.rest)]
        if len(set(titles)) < len(titles):
            raise ValueError("two sections have the same title")
        return self


@functools.lru_cache(maxsize=16)
def load_layout(name: str, templates: Templates) -> Layout | None:
    """Return the layout of a purpose; None for the empty name, by which every coverage target is a section.

    Raises:
        TemplateError: there is no layout of that name, or its file cannot be used.
    """
    if not name:
        return None
    found = templates.data(f"{FOLDER}/{name}.yaml") if _NAME.fullmatch(name) else None
    if found is None:
        known = ", ".join(templates.data_names(FOLDER))
        raise TemplateError(
            f"There is no layout for the purpose {name!r}. There are {known}.",
            hint=f"Name one of these with --purpose, or write {FOLDER}/NAME.yaml in the folder of --template.",
        )
    text, path = found
    read = _validated(text, str(path))
    return Layout(
        name=name,
        opening=read.opening,
        needs=read.needs,
        not_for=read.not_for,
        sections=tuple(_section(one, one.words) for one in read.sections),
        rest=_section(read.rest),
        files=read.files,
        parts=read.parts,
    )


def _validated(text: str, where: str) -> _File:
    import yaml

    try:
        return _File.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as error:
        raise TemplateError(f"{where} cannot be read: {' '.join(str(error).split())}.", hint=_HINT) from error
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, one['loc'])) or 'layout'}: {one['msg']}" for one in error.errors())
        raise TemplateError(f"{where} is no layout: {wrong}.", hint=_HINT) from error


def _section(read: _Section, words: tuple[str, ...] = ()) -> LayoutSection:
    return LayoutSection(title=read.title, lead=read.lead, when=read.when, words=words)


def sections_of(draft: Draft, layout: Layout) -> dict[str, int]:
    """Return for each claim the number of its section; what fits none has the number behind the last.

    A claim belongs where most of the section's words are said: by itself and its headings, and one more each where the
    facet that it answers best or the coverage target that it is filed under says any. Of two sections the first has it.
    """
    facets = {facet.id: facet.text for answer in draft.answers for facet in answer.facets}
    targets = {target.id: target.text for target in draft.coverage.targets}
    homes = homes_of(draft)
    return {
        claim.id: _best(layout, _said(claim), (facets.get(next(iter(claim.facets), ""), ""), targets[homes[claim.id]]))
        for claim in draft.claims
    }


def _said(claim: Claim) -> str:
    return f"{' '.join(claim.citations[-1].heading_path) if claim.citations else ''} {claim.text}"


# A body is rendered some twenty times until it is full, with the same claims.
@functools.lru_cache(maxsize=20_000)
def _best(layout: Layout, said: str, asked: tuple[str, ...]) -> int:
    counts = [
        len(_hits(section, said)) + sum(bool(_hits(section, one)) for one in asked) for section in layout.sections
    ]
    most = max(counts)
    return counts.index(most) if most else len(layout.sections)


def _hits(section: LayoutSection, text: str) -> list[str]:
    said = _stems(text)
    return [word for word in section.words if (wanted := _stems(word)) and wanted <= said]


@functools.lru_cache(maxsize=20_000)
def _stems(text: str) -> frozenset[str]:
    return frozenset(map(stem, words(text)))
