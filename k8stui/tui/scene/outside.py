"""Hosts outside the cluster that somebody inside calls: which names and addresses are theirs, and their chips."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

from k8stui.api.core import Node
from k8stui.tui.scene.model import OUTSIDE, ServiceSpot
from k8stui.tui.scene.probes import Probed, parts

if TYPE_CHECKING:
    from k8stui.engine.store import Store

_OWN = ("svc", "pod", "cluster")


def host_outside(store: Store, host: str, namespaces: Collection[str]) -> str:
    """Return the key of a host outside the cluster by its name or address; empty where it is none."""
    host = host.rstrip(".")
    world = store.world.settings
    if host in world.hosts:
        nodes = {address for node in store.list(Node) for address in node.addresses()}
        return "" if host in nodes else f"{OUTSIDE}:{host}"
    labels = host.split(".")
    if ":" in host or host.replace(".", "").isdigit():
        return ""
    far = len(labels) > 2 and labels[-1] not in namespaces and not set(labels) & set(_OWN)
    return f"{OUTSIDE}:{host}" if far or host in world.records else ""


def spots_outside(probed: Iterable[Probed], called: Mapping[str, str]) -> tuple[ServiceSpot, ...]:
    """Return the chips of hosts outside; `called` are their keys by target."""
    found: dict[str, ServiceSpot] = {}
    for item in probed:
        key = called.get(item.call.target, "")
        if not key.startswith(f"{OUTSIDE}:"):
            continue
        host, port = parts(item.call.target)
        hops = [hop for trace in item.traces for hop in trace.hops if hop.kind != "DNS" and hop.target is not None]
        ips = dict.fromkeys(hop.target.ip for hop in hops if hop.target is not None)
        address = f"{next(iter(ips))}:{port}" if ips else ""
        if key not in found or (address and not found[key].address):
            found[key] = ServiceSpot(key, host.rstrip("."), OUTSIDE, address, "outside")
    return tuple(found.values())
