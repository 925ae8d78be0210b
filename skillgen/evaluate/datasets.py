"""Tasks as datasets of other tools: promptfoo test cases and Inspect samples.

promptfoo has no notion of "20 min equals 20 minutes", so its assertions are regular expressions over the spellings that
the rules take for equal; they are looser than the rules, as they see no denial. It renders every text as a template of
Nunjucks and knows no way to write a brace that stays one, so tasks with such braces cannot be given to it.
"""

from __future__ import annotations

import json
import re
from typing import Any

from skillgen.evaluate.grade import expectation_text
from skillgen.model.evaluation import Expected, Task, TaskSet

_NUMBER_UNIT = re.compile(r"(?P<number>[\d.,]+)\s*(?P<unit>[a-zA-Z%]+)")
_TEMPLATE = re.compile(r"\{[{%#]")
_CLOCK = re.compile(r"0?(?P<hour>\d{1,2})[:.](?P<minute>\d\d)")


def promptfoo_tests(tasks: TaskSet) -> list[dict[str, Any]]:
    """Return test cases: `vars.question` asks, every expected value is an assertion, the origin is metadata.

    `unfit_for_promptfoo` names the tasks that have none.
    """
    unfit = set(unfit_for_promptfoo(tasks))
    return [
        {
            "description": task.id,
            "vars": {"question": task.question},
            "assert": [_assertion(one) for one in task.expected],
            "metadata": _origin(task),
        }
        for task in tasks.live
        if task.id not in unfit
    ]


def unfit_for_promptfoo(tasks: TaskSet) -> tuple[str, ...]:
    """Return the ids of the tasks whose words promptfoo would run as a template."""
    return tuple(
        task.id
        for task in tasks.live
        if any(
            _TEMPLATE.search(text)
            for text in (task.id, task.question, *(form for one in task.expected for form in (one.value, *one.accept)))
        )
    )


def _assertion(expected: Expected) -> dict[str, Any]:
    if expected.form == "judged":
        return {"type": "llm-rubric", "value": expected.value}
    forms = "|".join(_pattern(expected, form) for form in (expected.value, *expected.accept))
    return {"type": "regex", "value": f"(?:{forms})", "metric": expectation_text(expected)}


def _pattern(expected: Expected, form: str) -> str:
    """Return a regular expression without look-behind and flags, as JavaScript reads it."""
    quantity, clock = _NUMBER_UNIT.fullmatch(form.strip()), _CLOCK.search(form)
    if expected.form == "quantity" and quantity:
        opening = quantity["unit"][:1]
        unit = f"[{opening.lower()}{opening.upper()}]" if opening.isalpha() else re.escape(opening)
        return rf"(?:^|[^\d.,]){re.escape(quantity['number'])}[ -]?{unit}"
    if expected.form == "time" and clock:
        return rf"(?:^|[^\d:])0?{clock['hour']}[:.]{clock['minute']}(?!\d)"
    if expected.form == "order":
        return r"[\s\S]*?".join(_any_case(item) for item in form.split(" > "))
    if expected.form == "text":
        return _any_case(form)
    return re.escape(form)


def _any_case(text: str) -> str:
    return "".join(
        f"[{char.lower()}{char.upper()}]" if char.isalpha() and char.lower() != char.upper() else re.escape(char)
        for char in text
    )


def inspect_samples(tasks: TaskSet) -> str:
    """Return JSON lines that `json_dataset` of Inspect reads: id, input, target and metadata."""
    rows = (
        {
            "id": task.id,
            "input": task.question,
            "target": [one.value for one in task.expected],
            "metadata": {
                **_origin(task),
                "expected": [{"value": e.value, "form": e.form, "accept": list(e.accept)} for e in task.expected],
            },
        }
        for task in tasks.live
    )
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _origin(task: Task) -> dict[str, Any]:
    origin: dict[str, Any] = {"kind": task.kind, "source": task.source}
    if task.citation is not None:
        origin["page"] = task.citation.source
        origin["lines"] = list(task.citation.lines)
    return origin
