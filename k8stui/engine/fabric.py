"""Everything that carries packets, kept in step with the store: proxies, routes, policies and what nodes remember."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Protocol, TypeVar

from immutables import Map

from k8stui.api.core import Namespace, Node, Pod, Service
from k8stui.api.discovery import EndpointSlice
from k8stui.api.meta import KubeObject
from k8stui.api.networking import NetworkPolicy
from k8stui.engine import faults, sandbox, views
from k8stui.engine.container import listening
from k8stui.engine.dns.zone import Zone
from k8stui.engine.hosts import Hosts
from k8stui.engine.ip import Cidrs
from k8stui.engine.policy.compiler import PolicyTable
from k8stui.engine.proxy import conntrack
from k8stui.engine.proxy.table import Packet, ProxyTable
from k8stui.engine.routes import Routes
from k8stui.engine.store import Store, key_of
from k8stui.engine.world import Change, Key

if TYPE_CHECKING:
    from k8stui.engine.behaviour import Socket
    from k8stui.engine.names import Lookup
    from k8stui.engine.trace import Hop

_READS = {
    "shared": ("Service", "EndpointSlice", "Node"),
    "routes": ("Node",),
    "policy": ("Pod", "Namespace", "NetworkPolicy"),
    "zone": ("Service", "EndpointSlice", "Namespace", "Pod"),
}
_SETTINGS = (
    "proxy_mode",
    "detect_local",
    "masquerade_all",
    "node_port_addresses",
    "localhost_node_ports",
    "service_cidrs",
    "pod_cidrs",
    "enforces_policy",
    "cluster_domain",
    "records",
)


_ROOMS = (sandbox.ROOM, faults.NODES, faults.HOSTS, views.ROOM)
"""What else than objects, settings and the clock decides whether a packet arrives."""


@dataclass(slots=True)
class Moment:
    """What was found out about one moment; forgotten as soon as the world is another one."""

    sockets: dict[int, tuple[Pod, tuple[Socket, ...]]] = field(default_factory=dict)
    pods: dict[str, Pod | None] = field(default_factory=dict)
    lookups: dict[tuple[str, str], Lookup] = field(default_factory=dict)
    hops: dict[tuple[str, str], tuple[Lookup, Hop, str | None]] = field(default_factory=dict)
    servers: dict[tuple[str, str, bool], str] = field(default_factory=dict)


class Part(Protocol):
    """Something that is kept in step with the store's objects."""

    def apply(self, change: Change) -> None:
        """Take in a change."""


P = TypeVar("P", bound=Part)


class Fabric:
    """The data plane of one store. It listens to changes; all that it remembers can be made again from the world."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.hosts = Hosts(self)
        self.moment = Moment()
        self._settings = store.world.settings
        self._mark: tuple[object, ...] = (None,) * (3 + len(_ROOMS))
        self._own: dict[str, ProxyTable] = {}
        self._views: Map[str, views.View] | None = None
        store.listeners.append(self._noticed)

    # The parts: each is made of the objects that there are when it is first asked, and follows changes from then on

    @cached_property
    def routes(self) -> Routes:
        """Where addresses are."""
        routes = Routes(self._settings)
        routes.load(self.store.list(Node))
        return routes

    @cached_property
    def policy(self) -> PolicyTable:
        """What the NetworkPolicies say."""
        return self._filled(PolicyTable(enforced=self._settings.enforces_policy), Namespace, Pod, NetworkPolicy)

    @cached_property
    def zone(self) -> Zone:
        """What the cluster's DNS answers."""
        return self._filled(Zone(self._settings), Namespace, Service, EndpointSlice, Pod)

    @cached_property
    def shared(self) -> ProxyTable:
        """The proxy that has heard of everything."""
        return self._filled(ProxyTable(self._settings), Node, EndpointSlice, Service)

    @cached_property
    def service_cidrs(self) -> Cidrs:
        """The ranges of cluster IPs."""
        return Cidrs(self._settings.service_cidrs)

    def _filled(self, part: P, *kinds: type[KubeObject]) -> P:
        for kind in kinds:
            for obj in self.store.list(kind):
                part.apply(Change(key_of(obj), None, obj))
        return part

    def _forget(self) -> None:
        """Let every part be made anew."""
        for name in ("routes", "policy", "zone", "shared", "service_cidrs"):
            self.__dict__.pop(name, None)
        self._own = {}
        self._views = None

    def _noticed(self, change: Change) -> None:
        kind = change.key.kind
        for name, kinds in _READS.items():
            if kind in kinds and name in self.__dict__:
                self.__dict__[name].apply(change)
        if kind == "Node":
            for table in self._own.values():
                table.apply(change)
        if kind not in ("Service", "EndpointSlice", "Node") or self.store.resetting:
            return
        if self.store.world.settings.propagation_delay:
            views.noticed(self.store, change)
        elif self.store.world.state.get(conntrack.CONNTRACK):
            conntrack.clean(self.store, self.shared, change)

    def look(self) -> Moment:
        """Bring everything into step with the world and return what is known of this very moment."""
        world = self.store.world
        if world.settings is not self._settings:
            old, self._settings = self._settings, world.settings
            if any(getattr(old, name) != getattr(world.settings, name) for name in _SETTINGS):
                self._forget()
        state = world.state
        mark = (world.objects, world.settings, world.now, *[state.get(room) for room in _ROOMS])
        if any(new is not known for new, known in zip(mark, self._mark, strict=True)):
            self._mark = mark
            self.moment = Moment()
        return self.moment

    def sockets(self, pod: Pod) -> tuple[Socket, ...]:
        """Return the sockets that a pod has open at this moment."""
        known = self.moment.sockets.get(id(pod))
        if known is None or known[0] is not pod:
            known = self.moment.sockets[id(pod)] = (pod, listening(pod, self.store))
        return known[1]

    def pod_at(self, ip: str) -> Pod | None:
        """Return the pod that has an address of its own."""
        pods = self.moment.pods
        if ip not in pods:
            pods[ip] = next((pod for pod in self.store.pods_at(ip) if not pod.host_network), None)
        return pods[ip]

    def table(self, node: str) -> ProxyTable:
        """Return the proxy of a node as it is now: with what the node has heard of so far; '' has heard everything."""
        if not node or not self._settings.propagation_delay:
            return self.shared
        return self._seen_by(node)

    def news(self, key: Key, obj: KubeObject | None) -> None:
        """Let news reach every node now: an object, or (None) that it is gone."""
        change = Change(key, None, obj)
        views.arrived(self.store, change)
        for node in views.all_views(self.store):
            conntrack.clean(self.store, self._seen_by(node), change, node)

    def _seen_by(self, node: str) -> ProxyTable:
        present = views.all_views(self.store)
        if present is not self._views:
            before = self._views or Map()
            for name, table in self._own.items():
                for change in views.differences(before.get(name), present.get(name)):
                    table.apply(change)
            self._views = present
        if node not in self._own:
            table = self._own[node] = ProxyTable(self.store.world.settings)
            for obj in self.store.list(Node):
                table.apply(Change(key_of(obj), None, obj))
            for change in views.differences(None, present.get(node)):
                table.apply(change)
        return self._own[node]

    def packet(self, source: str, target: str, port: int, protocol: str, node: str) -> Packet:
        """Return a packet as the proxy of a node classifies it."""
        local = source.startswith("127.") or source == "::1" or self.routes.node_at(source) == node
        pod = not local and self.routes.node_at(source) is None and self._is_pod(source)
        return Packet(source, target, port, protocol, pod, local)

    def _is_pod(self, ip: str) -> bool:
        return self.routes.is_pod_address(ip) or self.pod_at(ip) is not None

    def is_service_address(self, ip: str) -> bool:
        """Tell whether an address lies in the range of the cluster IPs."""
        return ip in self.service_cidrs
