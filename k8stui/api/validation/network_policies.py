"""NetworkPolicies (kubernetes: pkg/apis/networking/validation/validation.go)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from k8stui.api.errors import FieldError
from k8stui.api.validation import field
from k8stui.api.validation.addresses import legacy_cidr_details, parse_cidr
from k8stui.api.validation.meta import validate_meta, validate_meta_update
from k8stui.api.validation.names import dns_subdomain, port_name, port_number
from k8stui.api.validation.selectors import validate_selector

_PROTOCOLS = ("TCP", "UDP", "SCTP")
_TYPES = ("Ingress", "Egress")
_PEERS = (("ingress", "from"), ("egress", "to"))


def validate_network_policy(wire: Mapping[str, Any]) -> list[FieldError]:
    """Return the errors of a new NetworkPolicy."""
    return validate_meta(wire.get("metadata") or {}, dns_subdomain) + _spec(wire.get("spec") or {}, frozenset())


def validate_network_policy_update(wire: Mapping[str, Any], old: Mapping[str, Any]) -> list[FieldError]:
    """Return the errors of a NetworkPolicy that replaces a stored one; CIDRs that it has already are tolerated."""
    errors = validate_meta_update(wire.get("metadata") or {}, old.get("metadata") or {})
    return errors + _spec(wire.get("spec") or {}, frozenset(_cidrs(old.get("spec") or {})))


def _cidrs(spec: Mapping[str, Any]) -> Iterator[str]:
    for direction, peers in _PEERS:
        for rule in spec.get(direction) or ():
            for peer in rule.get(peers) or ():
                block = peer.get("ipBlock") or {}
                yield block.get("cidr", "")
                yield from block.get("except") or ()


def _spec(spec: Mapping[str, Any], stored: Collection[str]) -> list[FieldError]:
    errors = validate_selector(spec.get("podSelector") or {}, "spec.podSelector")
    for direction, peers in _PEERS:
        for index, rule in enumerate(spec.get(direction) or ()):
            path = f"spec.{direction}[{index}]"
            for number, port in enumerate(rule.get("ports") or ()):
                errors += _port(port, f"{path}.ports[{number}]")
            for number, peer in enumerate(rule.get(peers) or ()):
                errors += _peer(peer, f"{path}.{peers}[{number}]", stored)
    types = spec.get("policyTypes") or ()
    if len(types) > len(_TYPES):
        errors.append(field.invalid("spec.policyTypes", list(types), "may not specify more than two policyTypes"))
        return errors
    errors += [
        field.unsupported(f"spec.policyTypes[{index}]", entry, _TYPES)
        for index, entry in enumerate(types)
        if entry not in _TYPES
    ]
    return errors


def _port(port: Mapping[str, Any], path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    protocol, number, end = port.get("protocol"), port.get("port"), port.get("endPort")
    if protocol is not None and protocol not in _PROTOCOLS:
        errors.append(field.unsupported(f"{path}.protocol", protocol, _PROTOCOLS))
    if number is None:
        if end is not None:
            errors.append(field.invalid(f"{path}.endPort", end, "may not be specified when `port` is not specified"))
    elif isinstance(number, str):
        if end is not None:
            errors.append(field.invalid(f"{path}.endPort", end, "may not be specified when `port` is non-numeric"))
        errors += [field.invalid(f"{path}.port", number, text) for text in port_name(number)]
    else:
        errors += [field.invalid(f"{path}.port", number, text) for text in port_number(number)]
        if end is not None:
            if end < number:
                errors.append(field.invalid(f"{path}.endPort", number, "must be greater than or equal to `port`"))
            errors += [field.invalid(f"{path}.endPort", end, text) for text in port_number(end)]
    return errors


def _peer(peer: Mapping[str, Any], path: str, stored: Collection[str]) -> list[FieldError]:
    errors: list[FieldError] = []
    selectors = [name for name in ("podSelector", "namespaceSelector") if peer.get(name) is not None]
    for name in selectors:
        errors += validate_selector(peer[name], f"{path}.{name}")
    block = peer.get("ipBlock")
    if block is not None:
        errors += _ip_block(block, f"{path}.ipBlock", stored)
        if selectors:
            errors.append(field.forbidden(path, "may not specify both ipBlock and another peer"))
    elif not selectors:
        errors.append(field.required(path, "must specify a peer"))
    return errors


def _ip_block(block: Mapping[str, Any], path: str, stored: Collection[str]) -> list[FieldError]:
    cidr = block.get("cidr", "")
    if not cidr:
        return [field.required(f"{path}.cidr")]
    errors = [field.invalid(f"{path}.cidr", cidr, text) for text in legacy_cidr_details(cidr, stored)]
    parsed = parse_cidr(cidr)
    if parsed is None:
        return errors
    network = parsed[1]
    for index, text in enumerate(block.get("except") or ()):
        where = f"{path}.except[{index}]"
        errors += [field.invalid(where, text, detail) for detail in legacy_cidr_details(text, stored)]
        inner = parse_cidr(text)
        if inner is None:
            continue
        part = inner[1]
        inside = part.version == network.version and part.network_address in network
        if not inside or part.prefixlen <= network.prefixlen:
            errors.append(field.invalid(where, text, "must be a strict subset of `cidr`"))
    return errors
