"""Purpose: what a skill is for, and what its layout decides about the description and the body."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace

from skillgen.catalogue import ToolFinder
from skillgen.compose import sections_first
from skillgen.errors import UserError
from skillgen.model.brief import Brief, Plan
from skillgen.model.catalogue import Catalogue
from skillgen.model.draft import Draft
from skillgen.render import describe, load_layout, main_tools, sections_of
from skillgen.settings import NO_PURPOSE, Settings
from skillgen.templating import Templates

# A body of 1,300 tokens holds some fifteen claims. The description is made before it is known which.
_BODY_CLAIMS = 15


def skill_purpose(settings: Settings, briefs: Sequence[Brief], templates: Templates) -> str:
    """Return the purpose of a skill: that of the settings, or that of its briefs, or an empty text.

    Raises:
        UserError: the briefs name several.
        TemplateError: there is no layout for it, or its file cannot be used.
    """
    named = dict.fromkeys(brief.purpose for brief in briefs if brief.purpose)
    if settings.render.purpose is not None:
        purpose = "" if settings.render.purpose == NO_PURPOSE else settings.render.purpose
    elif len(named) > 1:
        raise UserError(
            f"The briefs name several purposes: {', '.join(named)}.",
            hint="Name one with --purpose, or none with --purpose none.",
        )
    else:
        purpose = next(iter(named), "")
    load_layout(purpose, templates)
    return purpose


def with_description(
    frame: Draft, plan: Plan, templates: Templates, catalogue: Catalogue, *, body: Sequence[str]
) -> Draft:
    """Return the draft with the description that its briefs, its purpose, and the tools of body and map make.

    Args:
        frame: The draft, with nothing in the body yet.
        plan: The briefs.
        templates: Those of the package.
        catalogue: The tools that claims may name.
        body: The claims that may stand in the body, the worthiest first.
    """
    skill = frame.skill
    finder = ToolFinder(catalogue.tools)
    texts = {claim.id: claim.text for claim in frame.claims}
    told = [texts[id_] for id_ in body if id_ in texts][:_BODY_CLAIMS]
    named = Counter(tool for text in told for tool in {mention.tool.name for mention in finder.find(text)})
    text = describe(
        plan,
        templates,
        name=skill.name,
        tools=main_tools(frame.integration_map, named),
        layout=load_layout(skill.purpose, templates),
    )
    return replace(frame, skill=replace(skill, description=text))


def body_by_purpose(
    frame: Draft, ids: Sequence[str], templates: Templates, *, first: Collection[str]
) -> tuple[str, ...]:
    """Return the claims for the body in the order in which they deserve a place there, by the layout of the purpose.

    Args:
        frame: The draft.
        ids: The claims, the worthiest first.
        templates: Those of the package.
        first: Claims that stay before all others.
    """
    layout = load_layout(frame.skill.purpose, templates)
    if layout is None:
        return tuple(ids)
    return sections_first(ids, sections_of(frame, layout), count=len(layout.sections), first=first)
