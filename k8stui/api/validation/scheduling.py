"""Where pods want to run: affinities and spreads (kubernetes: core/validation, validateAffinity and its neighbours)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from k8stui.api.errors import FieldError
from k8stui.api.validation import field
from k8stui.api.validation.names import dns_label, dns_subdomain, label_value, qualified_name
from k8stui.api.validation.selectors import validate_selector

Terms = Sequence[Mapping[str, Any]]
_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"
_UNSATISFIABLE = ("DoNotSchedule", "ScheduleAnyway")
_NO_OPERATOR = "not a valid selector operator"


def validate_affinity(affinity: Mapping[str, Any] | None, path: str) -> list[FieldError]:
    """Return the errors of a pod's affinities."""
    affinity = affinity or {}
    errors = _node_affinity(affinity.get("nodeAffinity") or {}, f"{path}.nodeAffinity")
    for name in ("podAffinity", "podAntiAffinity"):
        rules, where = affinity.get(name) or {}, f"{path}.{name}"
        for index, term in enumerate(rules.get(_REQUIRED) or ()):
            errors += _pod_term(term, f"{where}.{_REQUIRED}[{index}]")
        for index, weighted in enumerate(rules.get(_PREFERRED) or ()):
            place = f"{where}.{_PREFERRED}[{index}]"
            errors += _weight(weighted, place)
            errors += _pod_term(weighted.get("podAffinityTerm") or {}, f"{place}.podAffinityTerm")
    return errors


def validate_spreads(constraints: Terms, path: str) -> list[FieldError]:
    """Return the errors of a pod's topology spread constraints."""
    errors: list[FieldError] = []
    kinds = [(entry.get("topologyKey", ""), entry.get("whenUnsatisfiable", "")) for entry in constraints]
    for index, constraint in enumerate(constraints):
        where, (key, action) = f"{path}[{index}]", kinds[index]
        skew = constraint.get("maxSkew", 0)
        if skew <= 0:
            errors.append(field.invalid(f"{where}.maxSkew", skew, "must be greater than zero"))
        errors += _topology_key(key, f"{where}.topologyKey")
        if action not in _UNSATISFIABLE:
            errors.append(field.unsupported(f"{where}.whenUnsatisfiable", action, _UNSATISFIABLE))
        if kinds[index] in kinds[index + 1 :]:
            errors.append(field.duplicate(f"{where}.{{topologyKey, whenUnsatisfiable}}", f"{{{key}, {action}}}"))
        domains = constraint.get("minDomains")
        if domains is not None and domains <= 0:
            errors.append(field.invalid(f"{where}.minDomains", domains, "must be greater than zero"))
        if domains is not None and action != "DoNotSchedule":
            detail = "can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway"
            errors.append(field.invalid(f"{where}.minDomains", domains, detail))
        for name in ("nodeAffinityPolicy", "nodeTaintsPolicy"):
            policy = constraint.get(name)
            if policy is not None and policy not in ("Honor", "Ignore"):
                errors.append(field.unsupported(f"{where}.{name}", policy, ("Honor", "Ignore")))
        if constraint.get("labelSelector") is not None:
            errors += validate_selector(constraint["labelSelector"], f"{where}.labelSelector")
    return errors


def _node_affinity(affinity: Mapping[str, Any], path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    wanted = affinity.get(_REQUIRED)
    if wanted is not None:
        where = f"{path}.{_REQUIRED}.nodeSelectorTerms"
        terms = wanted.get("nodeSelectorTerms") or ()
        if not terms:
            errors.append(field.required(where, "must have at least one node selector term"))
        for index, term in enumerate(terms):
            errors += _node_term(term, f"{where}[{index}]", strict=True)
    for index, preferred in enumerate(affinity.get(_PREFERRED) or ()):
        where = f"{path}.{_PREFERRED}[{index}]"
        errors += _weight(preferred, where)
        errors += _node_term(preferred.get("preference") or {}, f"{where}.preference", strict=False)
    return errors


def _node_term(term: Mapping[str, Any], path: str, *, strict: bool) -> list[FieldError]:
    errors: list[FieldError] = []
    for index, rule in enumerate(term.get("matchExpressions") or ()):
        errors += _node_expression(rule, f"{path}.matchExpressions[{index}]", strict=strict)
    for index, rule in enumerate(term.get("matchFields") or ()):
        errors += _node_field(rule, f"{path}.matchFields[{index}]")
    return errors


def _node_expression(rule: Mapping[str, Any], path: str, *, strict: bool) -> list[FieldError]:
    errors: list[FieldError] = []
    operator, values, key = rule.get("operator", ""), rule.get("values") or (), rule.get("key", "")
    if operator in ("In", "NotIn"):
        if not values:
            errors.append(field.required(f"{path}.values", "must be specified when `operator` is 'In' or 'NotIn'"))
    elif operator in ("Exists", "DoesNotExist"):
        if values:
            detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
            errors.append(field.forbidden(f"{path}.values", detail))
    elif operator in ("Gt", "Lt"):
        if len(values) != 1:
            detail = "must be specified single value when `operator` is 'Lt' or 'Gt'"
            errors.append(field.required(f"{path}.values", detail))
    else:
        errors.append(field.invalid(f"{path}.operator", operator, _NO_OPERATOR))
    errors += [field.invalid(f"{path}.key", key, text) for text in qualified_name(key)]
    for index, value in enumerate(values if strict else ()):
        errors += [field.invalid(f"{path}.values[{index}]", value, text) for text in label_value(value)]
    return errors


def _node_field(rule: Mapping[str, Any], path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    operator, values, key = rule.get("operator", ""), rule.get("values") or (), rule.get("key", "")
    if operator not in ("In", "NotIn"):
        errors.append(field.invalid(f"{path}.operator", operator, _NO_OPERATOR))
    elif len(values) != 1:
        detail = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"
        errors.append(field.required(f"{path}.values", detail))
    if key != "metadata.name":
        errors.append(field.invalid(f"{path}.key", key, "not a valid field selector key"))
        return errors
    for index, value in enumerate(values):
        errors += [field.invalid(f"{path}.values[{index}]", value, text) for text in dns_subdomain(value)]
    return errors


def _pod_term(term: Mapping[str, Any], path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    for name in ("labelSelector", "namespaceSelector"):
        if term.get(name) is not None:
            errors += validate_selector(term[name], f"{path}.{name}")
    for name in term.get("namespaces") or ():
        errors += [field.invalid(f"{path}.namespace", name, text) for text in dns_label(name)]
    return errors + _topology_key(term.get("topologyKey", ""), f"{path}.topologyKey")


def _topology_key(key: str, path: str) -> list[FieldError]:
    errors = [] if key else [field.required(path, "can not be empty")]
    return errors + [field.invalid(path, key, text) for text in qualified_name(key)]


def _weight(term: Mapping[str, Any], path: str) -> list[FieldError]:
    weight = term.get("weight", 0)
    return [] if 1 <= weight <= 100 else [field.invalid(f"{path}.weight", weight, "must be in the range 1-100")]
