"""Where addresses are: which node owns one, whose pod range holds it, which address a node shows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_network

from k8stui.api.core import Node
from k8stui.engine.ip import Cidrs, family, parse
from k8stui.engine.world import Change, Settings


@dataclass(frozen=True, slots=True)
class Place:
    """A node as the network around it sees it: its addresses, the first one of a family first, and its pod ranges."""

    name: str
    addresses: tuple[str, ...]
    ranges: tuple[str, ...]

    def address(self, wanted: str) -> str | None:
        """Return its first address of a family (IPv4 or IPv6), or None."""
        return next((ip for ip in self.addresses if family(ip) == wanted), None)


class Routes:
    """The routes of the cluster's network: nodes reach each other and each other's pod ranges directly."""

    def __init__(self, settings: Settings) -> None:
        self._pods = Cidrs(settings.pod_cidrs)
        self._places: dict[str, Place] = {}
        self._owners: dict[str, str] = {}
        self._ranges: list[tuple[int, int, int, str]] = []
        self._range_owner: dict[str, str | None] = {}

    def apply(self, change: Change) -> None:
        """Take in a change of a Node; other kinds do not matter."""
        if change.key.kind != "Node":
            return
        self._places.pop(change.key.name, None)
        self.load([change.new] if isinstance(change.new, Node) else ())

    def load(self, nodes: Iterable[Node]) -> None:
        """Take in nodes that are new or changed."""
        for node in nodes:
            ranges = node.spec.pod_cidrs or ((node.spec.pod_cidr,) if node.spec.pod_cidr else ())
            addresses = node.addresses("InternalIP") + node.addresses("ExternalIP")
            self._places[node.name] = Place(node.name, addresses, ranges)
        self._owners = {ip: place.name for place in self._sorted() for ip in place.addresses}
        self._ranges = [row for place in self._sorted() for row in _rows(place)]
        self._range_owner.clear()

    def _sorted(self) -> list[Place]:
        return [self._places[name] for name in sorted(self._places)]

    def node_at(self, ip: str) -> str | None:
        """Return the node that has this address itself."""
        return self._owners.get(ip)

    def node_for(self, ip: str) -> str | None:
        """Return the node whose pod range holds this address."""
        if ip in self._range_owner:
            return self._range_owner[ip]
        version, number = parse(ip)
        owner = next((name for v, shift, head, name in self._ranges if v == version and number >> shift == head), None)
        self._range_owner[ip] = owner
        return owner

    def is_pod_address(self, ip: str) -> bool:
        """Tell whether an address lies in the ranges of the cluster's pods."""
        return ip in self._pods or self.node_for(ip) is not None

    def address(self, node: str, wanted: str) -> str | None:
        """Return the first address of a node in a family, or None."""
        place = self._places.get(node)
        return place.address(wanted) if place is not None else None

    def names(self) -> list[str]:
        """Return the names of all nodes in their order."""
        return sorted(self._places)


def _rows(place: Place) -> list[tuple[int, int, int, str]]:
    rows: list[tuple[int, int, int, str]] = []
    for text in place.ranges:
        network = ip_network(text, strict=False)
        shift = network.max_prefixlen - network.prefixlen
        rows.append((network.version, shift, int(network.network_address) >> shift, place.name))
    return rows
