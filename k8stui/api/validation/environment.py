"""Environment variables of containers and where they come from (kubernetes: core/validation, ValidateEnv…)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from k8stui.api.errors import FieldError
from k8stui.api.validation import field
from k8stui.api.validation.names import config_key, dns_subdomain, environment_name, qualified_name

Entry = Mapping[str, Any]
_SUBSCRIPT = re.compile(r"(.+)\['(.*)'\]\Z", re.DOTALL)
_WITH_KEYS = ("metadata.annotations", "metadata.labels")
_FIELDS = (
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
)
# Known to the downward API, but not for environment variables.
_FIELDS_OF_VOLUMES = (*_WITH_KEYS, "spec.restartPolicy", "spec.schedulerName", "status.phase")
_RESOURCES = tuple(
    f"{what}.{name}" for what in ("limits", "requests") for name in ("cpu", "ephemeral-storage", "memory")
)
_ONE_AT_A_TIME = "may not have more than one field specified at a time"


def validate_environment(variables: Sequence[Entry], path: str) -> list[FieldError]:
    """Return the errors of environment variables."""
    errors: list[FieldError] = []
    for index, variable in enumerate(variables):
        where, name = f"{path}[{index}]", variable.get("name", "")
        if not name:
            errors.append(field.required(f"{where}.name"))
        else:
            errors += [field.invalid(f"{where}.name", name, text) for text in environment_name(name)]
        if variable.get("valueFrom") is not None:
            errors += _source(variable, f"{where}.valueFrom")
    return errors


def validate_environment_sources(sources: Sequence[Entry], path: str) -> list[FieldError]:
    """Return the errors of the ConfigMaps and Secrets that are taken over as a whole."""
    errors: list[FieldError] = []
    for index, source in enumerate(sources):
        where, prefix = f"{path}[{index}]", source.get("prefix", "")
        if prefix:
            errors += [field.invalid(f"{where}.prefix", prefix, text) for text in environment_name(prefix)]
        found = [name for name in ("configMapRef", "secretRef") if source.get(name) is not None]
        for kind in found:
            name = source[kind].get("name", "")
            if not name:
                errors.append(field.required(f"{where}.{kind}.name"))
            else:
                errors += [field.invalid(f"{where}.{kind}.name", name, text) for text in dns_subdomain(name)]
        if not found:
            errors.append(field.invalid(path, "", "must specify one of: `configMapRef` or `secretRef`"))
        elif len(found) > 1:
            errors.append(field.invalid(path, "", _ONE_AT_A_TIME))
    return errors


def _source(variable: Entry, path: str) -> list[FieldError]:
    source = variable["valueFrom"]
    errors: list[FieldError] = []
    count = sum(value is not None for value in source.values())
    if source.get("fieldRef") is not None:
        errors += _field_of_pod(source["fieldRef"], f"{path}.fieldRef")
    if source.get("resourceFieldRef") is not None:
        errors += _resource(source["resourceFieldRef"], f"{path}.resourceFieldRef")
    for kind in ("configMapKeyRef", "secretKeyRef"):
        if source.get(kind) is not None:
            errors += _key(source[kind], f"{path}.{kind}")
    if not count:
        names = "`configMapKeyRef`, `fieldRef`, `fileKeyRef`, `resourceFieldRef` or `secretKeyRef`"
        errors.append(field.invalid(path, "", f"must specify one of: {names}"))
    elif variable.get("value"):
        errors.append(field.invalid(path, "", "may not be specified when `value` is not empty"))
    elif count > 1:
        errors.append(field.invalid(path, "", _ONE_AT_A_TIME))
    return errors


def _field_of_pod(reference: Entry, path: str) -> list[FieldError]:
    """Return the errors of a reference to a field of the pod (validateObjectFieldSelector)."""
    version, wanted = reference.get("apiVersion", ""), reference.get("fieldPath", "")
    where = f"{path}.fieldPath"
    if not version:
        return [field.required(f"{path}.apiVersion")]
    if not wanted:
        return [field.required(where)]
    if version != "v1":
        return [field.invalid(where, wanted, f"error converting fieldPath: unsupported pod version: {version}")]
    subscript = _SUBSCRIPT.match(wanted)
    if subscript is not None:
        base, key = subscript.groups()
        if base not in _WITH_KEYS:
            text = f"error converting fieldPath: field label does not support subscript: {wanted}"
            return [field.invalid(where, wanted, text)]
        checked = key.lower() if base == "metadata.annotations" else key
        return [field.invalid(path, key, text) for text in qualified_name(checked)]
    if wanted == "spec.host" or wanted in _FIELDS:
        return []
    if wanted in _FIELDS_OF_VOLUMES:
        return [field.unsupported(where, wanted, _FIELDS)]
    return [field.invalid(where, wanted, f"error converting fieldPath: field label not supported: {wanted}")]


def _resource(reference: Entry, path: str) -> list[FieldError]:
    wanted = reference.get("resource", "")
    if not wanted:
        return [field.required(f"{path}.resource")]
    if wanted in _RESOURCES or wanted.startswith(("limits.hugepages-", "requests.hugepages-")):
        return []
    return [field.unsupported(f"{path}.resource", wanted, _RESOURCES)]


def _key(reference: Entry, path: str) -> list[FieldError]:
    name, key = reference.get("name", ""), reference.get("key", "")
    errors = [field.invalid(f"{path}.name", name, text) for text in dns_subdomain(name)]
    if not key:
        errors.append(field.required(f"{path}.key"))
    return errors + [field.invalid(f"{path}.key", key, text) for text in (config_key(key) if key else ())]
