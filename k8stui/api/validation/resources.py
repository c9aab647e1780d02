"""What containers ask for and may use at most (kubernetes: core/validation, ValidateContainerResourceRequirements)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from k8stui.api.errors import FieldError
from k8stui.api.quantity import amount
from k8stui.api.validation import field
from k8stui.api.validation.names import qualified_name

_CONTAINER = ("cpu", "memory", "ephemeral-storage")
_ALL = (*_CONTAINER, "storage", "pods", "services", "replicationcontrollers", "resourcequotas", "secrets", "configmaps")
_HUGE = "hugepages-"


def validate_resources(resources: Mapping[str, Any], path: str) -> list[FieldError]:
    """Return the errors of a container's limits and requests."""
    limits, requests = resources.get("limits") or {}, resources.get("requests") or {}
    errors: list[FieldError] = []
    for name in sorted(limits):
        errors += _entry(name, limits[name], f"{path}.limits[{name}]")
    for name in sorted(requests):
        errors += _entry(name, requests[name], f"{path}.requests[{name}]")
        errors += _against_limit(name, requests[name], limits.get(name), path)
    return errors


def _entry(name: str, quantity: str, path: str) -> list[FieldError]:
    errors = [field.invalid(path, name, text) for text in qualified_name(name)]
    if not errors and "/" not in name and not name.startswith(_HUGE):
        if name not in _ALL:
            errors.append(field.invalid(path, name, "must be a standard resource type or fully qualified"))
        if name not in _CONTAINER:
            errors.append(field.invalid(path, name, "must be a standard resource for containers"))
    value = amount(quantity)
    if value is not None and value < 0:
        errors.append(field.invalid(path, quantity, "must be greater than or equal to 0"))
    if value is not None and value.denominator != 1 and ("/" in name or name.startswith(_HUGE)):
        errors.append(field.invalid(path, quantity, "must be an integer"))
    return errors


def _against_limit(name: str, quantity: str, limit: str | None, path: str) -> list[FieldError]:
    fixed = "/" in name or name.startswith(_HUGE)
    if limit is None:
        detail = "Limit must be set for non overcommitable resources"
        return [field.required(f"{path}.limits", detail)] if fixed else []
    wanted, most = amount(quantity), amount(limit)
    if wanted is None or most is None:
        return []
    if fixed and wanted != most:
        return [field.invalid(f"{path}.requests", quantity, f"must be equal to {name} limit of {limit}")]
    if wanted > most:
        return [field.invalid(f"{path}.requests", quantity, f"must be less than or equal to {name} limit of {limit}")]
    return []
