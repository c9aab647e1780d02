"""What nodes remember of connections: translations that go on, and which client sticks to which backend.

All of it lives in the world. kubernetes: pkg/proxy/conntrack/cleanup.go
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from immutables import Map

from k8stui.engine.proxy.portals import ServicePort
from k8stui.engine.proxy.table import ProxyTable
from k8stui.engine.store import Store
from k8stui.engine.world import Change, Key, World

CONNTRACK = "proxy/conntrack"
AFFINITY = "proxy/affinity"
ESTABLISHED = 86400.0
UDP_NEW = 30.0
UDP_REPLIED = 120.0


class Flow(NamedTuple):
    """The addresses of a connection as its client uses them."""

    protocol: str
    source: str
    source_port: int
    target: str
    target_port: int


@dataclass(frozen=True, slots=True)
class Translation:
    """What a node makes of the packets of one connection; addresses are as they leave.

    `service` is the Service whose rule translated it, None where none did. `replied` tells whether an answer came
    back, `seen` is the moment of the newest packet.
    """

    source: str
    source_port: int
    target: str
    target_port: int
    service: Key | None = None
    replied: bool = False
    seen: float = 0.0


Entries = Map[tuple[str, Flow], Translation]
StickyKey = tuple[str, Key, int, str, str]
"""Node, Service, index of its port, address family, client."""


def find(world: World, node: str, flow: Flow) -> Translation | None:
    """Return what a node remembers of a connection, or None where it never knew it or it timed out."""
    known: Entries | None = world.state.get(CONNTRACK)
    entry = known.get((node, flow)) if known is not None else None
    if entry is None:
        return None
    lasts = ESTABLISHED if flow.protocol != "UDP" else UDP_REPLIED if entry.replied else UDP_NEW
    return entry if world.now - entry.seen <= lasts else None


def remember(store: Store, node: str, flow: Flow, entry: Translation) -> None:
    """Let a node remember a connection, as seen at this moment."""
    world = store.world
    known: Entries = world.state.get(CONNTRACK, Map())
    store.world = world.with_state(CONNTRACK, known.set((node, flow), replace(entry, seen=world.now)))


def forget(store: Store, node: str, flow: Flow) -> None:
    """Let a node forget a connection."""
    known: Entries = store.world.state.get(CONNTRACK, Map())
    if (node, flow) in known:
        store.world = store.world.with_state(CONNTRACK, known.delete((node, flow)))


def clean(store: Store, table: ProxyTable, change: Change, node: str | None = None) -> None:
    """After a change of a Service or slice: forget UDP connections to backends that serve no more (of one node).

    Services without any serving backend keep their entries, as kube-proxy leaves them.
    """
    known: Entries | None = store.world.state.get(CONNTRACK)
    if not known or change.key.kind not in ("Service", "EndpointSlice"):
        return
    for key in _services(change):
        serving = _serving(table, key)
        for slot, entry in known.items():
            at, flow = slot
            if flow.protocol != "UDP" or node not in (None, at):
                continue
            backends = serving.get((flow.target, flow.target_port)) or (
                serving.get(("", flow.target_port)) if entry.service == key else None
            )
            if backends and (entry.target, entry.target_port) not in backends:
                known = known.delete(slot)
    if known is not store.world.state.get(CONNTRACK):
        store.world = store.world.with_state(CONNTRACK, known)


def _services(change: Change) -> set[Key]:
    if change.key.kind == "Service":
        return {change.key}
    names = {getattr(piece, "service", None) for piece in (change.old, change.new) if piece is not None}
    return {Key("Service", change.key.namespace, name) for name in names if name}


def _serving(table: ProxyTable, key: Key) -> dict[tuple[str, int], set[tuple[str, int]]]:
    """Return the serving backends by original destination; a node port stands under an empty address."""
    found: dict[tuple[str, int], set[tuple[str, int]]] = {}
    for port, backends in table.entries(key):
        if port.protocol != "UDP":
            continue
        serving = {(b.ip, b.port) for b in backends if b.serving}
        for _, ip in port.portals:
            found[ip, port.port] = serving
        if port.node_port:
            found.setdefault(("", port.node_port), set()).update(serving)
    return found


def sticky_key(node: str, port: ServicePort, client: str) -> StickyKey:
    """Return under which name a node remembers the backend of a client."""
    return (node, port.service, port.index, port.family, client)


def sticking_to(world: World, key: StickyKey, seconds: int) -> str | None:
    """Return the backend (``IP:PORT``) that a client used within the last so many seconds, or None."""
    known: Map[StickyKey, tuple[str, float]] | None = world.state.get(AFFINITY)
    found = known.get(key) if known is not None else None
    return found[0] if found is not None and world.now - found[1] <= seconds else None


def stick(store: Store, key: StickyKey, backend: str) -> None:
    """Remember the backend of a client; each use renews it."""
    known: Map[StickyKey, tuple[str, float]] = store.world.state.get(AFFINITY, Map())
    store.world = store.world.with_state(AFFINITY, known.set(key, (backend, store.world.now)))
