"""One NetworkPolicy made ready to be asked: its directions, rules, peers and ports.

kubernetes: staging/src/k8s.io/api/networking/v1/types.go
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address, ip_network

from k8stui.api.core import Pod
from k8stui.api.meta import LabelSelector
from k8stui.api.networking import IPBlock, NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort
from k8stui.engine.world import Key

_OCTET_MAX = 255

INGRESS = "ingress"
EGRESS = "egress"

NamedPorts = frozenset[tuple[str, str, int]]
SelectorKey = tuple[object, ...] | None


@dataclass(frozen=True, slots=True)
class Block:
    """A range of addresses as numbers, with the ranges taken out of it; `version` is 4 or 6."""

    cidr: str
    version: int
    first: int
    last: int
    excepts: tuple[tuple[str, int, int], ...] = ()

    def contains(self, version: int, address: int) -> bool:
        """Tell whether an address of this family is inside and in none of the exceptions."""
        return (
            version == self.version
            and self.first <= address <= self.last
            and not any(first <= address <= last for _, first, last in self.excepts)
        )


@dataclass(frozen=True, slots=True)
class PeerRule:
    """One entry of ``from`` or ``to``. `namespace` limits to one namespace where no namespaceSelector is written.

    Entries with equal `namespaces_key` and `pods_key` mean the same namespaces and labels.
    """

    namespace: str | None
    namespaces: LabelSelector | None
    pods: LabelSelector | None
    block: Block | None
    path: str
    namespaces_key: SelectorKey = None
    pods_key: SelectorKey = None

    def admits_pod(self, namespace: str, namespace_labels: Mapping[str, str], labels: Mapping[str, str]) -> bool:
        """Tell whether a pod with these labels in this namespace is meant; a block never means pods by label."""
        if self.block is not None:
            return False
        if self.namespace is not None and self.namespace != namespace:
            return False
        if self.namespaces is not None and not self.namespaces.matches(namespace_labels):
            return False
        return self.pods is None or self.pods.matches(labels)


@dataclass(frozen=True, slots=True)
class PortRule:
    """One entry of ``ports``: any port (`first` and `name` are None), a range, or a name of the destination pod's."""

    protocol: str
    first: int | None
    last: int | None
    name: str | None
    path: str

    def admits(self, port: int, protocol: str, named: NamedPorts) -> bool:
        """Tell whether a destination port is meant; `named` are the destination pod's ports by name."""
        if protocol != self.protocol:
            return False
        if self.name is not None:
            return (self.name, protocol, port) in named
        return self.first is None or self.last is None or self.first <= port <= self.last

    def __str__(self) -> str:
        if self.name is not None:
            return f"{self.protocol} {self.name}"
        if self.first is None:
            return f"every {self.protocol} port"
        return f"{self.protocol} {self.first}" + (f"-{self.last}" if self.last != self.first else "")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: any peer where `peers` is None, any port where `ports` is None."""

    peers: tuple[PeerRule, ...] | None
    ports: tuple[PortRule, ...] | None
    path: str

    def admits_port(self, port: int, protocol: str, named: NamedPorts) -> bool:
        """Tell whether a destination port is meant; `named` are the destination pod's ports by name."""
        return self.ports is None or any(entry.admits(port, protocol, named) for entry in self.ports)


@dataclass(frozen=True, slots=True)
class CompiledPolicy:
    """A policy with the rules of the directions that it governs; a direction that it leaves alone is None."""

    key: Key
    pods: LabelSelector
    ingress: tuple[Rule, ...] | None
    egress: tuple[Rule, ...] | None

    def rules(self, direction: str) -> tuple[Rule, ...] | None:
        """Return the rules of a direction, None where the policy leaves it alone."""
        return self.ingress if direction == INGRESS else self.egress


def compile_policy(policy: NetworkPolicy) -> CompiledPolicy:
    """Return a policy ready to be asked; types that were not filled in follow the API's default."""
    spec = policy.spec
    types = spec.policy_types or (("Ingress", "Egress") if spec.egress else ("Ingress",))
    ingress = egress = None
    if "Ingress" in types:
        ingress = tuple(
            _rule(policy.namespace, rule.from_, rule.ports, f"spec.ingress[{number}]", "from")
            for number, rule in enumerate(spec.ingress or ())
        )
    if "Egress" in types:
        egress = tuple(
            _rule(policy.namespace, rule.to, rule.ports, f"spec.egress[{number}]", "to")
            for number, rule in enumerate(spec.egress or ())
        )
    return CompiledPolicy(Key("NetworkPolicy", policy.namespace, policy.name), spec.pod_selector, ingress, egress)


def _rule(
    namespace: str,
    peers: tuple[NetworkPolicyPeer, ...] | None,
    ports: tuple[NetworkPolicyPort, ...] | None,
    path: str,
    side: str,
) -> Rule:
    return Rule(
        tuple(_peer(namespace, peer, f"{path}.{side}[{i}]") for i, peer in enumerate(peers)) if peers else None,
        tuple(_port(port, f"{path}.ports[{i}]") for i, port in enumerate(ports)) if ports else None,
        path,
    )


def _peer(namespace: str, peer: NetworkPolicyPeer, path: str) -> PeerRule:
    if peer.ip_block is not None:
        return PeerRule(None, None, None, block_of(peer.ip_block), path)
    own = namespace if peer.namespace_selector is None else None
    spaces, pods = peer.namespace_selector, peer.pod_selector
    return PeerRule(own, spaces, pods, None, path, selector_key(spaces), selector_key(pods))


def selector_key(selector: LabelSelector | None) -> SelectorKey:
    """Return a value that two selectors share only if they match the same labels; None for no selector."""
    if selector is None:
        return None
    labels = tuple(sorted((selector.match_labels or {}).items()))
    return (labels, *((term.key, term.operator, term.values) for term in selector.match_expressions or ()))


def _port(port: NetworkPolicyPort, path: str) -> PortRule:
    protocol = port.protocol or "TCP"
    if isinstance(port.port, str):
        return PortRule(protocol, None, None, port.port, path)
    return PortRule(protocol, port.port, port.end_port or port.port, None, path)


def block_of(block: IPBlock) -> Block:
    """Return an ipBlock as numbers. Raises ValueError where a CIDR is none (the API server admits no such policy)."""
    network = ip_network(block.cidr, strict=False)
    excepts = tuple(
        (text, int(part.network_address), int(part.broadcast_address))
        for text in block.except_ or ()
        for part in (ip_network(text, strict=False),)
        if part.version == network.version
    )
    return Block(block.cidr, network.version, int(network.network_address), int(network.broadcast_address), excepts)


@lru_cache(maxsize=65536)
def address_of(ip: str) -> tuple[int, int]:
    """Return IP version and number of an address."""
    parts = ip.split(".")
    if len(parts) == 4 and ip.isascii() and all(part.isdigit() for part in parts):
        one, two, three, four = map(int, parts)
        if max(one, two, three, four) <= _OCTET_MAX:
            return 4, one << 24 | two << 16 | three << 8 | four
    address = ip_address(ip)
    return address.version, int(address)


def named_ports(pod: Pod) -> NamedPorts:
    """Return the ports of a pod's containers that have a name: name, protocol, number."""
    return frozenset(
        (port.name, port.protocol or "TCP", port.container_port)
        for container in pod.lasting_containers
        for port in container.ports or ()
        if port.name
    )
