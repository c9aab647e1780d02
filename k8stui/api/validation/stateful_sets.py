"""StatefulSets (kubernetes: pkg/apis/apps/validation/validation.go, ValidateStatefulSet…)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from k8stui.api.errors import FieldError
from k8stui.api.quantity import amount, canonical
from k8stui.api.validation import field
from k8stui.api.validation.meta import non_negative, validate_meta, validate_meta_update
from k8stui.api.validation.names import dns_label, dns_subdomain
from k8stui.api.validation.selectors import printed
from k8stui.api.validation.workloads import at_most_all, int_or_percent, selector_and_template

Spec = Mapping[str, Any]
_ACCESS = ("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")
_FREE = (
    "replicas",
    "ordinals",
    "template",
    "updateStrategy",
    "revisionHistoryLimit",
    "persistentVolumeClaimRetentionPolicy",
    "minReadySeconds",
)
_FROZEN_TEXT = (
    "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', "
    "'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"
)


def validate_stateful_set(wire: Mapping[str, Any]) -> list[FieldError]:
    """Return the errors of a new StatefulSet."""
    spec = wire.get("spec") or {}
    return validate_meta(wire.get("metadata") or {}, dns_label) + _spec(spec, new=True)


def validate_stateful_set_update(wire: Mapping[str, Any], old: Mapping[str, Any]) -> list[FieldError]:
    """Return the errors of a StatefulSet that replaces a stored one."""
    spec, before = wire.get("spec") or {}, old.get("spec") or {}
    errors = validate_meta_update(wire.get("metadata") or {}, old.get("metadata") or {})
    errors += _spec(spec, new=False)
    if _frozen(spec) != _frozen(before):
        errors.append(field.forbidden("spec", _FROZEN_TEXT))
    return errors


def _frozen(spec: Spec) -> dict[str, Any]:
    fixed = {name: value for name, value in spec.items() if name not in _FREE and value not in ([], {})}
    return {**fixed, "selector": printed(spec.get("selector"))}


def _spec(spec: Spec, *, new: bool) -> list[FieldError]:
    errors: list[FieldError] = []
    policy = spec.get("podManagementPolicy", "")
    if policy not in ("OrderedReady", "Parallel"):
        errors.append(field.invalid("spec.podManagementPolicy", policy, "must be 'OrderedReady' or 'Parallel'"))
    errors += _strategy(spec.get("updateStrategy") or {})
    errors += _retention(spec.get("persistentVolumeClaimRetentionPolicy") or {})
    errors += non_negative(spec.get("replicas", 0), "spec.replicas")
    errors += non_negative(spec.get("minReadySeconds", 0), "spec.minReadySeconds")
    errors += non_negative((spec.get("ordinals") or {}).get("start", 0), "spec.ordinals.start")
    if new and spec.get("serviceName"):
        name = spec["serviceName"]
        errors += [field.invalid("spec.serviceName", name, text) for text in dns_label(name)]
    errors += selector_and_template(_with_claims(spec), "statefulset")
    if new:
        errors += _claims(spec)
    return errors


def _with_claims(spec: Spec) -> Spec:
    """Return the spec with each claim among its pods' volumes, as its containers mount them."""
    template = spec.get("template") or {}
    pod = template.get("spec") or {}
    volumes = list(pod.get("volumes") or ())
    known = {volume.get("name") for volume in volumes}
    claims = [(claim.get("metadata") or {}).get("name") for claim in spec.get("volumeClaimTemplates") or ()]
    volumes += [{"name": name} for name in dict.fromkeys(claims) if name and name not in known]
    return {**spec, "template": {**template, "spec": {**pod, "volumes": volumes}}}


def _strategy(strategy: Spec) -> list[FieldError]:
    path = "spec.updateStrategy"
    kind, rolling = strategy.get("type", ""), strategy.get("rollingUpdate")
    shown = None
    if rolling is not None:
        shown = {"Partition": rolling.get("partition", 0), "MaxUnavailable": rolling.get("maxUnavailable")}
    if kind == "OnDelete":
        detail = "only allowed for updateStrategy 'RollingUpdate'"
        return [] if shown is None else [field.invalid(f"{path}.rollingUpdate", shown, detail)]
    if kind != "RollingUpdate":
        value = {"Type": kind, "RollingUpdate": shown}
        return [field.invalid(path, value, "must be 'RollingUpdate' or 'OnDelete'")]
    rolling = rolling or {}
    errors = non_negative(rolling.get("partition", 0), f"{path}.rollingUpdate.partition")
    lost = rolling.get("maxUnavailable")
    if lost is not None:
        where = f"{path}.rollingUpdate.maxUnavailable"
        errors += int_or_percent(lost, where)
        if lost in (0, "0%"):
            errors.append(field.invalid(where, lost, "cannot be 0"))
        errors += at_most_all(lost, where)
    return errors


def _retention(policy: Spec) -> list[FieldError]:
    return [
        field.unsupported(f"spec.persistentVolumeClaimRetentionPolicy.{name}", value, ("Retain", "Delete"))
        for name in ("whenDeleted", "whenScaled")
        if (value := policy.get(name, "")) not in ("Retain", "Delete")
    ]


def _claims(spec: Spec) -> list[FieldError]:
    errors: list[FieldError] = []
    for index, claim in enumerate(spec.get("volumeClaimTemplates") or ()):
        errors += _claim(claim.get("spec") or {}, f"spec.volumeClaimTemplates[{index}].spec")
    return errors


def _claim(wanted: Spec, path: str) -> list[FieldError]:
    """Return the errors of a claim's spec (core/validation, ValidatePersistentVolumeClaimSpec)."""
    modes: Sequence[str] = wanted.get("accessModes") or ()
    errors = [field.unsupported(f"{path}.accessModes", mode, _ACCESS) for mode in modes if mode not in _ACCESS]
    if not modes:
        errors.append(field.required(f"{path}.accessModes", "at least 1 access mode is required"))
    if "ReadWriteOncePod" in modes and set(modes) != {"ReadWriteOncePod"}:
        detail = "may not use ReadWriteOncePod with other access modes"
        errors.append(field.forbidden(f"{path}.accessModes", detail))
    requests = (wanted.get("resources") or {}).get("requests") or {}
    size = requests.get("storage")
    if size is None:
        errors.append(field.required(f"{path}.resources[storage]"))
    elif (amount(size) or 0) <= 0:
        errors.append(field.invalid(f"{path}.resources[storage]", canonical(size), "must be greater than zero"))
    name, mode = wanted.get("storageClassName"), wanted.get("volumeMode", "Filesystem")
    errors += [field.invalid(f"{path}.storageClassName", name, text) for text in (dns_subdomain(name) if name else ())]
    if mode not in ("Block", "Filesystem"):
        errors.append(field.unsupported(f"{path}.volumeMode", mode, ("Block", "Filesystem")))
    return errors
