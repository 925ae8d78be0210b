"""The commands that get a skill to its agents: install it, pack it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from skillgen.cli.options import JsonOption, PackageArgument, examples

_PLACE = "Where to"
_PLUGIN = "Plugin"

ForceOption = Annotated[
    bool, typer.Option("--force", help="Replace what skillgen did not write, and say what that was.")
]


def add_deliver_commands(app: typer.Typer) -> None:
    """Add `install` and `pack` to the command line."""
    app.command(
        "install",
        epilog=examples(
            "skillgen install skills/on-call --to claude",
            "skillgen install skills/on-call --to claude --agents-md AGENTS.md",
            "skillgen install skills/on-call --user",
            "skillgen install on-call --to claude --remove",
        ),
    )(_install)
    app.command(
        "pack",
        epilog=examples(
            "skillgen pack skills/on-call",
            "skillgen pack skills/on-call --out dist/on-call.skill",
            'skillgen pack skills/on-call --plugin team-skills --owner "Platform team"',
        ),
    )(_pack)


def _install(  # noqa: PLR0913 - each is an option of the command
    package: PackageArgument,
    *,
    to: Annotated[
        list[str] | None,
        typer.Option(
            "--to",
            metavar="PLACE",
            help="claude, agents, github, or a folder of skills; may be given more than once.  [default: agents]",
            show_default=False,
            rich_help_panel=_PLACE,
        ),
    ] = None,
    user: Annotated[
        bool,
        typer.Option("--user", help="For all your projects: into your home, not this folder.", rich_help_panel=_PLACE),
    ] = False,
    agents_md: Annotated[
        Path | None,
        typer.Option(
            "--agents-md",
            metavar="FILE",
            help="List the skill in a section of this file, e.g. AGENTS.md.",
            rich_help_panel=_PLACE,
        ),
    ] = None,
    remove: Annotated[
        bool, typer.Option("--remove", help="Take away what was installed; the skill's name is enough.")
    ] = False,
    force: ForceOption = False,
    json_: JsonOption = False,
) -> None:
    """Put a skill where agents load it.

    Into .agents/skills of the current folder, which many agents read, or where --to says: .claude/skills,
    .github/skills, or a folder of yours. What somebody else wrote there, or changed since, is refused and listed.
    """
    from skillgen.cli import deliver_commands

    targets = deliver_commands.places(to, user=user)
    run = deliver_commands.run_remove if remove else deliver_commands.run_install
    run(package, targets, agents_md, force=force, as_json=json_)


def _pack(  # noqa: PLR0913 - each is an option of the command
    package: PackageArgument,
    *,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="The file to write.  [default: NAME.skill]")
    ] = None,
    plugin: Annotated[
        Path | None,
        typer.Option(
            "--plugin",
            metavar="DIR",
            help="Put the skill into this plugin instead, new or not.",
            rich_help_panel=_PLUGIN,
        ),
    ] = None,
    marketplace: Annotated[
        Path | None,
        typer.Option(
            "--marketplace",
            metavar="DIR",
            help="The marketplace that lists it.  [default: the plugin's DIR]",
            rich_help_panel=_PLUGIN,
        ),
    ] = None,
    owner: Annotated[
        str | None,
        typer.Option(
            "--owner",
            metavar="NAME",
            help="Who owns a new marketplace.  [default: user.name of git]",
            rich_help_panel=_PLUGIN,
        ),
    ] = None,
    force: ForceOption = False,
    json_: JsonOption = False,
) -> None:
    """Pack a skill as one file, or as part of a plugin.

    The .skill file is a zip with the skill's folder in it; the same package gives the same bytes. A plugin's folder
    gets the skill, and plugin.json and marketplace.json where they are missing; what others wrote in them stays.
    """
    from skillgen.cli import deliver_commands

    if plugin is None:
        deliver_commands.run_pack(package, out, marketplace, owner, force=force, as_json=json_)
    else:
        deliver_commands.run_pack_plugin(
            package, plugin, out, marketplace=marketplace, owner=owner, force=force, as_json=json_
        )
