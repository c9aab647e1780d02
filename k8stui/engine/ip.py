"""Addresses as numbers, and sets of CIDRs: what the data plane asks of an IP."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

V4 = "IPv4"
V6 = "IPv6"


@lru_cache(maxsize=1 << 17)
def parse(ip: str) -> tuple[int, int]:
    """Return version (4 or 6) and number of an address; raises ValueError where the text is none."""
    address = ip_address(ip)
    return address.version, int(address)


def family(ip: str) -> str:
    """Return IPv4 or IPv6; the address is not checked any further."""
    return V6 if ":" in ip else V4


def is_ip(text: str) -> bool:
    """Tell whether a text is an address."""
    try:
        parse(text)
    except ValueError:
        return False
    return True


def canonical(text: str) -> str:
    """Return an address as Kubernetes writes it (IPv6 in lower case, shortened); other texts as they are."""
    try:
        return str(ip_address(text))
    except ValueError:
        return text


def is_loopback(ip: str) -> bool:
    """Tell whether an address is one of the host's own loopback addresses."""
    return ip.startswith("127.") or ip == "::1"


def network_of(text: str) -> IPv4Network | IPv6Network | None:
    """Return the network of a CIDR (host bits do not matter), or None where the text is none."""
    try:
        return ip_network(text.strip(), strict=False)
    except ValueError:
        return None


class Cidrs:
    """A set of CIDRs; ``ip in cidrs`` tells whether one of them holds an address. Texts that are no CIDR count not."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._blocks: list[tuple[int, int, int]] = []
        for text in texts:
            network = network_of(text)
            if network is None:
                continue
            shift = network.max_prefixlen - network.prefixlen
            self._blocks.append((network.version, shift, int(network.network_address) >> shift))

    def __contains__(self, ip: str) -> bool:
        version, number = parse(ip)
        return any(v == version and number >> shift == head for v, shift, head in self._blocks)

    def __bool__(self) -> bool:
        return bool(self._blocks)


def joined(ip: str, port: int) -> str:
    """Return ``IP:PORT``, an IPv6 address in brackets."""
    return f"[{ip}]:{port}" if ":" in ip else f"{ip}:{port}"
