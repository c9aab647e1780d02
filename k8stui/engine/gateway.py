"""How a packet gets to its first node: from a pod or node at once, from outside by address or load balancer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from k8stui.api.core import Node, Service
from k8stui.engine.ends import Source
from k8stui.engine.fabric import Fabric
from k8stui.engine.faults import node_down
from k8stui.engine.ip import family
from k8stui.engine.trace import Address, Cause, Hop, Outcome
from k8stui.engine.world import Key

_EXCLUDED = "node.kubernetes.io/exclude-from-external-load-balancers"


class Entry(NamedTuple):
    """Where a packet enters: `node` (empty: it stays outside), or the outcome where it does not get that far.

    `source` and `target` are its addresses from then on, where a load balancer replaced them.
    """

    node: str = ""
    outcome: Outcome | None = None
    hop: Hop | None = None
    source: Address | None = None
    target: Address | None = None


@dataclass(frozen=True, slots=True)
class Gateway:
    """The way from a client to the first node that sees its packet. `via` names that node, whatever the routes."""

    fabric: Fabric
    source: Source
    origin: Address
    target: Address
    protocol: str
    number: float
    via: str | None = None

    def enter(self) -> Entry:
        """Return where the packet enters."""
        if self.source.kind != "external":
            return self._from_inside()
        if self.via is not None:
            return Entry(self.via)
        ip = self.target.ip
        owner = self.fabric.routes.node_at(ip)
        if owner is not None:
            if node_down(self.fabric.store.world, owner):
                cause = Cause("Node", "", owner, "status.conditions", f"{owner} is down")
                return self._failed(Outcome.DROPPED, f"{owner} is down", cause)
            return Entry(owner)
        services = self.fabric.table("").published(ip)
        if services:
            return self._published(services)
        if self.fabric.hosts.answers(ip, self.target.port, self.protocol) is not None:
            return Entry()
        return self._failed(Outcome.UNREACHABLE, f"{self.source.name} has no route to {ip}", self._owner_of(ip))

    def _from_inside(self) -> Entry:
        proxied = self._behind_a_proxy() if self._has_balancer() else None
        if proxied is not None and self.fabric.routes.node_at(self.target.ip) is None:
            return self._balanced(proxied)
        return Entry(self.source.node)

    def _has_balancer(self) -> bool:
        return self.fabric.store.world.settings.load_balancer != "none"

    def _behind_a_proxy(self) -> Service | None:
        """Return the Service whose load balancer at this address ends connections itself (ipMode Proxy)."""
        for key in self.fabric.table("").published(self.target.ip):
            service = self._service(key)
            balancer = service.status.load_balancer if service is not None and service.status else None
            for ingress in (balancer.ingress if balancer else None) or ():
                if ingress.ip == self.target.ip and ingress.ip_mode == "Proxy":
                    return service
        return None

    def _service(self, key: Key) -> Service | None:
        return self.fabric.store.get(Service, key.namespace, key.name)

    def _published(self, keys: tuple[Key, ...]) -> Entry:
        """The address is an external IP or a load balancer's: a balancer picks a node, else the first one takes all."""
        if not self._has_balancer():
            names = self.fabric.routes.names()
            return Entry(names[0]) if names else self._failed(Outcome.UNREACHABLE, "the cluster has no node", None)
        services = [s for s in map(self._service, keys) if s is not None]
        wanted = [s for s in services if any(p.port == self.target.port for p in s.spec.ports or ())]
        return self._balanced((wanted or services)[0])

    def _balanced(self, service: Service) -> Entry:
        nodes = self.healthy_nodes(service)
        ip = self.target.ip
        if not nodes:
            cause = Cause("Service", service.namespace, service.name, "spec.externalTrafficPolicy")
            if service.spec.external_traffic_policy != "Local":
                cause = Cause("Node", "", "", "status.conditions", "no node is ready", missing=True)
            return self._failed(Outcome.DROPPED, f"the load balancer of {ip} has no healthy node", cause)
        node = nodes[int(self.number * 7919 % 1 * len(nodes))]
        source, target = Address(ip, self.origin.port), self.target
        proxied = self._behind_a_proxy() is service
        if proxied:
            port = next((p for p in service.spec.ports or () if p.port == target.port), None)
            address = self.fabric.routes.address(node, family(ip))
            if port is None or not port.node_port or address is None:
                cause = Cause("Service", service.namespace, service.name, "spec.ports")
                return self._failed(Outcome.REJECTED, f"the load balancer has no port {target.port}", cause)
            target = Address(address, port.node_port)
        summary = f"the load balancer of {ip} passes it to {node}"
        origin = self.origin
        hop = Hop("Network", True, summary, node, origin, self.target, source if proxied else origin, target)
        return Entry(node, None, hop, source if proxied else None, target if proxied else None)

    def healthy_nodes(self, service: Service) -> list[str]:
        """Return the nodes to which a load balancer sends traffic of a Service."""
        store = self.fabric.store
        nodes = [
            node.name
            for node in store.list(Node)
            if node.ready and not node_down(store.world, node.name) and _EXCLUDED not in node.labels
        ]
        if service.spec.external_traffic_policy != "Local":
            return nodes
        key = Key("Service", service.namespace, service.name)
        return [name for name in nodes if self.fabric.table(name).healthy(name, key)]

    def _owner_of(self, ip: str) -> Cause | None:
        """Return the object that has an address which no route from outside leads to."""
        key = self.fabric.table("").service_at(ip)
        if key is not None:
            message = "a cluster IP has no route from outside the cluster"
            return Cause("Service", key.namespace, key.name, "spec.type", message)
        pods = self.fabric.store.pods_at(ip)
        if pods:
            message = "a pod's address has no route from outside the cluster"
            return Cause("Pod", pods[0].namespace, pods[0].name, "status.podIP", message)
        return None

    def _failed(self, outcome: Outcome, summary: str, cause: Cause | None) -> Entry:
        origin, target = self.origin, self.target
        return Entry("", outcome, Hop("Network", False, summary, "", origin, target, origin, target, cause))
