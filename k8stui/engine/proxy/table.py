"""What the service proxy of each node does with a packet, compiled from Services, EndpointSlices and Nodes.

kubernetes: pkg/proxy/servicechangetracker.go, pkg/proxy/iptables/proxier.go, pkg/proxy/nftables/proxier.go
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple, TypeVar

from k8stui.api.core import Node, Service
from k8stui.api.discovery import EndpointSlice
from k8stui.engine.ip import V4, Cidrs, family, is_loopback
from k8stui.engine.proxy.backends import Backend, PortKey, Sets, categorize, is_used, merged, of_slice
from k8stui.engine.proxy.portals import (
    ServicePort,
    is_proxied,
    published_addresses,
    service_ports,
)
from k8stui.engine.world import Change, Key, Settings


class Verdict(StrEnum):
    """What becomes of a packet at one node."""

    FORWARD = "forward"
    REJECT = "reject"
    DROP = "drop"
    PASS = "pass"


class Reason(StrEnum):
    """Why the proxy decided so, where it did not forward."""

    NONE = ""
    NO_ENDPOINTS = "no endpoints"
    NO_LOCAL_ENDPOINTS = "no local endpoints"
    SOURCE_RANGE = "source range"
    UNKNOWN_PORT = "unknown port"
    UNALLOCATED = "unallocated"


class Packet(NamedTuple):
    """The first packet of a connection when it meets a node's rules.

    `pod` tells whether the source is an address of the cluster's pods, `local` whether it is one of this node.
    """

    source: str
    target: str
    port: int
    protocol: str = "TCP"
    pod: bool = False
    local: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """What a node's proxy does: `backends` are the addresses it may choose, `portal` says which address it matched.

    `masquerade` tells whether the packet gets the node's address whatever the backend; one that is sent back to its
    own source (hairpin) gets it anyway. `affinity` is the time-out in seconds, 0 without session affinity.
    """

    verdict: Verdict
    reason: Reason = Reason.NONE
    service: ServicePort | None = None
    portal: str = ""
    backends: tuple[Backend, ...] = ()
    masquerade: bool = False
    affinity: int = 0
    texts: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


PASS = Decision(Verdict.PASS)
_UNKNOWN_PORT = Decision(Verdict.PASS, Reason.UNKNOWN_PORT)
_REFUSED_PORT = Decision(Verdict.REJECT, Reason.UNKNOWN_PORT)
_UNALLOCATED = Decision(Verdict.DROP, Reason.UNALLOCATED)


_Slot = tuple[str, str, int]
"""An address or an address family, a protocol, and a port."""


class _Entry:
    """A Service port with its backends, and what each node makes of them (computed when first asked)."""

    __slots__ = ("backends", "decisions", "port", "sets")

    def __init__(self, port: ServicePort, backends: tuple[Backend, ...]) -> None:
        self.port = port
        self.backends = backends
        self.sets: dict[str, Sets] = {}
        self.decisions: dict[tuple[str, str, bool, bool], Decision] = {}


class ProxyTable:
    """The forwarding decisions of every node. Objects come in through `apply`; nothing else is remembered."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._nftables = settings.proxy_mode == "nftables"
        self._service_cidrs = Cidrs(settings.service_cidrs)
        self._services: dict[Key, Service] = {}
        self._slices: defaultdict[Key, dict[str, dict[PortKey, list[Backend]]]] = defaultdict(dict)
        self._compiled: dict[Key, list[_Entry]] = {}
        self._portals: defaultdict[_Slot, list[tuple[str, _Entry]]] = defaultdict(list)
        self._node_ports: defaultdict[_Slot, list[_Entry]] = defaultdict(list)
        self._health_ports: dict[int, Key] = {}
        self._cluster_ips: dict[str, Key] = {}
        self._published: defaultdict[str, list[Key]] = defaultdict(list)
        self._zones: dict[str, str] = {}
        self._nodes: dict[str, tuple[str, ...]] = {}

    # Changes

    def apply(self, change: Change) -> None:
        """Take in a change of a Service, EndpointSlice or Node; other kinds do not matter."""
        match change.key.kind:
            case "EndpointSlice":
                self._apply_slice(change)
            case "Service":
                self._apply_service(change.key, change.new if isinstance(change.new, Service) else None)
            case "Node":
                self._apply_node(change.key.name, change.new if isinstance(change.new, Node) else None)

    def _apply_slice(self, change: Change) -> None:
        touched: dict[Key, None] = {}
        if isinstance(change.old, EndpointSlice) and change.old.service:
            key = Key("Service", change.old.namespace, change.old.service)
            self._slices[key].pop(change.old.name, None)
            touched[key] = None
        piece = change.new
        if isinstance(piece, EndpointSlice) and piece.service and is_used(piece):
            key = Key("Service", piece.namespace, piece.service)
            self._slices[key][piece.name] = of_slice(piece)
            touched[key] = None
        for key in touched:
            if key in self._services:
                self._compile(key)

    def _apply_service(self, key: Key, service: Service | None) -> None:
        self._forget(key)
        self._services.pop(key, None)
        if service is None or not is_proxied(service):
            return
        self._services[key] = service
        for ip in service.spec.cluster_ips or (service.spec.cluster_ip or "",):
            self._cluster_ips[ip] = key
        for ip in published_addresses(service):
            self._published[ip].append(key)
        if service.spec.health_check_node_port:
            self._health_ports[service.spec.health_check_node_port] = key
        self._compile(key)

    def _apply_node(self, name: str, node: Node | None) -> None:
        zone = (node.zone or "") if node is not None else ""
        if node is None:
            self._nodes.pop(name, None)
        else:
            self._nodes[name] = node.addresses("InternalIP") + node.addresses("ExternalIP")
        if self._zones.get(name, "") != zone:
            for entries in self._compiled.values():
                for entry in entries:
                    entry.sets.clear()
                    entry.decisions.clear()
        self._zones[name] = zone

    def _forget(self, key: Key) -> None:
        service = self._services.get(key)
        if service is None:
            return
        for ip in service.spec.cluster_ips or (service.spec.cluster_ip or "",):
            if self._cluster_ips.get(ip) == key:
                del self._cluster_ips[ip]
        for ip in published_addresses(service):
            _without(self._published, ip, key)
        if service.spec.health_check_node_port:
            self._health_ports.pop(service.spec.health_check_node_port, None)
        self._unlink(key)

    def _unlink(self, key: Key) -> None:
        for entry in self._compiled.pop(key, ()):
            port = entry.port
            for portal, ip in port.portals:
                _without(self._portals, (ip, port.protocol, port.port), (portal, entry))
            if port.node_port:
                _without(self._node_ports, (port.family, port.protocol, port.node_port), entry)

    def _compile(self, key: Key) -> None:
        self._unlink(key)
        entries = []
        slices = self._slices.get(key, {})
        for port in service_ports(key, self._services[key]):
            rows = (slices[name].get((port.name, port.protocol), ()) for name in sorted(slices))
            backends = merged([b for b in row if family(b.ip) == port.family] for row in rows)
            entry = _Entry(port, backends)
            entries.append(entry)
            for portal, ip in port.portals:
                self._portals[ip, port.protocol, port.port].append((portal, entry))
            if port.node_port:
                self._node_ports[port.family, port.protocol, port.node_port].append(entry)
        self._compiled[key] = entries

    # Questions

    def decide(self, node: str, packet: Packet) -> Decision:
        """Return what the proxy of a node does with the first packet of a connection."""
        found = self._portals.get((packet.target, packet.protocol, packet.port))
        if found is not None:
            portal, entry = found[0]
            return self._decision(node, portal, entry, packet)
        known = self._node_ports.get((family(packet.target), packet.protocol, packet.port))
        if known is not None and self._is_node_port_address(node, packet):
            return self._decision(node, "nodePort", known[0], packet)
        if packet.target in self._cluster_ips:
            return _REFUSED_PORT if self._nftables else _UNKNOWN_PORT
        if self._nftables and self._service_cidrs and packet.target in self._service_cidrs:
            return _UNALLOCATED
        return PASS

    def service_at(self, ip: str) -> Key | None:
        """Return the Service that has this cluster IP."""
        return self._cluster_ips.get(ip)

    def node_port(self, ip: str, port: int, protocol: str) -> ServicePort | None:
        """Return the Service port that has a node port, whether or not it is open on this address."""
        known = self._node_ports.get((family(ip), protocol, port))
        return known[0].port if known is not None else None

    def node_ports(self, protocol: str) -> list[ServicePort]:
        """Return the Service ports that have a node port, by number, each number once."""
        known = {port: entries[0].port for (_, spoken, port), entries in self._node_ports.items() if spoken == protocol}
        return [known[port] for port in sorted(known)]

    def published(self, ip: str) -> tuple[Key, ...]:
        """Return the Services that have this external IP or load-balancer IP, whoever handles it."""
        return tuple(self._published.get(ip, ()))

    def service_of_health_port(self, port: int) -> Key | None:
        """Return the Service whose health check a node answers at this port."""
        return self._health_ports.get(port)

    def healthy(self, node: str, key: Key) -> bool:
        """Tell whether a node's health check of a Service answers 200: it holds a ready backend itself."""
        return any(b.ready and b.node == node for entry in self._compiled.get(key, ()) for b in entry.backends)

    def entries(self, key: Key) -> list[tuple[ServicePort, tuple[Backend, ...]]]:
        """Return the compiled ports of a Service with all their backends, the unusable ones included."""
        return [(entry.port, entry.backends) for entry in self._compiled.get(key, ())]

    def _is_node_port_address(self, node: str, packet: Packet) -> bool:
        own = [ip for ip in self._nodes.get(node, ()) if family(ip) == family(packet.target)]
        asked = self._settings.node_port_addresses
        if is_loopback(packet.target):
            if self._nftables or not self._settings.localhost_node_ports or family(packet.target) != V4:
                return False
            return not asked or packet.target in Cidrs(asked)
        if packet.target not in own:
            return False
        if asked == ("primary",) or (not asked and self._nftables):
            return packet.target == own[0]
        return not asked or packet.target in Cidrs(asked)

    def _decision(self, node: str, portal: str, entry: _Entry, packet: Packet) -> Decision:
        port = entry.port
        shut_out = portal == "loadBalancerIP" and port.ranges is not None and packet.source not in port.ranges
        if shut_out and (self._nftables or self._sets(node, entry).usable):
            return Decision(Verdict.DROP, Reason.SOURCE_RANGE, port, portal)
        slot = (node, portal, packet.pod, packet.local)
        known = entry.decisions.get(slot)
        if known is None:
            known = entry.decisions[slot] = self._decided(self._sets(node, entry), portal, port, packet)
        return known

    def _sets(self, node: str, entry: _Entry) -> Sets:
        sets = entry.sets.get(node)
        if sets is None:
            port = entry.port
            outside = port.reachable_from_outside
            sets = entry.sets[node] = categorize(
                entry.backends,
                node,
                self._zones.get(node, ""),
                cluster=not port.internal_local or outside,
                local=port.internal_local or (port.external_local and outside),
            )
        return sets

    def _decided(self, sets: Sets, portal: str, port: ServicePort, packet: Packet) -> Decision:
        if not sets.usable:
            return Decision(Verdict.REJECT, Reason.NO_ENDPOINTS, port, portal)
        if portal == "clusterIP":
            detected = self._settings.detect_local and not packet.pod
            chosen = sets.local if port.internal_local else sets.cluster
            masquerade = self._settings.masquerade_all or detected
        elif not port.external_local or packet.local:
            chosen, masquerade = sets.cluster, True
        elif packet.pod and self._settings.detect_local:
            chosen, masquerade = sets.cluster, False
        else:
            chosen, masquerade = sets.local, False
        if not chosen:
            return Decision(Verdict.DROP, Reason.NO_LOCAL_ENDPOINTS, port, portal)
        texts = tuple(b.text for b in chosen)
        facts = {
            "service": f"{port.service.namespace}/{port.service.name}",
            "port": port.index,
            "portal": portal,
            "backends": list(texts),
        }
        return Decision(Verdict.FORWARD, Reason.NONE, port, portal, chosen, masquerade, port.affinity, texts, facts)


S = TypeVar("S")
T = TypeVar("T")


def _without(table: defaultdict[S, list[T]], slot: S, value: T) -> None:
    """Take a value out of a table, and its row with the last one."""
    row = table.get(slot)
    if row is not None and value in row:
        row.remove(value)
        if not row:
            del table[slot]
