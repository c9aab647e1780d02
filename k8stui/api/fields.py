"""The field table: every field of every kind of Kubernetes 1.36, its type, how it is patched, its values and its help.

The table is data (`fields.json`, `help.json` beside this module) and is read when it is first asked for.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

SCALARS = frozenset(
    ("string", "boolean", "int32", "int64", "time", "micro-time", "quantity", "int-or-string", "base64", "object")
)
_GO_NAMES = {
    "boolean": "bool",
    "time": "v1.Time",
    "micro-time": "v1.MicroTime",
    "quantity": "resource.Quantity",
    "int-or-string": "intstr.IntOrString",
    "base64": "[]uint8",
    "object": "runtime.RawExtension",
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field: `type` is a scalar, ``list``, ``map`` or the name of a type; `of` is what lists and maps hold.

    `enum` are the values that the API server accepts, `values` those worth offering where others are accepted too.
    `merge_key` and `strategies` say how a strategic merge patch treats it; `go` is the name of its Go type where
    that is not the plain one.
    """

    name: str
    type: str
    of: str = ""
    required: bool = False
    enum: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    merge_key: str = ""
    strategies: tuple[str, ...] = ()
    list_keys: tuple[str, ...] = ()
    go: str = ""

    @property
    def element(self) -> str:
        """The type of what is inside: a list's or map's element, or the type itself."""
        return self.of or self.type

    @property
    def go_type(self) -> str:
        """The type as Go's decoder names it in errors: ``[]v1.ServicePort``, ``map[string]string``, ``int32``."""
        if self.type == "map" and self.of == "quantity":
            return "v1.ResourceList"
        inner = self.go_element
        return {"list": f"[]{inner}", "map": f"map[string]{inner}"}.get(self.type, inner)

    @property
    def go_element(self) -> str:
        """The Go type of one element, or of the field itself where it holds just one value."""
        if self.go:
            return self.go
        return _GO_NAMES.get(self.element) or _go_name(self.element)


@dataclass(frozen=True, slots=True)
class Type:
    """One type of the API (``core.v1.ServiceSpec``) and its fields by name."""

    name: str
    fields: Mapping[str, Field]

    @property
    def go_name(self) -> str:
        """The name of the Go struct: ``ServiceSpec``."""
        return self.name.rpartition(".")[2]


def type_named(name: str) -> Type | None:
    """Return a type by its name in the table, or None (scalars are no types)."""
    return None if name in SCALARS else _types().get(name)


def type_of(api_version: str, kind: str) -> Type | None:
    """Return the type of a whole object, or None for kinds that the table does not have."""
    name = _kinds().get(f"{api_version} {kind}")
    return type_named(name) if name is not None else None


def field_at(kind_type: Type, path: tuple[str | int, ...]) -> Field | None:
    """Return the field that a path leads to (indices and keys of maps are passed over), or None."""
    current: Type | None = kind_type
    field: Field | None = None
    inside_map = False
    for step in path:
        if inside_map or isinstance(step, int):
            inside_map = False
            continue
        if current is None or step not in current.fields:
            return None
        field = current.fields[step]
        inside_map = field.type == "map"
        current = type_named(field.element)
    return field


def help_of(type_name: str, field: str) -> str:
    """Return one line about a field, or an empty text."""
    return _help().get(type_name, {}).get(field) or _help().get("*", {}).get(field, "")


def helped(type_name: str) -> tuple[str, ...]:
    """Return the fields of a type that have a help text, the most used first."""
    return tuple(_help().get(type_name, ()))


def _go_name(name: str) -> str:
    return f"v1.{name.rpartition('.')[2]}" if "." in name else name


def _load(name: str) -> Any:
    return json.loads(files("k8stui.api").joinpath(name).read_text("utf-8"))


@cache
def _table() -> Mapping[str, Any]:
    table: Mapping[str, Any] = _load("fields.json")
    return table


@cache
def _help() -> Mapping[str, Mapping[str, str]]:
    table: Mapping[str, Mapping[str, str]] = _load("help.json")
    return table


def _kinds() -> Mapping[str, str]:
    kinds: Mapping[str, str] = _table()["kinds"]
    return kinds


@cache
def _types() -> Mapping[str, Type]:
    return {name: _type(name, entry) for name, entry in _table()["types"].items()}


def _type(name: str, entry: Mapping[str, Any]) -> Type:
    required = frozenset(entry.get("required", ()))
    return Type(name, {field: _field(field, spec, field in required) for field, spec in entry["fields"].items()})


def _field(name: str, spec: str | Mapping[str, Any], required: bool) -> Field:
    if isinstance(spec, str):
        return Field(name, spec, required=required)
    strategies = spec.get("patchStrategy", "")
    return Field(
        name,
        spec["type"],
        spec.get("of", ""),
        required,
        enum=tuple(spec.get("enum", ())),
        values=tuple(spec.get("values", ())),
        merge_key=spec.get("patchMergeKey", ""),
        strategies=tuple(strategies.split(",")) if strategies else (),
        list_keys=tuple(spec.get("listMapKeys", ())),
        go=spec.get("go", ""),
    )
