"""Traffic on the clock: who calls whom how often, and what became of every request.

Each request is a real connection through the network; its result is counted in the second in which it was sent. Flows,
connections and counts are part of the world. A flow without `keep_alive` opens a connection for each request; with it,
every calling pod keeps its own (see `engine.links`). Targets and `balance` may hold variables (see `engine.variables`);
where a target is a list (see `engine.lists`), its entries are called in turn.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from math import ceil, floor, inf
from typing import Any, NamedTuple

from immutables import Map

from k8stui.api.core import Pod
from k8stui.engine import lists
from k8stui.engine.behaviour import BALANCES
from k8stui.engine.controllers.manager import Manager
from k8stui.engine.dns import capacity
from k8stui.engine.ends import BadEnd, find_pods
from k8stui.engine.faults import node_down
from k8stui.engine.links import Wire, attempt, attempt_each, send_balanced, send_kept
from k8stui.engine.store import Store
from k8stui.engine.trace import Cause, Outcome, Trace
from k8stui.engine.variables import expanded
from k8stui.engine.world import World

ACTION = "traffic"
ERROR = "error"
_FLOWS, _COUNTS, _SAMPLES = "traffic/flows", "traffic/counts", "traffic/samples"
_SAMPLES_MAX = 40


@dataclass(frozen=True, slots=True)
class Flow:
    """Requests of one caller to one target: `per_second` of them between two moments of the clock.

    Each packet that is carried stands for `crowd` requests of the same moment, which all fare alike and all ask DNS:
    `per_second` counts requests. `sent` counts the packets; `born` tells a flow from an earlier one with the same id.
    With `keep_alive`, `balance` is ``pick_first`` (one connection) or ``round_robin`` (one to each address of the name,
    in turn). Without it, `fallback` makes the client try the addresses of the name until one takes the connection.
    """

    id: str
    source: str
    target: str
    per_second: float = 1.0
    keep_alive: bool = False
    balance: str = "pick_first"
    start: float = 0.0
    end: float = inf
    sent: int = 0
    born: int = 0
    crowd: int = 1
    fallback: bool = False


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
        """Whether the request was answered, and well."""
        return self.outcome == Outcome.DELIVERED


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
    known = counts(world, flow)
    last = floor(world.now) + 1 if end > world.now else ceil(end)
    for second in range(ceil(start), last):
        total.update(dict(known.get(second, Map())))
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
    if not flow.per_second > 0 or flow.crowd < 1:
        raise ValueError(f"flow {flow.id}: perSecond must be above 0, and crowd at least 1")
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
    """Return the flow of a mapping, ``{id, from, to, perSecond, …}`` as a level writes it; times count from `now`.

    Raises ValueError where a field is missing or unknown.
    """
    known = ("id", "from", "to", "perSecond", "keepAlive", "balance", "start", "end", "crowd", "fallback")
    strange = [name for name in value if name not in known]
    missing = [name for name in known[:3] if not isinstance(value.get(name), str)]
    if strange or missing:
        wrong = f"unknown field {strange[0]!r}" if strange else f"{missing[0]!r} must be a text"
        raise ValueError(f"flow {value.get('id', '')}: {wrong}; a flow has {', '.join(known)}")
    balance = str(value.get("balance", BALANCES[0]))
    if balance not in BALANCES and "${" not in balance:
        raise ValueError(f"flow {value['id']}: balance must be one of {', '.join(BALANCES)}, or a variable")
    end = value.get("end")
    return Flow(
        value["id"],
        value["from"],
        value["to"],
        float(value.get("perSecond", 1.0)),
        bool(value.get("keepAlive", False)),
        balance,
        now + float(value.get("start", 0.0)),
        inf if end is None else now + float(end),
        crowd=int(value.get("crowd", 1)),
        fallback=bool(value.get("fallback", False)),
    )


def install(manager: Manager, network: Wire) -> None:
    """Let flows run on a manager's clock; every request goes through `network`."""
    store = manager.store

    def due(flow_id: object, born: object) -> None:
        flow = flows(store.world).get(str(flow_id))
        if flow is not None and flow.born == born and store.world.now < flow.end:
            flow = replace(flow, sent=flow.sent + 1)
            _set(store, _FLOWS, flow.id, flow)
            _send(store, flow, network)
            _plan(store, flow)

    manager.on(ACTION, due)


def _plan(store: Store, flow: Flow) -> None:
    due = flow.start + (flow.sent + 0.5) * flow.crowd / flow.per_second
    if due < flow.end:
        store.world = store.world.with_timer(due, ACTION, flow.id, flow.born)


def _set(store: Store, room: str, name: Any, value: object) -> None:
    present: Map[Any, object] = store.world.state.get(room, Map())
    store.world = store.world.with_state(room, present.set(name, value))


# Sending


def _send(store: Store, flow: Flow, network: Wire) -> None:
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
    if listed := lists.entries(store, target):
        target = listed[flow.sent % len(listed)]
    if not flow.keep_alive and flow.fallback:
        trace = attempt_each(source, target, network)
    elif not flow.keep_alive:
        trace = attempt(source, target, network.connect)
    elif caller is not None and expanded(store, flow.balance, caller) == "round_robin":
        trace = send_balanced(store, flow.id, source, target, caller, network, flow.sent)
    else:
        trace = send_kept(store, flow.id, source, target, caller, network).trace
    if flow.crowd > 1:
        queries = sum(len(hop.details.get("queries", ())) for hop in trace.hops if hop.kind == "DNS")
        store.world = capacity.burdened(store.world, queries * (flow.crowd - 1))
    _count(store, flow, trace)


def _dead(store: Store, pod: Pod) -> bool:
    return node_down(store.world, pod.spec.node_name or "")


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
    results = results.set(result, results.get(result, 0) + flow.crowd)
    _set(store, _COUNTS, flow.id, everything.set(second, results))
    samples: Map[tuple[str, Result], Trace] = store.world.state.get(_SAMPLES, Map())
    if not result.good and (flow.id, result) not in samples and len(samples) < _SAMPLES_MAX:
        store.world = store.world.with_state(_SAMPLES, samples.set((flow.id, result), trace))
