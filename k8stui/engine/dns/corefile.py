"""How the cluster's CoreDNS is set up: the options of its kubernetes block, and the zones it serves."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from k8stui.api.meta import LabelSelector, LabelSelectorRequirement

_ARPA = ("in-addr.arpa.", "ip6.arpa.")
_TERM = re.compile(r"(?P<not>!)?\s*(?P<key>[\w./-]+)\s*(?:(?P<op>==|=|!=|in|notin)\s*(?P<value>\([^)]*\)|[\w.-]*))?")


@dataclass(frozen=True, slots=True)
class Corefile:
    """The options that decide what CoreDNS answers; the defaults are what kubeadm installs.

    `zone` and `reverse_zones` end with a dot; `pods` is disabled, insecure or verified; `through` are the zones in
    which a name that does not exist is asked upstream (``("",)``: all); `cache` is the cache plugin's limit in
    seconds, None without that plugin. `namespaces` restricts which ones are served, `namespace_labels` and `labels`
    do so by label.
    """

    zone: str = "cluster.local."
    reverse_zones: tuple[str, ...] = _ARPA
    ttl: int = 30
    pods: str = "insecure"
    through: tuple[str, ...] = _ARPA
    cache: int | None = 30
    ignore_empty_service: bool = False
    endpoint_pod_names: bool = False
    no_endpoints: bool = False
    namespaces: frozenset[str] = frozenset()
    namespace_labels: LabelSelector | None = None
    labels: LabelSelector | None = None

    def falls_through(self, name: str) -> bool:
        """Tell whether a missing name (lower case) is asked upstream."""
        return any(not zone or name == zone or name.endswith("." + zone) for zone in self.through)


def kubernetes_block(lines: Iterable[str], base: Corefile) -> Corefile:
    """Return the set-up of a kubernetes block, one option a line, with the plugin's own defaults for what it lacks.

    Zones and cache are those of `base`. Raises ValueError for an option that CoreDNS does not have.
    """
    found = replace(base, ttl=5, pods="disabled", through=())
    for line in lines:
        words = line.split()
        rest = line.strip()[len(words[0]) :].strip()
        match words:
            case ["pods", mode]:
                found = replace(found, pods=mode)
            case ["ttl", seconds]:
                found = replace(found, ttl=int(seconds))
            case ["endpoint_pod_names"]:
                found = replace(found, endpoint_pod_names=True)
            case ["ignore", "empty_service"]:
                found = replace(found, ignore_empty_service=True)
            case ["noendpoints"]:
                found = replace(found, no_endpoints=True)
            case ["fallthrough", *zones]:
                found = replace(found, through=tuple(absolute(zone) for zone in zones) or ("",))
            case ["namespaces", *names]:
                found = replace(found, namespaces=frozenset(names))
            case ["namespace_labels", *_]:
                found = replace(found, namespace_labels=selector(rest))
            case ["labels", *_]:
                found = replace(found, labels=selector(rest))
            case ["endpoint" | "tls" | "kubeconfig" | "startup_timeout" | "apiserver_qps", *_]:
                pass
            case _:
                raise ValueError(f"unknown property '{words[0]}'")
    return found


def selector(text: str) -> LabelSelector:
    """Return the label selector of a text such as ``app=web,tier in (a, b),!old``."""
    terms = []
    for found in _TERM.finditer(text):
        operator, value = found["op"] or "", found["value"] or ""
        values = tuple(part.strip() for part in value.strip("()").split(","))
        name = {"": "Exists", "in": "In", "=": "In", "==": "In", "notin": "NotIn", "!=": "NotIn"}[operator]
        if found["not"]:
            name = "DoesNotExist"
        terms.append(LabelSelectorRequirement(key=found["key"], operator=name, values=values if operator else None))
    return LabelSelector(match_expressions=tuple(terms))


def absolute(name: str) -> str:
    """Return a name with its final dot."""
    return name if name.endswith(".") else name + "."


def reverse_zones(network: str) -> tuple[str, ...]:
    """Return the reverse zones of a network in CIDR notation, several where it ends within a label."""
    parsed = ipaddress.ip_network(network, strict=False)
    step = 8 if parsed.version == 4 else 4
    length = min(-(-parsed.prefixlen // step) * step, parsed.max_prefixlen)
    drop = (parsed.max_prefixlen - length) // step
    parts = parsed.subnets(new_prefix=length)
    return tuple(absolute(part.network_address.reverse_pointer.split(".", drop)[-1]) for part in parts)
