"""The one door to Jinja: sandboxed, strict about undefined values, with the user's files before ours."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from itertools import chain
from pathlib import Path, PurePosixPath
from traceback import walk_tb
from typing import TYPE_CHECKING

from skillgen.errors import PrerequisiteError, TemplateError
from skillgen.markdown_text import escape_cell, escape_link, escape_markdown
from skillgen.resources import data_dir

if TYPE_CHECKING:
    from jinja2 import Environment
    from jinja2.nodes import Node

# A template's text and path; the third says that it is not read again when it changes.
Loaded = tuple[str, str, None]
SUFFIX = ".j2"
# A template's name after this is that of the built-in file, so that a file of the same name can extend it.
BUILT_IN = "skillgen/"
_DATA_SUFFIX = ".yaml"
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
    """The templates of one kind of output; a file of the user's folder replaces the built-in one of the same name.

    It may instead extend that one, as `skillgen/NAME`, and replace single blocks of it.
    """

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
        built_in = [data_dir("templates") / one for one in kinds]
        self._folders = [*([user_dir] if user_dir else []), *built_in]
        self._environment = _environment(self._folders, built_in, markup=kind in _MARKUP)

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
        """Return the SHA-256 of every template and data file in use, by name."""
        found = chain.from_iterable(
            (path.relative_to(folder).as_posix() for path in folder.rglob(f"*{suffix}") if path.is_file())
            for folder in self._folders
            for suffix in (SUFFIX, _DATA_SUFFIX)
        )
        return {name: hashlib.sha256(self._path(name).read_bytes()).hexdigest() for name in sorted(set(found))}

    def data(self, name: str) -> tuple[str, Path] | None:
        """Return the text and the path of a .yaml file beside the templates, the user's first; None without one."""
        path = _found(name, self._folders) if name.endswith(_DATA_SUFFIX) else None
        return (path.read_text(encoding="utf-8"), path) if path else None

    def data_names(self, folder: str) -> tuple[str, ...]:
        """Return the names, without ending, of the .yaml files in a folder beside the templates."""
        paths = (path for one in self._folders for path in (one / folder).glob(f"*{_DATA_SUFFIX}"))
        return tuple(sorted({path.stem for path in paths if path.is_file()}))

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


def _environment(folders: list[Path], built_in: list[Path], *, markup: bool) -> Environment:
    from jinja2 import FunctionLoader, StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    def load(name: str) -> Loaded | None:
        loaded = _load(name, folders, built_in)
        if loaded is not None:
            _refuse_lost_parts(environment, loaded, lambda parent: _load(parent, folders, built_in))
        return loaded

    environment = ImmutableSandboxedEnvironment(
        loader=FunctionLoader(load),
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
        return _environment([], [], markup=False).from_string(template).render(values)
    except (JinjaError, *_FAULTS) as error:
        raise TemplateError(f"{where} cannot be rendered: {str(error).rstrip('.')}.", hint=_HINT) from error


def _fit_for_xml(value: object) -> object:
    """Return a value without the characters that XML cannot hold; a text that is markup already stays markup."""
    return type(value)(_NOT_XML.sub("\ufffd", value)) if isinstance(value, str) else value


# -- files that extend others -----------------------------------------------------------------------------------------


def _refuse_lost_parts(environment: Environment, loaded: Loaded, load: Callable[[str], Loaded | None]) -> None:
    """Refuse what Jinja would leave out in silence: blocks that the extended template lacks, and text beside blocks.

    Raises:
        TemplateError: there is such a part, or the extended template is not named in quotes.
    """
    from jinja2 import nodes

    text, path, _ = loaded
    tree = environment.parse(text, filename=path)
    extended = tree.find(nodes.Extends)
    if extended is None:
        return
    if not isinstance(extended.template, nodes.Const):
        raise _lost(path, extended.lineno, "the template to extend is not named in quotes", "Write its name in quotes.")
    known = _blocks(environment, str(extended.template.value), load)
    kept = (nodes.Extends, nodes.Block, nodes.Assign, nodes.AssignBlock, nodes.Import, nodes.FromImport, nodes.Macro)
    for node in tree.body:
        if isinstance(node, nodes.Block) and known is not None and node.name not in known:
            there = f"there is no block {node.name!r} in {extended.template.value}"
            raise _lost(path, node.lineno, there, f"Its blocks are {', '.join(sorted(known)) or 'none'}.")
        if not isinstance(node, kept) and not _is_blank(node):
            said = "text outside of a block is never shown in a file that extends another"
            raise _lost(path, node.lineno, said, "Move it into a block.")


def _blocks(environment: Environment, name: str, load: Callable[[str], Loaded | None]) -> set[str] | None:
    """Return the blocks of a template and of those that it extends; None where there is no such template."""
    from jinja2 import nodes

    blocks: set[str] = set()
    seen: set[str] = set()
    while name not in seen:
        seen.add(name)
        loaded = load(name)
        if loaded is None:
            return None
        tree = environment.parse(loaded[0], filename=loaded[1])
        blocks |= {block.name for block in tree.find_all(nodes.Block)}
        extended = tree.find(nodes.Extends)
        if extended is None or not isinstance(extended.template, nodes.Const):
            break
        name = str(extended.template.value)
    return blocks


def _is_blank(node: Node) -> bool:
    from jinja2 import nodes

    return isinstance(node, nodes.Output) and all(
        isinstance(child, nodes.TemplateData) and not child.data.strip() for child in node.nodes
    )


def _lost(path: str, line: int, what: str, hint: str) -> TemplateError:
    return TemplateError(f"{path}, line {line}: {what}.", hint=hint)


# -- files ------------------------------------------------------------------------------------------------------------


def _load(name: str, folders: list[Path], built_in: list[Path]) -> Loaded | None:
    """Return a template's text and path, where it really lies in one of the folders; it is never read again."""
    if not name.endswith(SUFFIX):
        return None
    path = _found(name.removeprefix(BUILT_IN), built_in if name.startswith(BUILT_IN) else folders)
    return (path.read_text(encoding="utf-8"), str(path), None) if path else None


def _found(name: str, folders: list[Path]) -> Path | None:
    """Return where a file lies, in the first folder that has it; nothing outside of the folders is found."""
    if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
        return None
    for folder in folders:
        path = folder / name
        if path.is_file() and path.resolve().is_relative_to(folder.resolve()):
            return path
    return None


def yaml_string(text: str) -> str:
    """Return the text as a double-quoted YAML scalar in one line; three dashes would end the front matter."""
    flat = " ".join(_NOT_YAML.sub(" ", text).split())
    return json.dumps(re.sub(r"-{3,}", "-", flat), ensure_ascii=False)
