"""The calls that the map shows: sent as packets on a copy of the moment, one for each backend that may answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from k8stui.api.core import Pod
from k8stui.engine.container import behaviour_of
from k8stui.engine.ends import BadEnd, parse_target
from k8stui.engine.links import attempt, spelt
from k8stui.engine.trace import Trace
from k8stui.game import ends
from k8stui.game.checks import Deny, Matrix, Reach, Spread
from k8stui.game.ends import workload_of as workload_of
from k8stui.game.packets import good
from k8stui.game.traffic import balances

if TYPE_CHECKING:
    from k8stui.engine.cluster import Cluster
    from k8stui.game.level import Level

MOST_CALLS = 10
MOST_BACKENDS = 12


@dataclass(frozen=True, slots=True)
class Call:
    """Somebody calls something: `source` is an end as `Cluster.connect` takes it, `who` names it for the eye.

    `wanted` tells that a goal wants the call to fail, `balanced` that the caller calls every address of the name.
    """

    source: str
    who: str
    target: str
    rate: float = 0.0
    wanted: bool = False
    balanced: bool = False


@dataclass(frozen=True, slots=True)
class Probed:
    """A call and what became of it, once for each backend."""

    call: Call
    traces: tuple[Trace, ...]

    @property
    def worst(self) -> Trace:
        """The first trace that does not end as it should, else the first."""
        return next((trace for trace in self.traces if self._wrong(trace)), self.traces[0])

    def _wrong(self, trace: Trace) -> bool:
        return trace.delivered if self.call.wanted else not good(trace)

    @property
    def answered(self) -> int:
        return sum(good(trace) for trace in self.traces)


def calls_of_level(cluster: Cluster, level: Level) -> list[Call]:
    """Return the level's traffic, and the calls that its goals speak of, each pair once."""
    found: dict[tuple[str, str], Call] = {}

    def note(
        source: str, target: str, rate: float, wanted: bool, but: tuple[str, ...] = (), balanced: bool = False
    ) -> None:
        full = ends.source_name(level, source)
        if "${" in target:
            return
        if full.startswith(ends.STRANGER):
            return
        for single in ends.sources(cluster.store, full)[:1]:
            for dialled in ends.targets(cluster.store, level, target, but)[:2]:
                who = _workload_at(cluster, single) or full
                key = (who, dialled.removeprefix("http://").removesuffix("/"))
                before = found.get(key)
                if before is None or (rate and not before.rate):
                    found[key] = Call(single, who, dialled, rate, wanted, balanced)

    for flow in level.world.traffic:
        note(flow.source, flow.to, flow.per_second, False, balanced=balances(cluster.store, level, flow))
    for check in level.parsed.values():
        if isinstance(check, Reach | Deny):
            for source in check.sources:
                for target in check.targets:
                    note(source, target, 0.0, isinstance(check, Deny), check.but)
        elif isinstance(check, Matrix):
            for source, target in check.ways:
                note(source, f"pods:{target}", 0.0, False)
        elif isinstance(check, Spread):
            for source in check.sources:
                note(source, check.target, 0.0, False)
    return _by_service(found.values())


def wishes_of_goals(cluster: Cluster, level: Level) -> dict[tuple[str, str, str], bool]:
    """Return (caller, called workload, port) -> whether a goal wants it open, for all pairs of pods that goals name."""
    wishes: dict[tuple[str, str, str], bool] = {}
    for check in level.parsed.values():
        if not isinstance(check, Reach | Deny):
            continue
        sources = (ends.source_name(level, source) for source in check.sources)
        pods = (
            pod for name in sources if not name.startswith(ends.STRANGER) for pod in ends.sources(cluster.store, name)
        )
        callers = dict.fromkeys(filter(None, (_workload_at(cluster, pod) for pod in pods)))
        for target in check.targets:
            for dialled in ends.targets(cluster.store, level, target, check.but):
                host, port = parts(dialled)
                for pod in cluster.store.pods_at(host):
                    called = f"{pod.namespace}/{workload_of(pod)}"
                    wishes |= {(who, called, port.partition("/")[0]): isinstance(check, Reach) for who in callers}
    return wishes


def _workload_at(cluster: Cluster, source: str) -> str:
    namespace, _, name = source.removeprefix("pod:").partition("/")
    pod = cluster.store.get(Pod, namespace, name) if source.startswith("pod:") else None
    return f"{namespace}/{workload_of(pod)}" if pod is not None else ""


def _by_service(calls: Iterable[Call]) -> list[Call]:
    """Leave out calls whose caller, host and port another one has already (``http://backend`` is ``backend:80``)."""
    seen: set[tuple[str, str, bool]] = set()
    out: list[Call] = []
    for call in sorted(calls, key=lambda call: (call.wanted, -call.rate)):
        host, port = parts(call.target)
        key = (call.who, f"{host}:{port}", call.wanted)
        if key not in seen:
            seen.add(key)
            out.append(call)
    return out[:MOST_CALLS]


def calls_of_pods(cluster: Cluster) -> list[Call]:
    """Return the calls that the containers themselves make."""
    found: dict[tuple[str, str], Call] = {}
    for pod in cluster.store.list(Pod):
        if not pod.ips or pod.terminating or pod.namespace.startswith("kube-"):
            continue
        try:
            calls = behaviour_of(pod).calls
        except ValueError:
            continue
        for call in calls:
            who = f"{pod.namespace}/{workload_of(pod)}"
            found.setdefault((who, call.to), Call(f"pod:{pod.namespace}/{pod.name}", who, call.to, call.per_second))
    return list(found.values())[:MOST_CALLS]


def probe(cluster: Cluster, calls: Sequence[Call]) -> list[Probed]:
    """Send every call; the world is afterwards as it was before."""
    before = cluster.snapshot()
    found: list[Probed] = []
    try:
        for call in calls:
            traces = _traces(cluster, call)
            if traces:
                found.append(Probed(call, traces))
    finally:
        cluster.restore(before)
    return found


def _traces(cluster: Cluster, call: Call) -> tuple[Trace, ...]:
    try:
        first = cluster.connect(call.source, call.target)
        if call.balanced:
            return (first, *_others(cluster, call, first))
        if len(first.backends) < 2:
            return (first,)
        return tuple(
            cluster.connect(call.source, call.target, backend=backend) for backend in first.backends[:MOST_BACKENDS]
        )
    except BadEnd:
        return (attempt(call.source, call.target, cluster.connect),)


def _others(cluster: Cluster, call: Call, first: Trace) -> Iterator[Trace]:
    """Call the other addresses of the name."""
    called = parse_target(call.target)
    met = {str(hop.target.ip) for hop in first.hops if hop.target is not None}
    for ip in cluster.resolve(call.source, called.host).addresses[:MOST_BACKENDS]:
        if ip not in met:
            yield replace(cluster.connect(call.source, spelt(called, ip)), target=call.target)


def parts(target: str) -> tuple[str, str]:
    """Return host and port of a target; the port is 80 or 443 where a URL does not say."""
    scheme, found, rest = target.partition("#")[0].rpartition("://")
    rest = rest.split("/")[0] if found else rest
    if rest.startswith("["):
        host, _, port = rest[1:].partition("]")
        return host, port.lstrip(":") or "80"
    host, _, port = rest.partition(":")
    return host, (port or ("443" if scheme == "https" else "80")).removesuffix("/tcp")


def dialled(target: str) -> str:
    """Return a target as a player reads it, with the name that its client expects in the certificate."""
    called, _, expected = target.partition("#")
    return f"{called} as {expected}" if expected else called


def short_name(pod: Pod) -> str:
    """Return a pod's name without the hash of its template."""
    tag = pod.labels.get("pod-template-hash")
    return pod.name.replace(f"-{tag}-", "-") if tag else pod.name
