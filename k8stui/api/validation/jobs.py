"""Jobs (kubernetes: pkg/apis/batch/validation/validation.go, ValidateJobSpec)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from k8stui.api.errors import FieldError
from k8stui.api.validation import field
from k8stui.api.validation.meta import non_negative, validate_meta, validate_meta_update
from k8stui.api.validation.names import dns_subdomain
from k8stui.api.validation.pods import validate_template

_NUMBERS = ("parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished")
_POLICIES = 'valid values: "OnFailure", "Never"'


def validate_job(wire: Mapping[str, Any]) -> list[FieldError]:
    """Return the errors of a new Job."""
    return validate_meta(wire.get("metadata") or {}, dns_subdomain) + _job(wire.get("spec") or {})


def validate_job_update(wire: Mapping[str, Any], old: Mapping[str, Any]) -> list[FieldError]:
    """Return the errors of a Job that replaces a stored one; what it runs stays."""
    spec, before = wire.get("spec") or {}, old.get("spec") or {}
    errors = validate_meta_update(wire.get("metadata") or {}, old.get("metadata") or {}) + _job(spec)
    errors += [
        field.invalid(f"spec.{name}", spec.get(name), "field is immutable")
        for name in ("completions", "selector", "template", "completionMode")
        if spec.get(name) != before.get(name)
    ]
    return errors


def _job(spec: Mapping[str, Any]) -> list[FieldError]:
    errors: list[FieldError] = []
    for name in _NUMBERS:
        if spec.get(name) is not None:
            errors += non_negative(spec[name], f"spec.{name}")
    template = spec.get("template") or {}
    errors += validate_template(template, "spec.template")
    policy = (template.get("spec") or {}).get("restartPolicy", "")
    if policy == "Always":
        errors.append(field.required("spec.template.spec.restartPolicy", _POLICIES))
    return errors
