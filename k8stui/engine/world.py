"""The world: everything that a moment is, as one immutable value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from immutables import Map

from k8stui.api.meta import KubeObject
from k8stui.engine.clock import Timer, TimerHeap, draw, merge

Objects = Map[tuple[str, str], KubeObject]


class Key(NamedTuple):
    """What names an object: kind, namespace (empty for the cluster's own objects) and name."""

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.namespace}/{self.name}" if self.namespace else f"{self.kind}/{self.name}"


class Change(NamedTuple):
    """One difference between two worlds: `old` is None where the object is new, `new` where it is gone."""

    key: Key
    old: KubeObject | None
    new: KubeObject | None


@dataclass(frozen=True, slots=True)
class Settings:
    """How the cluster was set up; nothing in here is an object of the API.

    `enforces_policy` tells whether the network plugin enforces NetworkPolicies; `resolver` is the C library of the
    containers (glibc or musl); `load_balancer` says who gives addresses to Services of type LoadBalancer: `none`,
    `cloud` (after `load_balancer_delay` seconds) or `pool`; `propagation_delay` is how many seconds a node takes to
    learn of a Service's or an EndpointSlice's change; `start_seconds` how long a container takes to start unless it
    says otherwise. `hosts` are addresses that answer beside the pods, outside or on nodes (``IP`` -> ports as
    ``443/tcp``), `certificates` the names for which such an address has a certificate (``IP:PORT`` -> names),
    `records` what DNS outside the cluster answers (``name`` -> ``("A 203.0.113.1",
    "CNAME x.example.")``), `dns_capacity` how many queries the cluster's DNS answers in a second (0: any number).
    `address_book` is a domain outside in which ``PORT.DOMAIN`` names all load balancers with this port,
    `address_book_delay` seconds late (empty: nobody keeps such records).

    The proxy's own settings: `detect_local` whether it knows the traffic of the cluster's pods by their address,
    `masquerade_all` whether every packet to a cluster IP gets the node's address, `node_port_addresses` the CIDRs on
    which node ports are open (empty: the mode's own default; ``primary``: the node's first address),
    `localhost_node_ports` whether they are open on 127.0.0.1 as well (iptables alone can do that).
    """

    cluster_domain: str = "cluster.local"
    pod_cidrs: tuple[str, ...] = ("10.244.0.0/16",)
    service_cidrs: tuple[str, ...] = ("10.96.0.0/16",)
    node_port_range: tuple[int, int] = (30000, 32767)
    dns_ip: str = "10.96.0.10"
    proxy_mode: str = "iptables"
    detect_local: bool = True
    masquerade_all: bool = False
    node_port_addresses: tuple[str, ...] = ()
    localhost_node_ports: bool = True
    enforces_policy: bool = True
    resolver: str = "glibc"
    load_balancer: str = "none"
    load_balancer_delay: float = 2.0
    load_balancer_pool: tuple[str, ...] = ("203.0.113.0/24",)
    propagation_delay: float = 0.0
    start_seconds: float = 1.0
    controllers: bool = True
    hosts: Map[str, tuple[str, ...]] = field(default_factory=Map)
    certificates: Map[str, tuple[str, ...]] = field(default_factory=Map)
    records: Map[str, tuple[str, ...]] = field(default_factory=Map)
    dns_capacity: int = 0
    address_book: str = ""
    address_book_delay: float = 2.0


@dataclass(frozen=True, slots=True)
class World:
    """Objects, clock, timers, chance and what each node remembers. Copies share everything that is equal.

    `objects` holds a map (namespace, name) -> object for each kind. `revision` is the newest resourceVersion.
    `counts` is how often each random stream was asked. `state` holds what controllers and data plane must remember
    beyond objects (conntrack, affinity, node views, flows), each room under its own name, immutable values only.
    """

    settings: Settings = field(default_factory=Settings)
    seed: int = 0
    now: float = 0.0
    revision: int = 0
    objects: Map[str, Objects] = field(default_factory=Map)
    timers: TimerHeap | None = None
    sequence: int = 0
    counts: Map[str, int] = field(default_factory=Map)
    state: Map[str, Any] = field(default_factory=Map)

    def get(self, key: Key) -> KubeObject | None:
        """Return an object, or None."""
        of_kind = self.objects.get(key.kind)
        return of_kind.get((key.namespace, key.name)) if of_kind is not None else None

    def of_kind(self, kind: str) -> Iterator[KubeObject]:
        """Yield all objects of a kind, in no order."""
        of_kind = self.objects.get(kind)
        return iter(of_kind.values()) if of_kind is not None else iter(())

    def with_object(self, key: Key, value: KubeObject | None) -> World:
        """Return the world with this object stored, or without it where `value` is None."""
        of_kind: Objects = self.objects.get(key.kind, Map())
        slot = (key.namespace, key.name)
        of_kind = of_kind.delete(slot) if value is None else of_kind.set(slot, value)
        return replace(self, objects=self.objects.set(key.kind, of_kind), revision=self.revision + 1)

    def with_timer(self, due: float, action: str, *payload: object) -> World:
        """Return the world with one more timer; timers of one moment go off in the order in which they were set."""
        timer = Timer(due, self.sequence, action, payload)
        return replace(self, timers=merge(self.timers, TimerHeap(timer)), sequence=self.sequence + 1)

    def without_first_timer(self) -> World:
        """Return the world without the timer that is due first; there must be one."""
        assert self.timers is not None
        return replace(self, timers=merge(self.timers.left, self.timers.right))

    def drawn(self, stream: str) -> tuple[World, float]:
        """Return the world after one more draw from a named stream, and the number in [0, 1)."""
        count = self.counts.get(stream, 0)
        return replace(self, counts=self.counts.set(stream, count + 1)), draw(self.seed, stream, count)

    def with_state(self, room: str, value: object) -> World:
        """Return the world with one room's memory replaced."""
        return replace(self, state=self.state.set(room, value))


def changes(before: World, after: World) -> Iterator[Change]:
    """Yield the objects in which two worlds differ; kinds that both share cost nothing."""
    for kind in {*before.objects, *after.objects}:
        old: Objects = before.objects.get(kind, Map())
        new: Objects = after.objects.get(kind, Map())
        if old is new:
            continue
        for slot, value in new.items():
            previous = old.get(slot)
            if previous is not value:
                yield Change(Key(kind, *slot), previous, value)
        for slot, value in old.items():
            if slot not in new:
                yield Change(Key(kind, *slot), value, None)
