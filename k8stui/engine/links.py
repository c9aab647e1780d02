"""Connections that a flow's callers keep, and what a request on one of them meets.

A kept connection stays on its backend whatever becomes of Services, labels and readiness. When the process at its
other end is gone it is opened anew; the request fails (`reset`) unless that process had closed in good order: told to
end, it answers to the last (shutdown ``serve`` or ``drain``), or it ends each connection after a time
(``maxConnectionAge``). A client that balances (``round_robin``, as gRPC's) keeps a connection to every address of the
name; it asks for the name again only when a connection has ended, and at most every 30 seconds (grpc-go:
internal/resolver/dns/dns_resolver.go).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import inf
from typing import NamedTuple, Protocol

from immutables import Map

from k8stui.api.core import Pod
from k8stui.engine.container import behaviour_of, holder, respond
from k8stui.engine.ends import BadEnd, Target, parse_target
from k8stui.engine.store import Store, key_of
from k8stui.engine.trace import Cause, Hop, Outcome, Trace
from k8stui.engine.world import Key

_LINKS, _NAMES = "traffic/links", "traffic/names"
_ASK_AGAIN = 30.0

Slot = tuple[str, str, str]
"""Flow, caller, target."""


class Opened(Protocol):
    """A connection that was opened: its first packet, and its name (empty where none came about)."""

    @property
    def trace(self) -> Trace: ...

    @property
    def connection(self) -> str: ...


class Found(Protocol):
    """What a name leads to."""

    @property
    def addresses(self) -> tuple[str, ...]: ...


class Wire(Protocol):
    """What carries requests; `engine.network.Network` is one."""

    def connect(self, source: str, target: str) -> Trace: ...

    def open(self, source: str, target: str) -> Opened: ...

    def send(self, connection: str) -> Trace: ...

    def close(self, connection: str) -> None: ...

    def resolve(self, source: str, name: str, type: str = "A") -> Found: ...  # noqa: A002


@dataclass(frozen=True, slots=True)
class Link:
    """A kept connection: its name, its first trace, and the pod at its other end as it was then.

    `orderly` tells whether that process closes its connections in good order, `most_seconds` how long it keeps one.
    """

    connection: str
    client_uid: str
    trace: Trace
    opened: float
    server: Key | None = None
    server_uid: str = ""
    port: int = 0
    holder: str = ""
    orderly: bool = False
    most_seconds: float = inf


class Sent(NamedTuple):
    """A request's trace; `fresh` tells whether it was the first on its connection."""

    trace: Trace
    fresh: bool


class _Known(NamedTuple):
    """What a balancing client knows of a name, and since when; `stale` once a connection has ended."""

    addresses: tuple[str, ...]
    asked: float
    stale: bool


def attempt(source: str, target: str, connect: Callable[[str, str], Trace]) -> Trace:
    """Send one connection; a target that cannot be read is a name that nobody knows: its caller is to blame."""
    try:
        return connect(source, target)
    except BadEnd as error:
        namespace, _, name = source.removeprefix("pod:").partition("/")
        in_pod = bool(name) and not source.startswith(("external:", "node:"))
        cause = Cause("Pod", namespace, name, "spec.containers", str(error)) if in_pod else None
        hop = Hop("DNS", ok=False, summary=str(error), cause=cause)
        return Trace(source, target, "TCP", Outcome.UNRESOLVED, (hop,), cause=cause)


def attempt_each(source: str, target: str, network: Wire) -> Trace:
    """Send one connection to the addresses of a name in turn until one takes it, as most clients do."""
    try:
        called = parse_target(target)
    except BadEnd:
        return attempt(source, target, network.connect)
    trace: Trace | None = None
    for ip in network.resolve(source, called.host).addresses:
        trace = attempt(source, spelt(called, ip), network.connect)
        if trace.delivered:
            break
    return replace(trace, target=target) if trace is not None else attempt(source, target, network.connect)


def send_kept(store: Store, flow: str, source: str, target: str, caller: Pod | None, network: Wire) -> Sent:
    """Send a request on the caller's connection to a target; open one where there is none that can be used."""
    slot = (flow, source, target)
    uid = (caller.metadata.uid or "") if caller is not None else ""
    link = _links(store).get(slot)
    if link is not None and (link.client_uid != uid or _closed_in_order(store, link)):
        _drop(store, network, slot)
        link = None
    if link is not None:
        trace = attempt(source, target, lambda *_: network.send(link.connection))
        if trace.delivered:
            status = _status(store, link)
            return Sent(replace(link.trace, status=status, time=store.world.now), False)
        if trace.outcome is Outcome.RESET or trace.protocol != "UDP":
            _drop(store, network, slot)
        return Sent(trace, False)
    _drop_others(store, network, slot)
    opened: list[str] = []

    def first(source: str, target: str) -> Trace:
        result = network.open(source, target)
        opened.append(result.connection)
        return result.trace

    trace = attempt(source, target, first)
    if opened and opened[0]:
        _keep(store, slot, _link(store, opened[0], uid, trace))
    return Sent(trace, True)


def send_balanced(store: Store, flow: str, source: str, target: str, caller: Pod, network: Wire, turn: int) -> Trace:
    """Send a request on one of the caller's connections to all addresses of a name, each in its turn.

    An address that cannot be reached is passed over; a connection that breaks costs the request.
    """
    try:
        called = parse_target(target)
    except BadEnd:
        return attempt(source, target, network.connect)
    slot = (flow, source, target)
    known = _addresses(store, slot, source, called, network)
    trace: Trace | None = None
    for number in range(len(known.addresses)):
        ip = known.addresses[(turn + number) % len(known.addresses)]
        held = _links(store).get((flow, source, spelt(called, ip)))
        if held is not None and _closed_in_order(store, held):
            _set_name(store, slot, _names(store).get(slot, known)._replace(stale=True))
        sent = send_kept(store, flow, source, spelt(called, ip), caller, network)
        trace = sent.trace
        if trace.delivered:
            return trace
        _set_name(store, slot, _names(store).get(slot, known)._replace(stale=True))
        if not sent.fresh:
            return trace
    return trace if trace is not None else attempt(source, target, network.connect)


def _addresses(store: Store, slot: Slot, source: str, called: Target, network: Wire) -> _Known:
    known = _names(store).get(slot)
    now = store.world.now
    if known is None or not known.addresses or (known.stale and now - known.asked >= _ASK_AGAIN):
        found = network.resolve(source, called.host)
        known = _Known(tuple(found.addresses), now, False)
        _set_name(store, slot, known)
    return known


def spelt(called: Target, ip: str) -> str:
    """Write a target with an address in place of its name; the name stays what the client expects to meet."""
    host = f"[{ip}]" if ":" in ip else ip
    expected = f"#{called.server_name}" if called.server_name else ""
    if called.scheme:
        return f"{called.scheme}://{host}:{called.port}{called.path}{expected}"
    return f"{host}:{called.port}/{called.protocol.lower()}{expected}"


def _link(store: Store, connection: str, uid: str, trace: Trace) -> Link:
    link = Link(connection, uid, trace, store.world.now)
    namespace, _, name = (trace.answered_by or "").partition("/")
    server = store.get(Pod, namespace, name)
    address = trace.backend or next((str(h.new_target) for h in reversed(trace.hops) if h.new_target is not None), "")
    port = address.rpartition(":")[2]
    if server is None or not port.isdigit():
        return link
    containers = [b for _, b in behaviour_of(server).containers if any(s.port == int(port) for s in b.listens or ())]
    orderly = all(container.shutdown.mode in ("serve", "drain") for container in containers)
    ages = [c.max_connection_age for c in containers if c.max_connection_age is not None]
    return replace(
        link,
        server=key_of(server),
        server_uid=server.metadata.uid or "",
        port=int(port),
        holder=holder(server, store, int(port), trace.protocol) or "",
        orderly=orderly,
        most_seconds=min(ages, default=inf),
    )


def _closed_in_order(store: Store, link: Link) -> bool:
    """Tell whether the server has closed the connection since, so that the client knows before it sends."""
    if link.server is None:
        return False
    if store.world.now - link.opened >= link.most_seconds:
        return True
    server = store.at(link.server)
    if not isinstance(server, Pod) or server.metadata.uid != link.server_uid:
        return link.orderly
    return link.orderly and server.terminating and holder(server, store, link.port, link.trace.protocol) != link.holder


def _status(store: Store, link: Link) -> int | None:
    server = store.at(link.server) if link.server is not None else None
    path = parse_target(link.trace.target).path
    if not path or not isinstance(server, Pod):
        return link.trace.status
    return respond(server, store, path, port=link.port, client=link.trace.client_seen or "") or link.trace.status


def _links(store: Store) -> Map[Slot, Link]:
    known: Map[Slot, Link] = store.world.state.get(_LINKS, Map())
    return known


def _names(store: Store) -> Map[Slot, _Known]:
    known: Map[Slot, _Known] = store.world.state.get(_NAMES, Map())
    return known


def _set_name(store: Store, slot: Slot, known: _Known) -> None:
    store.world = store.world.with_state(_NAMES, _names(store).set(slot, known))


def _keep(store: Store, slot: Slot, link: Link) -> None:
    store.world = store.world.with_state(_LINKS, _links(store).set(slot, link))


def _drop(store: Store, network: Wire, slot: Slot) -> None:
    known = _links(store)
    if slot in known:
        network.close(known[slot].connection)
        store.world = store.world.with_state(_LINKS, known.delete(slot))


def _drop_others(store: Store, network: Wire, slot: Slot) -> None:
    """Close what callers of this flow left behind that are gone."""
    gone = [
        other
        for other in _links(store)
        if other[0] == slot[0] and other[1] != slot[1] and other[1].startswith("pod:") and not _exists(store, other[1])
    ]
    for other in sorted(gone):
        _drop(store, network, other)


def _exists(store: Store, source: str) -> bool:
    namespace, _, name = source.removeprefix("pod:").partition("/")
    return store.get(Pod, namespace, name) is not None
