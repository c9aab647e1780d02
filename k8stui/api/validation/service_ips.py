"""Cluster IPs and IP families of a Service (kubernetes: core/validation, ValidateServiceClusterIPsRelatedFields)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from k8stui.api.errors import FieldError
from k8stui.api.validation import field
from k8stui.api.validation.addresses import legacy_ip_details, parse_ip

_FAMILIES = ("IPv4", "IPv6")
_POLICIES = ("PreferDualStack", "RequireDualStack", "SingleStack")
_IPS = "spec.clusterIPs"


def validate_cluster_ips(spec: Mapping[str, Any], old: Mapping[str, Any] | None = None) -> list[FieldError]:
    """Return what is wrong with clusterIP, clusterIPs, ipFamilies and ipFamilyPolicy.

    `old` is the stored spec: an address that stands there is not looked at again.
    """
    if spec.get("type") == "ExternalName":
        return []
    addresses: Sequence[str] = spec.get("clusterIPs") or ()
    families: Sequence[str] = spec.get("ipFamilies") or ()
    errors = _agreement(spec.get("clusterIP") or "", addresses)
    errors += _families(families)
    policy = spec.get("ipFamilyPolicy")
    if policy is not None and policy not in _POLICIES:
        errors.append(field.unsupported("spec.ipFamilyPolicy", policy, _POLICIES))
    broken = _addresses(addresses, (old or {}).get("clusterIPs") or ())
    errors += broken
    if len(addresses) > 2:
        errors.append(field.invalid(_IPS, list(addresses), "may only hold up to 2 values"))
    if broken:
        return errors
    if len(addresses) > 1 and not _dual(addresses):
        errors.append(field.invalid(_IPS, list(addresses), "may specify no more than one IP for each IP family"))
    if addresses and addresses[0] != "None":
        errors += _matching(addresses, families)
    return errors


def _agreement(address: str, addresses: Sequence[str]) -> list[FieldError]:
    if address:
        if not addresses:
            return [field.required(_IPS)]
        if addresses[0] != address:
            return [field.invalid(_IPS, list(addresses), "first value must match `clusterIP`")]
    elif addresses:
        return [field.invalid(_IPS, list(addresses), "must be empty when `clusterIP` is not specified")]
    return []


def _families(families: Sequence[str]) -> list[FieldError]:
    errors = []
    for index, family in enumerate(families):
        path = f"spec.ipFamilies[{index}]"
        if family not in _FAMILIES:
            errors.append(field.unsupported(path, family, _FAMILIES))
        if family in families[:index]:
            errors.append(field.duplicate(path, family))
    return errors


def _addresses(addresses: Sequence[str], stored: Sequence[str]) -> list[FieldError]:
    errors = []
    for index, address in enumerate(addresses):
        if index == 0 and address == "None":
            if len(addresses) > 1:
                errors.append(field.invalid(_IPS, list(addresses), "'None' must be the first and only value"))
            continue
        for detail in legacy_ip_details(address, stored):
            errors.append(field.invalid(f"{_IPS}[{index}]", address, detail))
    return errors


def _version(address: str) -> int:
    parsed = parse_ip(address)
    return 0 if parsed is None else parsed.version


def _dual(addresses: Sequence[str]) -> bool:
    return {_version(address) for address in addresses} >= {4, 6}


def _matching(addresses: Sequence[str], families: Sequence[str]) -> list[FieldError]:
    errors = []
    for index, (address, family) in enumerate(zip(addresses, families, strict=False)):
        if family in _FAMILIES and _version(address) != int(family[-1]):
            detail = f"expected an {family} value as indicated by `ipFamilies[{index}]`"
            errors.append(field.invalid(f"{_IPS}[{index}]", address, detail))
    return errors
