"""The one door to Jinja: sandboxed, strict about undefined values, with the user's files before ours."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from skillgen.errors import PrerequisiteError, TemplateError
from skillgen.markdown_text import escape_cell, escape_markdown
from skillgen.resources import data_dir

if TYPE_CHECKING:
    from jinja2 import Environment

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


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
        self._folders = [*([user_dir] if user_dir else []), data_dir("templates") / kind]
        self._environment = _environment(self._folders)

    def render(self, name: str, values: Mapping[str, object]) -> str:
        """Return the rendered template.

        Raises:
            TemplateError: the template is wrong, asks for a value that does not exist, or leaves the sandbox.
        """
        from jinja2 import TemplateError as JinjaError
        from jinja2 import TemplateSyntaxError

        try:
            return self._environment.get_template(name).render(values)
        except TemplateSyntaxError as error:
            raise TemplateError(
                f"{error.filename or name}, line {error.lineno}: {error.message}.",
                hint="docs/templates.md lists the values that a template gets.",
            ) from error
        except (JinjaError, TypeError, ValueError, ArithmeticError, LookupError) as error:
            raise TemplateError(
                f"The template {self._path(name)} cannot be rendered: {error}.",
                hint="docs/templates.md lists the values that a template gets.",
            ) from error

    def digests(self) -> dict[str, str]:
        """Return the SHA-256 of every template in use, by name."""
        names = sorted({path.name for folder in self._folders for path in folder.glob("*.j2")})
        return {name: hashlib.sha256(self._path(name).read_bytes()).hexdigest() for name in names}

    def _path(self, name: str) -> Path:
        return next((folder / name for folder in self._folders if (folder / name).is_file()), Path(name))


def _environment(folders: list[Path]) -> Environment:
    from jinja2 import FileSystemLoader, StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(folders, encoding="utf-8"),
        undefined=StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["md"] = escape_markdown
    environment.filters["cell"] = escape_cell
    environment.filters["yaml"] = yaml_string
    return environment


def yaml_string(text: str) -> str:
    """Return the text as a double-quoted YAML scalar in one line; three dashes would end the front matter."""
    flat = " ".join(_CONTROL.sub(" ", text).split())
    return json.dumps(re.sub(r"-{3,}", "-", flat), ensure_ascii=False)
