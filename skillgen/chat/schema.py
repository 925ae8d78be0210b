"""JSON Schema, the part of it that our prompts use: checked before use, and checked against replies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int, float),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}
_LIMITS = frozenset({"minLength", "maxLength", "minItems", "maxItems", "minimum", "maximum"})
_KNOWN = _LIMITS | {
    "type", "properties", "required", "additionalProperties", "items", "enum", "const", "anyOf", "$ref", "$defs",
    "title", "description",
}  # fmt: skip
_DEFS = "#/$defs/"
_SHOWN = 80


def check_schema(schema: Mapping[str, Any]) -> None:
    """Check that every keyword is one that `problem_of` enforces.

    Raises:
        ValueError: a keyword or one of its values is not supported, or a reference leads nowhere.
    """
    for part in _parts(schema):
        unknown = part.keys() - _KNOWN
        if unknown:
            raise ValueError(f"the schema uses {', '.join(sorted(unknown))}, which is not supported")
        if part.get("additionalProperties") not in (None, True, False):
            raise ValueError("additionalProperties may be true or false only")
        if any(isinstance(value, (bool, dict, list)) for value in (*part.get("enum", ()), part.get("const"))):
            raise ValueError("enum and const may hold texts, numbers and null only")
        if unnamed := set(_types(part)) - _TYPES.keys():
            raise ValueError(f"there is no type {unnamed.pop()}")
        if "$ref" in part:
            _resolved(part, schema)


def problem_of(value: object, schema: Mapping[str, Any]) -> str | None:
    """Return the first thing by which a JSON value breaks a checked schema, with its place; None where it fits."""
    return next(_problems(value, schema, schema, "the reply"), None)


def without_limits(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema without lengths, counts and ranges, for servers that refuse them; replies are still checked."""
    return {
        key: {name: without_limits(part) for name, part in value.items()}
        if key in {"properties", "$defs"}
        else _stripped(value)
        for key, value in schema.items()
        if key not in _LIMITS
    }


def _stripped(value: object) -> object:
    if isinstance(value, dict):
        return without_limits(value)
    if isinstance(value, list):
        return [_stripped(item) for item in value]
    return value


def _parts(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield a schema and every schema inside of it."""
    yield schema
    inner = [*schema.get("properties", {}).values(), *schema.get("$defs", {}).values(), *schema.get("anyOf", ())]
    for part in [*inner, *([schema["items"]] if "items" in schema else [])]:
        yield from _parts(part)


def _types(schema: Mapping[str, Any]) -> tuple[str, ...]:
    named = schema.get("type", ())
    return (named,) if isinstance(named, str) else tuple(named)


def _resolved(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the schema that a reference names.

    Raises:
        ValueError: there is none.
    """
    name = str(schema["$ref"])
    defined: dict[str, dict[str, Any]] = root.get("$defs", {})
    if name.removeprefix(_DEFS) not in defined or not name.startswith(_DEFS):
        raise ValueError(f"the schema names {name}, which it does not define")
    return defined[name.removeprefix(_DEFS)]


def _problems(value: object, schema: Mapping[str, Any], root: Mapping[str, Any], where: str) -> Iterator[str]:
    if "$ref" in schema:
        yield from _problems(value, _resolved(schema, root), root, where)
    types = _types(schema)
    if types and not any(_is(value, name) for name in types):
        yield f"{where} is not of type {' or '.join(types)}"
        return
    if "anyOf" in schema and all(next(_problems(value, part, root, where), None) for part in schema["anyOf"]):
        yield f"{where} fits none of its forms"
    yield from _value_problems(value, schema, where)
    yield from _size_problems(value, schema, where)
    if isinstance(value, dict):
        yield from _object_problems(value, schema, root, where)
    if isinstance(value, list) and "items" in schema:
        for number, item in enumerate(value):
            yield from _problems(item, schema["items"], root, f"{where}[{number}]")


def _is(value: object, name: str) -> bool:
    if isinstance(value, bool):
        return name == "boolean"
    if name == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _TYPES[name])


def _value_problems(value: object, schema: Mapping[str, Any], where: str) -> Iterator[str]:
    for allowed in (schema.get("enum"), [schema["const"]] if "const" in schema else None):
        if allowed is not None and (isinstance(value, bool) or value not in allowed):
            yield f"{where} is not one of {', '.join(map(str, allowed))}"


def _size_problems(value: object, schema: Mapping[str, Any], where: str) -> Iterator[str]:
    for kind, least, most, unit in (
        (str, "minLength", "maxLength", "characters"),
        (list, "minItems", "maxItems", "items"),
    ):
        if isinstance(value, kind):
            size = len(value)
            if size < schema.get(least, 0) or size > schema.get(most, size):
                yield f"{where} has {size} {unit}, not {schema.get(least, 0)} to {schema.get(most, 'any number')}"
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if is_number and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        yield f"{where} is out of range"


def _object_problems(
    value: Mapping[str, object], schema: Mapping[str, Any], root: Mapping[str, Any], where: str
) -> Iterator[str]:
    known = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{where} has no key {name}"
    for name, item in value.items():
        if name in known:
            yield from _problems(item, known[name], root, f"{where}.{name}")
        elif schema.get("additionalProperties") is False:
            yield f"{where} has the unknown key {name[:_SHOWN]!r}"
