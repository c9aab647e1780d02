"""Everything that carries packets, kept in step with the store: proxies, routes, policies and what nodes remember."""

from __future__ import annotations

from immutables import Map

from k8stui.api.core import Namespace, Node, Pod, Service
from k8stui.api.discovery import EndpointSlice
from k8stui.api.meta import KubeObject
from k8stui.api.networking import NetworkPolicy
from k8stui.engine import views
from k8stui.engine.dns.zone import Zone
from k8stui.engine.hosts import Hosts
from k8stui.engine.ip import Cidrs
from k8stui.engine.policy.compiler import PolicyTable
from k8stui.engine.proxy import conntrack
from k8stui.engine.proxy.table import Packet, ProxyTable
from k8stui.engine.routes import Routes
from k8stui.engine.store import Store, key_of
from k8stui.engine.world import Change, Key

_KINDS = (Node, Namespace, Service, EndpointSlice, Pod, NetworkPolicy)
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


class Fabric:
    """The data plane of one store. It listens to changes; all that it remembers can be made again from the world."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.hosts = Hosts(self)
        self._load()
        store.listeners.append(self._noticed)

    def _load(self) -> None:
        """Make everything from the objects that there are."""
        settings = self.store.world.settings
        self._settings = settings
        self._service_cidrs = Cidrs(settings.service_cidrs)
        self._routes = Routes(settings)
        self._policy = PolicyTable(enforced=settings.enforces_policy)
        self._zone = Zone(settings)
        self._shared = ProxyTable(settings)
        self._own: dict[str, ProxyTable] = {}
        self._views: Map[str, views.View] | None = None
        for kind in _KINDS:
            for obj in self.store.list(kind):
                self._apply(Change(key_of(obj), None, obj))

    def _apply(self, change: Change) -> None:
        kind = change.key.kind
        if kind in ("Service", "EndpointSlice", "Node"):
            self._shared.apply(change)
        if kind == "Node":
            self._routes.apply(change)
            for table in self._own.values():
                table.apply(change)
        if kind in ("Pod", "Namespace", "NetworkPolicy"):
            self._policy.apply(change)
        if kind in ("Service", "EndpointSlice", "Namespace", "Pod"):
            self._zone.apply(change)

    def _noticed(self, change: Change) -> None:
        self._apply(change)
        if change.key.kind not in ("Service", "EndpointSlice", "Node") or self.store.resetting:
            return
        if self.store.world.settings.propagation_delay:
            views.noticed(self.store, change)
        else:
            conntrack.clean(self.store, self._shared, change)

    def _renew(self) -> None:
        """Make everything again where the cluster's settings are others than before."""
        settings = self.store.world.settings
        if settings is self._settings:
            return
        if any(getattr(settings, name) != getattr(self._settings, name) for name in _SETTINGS):
            self._load()
        self._settings = settings

    @property
    def routes(self) -> Routes:
        """Where addresses are."""
        self._renew()
        return self._routes

    @property
    def policy(self) -> PolicyTable:
        """What the NetworkPolicies say."""
        self._renew()
        return self._policy

    @property
    def zone(self) -> Zone:
        """What the cluster's DNS answers."""
        self._renew()
        return self._zone

    def table(self, node: str) -> ProxyTable:
        """Return the proxy of a node as it is now: with what the node has heard of so far; '' has heard everything."""
        self._renew()
        if not node or not self._settings.propagation_delay:
            return self._shared
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
        return self.routes.is_pod_address(ip) or any(not pod.host_network for pod in self.store.pods_at(ip))

    def is_service_address(self, ip: str) -> bool:
        """Tell whether an address lies in the range of the cluster IPs."""
        return ip in self._service_cidrs
