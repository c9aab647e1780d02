"""Connections: from the words of a caller to a trace of everything that happened on the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from k8stui.engine import connections, needs, tls, views
from k8stui.engine.container import respond
from k8stui.engine.dns.lookup import Question
from k8stui.engine.dns.resolvconf import HOST
from k8stui.engine.ends import BadEnd, Source, Target, find_pods, find_source, node_source, parse_target, pod_source
from k8stui.engine.fabric import Fabric
from k8stui.engine.hosts import KUBE_PROXY
from k8stui.engine.ip import V6, family, is_ip
from k8stui.engine.journey import Journey
from k8stui.engine.names import Lookup, Names, Way
from k8stui.engine.policy.reachability import Reachability
from k8stui.engine.store import Store
from k8stui.engine.trace import Address, Cause, Hop, Outcome, Trace

if TYPE_CHECKING:
    from k8stui.engine.controllers.manager import Manager

__all__ = ["BadEnd", "Network", "Opened"]

_FIRST_EPHEMERAL, _EPHEMERALS = 32768, 28232
_DNS_LABEL = ("k8s-app", "kube-dns")


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a caller may ask of a connection beyond its two ends; see `Network.connect`."""

    via: str | None = None
    backend: str | None = None
    sockets: bool = True


_NO_WISHES = Wishes()


class Opened(NamedTuple):
    """The trace of a connection's first packet, and the connection's name (empty where none came about)."""

    trace: Trace
    connection: str


class Network:
    """The data plane as its users see it: connections in, traces out.

    What it remembers (translations, affinity, nodes' views, chance) is in the store's world.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self.fabric = Fabric(store)
        self.names = Names(self.fabric, self._carry, self._probe)

    def install(self, manager: Manager) -> None:
        """Let the clock deliver news to nodes (``Settings.propagation_delay``), and probes ask what pods need."""
        manager.on(views.ACTION, self.fabric.news)
        needs.install(manager, self)

    def connect(
        self,
        source: str,
        target: str,
        *,
        protocol: str | None = None,
        path: str | None = None,
        via: str | None = None,
        backend: str | None = None,
        sockets: bool = True,
    ) -> Trace:
        """Send a connection attempt and return its trace; raises BadEnd (a ValueError) where an end makes no sense.

        `source` is ``NS/NAME`` (a pod, or any pod of a workload), ``pod:NS/NAME``, ``node:NAME`` or ``external:IP``;
        `target` a URL, ``HOST:PORT`` or ``HOST:PORT/udp``. `protocol` and `path` stand over what the target says.
        `via` names the node at which a packet from outside arrives; `backend` (``IP:PORT``) is taken where the proxy
        may choose it; with `sockets` false every port of a pod counts as open.
        """
        called = parse_target(target, protocol)
        wishes = Wishes(via, backend, sockets) if via or backend or not sockets else _NO_WISHES
        hops: list[Hop] = []
        begun = self._begin(source, target, called, wishes, hops)
        if isinstance(begun, Trace):
            return begun
        outcome = _carried(begun, called)
        return self.trace(source, target, begun, outcome, path if path is not None else called.path)

    def _begin(self, source: str, target: str, called: Target, wishes: Wishes, hops: list[Hop]) -> Journey | Trace:
        """Find both ends; return the packet that is about to leave, or the trace where there is none."""
        if wishes.via is not None:
            node_source(self.store, wishes.via)
        caller = self.caller(source)
        number = self.store.draw(f"flow/{source}/{target}/{called.protocol}")
        ip, found = (called.host, None) if is_ip(called.host) else self.names.address(caller, called.host, hops)
        if ip is None:
            cause = found.cause if found is not None else None
            return self._failed(source, target, called, caller, Outcome.UNRESOLVED, hops, cause)
        own = _own_address(caller, ip)
        if own is None:
            hops.append(_no_address(caller, ip))
            return self._failed(source, target, called, caller, Outcome.UNREACHABLE, hops, hops[-1].cause)
        journey = self.journey(caller, own, Address(ip, called.port), called.protocol, number, wishes, hops)
        journey.name = found.name if found is not None else ""
        return journey

    def open(self, source: str, target: str, *, protocol: str | None = None, via: str | None = None) -> Opened:
        """Open a connection and keep it; `connection` of the result is its name for `send` and `close`.

        The name is empty where no connection came about. Ends and errors are those of `connect`.
        """
        called = parse_target(target, protocol)
        begun = self._begin(source, target, called, Wishes(via), [])
        if isinstance(begun, Trace):
            return Opened(begun, "")
        outcome = _carried(begun, called)
        trace = self.trace(source, target, begun, outcome, called.path)
        return Opened(trace, connections.opened(self, source, target, begun, outcome))

    def send(self, connection: str) -> Trace:
        """Send the next packet on an open connection; see `connections.send`. Raises BadEnd."""
        return connections.send(self, connection)

    def close(self, connection: str) -> None:
        """Close a connection; nothing happens where it is closed already."""
        connections.close(self, connection)

    def journey(
        self,
        caller: Source,
        own: str,
        target: Address,
        protocol: str,
        number: float,
        wishes: Wishes = _NO_WISHES,
        hops: list[Hop] | None = None,
        source_port: int | None = None,
    ) -> Journey:
        """Return a packet that is about to leave: from the caller's address `own`, with its luck in [0, 1)."""
        port = source_port or _FIRST_EPHEMERAL + int(number * 999983 % 1 * _EPHEMERALS)
        return Journey(
            self.fabric,
            caller,
            protocol,
            Address(own, port),
            target,
            number,
            wishes.via,
            wishes.sockets,
            wishes.backend,
            [] if hops is None else hops,
        )

    def resolve(self, source: str, name: str, type: str = "A") -> Lookup:  # noqa: A002
        """Look a name up as a program does (A, AAAA, or A+AAAA for both), or as a DNS tool does (the others)."""
        return self.names.lookup(self.caller(source), name, tuple(type.upper().split("+")))

    def reachability(self, port: int | None = None, protocol: str | None = None) -> Reachability:
        """Return who may reach whom as far as policies go, for one port or (None) for all of them."""
        self.fabric.look()
        return Reachability(self.fabric.policy, port, protocol)

    def caller(self, source: str) -> Source:
        """Return who is meant by a source; one of several pods is drawn. Raises BadEnd."""
        self.fabric.look()
        kind, colon, rest = source.partition(":")
        if colon and kind in ("node", "external"):
            return find_source(self.store, source)
        pods = find_pods(self.store, rest if colon and kind == "pod" else source)
        if len(pods) == 1:
            return pod_source(self.store, pods[0])
        return pod_source(self.store, pods[int(self.store.draw(f"client/{source}") * len(pods))])

    def _carry(self, caller: Source, question: Question, number: float, backend: str | None = None) -> Way:
        """Take a DNS query to its server; `Way.server` tells which kind of server got it."""
        own = _own_address(caller, question.server)
        if own is None:
            hop = _no_address(caller, question.server)
            return Way(Outcome.UNREACHABLE, (hop,), hop.cause, "")
        protocol = "TCP" if question.tcp else "UDP"
        target = Address(question.server, 53)
        journey = self.journey(caller, own, target, protocol, number, Wishes(backend=backend))
        outcome = journey.run()
        server = _dns_server(journey) if outcome is Outcome.DELIVERED else ""
        depends = journey.decision is not None and journey.decision.affinity > 0
        return Way(outcome, tuple(journey.hops), journey.cause, server, journey.backends, depends)

    def _probe(self, caller: Source, server: str, tcp: bool) -> str:
        """Tell which kind of DNS server an address is to a caller, whatever backend a query gets; empty: it depends."""
        question = Question(server, "", "A", tcp)
        first = self._carry(caller, question, 0.0)
        others = [self._carry(caller, question, 0.0, backend) for backend in first.backends[1:]]
        kinds = {way.server for way in (first, *others)}
        return kinds.pop() if len(kinds) == 1 and not first.depends else ""

    def trace(self, source: str, target: str, journey: Journey, outcome: Outcome, path: str = "") -> Trace:
        """Return the trace of a packet that has reached its end; `path` is what was asked for by HTTP."""
        delivered = outcome is Outcome.DELIVERED
        return Trace(
            source,
            target,
            journey.protocol,
            outcome,
            tuple(journey.hops),
            journey.backends,
            journey.backend.text if journey.backend is not None else None,
            journey.answered_by,
            journey.seen.ip if delivered else None,
            None if delivered else journey.cause,
            self.store.world.now,
            journey.source.name,
            self._status(journey, path) if delivered and path else None,
            journey.errno,
        )

    def _status(self, journey: Journey, path: str) -> int | None:
        """Return the HTTP status of an answer, None where nobody speaks HTTP."""
        port = journey.target.port
        if journey.answering_pod is not None:
            ask, seen = needs.reach(self), journey.seen.ip
            return respond(journey.answering_pod, self.store, path, port=port, reach=ask, client=seen)
        if journey.answered_by != KUBE_PROXY:
            return None
        node = self.fabric.routes.node_at(journey.target.ip) or journey.source.node
        table = self.fabric.table(node)
        service = table.service_of_health_port(port)
        return 200 if service is not None and table.healthy(node, service) else 503

    def _failed(
        self,
        source: str,
        target: str,
        called: Target,
        caller: Source,
        outcome: Outcome,
        hops: list[Hop],
        cause: Cause | None,
    ) -> Trace:
        now = self.store.world.now
        return Trace(source, target, called.protocol, outcome, tuple(hops), cause=cause, time=now, client=caller.name)


def _carried(journey: Journey, called: Target) -> Outcome:
    """Take a connection to its end: the first packet, and where the client speaks TLS the server's certificate."""
    outcome = journey.run()
    if outcome is Outcome.DELIVERED and called.server_name and journey.sockets:
        return tls.shake_hands(journey, called.server_name)
    return outcome


def _dns_server(journey: Journey) -> str:
    """Return which kind of DNS server a packet has come to: the cluster's, the one outside, or (empty) none."""
    pod = journey.answering_pod
    if pod is not None:
        return "cluster" if pod.labels.get(_DNS_LABEL[0]) == _DNS_LABEL[1] else ""
    return "outside" if journey.target.ip in HOST.nameservers else ""


def _own_address(caller: Source, ip: str) -> str | None:
    """Return the address from which a caller sends to another one, or None where it has none of that family."""
    if ip.startswith("127."):
        return "127.0.0.1"
    return "::1" if ip == "::1" else caller.ip(family(ip))


def _no_address(caller: Source, ip: str) -> Hop:
    other = "IPv6" if family(ip) == V6 else "IPv4"
    missing = f"{caller.name} has no {other} address" if caller.ips else f"{caller.name} has no address"
    cause = None
    if caller.pod is not None:
        cause = Cause("Pod", caller.pod.namespace, caller.pod.name, "status.podIP", missing)
    return Hop("Network", False, missing, caller.node, cause=cause)
