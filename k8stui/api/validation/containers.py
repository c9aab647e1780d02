"""Containers, their ports and probes (kubernetes: core/validation, validateContainers, validateProbe)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from k8stui.api.errors import FieldError
from k8stui.api.validation import field
from k8stui.api.validation.environment import validate_environment, validate_environment_sources
from k8stui.api.validation.meta import non_negative
from k8stui.api.validation.names import (
    dns_label,
    header_name,
    port_name,
    port_number,
    port_reference,
)
from k8stui.api.validation.resources import validate_resources
from k8stui.api.validation.security import validate_container_security
from k8stui.api.validation.services import protocol_errors
from k8stui.api.validation.volumes import validate_mounts

Container = Mapping[str, Any]
_HANDLERS = ("exec", "httpGet", "tcpSocket", "grpc")
_LIFECYCLE_HANDLERS = ("exec", "httpGet", "tcpSocket", "sleep")
_ONE_HANDLER = "may not specify more than 1 handler type"
_MAX_INT64 = 2**63 - 1
_RESTART_POLICIES = ("Always", "Never", "OnFailure")


def validate_containers(
    containers: Sequence[Container], volumes: Collection[str], path: str, grace: int = _MAX_INT64
) -> list[FieldError]:
    """Return the errors of a pod's regular containers.

    `volumes` are the names that can be mounted, `grace` is the time that the pod has to end, in seconds.
    """
    if not containers:
        return [field.required(path)]
    errors: list[FieldError] = []
    names: set[str] = set()
    for index, container in enumerate(containers):
        where = f"{path}[{index}]"
        errors += _common(container, volumes, where)
        name = container.get("name", "")
        if name in names:
            errors.append(field.duplicate(f"{where}.name", name))
        names.add(name)
        errors += _lifecycle(container, where, grace)
        errors += _probes(container, where)
        errors += _restart_policy(container, where)
    return errors + _host_ports(containers, path)


def validate_init_containers(
    containers: Sequence[Container],
    regular: Sequence[Container],
    volumes: Collection[str],
    path: str,
    grace: int = _MAX_INT64,
) -> list[FieldError]:
    """Return the errors of a pod's init containers; those that keep running may have probes."""
    errors: list[FieldError] = []
    names = {container.get("name", "") for container in regular}
    for index, container in enumerate(containers):
        where = f"{path}[{index}]"
        errors += _common(container, volumes, where)
        errors += _restart_policy(container, where)
        name = container.get("name", "")
        if name and name in names:
            errors.append(field.duplicate(f"{where}.name", name))
        names.add(name)
        errors += _host_ports([container], path)
        if container.get("restartPolicy") == "Always":
            errors += _lifecycle(container, where, grace)
            errors += _probes(container, where)
        else:
            errors += [
                field.forbidden(f"{where}.{what}", "may not be set for init containers without restartPolicy=Always")
                for what in ("lifecycle", "livenessProbe", "readinessProbe", "startupProbe")
                if container.get(what) is not None
            ]
    return errors


def validate_images(containers: Sequence[Container], path: str) -> list[FieldError]:
    """Return the errors of images that pods refuse and templates do not."""
    return [
        field.invalid(f"{path}[{index}].image", container["image"], "must not have leading or trailing whitespace")
        for index, container in enumerate(containers)
        if container.get("image", "").strip() != container.get("image", "")
    ]


def _restart_policy(container: Container, path: str) -> list[FieldError]:
    policy = container.get("restartPolicy")
    if policy is None or policy in _RESTART_POLICIES:
        return []
    return [field.unsupported(f"{path}.restartPolicy", policy, _RESTART_POLICIES)]


def _common(container: Container, volumes: Collection[str], path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    name = container.get("name", "")
    if not name:
        errors.append(field.required(f"{path}.name"))
    else:
        errors += [field.invalid(f"{path}.name", name, text) for text in dns_label(name)]
    if not container.get("image"):
        errors.append(field.required(f"{path}.image"))
    policy = container.get("terminationMessagePolicy", "")
    if policy not in ("File", "FallbackToLogsOnError"):
        known = ("File", "FallbackToLogsOnError")
        errors.append(field.unsupported(f"{path}.terminationMessagePolicy", policy, known))
    errors += _ports(container.get("ports") or (), f"{path}.ports")
    errors += validate_environment(container.get("env") or (), f"{path}.env")
    errors += validate_environment_sources(container.get("envFrom") or (), f"{path}.envFrom")
    errors += validate_mounts(container.get("volumeMounts") or (), volumes, f"{path}.volumeMounts")
    pull = container.get("imagePullPolicy", "")
    if pull not in ("Always", "IfNotPresent", "Never"):
        errors.append(field.unsupported(f"{path}.imagePullPolicy", pull, ("Always", "IfNotPresent", "Never")))
    errors += validate_resources(container.get("resources") or {}, f"{path}.resources")
    return errors + validate_container_security(container.get("securityContext") or {}, f"{path}.securityContext")


def _ports(ports: Sequence[Mapping[str, Any]], path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    names: set[str] = set()
    for index, port in enumerate(ports):
        where, name = f"{path}[{index}]", port.get("name", "")
        if name:
            details = port_name(name)
            errors += [field.invalid(f"{where}.name", name, text) for text in details]
            if not details and name in names:
                errors.append(field.duplicate(f"{where}.name", name))
            names.add(name)
        number, host = port.get("containerPort", 0), port.get("hostPort", 0)
        if not number:
            errors.append(field.required(f"{where}.containerPort"))
        else:
            errors += [field.invalid(f"{where}.containerPort", number, text) for text in port_number(number)]
        if host:
            errors += [field.invalid(f"{where}.hostPort", host, text) for text in port_number(host)]
        errors += protocol_errors(port.get("protocol", ""), f"{where}.protocol")
    return errors


def _host_ports(containers: Sequence[Container], path: str) -> list[FieldError]:
    """Refuse two ports of one pod that claim the same port of the node (checkHostPortConflicts)."""
    errors: list[FieldError] = []
    seen: set[str] = set()
    for index, container in enumerate(containers):
        for number, port in enumerate(container.get("ports") or ()):
            if not port.get("hostPort"):
                continue
            claim = f"{port.get('protocol', '')}/{port.get('hostIP', '')}/{port['hostPort']}"
            if claim in seen:
                errors.append(field.duplicate(f"{path}[{index}].ports[{number}].hostPort", claim))
            seen.add(claim)
    return errors


def _probes(container: Container, path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    for name in ("livenessProbe", "readinessProbe", "startupProbe"):
        probe = container.get(name)
        if probe is None:
            continue
        where = f"{path}.{name}"
        errors += _handler(probe, _HANDLERS, where)
        for what in ("initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"):
            errors += non_negative(probe.get(what, 0), f"{where}.{what}")
        grace = probe.get("terminationGracePeriodSeconds")
        if grace is not None and grace <= 0:
            errors.append(field.invalid(f"{where}.terminationGracePeriodSeconds", grace, "must be greater than 0"))
        successes = probe.get("successThreshold", 0)
        if name != "readinessProbe" and successes != 1:
            errors.append(field.invalid(f"{where}.successThreshold", successes, "must be 1"))
        if name == "readinessProbe" and grace is not None:
            detail = "must not be set for readinessProbes"
            errors.append(field.invalid(f"{where}.terminationGracePeriodSeconds", grace, detail))
    return errors


def _lifecycle(container: Container, path: str, grace: int) -> list[FieldError]:
    lifecycle = container.get("lifecycle") or {}
    errors: list[FieldError] = []
    for name in ("postStart", "preStop"):
        if lifecycle.get(name) is not None:
            errors += _handler(lifecycle[name], _LIFECYCLE_HANDLERS, f"{path}.lifecycle.{name}", grace)
    return errors


def _handler(handler: Mapping[str, Any], kinds: Sequence[str], path: str, grace: int = _MAX_INT64) -> list[FieldError]:
    errors: list[FieldError] = []
    found = False
    for kind in kinds:
        action = handler.get(kind)
        if action is None:
            continue
        where = f"{path}.{kind}"
        if found:
            errors.append(field.forbidden(where, _ONE_HANDLER))
        else:
            errors += _sleep(action, where, grace) if kind == "sleep" else _action(kind, action, where)
        found = True
    if not found:
        errors.append(field.required(path, "must specify a handler type"))
    return errors


def _sleep(action: Mapping[str, Any], path: str, grace: int) -> list[FieldError]:
    seconds = action.get("seconds", 0)
    detail = f"must be non-negative and less than terminationGracePeriodSeconds ({grace})"
    return [] if 0 <= seconds <= grace else [field.invalid(path, seconds, detail)]


def _action(kind: str, action: Mapping[str, Any], path: str) -> list[FieldError]:
    if kind == "exec":
        return [] if action.get("command") else [field.required(f"{path}.command")]
    port = action.get("port", 0)
    errors = [field.invalid(f"{path}.port", port, text) for text in port_reference(port)]
    if kind == "httpGet":
        if not action.get("path"):
            errors.insert(0, field.required(f"{path}.path"))
        scheme = action.get("scheme", "")
        if scheme not in ("HTTP", "HTTPS"):
            errors.append(field.unsupported(f"{path}.scheme", scheme, ("HTTP", "HTTPS")))
        for header in action.get("httpHeaders") or ():
            name = header.get("name", "")
            errors += [field.invalid(f"{path}.httpHeaders", name, text) for text in header_name(name)]
    return errors
