"""Where agents look for skills, in a project and in a user's home.

Sources: the client guide of the Agent Skills specification (`.agents/skills` is shared by clients), and the pages of
Claude Code and of GitHub Copilot on skills (`.claude/skills`; `.github/skills` and `~/.copilot/skills`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from skillgen.errors import UserError

# For each agent the folder below a project and the one below the user's home.
AGENTS = {
    "agents": (".agents/skills", ".agents/skills"),
    "claude": (".claude/skills", ".claude/skills"),
    "github": (".github/skills", ".copilot/skills"),
}
DEFAULT_AGENT = "agents"


@dataclass(frozen=True, slots=True, kw_only=True)
class SkillsFolder:
    """A folder of skills, which need not exist; `agent` is empty where the folder was given itself.

    `home` is the user's home where the folder stands in it by the user's wish, so that it can be shown with `~`.
    """

    agent: str
    folder: Path
    home: Path | None = None


def skills_folder(to: str, *, project: Path, home: Path, user: bool = False) -> SkillsFolder:
    """Return the folder of skills that `to` means: an agent's name, or a folder.

    Args:
        to: A key of `AGENTS`, or a path. A bare word that is neither an agent nor a folder is taken for a typo.
        project: The project's folder.
        home: The user's home.
        user: Whether the skill is for all projects of the user.

    Raises:
        UserError: there is no such agent, a folder was given together with `user`, or a link leads out of the project
            or the home.
    """
    if to in AGENTS:
        base = home if user else project
        folder = base / AGENTS[to][user]
        _refuse_leading_out(folder, base)
        return SkillsFolder(agent=to, folder=folder, home=home if user else None)
    if user:
        raise UserError(f"--user goes with an agent's name, not with the folder {to!r}.", hint=_known())
    path = Path(to).expanduser()
    if "/" not in to and to not in (".", "..") and not (project / path).is_dir():
        raise UserError(f"There is neither an agent nor a folder {to!r}.", hint=f"{_known()} A new folder is ./{to}.")
    return SkillsFolder(agent="", folder=path)


def plugin_skills(plugin: Path) -> Path:
    """Return the folder of skills of a plugin.

    Raises:
        UserError: it is a link that leads out of the plugin.
    """
    folder = plugin / "skills"
    _refuse_leading_out(folder, plugin)
    return folder


def _known() -> str:
    return f"Agents are {', '.join(AGENTS)}."


def _refuse_leading_out(folder: Path, base: Path) -> None:
    if not folder.resolve().is_relative_to(base.resolve()):
        raise UserError(
            f"{folder} leads out of {base} by a link, to {folder.resolve()}.",
            hint="Give that folder itself with --to if you want the skill there.",
        )
