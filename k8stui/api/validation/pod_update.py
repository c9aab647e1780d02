"""Changes of a pod that are refused (kubernetes: core/validation, ValidatePodUpdate)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from k8stui.api.errors import FieldError
from k8stui.api.validation.meta import validate_meta_update
from k8stui.api.validation.pods import validate_pod


def validate_pod_update(wire: Mapping[str, Any], old: Mapping[str, Any]) -> list[FieldError]:
    """Return the errors of a pod that replaces a stored one."""
    errors = validate_meta_update(wire.get("metadata") or {}, old.get("metadata") or {})
    return errors + validate_pod(wire)
