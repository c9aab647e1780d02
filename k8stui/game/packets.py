"""Goals that are judged by sending packets: reach, deny, spread, stick, local and src."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from k8stui.api.core import Pod
from k8stui.engine.links import attempt
from k8stui.engine.trace import Cause, Outcome, Trace
from k8stui.game import blame, ends
from k8stui.game.checks import Deny, Local, Reach, Shares, Spread, Src, Stick

if TYPE_CHECKING:
    from k8stui.engine.cluster import Cluster
    from k8stui.engine.store import Store
    from k8stui.game.level import Level

CLASS_OF = {
    Outcome.DELIVERED: "answered",
    Outcome.REJECTED: "refused",
    Outcome.DROPPED: "timeout",
    Outcome.UNREACHABLE: "unreachable",
    Outcome.RESET: "reset",
    Outcome.UNTRUSTED: "untrusted",
    Outcome.UNRESOLVED: "nxdomain",
}
PLAIN = {
    "answered": "was answered",
    "refused": "was refused",
    "timeout": "timed out",
    "unreachable": "had no route",
    "reset": "was reset",
    "untrusted": "did not take the certificate",
    "nxdomain": "did not find the name",
    "silent": "heard from no name server",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """What a judge found: `met` None means that it cannot be said yet; see `verdict.Verdict` for the rest.

    `causes` are the fields that share the blame, the nearest first, where it is not the one that the trace names.
    """

    met: bool | None
    reason: str = ""
    outcome: str = ""
    trace: Trace | None = None
    progress: float = 0.0
    causes: tuple[Cause, ...] = ()


MET = Finding(True, progress=1.0)


@dataclass(frozen=True, slots=True)
class Court:
    """Where a goal is judged: a cluster whose world is put back afterwards, and the level."""

    cluster: Cluster
    level: Level

    def sources(self, names: tuple[str, ...]) -> list[tuple[str, list[str]]]:
        """Return each named source with its single ends; a name without pods has none."""
        full = [ends.source_name(self.level, name) for name in names]
        return [(name, ends.sources(self.cluster.store, name)) for name in full]

    def targets(self, texts: tuple[str, ...], but: tuple[str, ...] = ()) -> list[tuple[str, list[str]]]:
        """Return each named target with what is dialled for it, without the Services in `but`."""
        return [(text, ends.targets(self.cluster.store, self.level, text, but)) for text in texts]

    def is_own(self, caller: str, target: str) -> bool:
        """Tell whether a target is an address of the calling pod itself; matrices leave such calls out."""
        namespace, _, name = caller.removeprefix("pod:").partition("/")
        pod = self.cluster.store.get(Pod, namespace, name)
        return pod is not None and target.rpartition(":")[0].strip("[]") in pod.ips

    def connect(self, source: str, target: str) -> Trace:
        """Send one connection; a target that is no target is a name that nobody knows."""
        return attempt(source, target, self.cluster.connect)

    def connections(self, callers: list[str], target: str, count: int) -> Iterator[Trace]:
        """Send `count` connections, in turn from each caller, fewer where chance has no say in the outcome."""
        for caller_number, caller in enumerate(callers):
            share = count // len(callers) + (caller_number < count % len(callers))
            for _ in range(max(share, 1)):
                trace = self.connect(caller, target)
                yield trace
                if not _chance(trace):
                    break


def _chance(trace: Trace) -> bool:
    """Tell whether another connection between the same ends may go another way."""
    if len(trace.backends) > 1 or trace.source.startswith("external:"):
        return True
    answers = (q.get("answer") or () for hop in trace.hops for q in hop.details.get("queries") or ())
    return any(sum(" IN A " in record or " IN AAAA " in record for record in answer) > 1 for answer in answers)


def good(trace: Trace) -> bool:
    """Tell whether a connection brought a good answer: delivered, and no HTTP error."""
    return trace.delivered and (trace.status is None or trace.status < 400)


def klass(trace: Trace) -> str:
    """Return the class of an outcome as the check language names it."""
    return "silent" if trace.unheard else CLASS_OF[trace.outcome]


def short(end: str) -> str:
    """Return a source as goals name it: without ``pod:``."""
    return end.removeprefix("pod:")


def said(trace: Trace) -> str:
    """Return one sentence about why a connection did not do what it should: its last hop's words."""
    if trace.delivered and not good(trace):
        whom = f" to {trace.client_seen}" if trace.status == 403 else ""
        return f"{trace.answered_by or trace.backend} answered with status {trace.status}{whom}"
    why = trace.cause.message if trace.cause and trace.cause.message else ""
    why = why or (trace.hops[-1].summary if trace.hops else "")
    what = "no name server answers" if klass(trace) == "silent" else klass(trace)
    return f"{what}: {why}" if why else f"{what}: {short(trace.source)} → {trace.target}"


def reach(court: Court, check: Reach) -> Finding:
    """Judge that every connection gets a good answer, from the right pods."""
    pairs, done = 0, 0
    first: Finding | None = None
    allowed = members(court, check.via)
    for source, callers in court.sources(check.sources):
        for target, dialled in court.targets(check.targets, check.but):
            pairs += 1
            finding = _reach_pair(court, source, callers, target, dialled, check, allowed)
            done += finding is None
            first = first or finding
    if first is None:
        return MET
    return replace(first, progress=done / pairs)


def _reach_pair(
    court: Court, source: str, callers: list[str], target: str, dialled: list[str], check: Reach, allowed: set[str]
) -> Finding | None:
    if not callers:
        return Finding(False, f"{source} has no running pod", "endpoints")
    if not dialled:
        return _undialled(court, target)
    for address in dialled:
        for trace in court.connections(callers, address, check.count):
            if not good(trace):
                return Finding(False, said(trace), klass(trace), trace)
            if check.via and not _answered_by(trace) & allowed:
                who = trace.answered_by or trace.backend
                reason = f"{short(trace.source)} was answered by {who}"
                return Finding(False, reason, "wrong-backend", trace, causes=blame.astray(court, trace))
    return None


def _undialled(court: Court, target: str) -> Finding:
    store = court.cluster.store
    return Finding(False, ends.no_address(store, target), "endpoints", causes=blame.undialled(store, target))


def _answered_by(trace: Trace) -> set[str]:
    names = {trace.answered_by or ""}
    if trace.backend:
        names |= {trace.backend, trace.backend.rpartition(":")[0].strip("[]")}
    return names


def members(court: Court, names: tuple[str, ...]) -> set[str]:
    """Return the pods (``NS/NAME``) and addresses that a set stands for."""
    found: set[str] = set()
    for name in names:
        full = ends.source_name(court.level, name)
        pods = ends.pods_of(court.cluster.store, full) if "/" in full else []
        found |= {f"{pod.namespace}/{pod.name}" for pod in pods} or {name}
    return found


def deny(court: Court, check: Deny) -> Finding:
    """Judge that every connection fails, and in the right way."""
    wanted = check.klass or ("timeout" if court.level.verb == "lock" else "")
    pairs, done = 0, 0
    first: Finding | None = None
    for source, callers in court.sources(check.sources):
        for target, dialled in court.targets(check.targets, check.but):
            pairs += 1
            finding = _deny_pair(court, source, callers, target, dialled, check.count, wanted)
            done += finding is None
            first = first or finding
    if first is None:
        return MET
    return replace(first, progress=done / pairs)


def _deny_pair(
    court: Court, source: str, callers: list[str], target: str, dialled: list[str], count: int, wanted: str
) -> Finding | None:
    if not callers:
        return Finding(False, f"{source} has no running pod", "endpoints")
    if not dialled and not target.startswith("doors:"):
        return _undialled(court, target)
    for address in dialled:
        others = [caller for caller in callers if not court.is_own(caller, address)]
        for trace in court.connections(others, address, count):
            found = klass(trace)
            if found == "answered" or (wanted and found != wanted):
                text = f"{short(trace.source)} → {address} {PLAIN[found]}"
                if wanted and found != "answered":
                    text += f"; it should have ended as {wanted}"
                causes = blame.let_in(trace) if found == "answered" else ()
                return Finding(False, text, found, trace, causes=causes)
    return None


def spread(court: Court, check: Spread) -> Finding:
    """Judge the share of each pod that answers."""
    counts: Counter[str] = Counter()
    causes: tuple[Cause, ...] = ()
    for source, callers in court.sources(check.sources):
        if not callers:
            return Finding(False, f"{source} has no running pod", "endpoints")
        for address in court.targets((check.target,))[0][1] or [check.target]:
            for number in range(check.count):
                trace = court.connect(callers[number % len(callers)], address)
                if not good(trace):
                    return Finding(False, said(trace), klass(trace), trace)
                counts[trace.answered_by or trace.backend or ""] += 1
                causes = causes or blame.choice(court, trace)
    finding = shared(counts, check)
    return finding if finding.met else replace(finding, causes=causes)


def shared(counts: Mapping[str, int], check: Spread | Shares) -> Finding:
    """Judge how often each pod answered."""
    total = sum(counts.values())
    if check.over is not None and len(counts) != check.over:
        return Finding(False, f"{len(counts)} pods answered, not {check.over}", "spread", progress=0.5)
    for pod, number in sorted(counts.items()):
        share = number / total
        if not check.low <= share <= check.high:
            side = "less than" if share < check.low else "more than"
            limit = check.low if share < check.low else check.high
            return Finding(False, f"{pod} got {share:.0%}, {side} {limit:.0%}", "spread", progress=0.5)
    return MET


def stick(court: Court, check: Stick) -> Finding:
    """Judge that each caller is always answered by the same pod."""
    for source, callers in court.sources(check.sources):
        if not callers:
            return Finding(False, f"{source} has no running pod", "endpoints")
        for caller in callers:
            seen: str | None = None
            for address in court.targets((check.target,))[0][1] or [check.target]:
                for _ in range(check.count):
                    trace = court.connect(caller, address)
                    if not good(trace):
                        return Finding(False, said(trace), klass(trace), trace)
                    if seen not in (None, trace.answered_by):
                        text = f"{short(caller)} was answered by {seen} and by {trace.answered_by}"
                        causes = blame.by_field(court, trace, "sessionAffinity")
                        return Finding(False, text, "wrong-backend", trace, causes=causes)
                    seen = trace.answered_by
    return MET


def local(court: Court, check: Local) -> Finding:
    """Judge that no answer comes from another node than the caller's."""
    store = court.cluster.store
    for source, callers in court.sources(check.sources):
        if not callers:
            return Finding(False, f"{source} has no running pod", "endpoints")
        for caller in callers:
            own = node_of(store, short(caller))
            for address in court.targets((check.target,))[0][1] or [check.target]:
                for trace in court.connections([caller], address, check.count):
                    if not good(trace):
                        return Finding(False, said(trace), klass(trace), trace)
                    there = node_of(store, trace.answered_by or "")
                    if there != own:
                        text = f"{short(caller)} on {own} was answered on {there or 'no node'}"
                        causes = blame.by_field(court, trace, blame.traffic_policy(trace))
                        return Finding(False, text, "wrong-backend", trace, causes=causes)
    return MET


def node_of(store: Store, pod: str) -> str:
    """Return the node of the pod ``NS/NAME``, or an empty text."""
    namespace, _, name = pod.partition("/")
    found = store.get(Pod, namespace, name)
    return (found.spec.node_name or "") if found is not None else ""


def src(court: Court, check: Src) -> Finding:
    """Judge the client address that the server sees."""
    nodes = {end.rpartition(":")[0].strip("[]") for end in ends.targets(court.cluster.store, court.level, "nodes:1")}
    for source, callers in court.sources(check.sources):
        if not callers:
            return Finding(False, f"{source} has no running pod", "endpoints")
        for address in court.targets((check.target,))[0][1] or [check.target]:
            for trace in court.connections(callers, address, check.count):
                if not good(trace):
                    return Finding(False, said(trace), klass(trace), trace)
                seen = trace.client_seen or ""
                if not _sees(check.sees, seen, trace, nodes, court):
                    reason = f"{trace.answered_by} saw {seen or 'no address'}"
                    causes = blame.by_field(court, trace, "externalTrafficPolicy")
                    return Finding(False, reason, "wrong-backend", trace, causes=causes)
    return MET


def _sees(wanted: str, seen: str, trace: Trace, nodes: set[str], court: Court) -> bool:
    if wanted == "node":
        return seen in nodes
    if wanted.lower() == "source":
        own = trace.source.partition(":")[2]
        addresses = {own} | {ip for pod in ends.pods_of(court.cluster.store, own) for ip in pod.ips}
        return seen in addresses
    return seen == wanted
