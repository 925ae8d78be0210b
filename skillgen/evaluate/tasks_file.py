"""The tasks file: YAML that a person reads and edits, that git merges, and that is read back exactly.

One block a task, ordered by page and line, one field a line. What a person changed is noticed by the task's id, which
comes from what it asks and expects.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from skillgen.errors import UserError
from skillgen.evaluate.tasks import task_id
from skillgen.evaluate.triggers_file import trigger_lines, trigger_of
from skillgen.evaluate.values import values_in
from skillgen.model.evaluation import TASKS_FORMAT, ExpectedForm, Task, TaskSet
from skillgen.model.trigger import TriggerRequest

if TYPE_CHECKING:
    import yaml

_HEAD = """\
# Tasks that show whether the skill helps: each needs a fact of the pages. Edit, add or drop any of them.
# A task that you change or add stays as it is; `dropped: true` keeps one from being asked and from being made anew.
"""
_PLAIN = re.compile(r"[A-Za-z][\w -]*", re.ASCII)
_UNSHOWN = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_CONFLICT = re.compile(r"^(?:<{7}|={7}|>{7}|\|{7})(?: |$)", re.MULTILINE)
_KEY = re.compile(r"[A-Za-z0-9][\w.-]*", re.ASCII)
_HINT = "docs/evals.md shows the form of the file; `git log` has the last good one."


def merge_tasks(held: TaskSet, fresh: Sequence[Task]) -> TaskSet:
    """Return the tasks of a file with the generated ones replaced; what people wrote, changed or dropped stays."""
    kept = {task.id: task for task in held.tasks if task.edited or task.dropped}
    made = [task for task in fresh if task.id not in kept]
    return replace(held, tasks=ordered((*kept.values(), *made)))


def ordered(tasks: Sequence[Task]) -> tuple[Task, ...]:
    """Return the tasks by page, line and id; those without a page come last."""
    return tuple(sorted(tasks, key=_place))


def _place(task: Task) -> tuple[bool, str, tuple[int, int], str]:
    citation = task.citation
    return (True, "", (0, 0), task.id) if citation is None else (False, citation.source, citation.lines, task.id)


# -- writing -----------------------------------------------------------------------------------------------------------


def tasks_yaml(tasks: TaskSet) -> str:
    """Return the text of the tasks file."""
    lines = [_HEAD, f"format: {TASKS_FORMAT}", f"skill: {_scalar(tasks.skill)}", "", "tasks:", ""]
    for task in ordered(tasks.tasks):
        lines += [*_task_lines(task), ""]
    texts = [text for one in tasks.triggers for text in (one.query, one.belongs_to)]
    lines += trigger_lines(tasks.triggers, {text: _scalar(text) for text in texts})
    return "\n".join(lines)


def _task_lines(task: Task) -> Iterator[str]:
    yield f"  {task.id}:"
    yield f"    kind: {task.kind}"
    yield f"    source: {task.source}"
    yield f"    question: {_scalar(task.question)}"
    yield "    expected:"
    for one in task.expected:
        fields = {"value": one.value, "form": one.form, **({"accept": list(one.accept)} if one.accept else {})}
        yield f"      - {_quoted(fields)}"
    if task.citation is not None:
        yield f"    citation: {_quoted(asdict(task.citation))}"
    if task.origin != "template":
        yield f"    origin: {task.origin}"
    for name in ("edited", "dropped"):
        if getattr(task, name):
            yield f"    {name}: true"


def _scalar(text: str) -> str:
    plain = _PLAIN.fullmatch(text) and text.casefold() not in ("true", "false", "yes", "no", "on", "off", "null")
    return text if plain else _quoted(text)


def _quoted(value: object) -> str:
    quoted = json.dumps(value, ensure_ascii=False)
    return _UNSHOWN.sub(lambda found: f"\\u{ord(found.group()):04x}", quoted)


# -- reading -----------------------------------------------------------------------------------------------------------


def tasks_from_yaml(text: str, *, name: str) -> TaskSet:
    """Return what the text of a tasks file says; a task that is not as it was generated counts as edited.

    Args:
        text: The file's text.
        name: How errors call the file.

    Raises:
        UserError: it holds the marks of a merge conflict, is no YAML, or a task is wrong; the message names the line.
    """
    conflict = _CONFLICT.search(text)
    if conflict:
        line = text.count("\n", 0, conflict.start()) + 1
        raise UserError(
            f"{name}, line {line}: two versions of the file were not merged yet.",
            hint="Keep what holds, take the lines with <<<<<<<, ======= and >>>>>>> away, and save it.",
        )
    top = _mapping(_parsed(text, name), name, "the file")
    unknown = sorted(top.keys() - {"format", "skill", "tasks", "triggers"})
    if unknown or _text(top, "format") != TASKS_FORMAT or "skill" not in top:
        known = f"its format is {_text(top, 'format')!r}, not {TASKS_FORMAT!r}, or it names no skill"
        raise UserError(f"{name}: {f'there is no field {unknown[0]!r}' if unknown else known}.", hint=_HINT)
    return TaskSet(
        skill=_text(top, "skill"),
        tasks=tuple(_task(key, node, name) for key, node in _section(top, "tasks", name).items()),
        triggers=tuple(_trigger(key, node, name) for key, node in _section(top, "triggers", name).items()),
    )


def _section(top: dict[str, yaml.Node], section: str, name: str) -> dict[str, yaml.Node]:
    return _mapping(top[section], name, section) if section in top and _has_children(top[section]) else {}


def _parsed(text: str, name: str) -> yaml.Node:
    import yaml

    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=loader)):
            raise UserError(f"{name} uses a YAML alias (*name).", hint="Write the text itself there.")
        node = yaml.compose(text, Loader=loader)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        raise UserError(f"{name}{line}: this is no YAML.", hint=_HINT) from error
    if node is None:
        raise UserError(f"{name} is empty.", hint=_HINT)
    return node


def _mapping(node: yaml.Node, name: str, what: str) -> dict[str, yaml.Node]:
    """Return a mapping's nodes by key.

    Raises:
        UserError: it is no mapping, or a key stands twice.
    """
    import yaml

    if not isinstance(node, yaml.MappingNode):
        raise UserError(f"{name}, line {node.start_mark.line + 1}: {what} holds no fields.", hint=_HINT)
    found: dict[str, yaml.Node] = {}
    for key, value in node.value:
        word = str(key.value)
        if word in found:
            raise UserError(f"{name}, line {key.start_mark.line + 1}: {word} stands twice.", hint="Keep one.")
        found[word] = value
    return found


def _has_children(node: yaml.Node) -> bool:
    return bool(node.value)


def _text(fields: dict[str, yaml.Node], key: str) -> str:
    return str(fields[key].value) if key in fields else ""


def _task(key: str, node: yaml.Node, name: str) -> Task:
    """Return one task; an own one needs a question and expected values only."""
    from pydantic import TypeAdapter, ValidationError

    values: dict[str, Any] = {"kind": "other", "source": "own"}
    values |= {field: _plain(value, name) for field, value in _mapping(node, name, key).items()}
    line = node.start_mark.line
    if not _KEY.fullmatch(key) or "id" in values:
        raise UserError(f"{name}, line {line}: {key!r} is no name for a task.", hint="Use letters, digits and hyphens.")
    expected = values.get("expected")
    if isinstance(expected, list):
        values["expected"] = [_expected(one) for one in expected]
    try:
        task = TypeAdapter(Task).validate_python({**values, "id": key}, extra="forbid")
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"]))
        raise UserError(f"{name}, line {line}: {key}: {field}: {first['msg']}.", hint=_HINT) from error
    if not task.question.strip() or not task.expected:
        raise UserError(f"{name}, line {line}: {key} needs a question and expected values.", hint=_HINT)
    return task if task_id(task) == task.id else replace(task, edited=True)


def _trigger(key: str, node: yaml.Node, name: str) -> TriggerRequest:
    fields = {field: _plain(value, name) for field, value in _mapping(node, name, key).items()}
    return trigger_of(key, fields, f"{name}, line {node.start_mark.line}")


def _expected(one: object) -> object:
    """Return an expected value; a plain text is one that must be stated in any spelling."""
    return {"value": one, "form": guessed_form(one)} if isinstance(one, str) else one


def guessed_form(value: str) -> ExpectedForm:
    """Return the form of a value that a person wrote without one."""
    found = values_in(value)
    if len(found) == 1 and found[0].start == 0 and found[0].end == len(value.strip()):
        return "time" if found[0].measure in ("clock", "day") else "quantity"
    if " > " in value:
        return "order"
    return "code" if re.search(r"[/_`@]|\w[.:-]\w", value) and " " not in value else "text"


def _plain(node: yaml.Node, name: str) -> Any:  # noqa: ANN401 - text, list or mapping
    import yaml

    if isinstance(node, yaml.SequenceNode):
        return [_plain(child, name) for child in node.value]
    if isinstance(node, yaml.MappingNode):
        return {key: _plain(value, name) for key, value in _mapping(node, name, "the entry").items()}
    return node.value
