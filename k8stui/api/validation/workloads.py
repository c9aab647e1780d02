"""Deployments, ReplicaSets and DaemonSets (kubernetes: pkg/apis/apps/validation/validation.go)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from k8stui.api.errors import FieldError
from k8stui.api.validation import field
from k8stui.api.validation.meta import non_negative, validate_meta, validate_meta_update
from k8stui.api.validation.names import dns_subdomain
from k8stui.api.validation.pods import validate_template
from k8stui.api.validation.selectors import is_empty, printed, selects, validate_selector

Spec = Mapping[str, Any]
_PERCENT_TEXT = (
    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for "
    "validation is '[0-9]+%')"
)
_NO_MATCH = "`selector` does not match template `labels`"


def validate_deployment(wire: Mapping[str, Any]) -> list[FieldError]:
    """Return the errors of a new Deployment."""
    return validate_meta(wire.get("metadata") or {}, dns_subdomain) + _deployment(wire.get("spec") or {})


def validate_deployment_update(wire: Mapping[str, Any], old: Mapping[str, Any]) -> list[FieldError]:
    """Return the errors of a Deployment that replaces a stored one."""
    errors = validate_meta_update(wire.get("metadata") or {}, old.get("metadata") or {})
    return errors + _deployment(wire.get("spec") or {}) + same_selector(wire, old)


def validate_replica_set(wire: Mapping[str, Any]) -> list[FieldError]:
    """Return the errors of a new ReplicaSet."""
    return validate_meta(wire.get("metadata") or {}, dns_subdomain) + _replica_set(wire.get("spec") or {})


def validate_replica_set_update(wire: Mapping[str, Any], old: Mapping[str, Any]) -> list[FieldError]:
    """Return the errors of a ReplicaSet that replaces a stored one."""
    errors = validate_meta_update(wire.get("metadata") or {}, old.get("metadata") or {})
    return errors + _replica_set(wire.get("spec") or {}) + same_selector(wire, old)


def validate_daemon_set(wire: Mapping[str, Any]) -> list[FieldError]:
    """Return the errors of a new DaemonSet."""
    return validate_meta(wire.get("metadata") or {}, dns_subdomain) + _daemon_set(wire.get("spec") or {})


def validate_daemon_set_update(wire: Mapping[str, Any], old: Mapping[str, Any]) -> list[FieldError]:
    """Return the errors of a DaemonSet that replaces a stored one."""
    errors = validate_meta_update(wire.get("metadata") or {}, old.get("metadata") or {})
    return errors + _daemon_set(wire.get("spec") or {}) + same_selector(wire, old)


def same_selector(wire: Mapping[str, Any], old: Mapping[str, Any]) -> list[FieldError]:
    """Refuse a change of the selector: the server's last check of apps/v1 workloads."""
    selector = printed((wire.get("spec") or {}).get("selector"))
    if selector == printed((old.get("spec") or {}).get("selector")):
        return []
    return [field.invalid("spec.selector", selector, "field is immutable")]


def _deployment(spec: Spec) -> list[FieldError]:
    errors = non_negative(spec.get("replicas", 0), "spec.replicas")
    errors += selector_and_template(spec, "deployment")
    errors += _deployment_strategy(spec.get("strategy") or {})
    errors += non_negative(spec.get("minReadySeconds", 0), "spec.minReadySeconds")
    errors += non_negative(spec.get("revisionHistoryLimit", 0), "spec.revisionHistoryLimit")
    deadline = spec.get("progressDeadlineSeconds")
    if deadline is not None:
        errors += non_negative(deadline, "spec.progressDeadlineSeconds")
        if deadline <= spec.get("minReadySeconds", 0):
            path = "spec.progressDeadlineSeconds"
            errors.append(field.invalid(path, deadline, "must be greater than minReadySeconds"))
    return errors


def _replica_set(spec: Spec) -> list[FieldError]:
    errors = non_negative(spec.get("replicas", 0), "spec.replicas")
    errors += non_negative(spec.get("minReadySeconds", 0), "spec.minReadySeconds")
    return errors + selector_and_template(spec, "deployment")


def _daemon_set(spec: Spec) -> list[FieldError]:
    errors: list[FieldError] = []
    selector, template = spec.get("selector"), spec.get("template") or {}
    selector_errors = validate_selector(selector or {}, "spec.selector")
    errors += selector_errors
    labels = (template.get("metadata") or {}).get("labels")
    if selector is None or (not selector_errors and not is_empty(selector) and not selects(selector, labels or {})):
        errors.append(_no_match(labels))
    if selector is not None and is_empty(selector):
        errors.append(field.invalid("spec.selector", printed(selector), "empty selector is invalid for daemonset"))
    errors += validate_template(template, "spec.template")
    errors += always_running(template, "DaemonSet")
    errors += non_negative(spec.get("minReadySeconds", 0), "spec.minReadySeconds")
    strategy = spec.get("updateStrategy") or {}
    if strategy.get("type") == "RollingUpdate":
        errors += _daemon_rolling(strategy.get("rollingUpdate") or {})
    elif strategy.get("type") != "OnDelete":
        errors.append(field.unsupported("spec.updateStrategy", _internal(strategy), ("RollingUpdate", "OnDelete")))
    return errors + non_negative(spec.get("revisionHistoryLimit", 0), "spec.revisionHistoryLimit")


def _no_match(labels: Mapping[str, str] | None) -> FieldError:
    shown = None if labels is None else dict(sorted(labels.items()))
    return field.invalid("spec.template.metadata.labels", shown, _NO_MATCH)


def selector_and_template(spec: Spec, what: str) -> list[FieldError]:
    """Return the errors of a workload's selector and its template, which the selector must match."""
    selector, template = spec.get("selector"), spec.get("template") or {}
    errors: list[FieldError] = []
    if selector is None:
        errors.append(field.required("spec.selector"))
    else:
        errors += validate_selector(selector, "spec.selector")
        broken = bool(errors)
        if is_empty(selector):
            errors.append(field.invalid("spec.selector", printed(selector), f"empty selector is invalid for {what}"))
        if broken:
            stateful = what == "statefulset"
            detail = "" if stateful else "invalid label selector"
            errors.append(field.invalid("spec.selector", printed(selector), detail))
            return errors + (always_running(template, "StatefulSet") if stateful else [])
    labels = (template.get("metadata") or {}).get("labels")
    if selector is None or (not is_empty(selector) and not selects(selector, labels or {})):
        errors.append(_no_match(labels))
    errors += validate_template(template, "spec.template")
    return errors + always_running(template, "StatefulSet" if what == "statefulset" else "ReplicaSet")


def always_running(template: Mapping[str, Any], owner: str) -> list[FieldError]:
    """Refuse a template whose pods are meant to end."""
    pod = template.get("spec") or {}
    errors: list[FieldError] = []
    policy = pod.get("restartPolicy", "")
    if policy != "Always":
        errors.append(field.unsupported("spec.template.spec.restartPolicy", policy, ("Always",)))
    if pod.get("activeDeadlineSeconds") is not None:
        detail = f"activeDeadlineSeconds in {owner} is not Supported"
        errors.append(field.forbidden("spec.template.spec.activeDeadlineSeconds", detail))
    return errors


def _deployment_strategy(strategy: Spec) -> list[FieldError]:
    kind, rolling = strategy.get("type", ""), strategy.get("rollingUpdate")
    path = "spec.strategy"
    if kind == "Recreate":
        if rolling is None:
            return []
        detail = "may not be specified when strategy `type` is 'Recreate'"
        return [field.forbidden(f"{path}.rollingUpdate", detail)]
    if kind != "RollingUpdate":
        return [field.unsupported(path, _internal(strategy), ("Recreate", "RollingUpdate"))]
    rolling = rolling or {}
    surge, lost = rolling.get("maxSurge", 0), rolling.get("maxUnavailable", 0)
    errors = int_or_percent(lost, f"{path}.rollingUpdate.maxUnavailable")
    errors += int_or_percent(surge, f"{path}.rollingUpdate.maxSurge")
    if _amount(lost) == 0 and _amount(surge) == 0:
        detail = "may not be 0 when `maxSurge` is 0"
        errors.append(field.invalid(f"{path}.rollingUpdate.maxUnavailable", lost, detail))
    return errors + at_most_all(lost, f"{path}.rollingUpdate.maxUnavailable")


def _internal(strategy: Spec) -> dict[str, Any]:
    """Return a strategy as the server prints its own structure."""
    rolling = strategy.get("rollingUpdate")
    counts = None
    if rolling is not None:
        counts = {"MaxUnavailable": rolling.get("maxUnavailable", 0), "MaxSurge": rolling.get("maxSurge", 0)}
    return {"Type": strategy.get("type", ""), "RollingUpdate": counts}


def _daemon_rolling(rolling: Spec) -> list[FieldError]:
    path = "spec.updateStrategy.rollingUpdate"
    surge, lost = rolling.get("maxSurge", 0), rolling.get("maxUnavailable", 0)
    errors = int_or_percent(lost, f"{path}.maxUnavailable") + int_or_percent(surge, f"{path}.maxSurge")
    errors += at_most_all(lost, f"{path}.maxUnavailable") + at_most_all(surge, f"{path}.maxSurge")
    if _amount(lost) and _amount(surge):
        errors.append(field.invalid(f"{path}.maxSurge", surge, "may not be set when maxUnavailable is non-zero"))
    if not _amount(lost) and not _amount(surge):
        errors.append(field.required(f"{path}.maxUnavailable", "cannot be 0 when maxSurge is 0"))
    return errors


def int_or_percent(value: int | str, path: str) -> list[FieldError]:
    """Return the errors of a number or a percentage."""
    if isinstance(value, int):
        return non_negative(value, path)
    return [] if re.fullmatch(r"[0-9]+%", value) else [field.invalid(path, value, _PERCENT_TEXT)]


def at_most_all(value: int | str, path: str) -> list[FieldError]:
    """Refuse a percentage above 100."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]+%", value) and int(value[:-1]) > 100:
        return [field.invalid(path, value, "must not be greater than 100%")]
    return []


def _amount(value: int | str) -> int:
    if isinstance(value, int):
        return value
    number = value.removesuffix("%")
    return int(number) if re.fullmatch("[0-9]{1,9}", number) else 0
