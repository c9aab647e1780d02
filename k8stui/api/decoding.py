"""Decoding a request as the API server does: wrong types, unknown and repeated fields, in Go's own words.

kubernetes: staging/src/k8s.io/apiserver/pkg/endpoints/handlers/create.go (transformDecodeError), sigs.k8s.io/json.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from k8stui.api import fields, gotime, scheme
from k8stui.api.body import Members, unrecognized
from k8stui.api.errors import BadRequest
from k8stui.api.fields import Field, Type

_OLD_VERSIONS = {
    "DaemonSet": ("extensions/v1beta1", "apps/v1beta2"),
    "Deployment": ("extensions/v1beta1", "apps/v1beta1", "apps/v1beta2"),
    "ReplicaSet": ("extensions/v1beta1", "apps/v1beta2"),
    "StatefulSet": ("apps/v1beta1", "apps/v1beta2"),
    "ControllerRevision": ("apps/v1beta1", "apps/v1beta2"),
    "NetworkPolicy": ("extensions/v1beta1",),
    "Ingress": ("extensions/v1beta1", "networking.k8s.io/v1beta1"),
    "IngressClass": ("networking.k8s.io/v1beta1",),
    "EndpointSlice": ("discovery.k8s.io/v1beta1",),
    "Event": ("events.k8s.io/v1", "events.k8s.io/v1beta1"),
}
_SCHEME = "pkg/api/legacyscheme/scheme.go:30"
_QUANTITY = re.compile(r"([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)")
_METADATA = Field("metadata", "meta.v1.ObjectMeta")
_RANGES = {"int32": 2**31, "int64": 2**63}


@dataclass(frozen=True, slots=True)
class Fault:
    """A value that cannot be decoded; `fatal` ones are reported before all others, whatever the order."""

    path: str
    message: str
    fatal: bool = False


@dataclass(frozen=True, slots=True)
class Decoded:
    """An object as the server holds it after decoding: without nulls and without fields it does not know."""

    wire: dict[str, Any]
    unknown: tuple[str, ...]
    faults: tuple[Fault, ...]


def inspect(wire: Mapping[str, Any]) -> Decoded:
    """Return an object as decoded, the paths of its unknown fields and all its wrong types; never raises.

    Of kinds that the field table does not have, the metadata alone are looked at.
    """
    kind = str(wire.get("kind", ""))
    kind_type = fields.type_of(str(wire.get("apiVersion", "")), kind)
    walk = _Walk()
    if kind_type is None:
        known = {"metadata": wire.get("metadata")}
        clean = {name: value for name, value in wire.items() if name != "metadata"}
        clean |= walk.struct(known, Type(kind, {"metadata": _METADATA}), "", "")
    else:
        clean = walk.struct(wire, kind_type, "", "")
    return Decoded(clean, tuple(walk.unknown), tuple(walk.faults))


def decode_request(
    wire: Mapping[str, Any],
    resource: scheme.Resource | None = None,
    field_validation: str = "Strict",
    members: Members = (),
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return the object of a request as decoded, and the warnings; `resource` is the one in the request's URL.

    `members` are those of the text, where it was sent as one (see `body.decode_body`). Raises BadRequest in the
    server's words.
    """
    if resource is not None:
        api_version, kind = wire.get("apiVersion") or resource.api_version, wire.get("kind") or resource.kind
        wire = {**wire, "apiVersion": api_version, "kind": kind}
        _check_kind(wire, resource)
    decoded = inspect(wire)
    if decoded.faults:
        first = next((fault for fault in decoded.faults if fault.fatal), decoded.faults[0])
        raise _bad_request(wire, resource, first.message)
    strict = _strict_errors(decoded.unknown, members or tuple((path, False) for path in decoded.unknown))
    if strict and field_validation == "Strict":
        raise _bad_request(wire, resource, f"strict decoding error: {', '.join(strict)}")
    return decoded.wire, tuple(strict) if field_validation == "Warn" else ()


def _strict_errors(unknown: Collection[str], members: Members) -> list[str]:
    """Return what is strictly wrong with an object's members in their order; nobody looks into unknown ones."""
    errors: dict[str, None] = {}
    for path, repeated in members:
        if path in unknown:
            errors[f'unknown field "{path}"'] = None
        elif repeated and not any(path.startswith((f"{parent}.", f"{parent}[")) for parent in unknown):
            errors[f'duplicate field "{path}"'] = None
    return list(errors)


def _check_kind(wire: Mapping[str, Any], resource: scheme.Resource) -> None:
    """Refuse an object of another kind or version than the URL says."""
    api_version, kind = wire["apiVersion"], wire["kind"]
    for name, value in (("apiVersion", api_version), ("kind", kind)):
        if not isinstance(value, str):
            text = f"json: cannot unmarshal {describe(value)} into Go struct field .{name} of type string"
            raise unrecognized(resource.kind, text, wire)
    if (api_version, kind) == (resource.api_version, resource.kind):
        return
    if fields.type_of(api_version, kind) is None and api_version not in _OLD_VERSIONS.get(kind, ()):
        text = f'no kind "{kind}" is registered for version "{api_version}" in scheme "{_SCHEME}"'
        raise _bad_request(wire, resource, text)
    if kind == resource.kind:
        text = f"the API version in the data ({api_version}) does not match the expected API version"
        raise BadRequest(400, "BadRequest", f"{text} ({resource.api_version})")
    given = api_version.rpartition("/")[2]
    group = (resource.group or "core").partition(".")[0]
    text = f"converting ({given}.{kind}) to ({group}.{resource.kind}): unknown conversion"
    raise _bad_request(wire, resource, text)


def _bad_request(wire: Mapping[str, Any], resource: scheme.Resource | None, reason: str) -> BadRequest:
    kind = wire.get("kind", "")
    version = str(wire.get("apiVersion", "")).rpartition("/")[2]
    expected = resource.kind if resource is not None else kind
    return BadRequest(400, "BadRequest", f'{kind} in version "{version}" cannot be handled as a {expected}: {reason}')


def describe(value: Any) -> str:
    """Return what Go's decoder calls a JSON value: ``string``, ``number``, ``bool``, ``object`` or ``array``."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, str):
        return "string"
    if isinstance(value, int | float):
        return "number"
    return "object" if isinstance(value, Mapping) else "array"


def number_text(value: float) -> str:
    """Return a number as it stands in the JSON that was sent."""
    mantissa, _, exponent = repr(value).partition("e")
    if not exponent:
        return mantissa
    if 1e-6 <= abs(value) < 1e21:
        return f"{value:f}".rstrip("0").rstrip(".")
    return f"{mantissa}e{exponent[0]}{exponent[1:].lstrip('0')}"


def _unicode(text: str) -> str:
    """Return a text in which half a surrogate pair is a replacement character, as Go decodes it."""
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


class _Walk:
    """One pass over an object: what is known is copied, what is not is noted."""

    __slots__ = ("faults", "unknown")

    def __init__(self) -> None:
        self.unknown: list[str] = []
        self.faults: list[Fault] = []

    def struct(self, value: Mapping[str, Any], kind_type: Type, path: str, names: str) -> dict[str, Any]:
        """Decode an object; `names` is the path as Go's errors write it, without indices and keys of maps."""
        clean: dict[str, Any] = {}
        for name, inner in value.items():
            field = kind_type.fields.get(name)
            here = f"{path}.{name}" if path else name
            if field is None:
                self.unknown.append(here)
            elif inner is not None:
                where = _Where(kind_type, f"{names}.{name}" if names else name)
                clean[name] = self.field(inner, field, here, where)
        return clean

    def field(self, value: Any, field: Field, path: str, where: _Where) -> Any:
        if field.type == "list":
            if not isinstance(value, list):
                return self.wrong(value, field.go_type, path, where)
            return [self.element(item, field, f"{path}[{number}]", where) for number, item in enumerate(value)]
        if field.type == "map":
            if not isinstance(value, Mapping):
                return self.wrong(value, field.go_type, path, where)
            return {_unicode(key): self.element(item, field, f"{path}.{key}", where) for key, item in value.items()}
        return self.element(value, field, path, where)

    def element(self, value: Any, field: Field, path: str, where: _Where) -> Any:
        kind_type = fields.type_named(field.element)
        if kind_type is not None:
            if isinstance(value, Mapping):
                return self.struct(value, kind_type, path, where.names)
            return {} if value is None else self.wrong(value, field.go_element, path, where)
        return self.scalar(value, field, path, where)

    def scalar(self, value: Any, field: Field, path: str, where: _Where) -> Any:
        kind = field.element
        if value is None:
            return "" if kind == "string" else None
        if kind == "string":
            return _unicode(value) if isinstance(value, str) else self.wrong(value, field.go_element, path, where)
        if kind in _RANGES:
            return self.integer(value, kind, path, where)
        if kind == "boolean":
            return value if isinstance(value, bool) else self.wrong(value, "bool", path, where)
        if kind == "int-or-string":
            return _unicode(value) if isinstance(value, str) else self.integer(value, "int32", path, where, fatal=True)
        if kind in ("time", "micro-time"):
            return self.time(value, gotime.SECONDS if kind == "time" else gotime.MICROS, path, where)
        if kind == "quantity":
            return self.quantity(value, path)
        if kind == "base64":
            return self.base64(value, path, where)
        return value

    def integer(self, value: Any, kind: str, path: str, where: _Where, *, fatal: bool = False) -> Any:
        if isinstance(value, int) and not isinstance(value, bool) and -_RANGES[kind] <= value < _RANGES[kind]:
            return value
        given = describe(value)
        if given == "number":
            given = f"number {number_text(value)}"
        self.faults.append(Fault(path, where.text(given, kind), fatal))
        return value

    def time(self, value: Any, layout: str, path: str, where: _Where) -> Any:
        if not isinstance(value, str):
            self.faults.append(Fault(path, where.text(describe(value), "string"), True))
            return value
        try:
            return gotime.written(gotime.parse(value, layout), layout)
        except ValueError as error:
            self.faults.append(Fault(path, str(error), True))
        return value

    def quantity(self, value: Any, path: str) -> Any:
        text = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
        if not _QUANTITY.fullmatch(text.strip()):
            pattern = "^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$"
            self.faults.append(Fault(path, f"quantities must match the regular expression '{pattern}'", True))
        return value if isinstance(value, str) else text

    def base64(self, value: Any, path: str, where: _Where) -> Any:
        if not isinstance(value, str):
            return self.wrong(value, "[]uint8", path, where)
        try:
            base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError):
            good = re.match(r"[A-Za-z0-9+/]*", value)
            text = f"illegal base64 data at input byte {good.end() if good else 0}"
            self.faults.append(Fault(path, text))
        return value

    def wrong(self, value: Any, go_type: str, path: str, where: _Where) -> Any:
        if value is not None:
            self.faults.append(Fault(path, where.text(describe(value), go_type)))
        return value


@dataclass(frozen=True, slots=True)
class _Where:
    """The struct and the field that an error names."""

    kind_type: Type
    names: str

    def text(self, given: str, go_type: str) -> str:
        field = f"{self.kind_type.go_name}.{self.names}"
        return f"json: cannot unmarshal {given} into Go struct field {field} of type {go_type}"
