"""The drawer's pages from a moment of the cluster: traces, endpoints, look-ups, who reaches whom, events."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from k8stui.api.core import Event, Pod, Service
from k8stui.api.discovery import Endpoint, EndpointSlice
from k8stui.engine.clock import seconds
from k8stui.engine.container import listening
from k8stui.engine.dns import capacity
from k8stui.engine.ends import BadEnd
from k8stui.engine.store import Store
from k8stui.engine.trace import Hop, Outcome, Trace
from k8stui.engine.traffic import flows
from k8stui.game.ends import balancer_addresses, pods_of
from k8stui.game.packets import good
from k8stui.tui.plainwords import PlainWords
from k8stui.tui.scene.build import namespaces_of, state_of
from k8stui.tui.scene.probes import Probed, dialled, parts, short_name, workload_of
from k8stui.tui.sources import Sources
from k8stui.tui.view import (
    BlastSheet,
    DnsLine,
    DnsSheet,
    EndpointLine,
    EndpointSheet,
    EventLine,
    HopLine,
    ReachSheet,
    TraceSheet,
)

if TYPE_CHECKING:
    from k8stui.engine.cluster import Cluster
    from k8stui.engine.policy.reachability import PortRange
    from k8stui.engine.world import World
    from k8stui.game.blast import WayChange
    from k8stui.game.verdict import Verdict

ENDINGS = {
    Outcome.DELIVERED: "answered",
    Outcome.REJECTED: "connection refused",
    Outcome.DROPPED: "timed out",
    Outcome.UNREACHABLE: "no route to host",
    Outcome.RESET: "connection reset",
    Outcome.UNTRUSTED: "certificate refused",
    Outcome.UNRESOLVED: "no such host",
}
MOST_EVENTS = 80
MOST_ROWS, MOST_COLUMNS = 12, 10


_AMISS = {"answered": "let in", "wrong-backend": "wrong answer"}


def amiss_of(verdict: Verdict) -> str:
    """Return what is wrong with a packet that got a good answer although its goal is not met, else nothing."""
    fails = verdict.met is False and verdict.trace is not None and good(verdict.trace)
    return _AMISS.get(verdict.outcome, "") if fails else ""


def trace_sheet(
    trace: Trace, store: Store, sources: Sources, home: str, wanted: bool = False, amiss: str = ""
) -> TraceSheet:
    """Return one trace as the drawer shows it; `amiss` is what is wrong with one that got through."""
    words = PlainWords(store, home)
    place = sources.find(trace.cause) or sources.expectation(trace)
    place = place or (None if trace.delivered else sources.mention(parts(trace.target)[0]))
    cause = trace.cause.message if trace.cause is not None else ""
    if trace.delivered and not good(trace):
        cause = f"{trace.answered_by or trace.backend} answered with status {trace.status}"
    if trace.cause is not None and place and trace.cause.path and any(hop.summary == cause for hop in trace.hops):
        cause = trace.cause.path
    if trace.cause is not None and not sources.find(trace.cause) and not trace.cause.missing:
        path = f" {trace.cause.path}" if trace.cause.path else ""
        name = f"{trace.cause.kind} {trace.cause.name}{path}"
        cause = f"{name}: {cause}" if cause else name
    return TraceSheet(
        source=end_name(trace.source, store, home),
        target=dialled(trace.target),
        ending=amiss or _ending(trace),
        delivered=not amiss and (trace.delivered if wanted else good(trace)),
        hops=tuple(_hop(hop, sources, words) for hop in trace.hops),
        cause=words(cause),
        place=place,
        wanted=wanted,
    )


def _ending(trace: Trace) -> str:
    if trace.delivered and not good(trace):
        return f"answered {trace.status}"
    return "no name server answers" if trace.unheard else ENDINGS[trace.outcome]


def end_name(source: str, store: Store, home: str) -> str:
    """Return who calls, as the map names it."""
    name = source.removeprefix("pod:")
    namespace, _, rest = name.partition("/")
    pod = store.get(Pod, namespace, rest) if rest else None
    if pod is not None:
        name = f"{namespace}/{short_name(pod)}"
    return name.removeprefix(f"{home}/")


def _hop(hop: Hop, sources: Sources, words: PlainWords) -> HopLine:
    changes = []
    if hop.target is not None and hop.new_target is not None and hop.target != hop.new_target:
        changes.append(f"to {hop.target} → {hop.new_target}")
    if hop.source is not None and hop.new_source is not None and hop.source != hop.new_source:
        changes.append(f"from {hop.source} → {hop.new_source}")
    return HopLine(
        kind=hop.kind,
        summary=words(hop.summary),
        ok=hop.ok,
        addresses=", ".join(changes),
        node=hop.node,
        reply=hop.reply,
        cause=words(hop.cause.message) if hop.cause is not None else "",
        place=sources.find(hop.cause),
    )


def endpoint_sheets(store: Store, home: str) -> tuple[EndpointSheet, ...]:
    """Return every Service that is not the cluster's own, with its endpoints."""
    return tuple(
        _endpoint_sheet(store, service, home)
        for namespace in namespaces_of(store)
        for service in store.list(Service, namespace)
        if not (namespace == "default" and service.name == "kubernetes")
    )


def _endpoint_sheet(store: Store, service: Service, home: str) -> EndpointSheet:
    slices = [item for item in store.list(EndpointSlice, service.namespace) if item.service == service.name]
    found = [
        (bool(item.ports), _endpoint_line(store, service, item, endpoint))
        for item in slices
        for endpoint in item.endpoints or ()
    ]
    ready = sum(ported and line.state == "ready" for ported, line in found)
    lines = [
        EndpointLine(line.address, line.pod, line.node, line.state, round(100 / ready))
        if ported and line.state == "ready"
        else line
        for ported, line in found
    ]
    ports = ", ".join(
        f"{port.port}{f':{port.node_port}' if port.node_port else ''}/{port.protocol or 'TCP'}"
        f" → {port.target_port if port.target_port is not None else port.port}"
        for port in service.spec.ports or ()
    )
    address = service.spec.external_name or service.spec.cluster_ip or ""
    selector = service.spec.selector or {}
    pods = [pod for pod in store.list(Pod, service.namespace) if not pod.finished]
    fitting = sum(all(pod.labels.get(k) == v for k, v in selector.items()) for pod in pods) if selector else 0
    name = service.name if service.namespace == home else f"{service.namespace}/{service.name}"
    return EndpointSheet(
        service=name,
        ports=f"{address} {ports}".strip(),
        selector=", ".join(f"{key}: {value}" for key, value in selector.items()),
        fits=f"fits {fitting} of {len(pods)} pods" if selector else "selects nothing",
        slices=tuple(item.name for item in slices),
        lines=tuple(lines),
        outside=_outside(service),
    )


def _outside(service: Service) -> str:
    """Return the addresses that a balancer has given to a Service, as kubectl shows them; empty where it wants none."""
    return ", ".join(balancer_addresses(service)) or "<pending>" if service.spec.type == "LoadBalancer" else ""


def _endpoint_line(store: Store, service: Service, item: EndpointSlice, endpoint: Endpoint) -> EndpointLine:
    port = next((port.port for port in item.ports or () if port.port is not None), None)
    address = (endpoint.addresses or ("?",))[0]
    name = endpoint.target_ref.name if endpoint.target_ref is not None else ""
    pod = store.get(Pod, service.namespace, name or "")
    state = state_of(pod) if pod is not None else "ready"
    if endpoint.conditions.ready is False and state == "ready":
        state = "not-ready"
    return EndpointLine(
        address=f"{address}:{port}" if port is not None else address,
        pod=short_name(pod) if pod is not None else name or "no pod",
        node=endpoint.node_name or "",
        state=state,
    )


def dns_sheets(cluster: Cluster, probed: Sequence[Probed], home: str) -> tuple[DnsSheet, ...]:
    """Return the look-ups behind the calls, query by query, and the resolv.conf of callers that have asked for nothing.

    The world is afterwards as it was before.
    """
    before = cluster.snapshot()
    load, full = _load(before)
    sheets: dict[tuple[str, str], DnsSheet] = {}
    try:
        for item in probed:
            host, _ = parts(item.call.target)
            asked = any(hop.kind == "DNS" and hop.details for hop in item.traces[0].hops)
            if not asked or (item.call.who, host) in sheets:
                continue
            found = cluster.resolve(item.call.source, host)
            lines = tuple(
                DnsLine(
                    query.question.name,
                    query.question.type,
                    _answer(query.result, found.addresses),
                    ok=not query.result.startswith(("NXDOMAIN", "SERVFAIL", "REFUSED", "no answer", "refused")),
                )
                for query in found.queries
            )
            search, ndots = _completion(cluster, _pod_of(cluster.store, item.call.source))
            who = end_name(item.call.source, cluster.store, home)
            sheets[item.call.who, host] = DnsSheet(who, host, search, ndots, lines, load, full)
    finally:
        cluster.restore(before)
    return (*sheets.values(), *_silent(cluster, {who for who, _ in sheets}, home))


def _silent(cluster: Cluster, known: set[str], home: str) -> Iterator[DnsSheet]:
    """Yield what the callers of the traffic that have asked for nothing would ask with."""
    for source in dict.fromkeys(flow.source for flow in flows(cluster.world).values()):
        pods = [] if source in known or ":" in source else pods_of(cluster.store, source)
        for pod in pods[:1]:
            search, ndots = _completion(cluster, pod)
            yield DnsSheet(end_name(f"pod:{pod.namespace}/{pod.name}", cluster.store, home), "", search, ndots, ())


def _completion(cluster: Cluster, pod: Pod | None) -> tuple[tuple[str, ...], int]:
    """Return the search list that a pod completes names with, and its ndots."""
    from k8stui.engine.dns.resolver import resolv_conf

    if pod is None:
        return (), 1
    conf = resolv_conf(pod, None, cluster.world.settings)
    return conf.searches, conf.number("ndots", 1, 15)


def _load(world: World) -> tuple[str, bool]:
    """Return what limited name servers had to do in the last second, in words, and whether they lost queries."""
    limit = world.settings.dns_capacity
    if not limit:
        return "", False
    asked, lost = capacity.load(world)
    spare = f", {lost:,} of them in vain" if lost else ""
    return f"{asked:,} queries in the last second{spare}; the name servers answer {limit:,}", bool(lost)


def _answer(result: str, addresses: tuple[str, ...]) -> str:
    return ", ".join(addresses[:2]) if result == "NOERROR" and addresses else result


def _pod_of(store: Store, source: str) -> Pod | None:
    namespace, _, name = source.removeprefix("pod:").partition("/")
    return store.get(Pod, namespace, name)


def wishes_of(store: Store, probed: Sequence[Probed]) -> dict[tuple[str, str, str], bool]:
    """Return (caller, called workload, port) -> whether a goal or traffic wants it open."""
    wishes: dict[tuple[str, str, str], bool] = {}
    for item in probed:
        for trace in item.traces:
            host, port = parts(trace.backend or item.call.target)
            pod = next(iter(store.pods_at(host)), None)
            if pod is not None:
                wishes[
                    item.call.who, f"{pod.namespace}/{workload_of(pod)}", port.partition("/")[0]
                ] = not item.call.wanted
    return wishes


def reach_sheet(cluster: Cluster, home: str, wishes: Mapping[tuple[str, str, str], bool]) -> ReachSheet:
    """Return who reaches whom, asked by packets from one pod of each workload to each port of each other.

    `wishes` tells which ways a goal wants open or shut; a cell that contradicts one is marked.
    """
    before = cluster.snapshot()
    groups = _workloads(cluster.store)
    columns = [(name, pod, port) for name, pod in groups.items() for port in _ports(cluster.store, pod)]
    columns = columns[:MOST_COLUMNS]
    cells = []
    try:
        for name, pod in list(groups.items())[:MOST_ROWS]:
            states = [_cell(cluster, name, pod, column) for column in columns]
            wanted = [wishes.get((name, target, port.partition("/")[0])) for target, _, port in columns]
            cells.append(tuple(_judged(state, wish) for state, wish in zip(states, wanted, strict=True)))
    finally:
        cluster.restore(before)
    short = [name.removeprefix(f"{home}/") for name in groups][:MOST_ROWS]
    return ReachSheet(tuple(short), tuple((c[0].removeprefix(f"{home}/"), c[2]) for c in columns), tuple(cells))


def blast_sheet(
    ways: Sequence[WayChange], store: Store, home: str, wishes: Mapping[tuple[str, str, str], bool]
) -> BlastSheet:
    """Return the blast radius of a draft in the cells of `reach_sheet`."""
    ports = {name: _ports(store, pod) for name, pod in _workloads(store).items()}
    signs: dict[tuple[str, str, str], str] = {}
    wrong = set()
    counts: Counter[str] = Counter()
    for way in ways:
        found = set()
        for port in ports.get(way.target, ()):
            sign = "+" if _inside(port, way.gained) else "-" if _inside(port, way.lost) else ""
            if not sign:
                continue
            found.add(sign)
            cell = way.source.removeprefix(f"{home}/"), way.target.removeprefix(f"{home}/"), port
            signs[cell] = sign
            if wishes.get((way.source, way.target, port.partition("/")[0])) is (sign == "-"):
                wrong.add(cell)
        counts["".join(sorted(found))] += 1
    return BlastSheet(signs, frozenset(wrong), counts["+"], counts["-"], counts["+-"], counts[""])


def _inside(port: str, ranges: Sequence[PortRange]) -> bool:
    number, _, protocol = port.partition("/")
    name = protocol.upper() or "TCP"
    return any(found.protocol == name and found.first <= int(number) <= found.last for found in ranges)


def _judged(state: str, wish: bool | None) -> str:
    if wish is None or state == "self":
        return state
    if state == "open":
        return "wanted" if wish else "leak"
    return "lost" if wish else "shut"


def _cell(cluster: Cluster, name: str, pod: Pod, column: tuple[str, Pod, str]) -> str:
    target_name, target, port = column
    others = [p for p in cluster.store.list(Pod, target.namespace) if f"{p.namespace}/{workload_of(p)}" == target_name]
    if name == target_name:
        target = next((p for p in others if p.name != pod.name and p.ips), target)
        if target.name == pod.name:
            return "self"
    try:
        trace = cluster.connect(f"pod:{pod.namespace}/{pod.name}", f"{_bracket(target.ips[0])}:{port}")
    except BadEnd:
        return "self"
    return "open" if trace.delivered else "shut"


def _bracket(ip: str) -> str:
    return f"[{ip}]" if ":" in ip else ip


def _workloads(store: Store) -> dict[str, Pod]:
    found: dict[str, Pod] = {}
    for namespace in namespaces_of(store):
        for pod in store.list(Pod, namespace):
            if pod.ips and not pod.finished and not pod.terminating:
                found.setdefault(f"{namespace}/{workload_of(pod)}", pod)
    return found


def _ports(store: Store, pod: Pod) -> list[str]:
    found: defaultdict[str, None] = defaultdict(lambda: None)
    for socket in listening(pod, store):
        if not socket.address.startswith("127."):
            suffix = "" if socket.protocol == "TCP" else f"/{socket.protocol.lower()}"
            found[f"{socket.port}{suffix}"] = None
    return list(found)


def event_lines(store: Store, start: float, home: str) -> tuple[EventLine, ...]:
    """Return the events since a moment, newest first."""
    words = PlainWords(store, home)
    found = []
    for item in store.list(Event):
        at = seconds(item.last_timestamp) - start if item.last_timestamp else 0.0
        if not item.namespace.startswith("kube-") and at >= 0:
            found.append((at, item.name, item))
    found.sort(key=lambda entry: entry[:2], reverse=True)
    return tuple(
        EventLine(
            clock(at),
            item.type or "",
            words(f"{item.involved_object.kind} {item.involved_object.name}"),
            words(f"{item.reason}: {item.message}"),
            item.count or 1,
        )
        for at, _, item in found[:MOST_EVENTS]
    )


def clock(moment: float) -> str:
    """Write simulated seconds as ``MM:SS``."""
    sign = "-" if moment < 0 else ""
    whole = int(abs(moment))
    return f"{sign}{whole // 60:02}:{whole % 60:02}"
