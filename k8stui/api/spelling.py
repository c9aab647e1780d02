"""Addresses in unusual spelling, of which the API server warns.

kubernetes: apimachinery, pkg/util/validation/ip.go (GetWarningsForIP, GetWarningsForCIDR)
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv6Address

from k8stui.api.validation.addresses import parse_cidr, parse_ip
from k8stui.api.validation.field import quote


def ip_spelling(path: str, text: str) -> Iterator[str]:
    """Yield a warning of an address that is not written in the usual way (GetWarningsForIP)."""
    address = parse_ip(text)
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if address is None or str(address) == text:
        return
    if address.version == 4:
        yield f"{path}: non-standard IP address {quote(text)} is invalid: use {quote(str(address))}"
    else:
        usual = quote(str(address))
        yield f"{path}: IPv6 address {quote(text)} should be in RFC 5952 canonical format ({usual})"


def cidr_spelling(path: str, text: str) -> Iterator[str]:
    """Yield warnings of a CIDR that is not written in the usual way (GetWarningsForCIDR)."""
    parsed = parse_cidr(text.strip())
    if parsed is None:
        return
    address, network = parsed
    if address != network.network_address:
        single = f"{address}/{address.max_prefixlen}"
        yield (
            f"{path}: CIDR value {quote(text)} is ambiguous in this context "
            f"(should be {quote(str(network))} or {quote(single)}?)"
        )
    elif str(network) != text.strip():
        if address.version == 4:
            yield f"{path}: non-standard CIDR value {quote(text)} is invalid: use {quote(str(network))}"
        else:
            usual = quote(str(network))
            yield f"{path}: IPv6 CIDR value {quote(text)} should be in RFC 5952 canonical format ({usual})"
