"""Connections that stay open: what a client holds, and what becomes of the next packet on it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from immutables import Map

from k8stui.api.core import Pod
from k8stui.engine.container import holder
from k8stui.engine.ends import BadEnd, Source, find_source
from k8stui.engine.faults import host_down, node_down
from k8stui.engine.journey import Journey
from k8stui.engine.proxy import conntrack
from k8stui.engine.proxy.conntrack import Flow, Translation
from k8stui.engine.trace import Address, Cause, Hop, Outcome, Trace

if TYPE_CHECKING:
    from k8stui.engine.network import Network

ROOM = "connections"


@dataclass(frozen=True, slots=True)
class Connection:
    """A connection as its client holds it.

    `source` and `target` are as they were written, `client` is ``namespace/name`` of the pod (with `uid`), a node or
    an address. `origin` and `called` are the addresses that the client uses; `node` remembers the translation.
    `server` is who answered, `holder` the process in a pod that holds the other end (see `container.holder`).
    """

    id: str
    source: str
    target: str
    protocol: str
    client: str
    uid: str
    origin: Address
    called: Address
    node: str
    server: str = ""
    holder: str = ""
    opened: float = 0.0
    sent: int = 1

    @property
    def flow(self) -> Flow:
        """Its addresses as connection tracking knows them."""
        return Flow(self.protocol, self.origin.ip, self.origin.port, self.called.ip, self.called.port)


def held(network: Network) -> Map[str, Connection]:
    """Return all connections that are open."""
    known: Map[str, Connection] = network.store.world.state.get(ROOM, Map())
    return known


def opened(network: Network, source: str, target: str, journey: Journey, outcome: Outcome) -> str:
    """Keep a connection whose first packet has travelled; return its name, empty where none came about.

    A UDP socket is kept in any case: its next datagram may find its way.
    """
    store = network.store
    udp = journey.protocol == "UDP"
    if outcome is not Outcome.DELIVERED and not udp:
        return ""
    count = store.world.counts.get(ROOM, 0)
    store.draw(ROOM)
    caller = journey.source
    connection = Connection(
        id=f"connection-{count}",
        source=source,
        target=target,
        protocol=journey.protocol,
        client=caller.name,
        uid=(caller.pod.metadata.uid or "") if caller.pod is not None else "",
        origin=journey.origin,
        called=journey.called,
        node="",
        opened=store.world.now,
    )
    _keep(network, _tracked(network, connection, journey, outcome))
    return connection.id


def _tracked(network: Network, connection: Connection, journey: Journey, outcome: Outcome) -> Connection:
    """Let the node on the way remember a connection, and note who holds its other end."""
    store = network.store
    delivered = outcome is Outcome.DELIVERED
    pod = journey.answering_pod
    far = (pod.spec.node_name or "") if pod is not None else ""
    node = journey.translator or journey.source.node or far
    service = journey.decision.service.service if journey.decision and journey.decision.service else None
    if delivered or (outcome is Outcome.DROPPED and journey.hops and journey.hops[-1].kind == "Network"):
        seen, target = journey.seen, journey.target
        entry = Translation(seen.ip, seen.port, target.ip, target.port, service, delivered)
        conntrack.remember(store, node, connection.flow, entry)
    process = holder(pod, store, journey.target.port, journey.protocol) if delivered and pod is not None else None
    return replace(connection, node=node, server=journey.answered_by or "", holder=process or "")


def send(network: Network, name: str) -> Trace:
    """Send the next packet of a connection and return its trace; raises BadEnd where there is no such connection.

    A TCP connection that breaks off is closed. Policies judge a connection when it begins, not again.
    """
    connection = _get(network, name)
    network.fabric.look()
    store = network.store
    caller = _client(network, connection)
    if caller is None:
        close(network, name)
        return _broken(network, connection, Outcome.RESET, f"{connection.client} is gone", None)
    if connection.node and node_down(store.world, connection.node):
        return _broken(network, connection, Outcome.DROPPED, f"{connection.node} is down", _down(connection.node))
    entry = conntrack.find(store.world, connection.node, connection.flow)
    if entry is None:
        return _afresh(network, connection, caller)
    conntrack.remember(store, connection.node, connection.flow, entry)
    return _deliver(network, connection, entry)


def _afresh(network: Network, connection: Connection, caller: Source) -> Trace:
    """No node knows this connection any more: UDP starts anew, TCP is reset."""
    if connection.protocol != "UDP":
        close(network, connection.id)
        summary = f"{connection.node} has forgotten the connection"
        return _broken(network, connection, Outcome.RESET, summary, None)
    store = network.store
    number = store.draw(f"flow/{connection.source}/{connection.target}/")
    journey = network.journey(
        caller, connection.origin.ip, connection.called, "UDP", number, source_port=connection.origin.port
    )
    outcome = journey.run()
    _keep(network, replace(_tracked(network, connection, journey, outcome), sent=connection.sent + 1))
    return network.trace(connection.source, connection.target, journey, outcome)


def _deliver(network: Network, connection: Connection, entry: Translation) -> Trace:
    """A node knows the way: the packet goes to the same backend as before, if its process still runs."""
    store = network.store
    hops: list[Hop] = []
    origin, called = connection.origin, connection.called
    seen, target = Address(entry.source, entry.source_port), Address(entry.target, entry.target_port)
    if (seen, target) != (origin, called):
        summary = f"established: translated to {target} as before"
        hops.append(Hop("Proxy", True, summary, connection.node, origin, called, seen, target))
    pod = next((p for p in store.pods_at(target.ip) if f"{p.namespace}/{p.name}" == connection.server), None)
    if pod is not None and node_down(store.world, pod.spec.node_name or ""):
        node = pod.spec.node_name or ""
        return _broken(network, connection, Outcome.DROPPED, f"{node} is down", _down(node), hops)
    process = holder(pod, store, target.port, connection.protocol) if pod is not None else None
    if (process or "") == connection.holder and (pod is not None or not connection.holder) and entry.replied:
        if pod is None and host_down(store.world, target.ip):
            return _broken(network, connection, Outcome.DROPPED, f"{target.ip} is down", None, hops)
        _keep(network, replace(connection, sent=connection.sent + 1))
        kind = "Pod" if pod is not None else "Network"
        who = pod.name if pod is not None else connection.server
        hops.append(Hop(kind, True, f"{who} answers", "", seen, target, seen, target))
        return _trace(network, connection, Outcome.DELIVERED, hops, entry)
    return _other_end_gone(network, connection, entry, hops)


def _other_end_gone(network: Network, connection: Connection, entry: Translation, hops: list[Hop]) -> Trace:
    """The process at the other end has ended: TCP is reset; a datagram is refused, or lost with the address."""
    server = connection.server
    namespace, _, name = server.rpartition("/")
    cause = Cause("Pod", namespace, name, "", f"{name} ended while the connection was open") if namespace else None
    if connection.protocol != "UDP":
        close(network, connection.id)
        return _broken(network, connection, Outcome.RESET, f"{name or server} has ended", cause, hops)
    listens = bool(network.store.pods_at(entry.target))
    outcome = Outcome.REJECTED if listens else Outcome.DROPPED
    summary = f"nothing listens on {entry.target_port}" if listens else f"no host has {entry.target}"
    return _broken(network, connection, outcome, summary, cause, hops)


def close(network: Network, name: str) -> None:
    """Close a connection; nothing happens where it is closed already."""
    known = held(network)
    connection = known.get(name)
    if connection is not None:
        network.store.world = network.store.world.with_state(ROOM, known.delete(name))
        conntrack.forget(network.store, connection.node, connection.flow)


def _get(network: Network, name: str) -> Connection:
    connection = held(network).get(name)
    if connection is None:
        raise BadEnd(f"there is no open connection {name!r}")
    return connection


def _keep(network: Network, connection: Connection) -> None:
    known = held(network)
    network.store.world = network.store.world.with_state(ROOM, known.set(connection.id, connection))


def _client(network: Network, connection: Connection) -> Source | None:
    """Return the client as it is now, or None where its pod is gone or another one."""
    if not connection.uid:
        kind = connection.source.partition(":")[0]
        text = f"{kind}:{connection.client}" if kind in ("node", "external") else connection.client
        try:
            return find_source(network.store, text)
        except BadEnd:
            return None
    namespace, _, name = connection.client.partition("/")
    pod = network.store.get(Pod, namespace, name)
    if pod is None or pod.finished or (pod.metadata.uid or "") != connection.uid:
        return None
    return find_source(network.store, connection.client)


def _down(node: str) -> Cause:
    return Cause("Node", "", node, "status.conditions", f"{node} is down")


def _broken(
    network: Network,
    connection: Connection,
    outcome: Outcome,
    summary: str,
    cause: Cause | None,
    hops: list[Hop] | None = None,
) -> Trace:
    hops = hops if hops is not None else []
    origin, called = connection.origin, connection.called
    hops.append(Hop("Network", False, summary, "", origin, called, origin, called, cause))
    return _trace(network, connection, outcome, hops, None, cause)


def _trace(
    network: Network,
    connection: Connection,
    outcome: Outcome,
    hops: list[Hop],
    entry: Translation | None,
    cause: Cause | None = None,
) -> Trace:
    delivered = outcome is Outcome.DELIVERED
    backend = str(Address(entry.target, entry.target_port)) if entry is not None and entry.service else None
    return Trace(
        connection.source,
        connection.target,
        connection.protocol,
        outcome,
        tuple(hops),
        (),
        backend,
        connection.server if delivered else None,
        entry.source if delivered and entry is not None else None,
        cause,
        network.store.world.now,
        connection.client,
    )
