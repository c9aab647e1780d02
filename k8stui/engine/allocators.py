"""Allocation of cluster IPs and node ports: what is taken is read off the stored Services, nothing else is remembered.

kubernetes: pkg/registry/core/service/ipallocator, pkg/registry/core/service/portallocator
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeVar

from k8stui.api.core import Service
from k8stui.api.validation.addresses import parse_ip
from k8stui.engine.ip import V6
from k8stui.engine.ip import family as family_of
from k8stui.engine.store import Store
from k8stui.engine.world import Change, Settings

T = TypeVar("T")

_BAND_MIN, _BAND_MAX = 16, 256
_PORT_BAND_MAX, _PORT_STEP = 128, 32


class AllocationError(Exception):
    """Nothing can be handed out; the message is the allocator's own."""


@dataclass(frozen=True, slots=True)
class Band:
    """A range of numbers from `first` to `last`; automatic choices begin at `dynamic`, below it is the static band."""

    first: int
    dynamic: int
    last: int

    def candidates(self, draw: float) -> Iterator[int]:
        """Yield every number: the upper band from a random place around, then the lower one likewise."""
        for low, high in ((self.dynamic, self.last), (self.first, self.dynamic - 1)):
            size = high - low + 1
            if size > 0:
                start = int(draw * size)
                yield from range(low + start, high + 1)
                yield from range(low, low + start)


@lru_cache(maxsize=64)
def address_band(cidr: str) -> Band:
    """Return the usable addresses of a service CIDR as numbers.

    The network's own address is not usable, nor is an IPv4 broadcast address. The static band is a sixteenth of the
    range, at least 16 and at most 256 addresses; a range of 16 or fewer has none.
    """
    network: IPv4Network | IPv6Network = ip_network(cidr, strict=False)
    first = int(network.network_address) + 1
    last = int(network.broadcast_address) - (1 if network.version == 4 else 0)
    size = network.num_addresses
    offset = 0 if size <= _BAND_MIN else min(max(_BAND_MIN, size // 16), _BAND_MAX)
    return Band(first, first + offset, last)


@lru_cache(maxsize=64)
def port_band(first: int, last: int) -> Band:
    """Return the node port range; its static band is a 32nd of it, at least 16 and at most 128 ports."""
    size = last - first + 1
    offset = 0 if size <= _BAND_MIN else min(max(_BAND_MIN, size // _PORT_STEP), _PORT_BAND_MAX)
    return Band(first, first + offset, last)


class Ledger:
    """Which addresses and ports the stored Services hold; kept in step with the store by its changes."""

    def __init__(self, store: Store) -> None:
        self.addresses: Counter[str] = Counter()
        self.ports: Counter[int] = Counter()
        for service in store.list(Service):
            self._count(service, 1)
        store.listeners.append(self._notice)

    @classmethod
    def of(cls, store: Store) -> Ledger:
        """Return the ledger of a store, made on first use."""
        ledger = store.derived.get(cls)
        if not isinstance(ledger, cls):
            ledger = store.derived[cls] = cls(store)
        return ledger

    def _notice(self, change: Change) -> None:
        if change.key.kind != "Service":
            return
        if isinstance(change.old, Service):
            self._count(change.old, -1)
        if isinstance(change.new, Service):
            self._count(change.new, 1)

    def _count(self, service: Service, by: int) -> None:
        spec = service.spec
        for address in spec.cluster_ips or ((spec.cluster_ip,) if spec.cluster_ip else ()):
            if address != "None":
                _add(self.addresses, str(parse_ip(address) or address), by)
        ports = {port.node_port for port in spec.ports or () if port.node_port}
        if spec.health_check_node_port:
            ports.add(spec.health_check_node_port)
        for number in ports:
            _add(self.ports, number, by)


def _add(counter: Counter[T], item: T, by: int) -> None:
    counter[item] += by
    if counter[item] <= 0:
        del counter[item]


class Allocation:
    """What one request takes, before it is stored; a request that fails leaves nothing behind.

    `stream` names the random stream of automatic choices (the object's), so that one Service's address does not
    depend on how many others asked before it.
    """

    def __init__(self, store: Store, stream: str) -> None:
        self._store = store
        self._ledger = Ledger.of(store)
        self._stream = stream
        self._addresses: set[str] = set()
        self._ports: set[int] = set()
        self.ranges: Mapping[str, str] = service_ranges(store.world.settings)

    def take_address(self, family: str, address: str) -> None:
        """Take an address that was asked for; raises AllocationError where it is taken or out of range."""
        band = address_band(self.ranges[family])
        parsed = ip_address(address)
        if not band.first <= int(parsed) <= band.last or family_of(str(parsed)) != family:
            raise AllocationError("the provided network does not match the current range")
        self._check_named(str(parsed))
        if self._taken(str(parsed)):
            raise AllocationError("provided IP is already allocated")
        self._addresses.add(str(parsed))

    def next_address(self, family: str) -> str:
        """Take a free address of a family, from the dynamic band while it lasts; raises AllocationError."""
        band = address_band(self.ranges[family])
        kind = IPv6Address if family == V6 else IPv4Address
        for number in band.candidates(self._store.draw(f"cluster-ip/{family}/{self._stream}")):
            address = str(kind(number))
            if not self._taken(address):
                self._check_named(address)
                self._addresses.add(address)
                return address
        raise AllocationError("range is full")

    def take_port(self, port: int) -> None:
        """Take a node port that was asked for; raises AllocationError where it is taken or out of range."""
        first, last = self._store.world.settings.node_port_range
        if not first <= port <= last:
            raise AllocationError(
                f"provided port is not in the valid range. The range of valid ports is {first}-{last}"
            )
        if port in self._ports or self._ledger.ports[port]:
            raise AllocationError("provided port is already allocated")
        self._ports.add(port)

    def next_port(self) -> int:
        """Take a free node port, from the dynamic band while it lasts; raises AllocationError."""
        band = port_band(*self._store.world.settings.node_port_range)
        for port in band.candidates(self._store.draw(f"node-port/{self._stream}")):
            if port not in self._ports and not self._ledger.ports[port]:
                self._ports.add(port)
                return port
        raise AllocationError("range is full")

    def _check_named(self, address: str) -> None:
        """An address is an object of its own that names its Service, so one without a name cannot have any."""
        if self._stream.endswith("/"):
            reason = "spec.parentRef.name: Required value"
            raise AllocationError(f'IPAddress.networking.k8s.io "{address}" is invalid: {reason}')

    def _taken(self, address: str) -> bool:
        return address in self._addresses or bool(self._ledger.addresses[address])


@lru_cache(maxsize=64)
def _ranges(cidrs: tuple[str, ...]) -> Mapping[str, str]:
    return {family_of(cidr): cidr for cidr in cidrs}


def service_ranges(settings: Settings) -> Mapping[str, str]:
    """Return the service CIDR of each family that the cluster has, the primary one first."""
    return _ranges(settings.service_cidrs)
