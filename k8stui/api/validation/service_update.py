"""Changes of a Service that are refused (kubernetes: core/validation, ValidateServiceUpdate)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from k8stui.api.errors import FieldError
from k8stui.api.validation import field
from k8stui.api.validation.meta import validate_meta_update
from k8stui.api.validation.services import is_headless, load_balancer_class, needs_health_check, validate_service

Spec = Mapping[str, Any]
_ONCE_SET = "may not change once set"


def validate_service_update(wire: Mapping[str, Any], old: Mapping[str, Any]) -> list[FieldError]:
    """Return the errors of a Service that replaces a stored one."""
    spec, before = wire.get("spec") or {}, old.get("spec") or {}
    errors = validate_meta_update(wire.get("metadata") or {}, old.get("metadata") or {})
    if "ExternalName" not in (spec.get("type"), before.get("type")) and not (is_headless(spec) and is_headless(before)):
        errors += _first_stays(spec, before, "clusterIPs", "clusterIP")
        errors += _first_stays(spec, before, "ipFamilies", "ipFamily")
    if spec.get("type") == before.get("type") == "LoadBalancer":
        name = spec.get("loadBalancerClass")
        if name != before.get("loadBalancerClass"):
            errors.append(field.invalid("spec.loadBalancerClass", name, _ONCE_SET))
    errors += load_balancer_class(spec)
    checked = needs_health_check(spec) and needs_health_check(before)
    if checked and spec.get("healthCheckNodePort", 0) != before.get("healthCheckNodePort", 0):
        errors.append(field.forbidden("spec.healthCheckNodePort", "field is immutable"))
    return errors + validate_service(wire, old)


def _first_stays(spec: Spec, before: Spec, name: str, what: str) -> list[FieldError]:
    """Refuse a change of the entries that both lists have, and a second one that goes without SingleStack."""
    new, old = list(spec.get(name) or ()), list(before.get(name) or ())
    path = f"spec.{name}"
    if len(new) == len(old):
        return [
            # The server names the first family whichever of them changed.
            field.invalid(f"{path}[{index if name == 'clusterIPs' else 0}]", new, _ONCE_SET)
            for index in range(len(old))
            if new[index] != old[index]
        ]
    errors: list[FieldError] = []
    if old and not new:
        return [field.invalid(f"{path}[0]", None, f"primary {what} can not be unset")]
    if old and new[0] != old[0]:
        errors.append(field.invalid(f"{path}[0]", new, _ONCE_SET))
    policy = spec.get("ipFamilyPolicy")
    if len(new) == 1 and len(old) > 1 and policy != "SingleStack":
        detail = f"must be set to 'SingleStack' when releasing the secondary {what}"
        errors.append(field.invalid("spec.ipFamilyPolicy", policy, detail))
    return errors
