"""The built-in part of the trigger evaluation: other skills with their requests, and templates of requests.

Both are files in `prompts/triggers/`, which are data: nothing in them is a template of the engine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from skillgen.errors import PrerequisiteError
from skillgen.model.trigger import SkillCard
from skillgen.resources import data_dir

_KINDS = frozenset({"tool", "excluded", "unrelated", "question", "joint"})


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherSkill:
    """A skill of the set beside the one under test, with requests that are for it."""

    card: SkillCard
    requests: tuple[str, ...] = ()


def builtin_skills() -> tuple[OtherSkill, ...]:
    """Return the built-in other skills in the order of their file.

    Raises:
        PrerequisiteError: the file is missing or has another form.
    """
    try:
        return tuple(
            OtherSkill(
                card=SkillCard(name=one["name"], description=" ".join(one["description"].split())),
                requests=tuple(one["requests"]),
            )
            for one in _read("skills.yaml")
        )
    except (LookupError, TypeError, AttributeError) as error:
        raise _unusable("skills.yaml", error) from error


def request_templates() -> Mapping[str, tuple[str, ...]]:
    """Return templates of requests by kind: `{tool}`, `{what}`, `{facet}`, `{a}` and `{b}` stand for what is filled in.

    Raises:
        PrerequisiteError: the file is missing or has another form.
    """
    try:
        found = {kind: tuple(texts) for kind, texts in _read("requests.yaml").items()}
    except (TypeError, AttributeError) as error:
        raise _unusable("requests.yaml", error) from error
    if found.keys() != _KINDS:
        raise _unusable("requests.yaml", f"its kinds are {sorted(found)}")
    return found


def _read(name: str) -> Any:  # noqa: ANN401 - what YAML can hold
    import yaml

    try:
        return yaml.safe_load((data_dir("prompts") / "triggers" / name).read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise _unusable(name, error) from error


def _unusable(name: str, why: object) -> PrerequisiteError:
    return PrerequisiteError(
        f"prompts/triggers/{name} cannot be used: {why}.", hint="Install runbook-skillgen again, or mend the file."
    )
