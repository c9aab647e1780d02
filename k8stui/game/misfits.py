"""Fields of a level file that do not fit the format: where they stand, what is wrong, and what would be right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from k8stui.game.catalogue import HEAD_FIELDS

if TYPE_CHECKING:
    from k8stui.game.source import Path_, Source

_MOST_NAMES = 12
_TYPES = {
    "string": "a text: put it in quotes",
    "tuple": "a list",
    "list": "a list",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "dict": "an object",
    "model": "an object",
}


def misfits(source: Source, error: ValidationError, model: type[BaseModel]) -> list[str]:
    """Return a sentence with its place for each thing in a level file that its model does not take."""
    schema = model.model_json_schema()
    return list(dict.fromkeys(_misfit(source, detail, schema) for detail in error.errors(include_url=False)))


def _misfit(source: Source, detail: ErrorDetails, schema: Mapping[str, Any]) -> str:
    path = _inside(source.value, detail["loc"])
    if detail["type"] == "missing":
        name = str(detail["loc"][-1])
        head = next((field for field in HEAD_FIELDS if field in source.value), name)
        return source.at((head,) if name in HEAD_FIELDS else path, f"the field `{name}` is missing")
    if detail["type"] == "extra_forbidden":
        name = str(path[-1])
        return source.at(path, f"unknown field `{name}`; {meant(name, _fields(schema, path[:-1]))}")
    name = ".".join(map(str, path[-2:] if path and isinstance(path[-1], int) else path[-1:])) or "level"
    return source.at(path, f"`{name}` {_wanted(detail, _fields(schema, path))}")


def _inside(value: Any, loc: tuple[str | int, ...]) -> Path_:
    """Return the part of an error's path that leads through the file: the rest names types of the model."""
    path: list[str | int] = []
    for part in loc:
        inside = range(len(value)) if isinstance(value, list) else value if isinstance(value, dict) else ()
        if part in inside:
            value = value[part]
            path.append(part)
    return tuple(path)


def meant(name: str, known: Sequence[str]) -> str:
    """Return which of the known names was probably meant, else all of them (or the first, of many)."""
    lower = {one.lower(): one for one in known}
    if close := get_close_matches(name.lower(), lower, 1):
        return f"did you mean `{lower[close[0]]}`?"
    listed = ", ".join(known[:_MOST_NAMES]) + (", …" if len(known) > _MOST_NAMES else "")
    return f"there {'is' if len(known) == 1 else 'are'} {listed or 'none'}"


def _wanted(detail: ErrorDetails, fields: list[str]) -> str:
    kind, given, context = detail["type"], detail["input"], detail.get("ctx") or {}
    shown = f", not `{given}`" if isinstance(given, str | int | float) and len(str(given)) <= 60 else ""
    if kind == "too_short":
        least = context["min_length"]
        return f"needs at least {least} {'entry' if least == 1 else 'entries'} and has {context['actual_length']}"
    if kind == "string_pattern_mismatch":
        if "[A-Za-z0-9.-]" in context["pattern"]:
            return f"is made of letters, digits, dots and hyphens, at most 32{shown}"
        return f"must have the form {context['pattern']}{shown}"
    family = kind.split("_")[0]
    if family in _TYPES and kind.endswith(("_type", "_parsing", "_from_float", "_attributes_type")):
        with_fields = f" with {', '.join(fields)}" if family == "model" and fields else ""
        return f"must be {_TYPES[family]}{with_fields}{shown if family != 'string' else ''}"
    return f"{detail['msg'].replace('Input should be', 'must be')}{shown}"


def _fields(schema: Mapping[str, Any], path: Path_) -> list[str]:
    """Return the names of the fields that an object at a path of the file may have."""
    nodes = [schema]
    for part in path:
        nodes = [found for node in nodes for found in _below(node, part, schema)]
    return list(
        dict.fromkeys(name for node in nodes for one in _plain(node, schema) for name in one.get("properties", ()))
    )


def _below(node: Mapping[str, Any], part: str | int, schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for one in _plain(node, schema):
        found = one.get("items") if isinstance(part, int) else None
        if isinstance(part, str):
            found = one.get("properties", {}).get(part, one.get("additionalProperties"))
        if isinstance(found, dict):
            yield found


def _plain(node: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield what a node of the schema may be, references followed."""
    if "$ref" in node:
        yield from _plain(schema["$defs"][node["$ref"].rpartition("/")[2]], schema)
    elif "anyOf" in node:
        for one in node["anyOf"]:
            yield from _plain(one, schema)
    else:
        yield node
