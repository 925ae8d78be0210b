"""A skill's section in an AGENTS.md: text of skillgen's in a file that people write.

The section stands between `<!-- skillgen:begin NAME -->` and `<!-- skillgen:end NAME DIGEST -->`, each in a line of its
own. The digest is of the lines between, so that a section that was changed by hand is known. All that stands outside
stays as it is, byte for byte. (`skillgen.regions` is for the opposite: a person's text in a file of skillgen's.)
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from skillgen.artifacts import write_atomically
from skillgen.errors import UserError
from skillgen.markdown_text import escape_markdown
from skillgen.model.install import Section, SectionStatus, SkillFiles

_MARKER = re.compile(r"<!-- skillgen:(?P<what>begin|end) (?P<name>[a-z0-9-]+)(?: (?P<digest>[0-9a-f]{12}))? -->\s*")
_DIGITS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionPlan:
    """What is to become of the file: its text afterwards, or None where nothing is left of it or there is none."""

    file: Path
    text: str | None
    status: SectionStatus
    replaced: bool


def plan_section(file: Path, name: str, skill: SkillFiles | None, shown: str, *, force: bool = False) -> SectionPlan:
    """Return what writing, or without a skill removing, the skill's section would make of the file.

    Args:
        file: The AGENTS.md, which need not exist.
        name: The skill's name.
        skill: The skill that is listed, or None to remove its section.
        shown: The path of its SKILL.md as the section names it.
        force: Whether a section that was changed by hand may be replaced.

    Raises:
        UserError: the file cannot be read, a marker has no partner, or the section was changed by hand.
    """
    place, before = _read(file)
    lines = before.splitlines(keepends=True)
    found = _section(lines, name, str(file))
    edited = found is not None and not _is_as_written(lines[found])
    if edited and not force:
        raise UserError(
            f"The section of {name} in {file} was changed by hand. Nothing was changed.",
            hint="Move your text out of the section, or give the same command with --force, which loses it.",
        )
    newline = "\r\n" if "\r\n" in before else "\n"
    body = [] if skill is None else [line + newline for line in _written(skill, shown)]
    after = _with(lines, found, body, newline)
    if after == before:
        return SectionPlan(file=place, text=None, status="unchanged" if skill else "absent", replaced=False)
    status: SectionStatus = "removed" if skill is None else ("updated" if found else "added")
    return SectionPlan(file=place, text=after, status=status, replaced=edited)


def write_section(plan: SectionPlan) -> Section:
    """Write the file, or remove it where nothing is left of it, and return what became of the section."""
    if plan.text:
        mode = plan.file.stat().st_mode if plan.file.exists() else None
        write_atomically(plan.file, plan.text)
        if mode is not None:
            plan.file.chmod(mode & 0o777)
    elif plan.text is not None:
        plan.file.unlink()
    return Section(file=plan.file, status=plan.status, replaced=plan.replaced)


def _read(file: Path) -> tuple[Path, str]:
    """Return where the file really is, and its text with its own ends of lines."""
    place = file
    if file.is_symlink():
        place = file.resolve()
        if not place.is_relative_to(file.parent.resolve()):
            raise UserError(f"{file} leads by a link to {place}.", hint="Give that file itself with --agents-md.")
    try:
        return place, place.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return place, ""
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no UTF-8 text"
        hint = "Give a Markdown file with --agents-md, such as AGENTS.md."
        raise UserError(f"{file} cannot be read ({reason}).", hint=hint) from error


def _section(lines: Sequence[str], name: str, file: str) -> slice | None:
    """Return which lines are the section with its markers, or None where there is none."""
    markers = [(number, match) for number, line in enumerate(lines) if (match := _MARKER.fullmatch(line))]
    own = [(number, match["what"]) for number, match in markers if match["name"] == name]
    if not own:
        return None
    if [what for _, what in own] != ["begin", "end"]:
        where = ", ".join(str(number + 1) for number, _ in own)
        raise UserError(
            f"{file}: the markers of the section of {name} are no pair (line {where}).",
            hint="Take these lines away; the next run writes the section anew.",
        )
    return slice(own[0][0], own[1][0] + 1)


def _is_as_written(section: Sequence[str]) -> bool:
    end = _MARKER.fullmatch(section[-1])
    return end is not None and end["digest"] == _digest(section[1:-1])


def _digest(lines: Sequence[str]) -> str:
    text = "\n".join(line.rstrip("\r\n") for line in lines)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:_DIGITS]


def _written(skill: SkillFiles, shown: str) -> list[str]:
    """Return the lines of the section. The description came from pages: it is escaped, and holds no `<` or `>`."""
    inner = [
        f"## Skill: {skill.name}",
        "",
        escape_markdown(skill.description),
        "",
        f"Read `{shown}` before such a task, and what it links when it says so.",
    ]
    begin, end = f"<!-- skillgen:begin {skill.name} -->", f"<!-- skillgen:end {skill.name} {_digest(inner)} -->"
    return [begin, *inner, end]


def _with(lines: Sequence[str], found: slice | None, body: Sequence[str], newline: str) -> str:
    """Return the text with the section in its place or at the end; one that goes takes its blank line with it."""
    if found is None:
        text = "".join(lines)
        if not body or not text:
            return text + "".join(body)
        return text + ("" if text.endswith(("\n", "\r")) else newline) + newline + "".join(body)
    before, after = list(lines[: found.start]), list(lines[found.stop :])
    last = not after or not after[0].strip()
    if not body and last and before and not before[-1].strip():
        before.pop()
    return "".join([*before, *body, *after])
