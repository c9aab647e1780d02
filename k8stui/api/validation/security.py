"""Users and groups of pods and containers (kubernetes: core/validation, validatePodSpecSecurityContext)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from k8stui.api.errors import FieldError
from k8stui.api.validation import field

_HIGHEST = 2147483647
_RANGE = f"must be between 0 and {_HIGHEST}, inclusive"


def validate_pod_security(spec: Mapping[str, Any], path: str) -> list[FieldError]:
    """Return the errors of a pod's security context."""
    context, where = spec.get("securityContext") or {}, f"{path}.securityContext"
    errors = _numbers(context, ("fsGroup", "runAsUser", "runAsGroup"), where)
    for group in context.get("supplementalGroups") or ():
        errors += _number(group, f"{where}.supplementalGroups")
    if spec.get("shareProcessNamespace") and spec.get("hostPID"):
        detail = "ShareProcessNamespace and HostPID cannot both be enabled"
        errors.append(field.invalid(f"{where}.shareProcessNamespace", True, detail))
    return errors


def validate_container_security(context: Mapping[str, Any], path: str) -> list[FieldError]:
    """Return the errors of a container's security context."""
    return _numbers(context, ("runAsUser", "runAsGroup"), path)


def _numbers(context: Mapping[str, Any], names: tuple[str, ...], path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    for name in names:
        if context.get(name) is not None:
            errors += _number(context[name], f"{path}.{name}")
    return errors


def _number(value: int, path: str) -> list[FieldError]:
    return [] if 0 <= value <= _HIGHEST else [field.invalid(path, value, _RANGE)]
