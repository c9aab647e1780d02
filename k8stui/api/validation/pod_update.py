"""Changes of a pod that are refused (kubernetes: core/validation, ValidatePodUpdate)."""

from __future__ import annotations

import copy
import difflib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from k8stui.api.errors import FieldError
from k8stui.api.validation import field
from k8stui.api.validation.internal_pod import internal_pod_spec
from k8stui.api.validation.meta import validate_meta_update
from k8stui.api.validation.pods import validate_pod, validate_tolerations

Spec = Mapping[str, Any]
_MAX_INT32 = 2147483647
_CHANGEABLE = (
    "`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,"
    "`spec.tolerations` (only additions to existing tolerations),"
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
)


def validate_pod_update(wire: Mapping[str, Any], old: Mapping[str, Any]) -> list[FieldError]:
    """Return the errors of a pod that replaces a stored one."""
    errors = validate_meta_update(wire.get("metadata") or {}, old.get("metadata") or {})
    errors += validate_pod(wire)
    spec, before = wire.get("spec") or {}, old.get("spec") or {}
    for name, what in (("containers", "containers"), ("initContainers", "init containers")):
        if len(spec.get(name) or ()) != len(before.get(name) or ()):
            return [*errors, field.forbidden(f"spec.{name}", f"pod updates may not add or remove {what}")]
    deadline = _deadline(spec, before)
    if deadline:
        return errors + deadline
    errors += _tolerations(spec.get("tolerations") or (), before.get("tolerations") or ())
    difference = spec_difference(before, _with_changeable(spec, before))
    if difference:
        detail = f"pod updates may not change fields other than {_CHANGEABLE}\n{difference}"
        errors.append(field.forbidden("spec", detail))
    return errors


def spec_difference(old: Spec, new: Spec) -> str:
    """Return a unified diff of two pod specs as the server prints its own structures; empty where they are equal."""
    if old == new:
        return ""
    lines = list(difflib.unified_diff(_lines(old), _lines(new)))[2:]
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)


def _lines(spec: Spec) -> list[str]:
    return json.dumps(internal_pod_spec(spec), indent=1, ensure_ascii=False).splitlines(keepends=True)


def _deadline(spec: Spec, before: Spec) -> list[FieldError]:
    path = "spec.activeDeadlineSeconds"
    new, old = spec.get("activeDeadlineSeconds"), before.get("activeDeadlineSeconds")
    if new is None:
        detail = "must not update from a positive integer to nil value"
        return [] if old is None else [field.invalid(path, None, detail)]
    if not 0 <= new <= _MAX_INT32:
        return [field.invalid(path, new, f"must be between 0 and {_MAX_INT32}, inclusive")]
    if old is not None and new > old:
        return [field.invalid(path, new, "must be less than or equal to previous value")]
    return []


def _tolerations(new: Sequence[Spec], old: Sequence[Spec]) -> list[FieldError]:
    kept = [{name: value for name, value in entry.items() if name != "tolerationSeconds"} for entry in new]
    for entry in old:
        if {name: value for name, value in entry.items() if name != "tolerationSeconds"} not in kept:
            detail = "existing toleration can not be modified except its tolerationSeconds"
            return [field.forbidden("spec.tolerations", detail)]
    return validate_tolerations(new, "spec.tolerations")


def _with_changeable(spec: Spec, before: Spec) -> dict[str, Any]:
    """Return the new spec with the old values of everything that may change."""
    munged: dict[str, Any] = copy.deepcopy(dict(spec))
    for name in ("containers", "initContainers"):
        for container, stored in zip(munged.get(name) or (), before.get(name) or (), strict=True):
            if "image" in stored:
                container["image"] = stored["image"]
    for name in ("activeDeadlineSeconds", "tolerations"):
        munged.pop(name, None)
        if name in before:
            munged[name] = before[name]
    if before.get("terminationGracePeriodSeconds", 0) < 0 and spec.get("terminationGracePeriodSeconds") == 1:
        munged["terminationGracePeriodSeconds"] = before["terminationGracePeriodSeconds"]
    return munged
