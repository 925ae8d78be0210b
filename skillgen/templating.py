"""The one door to Jinja: sandboxed, strict about undefined values, with the user's files before ours."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from itertools import chain
from pathlib import Path, PurePosixPath
from traceback import walk_tb
from typing import TYPE_CHECKING

from skillgen.errors import PrerequisiteError, TemplateError
from skillgen.markdown_text import escape_cell, escape_link, escape_markdown
from skillgen.resources import data_dir

if TYPE_CHECKING:
    from jinja2 import Environment

SUFFIX = ".j2"
# What YAML or UTF-8 cannot hold, and what ends a line in either.
_NOT_YAML = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]+")
# Outputs that are XML or HTML, where every value is escaped; the others have a filter for each place.
_MARKUP = frozenset({"report", "review"})
# Kinds whose templates include some of another kind.
_INCLUDES = {"review": "report"}
# What XML 1.0 cannot hold.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_HINT = "docs/templates.md lists the values that a template gets, and what it may do."


class Templates:
    """The templates of one kind of output; a file of the user's folder replaces the built-in one of the same name."""

    def __init__(self, kind: str, *, user_dir: Path | None = None) -> None:
        """Make the templates of `templates/<kind>/` ready.

        Raises:
            PrerequisiteError: the user's folder does not exist.
        """
        if user_dir is not None and not user_dir.is_dir():
            raise PrerequisiteError(
                f"The template folder {user_dir} does not exist.",
                hint="Give a folder that holds files named as in templates/skill/, e.g. SKILL.md.j2.",
            )
        kinds = [kind, *([_INCLUDES[kind]] if kind in _INCLUDES else [])]
        self._folders = [*([user_dir] if user_dir else []), *(data_dir("templates") / one for one in kinds)]
        self._environment = _environment(self._folders, markup=kind in _MARKUP)

    def render(self, name: str, values: Mapping[str, object]) -> str:
        """Return the rendered template.

        Raises:
            TemplateError: the template is wrong, asks for a value that does not exist, or leaves the sandbox.
        """
        from jinja2 import TemplateError as JinjaError
        from jinja2 import TemplateNotFound, TemplateSyntaxError

        try:
            return self._environment.get_template(name).render(values)
        except TemplateSyntaxError as error:
            where = f"{error.filename or name}, line {error.lineno}"
            raise TemplateError(f"{where}: {error.message}.", hint=_HINT) from error
        except TemplateNotFound as error:
            where = self._place(error) or f"the folders {' and '.join(map(str, self._folders))}"
            message = f"There is no template {error.name} (asked for in {where})."
            raise TemplateError(message, hint=f"A template includes {SUFFIX} files of its own folder only.") from error
        except (JinjaError, *_FAULTS) as error:
            where = self._place(error) or str(self._path(name))
            reason = str(error) or type(error).__name__
            raise TemplateError(f"{where} cannot be rendered: {reason.rstrip('.')}.", hint=_HINT) from error

    def digests(self) -> dict[str, str]:
        """Return the SHA-256 of every template in use, by name."""
        found = chain.from_iterable(
            (path.relative_to(folder).as_posix() for path in folder.rglob(f"*{SUFFIX}") if path.is_file())
            for folder in self._folders
        )
        return {name: hashlib.sha256(self._path(name).read_bytes()).hexdigest() for name in sorted(set(found))}

    def _path(self, name: str) -> Path:
        return next((folder / name for folder in self._folders if (folder / name).is_file()), Path(name))

    def _place(self, error: Exception) -> str | None:
        """Return the file and line of the innermost template that the error passed through."""
        frames = [(frame.f_code.co_filename, line) for frame, line in walk_tb(error.__traceback__)]
        own = [(file, line) for file, line in frames if file.endswith(SUFFIX)]
        return f"{own[-1][0]}, line {own[-1][1]}" if own else None


# What a template can do wrong beside what Jinja itself reports.
_FAULTS = (
    TypeError,
    ValueError,
    ArithmeticError,
    LookupError,
    AttributeError,
    OSError,
    RecursionError,
    MemoryError,
)


def _environment(folders: list[Path], *, markup: bool) -> Environment:
    from jinja2 import FunctionLoader, StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(
        loader=FunctionLoader(lambda name: _load(name, folders)),
        undefined=StrictUndefined,
        autoescape=markup,
        finalize=_fit_for_xml if markup else None,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["md"] = escape_markdown
    environment.filters["link"] = escape_link
    environment.filters["cell"] = escape_cell
    environment.filters["yaml"] = yaml_string
    return environment


def render_text(template: str, values: Mapping[str, object], *, where: str) -> str:
    """Return a template that is given as text with its values in place; the values are never read as a template.

    Args:
        template: The text, which includes no other template.
        values: What it may name; anything else is an error.
        where: The file that the text stands in, for errors.

    Raises:
        TemplateError: the template is wrong, asks for a value that does not exist, or leaves the sandbox.
    """
    from jinja2 import TemplateError as JinjaError

    try:
        return _environment([], markup=False).from_string(template).render(values)
    except (JinjaError, *_FAULTS) as error:
        raise TemplateError(f"{where} cannot be rendered: {str(error).rstrip('.')}.", hint=_HINT) from error


def _fit_for_xml(value: object) -> object:
    """Return a value without the characters that XML cannot hold; a text that is markup already stays markup."""
    return type(value)(_NOT_XML.sub("\ufffd", value)) if isinstance(value, str) else value


def _load(name: str, folders: list[Path]) -> tuple[str, str, None] | None:
    """Return a template's text and path, where it really lies in one of the folders; it is never read again."""
    if not name.endswith(SUFFIX) or PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
        return None
    for folder in folders:
        path = folder / name
        if path.is_file() and path.resolve().is_relative_to(folder.resolve()):
            return path.read_text(encoding="utf-8"), str(path), None
    return None


def yaml_string(text: str) -> str:
    """Return the text as a double-quoted YAML scalar in one line; three dashes would end the front matter."""
    flat = " ".join(_NOT_YAML.sub(" ", text).split())
    return json.dumps(re.sub(r"-{3,}", "-", flat), ensure_ascii=False)
