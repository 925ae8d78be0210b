"""Gets a package to where agents load skills: into a folder of skills, a `.skill` file, or a plugin.

Nothing that somebody else wrote is lost without a word: what skillgen wrote is remembered by its digests in a file next
to the skill, and all else is refused, or with `force` replaced and named.
"""

from __future__ import annotations

from skillgen.install.agents_md import plan_section, write_section
from skillgen.install.archive import archive_bytes, is_own_archive
from skillgen.install.files import read_skill_files
from skillgen.install.places import AGENTS, DEFAULT_AGENT, SkillsFolder, plugin_skills, skills_folder
from skillgen.install.plan import InstallPlan, plan_install, plan_removal, recover
from skillgen.install.plugin import Described, plan_plugin
from skillgen.install.swap import remove_skill, settle, staged

__all__ = [
    "AGENTS",
    "DEFAULT_AGENT",
    "Described",
    "InstallPlan",
    "SkillsFolder",
    "archive_bytes",
    "is_own_archive",
    "plan_install",
    "plan_plugin",
    "plan_removal",
    "plan_section",
    "plugin_skills",
    "read_skill_files",
    "recover",
    "remove_skill",
    "settle",
    "skills_folder",
    "staged",
    "write_section",
]
