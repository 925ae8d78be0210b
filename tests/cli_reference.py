"""The reference of the command line in docs/cli.md: what is generated from the commands, and where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import typer

from skillgen.cli.app import app
from skillgen.cli.help import argument_name, details, example_lines, first_sentence, panels_of, usage

# Every command has these; the page says so once.
EVERYWHERE = frozenset({"--help", "--quiet", "--verbose"})
_BLOCK = re.compile(r"<!-- reference: skillgen (?P<name>[a-z ]+) -->\n.*?\n<!-- /reference -->", re.DOTALL)
_OVERVIEW = re.compile(r"(?<=<!-- commands -->\n).*?(?=\n<!-- /commands -->)", re.DOTALL)
_DEFAULT = re.compile(r" \[default: (?P<value>[^\];]*)(?:; (?P<range>[^\]]*))?\]")


def commands_of(group: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - Typer has its own classes
    """Yield every command with its full name, groups left out."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands_of(command, f"{prefix}{name} ")
        else:
            yield prefix + name, command


COMMANDS = dict(commands_of(typer.main.get_command(app)))


def documented_commands(page: str) -> list[str]:
    """Return the commands that have a generated part in the page, in its order."""
    return [found["name"] for found in _BLOCK.finditer(page)]


def with_reference(page: str) -> str:
    """Return the page with everything generated brought up to date; a new command gets a section at the end."""
    page = _OVERVIEW.sub(lambda _: _overview(), page)
    page = _BLOCK.sub(lambda found: _block(found["name"]) if found["name"] in COMMANDS else found.group(), page)
    known = documented_commands(page)
    for name in (name for name in COMMANDS if name not in known):
        text = [first_sentence(COMMANDS[name]), *details(COMMANDS[name])]
        page = "\n\n".join([page.rstrip("\n"), f"## skillgen {name}", *text, _block(name)]) + "\n"
    return page


def _overview() -> str:
    rows = [
        f"| [`skillgen {name}`](#skillgen-{name.replace(' ', '-')}) | {first_sentence(COMMANDS[name])} |"
        for name in COMMANDS
    ]
    return "\n".join(["| Command | What it does |", "|---|---|", *rows])


def _block(name: str) -> str:
    command = COMMANDS[name]
    return "\n".join(
        [
            f"<!-- reference: skillgen {name} -->",
            "```sh",
            *example_lines(command),
            "```",
            "",
            f"`skillgen {name} {usage(command)}`",
            "",
            *_table(command),
            "<!-- /reference -->",
        ]
    )


def _table(command: Any) -> list[str]:  # noqa: ANN401
    context = typer.Context(command)
    switches = {row for param in command.params if getattr(param, "is_flag", False) for row in param.opts}
    arguments = {argument_name(param) for param in command.params if param.param_type_name == "argument"}
    rows = []
    for term, meaning in (row for panel in panels_of(command, context).values() for row in panel):
        options = set(re.findall(r"--[a-z-]+", term))
        if options & EVERYWHERE:
            continue
        default = _DEFAULT.search(meaning)
        shown = "" if term in arguments else default["value"] if default else "off" if options & switches else ""
        limits = f" ({default['range']})" if default and default["range"] else ""
        rows.append(f"| `{term}` | {shown} | {_DEFAULT.sub('', meaning).replace('|', chr(92) + '|')}{limits} |")
    return (
        ["| Argument or option | Default | Meaning |", "|---|---|---|", *rows] if rows else ["No options of its own."]
    )
