"""What every command has in common: help with the examples first and options in groups, `--quiet` and `--verbose`."""

from __future__ import annotations

import functools
import inspect
import re
import time
from collections.abc import Callable
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from skillgen.cli.options import PRINTED
from skillgen.cli.output import Loudness, detail, speaking
from skillgen.errors import UserError

_OTHERS = "Options"
_ARGUMENTS = "Arguments"
_RANGE = re.compile(r"(?P<low>\d+)<=x<=(?P<high>\d+)")

Quiet = Annotated[
    bool,
    typer.Option("--quiet", "-q", help="Print errors and the path of the result only.", rich_help_panel=PRINTED),
]
Verbose = Annotated[
    bool,
    typer.Option(
        "--verbose",
        "-v",
        help="Also print the settings in force, what each stage did and how long it took.",
        rich_help_panel=PRINTED,
    ),
]


class HelpfulCommand(TyperCommand):
    """A command whose help begins with what it does and with examples."""

    def format_help(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401 - Typer's own types are private
        """Write the help."""
        _write_opening(self, ctx, formatter)
        _write_panels(formatter, panels_of(self, ctx))


class HelpfulGroup(TyperGroup):
    """A group of commands whose help is like that of its commands."""

    def format_help(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401
        """Write the help: the commands in groups, then the options."""
        _write_opening(self, ctx, formatter)
        commands: dict[str, list[tuple[str, str]]] = {}
        for name in self.list_commands(ctx):
            command: Any = self.get_command(ctx, name)
            panel = getattr(command, "rich_help_panel", None) or "Commands"
            commands.setdefault(panel, []).append((name, first_sentence(command)))
        _write_panels(formatter, commands)
        _write_panels(formatter, panels_of(self, ctx))


class App(typer.Typer):
    """A Typer whose commands are `HelpfulCommand`s and know `--quiet` and `--verbose`."""

    panel: str | None = None  # the group that commands go into which are added from now on

    def __init__(self, **options: Any) -> None:  # noqa: ANN401
        super().__init__(
            cls=HelpfulGroup, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None, **options
        )

    def command(self, name: str | None = None, **options: Any) -> Callable[[Any], Any]:  # noqa: ANN401
        """Return what registers a function as a command; `options` are those of Typer."""
        register = super().command(name, cls=HelpfulCommand, **{"rich_help_panel": self.panel, **options})

        def add(function: Callable[..., None]) -> Callable[..., None]:
            register(_with_loudness(function))
            return function

        return add


def _with_loudness(function: Callable[..., None]) -> Callable[..., None]:
    """Return the function with the two options that say how much it prints."""

    @functools.wraps(function)
    def run(*args: Any, quiet: bool, verbose: bool, **kwargs: Any) -> None:  # noqa: ANN401
        with speaking(_loudness(quiet=quiet, verbose=verbose)):
            start = time.monotonic()
            try:
                function(*args, **kwargs)
            finally:
                detail(f"Took {time.monotonic() - start:.1f} s in all.")

    signature = inspect.signature(function, eval_str=True)
    common = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=False, annotation=annotation)
        for name, annotation in (("quiet", Quiet), ("verbose", Verbose))
    ]
    vars(run)["__signature__"] = signature.replace(parameters=[*signature.parameters.values(), *common])
    return run


def _loudness(*, quiet: bool, verbose: bool) -> Loudness:
    if quiet and verbose:
        raise UserError("--quiet and --verbose exclude each other.", hint="Give one of them.")
    return Loudness.QUIET if quiet else Loudness.VERBOSE if verbose else Loudness.NORMAL


# -- the help ----------------------------------------------------------------------------------------------------------


def first_sentence(command: Any) -> str:  # noqa: ANN401
    """Return what a command does, in one line."""
    return str(command.help or "").partition("\n\n")[0].replace("\n", " ")


def details(command: Any) -> list[str]:  # noqa: ANN401
    """Return what else there is to know about a command, by paragraph."""
    paragraphs = str(command.help or "").split("\n\n")[1:]
    return [" ".join(paragraph.split()) for paragraph in paragraphs]


def example_lines(command: Any) -> list[str]:  # noqa: ANN401
    """Return the examples of a command."""
    return str(command.epilog or "").splitlines()


def usage(command: Any) -> str:  # noqa: ANN401
    """Return what stands behind a command's name, e.g. `[BRIEF]... [OPTIONS]`."""
    if hasattr(command, "commands"):
        return "[COMMAND] [OPTIONS]" if command.invoke_without_command else "COMMAND [OPTIONS]"
    words = []
    for param in command.params:
        if param.param_type_name == "argument":
            name = argument_name(param)
            words.append(f"{name if param.required else f'[{name}]'}{'...' if param.nargs == -1 else ''}")
    return " ".join([*words, "[OPTIONS]"])


def argument_name(param: Any) -> str:  # noqa: ANN401
    """Return the name that help gives to an argument."""
    return str(param.metavar or param.name.upper())


def panels_of(command: Any, ctx: Any) -> dict[str, list[tuple[str, str]]]:  # noqa: ANN401
    """Return arguments and options with what they mean, by their group; what is printed comes last."""
    panels: dict[str, list[tuple[str, str]]] = {_ARGUMENTS: [], _OTHERS: []}
    for param in command.get_params(ctx):
        if not getattr(param, "hidden", False):
            panels.setdefault(_panel(param), []).append(_row(param, ctx))
    printed = {PRINTED: panels.pop(PRINTED, [])}
    return {name: rows for name, rows in (panels | printed).items() if rows}


def _panel(param: Any) -> str:  # noqa: ANN401
    if param.param_type_name == "argument":
        return _ARGUMENTS
    if param.name in ("help", "version"):
        return PRINTED
    return getattr(param, "rich_help_panel", None) or _OTHERS


def _row(param: Any, ctx: Any) -> tuple[str, str]:  # noqa: ANN401
    if param.param_type_name == "argument":
        return argument_name(param), param.help or ""
    term, meaning = param.get_help_record(ctx)
    return term, _RANGE.sub(r"\g<low> to \g<high>", meaning).replace("x>=", "at least ").replace("  [", " [")


def _write_opening(command: Any, ctx: Any, formatter: Any) -> None:  # noqa: ANN401
    formatter.write_text(first_sentence(command))
    with formatter.section("Examples"):
        for line in example_lines(command):
            formatter.write(f"{'':>{formatter.current_indent}}{line}\n")
    formatter.write_paragraph()
    formatter.write_usage(ctx.command_path, usage(command))
    for paragraph in details(command):
        formatter.write_paragraph()
        formatter.write_text(paragraph)


def _write_panels(formatter: Any, panels: dict[str, list[tuple[str, str]]]) -> None:  # noqa: ANN401
    for name, rows in panels.items():
        with formatter.section(name):
            formatter.write_dl(rows)
