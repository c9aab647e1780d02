"""Patch requests: the API server's PATCH of one object, in its words where it refuses.

kubernetes: staging/src/k8s.io/apiserver/pkg/endpoints/handlers/patch.go, apimachinery pkg/runtime/converter.go
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from k8stui.api import decoding, fields, scheme
from k8stui.api.decoding import Decoded, describe
from k8stui.api.errors import BadRequest, FieldError, Invalid, StatusError
from k8stui.api.fields import Field
from k8stui.api.patch import PatchError, go_text, json_patch, merge_patch, strategic_merge_patch
from k8stui.api.places import steps
from k8stui.engine import admission, refusals
from k8stui.engine.admission import Admitted
from k8stui.engine.store import Store
from k8stui.engine.world import Key

Style = Literal["strategic", "merge", "json"]


def patch(
    store: Store,
    key: Key,
    change: Mapping[str, Any] | Sequence[Mapping[str, Any]],
    style: Style = "strategic",
    *,
    field_validation: str = "Warn",
    dry_run: bool = False,
) -> Admitted:
    """Patch a stored object as a PATCH does and return it as stored.

    `change` is a list of operations for the style ``json``, an object for the others. Raises StatusError in the
    server's words.
    """
    resource = scheme.resource_named(key.kind)
    stored = store.at(key)
    if stored is None:
        raise refusals.not_found(resource, key.name)
    old = stored.to_wire()
    patched = _patched(old, change, style)
    decoded = decoding.inspect(patched)
    _check(decoded, patched, change, style, field_validation)
    uid = decoded.wire.get("metadata", {}).get("uid")
    if uid != stored.metadata.uid:
        # A PUT with another uid is a conflict, a PATCH that changes it breaks a rule.
        cause = FieldError("metadata.uid", "FieldValueInvalid", f'Invalid value: "{uid or ""}": field is immutable')
        raise refusals.invalid_error(key.kind, key.name, (cause,))
    admitted = admission.update(
        store,
        decoded.wire,
        field_validation="Ignore",
        dry_run=dry_run,
        resource=resource,
        namespace=key.namespace or None,
        name=key.name,
    )
    if field_validation != "Warn" or not decoded.unknown:
        return admitted
    warnings = (*(f'unknown field "{path}"' for path in decoded.unknown), *admitted.warnings)
    return Admitted(admitted.obj, warnings, admitted.wire)


def _patched(old: dict[str, Any], change: Any, style: Style) -> dict[str, Any]:
    if style == "json":
        if not isinstance(change, Sequence) or isinstance(change, str):
            text = f"json: cannot unmarshal {describe(change)} into Go value of type []handlers.jsonPatchOp"
            raise BadRequest(400, "BadRequest", f"error decoding patch: {text}")
        try:
            return json_patch(old, change)
        except PatchError:
            raise StatusError(
                422, "Invalid", "the server rejected our request due to an error in our request"
            ) from None
    if not isinstance(change, Mapping):
        text = f"json: cannot unmarshal {describe(change)} into Go value of type map[string]interface {{}}"
        raise BadRequest(400, "BadRequest", f"error decoding patch: {text}")
    if style == "merge":
        return merge_patch(old, change)
    try:
        return strategic_merge_patch(old, change)
    except PatchError as error:
        raise BadRequest(400, "BadRequest", str(error)) from None


def _check(decoded: Decoded, patched: Mapping[str, Any], change: Any, style: Style, field_validation: str) -> None:
    """Refuse wrong types, and unknown fields where they are not allowed."""
    reason = ""
    if decoded.faults:
        fault = next((fault for fault in decoded.faults if fault.fatal), decoded.faults[0])
        reason = fault.message if style != "strategic" else _restore_text(patched, fault.path) or fault.message
    elif decoded.unknown and field_validation == "Strict":
        reason = "strict decoding error: " + ", ".join(f'unknown field "{path}"' for path in decoded.unknown)
    if reason:
        value = go_text(change) if style == "strategic" else json.dumps(patched, separators=(",", ":"))
        message = f'Invalid value: "{value}": {reason}'
        cause = FieldError("patch", "FieldValueInvalid", message)
        raise Invalid(422, "Invalid", f' "" is invalid: patch: {message}', (cause,))


def _restore_text(wire: Mapping[str, Any], path: str) -> str:
    """Return the words of the converter that a strategic merge patch goes through, or nothing where it has none."""
    kind_type = fields.type_of(str(wire.get("apiVersion", "")), str(wire.get("kind", "")))
    way = steps(path)
    field = fields.field_at(kind_type, way) if kind_type is not None else None
    value: Any = wire
    for step in way:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return ""
    return _converter_text(field, value, whole=field is not None and way[-1:] == (field.name,)) if field else ""


def _converter_text(field: Field, value: Any, *, whole: bool) -> str:
    given = {"bool": "bool", "object": "map", "array": "slice", "string": "string"}.get(describe(value), "")
    if not given:
        given = "int64" if isinstance(value, int) else "float64"
    if whole and field.type in ("list", "map"):
        return f"cannot restore {'slice' if field.type == 'list' else 'map'} from {given}"
    if field.element not in fields.SCALARS:
        return f"cannot restore struct from: {given}"
    wanted = field.go_element
    if field.element in ("time", "micro-time", "quantity", "int-or-string", "base64"):
        return ""
    numbers = {"int64", "float64"}
    if given in numbers and (wanted in ("int32", "int64") or field.element == "string"):
        return f"cannot convert {given} to {wanted}"
    return f"unrecognized type: {'string' if field.element == 'string' else wanted}"
