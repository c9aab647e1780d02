"""Pods and pod templates (kubernetes: pkg/apis/core/validation/validation.go, ValidatePodSpec)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from k8stui.api.errors import FieldError
from k8stui.api.validation import field
from k8stui.api.validation.addresses import ip_details
from k8stui.api.validation.containers import validate_containers, validate_images, validate_init_containers
from k8stui.api.validation.internal_pod import internal
from k8stui.api.validation.meta import validate_annotations, validate_labels, validate_meta
from k8stui.api.validation.names import dns_label, dns_subdomain, label_value, qualified_name, search_domain
from k8stui.api.validation.scheduling import validate_affinity, validate_spreads
from k8stui.api.validation.security import validate_pod_security
from k8stui.api.validation.volumes import validate_volumes

Spec = Mapping[str, Any]
_RESTART = ("Always", "OnFailure", "Never")
_DNS_POLICIES = ("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None")
_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
_MAX_INT32 = 2147483647
_MAX_NAMESERVERS, _MAX_SEARCHES, _MAX_SEARCH_CHARS = 3, 32, 2048
_NONE_POLICY = "when `dnsPolicy` is None"


def validate_pod(wire: Mapping[str, Any]) -> list[FieldError]:
    """Return the errors of a pod, be it new or changed."""
    spec = wire.get("spec") or {}
    errors = validate_meta(wire.get("metadata") or {}, dns_subdomain)
    errors += validate_pod_spec(spec, "spec")
    errors += validate_images(spec.get("containers") or (), "spec.containers")
    errors += validate_images(spec.get("initContainers") or (), "spec.initContainers")
    return errors


def validate_new_pod(wire: Mapping[str, Any]) -> list[FieldError]:
    """Return the errors of a pod that is created: some fields are only for later (ValidatePodCreate)."""
    spec = wire.get("spec") or {}
    errors = validate_pod(wire)
    if spec.get("ephemeralContainers"):
        errors.append(field.forbidden("spec.ephemeralContainers", "cannot be set on create"))
    if spec.get("nodeName") and spec.get("schedulingGates"):
        errors.append(field.forbidden("spec.nodeName", "cannot be set until all schedulingGates have been cleared"))
    return errors


def validate_template(template: Mapping[str, Any], path: str) -> list[FieldError]:
    """Return the errors of a pod template."""
    meta = template.get("metadata") or {}
    errors = validate_labels(meta.get("labels"), f"{path}.labels")
    errors += validate_annotations(meta.get("annotations"), f"{path}.annotations")
    errors += validate_pod_spec(template.get("spec") or {}, f"{path}.spec")
    if (template.get("spec") or {}).get("ephemeralContainers"):
        detail = "ephemeral containers not allowed in pod template"
        errors.append(field.forbidden(f"{path}.spec.ephemeralContainers", detail))
    return errors


def validate_pod_spec(spec: Spec, path: str) -> list[FieldError]:
    """Return the errors of a pod's spec, in the server's order."""
    containers = spec.get("containers") or ()
    errors, volumes = validate_volumes(spec.get("volumes") or (), f"{path}.volumes")
    grace = max(spec.get("terminationGracePeriodSeconds", 0), 0)
    errors += validate_containers(containers, volumes, f"{path}.containers", grace)
    first = spec.get("initContainers") or ()
    errors += validate_init_containers(first, containers, volumes, f"{path}.initContainers", grace)
    if spec.get("hostNetwork"):
        errors += _host_network(containers, f"{path}.containers", defaulted=path == "spec")
    policy = spec.get("restartPolicy", "")
    if policy not in _RESTART:
        errors.append(field.unsupported(f"{path}.restartPolicy", policy, _RESTART))
    dns = spec.get("dnsPolicy", "")
    if dns not in _DNS_POLICIES:
        errors.append(field.unsupported(f"{path}.dnsPolicy", dns, _DNS_POLICIES))
    errors += validate_labels(spec.get("nodeSelector"), f"{path}.nodeSelector")
    errors += validate_pod_security(spec, path)
    errors += validate_affinity(spec.get("affinity"), f"{path}.affinity")
    errors += _dns_config(spec.get("dnsConfig"), dns, f"{path}.dnsConfig")
    for index, gate in enumerate(spec.get("readinessGates") or ()):
        name = gate.get("conditionType", "")
        where = f"{path}.readinessGates[{index}].conditionType"
        errors += [field.invalid(where, name, text) for text in qualified_name(name)]
    errors += _gates(spec.get("schedulingGates") or (), f"{path}.schedulingGates")
    errors += validate_spreads(spec.get("topologySpreadConstraints") or (), f"{path}.topologySpreadConstraints")
    errors += _names(spec, path)
    errors += validate_tolerations(spec.get("tolerations") or (), f"{path}.tolerations")
    errors += _host_aliases(spec.get("hostAliases") or (), f"{path}.hostAliases")
    return errors


def _host_network(containers: Sequence[Mapping[str, Any]], path: str, *, defaulted: bool) -> list[FieldError]:
    """Refuse host ports that are not the container's; in a template (not `defaulted`) they may still be open."""
    errors: list[FieldError] = []
    for index, container in enumerate(containers):
        for number, port in enumerate(container.get("ports") or ()):
            host = port.get("hostPort", 0)
            if (defaulted or host) and host != port.get("containerPort", 0):
                detail = "must match `containerPort` when `hostNetwork` is true"
                errors.append(field.invalid(f"{path}[{index}].ports[{number}].hostPort", host, detail))
    return errors


def _dns_config(config: Mapping[str, Any] | None, policy: str, path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    if policy == "None":
        if config is None:
            return [field.required(path, f"must provide `dnsConfig` {_NONE_POLICY}")]
        if not config.get("nameservers"):
            detail = f"must provide at least one DNS nameserver {_NONE_POLICY}"
            return [field.required(f"{path}.nameservers", detail)]
    if config is None:
        return errors
    servers = config.get("nameservers") or ()
    if len(servers) > _MAX_NAMESERVERS:
        detail = f"must not have more than {_MAX_NAMESERVERS} nameservers"
        errors.append(field.invalid(f"{path}.nameservers", list(servers), detail))
    for index, server in enumerate(servers):
        errors += [field.invalid(f"{path}.nameservers[{index}]", server, text) for text in ip_details(server)]
    errors += _searches(config.get("searches") or (), f"{path}.searches")
    errors += [
        field.required(f"{path}.options[{index}]", "must not be empty")
        for index, option in enumerate(config.get("options") or ())
        if not option.get("name")
    ]
    return errors


def _searches(searches: Sequence[str], path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    if len(searches) > _MAX_SEARCHES:
        detail = f"must not have more than {_MAX_SEARCHES} search paths"
        errors.append(field.invalid(path, list(searches), detail))
    if len(" ".join(searches)) > _MAX_SEARCH_CHARS:
        detail = f"must not have more than {_MAX_SEARCH_CHARS} characters (including spaces) in the search list"
        errors.append(field.invalid(path, list(searches), detail))
    for index, search in enumerate(searches):
        checked = search.removesuffix(".")
        if search != ".":
            errors += [field.invalid(f"{path}[{index}]", checked, text) for text in search_domain(checked)]
    return errors


def _gates(gates: Sequence[Mapping[str, Any]], path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    names = [gate.get("name", "") for gate in gates]
    for index, name in enumerate(names):
        errors += [field.invalid(f"{path}[{index}]", name, text) for text in qualified_name(name)]
        if name in names[:index]:
            errors.append(field.duplicate(f"{path}[{index}]", name))
    return errors


def _names(spec: Spec, path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    for name in ("serviceAccountName", "nodeName"):
        if spec.get(name):
            errors += [field.invalid(f"{path}.{name}", spec[name], text) for text in dns_subdomain(spec[name])]
    deadline = spec.get("activeDeadlineSeconds")
    if deadline is not None and not 1 <= deadline <= _MAX_INT32:
        detail = f"must be between 1 and {_MAX_INT32}, inclusive"
        errors.append(field.invalid(f"{path}.activeDeadlineSeconds", deadline, detail))
    for name in ("hostname", "subdomain"):
        if spec.get(name):
            errors += [field.invalid(f"{path}.{name}", spec[name], text) for text in dns_label(spec[name])]
    override = spec.get("hostnameOverride")
    if override:
        errors += [field.invalid(f"{path}.hostnameOverride", override, text) for text in dns_subdomain(override)]
        if len(override) > 64:
            errors.append(field.invalid(f"{path}.hostnameOverride", override, "must be no more than 64 characters"))
        errors += [
            field.forbidden(f"{path}.hostnameOverride", f"may not be specified when `{name}` is true")
            for name in ("setHostnameAsFQDN", "hostNetwork")
            if spec.get(name)
        ]
    return errors


def validate_tolerations(tolerations: Sequence[Mapping[str, Any]], path: str) -> list[FieldError]:
    """Return the errors of a pod's tolerations."""
    errors: list[FieldError] = []
    for index, toleration in enumerate(tolerations):
        where = f"{path}[{index}]"
        key, operator = toleration.get("key", ""), toleration.get("operator", "")
        if key:
            errors += [field.invalid(f"{where}.key", key, text) for text in qualified_name(key)]
        elif operator != "Exists":
            detail = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'
            errors.append(field.invalid(f"{where}.operator", operator, detail))
        effect = toleration.get("effect", "")
        if toleration.get("tolerationSeconds") is not None and effect != "NoExecute":
            detail = "effect must be 'NoExecute' when `tolerationSeconds` is set"
            errors.append(field.invalid(f"{where}.effect", effect, detail))
        value = toleration.get("value", "")
        if operator in ("", "Equal"):
            if label_value(value):
                errors.append(field.invalid(f"{where}.operator", value, ";".join(label_value(value))))
        elif operator == "Exists":
            if value:
                detail = "value must be empty when `operator` is 'Exists'"
                errors.append(field.invalid(f"{where}.operator", internal("tolerations", toleration), detail))
        else:
            errors.append(field.unsupported(f"{where}.operator", operator, ("Equal", "Exists")))
        if effect and effect not in _EFFECTS:
            errors.append(field.unsupported(f"{where}.effect", effect, _EFFECTS))
    return errors


def _host_aliases(aliases: Sequence[Mapping[str, Any]], path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    for index, alias in enumerate(aliases):
        ip = alias.get("ip", "")
        errors += [field.invalid(f"{path}[{index}].ip", ip, text) for text in ip_details(ip)]
        for number, name in enumerate(alias.get("hostnames") or ()):
            where = f"{path}[{index}].hostnames[{number}]"
            errors += [field.invalid(where, name, text) for text in dns_subdomain(name)]
    return errors
