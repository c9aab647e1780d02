"""Addresses that a program gives in the place of a name, in every spelling that C libraries take."""

from __future__ import annotations

import ipaddress

_NUMBER_BASES = (("0x", 16), ("0", 8))


def address_literal(name: str) -> str | None:
    """Return the address that a text stands for, in its usual spelling and without its scope, or None.

    IPv4 may be written in one to four parts, each decimal, octal (``010``) or hexadecimal (``0x0a``); the last one
    fills what the others leave. Sources: glibc: resolv/inet_addr.c; musl: src/network/inet_aton.c.
    """
    four = _four_bytes(name)
    if four is not None:
        return four
    try:
        address = ipaddress.IPv6Address(name)
    except ValueError:
        return None
    if address.ipv4_mapped is not None:
        return f"::ffff:{address.ipv4_mapped}"
    return str(address).partition("%")[0]


def mapped(ip: str) -> str | None:
    """Return the IPv4 address inside an IPv6 one that maps it, or None."""
    return ip.removeprefix("::ffff:") if ip.startswith("::ffff:") and "." in ip else None


def _four_bytes(text: str) -> str | None:
    parts = text.split(".")
    numbers = [number for part in parts if (number := _number(part)) is not None]
    if len(numbers) != len(parts) or len(parts) > 4:
        return None
    *heads, last = numbers
    if any(head > 255 for head in heads) or last >= 256 ** (4 - len(heads)):
        return None
    value = last + sum(head << (24 - 8 * place) for place, head in enumerate(heads))
    return str(ipaddress.IPv4Address(value))


def _number(text: str) -> int | None:
    lower = text.lower()
    if not lower[:1].isdecimal() or not lower.isascii() or "_" in lower:
        return None
    prefix, base = next(((p, b) for p, b in _NUMBER_BASES if lower.startswith(p) and lower != "0"), ("", 10))
    try:
        return int(lower.removeprefix(prefix), base)
    except ValueError:
        return None
