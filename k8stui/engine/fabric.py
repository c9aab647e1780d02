"""Everything that carries packets, kept in step with the store: proxies, routes, policies and what nodes remember."""

from __future__ import annotations

from immutables import Map

from k8stui.api.core import Node, Service
from k8stui.api.discovery import EndpointSlice
from k8stui.engine import views
from k8stui.engine.hosts import Hosts
from k8stui.engine.ip import Cidrs
from k8stui.engine.proxy import conntrack
from k8stui.engine.proxy.table import Packet, ProxyTable
from k8stui.engine.routes import Routes
from k8stui.engine.store import Store, key_of
from k8stui.engine.verdicts import NoPolicies, PolicyTable
from k8stui.engine.world import Change

_PROXY_SETTINGS = (
    "proxy_mode",
    "detect_local",
    "masquerade_all",
    "node_port_addresses",
    "localhost_node_ports",
    "service_cidrs",
    "pod_cidrs",
)


class Fabric:
    """The data plane of one store. It listens to changes; all that it remembers can be made again from the world."""

    def __init__(self, store: Store, policy: PolicyTable | None = None) -> None:
        self.store = store
        self.policy: PolicyTable = policy or NoPolicies()
        self.hosts = Hosts(self)
        self.generation = 0
        self._settings = store.world.settings
        self._views: Map[str, views.View] | None = None
        self._load()
        store.listeners.append(self._noticed)

    def _load(self) -> None:
        """Make proxies and routes from the objects that there are."""
        world = self.store.world
        self._settings = world.settings
        self.routes = Routes(world.settings)
        self._service_cidrs = Cidrs(world.settings.service_cidrs)
        self._shared = ProxyTable(world.settings)
        self._own: dict[str, ProxyTable] = {}
        self._views = None
        for kind in (Node, Service, EndpointSlice):
            for obj in self.store.list(kind):
                change = Change(key_of(obj), None, obj)
                self.routes.apply(change)
                self._shared.apply(change)

    def _noticed(self, change: Change) -> None:
        self.generation += 1
        kind = change.key.kind
        if kind in ("Service", "EndpointSlice", "Node"):
            self._shared.apply(change)
            self.routes.apply(change)
            for table in self._own.values():
                if kind == "Node":
                    table.apply(change)
            if not self.store.resetting:
                views.noticed(self.store, change)
                if not self.store.world.settings.propagation_delay:
                    conntrack.clean(self.store, self._shared, change)
        elif kind in ("Pod", "Namespace", "NetworkPolicy"):
            self.policy.apply(change)

    def table(self, node: str) -> ProxyTable:
        """Return the proxy of a node as it is now: with what the node has heard of so far; '' has heard everything."""
        settings = self.store.world.settings
        if settings is not self._settings and any(
            getattr(settings, name) != getattr(self._settings, name) for name in _PROXY_SETTINGS
        ):
            self._load()
        if not settings.propagation_delay or not node:
            return self._shared
        return self._seen_by(node)

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
        return self.routes.is_pod_address(ip) or any(not pod.host_network for pod in self.store.pods_at(ip))

    def is_service_address(self, ip: str) -> bool:
        """Tell whether an address lies in the range of the cluster IPs."""
        return ip in self._service_cidrs
