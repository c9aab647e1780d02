"""EndpointSlices (kubernetes: pkg/apis/discovery/validation/validation.go)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from k8stui.api.errors import FieldError
from k8stui.api.validation import field
from k8stui.api.validation.addresses import canonical_ip_details, endpoint_details, parse_ip
from k8stui.api.validation.meta import validate_meta
from k8stui.api.validation.names import absolute_name, dns_label, dns_subdomain, label_value
from k8stui.api.validation.services import PROTOCOLS, app_protocol_errors

_TYPES = ("FQDN", "IPv4", "IPv6")
_MAX_ENDPOINTS, _MAX_ADDRESSES, _MAX_PORTS, _MAX_HINTS = 1000, 100, 20000, 8


def validate_endpoint_slice(wire: Mapping[str, Any], old: Mapping[str, Any] | None = None) -> list[FieldError]:
    """Return the errors of an EndpointSlice; addresses that `old` has already are not looked at again."""
    kind = wire.get("addressType", "")
    errors = validate_meta(wire.get("metadata") or {}, dns_subdomain)
    if not kind:
        errors.append(field.required("addressType"))
    elif kind not in _TYPES:
        errors.append(field.unsupported("addressType", kind, _TYPES))
    stored = frozenset(
        address for endpoint in (old or {}).get("endpoints") or () for address in endpoint.get("addresses") or ()
    )
    errors += _endpoints(wire.get("endpoints") or (), kind, stored)
    errors += _ports(wire.get("ports") or ())
    return errors


def validate_endpoint_slice_update(wire: Mapping[str, Any], old: Mapping[str, Any]) -> list[FieldError]:
    """Return the errors of an EndpointSlice that replaces a stored one."""
    errors = validate_endpoint_slice(wire, old)
    if wire.get("addressType", "") != old.get("addressType", ""):
        errors.append(field.invalid("addressType", wire.get("addressType", ""), "field is immutable"))
    return errors


def _endpoints(endpoints: Sequence[Mapping[str, Any]], kind: str, stored: frozenset[str]) -> list[FieldError]:
    if len(endpoints) > _MAX_ENDPOINTS:
        return [field.too_many("endpoints", len(endpoints), _MAX_ENDPOINTS)]
    errors: list[FieldError] = []
    for index, endpoint in enumerate(endpoints):
        path = f"endpoints[{index}]"
        addresses = endpoint.get("addresses") or ()
        if not addresses:
            errors.append(field.required(f"{path}.addresses", "must contain at least 1 address"))
        elif len(addresses) > _MAX_ADDRESSES:
            errors.append(field.too_many(f"{path}.addresses", len(addresses), _MAX_ADDRESSES))
        for number, address in enumerate(addresses):
            errors += _address(address, kind, f"{path}.addresses", number, stored)
        node, hostname = endpoint.get("nodeName"), endpoint.get("hostname")
        if node is not None:
            errors += [field.invalid(f"{path}.nodeName", node, text) for text in dns_subdomain(node)]
        if hostname is not None:
            errors += [field.invalid(f"{path}.hostname", hostname, text) for text in dns_label(hostname)]
        hints = endpoint.get("hints") or {}
        errors += _hints(hints.get("forZones") or (), f"{path}.hints.forZones", zones=True)
        errors += _hints(hints.get("forNodes") or (), f"{path}.hints.forNodes", zones=False)
    return errors


def _address(address: str, kind: str, path: str, number: int, stored: frozenset[str]) -> list[FieldError]:
    where = f"{path}[{number}]"
    if kind == "FQDN":
        return _domain(address, where)
    if kind not in ("IPv4", "IPv6"):
        return []
    details = () if address in stored else canonical_ip_details(address)
    errors = [field.invalid(where, address, text) for text in details]
    if errors:
        return errors
    parsed = parse_ip(address)
    if parsed is not None and parsed.version != int(kind[-1]):
        errors.append(field.invalid(path, address, f"must be an {kind} address"))
    return errors + [field.invalid(where, address, text) for text in endpoint_details(address)]


def _domain(name: str, path: str) -> list[FieldError]:
    wrong = absolute_name(name)
    if wrong is None:
        return []
    part, detail = wrong
    return [field.invalid(path, part, detail) if detail else field.required(path)]


def _hints(hints: Sequence[Mapping[str, Any]], path: str, *, zones: bool) -> list[FieldError]:
    if len(hints) > _MAX_HINTS:
        return [field.too_many(path, len(hints), _MAX_HINTS)]
    errors: list[FieldError] = []
    seen: set[str] = set()
    for index, hint in enumerate(hints):
        name, where = hint.get("name", ""), f"{path}[{index}].name"
        if name in seen:
            errors.append(field.duplicate(where, name))
        seen.add(name)
        details = label_value(name) if zones else dns_subdomain(name)
        errors += [field.invalid(where, name, text) for text in details]
    return errors


def _ports(ports: Sequence[Mapping[str, Any]]) -> list[FieldError]:
    if len(ports) > _MAX_PORTS:
        return [field.too_many("ports", len(ports), _MAX_PORTS)]
    errors: list[FieldError] = []
    seen: set[str] = set()
    for index, port in enumerate(ports):
        path, name = f"ports[{index}]", port.get("name") or ""
        if name:
            errors += [field.invalid(f"{path}.name", name, text) for text in dns_label(name)]
        if name in seen:
            errors.append(field.duplicate(f"{path}.name", name))
        seen.add(name)
        protocol = port.get("protocol")
        if protocol is None:
            errors.append(field.required(f"{path}.protocol"))
        elif protocol not in PROTOCOLS:
            errors.append(field.unsupported(f"{path}.protocol", protocol, PROTOCOLS))
        errors += app_protocol_errors(port.get("appProtocol"), f"{path}.appProtocol")
    return errors
