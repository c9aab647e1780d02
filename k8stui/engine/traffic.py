"""Traffic on the clock: who calls whom how often, and what became of every request.

Each request is a real connection (`connect` is given at `install`); its result is counted in the second in which it
was sent. Flows, links and counts are part of the world. A flow without `keep_alive` opens a connection for each
request. With it, every calling pod keeps its connection: it stays on its backend whatever becomes of Services, labels
and readiness; when the process at its other end is gone it is opened anew, and the request fails (`reset`) unless
that process had closed in good order. A connection to a dead machine hangs (`dropped`).

In a target, ``${NAME:-DEFAULT}`` is a variable of the calling pod's first container, ``${configMap:NS/NAME:KEY}`` a
value of a ConfigMap, and ``${env:NS/WORKLOAD:NAME}`` a variable in a workload's template.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from math import floor, inf
from typing import Any, NamedTuple, Protocol

from immutables import Map

from k8stui.api.apps import DaemonSet, Deployment, ReplicaSet, StatefulSet
from k8stui.api.core import ConfigMap, Pod
from k8stui.engine.container import behaviour_of, environment, holder, respond, with_own
from k8stui.engine.controllers.manager import Manager
from k8stui.engine.ends import BadEnd, find_pods, parse_target
from k8stui.engine.faults import node_down
from k8stui.engine.store import Store, key_of
from k8stui.engine.trace import Cause, Outcome, Trace
from k8stui.engine.world import Key, World

ACTION = "traffic"
ERROR = "error"
_FLOWS, _COUNTS, _LINKS, _SAMPLES = "traffic/flows", "traffic/counts", "traffic/links", "traffic/samples"
_SAMPLES_MAX = 40
_VARIABLE = re.compile(r"\$\{([^}:]+)(?::-([^}]*))?\}")
_REFERENCE = re.compile(r"\$\{(configMap|env):([^}:/]+)/([^}:]+):([^}]+)\}")


class Connect(Protocol):
    """Sends one connection; `engine.network.Network.connect` is one."""

    def __call__(self, source: str, target: str) -> Trace: ...


@dataclass(frozen=True, slots=True)
class Flow:
    """Requests of one caller to one target: `per_second` of them between two moments of the clock.

    `sent` counts them; `born` tells a flow from an earlier one with the same id.
    """

    id: str
    source: str
    target: str
    per_second: float = 1.0
    keep_alive: bool = False
    start: float = 0.0
    end: float = inf
    sent: int = 0
    born: int = 0


class Result(NamedTuple):
    """What became of a request. `outcome` is one of trace.Outcome, or ``error`` for an HTTP status from 400 on."""

    outcome: str
    client: str = ""
    backend: str = ""
    answered_by: str = ""
    status: int | None = None
    cause: Cause | None = None

    @property
    def good(self) -> bool:
        return self.outcome == Outcome.DELIVERED


@dataclass(frozen=True, slots=True)
class Link:
    """A kept connection: its two pods, and who held its far end when it began."""

    client_uid: str
    server: Key
    server_uid: str
    node: str
    port: int
    protocol: str
    holder: str
    opened: float
    orderly: bool
    most_seconds: float
    trace: Trace


Counts = Map[Result, int]


# Reading


def flows(world: World) -> Map[str, Flow]:
    """Return the flows by id."""
    found: Map[str, Flow] = world.state.get(_FLOWS, Map())
    return found


def counts(world: World, flow: str) -> Map[int, Counts]:
    """Return how often which result was there, by whole second of the clock."""
    everything: Map[str, Map[int, Counts]] = world.state.get(_COUNTS, Map())
    return everything.get(flow, Map())


def between(world: World, flow: str, start: float, end: float) -> Counter[Result]:
    """Return how often which result was there in the seconds from `start` up to, not including, `end`."""
    total: Counter[Result] = Counter()
    for second, results in counts(world, flow).items():
        if start <= second < end:
            total.update(dict(results))
    return total


def failures(world: World, ids: Iterable[str] = (), start: float = 0.0, end: float = inf) -> Counter[Result]:
    """Return the requests that failed, of some flows or of all."""
    total: Counter[Result] = Counter()
    for flow in ids or flows(world):
        total.update({result: n for result, n in between(world, flow, start, end).items() if not result.good})
    return total


def sample(world: World, flow: str, result: Result) -> Trace | None:
    """Return the trace of the first request of a flow that ended like this, if it was kept."""
    samples: Map[tuple[str, Result], Trace] = world.state.get(_SAMPLES, Map())
    return samples.get((flow, result))


# Writing


def begin(store: Store, flow: Flow) -> None:
    """Let a flow run; one with the same id ends. Raises ValueError where its numbers make no sense."""
    if not flow.per_second > 0:
        raise ValueError(f"flow {flow.id}: perSecond must be above 0")
    known = flows(store.world)
    born = known[flow.id].born + 1 if flow.id in known else 0
    flow = replace(flow, start=max(flow.start, store.world.now), sent=0, born=born)
    _set(store, _FLOWS, flow.id, flow)
    _plan(store, flow)


def finish(store: Store, flow: str) -> None:
    """End a flow; its counts stay."""
    known = flows(store.world)
    if flow in known:
        _set(store, _FLOWS, flow, replace(known[flow], end=store.world.now))


def from_wire(value: Mapping[str, Any], now: float = 0.0) -> Flow:
    """Return the flow of ``{id, from, to, perSecond, keepAlive, start, end}``; times count from `now`.

    Raises ValueError where a field is missing or unknown.
    """
    known = ("id", "from", "to", "perSecond", "keepAlive", "start", "end")
    strange = [name for name in value if name not in known]
    missing = [name for name in known[:3] if not isinstance(value.get(name), str)]
    if strange or missing:
        wrong = f"unknown field {strange[0]!r}" if strange else f"{missing[0]!r} must be a text"
        raise ValueError(f"flow {value.get('id', '')}: {wrong}; a flow has {', '.join(known)}")
    end = value.get("end")
    return Flow(
        value["id"],
        value["from"],
        value["to"],
        float(value.get("perSecond", 1.0)),
        bool(value.get("keepAlive", False)),
        now + float(value.get("start", 0.0)),
        inf if end is None else now + float(end),
    )


def install(manager: Manager, connect: Connect) -> None:
    """Let flows run on a manager's clock; every request goes through `connect`."""
    store = manager.store

    def due(flow_id: object, born: object) -> None:
        flow = flows(store.world).get(str(flow_id))
        if flow is not None and flow.born == born and store.world.now < flow.end:
            flow = replace(flow, sent=flow.sent + 1)
            _set(store, _FLOWS, flow.id, flow)
            _send(store, flow, connect)
            _plan(store, flow)

    manager.on(ACTION, due)


def _plan(store: Store, flow: Flow) -> None:
    due = flow.start + (flow.sent + 0.5) / flow.per_second
    if due < flow.end:
        store.world = store.world.with_timer(due, ACTION, flow.id, flow.born)


def _set(store: Store, room: str, name: Any, value: object) -> None:
    present: Map[Any, object] = store.world.state.get(room, Map())
    store.world = store.world.with_state(room, present.set(name, value))


# Sending


def _send(store: Store, flow: Flow, connect: Connect) -> None:
    caller: Pod | None = None
    source = flow.source
    if not source.startswith(("external:", "node:")):
        try:
            pods = find_pods(store, source.removeprefix("pod:"))
        except BadEnd:
            return
        alive = [pod for pod in pods if pod.status.phase == "Running" and not _dead(store, pod)]
        if not alive:
            return
        caller = alive[flow.sent % len(alive)]
        source = f"pod:{caller.namespace}/{caller.name}"
    target = expanded(store, flow.target, caller)
    if flow.keep_alive and caller is not None:
        _send_kept(store, flow, caller, source, target, connect)
    else:
        _count(store, flow, _open(source, target, connect))


def _dead(store: Store, pod: Pod) -> bool:
    return node_down(store.world, pod.spec.node_name or "")


def _open(source: str, target: str, connect: Connect) -> Trace:
    try:
        return connect(source, target)
    except BadEnd as error:
        cause = Cause("", "", "", "", str(error), missing=True)
        return Trace(source, target, "TCP", Outcome.UNRESOLVED, (), cause=cause)


def _send_kept(store: Store, flow: Flow, caller: Pod, source: str, target: str, connect: Connect) -> None:
    slot = (flow.id, caller.namespace, caller.name)
    links: Map[tuple[str, str, str], Link] = store.world.state.get(_LINKS, Map())
    link = links.get(slot)
    if link is not None and (link.client_uid != caller.metadata.uid or link.trace.target != target):
        link = None
    if link is not None:
        outcome = _state(store, link)
        if outcome is Outcome.DELIVERED:
            _count(store, flow, replace(link.trace, status=_status(store, link), time=store.world.now))
            return
        if outcome is not None:
            _forget_link(store, slot)
            _count(store, flow, _broken(store, link, outcome))
            return
    trace = _open(source, target, connect)
    fresh = _link(store, caller, trace)
    if fresh is not None:
        _set(store, _LINKS, slot, fresh)
    else:
        _forget_link(store, slot)
    _count(store, flow, trace)


def _forget_link(store: Store, slot: tuple[str, str, str]) -> None:
    links: Map[tuple[str, str, str], Link] = store.world.state.get(_LINKS, Map())
    if slot in links:
        store.world = store.world.with_state(_LINKS, links.delete(slot))


def _link(store: Store, caller: Pod, trace: Trace) -> Link | None:
    namespace, _, name = (trace.answered_by or "").partition("/")
    server = store.get(Pod, namespace, name)
    if not trace.delivered or server is None or trace.backend is None:
        return None
    port = int(trace.backend.rpartition(":")[2])
    held = holder(server, store, port, trace.protocol)
    if held is None:
        return None
    container = next(
        (b for _, b in behaviour_of(server).containers if any(s.port == port for s in b.listens or ())), None
    )
    return Link(
        caller.metadata.uid or "",
        key_of(server),
        server.metadata.uid or "",
        server.spec.node_name or "",
        port,
        trace.protocol,
        held,
        store.world.now,
        container is None or container.shutdown.mode in ("serve", "drain"),
        inf if container is None or container.max_connection_age is None else container.max_connection_age,
        trace,
    )


def _state(store: Store, link: Link) -> Outcome | None:
    """Return what a request on a kept connection meets; None: the connection was closed in good order before."""
    if node_down(store.world, link.node):
        return Outcome.DROPPED
    if store.world.now - link.opened >= link.most_seconds:
        return None
    server = store.at(link.server)
    if not isinstance(server, Pod) or server.metadata.uid != link.server_uid:
        return None if link.orderly else Outcome.RESET
    held = holder(server, store, link.port, link.protocol)
    if held == link.holder:
        return Outcome.DELIVERED
    return None if link.orderly and server.terminating else Outcome.RESET


def _status(store: Store, link: Link) -> int | None:
    server = store.at(link.server)
    path = parse_target(link.trace.target).path
    if not path or not isinstance(server, Pod):
        return None
    return respond(server, store, path, port=link.port) or link.trace.status


def _broken(store: Store, link: Link, outcome: Outcome) -> Trace:
    dead = outcome is Outcome.DROPPED
    where = f"node {link.node}" if dead else f"the process in pod {link.server.namespace}/{link.server.name}"
    message = f"{where} {'does not answer' if dead else 'that held the connection is gone'}"
    kind, namespace, name = ("Node", "", link.node) if dead else link.server
    cause = Cause(kind, namespace, name, "", message)
    return replace(link.trace, outcome=outcome, answered_by=None, cause=cause, status=None, time=store.world.now)


def _count(store: Store, flow: Flow, trace: Trace) -> None:
    failed = trace.delivered and trace.status is not None and trace.status >= 400
    result = Result(
        ERROR if failed else str(trace.outcome),
        trace.client or trace.source.removeprefix("pod:"),
        trace.backend or "",
        trace.answered_by or "",
        trace.status,
        trace.cause,
    )
    second = floor(store.world.now)
    everything = counts(store.world, flow.id)
    results: Counts = everything.get(second, Map())
    results = results.set(result, results.get(result, 0) + 1)
    _set(store, _COUNTS, flow.id, everything.set(second, results))
    samples: Map[tuple[str, Result], Trace] = store.world.state.get(_SAMPLES, Map())
    if not result.good and (flow.id, result) not in samples and len(samples) < _SAMPLES_MAX:
        store.world = store.world.with_state(_SAMPLES, samples.set((flow.id, result), trace))


# Targets


def expanded(store: Store, target: str, caller: Pod | None) -> str:
    """Return a target with its variables replaced, as the module says; unknown ones without a default become empty."""
    if "${" not in target:
        return target
    target = _REFERENCE.sub(lambda match: _referred(store, *match.groups()), target)
    known: Mapping[str, str] = {}
    if caller is not None and caller.spec.containers and "${" in target:
        known = environment(caller, store, caller.spec.containers[0].name)
    return _VARIABLE.sub(lambda match: known.get(match[1], match[2] or ""), target)


def _referred(store: Store, kind: str, namespace: str, name: str, field: str) -> str:
    if kind == "configMap":
        found = store.get(ConfigMap, namespace, name)
        return (found.data or {}).get(field, "") if found is not None else ""
    for model in (Deployment, StatefulSet, DaemonSet, ReplicaSet):
        workload = store.at(Key(model.__name__, namespace, name))
        if isinstance(workload, Deployment | StatefulSet | DaemonSet | ReplicaSet):
            containers = workload.spec.template.spec.containers or ()
            return with_own(containers[0], {}).get(field, "") if containers else ""
    pod = store.get(Pod, namespace, name)
    return with_own(pod.spec.containers[0], {}).get(field, "") if pod is not None and pod.spec.containers else ""
