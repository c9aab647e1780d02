"""A lookup in a pod as its C library does it: literal addresses, /etc/hosts, then DNS."""

from __future__ import annotations

from k8stui.engine.dns import glibc, musl
from k8stui.engine.dns.literal import address_literal, mapped
from k8stui.engine.dns.lookup import (
    EAI_ADDRFAMILY,
    EAI_NODATA,
    EAI_NONAME,
    Asked,
    Conversation,
    Question,
    Resolution,
    Send,
    candidates,
)
from k8stui.engine.dns.resolvconf import HOST, LOCALHOST, Hosts, ResolvConf, hosts, parse, resolv_conf

__all__ = [
    "EAI_NODATA",
    "EAI_NONAME",
    "HOST",
    "Asked",
    "Question",
    "Resolution",
    "ResolvConf",
    "Send",
    "candidates",
    "hosts",
    "parse",
    "resolv_conf",
    "resolve",
    "together",
]

FAMILIES = {"AF_UNSPEC": ("A", "AAAA"), "AF_INET": ("A",), "AF_INET6": ("AAAA",)}
_FLAVOURS = {"glibc": glibc.look_up, "musl": musl.look_up}
_NAME_MAX = 254


def resolve(
    conf: ResolvConf,
    flavour: str,
    name: str,
    family: str,
    send: Send,
    known: Hosts = LOCALHOST,
) -> Resolution:
    """Return what getaddrinfo(name, family) gives a program of this C library (glibc or musl).

    `send` carries each query to its server; `known` are the lines of /etc/hosts. Raises KeyError for an unknown
    flavour or family.
    """
    types = FAMILIES[family]
    literal = _literal(flavour, name, types)
    if literal is not None:
        return literal
    listed = tuple(dict.fromkeys(ip for ip, names in known if _is_named(flavour, name, names)))
    fitting = tuple(ip for ip in listed if _type(ip) in types)
    if fitting:
        return Resolution(fitting, name=name, source="hosts")
    if listed and flavour == "musl":
        return Resolution((), EAI_NONAME, source="hosts")
    talk = Conversation(conf, send)
    if not name or len(name) > _NAME_MAX:
        return talk.failed(EAI_NONAME)
    return _FLAVOURS[flavour](talk, name, types)


def together(conf: ResolvConf, flavour: str) -> tuple[bool, int]:
    """Tell whether A and AAAA leave before either is answered, and from how many source ports."""
    reopen = "single-request-reopen" in conf.options
    if flavour == "glibc" and (reopen or "single-request" in conf.options):
        return False, 2 if reopen else 1
    return True, 1


def _type(ip: str) -> str:
    return "AAAA" if ":" in ip else "A"


def _is_named(flavour: str, name: str, names: tuple[str, ...]) -> bool:
    """Tell whether a line of /etc/hosts is of this name; musl compares letter by letter."""
    return name in names if flavour == "musl" else name.lower() in map(str.lower, names)


def _literal(flavour: str, name: str, types: tuple[str, ...]) -> Resolution | None:
    ip = address_literal(name)
    if ip is None:
        return None
    inside = mapped(ip) if flavour == "glibc" and types == ("A",) else None
    ip = inside or ip
    if _type(ip) not in types:
        return Resolution((), EAI_ADDRFAMILY if flavour == "glibc" else EAI_NONAME, source="literal")
    return Resolution((ip,), name=name, source="literal")
