"""Pod addresses: the next free one of a node's range, so that an address is not used again at once.

kubernetes does not give addresses itself; this follows the reference plugin for it (containernetworking/plugins:
plugins/ipam/host-local/backend/allocator), which goes on from the last address that it gave.
"""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_address

from immutables import Map

from k8stui.api.core import Node, Pod
from k8stui.engine.container import ADDRESS_ANNOTATION
from k8stui.engine.ip import is_ip, network_of
from k8stui.engine.store import Store

ROOM = "addresses"
_FIRST = 2


def node_ranges(node: Node) -> tuple[str, ...]:
    """Return the pod ranges of a node, one for each family."""
    return node.spec.pod_cidrs or ((node.spec.pod_cidr,) if node.spec.pod_cidr else ())


def allocate(store: Store, node: Node, pod: Pod) -> tuple[str, ...]:
    """Take an address from each of the node's ranges for a pod; empty where there is none or one has none left.

    Addresses that the pod asks for by annotation are given if they are free, each once: a successor gets another.
    """
    wanted = [text.strip() for text in pod.annotations.get(ADDRESS_ANNOTATION, "").split(",") if is_ip(text.strip())]
    networks = [network for cidr in node_ranges(node) if (network := network_of(cidr)) is not None]
    found = tuple(_take(store, network, wanted) for network in networks)
    return tuple(ip for ip in found if ip) if all(found) else ()


def _take(store: Store, network: IPv4Network | IPv6Network, wanted: list[str]) -> str:
    given: Map[str, int] = store.world.state.get(ROOM, Map())
    for text in wanted:
        if ip_address(text) in network and text not in given and not store.pods_at(text):
            store.world = store.world.with_state(ROOM, given.set(text, 1))
            return text
    end = network.num_addresses - (1 if network.version == 4 else 0)
    last = given.get(str(network), _FIRST - 1)
    for step in range(1, end - _FIRST + 1):
        offset = _FIRST + (last - _FIRST + step) % (end - _FIRST)
        ip = str(network[offset])
        if not store.pods_at(ip):
            store.world = store.world.with_state(ROOM, given.set(str(network), offset))
            return ip
    return ""
