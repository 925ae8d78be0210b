"""The front matter of a SKILL.md, read as the reference validator reads it and as a plain YAML reader does.

The reference validator splits the file at its first two `---`, wherever they stand, and reads what is between with
strictyaml: every scalar is text. Most clients read plain YAML, where an unquoted `1.0` is a number. Both have to agree.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import yaml

FENCE = "---"
_TEXT_TAG = "tag:yaml.org,2002:str"
_REST_OF_FENCE = re.compile(r"[ \t]*(?:\n|\Z)")


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontMatter:
    """The values as strictyaml reads them, and what plain YAML says of their scalars (`metadata.version` is a path).

    `problems` are pairs of a rule and a message; with any, `values` may be empty. `body_line` is the body's first line.
    """

    values: Mapping[str, object] = field(default_factory=dict)
    quoted: frozenset[str] = frozenset()
    not_text: frozenset[str] = frozenset()
    problems: tuple[tuple[str, str], ...] = ()
    body: str = ""
    body_line: int = 1

    def text(self, key: str) -> str | None:
        """Return the value of `key` if every reader takes it for text."""
        value = self.values.get(key)
        return value if isinstance(value, str) and key not in self.not_text else None


def read_front_matter(content: str) -> FrontMatter:
    """Split `content` and read its front matter; what is wrong becomes a problem."""
    before, _, rest = content.partition(FENCE)
    raw, closing, body = rest.partition(FENCE)
    if before or not content or not _REST_OF_FENCE.match(raw):
        return FrontMatter(
            problems=(("H1", f"Start the file with a line `{FENCE}`, before anything else."),), body=content
        )
    if not closing:
        return FrontMatter(problems=(("H1", f"Close the front matter with a line `{FENCE}`."),), body=content)
    alone = raw.endswith("\n") and _REST_OF_FENCE.match(body)
    problems = () if alone else (("H2", f"Take `{FENCE}` out of the front matter's values: it ends the front matter."),)
    return _read(raw, problems, body, 1 + raw.count("\n"))


def _read(raw: str, problems: tuple[tuple[str, str], ...], body: str, body_line: int) -> FrontMatter:
    try:
        values, scalars = _load(raw)
    except Exception as problem:  # noqa: BLE001 - strictyaml raises what its parser raises, of any type
        reason = getattr(problem, "problem", None) or type(problem).__name__
        message = f"Write the front matter as plain, block-style YAML: {reason}."
        return FrontMatter(problems=(*problems, ("H2", message)), body=body, body_line=body_line)
    if not isinstance(values, dict):
        problems = (*problems, ("H1", "Write the front matter as `key: value` lines."))
        return FrontMatter(problems=problems, body=body, body_line=body_line)
    return FrontMatter(
        values=values,
        quoted=frozenset(path for path, node in scalars.items() if node.style in {"'", '"'}),
        not_text=frozenset(path for path, node in scalars.items() if node.tag != _TEXT_TAG),
        problems=problems,
        body=body,
        body_line=body_line,
    )


def _load(raw: str) -> tuple[object, dict[str, yaml.ScalarNode]]:
    """Return what strictyaml reads and the scalars that plain YAML finds, by dotted path; lists are left out."""
    import strictyaml
    import yaml

    values: object = strictyaml.load(raw).data
    scalars: dict[str, yaml.ScalarNode] = {}
    pending: list[tuple[str, yaml.Node | None]] = [("", yaml.compose(raw, Loader=yaml.SafeLoader))]
    while pending:
        path, node = pending.pop()
        if isinstance(node, yaml.ScalarNode):
            scalars[path] = node
        elif isinstance(node, yaml.MappingNode):
            pending += [(f"{path}.{key.value}".removeprefix("."), value) for key, value in node.value]
    return values, scalars
