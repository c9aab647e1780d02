"""A whole matrix as one goal: who may call whom at which port, asked by packets, and everything else silent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from k8stui.api import scheme
from k8stui.api.core import Pod
from k8stui.api.networking import NetworkPolicy
from k8stui.engine import admission
from k8stui.engine.container import listening
from k8stui.engine.store import key_of
from k8stui.game import ends
from k8stui.game.blame import let_in
from k8stui.game.packets import MET, PLAIN, Finding, good, klass, said, short

if TYPE_CHECKING:
    from k8stui.engine.trace import Trace
    from k8stui.game.checks import Matrix
    from k8stui.game.packets import Court


@dataclass(frozen=True, slots=True)
class Way:
    """One cell: the calling pod, the called one, what is dialled, and whether it must connect.

    `directions` are those of whose rules it is a matter: incoming at the called pod, outgoing at the caller, as far
    as they are in a namespace of the matrix.
    """

    caller: Pod
    called: Pod
    target: str
    wanted: bool
    directions: tuple[str, ...]


def matrix(court: Court, check: Matrix) -> Finding:
    """Judge that the ways of a matrix connect, and that all others time out."""
    asked = list(cells(court, check))
    if missing := _missing(court, check, {way.target for way in asked}):
        return Finding(False, missing, "endpoints")
    total, right = 0, 0
    first: Finding | None = None
    for direction in ("Ingress", "Egress") if check.twice else ("",):
        before = court.cluster.snapshot()
        _keep_one_direction(court, direction)
        for way in (way for way in asked if not direction or direction in way.directions):
            trace = court.connect(f"pod:{way.caller.namespace}/{way.caller.name}", way.target)
            wrong = _wrong(court, trace, way, f"by {direction.lower()} rules alone " if direction else "")
            total, right = total + 1, right + (wrong is None)
            first = first or wrong
        court.cluster.restore(before)
    if first is None:
        return MET if total else Finding(False, "there is nobody to call", "endpoints")
    return replace(first, progress=right / total)


def _keep_one_direction(court: Court, direction: str) -> None:
    """Take the rules of the other direction out of every policy."""
    store = court.cluster.store
    for policy in store.list(NetworkPolicy) if direction else ():
        wire = policy.to_wire()
        if direction in wire["spec"]["policyTypes"]:
            store.put(key_of(policy), scheme.decode({**wire, "spec": {**wire["spec"], "policyTypes": [direction]}}))
        else:
            admission.delete(store, key_of(policy))


def _wrong(court: Court, trace: Trace, way: Way, how: str) -> Finding | None:
    found = klass(trace)
    if way.wanted:
        return None if good(trace) else Finding(False, f"{how}{said(trace)}", found, trace)
    if found == "timeout":
        return None
    text = f"{how}{short(trace.source)} → {way.called.namespace}/{way.called.name} at {way.target} {PLAIN[found]}"
    if found != "answered":
        text += "; it should have ended as timeout"
    return Finding(False, text, found, trace, causes=let_in(trace) if found == "answered" else ())


def cells(court: Court, check: Matrix) -> Iterator[Way]:
    """Yield every cell of a matrix; between strangers only where one is in a namespace of the other pods."""
    store = court.cluster.store
    pods = _pods(court, check)
    home = {pod.namespace for pod in pods if pod.name != ends.STRANGER}
    allowed = {
        (caller.metadata.uid, dialled)
        for source, target in check.ways
        for caller in ends.pods_of(store, ends.source_name(court.level, source))
        for dialled in _dialled(court, target)
    }
    for called in pods:
        for socket in listening(called, store) if called.ips else ():
            target = ends.join(called.ips[0], f"{socket.port}/{socket.protocol.lower()}")
            for caller in pods if not socket.loopback else ():
                inward = ("Ingress",) if called.namespace in home else ()
                outward = ("Egress",) if caller.namespace in home else ()
                if caller.metadata.uid != called.metadata.uid and (inward or outward):
                    wanted = (caller.metadata.uid, target) in allowed
                    yield Way(caller, called, target, wanted, inward + outward)


def _pods(court: Court, check: Matrix) -> list[Pod]:
    store = court.cluster.store
    names = [end.removeprefix("pod:") for _, found in court.sources(check.sources) for end in found]
    pods = [store.get(Pod, *name.split("/", 1)) for name in dict.fromkeys(names)]
    return [pod for pod in pods if pod is not None]


def _dialled(court: Court, target: str) -> list[str]:
    """Return a way's target as cells write it: with its protocol."""
    found = ends.targets(court.cluster.store, court.level, f"pods:{target}")
    return [end if "/" in end else f"{end}/tcp" for end in found]


def _missing(court: Court, check: Matrix, known: set[str]) -> str:
    """Return what a way names that is not in the matrix: a caller without pods, or a port at which nobody listens."""
    for source, target in check.ways:
        if not court.sources((source,))[0][1]:
            return f"{source} has no running pod"
        if not known & set(_dialled(court, target)):
            return f"nobody listens at {target}"
    return ""
