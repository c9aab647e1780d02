"""IP addresses and CIDRs as texts (kubernetes: apimachinery, pkg/util/validation/ip.go)."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

NOT_AN_IP = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
NOT_A_CIDR = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"

_SLOPPY_IPV4 = re.compile(r"[0-9]{1,10}(\.[0-9]{1,10}){3}\Z")


@lru_cache(maxsize=4096)
def parse_ip(text: str) -> IPv4Address | IPv6Address | None:
    """Return an address as Go's lenient parser reads it (``010.0.0.1`` is 10.0.0.1), or None."""
    if ":" not in text:
        if not _SLOPPY_IPV4.match(text):
            return None
        parts = [int(part) for part in text.split(".")]
        if max(parts) > 255:
            return None
        return IPv4Address(bytes(parts))
    if "%" in text:
        return None
    try:
        return IPv6Address(text)
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def parse_cidr(text: str) -> tuple[IPv4Address | IPv6Address, IPv4Network | IPv6Network] | None:
    """Return address and network of a CIDR as Go's lenient parser reads it, or None."""
    head, slash, tail = text.partition("/")
    address = parse_ip(head)
    if not slash or address is None or not re.fullmatch(r"[0-9]{1,6}", tail) or not tail.isascii():
        return None
    if int(tail) > address.max_prefixlen:
        return None
    return address, ip_network(f"{address}/{int(tail)}", strict=False)


@lru_cache(maxsize=4096)
def ip_details(text: str) -> tuple[str, ...]:
    """Return what is wrong with an address, in the server's words (IsValidIP)."""
    address = parse_ip(text)
    if address is None:
        return (NOT_AN_IP,)
    if address.version == 4:
        return ("must not have leading 0s",) if str(address) != text else ()
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return ("must not be an IPv4-mapped IPv6 address",)
    return ()


@lru_cache(maxsize=4096)
def cidr_details(text: str, *, strict: bool = True) -> tuple[str, ...]:
    """Return what is wrong with a CIDR, in the server's words (IsValidCIDR); `strict` as for new values."""
    parsed = parse_cidr(text)
    if parsed is None:
        return (NOT_A_CIDR,)
    if not strict:
        return ()
    address, network = parsed
    head, _, tail = text.partition("/")
    if (address.version == 4 and str(address) != head) or (len(tail) > 1 and tail.startswith("0")):
        return ("must not have leading 0s in IP or prefix length",)
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return ("must not have an IPv4-mapped IPv6 address",)
    if address != network.network_address:
        return ("must not have bits set beyond the prefix length",)
    return ()


def canonical_ip_details(text: str) -> tuple[str, ...]:
    """Return what is wrong with an address of a field that takes only the usual spelling."""
    details = ip_details(text)
    if not details and str(parse_ip(text)) != text:
        return (f'must be in canonical form ("{parse_ip(text)}")',)
    return details


def legacy_ip_details(text: str, stored: Collection[str] = ()) -> tuple[str, ...]:
    """Return what is wrong with an address of a field that once took anything; stored values pass."""
    return () if text in stored else ip_details(text)


def legacy_cidr_details(text: str, stored: Collection[str] = ()) -> tuple[str, ...]:
    """Return what is wrong with a CIDR of a field that once took anything; stored values pass."""
    return () if text in stored else cidr_details(text)


@lru_cache(maxsize=4096)
def endpoint_details(text: str) -> tuple[str, ...]:
    """Return why an address cannot be an endpoint (kubernetes: core/validation, ValidateEndpointIP)."""
    address = parse_ip(text)
    if address is None:
        return ("must be a valid IP address",)
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    details = []
    if address.is_unspecified:
        details.append(f"may not be unspecified ({text})")
    if address.is_loopback:
        details.append("may not be in the loopback range (127.0.0.0/8, ::1/128)")
    if _in(address, _LINK_LOCAL):
        details.append("may not be in the link-local range (169.254.0.0/16, fe80::/10)")
    if _in(address, _LINK_LOCAL_MULTICAST):
        details.append("may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)")
    return tuple(details)


_LINK_LOCAL = (ip_network("169.254.0.0/16"), ip_network("fe80::/10"))
_LINK_LOCAL_MULTICAST = (ip_network("224.0.0.0/24"), ip_network("ff02::/16"))


def _in(address: IPv4Address | IPv6Address, networks: tuple[IPv4Network | IPv6Network, ...]) -> bool:
    return any(address.version == network.version and address in network for network in networks)
