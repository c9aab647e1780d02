"""Services (kubernetes: pkg/apis/core/validation/validation.go, validateService)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from k8stui.api.errors import FieldError
from k8stui.api.validation import field
from k8stui.api.validation.addresses import endpoint_details, legacy_cidr_details, legacy_ip_details
from k8stui.api.validation.meta import validate_labels, validate_meta
from k8stui.api.validation.names import (
    dns_label,
    dns_subdomain,
    port_number,
    port_reference,
    qualified_name,
)
from k8stui.api.validation.service_ips import validate_cluster_ips

Spec = Mapping[str, Any]
PROTOCOLS = ("SCTP", "TCP", "UDP")
_TYPES = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
_ONLY_LOAD_BALANCER = "may only be used when `type` is 'LoadBalancer'"
_MODE = "service.kubernetes.io/topology-mode"
_HINTS = "service.kubernetes.io/topology-aware-hints"
_RANGES = "service.beta.kubernetes.io/load-balancer-source-ranges"
_MAX_AFFINITY = 86400


def validate_new_service(wire: Mapping[str, Any]) -> list[FieldError]:
    """Return the errors of a new Service."""
    return validate_meta(wire.get("metadata") or {}, dns_label) + validate_service(wire)


def validate_service(wire: Mapping[str, Any], old: Mapping[str, Any] | None = None) -> list[FieldError]:
    """Return the errors of a Service but its name's; `old` is the stored one whose old-fashioned texts pass."""
    spec = wire.get("spec") or {}
    old_spec = (old or {}).get("spec") or {}
    meta = wire.get("metadata") or {}
    errors = _topology(meta.get("annotations") or {})
    errors += _type_rules(spec)
    errors += _ports(spec.get("ports") or ())
    errors += validate_labels(spec.get("selector"), "spec.selector")
    errors += _affinity(spec)
    errors += validate_cluster_ips(spec, old_spec if old is not None else None)
    errors += _external_ips(spec.get("externalIPs") or (), old_spec.get("externalIPs") or ())
    if spec.get("type") not in _TYPES:
        errors.append(field.unsupported("spec.type", spec.get("type", ""), _TYPES))
    errors += _duplicate_ports(spec)
    errors += _source_ranges(spec, meta, old or {})
    errors += _load_balancer_fields(spec)
    errors += load_balancer_class(spec)
    errors += _external_policy(spec)
    errors += _internal_policy(spec)
    return errors


def is_headless(spec: Spec) -> bool:
    """Tell whether a Service has no cluster IP on purpose."""
    return list(spec.get("clusterIPs") or ())[:1] == ["None"] and len(spec["clusterIPs"]) == 1


def needs_health_check(spec: Spec) -> bool:
    """Tell whether nodes answer health checks of a load balancer."""
    return spec.get("type") == "LoadBalancer" and spec.get("externalTrafficPolicy") == "Local"


def load_balancer_class(spec: Spec) -> list[FieldError]:
    """Return the errors of loadBalancerClass on its own."""
    name = spec.get("loadBalancerClass")
    if name is None:
        return []
    if spec.get("type") != "LoadBalancer":
        return [field.forbidden("spec.loadBalancerClass", _ONLY_LOAD_BALANCER)]
    return [field.invalid("spec.loadBalancerClass", name, text) for text in qualified_name(name)]


def _topology(annotations: Mapping[str, str]) -> list[FieldError]:
    if _MODE in annotations and annotations.get(_HINTS, annotations[_MODE]) != annotations[_MODE]:
        detail = f"must match annotations[{_HINTS}] when both are specified"
        return [field.invalid(f"metadata.annotations[{_MODE}]", annotations[_MODE], detail)]
    return []


def _type_rules(spec: Spec) -> list[FieldError]:
    kind = spec.get("type")
    errors: list[FieldError] = []
    if not spec.get("ports") and not is_headless(spec) and kind != "ExternalName":
        errors.append(field.required("spec.ports"))
    if kind == "ExternalName":
        return errors + _external_name(spec)
    if kind in ("LoadBalancer", "NodePort") and is_headless(spec):
        detail = f"may not be set to 'None' for {kind} services"
        errors.append(field.invalid("spec.clusterIPs[0]", "None", detail))
    return errors


def _external_name(spec: Spec) -> list[FieldError]:
    errors = [
        field.forbidden(f"spec.{name}", "may not be set for ExternalName services")
        for name in ("clusterIPs", "ipFamilies", "ipFamilyPolicy")
        if spec.get(name) or (name == "ipFamilyPolicy" and spec.get(name) is not None)
    ]
    target = (spec.get("externalName") or "").removesuffix(".")
    if not target:
        errors.append(field.required("spec.externalName"))
    errors += [field.invalid("spec.externalName", target, text) for text in (dns_subdomain(target) if target else ())]
    return errors


def _ports(ports: Sequence[Mapping[str, Any]]) -> list[FieldError]:
    errors: list[FieldError] = []
    names: set[str] = set()
    for index, port in enumerate(ports):
        path = f"spec.ports[{index}]"
        name = port.get("name", "")
        if name:
            errors += [field.invalid(f"{path}.name", name, text) for text in dns_label(name)]
            if name in names:
                errors.append(field.duplicate(f"{path}.name", name))
            names.add(name)
        elif len(ports) > 1:
            errors.append(field.required(f"{path}.name"))
        number = port.get("port", 0)
        errors += [field.invalid(f"{path}.port", number, text) for text in port_number(number)]
        errors += protocol_errors(port.get("protocol", ""), f"{path}.protocol")
        target = port.get("targetPort", 0)
        errors += [field.invalid(f"{path}.targetPort", target, text) for text in port_reference(target)]
        errors += app_protocol_errors(port.get("appProtocol"), f"{path}.appProtocol")
    return errors


def protocol_errors(protocol: str, path: str) -> list[FieldError]:
    """Return the error of a transport protocol that does not exist."""
    if not protocol:
        return [field.required(path)]
    return [] if protocol in PROTOCOLS else [field.unsupported(path, protocol, PROTOCOLS)]


def app_protocol_errors(protocol: str | None, path: str) -> list[FieldError]:
    """Return the errors of an application protocol's name."""
    if protocol is None:
        return []
    return [field.invalid(path, protocol, text) for text in qualified_name(protocol)]


def _affinity(spec: Spec) -> list[FieldError]:
    affinity, path = spec.get("sessionAffinity", ""), "spec.sessionAffinityConfig"
    if not affinity:
        return [field.required("spec.sessionAffinity")]
    if affinity == "None":
        if spec.get("sessionAffinityConfig") is not None:
            return [field.forbidden(path, "must not be set when session affinity is None")]
        return []
    if affinity != "ClientIP":
        return [field.unsupported("spec.sessionAffinity", affinity, ("ClientIP", "None"))]
    value: Any = spec.get("sessionAffinityConfig")
    for name in ("clientIP", "timeoutSeconds"):
        if value is None:
            break
        path, value = f"{path}.{name}", value.get(name)
    if value is None:
        return [field.required(path, "when session affinity type is ClientIP")]
    if not 0 < value <= _MAX_AFFINITY:
        return [field.invalid(path, value, f"must be greater than 0 and less than {_MAX_AFFINITY}")]
    return []


def _external_ips(addresses: Sequence[str], stored: Sequence[str]) -> list[FieldError]:
    errors: list[FieldError] = []
    for index, address in enumerate(addresses):
        details = legacy_ip_details(address, stored) or endpoint_details(address)
        errors += [field.invalid(f"spec.externalIPs[{index}]", address, text) for text in details]
    return errors


def _duplicate_ports(spec: Spec) -> list[FieldError]:
    ports = spec.get("ports") or ()
    errors: list[FieldError] = []
    if spec.get("type") == "ClusterIP":
        detail = "may not be used when `type` is 'ClusterIP'"
        errors += [
            field.forbidden(f"spec.ports[{index}].nodePort", detail)
            for index, port in enumerate(ports)
            if port.get("nodePort")
        ]
    seen: set[tuple[str, int]] = set()
    for index, port in enumerate(ports):
        key = (port.get("protocol", ""), port.get("nodePort", 0))
        if key[1] and key in seen:
            errors.append(field.duplicate(f"spec.ports[{index}].nodePort", key[1]))
        seen.add(key)
    seen = set()
    for index, port in enumerate(ports):
        key = (port.get("protocol", ""), port.get("port", 0))
        if key in seen:
            value = {
                "Name": "",
                "Protocol": key[0],
                "AppProtocol": None,
                "Port": key[1],
                "TargetPort": 0,
                "NodePort": 0,
            }
            errors.append(field.duplicate(f"spec.ports[{index}]", value))
        seen.add(key)
    return errors


def _source_ranges(spec: Spec, meta: Mapping[str, Any], old: Mapping[str, Any]) -> list[FieldError]:
    ranges = spec.get("loadBalancerSourceRanges")
    annotations = meta.get("annotations") or {}
    if ranges:
        path = "spec.LoadBalancerSourceRanges"
        stored = [text.strip() for text in (old.get("spec") or {}).get("loadBalancerSourceRanges") or ()]
        entries = [(f"{path}[{index}]", text.strip()) for index, text in enumerate(ranges)]
    elif _RANGES in annotations:
        path = f"metadata.annotations[{_RANGES}]"
        before = ((old.get("metadata") or {}).get("annotations") or {}).get(_RANGES, "")
        stored = [text.strip() for text in before.split(",")]
        written = annotations[_RANGES].strip()
        entries = [(path, text.strip()) for text in written.split(",")] if written else []
    else:
        return []
    errors = [] if spec.get("type") == "LoadBalancer" else [field.forbidden(path, _ONLY_LOAD_BALANCER)]
    for where, text in entries:
        errors += [field.invalid(where, text, detail) for detail in legacy_cidr_details(text, stored)]
    return errors


def _load_balancer_fields(spec: Spec) -> list[FieldError]:
    path = "spec.allocateLoadBalancerNodePorts"
    automatic = spec.get("allocateLoadBalancerNodePorts")
    if spec.get("type") == "LoadBalancer":
        return [field.required(path)] if automatic is None else []
    return [] if automatic is None else [field.forbidden(path, _ONLY_LOAD_BALANCER)]


def _external_policy(spec: Spec) -> list[FieldError]:
    policy, path = spec.get("externalTrafficPolicy", ""), "spec.externalTrafficPolicy"
    kind = spec.get("type")
    errors: list[FieldError] = []
    if kind in ("LoadBalancer", "NodePort") or (kind == "ClusterIP" and spec.get("externalIPs")):
        if not policy:
            errors.append(field.required(path))
        elif policy not in ("Cluster", "Local"):
            errors.append(field.unsupported(path, policy, ("Cluster", "Local")))
    elif policy:
        errors.append(field.invalid(path, policy, "may only be set for externally-accessible services"))
    port, path = spec.get("healthCheckNodePort", 0), "spec.healthCheckNodePort"
    if needs_health_check(spec):
        if not port:
            errors.append(field.required(path))
        else:
            errors += [field.invalid(path, port, text) for text in port_number(port)]
    elif port:
        detail = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"
        errors.append(field.invalid(path, port, detail))
    return errors


def _internal_policy(spec: Spec) -> list[FieldError]:
    policy, path = spec.get("internalTrafficPolicy"), "spec.internalTrafficPolicy"
    errors: list[FieldError] = []
    if policy is None:
        if spec.get("type") in ("NodePort", "LoadBalancer", "ClusterIP"):
            errors.append(field.required(path))
    elif policy not in ("Cluster", "Local"):
        errors.append(field.unsupported(path, policy, ("Cluster", "Local")))
    distribution = spec.get("trafficDistribution")
    known = ("PreferClose", "PreferSameZone", "PreferSameNode")
    if distribution is not None and distribution not in known:
        errors.append(field.unsupported("spec.trafficDistribution", distribution, known))
    return errors
