"""Namespaces, ConfigMaps, load balancers' statuses, and the names of all other kinds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from k8stui.api.errors import FieldError
from k8stui.api.validation import field
from k8stui.api.validation.addresses import ip_details, parse_ip
from k8stui.api.validation.meta import validate_meta, validate_meta_update
from k8stui.api.validation.names import config_key, dns_label, dns_subdomain

_MAX_CONFIG_MAP = 1024 * 1024


def validate_namespace(wire: Mapping[str, Any]) -> list[FieldError]:
    """Return the errors of a new namespace."""
    return validate_meta(wire.get("metadata") or {}, dns_label)


def validate_other(wire: Mapping[str, Any]) -> list[FieldError]:
    """Return the errors of a kind that has no rules here but those of its name and metadata."""
    return validate_meta(wire.get("metadata") or {}, dns_subdomain)


def validate_config_map(wire: Mapping[str, Any]) -> list[FieldError]:
    """Return the errors of a new ConfigMap (kubernetes: core/validation, ValidateConfigMap)."""
    errors = validate_meta(wire.get("metadata") or {}, dns_subdomain)
    size = 0
    for name in ("data", "binaryData"):
        for key in sorted(wire.get(name) or {}):
            errors += [field.invalid(f"{name}[{key}]", key, text) for text in config_key(key)]
            if name == "binaryData" and key in (wire.get("data") or {}):
                errors.append(field.invalid(f"data[{key}]", key, "duplicate of key present in binaryData"))
            size += len(wire[name][key].encode())
    if size > _MAX_CONFIG_MAP:
        errors.append(field.too_long("", _MAX_CONFIG_MAP))
    return errors


def validate_config_map_update(wire: Mapping[str, Any], old: Mapping[str, Any]) -> list[FieldError]:
    """Return the errors of a ConfigMap that replaces a stored one."""
    errors = validate_meta_update(wire.get("metadata") or {}, old.get("metadata") or {})
    if old.get("immutable"):
        if not wire.get("immutable"):
            errors.append(field.forbidden("immutable", "field is immutable when `immutable` is set"))
        errors += [
            field.forbidden(name, "field is immutable when `immutable` is set")
            for name in ("data", "binaryData")
            if (wire.get(name) or {}) != (old.get(name) or {})
        ]
    return errors + validate_config_map(wire)


def validate_load_balancer_status(wire: Mapping[str, Any]) -> list[FieldError]:
    """Return the errors of a Service's status (kubernetes: core/validation, ValidateLoadBalancerStatus)."""
    ingress = ((wire.get("status") or {}).get("loadBalancer") or {}).get("ingress") or ()
    path = "status.loadBalancer.ingress"
    errors: list[FieldError] = []
    if ingress and (wire.get("spec") or {}).get("type") != "LoadBalancer":
        errors.append(field.forbidden(path, "may only be used when `spec.type` is 'LoadBalancer'"))
        return errors
    for index, entry in enumerate(ingress):
        where, ip, mode = f"{path}[{index}]", entry.get("ip"), entry.get("ipMode")
        if ip:
            errors += [field.invalid(f"{where}.ip", ip, text) for text in ip_details(ip)]
            if mode is None:
                errors.append(field.required(f"{where}.ipMode", "must be specified when `ip` is set"))
            elif mode not in ("Proxy", "VIP"):
                errors.append(field.unsupported(f"{where}.ipMode", mode, ("Proxy", "VIP")))
        elif mode is not None:
            errors.append(field.forbidden(f"{where}.ipMode", "may not be specified when `ip` is not set"))
        hostname = entry.get("hostname")
        if hostname:
            errors += [field.invalid(f"{where}.hostname", hostname, text) for text in dns_subdomain(hostname)]
            if parse_ip(hostname) is not None:
                detail = "must be a DNS name, not an IP address"
                errors.append(field.invalid(f"{where}.hostname", hostname, detail))
    return errors
