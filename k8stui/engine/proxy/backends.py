"""Endpoints as a service proxy sees them, and which of them a node uses.

kubernetes: pkg/proxy/endpointslicecache.go, pkg/proxy/topology.go
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from k8stui.api.core import EndpointPort
from k8stui.api.discovery import HEADLESS_LABEL, Endpoint, EndpointSlice
from k8stui.engine.ip import joined

PortKey = tuple[str, str]
"""Name (empty where there is none) and protocol of a port."""


@dataclass(frozen=True, slots=True)
class Backend:
    """One address and port behind a Service.

    `text` is ``IP:PORT``; `slice` names the EndpointSlice, `index` the endpoint's place in it and `port_index` that
    of the port. `zones` and `nodes` are the hints.
    """

    ip: str
    port: int
    text: str
    node: str
    ready: bool
    serving: bool
    terminating: bool
    zones: frozenset[str] = frozenset()
    nodes: frozenset[str] = frozenset()
    slice: str = ""
    index: int = 0
    port_index: int = 0


def is_used(piece: EndpointSlice) -> bool:
    """Tell whether a proxy looks at a slice: not at those of headless Services, nor at names in place of addresses.

    kubernetes: pkg/proxy/metaproxier/meta_proxier.go
    """
    return HEADLESS_LABEL not in piece.labels and piece.address_type != "FQDN"


def of_slice(piece: EndpointSlice) -> dict[PortKey, list[Backend]]:
    """Return the backends of one slice by port; ports without a number are left out."""
    found: dict[PortKey, list[Backend]] = {}
    for number, port in enumerate(piece.ports or ()):
        if port.port is None:
            continue
        row = found.setdefault((port.name or "", port.protocol or "TCP"), [])
        row.extend(_backends(piece, number, port))
    return found


def _backends(piece: EndpointSlice, number: int, port: EndpointPort) -> Iterable[Backend]:
    for index, endpoint in enumerate(piece.endpoints or ()):
        if not endpoint.addresses or port.port is None:
            continue
        conditions = endpoint.conditions
        ip = endpoint.addresses[0]
        yield Backend(
            ip=ip,
            port=port.port,
            text=joined(ip, port.port),
            node=endpoint.node_name or "",
            ready=conditions.ready is not False,
            serving=conditions.serving is not False,
            terminating=conditions.terminating is True,
            zones=_hints(endpoint, "for_zones"),
            nodes=_hints(endpoint, "for_nodes"),
            slice=piece.name,
            index=index,
            port_index=number,
        )


def _hints(endpoint: Endpoint, kind: str) -> frozenset[str]:
    hints = endpoint.hints
    if hints is None:
        return frozenset()
    return frozenset(hint.name for hint in getattr(hints, kind) or ())


def merged(rows: Iterable[Iterable[Backend]]) -> tuple[Backend, ...]:
    """Return the backends of several slices, each ``IP:PORT`` once, in the order of that text.

    Of several entries for one address a ready one counts, else one that is not terminating.
    """
    found: dict[str, Backend] = {}
    for row in rows:
        for backend in row:
            before = found.get(backend.text)
            if before is None or (backend.ready, before.terminating) > (before.ready, backend.terminating):
                found[backend.text] = backend
    return tuple(found[text] for text in sorted(found))


class Sets(NamedTuple):
    """What one node makes of a Service port's backends: those of the cluster, its own, and whether any is usable."""

    cluster: tuple[Backend, ...]
    local: tuple[Backend, ...]
    usable: bool


def categorize(backends: tuple[Backend, ...], node: str, zone: str, *, cluster: bool, local: bool) -> Sets:
    """Choose the backends that a node uses; `cluster` and `local` say which sets the Service needs.

    kubernetes: pkg/proxy/topology.go CategorizeEndpoints
    """
    everywhere: tuple[Backend, ...] = ()
    here: tuple[Backend, ...] = ()
    if cluster:
        everywhere = _near([b for b in backends if b.ready], node, zone) or _leaving(backends)
    if local:
        mine = [b for b in backends if b.node == node]
        here = tuple(b for b in mine if b.ready) or _leaving(mine)
    usable = bool(everywhere) or (local and any(b.ready or (b.serving and b.terminating) for b in backends))
    return Sets(everywhere, here, usable)


def _leaving(backends: Iterable[Backend]) -> tuple[Backend, ...]:
    return tuple(b for b in backends if b.serving and b.terminating)


def _near(ready: list[Backend], node: str, zone: str) -> tuple[Backend, ...]:
    """Return the ready backends that are hinted for this node, else for its zone, else all of them."""
    if ready and all(b.nodes for b in ready):
        mine = tuple(b for b in ready if node in b.nodes)
        if mine:
            return mine
    if zone and ready and all(b.zones for b in ready):
        mine = tuple(b for b in ready if zone in b.zones)
        if mine:
            return mine
    return tuple(ready)
