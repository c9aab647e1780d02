"""Endpoints (kubernetes: pkg/apis/core/validation/validation.go, ValidateEndpoints…)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from k8stui.api.errors import FieldError
from k8stui.api.validation import field
from k8stui.api.validation.addresses import endpoint_details, legacy_ip_details
from k8stui.api.validation.meta import validate_meta, validate_meta_update
from k8stui.api.validation.names import dns_label, dns_subdomain, port_number
from k8stui.api.validation.services import app_protocol_errors, protocol_errors


def validate_endpoints(wire: Mapping[str, Any]) -> list[FieldError]:
    """Return the errors of new Endpoints."""
    return validate_meta(wire.get("metadata") or {}, dns_subdomain) + _subsets(wire, ())


def validate_endpoints_update(wire: Mapping[str, Any], old: Mapping[str, Any]) -> list[FieldError]:
    """Return the errors of Endpoints that replace stored ones."""
    errors = validate_meta_update(wire.get("metadata") or {}, old.get("metadata") or {})
    return errors + _subsets(wire, old.get("subsets") or ())


def _subsets(wire: Mapping[str, Any], stored: Sequence[Mapping[str, Any]]) -> list[FieldError]:
    """Return the errors of the subsets but those that are stored already."""
    errors: list[FieldError] = []
    for index, subset in enumerate(wire.get("subsets") or ()):
        path = f"subsets[{index}]"
        if subset in stored:
            continue
        if not subset.get("addresses") and not subset.get("notReadyAddresses"):
            errors.append(field.required(path, "must specify `addresses` or `notReadyAddresses`"))
        for name in ("addresses", "notReadyAddresses"):
            for number, address in enumerate(subset.get(name) or ()):
                errors += _address(address, f"{path}.{name}[{number}]")
        ports = subset.get("ports") or ()
        for number, port in enumerate(ports):
            errors += _port(port, f"{path}.ports[{number}]", len(ports) > 1)
    return errors


def _address(address: Mapping[str, Any], path: str) -> list[FieldError]:
    ip = address.get("ip", "")
    details = (*legacy_ip_details(ip), *endpoint_details(ip))
    errors = [field.invalid(f"{path}.ip", ip, text) for text in details]
    hostname, node = address.get("hostname"), address.get("nodeName")
    if hostname:
        errors += [field.invalid(f"{path}.hostname", hostname, text) for text in dns_label(hostname)]
    if node is not None:
        errors += [field.invalid(f"{path}.nodeName", node, text) for text in dns_subdomain(node)]
    return errors


def _port(port: Mapping[str, Any], path: str, named: bool) -> list[FieldError]:
    name, number = port.get("name", ""), port.get("port", 0)
    errors: list[FieldError] = []
    if name:
        errors += [field.invalid(f"{path}.name", name, text) for text in dns_label(name)]
    elif named:
        errors.append(field.required(f"{path}.name"))
    errors += [field.invalid(f"{path}.port", number, text) for text in port_number(number)]
    errors += protocol_errors(port.get("protocol", ""), f"{path}.protocol")
    errors += app_protocol_errors(port.get("appProtocol"), f"{path}.appProtocol")
    return errors
