"""Label selectors (kubernetes: apimachinery, pkg/apis/meta/v1/validation/validation.go)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from k8stui.api.errors import FieldError
from k8stui.api.validation import field
from k8stui.api.validation.meta import validate_labels
from k8stui.api.validation.names import label_value, qualified_name

Selector = Mapping[str, Any]
_WITH_VALUES = ("In", "NotIn")
_WITHOUT_VALUES = ("Exists", "DoesNotExist")


def validate_selector(selector: Selector, path: str) -> list[FieldError]:
    """Return the errors of a label selector."""
    errors = validate_labels(selector.get("matchLabels"), f"{path}.matchLabels")
    for index, requirement in enumerate(selector.get("matchExpressions") or ()):
        errors += _requirement(requirement, f"{path}.matchExpressions[{index}]")
    return errors


def _requirement(requirement: Mapping[str, Any], path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    operator, values = requirement.get("operator", ""), requirement.get("values") or ()
    if operator in _WITH_VALUES:
        if not values:
            errors.append(field.required(f"{path}.values", "must be specified when `operator` is 'In' or 'NotIn'"))
    elif operator in _WITHOUT_VALUES:
        if values:
            detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
            errors.append(field.forbidden(f"{path}.values", detail))
    else:
        errors.append(field.invalid(f"{path}.operator", operator, "not a valid selector operator"))
    key = requirement.get("key", "")
    errors += [field.invalid(f"{path}.key", key, text) for text in qualified_name(key)]
    for index, value in enumerate(values):
        errors += [field.invalid(f"{path}.values[{index}]", value, text) for text in label_value(value)]
    return errors


def printed(selector: Selector | None) -> dict[str, Any] | None:
    """Return a selector with the members of Go's structure in their order, as the server prints it."""
    if selector is None:
        return None
    shown: dict[str, Any] = {}
    if selector.get("matchLabels"):
        shown["matchLabels"] = dict(sorted(selector["matchLabels"].items()))
    if selector.get("matchExpressions"):
        shown["matchExpressions"] = [
            {
                "key": rule.get("key", ""),
                "operator": rule.get("operator", ""),
                **({"values": rule["values"]} if rule.get("values") else {}),
            }
            for rule in selector["matchExpressions"]
        ]
    return shown


def is_empty(selector: Selector) -> bool:
    """Tell whether a selector has no condition."""
    return not selector.get("matchLabels") and not selector.get("matchExpressions")


def selects(selector: Selector, labels: Mapping[str, str]) -> bool:
    """Tell whether a selector that has no errors matches labels."""
    if any(labels.get(key) != value for key, value in (selector.get("matchLabels") or {}).items()):
        return False
    for requirement in selector.get("matchExpressions") or ():
        key, values = requirement.get("key", ""), requirement.get("values") or ()
        held = {
            "In": key in labels and labels[key] in values,
            "NotIn": key not in labels or labels[key] not in values,
            "Exists": key in labels,
            "DoesNotExist": key not in labels,
        }
        if not held.get(requirement.get("operator", ""), False):
            return False
    return True
